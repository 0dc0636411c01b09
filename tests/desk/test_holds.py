"""Papers that wait: for a person, a release, a timestamp, an answer; and what takes them on."""

from __future__ import annotations

import json
import os
import stat
import unicodedata
from pathlib import Path

import pikepdf
import pytest

from config.vocabulary import EventType
from desk.station_lock import hold_lock
from storage.submissions import SubmissionState
from tests.desk.conftest import ROOT, SmallStation, hoso, hoso_json

RECEIPT = "H26.99-261105-0001/SCAN_0001.jpg"
WITHOUT_CODE = "H26.99-261105-0001/img20261105_09153012.jpg"
CODE = "H26.99-261105-0001"


def state_of(small: SmallStation) -> SubmissionState:
    (ending,) = small.run()
    return ending.state


def test_a_paper_waits_for_a_release_and_is_signed_in_that_persons_name(
    small: SmallStation,
) -> None:
    small.set(signing={"release": "person"})
    small.drop(RECEIPT)
    assert state_of(small) is SubmissionState.AWAITING_RELEASE
    assert small.files(small.station.work) == [
        f"{CODE}/SCAN_0001.jpg",
        f"{CODE}/SCAN_0001.jpg.DANG-CHO.txt",
    ]
    assert small.files(small.station.done) == []
    assert small.run() == []
    finished = hoso("release", "--all", "--json", "--station", small.station.root)
    assert len(json.loads(finished.stdout)["released"]) == 1
    assert state_of(small) is SubmissionState.FILED
    assert small.files(small.station.work) == []
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
        released = [
            e for e in archive.events.events(record.submission_id) if e.type is EventType.RELEASE
        ]
    assert [event.outcome for event in released] == ["success"]
    assert released[0].actor not in ("hoso", "")


def test_a_paper_waits_for_the_person_who_scanned(small: SmallStation) -> None:
    small.set(signing={"personal": "required"})
    small.drop(RECEIPT)
    assert state_of(small) is SubmissionState.AWAITING_PERSONAL_SIGNATURE
    status = hoso_json("status", "--station", small.station.root)
    assert status["awaiting_personal_signature"] == 1
    slip = small.station.work / CODE / "SCAN_0001.jpg.DANG-CHO.txt"
    assert "Chờ cán bộ ký" in slip.read_bytes().decode("utf-8-sig")


def test_without_a_timestamp_a_paper_waits_and_is_never_signed_at_a_lower_level(
    small: SmallStation,
) -> None:
    right = small.station.settings.signing.timestamp_url
    small.set(signing={"timestamp_url": right.replace("/tsa/tsa", "/tsa/gone")})
    small.drop(RECEIPT)
    (ending,) = small.run()
    assert (ending.state, ending.needs_person) == (SubmissionState.AWAITING_TIMESTAMP, True)
    with small.archive() as archive:
        assert archive.records.count() == 0
    small.set(signing={"timestamp_url": right})
    assert state_of(small) is SubmissionState.FILED


def test_a_wrong_passphrase_holds_the_paper_and_says_so(small: SmallStation) -> None:
    right = small.station.settings.signing.passphrase
    wrong = small.station.root / "authority" / "wrong.pass"
    wrong.write_text("không phải mật khẩu\n", encoding="utf-8")
    wrong.chmod(0o600)
    small.set(signing={"passphrase": "authority/wrong.pass"})
    small.drop(RECEIPT)
    (ending,) = small.run()
    assert ending.state is SubmissionState.AWAITING_RELEASE
    assert ending.needs_person
    assert ending.reason is not None
    assert "không phải mật khẩu" not in ending.reason.vi + ending.reason.en
    small.set(signing={"passphrase": right})
    assert state_of(small) is SubmissionState.FILED


