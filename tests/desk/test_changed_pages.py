from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.changed_pages import draw_changed_pages
from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.forgeries import replace_content
from fixtures.attacks.signing import Hand, sign
from fixtures.attacks.writing import append
from signing.model import FileVerdict
from signing.trust import load_trust
from signing.verdict import judge


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> FileVerdict:
    """The verdict on a paper whose page 1 was replaced after two signatures."""
    folder = tmp_path_factory.mktemp("giay")
    at = datetime.now(UTC).replace(microsecond=0)
    authority = Authority(at)
    authority.write_trust(folder / "trust")
    signed = sign(plain(2), authority, Hand(level="B-B"))
    signed = sign(signed, authority, Hand(level="B-B", field="CB_KyDuyet"))
    path = folder / "giay.pdf"
    path.write_bytes(append(signed, replace_content))
    return judge(path, load_trust(folder / "trust"), at=at)


def test_a_page_that_was_replaced_is_shown_beside_the_page_as_signed(
    forged: FileVerdict, tmp_path: Path
) -> None:
    found = draw_changed_pages(forged, tmp_path / "hinh")
    assert [pages.field for pages in found] == ["CQ_SoHoa", "CB_KyDuyet"]
    names = [path.name for pages in found for path in pages.pictures]
    assert names == ["giay.pdf.chu-ky-1.trang-0001.png", "giay.pdf.chu-ky-2.trang-0001.png"]
    assert sorted(path.name for path in (tmp_path / "hinh").iterdir()) == names


def test_the_signed_bytes_are_the_file_that_was_signed(forged: FileVerdict) -> None:
    first, second = forged.signatures
    content = forged.path.read_bytes()
    for signature in (first, second):
        end = signature.integrity.signed_bytes
        assert end is not None
        assert content[:end].rstrip().endswith(b"%%EOF")
    assert (first.integrity.signed_bytes or 0) < (second.integrity.signed_bytes or 0) < len(content)
    assert first.integrity.changed_pages == second.integrity.changed_pages == (1,)
