"""What a check found, told to people and to programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from storage.outsider.export_checks import Own, Report
from storage.outsider.pdf_signatures import PdfSignature


def report_json(report: Report) -> dict[str, Any]:
    """Return what was found, for programs."""
    return {
        "ok": not report.faults,
        "kind": report.kind,
        "events": report.events,
        "root": report.root,
        "heads": len(report.heads),
        "anchors": [
            {"size": size, "time": _time(stamp.time), "authority": stamp.authority}
            for size, stamp in report.stamps.items()
        ],
        "open_captures": [asdict(item) for item in report.open_captures],
        "files": {name: asdict(found) for name, found in report.files.items()},
        "papers": [
            {
                "id": paper.id,
                "verdict": paper.verdict,
                "signatures": [_plain_signature(one) for one in paper.signatures],
            }
            for paper in report.papers
        ],
        "faults": [asdict(fault) for fault in report.faults],
    }


def _plain_signature(one: PdfSignature) -> dict[str, Any]:
    return {
        "covered": list(one.covered),
        "holds": one.holds,
        "why": one.why,
        "signer": one.signer,
        "anchor": one.anchor,
        "before": _time(one.before) if one.before else None,
        "authority": one.authority,
    }


def _time(at: Any) -> str:
    return str(at.isoformat().replace("+00:00", "Z"))


def describe_report(report: Report, own: Own) -> Iterator[str]:
    """Yield what was found, for people."""
    yield f"{report.events} sự kiện, gốc cây {report.root}"
    yield f"{len(report.heads)} đầu cây do trạm ký, {len(report.stamps)} dấu thời gian đúng."
    for size, stamp in report.stamps.items():
        yield f"  {size} sự kiện đầu có trước {_time(stamp.time)}, theo {stamp.authority}"
    if not report.stamps:
        yield "  chưa có dấu thời gian của bên thứ ba: thời điểm chỉ do trạm nói"
    for item in report.open_captures:
        yield f"  chưa có kết thúc: {item.submission_id} (sự kiện {item.seq}, {item.at})"
    yield from _files(report)
    yield from _papers(report)
    if own.key is None:
        yield "Chú ý: dùng station.pub trong gói. Hãy so với bản anh/chị giữ (--key)."
    if own.trust is None:
        yield "Chú ý: dùng chứng thư dấu thời gian trong gói. Hãy so với bản tin cậy (--trust)."
    yield "Không thấy sai lệch." if not report.faults else f"{len(report.faults)} SAI LỆCH:"
    for fault in report.faults:
        yield f"  {fault.kind} {fault.identifier}: {fault.vi} ({fault.en})"


def _signature_line(one: PdfSignature) -> str:
    if one.holds is None:
        return f"chữ ký không kiểm tra được ở đây ({one.why}); hãy dùng kết quả trong gói"
    if not one.holds:
        return f"CHỮ KÝ SAI: {one.why}"
    when = f", có trước {_time(one.before)} theo {one.authority}" if one.before else ""
    root = f", dẫn tới {one.anchor}" if one.anchor else ", KHÔNG dẫn tới chứng thư gốc nào ở đây"
    return f"chữ ký đúng: {one.signer}{when}{root}"


def _files(report: Report) -> Iterator[str]:
    for name, found in report.files.items():
        if found.events:
            when = f", có trước {found.before}" if found.before else ""
            yield f"  {name}: đúng tệp của sự kiện {', '.join(map(str, found.events))}{when}"


def _papers(report: Report) -> Iterator[str]:
    for paper in report.papers:
        yield f"  giấy tờ {paper.id}: trạm đã kiểm tra chữ ký, kết quả {paper.verdict}"
        yield from (f"    {_signature_line(one)}" for one in paper.signatures)
