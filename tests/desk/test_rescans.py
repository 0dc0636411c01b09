"""A second scan of a filed paper is asked about before it is signed; a person's folder answers."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from config.vocabulary import EventType
from desk import rescans
from storage.submissions import SubmissionState
from tests.desk.conftest import SAMPLES, SmallStation, hoso_json

CODE = "H26.99-261105-0001"
FIRST = "H26.99-261105-0001/SCAN_0001.jpg"


def scan_again(small: SmallStation, sample: str, name: str, dpi: int = 180) -> Path:
    """Drop the same sheet as another scanner gives it: smaller, turned a little, other bytes."""
    with Image.open(SAMPLES / sample) as picture:
        turned = picture.convert("RGB").rotate(0.7, fillcolor=(246, 246, 245))
        smaller = turned.resize((turned.width * dpi // 200, turned.height * dpi // 200))
    data = io.BytesIO()
    smaller.save(data, "JPEG", quality=62, dpi=(dpi, dpi))
    place = small.station.inbox / CODE
    place.mkdir(parents=True, exist_ok=True)
    path = place / name
    path.write_bytes(data.getvalue())
    return path


def ask_again(small: SmallStation, name: str) -> str:
    """Drop another scan of the receipt; return what the clerk is asked."""
    scan_again(small, FIRST, name, dpi=150 + 10 * len(name))
    (ending,) = small.run()
    assert ending.state is SubmissionState.TO_CONFIRM
    assert ending.reason is not None
    assert ending.reason.code == "rescan"
    slip = small.station.confirm / CODE / f"{name}.CAN-XAC-NHAN.txt"
    return slip.read_bytes().decode("utf-8-sig")


def answer(small: SmallStation, name: str, folder: str) -> None:
    place = small.station.inbox / CODE / "GTN" / folder
    place.mkdir(parents=True)
    (small.station.confirm / CODE / name).rename(place / name)


def test_a_second_scan_is_asked_about_before_it_is_signed_and_folders_answer(
    small: SmallStation,
) -> None:
    small.drop(FIRST)
    assert [ending.state for ending in small.run()] == [SubmissionState.FILED]
    asked = ask_again(small, "hai.jpg")
    with small.archive() as archive:
        (first,) = archive.records.of_dossier(CODE)
        types = [event.type for event in archive.events.events()]
    assert types.count(EventType.SIGNATURE_GENERATION) == 1
    assert first.notes["virus"] == "not_checked"
    assert first.id in asked
    for folder in rescans.ANSWERS:
        assert f"1-cho-xu-ly/{CODE}/GTN/{folder}/" in asked
    answer(small, "hai.jpg", "thay-the")
    assert [ending.state for ending in small.run()] == [SubmissionState.FILED]
    with small.archive() as archive:
        first, second = archive.records.of_dossier(CODE)
        assert second.notes["resembles"] == first.id
        assert second.notes["rescan"] == "thay-the"
        assert archive.fingerprints.is_superseded(first.id)
        led_on = [
            event.detail["later_record"]
            for event in archive.events.events(first.id)
            if event.type is EventType.METADATA_MODIFICATION
        ]
        # Nothing of the earlier one is gone.
        assert archive.objects.verify(first.original.sha256)
        assert archive.objects.verify(first.pdf.sha256)
    assert led_on == [second.id]
    shown = hoso_json("show", second.id, "--station", small.station.root)
    assert shown["supersedes"] == {"id": first.id, "kind": "replacement"}
    earlier = hoso_json("show", first.id, "--station", small.station.root)
    assert earlier["later_versions"] == [{"id": second.id, "kind": "replacement"}]
    assert hoso_json("fixity", "--station", small.station.root)["findings"] == []
    # What was replaced is no longer asked about; what replaced it is.
    assert second.id in ask_again(small, "lan-ba.jpg")


def test_the_setting_keeps_both_without_asking(small: SmallStation) -> None:
    small.set(intake={"rescans": "keep"})
    small.drop(FIRST)
    scan_again(small, FIRST, "lan-hai.jpg")
    assert {ending.state for ending in small.run()} == {SubmissionState.FILED}
    with small.archive() as archive:
        first, second = archive.records.of_dossier(CODE)
        assert not archive.fingerprints.is_superseded(first.id)
    # Both came at once: the second waited for the first, and knows it.
    assert second.notes["resembles"] == first.id


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (f"{CODE}/GTN/giu-ca-hai", "giu-ca-hai"),
        (f"{CODE}/ban-moi", "ban-moi"),
        (f"{CODE}/GTN/thay-the/them", "thay-the"),
        (f"{CODE}/GTN", None),
        (CODE, None),
        ("", None),
        ("thay-the", None),
    ],
)
def test_the_answer_is_a_folder_below_the_dossier(folder: str, said: str | None) -> None:
    assert rescans.answer_in(folder) == said
