"""Copies, shown papers and coarse maps wait for a person, results for the register: end to end."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from config.vocabulary import Role
from desk import objections, slips
from desk.endings import Ending
from storage.model import Record
from storage.submissions import NewSubmission, Reason, SubmissionState
from tests.desk.batch_papers import page, scan
from tests.desk.conftest import ROOT, SmallStation, hoso, hoso_json
from tests.desk.shelf import AT, procedure

A = "H26.99-261105-0001"
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
FONT = ROOT / "signing" / "fonts" / "Tinos-Regular.ttf"


def titled(title: str, *lines: str) -> Image.Image:
    """A sheet with a title in its middle, larger than the lines below it."""
    image = page("", "", "", "", *lines)
    draw = ImageDraw.Draw(image)
    for top, size, text in ((120, 30, NATION), (330, 46, title)):
        font = ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
        draw.text((image.width // 2, top), text, font=font, fill=20, anchor="mm")
    return image


def papers(small: SmallStation, folder: Path) -> None:
    """Drop a certified copy, what only looks like one, a map at 150 dpi, a paper to be shown."""
    drawn = {
        "goc": titled("GIẤY CHỨNG SINH", "Họ và tên mẹ: LÊ THỊ THỬ", "Số: 77/GCS", "BẢN SAO"),
        "ban-sao": titled("GIẤY CHỨNG SINH", "Họ và tên mẹ: TRẦN THỊ THỬ NGHIỆM", "", "BẢN SAO"),
        "ban-do": titled("TRÍCH LỤC BẢN ĐỒ ĐỊA CHÍNH", "Thửa đất số 12, tờ bản đồ số 3"),
        "ket-hon": titled("GIẤY CHỨNG NHẬN KẾT HÔN", "Họ, chữ đệm, tên chồng: LÊ THỬ NGHIỆM"),
    }
    for name, image in drawn.items():
        made = scan([image], folder / f"{name}.tif")
        target = small.station.inbox / A / made.name
        target.parent.mkdir(exist_ok=True)
        made.rename(target)


def codes(endings: list[Ending]) -> dict[str, str]:
    return {item.name: item.reason.code if item.reason else "" for item in endings}


def load(small: SmallStation, register: object) -> dict[str, int]:
    path = small.station.root / "so.json"
    path.write_text(json.dumps(register), encoding="utf-8")
    return dict(hoso_json("register", "import", path, "--station", small.station.root))


def answer(small: SmallStation, name: str, folder: str) -> None:
    place = small.station.inbox / folder
    place.mkdir(parents=True, exist_ok=True)
    (small.station.confirm / A / name).rename(place / name)


def by_name(small: SmallStation) -> dict[str, Record]:
    with small.archive() as archive:
        return {record.original_name: record for record in archive.records.newest(10)}


def test_what_speaks_against_digitising_is_asked_and_filed_as_what_it_is(
    small: SmallStation, tmp_path: Path
) -> None:
    parts = procedure("1.001193", ["GKS"], TKKS=True, GCS=True, GCNKH="shown")
    load(small, {"procedures": [parts]})
    papers(small, tmp_path)
    asked = small.run()
    assert {item.state for item in asked} == {SubmissionState.TO_CONFIRM}
    assert codes(asked) == {
        "goc.tif": "copy_mark",
        "ban-sao.tif": "copy_mark",
        "ban-do.tif": "drawing_too_coarse",
        "ket-hon.tif": "shown_only",
    }
    slip = small.station.confirm / A / "ban-sao.tif.CAN-XAC-NHAN.txt"
    told = slip.read_text(encoding="utf-8-sig")
    assert "TT 01/2023/TT-VPCP Điều 4" in told
    assert f"1-cho-xu-ly/{A}/ban-chinh/" in told
    with small.archive() as archive:
        assert archive.records.count() == 0
    for name in ("ban-do.tif", "ket-hon.tif"):
        answer(small, name, A)
    answer(small, "ban-sao.tif", f"{A}/GCS")
    answer(small, "goc.tif", f"{A}/ban-chinh")
    assert {item.state for item in small.run()} == {SubmissionState.FILED}
    filed = by_name(small)
    assert {
        name: (item.duty, item.notes["objections"], item.notes["objections_answered"])
        for name, item in filed.items()
    } == {
        "goc.tif": ("on_request", "copy_mark", "ban-chinh"),
        "ban-sao.tif": ("must_not", "copy_mark", "as_it_is"),
        "ban-do.tif": ("must", "drawing_too_coarse", "as_it_is"),
        "ket-hon.tif": ("must_not", "shown_only", "as_it_is"),
    }
    slip = small.station.done / A / "ket-hon.tif.KET-QUA.txt"
    assert "còn thiếu: Giấy TKKS" in slip.read_text(encoding="utf-8-sig")


MARRIED = "H26.99-261106-0002"
REGISTER = ROOT / "desk" / "demo" / "register" / "so-ho-so.json"


def test_a_result_waits_for_the_register_and_is_tied_by_the_import_command(
    small: SmallStation,
) -> None:
    with small.archive() as archive:
        archive.db.execute("DELETE FROM procedure_result WHERE dossier_code = ?", (MARRIED,))
    small.drop(f"{MARRIED}/xac-nhan-tthn.pdf")
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    (record,) = ending.records
    assert (record.links[0].role, record.links[0].procedure_result_code) == (Role.RESULT, None)
    station = ("--station", small.station.root)
    assert hoso_json("status", *station)["results_awaiting_register"] == 1
    waiting = hoso_json("show", record.id, *station)["links"][0]["waiting"]
    assert waiting["code"] == "result_not_in_register"
    assert hoso_json("register", "import", REGISTER, *station)["tied"] == 1
    shown = hoso_json("show", MARRIED, *station)
    assert shown["records"][0]["procedure_result_code"] == f"{MARRIED}-KQ(1)"
    assert shown["results"][0]["record_ids"] == [record.id]
    assert hoso_json("status", *station)["results_awaiting_register"] == 0
    assert hoso("audit", "verify", *station).returncode == 0
    assert hoso("fixity", *station).returncode == 0


def test_a_second_paper_of_a_result_is_asked_about_and_may_take_its_place(
    small: SmallStation,
) -> None:
    first = small.drop(f"{MARRIED}/xac-nhan-tthn.pdf")
    changed = first.with_name("ban-sua.pdf")
    changed.write_bytes(first.read_bytes() + b"\n% corrected\n")
    first_ending, second = sorted(small.run(), key=lambda item: item.state.value)
    assert (first_ending.state, second.state) == (
        SubmissionState.FILED, SubmissionState.TO_CONFIRM,
    )  # fmt: skip
    assert second.reason is not None
    assert second.reason.code == "result_has_record"
    place = small.station.inbox / MARRIED / "TTHN" / "thay-the"
    place.mkdir(parents=True)
    (small.station.confirm / MARRIED / second.name).rename(place / second.name)
    (ending,) = small.run()
    assert ending.state is SubmissionState.FILED
    old, new = first_ending.records[0].id, ending.records[0].id
    station = ("--station", small.station.root)
    assert hoso_json("show", old, *station)["standing"] == "superseded"
    assert hoso_json("show", new, *station)["standing"] == "valid"
    found = hoso_json("search", "tình trạng hôn nhân", *station)["records"]
    assert {item["id"]: item["standing"] for item in found} == {old: "superseded", new: "valid"}


def test_the_slip_of_a_question_about_the_role_names_both_answers(small: SmallStation) -> None:
    reason = Reason(code="role_unclear", vi="Chưa rõ giấy này là gì.", en="unclear")
    new = NewSubmission(
        id="018f0000-0000-7000-9000-000000000001",
        name="gcn.pdf",
        folder=A,
        tray_path="x",
        size_bytes=1,
        received_at=AT,
    )
    with small.archive() as archive:
        item = archive.ledger.claim(new, "thử nghiệm")
    slip = slips.question_slip(item, reason, objections.answer_folders(reason), "1-cho-xu-ly")
    assert f"1-cho-xu-ly/{A}/giay-nop/" in slip
    assert f"1-cho-xu-ly/{A}/ket-qua-cho-so/" in slip
