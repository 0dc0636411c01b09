"""The samples, read with the real engine: text, classes and files against their truth.

Run with `-s` to see the table of error rates.
"""

from __future__ import annotations

import statistics
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pikepdf
import pytest
from PIL import Image

from digitize import frames, render
from digitize.model import MediaType, PageKind
from digitize.stance import estimate_skew
from fixtures.measure import character_error_rate, word_recall
from tests.digitize.workbench import TRUTHS, Sample, render_file, run_tool
from tests.pdfa_findings import objections

READABLE = [truth for truth in TRUTHS if truth["expect"] != "error"]
SCANS = [truth for truth in READABLE if truth["expect"] == "filed"]
GATE_PERCENT = 2.5


def _key(truth: dict[str, Any]) -> str:
    return f"{truth['dossier_code']}/{truth['file']}"


def _by(truths: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("key", [_key(truth) for truth in truths])


by_readable, by_scan = _by(READABLE), _by(SCANS)
by_jpeg = _by([truth for truth in SCANS if truth["recipe"]["container"] == "jpeg"])
by_pdf = _by([truth for truth in SCANS if truth["recipe"]["container"].startswith("pdf-")])
by_lossless = _by([truth for truth in SCANS if truth["recipe"]["container"] in ("png", "tiff")])
by_flat_scan = _by([truth for truth in SCANS if not truth["photo"]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What three ways of extracting give, per cent of wrong characters, mean over the pages."""

    name: str
    group: str
    skew: float
    pdfplumber: float
    pdftotext: float
    raw: float
    """`pdftotext -raw`: the order of the layer itself."""
    recall: float
    """Share of the truth's words that pdftotext gives, per cent."""


def _pages_by_pdfplumber(path: Path) -> list[str]:
    with pdfplumber.open(path) as pdf:
        return [page.extract_text() for page in pdf.pages]


def _pages_by_pdftotext(path: Path, *options: str) -> list[str]:
    return run_tool("pdftotext", *options, path, "-").split("\f")[:-1]


def _errors(texts: list[str], truth: dict[str, Any]) -> float:
    pairs = zip(texts, truth["pages"], strict=True)
    return 100 * statistics.fmean(
        character_error_rate(text, page["orders"]) for text, page in pairs
    )


def _extract(sample: Sample) -> Extraction:
    truth, path = sample.truth, sample.rendition.path
    default = _pages_by_pdftotext(path)
    whole = "\n".join(page["orders"][0] for page in truth["pages"])
    group = "phone" if truth["photo"] else f"{truth['recipe']['dpi']} dpi"
    return Extraction(
        name=truth["file"],
        group=group,
        skew=truth["recipe"]["skew"],
        pdfplumber=_errors(_pages_by_pdfplumber(path), truth),
        pdftotext=_errors(default, truth),
        raw=_errors(_pages_by_pdftotext(path, "-raw"), truth),
        recall=100 * word_recall("\n".join(default), whole, folded=False),
    )


@pytest.fixture(scope="module")
def extractions(samples: dict[str, Sample]) -> list[Extraction]:
    found = [_extract(samples[_key(truth)]) for truth in SCANS]
    sys.stdout.write("\n".join(_table(found)) + "\n")
    return found


def _table(found: list[Extraction]) -> Iterator[str]:
    yield f"\n{'CER %':<42} {'kind':<8} skew  plumber  pdftotext      (raw)  recall"
    for item in sorted(found, key=lambda item: (item.group, item.name)):
        name = unicodedata.normalize("NFC", item.name)
        yield (
            f"{name:<42} {item.group:<8} {item.skew:4.1f} {item.pdfplumber:8.2f}"
            f" {item.pdftotext:10.2f} {item.raw:10.2f} {item.recall:7.1f}"
        )
    for group in sorted({item.group for item in found}):
        of_group = [item for item in found if item.group == group]
        means = [
            statistics.fmean(getattr(item, name) for item in of_group)
            for name in ("pdfplumber", "pdftotext", "raw", "recall")
        ]
        yield (
            f"{'mean of ' + group:<42} {'':<8} {'':>4}"
            + " {:8.2f} {:10.2f} {:10.2f} {:7.1f}".format(*means)
        )


def _group(found: list[Extraction], group: str) -> list[Extraction]:
    members = [item for item in found if item.group == group]
    assert members
    return members


@pytest.mark.parametrize("tool", ["pdfplumber", "pdftotext"])
def test_the_text_of_200_dpi_scans_has_at_most_2_5_percent_wrong_characters(
    extractions: list[Extraction], tool: str
) -> None:
    rates = [getattr(item, tool) for item in _group(extractions, "200 dpi")]
    assert len(rates) >= 18
    assert statistics.fmean(rates) <= GATE_PERCENT
    assert max(rates) <= 2 * GATE_PERCENT


@pytest.mark.parametrize("tool", ["pdfplumber", "pdftotext"])
def test_deskewed_pages_read_as_well_as_straight_ones(
    extractions: list[Extraction], tool: str
) -> None:
    skewed = [item for item in extractions if item.skew]
    assert {abs(item.skew) for item in skewed} >= {0.3, 0.6, 0.8, 1.2, 2.0, 3.0}
    rates = [getattr(item, tool) for item in skewed]
    assert statistics.fmean(rates) <= GATE_PERCENT
    steepest = max(skewed, key=lambda item: abs(item.skew))
    assert getattr(steepest, tool) <= 0.5


@pytest.mark.parametrize("group", ["phone", "300 dpi"])
def test_photos_and_finer_scans_are_listed_apart_and_read_too(
    extractions: list[Extraction], group: str
) -> None:
    for item in _group(extractions, group):
        assert item.pdfplumber <= 2 * GATE_PERCENT, item.name
        assert item.pdftotext <= 2 * GATE_PERCENT, item.name


def test_every_word_is_there_whatever_order_the_reader_chooses(
    extractions: list[Extraction],
) -> None:
    for item in extractions:
        assert item.recall >= 90, item.name
    assert statistics.fmean(item.recall for item in extractions) >= 95


@by_readable
def test_every_sample_is_named_rightly_and_surely(samples: dict[str, Sample], key: str) -> None:
    sample = samples[key]
    best = sample.classification.best
    assert best is not None
    assert best.code == sample.truth["class"]
    assert sample.classification.sure
    assert best.reasons


@by_readable
def test_no_sample_is_stopped_as_secret_or_taken_for_a_copy(
    samples: dict[str, Sample], key: str
) -> None:
    gate = samples[key].gate
    assert gate.secret_mark is None
    assert gate.copy_mark is None


@by_readable
def test_what_was_read_is_never_wrong(samples: dict[str, Sample], key: str) -> None:
    """A missing field is honest; a wrong one is not."""
    sample = samples[key]
    codes = {
        field.value for field in sample.description.fields if field.name.startswith("dossier_code")
    }
    assert codes <= {sample.truth["dossier_code"]}
    if sample.truth["code_on_paper"]:
        assert codes == {sample.truth["dossier_code"]}
    for name in ("number", "notation", "issue_date"):
        said = sample.description.value(name)
        if name in sample.truth["fields"] and said is not None:
            assert said == sample.truth["fields"][name], name


def test_most_numbers_and_dates_are_read(samples: dict[str, Sample]) -> None:
    wanted = [
        (sample, name)
        for sample in samples.values()
        for name in ("notation", "issue_date")
        if name in sample.truth["fields"]
    ]
    found = [
        (sample, name) for sample, name in wanted if sample.description.value(name) is not None
    ]
    assert len(found) / len(wanted) >= 0.75


@by_readable
def test_words_lie_on_their_page_and_are_nfc(samples: dict[str, Sample], key: str) -> None:
    for page in samples[key].paper.pages:
        assert page.lines
        for word in (word for line in page.lines for word in line.words):
            left, top, right, bottom = word.box
            assert 0 <= left <= right <= page.width + 1
            assert 0 <= top <= bottom <= page.height + 1
            assert 0 <= word.confidence <= 1
            assert unicodedata.is_normalized("NFC", word.text)


@by_jpeg
def test_a_jpeg_lies_in_the_pdf_byte_for_byte(samples: dict[str, Sample], key: str) -> None:
    sample = samples[key]
    assert sample.submission.media_type is MediaType.JPEG
    with pikepdf.open(sample.rendition.path) as pdf:
        (image,) = pdf.pages[0].Resources.XObject.values()
        assert image.read_raw_bytes() == sample.submission.path.read_bytes()
        assert image.Filter == pikepdf.Name.DCTDecode
    assert sample.rendition.notes == ()


def _image_streams(objects: pikepdf.Object) -> Iterator[tuple[bytes, dict[str, str]]]:
    for item in objects.values():
        if item.Subtype == pikepdf.Name.Form:
            yield from _image_streams(item.Resources.XObject)
        else:
            kept = ("/Filter", "/Width", "/Height", "/BitsPerComponent", "/ColorSpace")
            yield item.read_raw_bytes(), {name: str(item.get(name)) for name in kept}


@by_pdf
def test_the_images_of_a_pdf_are_kept_as_they_came(samples: dict[str, Sample], key: str) -> None:
    sample = samples[key]
    with (
        pikepdf.open(sample.submission.path) as before,
        pikepdf.open(sample.rendition.path) as after,
    ):
        for old, new in zip(before.pages, after.pages, strict=True):
            wanted = list(_image_streams(old.Resources.XObject))
            assert wanted
            assert list(_image_streams(new.Resources.XObject)) == wanted
    assert sample.rendition.notes == ()


@by_lossless
def test_lossless_pictures_keep_every_pixel(samples: dict[str, Sample], key: str) -> None:
    sample = samples[key]
    with (
        Image.open(sample.submission.path) as source,
        pikepdf.open(sample.rendition.path) as pdf,
    ):
        for index, page in enumerate(pdf.pages):
            source.seek(index)
            (image,) = page.Resources.XObject.values()
            assert isinstance(image, pikepdf.Stream)
            kept = pikepdf.PdfImage(image).as_pil_image()
            assert np.array_equal(np.array(kept), np.array(source))


@by_readable
def test_every_rendition_is_pdf_a_2b(samples: dict[str, Sample], key: str) -> None:
    rendition = samples[key].rendition
    assert not objections(rendition.path)
    assert rendition.flavour == "2u", "scans under our layer, and text with its Unicode"


@by_readable
def test_the_same_job_gives_the_same_bytes(
    samples: dict[str, Sample], key: str, tmp_path: Path
) -> None:
    sample = samples[key]
    again = render_file(sample.submission, sample.paper.pages, tmp_path / "again.pdf")
    assert again.sha256 == sample.rendition.sha256
    assert again.path.read_bytes() == sample.rendition.path.read_bytes()


@by_readable
def test_every_font_is_embedded_and_mapped_to_unicode(samples: dict[str, Sample], key: str) -> None:
    heading, rule, *rows = run_tool("pdffonts", samples[key].rendition.path).splitlines()
    starts = [at for at, mark in enumerate(rule) if mark == "-" and rule[at - 1 : at] != "-"]
    columns = {heading[at:].split()[0]: at for at in starts}
    assert rows
    for row in rows:
        assert row[columns["emb"] :].startswith("yes"), row
        assert row[columns["uni"] :].startswith("yes"), row


@by_flat_scan
def test_the_page_stands_upright_and_level(samples: dict[str, Sample], key: str) -> None:
    sample = samples[key]
    for index, page in enumerate(sample.paper.pages):
        picture = render.draw(sample.rendition.path, index, 100)
        assert picture.shape[0] > picture.shape[1]
        assert abs(picture.shape[1] / 100 * 72 - page.width) < 1
        grey = picture.mean(axis=2).astype(np.uint8)
        assert abs(estimate_skew(grey)) < 0.25
    wanted = sample.truth["recipe"]["skew"]
    assert sample.paper.pages[0].skew_degrees == pytest.approx(wanted, abs=0.15)


@by_scan
def test_the_words_lie_on_their_ink(samples: dict[str, Sample], key: str) -> None:
    """Where a word lies in the text layer, the drawn page is darker than its paper."""
    sample = samples[key]
    page = sample.paper.pages[0]
    dpi = 100
    picture = render.draw(sample.rendition.path, 0, dpi).min(axis=2)
    words = [
        word
        for line in page.lines
        for word in line.words
        if len(word.text) >= 3 and word.confidence > 0.9
    ]
    inked = 0
    for word in words:
        left, top, right, bottom = (round(value * dpi / 72) for value in word.box)
        cut = picture[top:bottom, left:right]
        inked += bool(cut.size and cut.min() < 0.75 * np.median(picture))
    assert len(words) >= 20
    assert inked / len(words) >= 0.98


@by_scan
def test_the_kind_of_page_says_how_it_is_kept(samples: dict[str, Sample], key: str) -> None:
    assert {page.kind for page in samples[key].paper.pages} == {PageKind.IMAGE}


def test_the_pages_that_brought_their_text_keep_it_exactly(samples: dict[str, Sample]) -> None:
    (sample,) = (item for item in samples.values() if item.truth["expect"] == "signed-arrival")
    assert sample.paper.pages[0].kind is PageKind.TEXT
    assert sample.paper.pages[0].recipe == "text layer"
    (text,) = _pages_by_pdfplumber(sample.rendition.path)
    assert character_error_rate(text, sample.truth["pages"][0]["orders"]) < 0.001


def test_a_phone_photo_is_turned_as_its_camera_says(samples: dict[str, Sample]) -> None:
    turned = {
        item.truth["recipe"]["exif_orientation"]: item.paper.pages[0].quarter_turns
        for item in samples.values()
        if item.truth["photo"]
    }
    assert turned == {1: 0, 6: 1}
    for item in samples.values():
        frame_turns = item.paper.pages[0].quarter_turns
        if item.truth["photo"] and frame_turns:
            assert frames.measure(item.submission.path, 0).quarter_turns == frame_turns
