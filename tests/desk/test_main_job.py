"""The main job end to end: a dropped scan becomes a signed, filed, findable record."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pdfplumber
import pikepdf
import pytest

from desk.demo.founding import demo_services
from tests.desk.conftest import ROOT, SAMPLES, Ran, hoso, hoso_json
from tests.pdfa_findings import objections

MM = 72 / 25.4


def samples(ran: Ran) -> dict[str, dict[str, Any]]:
    """Return the truth of every sample of the station, by `<dossier>/<file>`."""
    found = {}
    for path in sorted((ran.station.root / "samples").rglob("*")):
        if path.is_file():
            sample = f"{path.parent.name}/{path.name}"
            if (ROOT / "fixtures" / "truth" / f"{sample}.json").exists():
                found[sample] = ran.truth(sample)
    return found


def records(ran: Ran) -> list[dict[str, Any]]:
    with ran.archive() as archive:
        return [
            {
                "record": record,
                "pdf": archive.objects.path(record.pdf.sha256),
                "original": archive.objects.path(record.original.sha256),
            }
            for record in archive.records.newest(1000)
        ]


def signed_here(ran: Ran) -> list[dict[str, Any]]:
    return [item for item in records(ran) if item["record"].pdf != item["record"].original]


def test_every_good_sample_is_filed_right_and_every_broken_one_is_told(ran: Ran) -> None:
    assert ran.exit_code == 1
    endings = {f"{ending['folder']}/{ending['name']}": ending for ending in ran.endings}
    with ran.archive() as archive:
        for sample, truth in samples(ran).items():
            ending = endings[sample]
            if truth["expect"] == "error":
                assert ending["state"] == "in_error", sample
                continue
            assert ending["state"] == "filed", (sample, ending["reason"])
            record = archive.records.get(ending["record_ids"][0])
            assert record.class_code == truth["class"], sample
            assert record.links[0].dossier_code == truth["dossier_code"], sample
            assert record.links[0].role.value == truth["role"], sample


@pytest.mark.soak
def test_without_folder_names_most_papers_find_their_dossier_and_none_a_wrong_one(
    ran_flat: Ran,
) -> None:
    truths = {sample.partition("/")[2]: truth for sample, truth in samples(ran_flat).items()}
    good = [
        e for e in ran_flat.endings if truths.get(e["name"], {"expect": ""})["expect"] == "filed"
    ]
    filed = [ending for ending in good if ending["state"] == "filed"]
    with ran_flat.archive() as archive:
        for ending in filed:
            record = archive.records.get(ending["record_ids"][0])
            truth = truths[ending["name"]]
            assert record.class_code == truth["class"], ending["name"]
            assert record.links[0].dossier_code == truth["dossier_code"], ending["name"]
    assert len(good) >= 20
    assert len(filed) / len(good) >= 0.75
    asked = [ending for ending in good if ending["state"] != "filed"]
    assert {ending["state"] for ending in asked} <= {"to_confirm"}
    # A code in the text alone may be cited, and is asked about.
    cited = [ending for ending in asked if ending["reason"]["code"] == "dossier_code_cited"]
    assert all(
        not truths[ending["name"]]["code_on_paper"] for ending in asked if ending not in cited
    )
    assert len(cited) <= 1


def test_nothing_is_lost_and_nothing_temporary_stays(ran: Ran) -> None:
    kept = {path.name for path in ran.station.error.rglob("*")}
    with ran.archive() as archive:
        stored = set(archive.objects)
        for path in (ran.station.root / "samples").rglob("*"):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                assert digest in stored or path.name in kept, path
        assert list(archive.staging.iterdir()) == []
    assert [path for path in ran.station.inbox.rglob("*") if path.is_file()] == []
    assert [path for path in ran.station.work.rglob("*") if path.is_file()] == []


def test_a_broken_sample_lies_beside_its_reason_in_the_clerks_form(ran: Ran) -> None:
    slips = sorted(ran.station.error.rglob("*.LY-DO.txt"))
    scans = [path for path in ran.station.error.rglob("*") if path.is_file() and path not in slips]
    assert len(slips) == len(scans) == 4
    for slip in slips:
        data = slip.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.count(b"\n") == data.count(b"\r\n") > 5
        text = data.decode("utf-8-sig")
        assert slip.name.removesuffix(".LY-DO.txt") in text
        assert "Lý do: " in text
        assert "Việc cần làm" in text


def test_a_signed_arrival_is_kept_byte_for_byte_and_found_by_its_text(ran: Ran) -> None:
    (arrival,) = [item for item in records(ran) if item["record"].pdf == item["record"].original]
    came = ran.station.root / "samples" / "H26.99-261111-0005" / "quyet-dinh-da-ky-so.pdf"
    assert arrival["original"].read_bytes() == came.read_bytes()
    assert arrival["record"].verdict == "TOTAL-PASSED"
    assert arrival["record"].signatures[0].field == "NguoiKy_1"
    shown = hoso_json("search", "quyết định", "--station", ran.station.root)
    assert arrival["record"].id in [item["id"] for item in shown["records"]]


def test_a_jpeg_that_calls_itself_pdf_is_filed_with_a_warning(ran: Ran) -> None:
    (record,) = [
        item["record"]
        for item in records(ran)
        if item["record"].original_name == "ho-kinh-doanh.pdf"
    ]
    assert any("không đúng dạng" in warning for warning in record.warnings)


def test_the_scans_own_image_bytes_are_inside_the_signed_pdf(ran: Ran) -> None:
    compared = 0
    for item in signed_here(ran):
        if item["record"].original_media_type != "image/jpeg":
            continue
        with pikepdf.open(item["pdf"]) as pdf:
            streams = [image.read_raw_bytes() for image in pdf.pages[0].get_images().values()]
        assert item["original"].read_bytes() in streams, item["record"].original_name
        compared += 1
    assert compared >= 10


def test_pdfs_pass_as_pdfa_2b_before_signing_and_signing_adds_nothing_foreign(ran: Ran) -> None:
    with ran.archive() as archive:
        for row in archive.db.rows("SELECT body FROM outcome WHERE stage = 'render'"):
            digest = json.loads(row["body"])["pdf"]["sha256"]
            assert not objections(archive.objects.path(digest))
    for item in signed_here(ran):
        for told in objections(item["pdf"]):
            assert told.startswith("[unsupported]"), told
            assert any(word in told for word in ("AcroForm", "Perms", "DSS")), told


def test_other_programs_read_text_and_signature(ran: Ran) -> None:
    for item in signed_here(ran):
        text = subprocess.run(
            ["pdftotext", item["pdf"], "-"], capture_output=True, text=True, check=True
        ).stdout
        assert len(text) > 300
        judged = subprocess.run(
            ["pdfsig", item["pdf"]], capture_output=True, text=True, check=False
        ).stdout
        assert "Signature is Valid." in judged
        assert "Digest Mismatch" not in judged
    (birth,) = [item for item in signed_here(ran) if item["record"].class_code == "GKS"]
    text = subprocess.run(
        ["pdftotext", birth["pdf"], "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "GIẤY KHAI SINH" in text


def test_the_blocks_stand_in_their_corners_of_page_one_and_cover_no_word(ran: Ran) -> None:
    for item in signed_here(ran):
        with pikepdf.open(item["pdf"]) as pdf:
            width, height = _size(pdf.pages[0])
            person, agency = _block(pdf, "CB_SaoChup"), _block(pdf, "CQ_SoHoa")
        # Within the zones of the rule set: 120 mm from the left, 120 mm from the right edge.
        assert 4.9 * MM <= person[0] < person[2] <= 120 * MM
        assert width - 120 * MM <= agency[0] < agency[2] <= width - 4.9 * MM
        with pdfplumber.open(item["pdf"]) as pdf:
            words = pdf.pages[0].extract_words()
        for block in (person, agency):
            left, bottom, right, top = block
            assert height - 75 * MM <= bottom < top <= height - 4.9 * MM
            for word in words:
                apart = (
                    word["x1"] <= left
                    or word["x0"] >= right
                    or height - word["bottom"] >= top
                    or height - word["top"] <= bottom
                )
                assert apart, (item["record"].original_name, word["text"])


def test_each_paper_holds_both_signatures_in_the_legal_order(ran: Ran) -> None:
    for item in signed_here(ran):
        fields = [signature.field for signature in item["record"].signatures]
        assert fields == ["CB_SaoChup", "CQ_SoHoa", "CQ_SoHoa_TS"]
        assert {s.indication for s in item["record"].signatures} == {"TOTAL-PASSED"}
        judged = subprocess.run(
            ["pdfsig", item["pdf"]], capture_output=True, text=True, check=False
        ).stdout
        assert judged.count("Signature is Valid.") == 2


def _block(pdf: pikepdf.Pdf, name: str) -> tuple[float, float, float, float]:
    (field,) = [f for f in pdf.Root.AcroForm.Fields if str(f.T) == name]
    x0, y0, x1, y1 = (float(value) for value in field.Rect)
    return x0, y0, x1, y1


def _size(page: pikepdf.Page) -> tuple[float, float]:
    box = [float(value) for value in page.mediabox]
    return box[2] - box[0], box[3] - box[1]


def test_the_block_says_agency_and_iso_time_in_the_fonts_of_the_decree(ran: Ran) -> None:
    item = signed_here(ran)[0]
    with pikepdf.open(item["pdf"]) as pdf:
        (field,) = [f for f in pdf.Root.AcroForm.Fields if str(f.T) == "CQ_SoHoa"]
        resources = field.AP.N.Resources
        assert "/ExtGState" not in resources
        (font,) = resources.Font.values()
    assert "Tinos" in str(font.BaseFont)
    fonts = subprocess.run(
        ["pdffonts", item["pdf"]], capture_output=True, text=True, check=True
    ).stdout
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts.splitlines()[2:]) or (
        "no  yes" in fonts
    )


def test_verify_follows_the_contract_for_filed_flipped_and_look_alike(
    ran: Ran, tmp_path: Path
) -> None:
    filed = next(ran.station.done.rglob("*.pdf"))
    trust = ran.station.trust
    finished = hoso("verify", "--json", "--trust", trust, filed)
    (good,) = json.loads(finished.stdout)
    assert (finished.returncode, good["overall"]) == (0, "TOTAL-PASSED")
    assert good["file"] == str(filed)
    assert {s["field"] for s in good["signatures"]} == {
        "CB_SaoChup",
        "CQ_SoHoa",
        "CQ_SoHoa_TS",
    }
    assert good["signatures"][1]["level"] == "B-LTA"
    data = bytearray(filed.read_bytes())
    data[2000] ^= 1
    flipped = tmp_path / "flipped.pdf"
    flipped.write_bytes(data)
    finished = hoso("verify", "--json", "--trust", trust, flipped)
    (bad,) = json.loads(finished.stdout)
    assert (finished.returncode, bad["overall"]) == (1, "TOTAL-FAILED")


def test_an_authority_that_only_looks_alike_does_not_pass(ran: Ran, template: Path) -> None:
    # Another demo station has an authority of the same names with other keys.
    filed = next(ran.station.done.rglob("*.pdf"))
    (verdict,) = json.loads(hoso("verify", "--json", "--trust", template / "trust", filed).stdout)
    assert verdict["overall"] == "INDETERMINATE"
    assert verdict["overall_sub"] == "NO_CERTIFICATE_CHAIN_FOUND"


@pytest.mark.parametrize("query", ["dang ky khai sinh", "đăng ký khai sinh"])
def test_search_finds_the_right_papers_with_and_without_diacritics(ran: Ran, query: str) -> None:
    shown = hoso_json("search", query, "--station", ran.station.root)
    classes = {item["class"] for item in shown["records"]}
    assert {"GTN", "TKKS", "GKS"} <= classes
    assert shown["records"][0]["dossier_code"] == "H26.99-261105-0001"
    assert shown["records"][0]["hits"]


def test_a_result_leads_to_its_paper_and_dossier_and_back(ran: Ran) -> None:
    dossier = hoso_json("show", "H26.99-261105-0001", "--station", ran.station.root)
    (result,) = dossier["results"]
    assert result["code"] == "H26.99-261105-0001-KQ(1)"
    (record_id,) = result["record_ids"]
    record = hoso_json("show", record_id, "--station", ran.station.root)
    assert record["class"] == "GKS"
    assert record["procedure_result_code"] == result["code"]
    assert record["dossier_code"] == dossier["dossier"]["code"]
    roles = [item["role"] for item in dossier["records"]]
    assert roles[0] == "receipt"
    assert roles[-1] == "result"
    assert dossier["missing_components"] == []
    types = {event["type"] for event in record["events"]}
    assert {
        "capture",
        "message digest calculation",
        "normalization",
        "validation",
        "metadata extraction",
        "release",
        "digital signature generation",
        "digital signature validation",
        "ingestion",
    } <= types


def test_the_archive_and_its_log_prove_whole(ran: Ran) -> None:
    for command in (("fixity",), ("audit", "verify")):
        finished = hoso(*command, "--json", "--station", ran.station.root)
        assert (finished.returncode, json.loads(finished.stdout)["findings"]) == (0, [])


def test_samples_are_packed_as_they_are_in_the_repository(ran: Ran) -> None:
    for path in SAMPLES.rglob("*"):
        if path.is_file():
            packed = ran.station.root / "samples" / path.relative_to(SAMPLES)
            assert packed.read_bytes() == path.read_bytes()


def test_services_of_the_demo_end_with_the_run(ran: Ran) -> None:
    # Were they still running, their port would be taken.
    with demo_services(ran.station):
        pass
