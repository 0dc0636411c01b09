"""Codes that papers carry: dossier, procedure and procedure-result codes.

Shapes: mã số hồ sơ TTHC (TT 01/2018/TT-VPCP Art. 19, now TT 03/2025/TT-VPCP) over agency codes of
QĐ 20/2020/QĐ-TTg, old (`000.00.19.H47`) and new (`H57.132`) order; procedure codes of the national
database (`1.001193`); result code `<mã hồ sơ>-KQ(n)` (NĐ 45/2020/NĐ-CP Art. 14.3).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_AGENCY = r"(?:[A-Z]\d{2}(?:\.\d{1,3}){0,4}|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})"
_YMD = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_DOSSIER = re.compile(rf"(?<![A-Z0-9.]){_AGENCY}-{_YMD}-\d{{4,7}}(?!\d)")
_DOSSIER_WHOLE = re.compile(rf"{_AGENCY}-{_YMD}-\d{{4,7}}")
# The same shape with the letters that recognition confuses with digits, for repair before matching.
_LOOSE = re.compile(
    r"(?<![A-Z0-9.])(?P<agency>[A-Z0-9][A-Z0-9OIlSB.]{2,20})-"
    r"(?P<ymd>[0-9OIlSB]{6})-(?P<sequence>[0-9OIlSB]{4,7})(?![0-9A-Za-z])"
)
_DIGITS = str.maketrans("OIlSB", "01158")
_PROCEDURE = re.compile(r"(?<!\d)[1-3]\.\d{6}(?!\d)")
_RESULT = re.compile(rf"(?P<dossier>{_DOSSIER_WHOLE.pattern})-KQ\((?P<ordinal>\d+)\)")


def is_dossier_code(text: str) -> bool:
    """Tell whether the whole text is one dossier code in normal form."""
    return _DOSSIER_WHOLE.fullmatch(text) is not None


def find_dossier_codes(text: str) -> list[str]:
    """Return the dossier codes in a text, in order, each once, in normal form.

    Dashes and stray spaces are normalised; O, I, l, S and B inside digit groups become digits. A
    group that is no possible date is no code. The letter that begins an agency code is never
    guessed.
    """
    return list(dict.fromkeys(_codes(_normalise(text))))


def _normalise(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return re.sub(r"(?<=[0-9A-Z])\s?([-.])\s?(?=[0-9OIlSB])", r"\1", text)


def _codes(text: str) -> Iterator[str]:
    for match in _LOOSE.finditer(text):
        agency = ".".join(_repair_group(group) for group in match["agency"].split("."))
        digits = (match["ymd"] + "-" + match["sequence"]).translate(_DIGITS)
        code = f"{agency}-{digits}"
        if is_dossier_code(code):
            yield code


def _repair_group(group: str) -> str:
    first, rest = group[:1], group[1:].translate(_DIGITS)
    # A group of digits may begin with a misread zero; a group that names a level keeps its letter.
    return (first if rest.isdigit() and len(group) == 3 else first.translate(_DIGITS)) + rest


def find_procedure_codes(text: str) -> list[str]:
    """Return the procedure codes of a text (`1.001193`), in order, each once."""
    return list(dict.fromkeys(_PROCEDURE.findall(text)))


def result_code(dossier_code: str, ordinal: int) -> str:
    """Write the code of a dossier's n-th procedure result (NĐ 45/2020/NĐ-CP Art. 14.3)."""
    return f"{dossier_code}-KQ({ordinal})"


def parse_result_code(code: str) -> tuple[str, int] | None:
    """Split a result code into dossier code and ordinal; None when it is none."""
    match = _RESULT.fullmatch(code)
    return (match["dossier"], int(match["ordinal"])) if match else None
