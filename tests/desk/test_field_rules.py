"""A station knows who signed for an office: those whom its people wrote down, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from config.vocabulary import Role
from desk.field_rules import field_rules_of
from desk.revising import books_of
from desk.station import Station
from storage.archive import open_archive
from storage.model import FieldValue, NewLink, ObjectRef
from tests.notices import make_notice

BODY = "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"


def test_names_that_people_wrote_are_known_to_a_station(tmp_path: Path) -> None:
    station = Station(root=tmp_path, settings=Settings())
    with open_archive(station.archive) as archive:
        assert field_rules_of(station, archive).signatories.of(BODY) == frozenset()
        stored = archive.objects.add_bytes(b"th\xc3\xb4ng b\xc3\xa1o")
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        fields = (
            FieldValue(name="issuing_body", value=BODY, confidence=0.9),
            FieldValue(
                name="signatory", value="Trần Thử Nghiệm An", confidence=1.0, source="person"
            ),
        )
        link = NewLink(dossier_code="H26.99-261105-0001", role=Role.COMPONENT)
        at = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
        archive.file(replace(make_notice(ref), fields=fields), link, actor="hoso", at=at)
        for rules in (
            field_rules_of(station, archive),
            books_of(station, archive).field_rules,
        ):
            assert rules.signatories.of(BODY.title()) == {"Trần Thử Nghiệm An"}
