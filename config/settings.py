"""Settings of a station: one closed, typed table, read once and handed down as values.

`hoso.toml` holds them. An unknown key, a wrong type or a value outside its choices is refused with
the nearest valid key. Every key is explained where it is declared; `hoso init` writes those
explanations into the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import combinations
from pathlib import Path, PurePosixPath
from typing import Any, cast

from config.tables import Place, SettingsError, parse_table, parse_toml, refuse_unknown


def _setting(default: Any, explanation: str, choices: Iterable[str] = ()) -> Any:
    return field(default=default, metadata={"help": explanation, "choices": tuple(choices)})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySettings:
    """[agency]: whose desk this is."""

    name: str = _setting("", "Tên cơ quan trên khối chữ ký số (agency name in the signature block)")
    code: str = _setting("", "Mã định danh cơ quan, QĐ 20/2020/QĐ-TTg, e.g. H26.99")
    tables: str = _setting(
        "config", "Thư mục danh mục riêng: classes.toml, procedures.toml (own kinds, procedures)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """[folders]: names of the trays inside the station."""

    inbox: str = _setting("1-cho-xu-ly", "Thả bản quét vào đây (drop scans here)")
    work: str = _setting("2-dang-xu-ly", "Đang xử lý (claimed scans)")
    done: str = _setting("3-da-xong", "Đã xong (signed copies and result slips)")
    error: str = _setting("4-loi-can-xem", "Lỗi cần xem (scans that failed, with the reason)")
    confirm: str = _setting("5-can-xac-nhan", "Cần xác nhận (a person must decide)")
    secret: str = _setting("0-dau-mat", "Bản quét có dấu mật, chỉ người quản trị mở (mode 0700)")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSettings:
    """[intake]: when a file counts as whole, and how large it may be."""

    still_seconds: float = _setting(3.0, "Giây phải đứng yên trước khi nhận (unchanged this long)")
    dossier_seconds: float = _setting(
        10.0, "Giây mọi tệp trong một thư mục hồ sơ phải đứng yên trước khi nhận (whole folder)"
    )
    watching: str = _setting(
        "auto",
        "Cách nghe thư mục chờ: tự chọn, sự kiện của máy, hay hỏi định kỳ (thư mục mạng)",
        ("auto", "events", "polling"),
    )
    scan_seconds: float = _setting(15.0, "Giây giữa hai lần quét thư mục (periodic scan)")
    incomplete_seconds: float = _setting(
        600.0, "Giây chờ một tệp chưa toàn vẹn trước khi báo lỗi (then it goes to the error tray)"
    )
    max_megabytes: int = _setting(500, "Kích thước tệp lớn nhất, MB")
    max_pages: int = _setting(1000, "Số trang lớn nhất của một tệp")
    rescans: str = _setting(
        "ask", "Bản quét lại của giấy đã có: hỏi hay giữ cả hai", ("ask", "keep")
    )
    free_megabytes: int = _setting(
        2000, "Đĩa còn ít hơn bấy nhiêu MB thì tạm ngừng nhận (intake pauses below this)"
    )
    virus_scanner: str = _setting(
        "", "clamd kiểm tra mã độc: đường dẫn socket, hoặc máy:cổng; để trống = không kiểm tra"
    )
    batches: str = _setting(
        "covers",
        "Tệp nhiều giấy tờ: cắt theo tờ bìa và giấy tiếp nhận, hay mỗi tệp một giấy",
        ("covers", "off"),
    )
    separators: str = _setting(
        "none", "Trang trắng ngăn cách hai giấy tờ: không, hay có", ("none", "blank")
    )
    drop_blank: bool = _setting(
        False, "Bỏ trang trắng khỏi bản PDF (TT 01/2023/TT-VPCP Điều 8: đủ ảnh như số trang)"
    )
    page_files: str = _setting(
        "join", "Ảnh _001, _002… thả cùng lúc: ghép thành một giấy, hay riêng", ("join", "single")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSettings:
    """[reading]: recognition."""

    engine: str = _setting(
        "pytesseract",
        "Cách gọi Tesseract; tesserocr nhanh hơn, cần cài thêm hoso[fast]",
        ("pytesseract", "tesserocr"),
    )
    languages: str = _setting("vie", "Ngôn ngữ Tesseract, nối bằng dấu +")
    workers: int = _setting(0, "Số tiến trình đọc; 0 = một tiến trình mỗi lõi")
    page_seconds: float = _setting(180.0, "Thời gian tối đa cho một trang, giây")
    memory_megabytes: int = _setting(
        2000, "Bộ nhớ tối đa của mỗi tiến trình đọc, MB (a scan that needs more is refused)"
    )
    tessdata: str = _setting("", "Thư mục tessdata riêng; để trống = của hệ điều hành")
    repair: bool = _setting(
        True, "Sửa dấu đọc nhầm (QUYÉT → QUYẾT); chữ đã đọc vẫn giữ làm chứng cứ"
    )
    unreadable: str = _setting(
        "hold",
        "Trang không đọc được: giữ giấy lại hỏi trước khi ký, hay nhận",
        ("hold", "accept"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessionSettings:
    """[accession]: placing a paper in its dossier."""

    unregistered: str = _setting(
        "hold", "Mã hồ sơ chưa có trong sổ: giữ lại hỏi, hay nhận", ("hold", "accept")
    )
    digitisation_code: str = _setting(
        "{holder_id}.{class_code}.{number}",
        "Mẫu mã kết quả số hóa, TT 01/2023/TT-VPCP Điều 10 (chưa đối chiếu công báo)",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSettings:
    """[signing]: who signs, with what, at which level."""

    personal: str = _setting(
        "required",
        "Chữ ký cá nhân của người sao chụp (TT 01/2023 Điều 8): bắt buộc hay tắt",
        ("required", "off"),
    )
    release: str = _setting(
        "person", "Ai duyệt ký bằng chữ ký cơ quan: người hay tự động", ("person", "automatic")
    )
    key: str = _setting(
        "",
        "Khóa ký của cơ quan: tệp PKCS#12, pkcs11:token=TÊN?module-path=TỆP.so, hoặc "
        "csc+https://máy/csc/v1?credential=MÃ, hoặc agent:TÊN-MÁY-KÝ",
    )
    passphrase: str = _setting(
        "",
        "Tệp chứa mật khẩu hoặc PIN của khóa, quyền 0600, hoặc tên trong $CREDENTIALS_DIRECTORY; "
        "để trống = hỏi người",
    )
    access: str = _setting("", "Tệp chứa mã truy cập dịch vụ ký từ xa (CSC), như passphrase")
    padding: str = _setting(
        "pkcs1", "Cách ký bằng khóa RSA: PKCS#1 v1.5, hay PSS", ("pkcs1", "pss")
    )
    level: str = _setting("B-LT", "Mức PAdES của chữ ký cơ quan", ("B-LT", "B-LTA"))
    timestamp: str = _setting("required", "Dấu thời gian: bắt buộc hay không", ("required", "none"))
    timestamp_url: str = _setting("", "Địa chỉ dịch vụ dấu thời gian RFC 3161")
    timestamp_url_2: str = _setting("", "Dịch vụ dấu thời gian thứ hai, dùng khi dịch vụ đầu hỏng")
    clock_seconds: float = _setting(
        300.0, "Đồng hồ máy lệch dịch vụ dấu thời gian quá bấy nhiêu giây thì không ký"
    )
    hosts: tuple[str, ...] = _setting(
        (), "Máy chủ được phép hỏi CRL, OCSP, dấu thời gian (host or host:port)"
    )
    network_seconds: float = _setting(180.0, "Thời gian chờ dịch vụ mạng, giây (TSA có khi 131 s)")
    copy_type: str = _setting("", "Hình thức sao ghi trên khối chữ ký, ví dụ «Sao y»")
    session_minutes: float = _setting(60.0, "Một phiên ký cá nhân kéo dài nhiều nhất, phút")
    session_papers: int = _setting(200, "Một phiên ký cá nhân ký nhiều nhất bấy nhiêu giấy")
    scans_of: tuple[str, ...] = _setting(
        (),
        "Bản quét nào của ai: «người = tài khoản», «người = thư-mục/», «người = *»; không ghi thì "
        "theo chủ của tệp (whose scans are whose)",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """[agents]: computers of officers that sign with the tokens there (`hoso agent`)."""

    port: int = _setting(0, "Cổng TLS cho máy ký, ví dụ 8443; 0 = không nghe (agents connect here)")
    host: str = _setting("", "Địa chỉ để nghe; để trống = mọi địa chỉ của máy này")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """[web]: the pages of officers and auditors (`hoso serve`)."""

    host: str = _setting("127.0.0.1", "Địa chỉ để nghe; ngoài máy này phải có nginx đứng trước")
    port: int = _setting(8300, "Cổng của trang web trên máy này")
    socket: str = _setting(
        "", "Nghe ở socket này thay cho cổng; nginx đứng trước (docs/web.md). Để trống = cổng"
    )
    address: str = _setting(
        "", "Địa chỉ mà người dùng gõ, ví dụ https://hoso.tinh.gov.vn; để trống = chỉ trên máy này"
    )
    certificate_address: str = _setting(
        "", "Địa chỉ để đăng nhập bằng chứng thư: cùng tên máy, cổng khác (nginx); trống = không có"
    )
    idle_minutes: float = _setting(15.0, "Không dùng quá bấy nhiêu phút thì phải đăng nhập lại")
    session_hours: float = _setting(10.0, "Một lần đăng nhập kéo dài nhiều nhất bấy nhiêu giờ")
    upload_megabytes: int = _setting(100, "Mỗi lần gửi tệp để kiểm tra nhiều nhất bấy nhiêu MB")
    workers: int = _setting(1, "Số tiến trình trả lời trang; 2 khi nhiều người dùng cùng lúc")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """[evidence]: what keeps the event log from being rewritten unseen."""

    anchor: str = _setting(
        "daily",
        "Dấu thời gian của bên thứ ba lên nhật ký: mỗi ngày một lần, hay tắt",
        ("daily", "off"),
    )
    witness: str = _setting(
        "",
        "Thư mục nhận phiếu nhân chứng sau mỗi dấu thời gian, nên ở máy khác; để trống = không ghi",
    )
    proof_months: int = _setting(
        6, "Báo trước bấy nhiêu tháng khi tệp sắp hết tự chứng minh được chữ ký (ends of proof)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySettings:
    """[copies]: copies for those who ask to see a filed paper (TT 05/2025/TT-BNV)."""

    reading_days: int = _setting(
        15, "Bản đọc dùng được mấy ngày, nhiều nhất 15; 5 ngày sau đó tệp bị xóa (reading copies)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """[backup]: where copies of the archive go."""

    sets: tuple[str, ...] = _setting(
        (), "Thư mục của các bộ sao lưu, ít nhất hai, trên thiết bị độc lập (TT 05/2025/TT-BNV)"
    )
    key: str = _setting(
        "",
        "Tệp chứa mật khẩu của bản sao lưu, quyền 0600, ngoài thư mục trạm, hoặc tên trong "
        "$CREDENTIALS_DIRECTORY; để trống = hỏi người",
    )
    keep_months: int = _setting(12, "Giữ các bộ đầy đủ hằng tháng trong bấy nhiêu tháng")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSettings:
    """[packages]: what packages of TT 05/2025/TT-BNV say that no paper says."""

    fonds: str = _setting("", "Mã phông; để trống = chưa biết, gói không ghi (code of the fonds)")
    archive_code: str = _setting(
        "", "Mã cơ quan lưu trữ, đứng trước mã hồ sơ trong gói AIP (code of the keeping archive)"
    )
    shelf: str = _setting("", "Kho/giá/hộp giữ bản giấy, ví dụ K1-G2-H3; để trống = không ghi")
    mode: str = _setting(
        "02",
        "Chế độ sử dụng của giấy không có dữ liệu nhạy cảm: 01 công khai, 02 có điều kiện, 03 mật",
        ("01", "02", "03"),
    )
    language: str = _setting("01", "Ngôn ngữ: 01 đến 11, nối bằng dấu chấm phẩy (01 tiếng Việt)")
    fields: str = _setting(
        "full",
        "Trường của EAD_doc: đủ theo cả phần mô tả và lược đồ, hay chỉ theo lược đồ của phụ lục",
        ("full", "annex"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """[demo]: only in a station made by `hoso init --demo`."""

    authority: str = _setting("", "Thư mục PKI dùng thử; để trống = trạm thật")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything `hoso.toml` may say."""

    agency: AgencySettings = field(default_factory=AgencySettings)
    folders: FolderSettings = field(default_factory=FolderSettings)
    intake: IntakeSettings = field(default_factory=IntakeSettings)
    reading: ReadingSettings = field(default_factory=ReadingSettings)
    accession: AccessionSettings = field(default_factory=AccessionSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)
    agents: AgentSettings = field(default_factory=AgentSettings)
    web: WebSettings = field(default_factory=WebSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    copies: CopySettings = field(default_factory=CopySettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    packages: PackageSettings = field(default_factory=PackageSettings)
    demo: DemoSettings = field(default_factory=DemoSettings)


SECTIONS: Mapping[str, type[Any]] = {
    # What makes a section by default is its class.
    item.name: cast("type[Any]", item.default_factory)
    for item in fields(Settings)
}


def load_settings(path: Path) -> Settings:
    """Read `hoso.toml`.

    Raises:
        SettingsError: the file is missing or not TOML, a key is unknown, or a value does not fit.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(
            f"Không đọc được tệp cài đặt {path}: {error.strerror}. Hãy chạy `hoso init` trước.",
            f"cannot read the settings file {path}; run `hoso init` first",
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"Tệp cài đặt {path} sai cú pháp TOML: {error}. Hãy sửa dòng đó rồi chạy lại.",
            f"{path} is not valid TOML: {error}",
        ) from error
    return parse_settings(parse_toml(text, str(path)), str(path), text)


def parse_settings(table: Mapping[str, Any], source: str, text: str = "") -> Settings:
    """Turn a parsed TOML table into settings.

    Args:
        table: what the file says.
        source: names it in messages.
        text: the file itself, so that messages can name lines.
    """
    refuse_unknown(table, SECTIONS, Place(file=source, text=text))
    sections = {
        name: parse_table(kind, table.get(name, {}), Place(file=source, text=text, header=name))
        for name, kind in SECTIONS.items()
    }
    settings = Settings(**sections)
    _refuse_swallowing_trays(settings.folders, f"{source}: [folders] ")
    _refuse_long_reading(settings.copies, f"{source}: [copies] reading_days: ")
    return settings


_MOST_READING_DAYS = 15


def _refuse_long_reading(copies: CopySettings, where: str) -> None:
    """Refuse reading copies that would outlast what TT 05/2025/TT-BNV allows."""
    if not 1 <= copies.reading_days <= _MOST_READING_DAYS:
        raise SettingsError(
            f"{where}phải từ 1 đến {_MOST_READING_DAYS} ngày (TT 05/2025/TT-BNV).",
            f"{where}must be 1 to {_MOST_READING_DAYS} days (TT 05/2025/TT-BNV)",
        )


READING_FOLDER, CERTIFIED_FOLDER = "ban-doc", "ban-sao"
"""Where a station keeps reading copies, and hands out certified copies."""
# Folders of a station that no setting moves.
_OWN_FOLDERS = ("archive", "trust", READING_FOLDER, CERTIFIED_FOLDER)


def _refuse_swallowing_trays(folders: FolderSettings, where: str) -> None:
    """Refuse trays that are one folder or lie in each other: a scan would be taken in again."""
    names = [getattr(folders, item.name) for item in fields(FolderSettings)]
    for first, second in combinations([*names, *_OWN_FOLDERS], 2):
        one, other = PurePosixPath(first), PurePosixPath(second)
        if one.is_relative_to(other) or other.is_relative_to(one):
            raise SettingsError(
                f"{where}«{first}» và «{second}» trùng hoặc lồng nhau. Hãy đặt tên khác.",
                f"{where}{first!r} and {second!r} are the same or lie in each other",
            )


def render_settings(settings: Settings) -> str:
    """Write settings as TOML, each key under its explanation."""
    lines = ["# Cài đặt của trạm Hồ Sơ. Khóa lạ sẽ bị từ chối.", ""]
    for name, kind in SECTIONS.items():
        section = getattr(settings, name)
        lines.append(f"[{name}]")
        for item in fields(kind):
            choices = item.metadata["choices"]
            allowed = f" [{' | '.join(choices)}]" if choices else ""
            lines.append(f"# {item.metadata['help']}{allowed}")
            lines.append(f"{item.name} = {_toml(getattr(section, item.name))}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    # JSON's strings, numbers and booleans are TOML's too, but for the one control sign above ASCII.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