@pytest.mark.parametrize("signer", ["expired", "future", "revoked", "server"])
def test_a_certificate_that_must_not_sign_signs_nothing(small: SmallStation, signer: str) -> None:
    small.set(
        signing={
            "key": f"authority/signers/{signer}.p12",
            "passphrase": f"authority/signers/{signer}.pass",
        }
    )
    small.drop(RECEIPT)
    (ending,) = small.run()
    assert ending.state is SubmissionState.AWAITING_RELEASE
    assert ending.needs_person
    with small.archive() as archive:
        assert archive.records.count() == 0


def test_a_paper_without_a_code_is_asked_and_answered_by_moving_it(small: SmallStation) -> None:
    small.drop(WITHOUT_CODE, folder="")
    assert state_of(small) is SubmissionState.TO_CONFIRM
    name = Path(WITHOUT_CODE).name
    assert small.files(small.station.confirm) == [name, f"{name}.CAN-XAC-NHAN.txt"]
    question = (small.station.confirm / f"{name}.CAN-XAC-NHAN.txt").read_bytes().decode("utf-8-sig")
    assert "Không thấy mã hồ sơ" in question
    assert "1-cho-xu-ly/" in question
    answer = small.station.inbox / CODE
    answer.mkdir()
    (small.station.confirm / name).rename(answer / name)
    assert state_of(small) is SubmissionState.FILED
    assert small.files(small.station.confirm) == []
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
        answers = [
            event
            for event in archive.events.events(record.submission_id)
            if event.type is EventType.UNQUARANTINE
        ]
    assert record.links[0].dossier_code == CODE
    assert record.notes["dossier_from"] == "person"
    assert [event.actor for event in answers] == ["desk (unauthenticated)"]


def test_a_person_can_also_say_which_paper_it_is(small: SmallStation) -> None:
    small.drop(WITHOUT_CODE, folder="")
    assert state_of(small) is SubmissionState.TO_CONFIRM
    answer = small.station.inbox / CODE / "TKKS"
    answer.mkdir(parents=True)
    name = Path(WITHOUT_CODE).name
    (small.station.confirm / name).rename(answer / name)
    assert state_of(small) is SubmissionState.FILED
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
    assert (record.class_code, record.notes["class_from"]) == ("TKKS", "person")


def test_a_folder_and_a_qr_code_that_disagree_are_asked(small: SmallStation) -> None:
    small.drop(RECEIPT, folder="H26.99-261106-0002")
    (ending,) = small.run()
    assert ending.state is SubmissionState.TO_CONFIRM
    assert ending.reason is not None
    assert CODE in ending.reason.vi
    assert "H26.99-261106-0002" in ending.reason.vi


def test_an_unregistered_dossier_is_asked_until_the_setting_accepts_it(small: SmallStation) -> None:
    unknown = "H26.99-261105-0999"
    small.drop(WITHOUT_CODE, folder=unknown)
    (ending,) = small.run()
    assert ending.state is SubmissionState.TO_CONFIRM
    assert ending.reason is not None
    assert ending.reason.code == "unregistered_dossier"
    small.set(accession={"unregistered": "accept"})
    name = Path(WITHOUT_CODE).name
    (small.station.confirm / unknown / name).rename(small.station.inbox / unknown / name)
    assert state_of(small) is SubmissionState.FILED


def test_the_same_bytes_again_are_one_record_with_a_slip_for_each_drop(small: SmallStation) -> None:
    small.drop(RECEIPT)
    small.drop(RECEIPT, name="lan-hai.jpg")
    states = {ending.state for ending in small.run()}
    assert states == {SubmissionState.FILED, SubmissionState.DUPLICATE}
    small.drop(RECEIPT, folder="", name="lan-ba.jpg")
    assert state_of(small) is SubmissionState.DUPLICATE
    with small.archive() as archive:
        assert archive.records.count() == 1
    slips = [name for name in small.files(small.station.done) if name.endswith(".txt")]
    assert len(slips) == 3


