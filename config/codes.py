"""Codes that papers carry: dossier, procedure and procedure-result codes.

Their shapes stand in the rule set (`config/rules/`, [codes]): mã số hồ sơ TTHC (TT 01/2018/TT-VPCP
Art. 19, now TT 03/2025/TT-VPCP) over agency codes of QĐ 20/2020/QĐ-TTg, old (`000.00.19.H47`) and
new (`H57.132`) order; procedure codes of the national database (`1.001193`); result code `<mã hồ
sơ>-KQ(n)` (NĐ 45/2020/NĐ-CP Art. 14.3).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from config.rules import code_rules

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_RULES = code_rules()
# ASCII: other scripts have digits too, and one dossier must have one spelling.
_DOSSIER = re.compile(_RULES.dossier.replace("{agency}", _RULES.agency), re.ASCII)
_EXACT = re.compile(rf"(?<![A-Z0-9.])(?:{_DOSSIER.pattern})(?![0-9A-Za-z])", re.ASCII)
# What recognition takes digits for. Codes have letters too, and take no other signs for digits.
_LIKE_DIGITS = "OIlSB"
_DIGITS = str.maketrans(_LIKE_DIGITS, "01158")
_IN_NUMBERS = str.maketrans("OoQIil|]!SB", "00011111158")
LIKE_DIGIT = r"[0-9OoQIil|\]!SB]"
"""Pattern of a digit, or of a sign that is read for one in a number (`as_number`)."""
# The same shape with the letters that recognition confuses with digits, for repair before matching.
_LOOSE = re.compile(
    rf"(?<![A-Z0-9.])(?P<agency>[A-Z0-9][A-Z0-9{_LIKE_DIGITS}.]{{2,20}})-"
    rf"(?P<ymd>[0-9{_LIKE_DIGITS}]{{6}})-(?P<sequence>[0-9{_LIKE_DIGITS}]{{4,7}})(?![0-9A-Za-z])"
)
_OLD_ORDER_GROUPS = 4
_RESULT = re.compile(_RULES.result, re.ASCII)


def is_dossier_code(text: str) -> bool:
    """Tell whether the whole text is one dossier code in normal form, of a possible day."""
    match = _DOSSIER.fullmatch(text)
    return match is not None and _is_day(match["ymd"])


def _is_day(ymd: str) -> bool:
    try:
        dt.date(2000 + int(ymd[:2]), int(ymd[2:4]), int(ymd[4:]))
    except ValueError:
        return False
    return True


def as_number(read: str) -> str:
    """Return digits for what stands in a number and was read as a letter or a stroke."""
    return read.translate(_IN_NUMBERS)


def find_dossier_codes(text: str) -> list[str]:
    """Return the dossier codes in a text, in order, each once, in normal form.

    Dashes and stray spaces are normalised; O, I, l, S and B inside digit groups become digits. A
    group that is no possible date is no code. The letter that names an agency's level is never
    guessed, and where two agencies are possible, neither is. There is no check digit: a digit that
    was read as another digit cannot be seen here, only in the register.
    """
    return list(dict.fromkeys(found.value for found in read_dossier_codes(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeInText:
    """A dossier code in a text, with what stands around it."""

    value: str
    """In normal form."""
    read: str
    """What was read for it."""
    before: str
    """The text before it, dashes and stray spaces normalised."""
    after: str
    """The text behind it."""


def read_dossier_codes(text: str) -> list[CodeInText]:
    """Return the codes that `find_dossier_codes` finds, each with what stands around it."""
    return list(_codes(_normalise(text)))


def exact_dossier_codes(text: str) -> Iterator[str]:
    """Yield the codes in a text that was typed or encoded, not read: only what stands there."""
    for match in _EXACT.finditer(unicodedata.normalize("NFKC", text)):
        if is_dossier_code(match.group()):
            yield match.group()


def _normalise(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return re.sub(r"(?<=[0-9A-Z])\s?([-.])\s?(?=[0-9OIlSB])", r"\1", text)


def _codes(text: str) -> Iterator[CodeInText]:
    for match in _LOOSE.finditer(text):
        digits = (match["ymd"] + "-" + match["sequence"]).translate(_DIGITS)
        possible = {f"{agency}-{digits}" for agency in _agencies(match["agency"])}
        found = [code for code in possible if is_dossier_code(code)]
        if len(found) == 1:
            yield CodeInText(
                value=found[0],
                read=match.group(),
                before=text[: match.start()],
                after=text[match.end() :],
            )


def _agencies(read: str) -> Iterator[str]:
    """Yield what an agency code may have been: the letter stands first, or in old order last."""
    groups = read.split(".")
    digits = [group.translate(_DIGITS) for group in groups]
    yield ".".join([groups[0][:1] + digits[0][1:], *digits[1:]])
    if len(groups) == _OLD_ORDER_GROUPS:
        yield ".".join([*digits[:-1], groups[-1][:1] + digits[-1][1:]])


def result_code(dossier_code: str, ordinal: int) -> str:
    """Write the code of a dossier's n-th procedure result (NĐ 45/2020/NĐ-CP Art. 14.3)."""
    return f"{dossier_code}-KQ({ordinal})"


def parse_result_code(code: str) -> tuple[str, int] | None:
    """Split a result code into dossier code and ordinal; None when it is none."""
    match = _RESULT.fullmatch(code)
    if match is None or not is_dossier_code(match["dossier"]):
        return None
    return match["dossier"], int(match["ordinal"])
