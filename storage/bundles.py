"""The offline bundle: papers of one record or dossier, with all that proves them, and a verifier.

It is an evidence export with files: the same heads, anchors and proofs, signed by the same key and
checked by the same program. Events of these papers alone are shown; of all others the proofs hold
hashes. What another package knows of a paper (its verdict, reports) comes in as files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from storage.archive import Archive
from storage.evidence_parts import Ground, events_of, make_empty, seal, write_common, write_proofs
from storage.model import Link, Record
from storage.outsider import package, papers
from storage.outsider.papers import PaperEntry
from storage.shared_scans import shows_others

_README = """GÓI GIẤY TỜ KIỂM TRA ĐƯỢC NGOÀI MẠNG (offline bundle)

Trong gói:
    giay-to/<mã hồ sơ>.<số>/   ban-luu.pdf    bản PDF đã lưu, có chữ ký số
                               ban-goc.*      bản quét như lúc nhận (nếu khác bản PDF)
                               mo-ta.json     mô tả đã lưu; sự kiện trong gói mang mã băm của nó
                               kiem-tra-chu-ky.json, bao-cao.pdf   kết quả kiểm tra chữ ký
                               chung-cu/      chứng thư, CRL, OCSP đã dùng khi ký
    tin-cay/                   chứng thư gốc mà trạm tin, kèm ghi chú nguồn gốc
    proof.json, heads/, anchors/, station.pub, trust/   nhật ký: sự kiện của riêng các giấy tờ này,
                               đường dẫn tới đầu cây do trạm ký, dấu thời gian RFC 3161
    GOI.json                   mã SHA-256 của mọi tệp, do trạm ký
    kiem-tra.pyz               chương trình kiểm tra, mã nguồn đọc được

Kiểm tra, chỉ cần Python 3.11 trở lên, không cần mạng:
    python kiem-tra.pyz .
Nên thêm những gì anh/chị giữ từ trước, không lấy trong gói:
    python kiem-tra.pyz . --key station.pub --trust CHUNG-THU --witness PHIEU.txt

Gói chứng minh: đúng tệp này đã được nhận, mô tả và lưu, theo các sự kiện ghi trong nhật ký trước
thời điểm của dấu thời gian; không byte nào đổi từ đó; chữ ký số trong PDF là trên đúng các byte
này.
Gói KHÔNG chứng minh: giấy gốc là thật; điều ghi trong sự kiện là đúng; không có sự kiện nào mới
hơn; chứng thư của người ký còn hiệu lực lúc ký (điều đó nằm trong kết quả kiểm tra kèm theo, do
trạm làm; phần mềm PAdES nào cũng kiểm tra lại được từ tin-cay/ và dữ liệu trong PDF). Đây không
phải bản sao có giá trị thay bản chính. Tệp có dữ liệu cá nhân: hãy giữ như giữ giấy gốc.

What it proves: these very files were taken in, described and kept, as the events of the log say,
before the time of the timestamp; no byte has changed since; the signatures in the PDFs are over
just these bytes. What it does NOT prove: that the paper was genuine, that what an event says is
true, that there is no newer event, or that a signer's certificate stood when it signed: that is in
the verdict, given by the station; any PAdES program can repeat it from tin-cay/ and the PDF. Bring
your own copy of the station's key, of the timestamp certificates and of a witness file where you
have them; take kiem-tra.pyz from elsewhere where you doubt who gave you this. It holds personal
data.
"""
PDF = "ban-luu.pdf"
"""Name of a filed PDF."""
_PAPERS, _ORIGINAL = "giay-to", "ban-goc"
_SHARED = "Bản quét còn có giấy tờ khác, không thuộc gói này."
_ABSENT = "Kho giao giấy tờ này không gửi kèm bản quét."
# What belongs to trust: certificates, their notes, the rules.
_TRUST_SUFFIXES = {".pem", ".crt", ".cer", ".der", ".txt", ".toml"}
_MOST_SUFFIX_LETTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePaper:
    """One paper that goes into a bundle."""

    record: Record
    link: Link
    """Its place in the dossier that the bundle is of."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What others know of it, by name: `papers.VERDICT` must be among them."""


def write_bundle(
    archive: Archive, wanted: Sequence[BundlePaper], target: Path, ground: Ground
) -> package.Manifest:
    """Write a bundle into an empty folder; the same archive and moment give the same bytes.

    Args:
        archive: Whose papers; every object is compared with its digest on its way out.
        wanted: The papers, in order.
        target: The folder.
        ground: Key, moment and timestamp certificates; their folder lies in that of all trust.

    Raises:
        TargetNotEmpty: The folder holds something.
        ObjectMissing, ObjectDamaged: A file is not what was filed; the bundle is not whole then.
    """
    make_empty(target)
    records = [paper.record for paper in wanted]
    entries = [_write_paper(archive, paper, target, records) for paper in wanted]
    (target / papers.LIST).write_bytes(papers.list_bytes(entries))
    _copy_trust(ground.trust.parent, target / package.ALL_TRUST)
    head = archive.sign_head(ground.key, ground.at)
    assert head is not None, "papers were filed, so there are events"
    ids = sorted(record.id for record in records)
    told = {event.seq: event for one in ids for event in events_of(archive, one)}
    sizes = write_proofs(archive, target, [told[seq] for seq in sorted(told)], head)
    write_common(archive, target, ground, sizes=sizes, readme=_README)
    return seal(target, ground, (package.BUNDLE, head.size, head.root))


def _write_paper(
    archive: Archive, paper: BundlePaper, target: Path, leaving: Sequence[Record]
) -> PaperEntry:
    record, link = paper.record, paper.link
    folder = f"{_PAPERS}/{link.dossier_code}.{link.ordinal}"
    place = target / folder
    place.mkdir(parents=True)
    archive.objects.copy_to(record.pdf.sha256, place / PDF)
    left_out = _SHARED if shows_others(archive, record, leaving) else ""
    if record.original.sha256 in archive.accessions.absent_of(record.id):
        left_out = _ABSENT
    original = None
    if record.original.sha256 != record.pdf.sha256 and not left_out:
        original = _ORIGINAL + _suffix(record.original_name)
        archive.objects.copy_to(record.original.sha256, place / original)
    (place / papers.RECORD).write_bytes(archive.records.canonical(record))
    for name, data in paper.files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return PaperEntry(id=record.id, folder=folder, pdf=PDF, original=original, left_out=left_out)


def _suffix(name: str) -> str:
    """Return the ending of a file's name, where it is a plain one."""
    ending = PurePosixPath(name).suffix.lower()
    is_plain = ending[1:].isascii() and ending[1:].isalnum()
    return ending if is_plain and len(ending) <= _MOST_SUFFIX_LETTERS else ""


def _copy_trust(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix.lower() in _TRUST_SUFFIXES:
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