def test_the_same_bytes_for_another_dossier_are_linked_to_it(small: SmallStation) -> None:
    small.drop(WITHOUT_CODE)
    assert state_of(small) is SubmissionState.FILED
    small.drop(WITHOUT_CODE, folder="H26.99-261106-0002")
    assert state_of(small) is SubmissionState.DUPLICATE
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
    assert [link.dossier_code for link in record.links] == [CODE, "H26.99-261106-0002"]
    shown = hoso_json("show", "H26.99-261106-0002", "--station", small.station.root)
    assert [item["id"] for item in shown["records"]] == [record.id]


def test_a_dossier_in_a_clerk_s_own_folder_is_known_and_one_in_another_is_asked(
    small: SmallStation,
) -> None:
    other = "H26.99-261106-0002"
    small.drop(RECEIPT, folder=f"Lan/{CODE}")
    assert state_of(small) is SubmissionState.FILED
    assert f"Lan/{CODE}/{CODE}.1.pdf" in small.files(small.station.done)
    small.drop(RECEIPT, folder=f"{CODE}/Lan/{other}", name="nham.jpg")
    (ending,) = small.run()
    assert ending.reason is not None
    assert ending.reason.code == "nested_dossier_folders"
    asked = small.station.confirm / CODE / "Lan" / other
    slip = (asked / "nham.jpg.CAN-XAC-NHAN.txt").read_bytes().decode("utf-8-sig")
    assert f"1-cho-xu-ly/{CODE}/" in slip
    assert f"1-cho-xu-ly/{other}/" in slip
    answer = small.station.inbox / "Lan" / CODE
    answer.mkdir(parents=True, exist_ok=True)
    (asked / "nham.jpg").rename(answer / "nham.jpg")
    assert state_of(small) is SubmissionState.DUPLICATE
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
    assert [link.dossier_code for link in record.links] == [CODE]


def test_a_broken_scan_put_right_and_put_back_is_the_same_submission(small: SmallStation) -> None:
    path = small.drop(RECEIPT)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (ending,) = small.run()
    assert ending.state is SubmissionState.IN_ERROR
    failed = small.station.error / CODE / path.name
    # The clerk only drags it back: still broken, one more attempt of the same submission.
    failed.rename(small.station.inbox / CODE / path.name)
    (again,) = small.run()
    assert (again.state, again.submission_id) == (SubmissionState.IN_ERROR, ending.submission_id)
    with small.archive() as archive:
        assert archive.ledger.get(ending.submission_id).attempts == 2
    small.drop(RECEIPT)
    assert state_of(small) is SubmissionState.FILED


def test_system_and_editor_files_are_left_alone(small: SmallStation) -> None:
    names = ["Thumbs.db", "desktop.ini", ".DS_Store", "~$don.docx", "a.tmp", "b.part"]
    for name in names:
        (small.station.inbox / name).write_bytes(b"x")
    assert small.run() == []
    assert sorted(small.files(small.station.inbox)) == sorted(names)


def test_an_unsupported_type_goes_to_the_error_tray(small: SmallStation) -> None:
    (small.station.inbox / "bang-tinh.xlsx").write_bytes(b"PK\x03\x04 not a scan")
    (ending,) = small.run()
    assert ending.state is SubmissionState.IN_ERROR
    assert ending.reason is not None
    assert ending.reason.code == "UnsupportedType"


def test_a_decomposed_vietnamese_name_is_one_name(small: SmallStation) -> None:
    decomposed = unicodedata.normalize("NFD", "Tờ khai đăng ký.jpg")
    small.drop(RECEIPT, name=decomposed)
    assert state_of(small) is SubmissionState.FILED
    composed = unicodedata.normalize("NFC", decomposed)
    assert f"{CODE}/{composed}.KET-QUA.txt" in small.files(small.station.done)


def test_a_name_too_long_for_its_slip_is_cut_and_kept_apart(small: SmallStation) -> None:
    name = "đ" * 120 + ".jpg"
    small.drop(RECEIPT, name=name)
    assert state_of(small) is SubmissionState.FILED
    (slip,) = [name for name in small.files(small.station.done) if name.endswith(".KET-QUA.txt")]
    assert len(os.fsencode(Path(slip).name)) <= 255


