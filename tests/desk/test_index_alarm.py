from __future__ import annotations

from pathlib import Path

from config.vocabulary import Role
from desk.index_alarm import lagging
from storage.archive import open_archive
from storage.model import NewLink
from tests.storage.conftest import AT, make_record

LINK = NewLink(dossier_code="H1", role=Role.COMPONENT)


def test_the_station_says_how_many_papers_no_search_finds(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        assert lagging(archive) is None
        for n in (1, 2):
            archive.file(make_record(archive, n), LINK, actor="desk", at=AT)
        # What only waits for its turn is indexed when somebody asks.
        assert lagging(archive) is None
        archive.index_db.execute("DELETE FROM entry WHERE record = 1")
        lost = lagging(archive)
        assert lost is not None
        assert lost.code == "index_behind"
        assert "chưa theo kịp 1 giấy tờ" in lost.vi
        assert "hoso reindex" in lost.vi


def test_the_station_says_that_its_index_cannot_be_read(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        archive.file(make_record(archive, 1), LINK, actor="desk", at=AT)
        archive.index_db.close()
        archive.index_db.path.write_bytes(b"no database" * 1000)
        broken = lagging(archive)
    assert broken is not None
    assert broken.code == "index_damaged"
    assert "search.db" in broken.vi
