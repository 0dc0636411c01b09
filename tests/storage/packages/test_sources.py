from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from storage.errors import PackageUnusable
from storage.packages.sources import METADATA_BYTES, open_source


def packed(path: Path, *names: str | zipfile.ZipInfo, data: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in names:
            target.writestr(name, data)
    return path


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "names",
    [
        ["goi/METS.xml", "goi/../../thoat.pdf"],
        ["goi/METS.xml", "/etc/thoat.pdf"],
        ["goi/METS.xml", "goi/./a.pdf"],
        ["goi/METS.xml", "goi//a.pdf"],
        ["goi/METS.xml", "goi/C:a.pdf"],
        ["goi/METS.xml", "goi/a\u202epdf.exe"],
        ["goi/METS.xml", "goi/a\n.pdf"],
        ["goi/METS.xml", "goi/" + "d" * 300 + ".pdf"],
        ["goi/METS.xml", "goi/Giấy.pdf", "goi/gIẤY.pdf"],
        ["goi/METS.xml", "goi/gi\u1ea5y.pdf", "goi/gia\u0302\u0301y.pdf"],
        ["goi/METS.xml", "goi/a", "goi/A/b"],
        ["goi/METS.xml", "goi/a/b/c", "goi/a/B"],
        ["goi/METS.xml", "khac/a.pdf"],
        ["METS.xml"],
    ],
)
def test_names_that_lead_astray_are_refused(names: list[str], tmp_path: Path) -> None:
    path = packed(tmp_path / "goi.zip", *names)
    with pytest.raises(PackageUnusable), open_source(path):
        pass
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "goi.zip", "w") as target:
        target.writestr("goi/METS.xml", "a")
        with pytest.warns(UserWarning, match="Duplicate"):
            target.writestr("goi/METS.xml", "b")
    with pytest.raises(PackageUnusable, match="tên trùng"), open_source(tmp_path / "goi.zip"):
        pass


def test_links_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "goi.zip", "goi/METS.xml", link("goi/a.pdf"), data=b"/etc/passwd")
    with pytest.raises(PackageUnusable, match="liên kết"), open_source(path):
        pass
    folder = tmp_path / "goi"
    folder.mkdir()
    (folder / "METS.xml").touch()
    (folder / "a.pdf").symlink_to("/etc/passwd")
    with pytest.raises(PackageUnusable, match="liên kết"), open_source(folder):
        pass


def test_a_folder_behind_a_link_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "goi"
    folder.mkdir()
    (folder / "METS.xml").touch()
    (folder / "data").symlink_to(tmp_path)
    with pytest.raises(PackageUnusable, match="liên kết"), open_source(folder):
        pass


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = packed(tmp_path / "goi.zip", "goi/METS.xml", "goi/a.pdf", data=bytes(12 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(PackageUnusable, match="bom"), open_source(path):
        pass


def test_sealed_entries_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "goi.zip", "goi/METS.xml")
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(PackageUnusable, match="mật khẩu"), open_source(path):
        pass


def test_metadata_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "goi"
    folder.mkdir()
    with (folder / "METS.xml").open("wb") as file:
        file.truncate(METADATA_BYTES + 1)
    with open_source(folder) as source, pytest.raises(PackageUnusable, match="MB"):
        source.read("METS.xml")


def test_a_changed_entry_is_told_as_unreadable(tmp_path: Path) -> None:
    path = packed(tmp_path / "goi.zip", "goi/METS.xml", data=b"hello hello hello hello")
    data = bytearray(path.read_bytes())
    data[len("goi/METS.xml") + 30 + 4] ^= 0xFF
    path.write_bytes(data)
    with open_source(path) as source, pytest.raises(PackageUnusable):
        source.read("METS.xml")


def test_a_package_lies_in_its_folder_or_in_one_around_it(tmp_path: Path) -> None:
    inner = tmp_path / "ngoai" / "goi"
    (inner / "data").mkdir(parents=True)
    (inner / "METS.xml").write_bytes(b"<mets/>")
    (inner / "data" / "a.pdf").write_bytes(b"%PDF")
    for path in (inner, inner.parent):
        with open_source(path) as source:
            assert (source.name, source.sizes) == ("goi", {"METS.xml": 7, "data/a.pdf": 4})
            assert source.read("data/a.pdf") == b"%PDF"
            with pytest.raises(PackageUnusable):
                source.open("data/b.pdf")
