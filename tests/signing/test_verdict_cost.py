"""What judging costs: memory not by the size of pictures, time not by the square of revisions."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.signing import Hand, sign, stamp
from fixtures.attacks.writing import Writer, append, overwrite, page_of
from signing.model import FileVerdict, Indication
from signing.newest import newest
from signing.trust import load_trust
from signing.verdict import judge
from tests.signing.workbench import now

PICTURE_BYTES = 16_000_000
MANY = 25
_JUDGE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from signing.trust import load_trust
from signing.verdict import judge
trust = load_trust(Path(sys.argv[1]))
for path in sys.argv[2:]:
    print(judge(Path(path), trust, at=datetime.now(UTC)).overall)
    print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(now().replace(microsecond=0))


@pytest.fixture(scope="module")
def trust(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.write_trust(tmp_path_factory.mktemp("trust") / "trust")


def _with_picture(size: int) -> bytes:
    with pikepdf.open(BytesIO(plain(1))) as pdf:
        picture = pdf.make_stream(os.urandom(size))
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        pdf.pages[0].Resources.XObject = pikepdf.Dictionary(Im1=picture)
        out = BytesIO()
        pdf.save(out, compress_streams=False)
        return out.getvalue()


def _written_again(data: bytes) -> bytes:
    return data


def _darkened(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def _judge(path: Path, content: bytes, trust: Path) -> FileVerdict:
    path.write_bytes(content)
    return judge(path, load_trust(trust), at=now())


def test_a_large_picture_is_not_read_into_memory(
    authority: Authority, trust: Path, tmp_path: Path
) -> None:
    paths = []
    for name, size in (("small", 1000), ("large", PICTURE_BYTES)):
        content = stamp(sign(_with_picture(size), authority, Hand()), authority, "GiaHan")
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(content)
    command = [sys.executable, "-c", _JUDGE, str(trust), *map(str, paths)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert said[0] == said[2] == Indication.TOTAL_PASSED
    more_bytes = (int(said[3]) - int(said[1])) * 1024
    assert more_bytes < PICTURE_BYTES / 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [(_written_again, Indication.TOTAL_PASSED), (_darkened, Indication.TOTAL_FAILED)],
)
def test_a_large_picture_written_again_is_looked_at(
    authority: Authority, trust: Path, tmp_path: Path, change: object, expected: Indication
) -> None:
    signed = sign(_with_picture(1_200_000), authority, Hand())
    assert callable(change)

    def rewrite(writer: Writer) -> None:
        picture = page_of(writer)["/Resources"]["/XObject"]["/Im1"]
        overwrite(writer, picture, change(picture.data))

    verdict = _judge(tmp_path / "a.pdf", append(signed, rewrite), trust)
    assert verdict.overall is expected


def test_of_each_series_of_lists_the_newest_by_the_moment_is_asked(authority: Authority) -> None:
    days = [timedelta(days=number) for number in (-3, 0, -1, 2)]
    lists = [one for day in days for one in authority.lists(authority.at + day)]
    known = LocalKnowledge(known_crls=[CRLContainer(crl_data=one) for one in lists])
    kept = newest(known, authority.at).known_crls
    assert [one.crl_data.dump() for one in kept] == [one.dump() for one in lists[2:4]]


@pytest.mark.soak
def test_25_signatures_in_50_revisions_cost_at_most_30_times_one(
    authority: Authority, trust: Path, tmp_path: Path
) -> None:
    signed = plain()
    best: dict[int, float] = {}
    for number in range(MANY):
        signed = sign(signed, authority, Hand(field=f"Ky_{number}"))
        if number in {0, MANY - 1}:
            (tmp_path / f"{number}.pdf").write_bytes(signed)
    store = load_trust(trust)
    for _ in range(5):
        for number in (0, MANY - 1):
            start = time.process_time()
            verdict = judge(tmp_path / f"{number}.pdf", store, at=now())
            spent = time.process_time() - start
            assert verdict.overall is Indication.TOTAL_PASSED
            best[number] = min(spent, best.get(number, spent))
    assert best[MANY - 1] <= 30 * best[0]