def test_the_secret_tray_is_closed_to_others(small: SmallStation) -> None:
    assert stat.S_IMODE(small.station.secret.stat().st_mode) == 0o700


def test_a_second_engine_is_refused_with_its_own_exit_code(small: SmallStation) -> None:
    with hold_lock(small.station):
        finished = hoso("run", "--once", "--station", small.station.root)
    assert finished.returncode == 4
    assert "hoso run" in finished.stderr


def test_another_scan_of_the_same_name_and_size_is_not_taken_for_the_one_asked_about(
    small: SmallStation,
) -> None:
    path = small.drop(WITHOUT_CODE, folder="")
    assert state_of(small) is SubmissionState.TO_CONFIRM
    asked = small.station.confirm / path.name
    other = bytearray(asked.read_bytes())
    other[-20] ^= 1  # inside the entropy-coded data: another picture of the same length
    asked.unlink()
    place = small.station.inbox / CODE
    place.mkdir()
    (place / path.name).write_bytes(other)
    small.run()
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
        assert archive.objects.read(record.original.sha256) == bytes(other)


def test_an_answer_is_what_the_signed_file_says_and_where_it_is_delivered(
    small: SmallStation,
) -> None:
    small.drop(RECEIPT, folder="H26.99-261106-0002")
    assert state_of(small) is SubmissionState.TO_CONFIRM
    slip = small.station.confirm / "H26.99-261106-0002" / "SCAN_0001.jpg.CAN-XAC-NHAN.txt"
    text = slip.read_bytes().decode("utf-8-sig")
    assert f"1-cho-xu-ly/{CODE}/" in text
    assert "1-cho-xu-ly/H26.99-261106-0002/" in text
    answer = small.station.inbox / CODE
    answer.mkdir()
    (slip.parent / "SCAN_0001.jpg").rename(answer / "SCAN_0001.jpg")
    assert state_of(small) is SubmissionState.FILED
    assert small.files(small.station.done) == [
        f"{CODE}/{CODE}.1.pdf",
        f"{CODE}/SCAN_0001.jpg.KET-QUA.txt",
    ]
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
        with pikepdf.open(archive.objects.path(record.pdf.sha256)) as pdf:
            xmp = pdf.Root.Metadata.read_bytes().decode()
    assert CODE in xmp
    assert "H26.99-261106-0002" not in xmp


def test_personal_signing_switched_off_lets_the_waiting_papers_go_on(small: SmallStation) -> None:
    small.set(signing={"personal": "required"})
    small.drop(RECEIPT)
    assert state_of(small) is SubmissionState.AWAITING_PERSONAL_SIGNATURE
    small.set(signing={"personal": "off"})
    assert state_of(small) is SubmissionState.FILED


def test_a_person_settles_a_result_whose_number_differs_from_the_register(
    small: SmallStation,
) -> None:
    register = json.loads((ROOT / "desk/demo/register/so-ho-so.json").read_text(encoding="utf-8"))
    for result in register["results"]:
        if result["dossier_code"] == "H26.99-261106-0002":
            result["number"] = "999"
    changed = small.station.root / "so.json"
    changed.write_text(json.dumps(register), encoding="utf-8")
    assert hoso("register", "import", changed, "--station", small.station.root).returncode == 0
    small.drop("H26.99-261106-0002/xac-nhan-tthn.pdf")
    (ending,) = small.run()
    assert ending.state is SubmissionState.TO_CONFIRM
    assert ending.reason is not None
    assert ending.reason.code == "result_number_differs"
    answer = small.station.inbox / "H26.99-261106-0002" / "TTHN"
    answer.mkdir(parents=True)
    name = "xac-nhan-tthn.pdf"
    (small.station.confirm / "H26.99-261106-0002" / name).rename(answer / name)
    assert state_of(small) is SubmissionState.FILED
    with small.archive() as archive:
        (record,) = archive.records.newest(10)
    assert record.links[0].procedure_result_code == "H26.99-261106-0002-KQ(1)"
