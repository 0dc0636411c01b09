"""Bags: what goes in comes out, and whatever changed is named."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path

import pytest

from storage.bag_checks import BagReport, check_bag
from storage.bags import close_bag, make_payload, unescape
from storage.errors import PackageUnusable, TargetNotEmpty
from storage.outsider.zips import write_zip

FILES = {
    "Giấy khai sinh.pdf": b"%PDF THU NGHIEM",
    "thu muc/ba%25 phan.txt": b"",
    "thu muc/hai.bin": bytes(range(256)),
    "zz": b"z" * 5000,
}


def make(target: Path, files: dict[str, bytes] = FILES) -> Path:
    payload = make_payload(target)
    for name, data in files.items():
        (payload / name).parent.mkdir(parents=True, exist_ok=True)
        (payload / name).write_bytes(data)
    close_bag(target, {"Source-Organization": "UBND\nxã THỬ NGHIỆM", "Bagging-Date": "2026-11-22"})
    return target


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    return make(tmp_path / "bag")


def named(report: BagReport) -> set[str]:
    return {fault.path for fault in report.faults}


def test_a_bag_is_valid_under_both_digests(bag: Path) -> None:
    report = check_bag(bag)
    assert report.faults == []
    assert (report.files, sorted(report.algorithms)) == (4, ["sha256", "sha512"])
    info = (bag / "bag-info.txt").read_text(encoding="utf-8")
    assert "Source-Organization: UBND xã THỬ NGHIỆM\n" in info
    assert f"Payload-Oxum: {sum(map(len, FILES.values()))}.4\n" in info
    listed = (bag / "manifest-sha512.txt").read_text(encoding="utf-8")
    digest = hashlib.sha512(FILES["Giấy khai sinh.pdf"]).hexdigest()
    assert f"{digest}  data/Giấy khai sinh.pdf\n" in listed
    assert "data/thu muc/ba%2525 phan.txt\n" in listed


def test_equal_files_give_equal_bags(bag: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other", dict(reversed(FILES.items())))
    for target in (bag, other):
        write_zip(target, target.with_suffix(".zip"))
    assert bag.with_suffix(".zip").read_bytes() == other.with_suffix(".zip").read_bytes()


def test_any_flipped_bit_is_found_and_its_file_named(bag: Path, tmp_path: Path) -> None:
    draw = random.Random(3)
    names = [path.relative_to(bag) for path in bag.rglob("*") if path.is_file()]
    for number in range(120):
        copy = tmp_path / str(number)
        shutil.copytree(bag, copy)
        name = draw.choice([name for name in names if (bag / name).stat().st_size])
        data = bytearray((copy / name).read_bytes())
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        (copy / name).write_bytes(data)
        faults = named(check_bag(copy))
        # Nothing lists a tag manifest: what it says of others shows its change. Capitals change
        # nothing.
        is_spelling = data.lower() == (bag / name).read_bytes().lower()
        is_tag_manifest = name.name.startswith("tagmanifest")
        assert name.as_posix() in faults or (is_tag_manifest and (faults or is_spelling)), name


def test_what_is_missing_or_more_is_named(bag: Path) -> None:
    (bag / "data/zz").unlink()
    (bag / "data/la").write_bytes(b"?")
    assert named(check_bag(bag)) == {"data/zz", "data/la", "bag-info.txt"}


def test_a_link_out_of_a_bag_is_refused(bag: Path, tmp_path: Path) -> None:
    (tmp_path / "ngoai").write_bytes(FILES["zz"])
    (bag / "data/zz").unlink()
    (bag / "data/zz").symlink_to(tmp_path / "ngoai")
    with pytest.raises(PackageUnusable, match="data/zz"):
        check_bag(bag)


def test_names_on_two_lines_are_written_on_one(tmp_path: Path) -> None:
    payload = make_payload(tmp_path / "bag")
    (payload / "hai\ndòng\r%0a\u2028").write_bytes(b"2")
    close_bag(tmp_path / "bag", {})
    listed = (tmp_path / "bag/manifest-sha256.txt").read_bytes().decode()
    assert listed.count("\n") == 1
    assert unescape(listed.rstrip("\n").partition("  ")[2]) == "data/hai\ndòng\r%0a\u2028"


def test_a_bag_in_a_zip_is_checked_too(bag: Path, tmp_path: Path) -> None:
    packed = tmp_path / "bag.zip"
    inner = tmp_path / "ngoai"
    inner.mkdir()
    bag.rename(inner / "bag")
    write_zip(inner, packed)
    report = check_bag(packed)
    assert (report.name, report.faults, report.files) == ("bag", [], 4)
    data = packed.read_bytes()
    packed.write_bytes(data.replace(b"zzzz", b"zzzy", 1))
    assert {(fault.kind, fault.path) for fault in check_bag(packed).faults} == {
        ("broken", "data/zz")
    }


@pytest.mark.parametrize(
    "line", ["ab  ../ngoai", "ab  /etc/passwd", "khong phai", "zz  data/zz", "ab  a/../../b"]
)
def test_lines_that_cannot_be_are_told(bag: Path, line: str) -> None:
    with (bag / "manifest-sha256.txt").open("a") as manifest:
        manifest.write(f"{line}\n")
    assert "manifest-sha256.txt" in named(check_bag(bag))


def test_a_length_that_no_number_holds_is_told(bag: Path) -> None:
    (bag / "bag-info.txt").write_text(f"Payload-Oxum: {'9' * 5000}.4\n")
    assert "Payload-Oxum không khớp." in {fault.vi for fault in check_bag(bag).faults}


def test_what_is_no_bag_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert named(check_bag(tmp_path / "a")) == {"bagit.txt"}


def test_bags_of_others_are_checked_with_what_they_have(tmp_path: Path) -> None:
    """One digest, marks of binary files, capitals, a manifest of a digest nobody here knows."""
    bag = tmp_path / "bag"
    (bag / "data").mkdir(parents=True)
    (bag / "data/a").write_bytes(b"a")
    (bag / "bagit.txt").write_text("BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n")
    digest = hashlib.md5(b"a", usedforsecurity=False).hexdigest().upper()
    (bag / "manifest-md5.txt").write_text(f"{digest} *./data/a\r\n")
    (bag / "manifest-tiger.txt").write_text("00  data/a\n")
    report = check_bag(bag)
    assert report.faults == []
    assert (report.algorithms, report.unchecked) == (["md5"], ["manifest-tiger.txt"])


def test_a_bag_is_not_made_over_something(bag: Path) -> None:
    with pytest.raises(TargetNotEmpty, match="bag"):
        make_payload(bag)
