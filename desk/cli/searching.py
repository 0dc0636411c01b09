"""`hoso search`, `reindex`: find papers and dossiers; make the index anew."""

from __future__ import annotations

import argparse
from typing import Any

from desk.cli.command import Command, station_of, wants_json
from desk.cli.lists import ROLES
from desk.cli.output import print_json, print_lines, print_table, tell
from desk.damage import damage_lines
from desk.exit_codes import DONE
from desk.search_views import view_dossiers, view_missing, view_papers
from storage.archive import Archive, open_archive
from storage.facets import EVERY_VALUE
from storage.search import Filters, SearchRequest

# Option, attribute of the filters, its sign, what it means.
_FILTERS = (
    ("--agency", "agency", "MÃ", "chỉ của cơ quan này (mã định danh)"),
    ("--procedure", "procedure", "MÃ", "chỉ của thủ tục này"),
    ("--class", "class_code", "MÃ", "chỉ loại giấy tờ này"),
    ("--year", "year", "NĂM", "chỉ lưu kho trong năm này"),
    ("--verdict", "verdict", "KẾT-LUẬN", "chỉ chữ ký có kết luận này khi lưu kho"),
    ("--role", "role", "VAI-TRÒ", "receipt, component hoặc result"),
    ("--holder", "holder", "TÊN", "chỉ của chủ giấy tờ này: họ tên đầy đủ hoặc số định danh"),
    ("--dossier", "dossier", "MÃ", "chỉ trong hồ sơ này"),
)
_FACETS = {
    "agency": "Cơ quan",
    "procedure": "Thủ tục",
    "class_code": "Loại giấy tờ",
    "year": "Năm lưu kho",
    "verdict": "Chữ ký khi lưu kho",
    "role": "Vai trò",
}


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the query, what it is asked of, and which part of its answer."""
    query = "từ cần tìm; có dấu hay không đều được"
    parser.add_argument("query", metavar="CÂU-HỎI", nargs="?", default="", help=query)
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="số kết quả mỗi trang")
    parser.add_argument("--after", default=None, metavar="CON-TRỎ", help="trang tiếp theo")
    parser.add_argument(
        "--kind", choices=("papers", "dossiers"), default="papers", help="tìm giấy tờ hay hồ sơ"
    )
    parser.add_argument(
        "--order", choices=("newest", "relevance"), default="newest", help="thứ tự trong mỗi bậc"
    )
    parser.add_argument("--overlay", action="store_true", help="tìm cả chữ trong dấu, nét bút")
    parser.add_argument("--near", action="store_true", help="tìm gần đúng: từ bị đọc sai một chữ")
    parser.add_argument("--facets", action="store_true", help="đếm theo cơ quan, loại, năm…")
    parser.add_argument("--missing", choices=("result",), help="hồ sơ thiếu kết quả, và ngược lại")
    for option, name, sign, meaning in _FILTERS:
        parser.add_argument(
            option, dest=name, metavar=sign, action="append", default=[], help=meaning
        )


def search(arguments: argparse.Namespace) -> int:
    """Find records by what is written on them, or dossiers by title and names."""
    request = _request(arguments)
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        answer = _answer(request, arguments, archive)
    if wants_json(arguments):
        print_json(answer)
    elif arguments.missing:
        _print_missing(answer)
    else:
        _print_answer(answer)
    return DONE


def _request(arguments: argparse.Namespace) -> SearchRequest:
    return SearchRequest(
        query=arguments.query,
        limit=max(1, arguments.limit),
        after=arguments.after,
        kind=arguments.kind,
        order=arguments.order,
        overlay=arguments.overlay,
        near=arguments.near,
        filters=Filters(**{name: tuple(getattr(arguments, name)) for _, name, _, _ in _FILTERS}),
    )


def _answer(
    request: SearchRequest, arguments: argparse.Namespace, archive: Archive
) -> dict[str, Any]:
    if arguments.missing:
        return view_missing(request, archive)
    if request.kind == "dossiers":
        return view_dossiers(request, archive)
    return view_papers(request, archive, facets=EVERY_VALUE if arguments.facets else 0)


def _print_answer(answer: dict[str, Any]) -> None:
    if answer["behind"]:
        tell(
            f"Chỉ mục chưa theo kịp {answer['behind']} giấy tờ; kết quả có thể thiếu. "
            "Hãy chạy «hoso reindex». (the index is behind; run `hoso reindex`)"
        )
    count = f"{'hơn ' if answer['more'] else ''}{answer['count']}"
    if "dossiers" in answer:
        _print_dossiers(count, answer["dossiers"])
    else:
        _print_papers(count, answer)
    print_lines(damage_lines(answer["damaged"]))
    if answer["next"]:
        print_lines([f"Trang tiếp theo: --after {answer['next']}"])


def _print_papers(count: str, answer: dict[str, Any]) -> None:
    rows = [
        (
            record["dossier_code"],
            record["title"] or record["class"],
            ROLES[record["role"]],
            _place(record["hits"]),
        )
        for record in answer["records"]
    ]
    print_table(f"{count} giấy tờ", ("Hồ sơ", "Giấy tờ", "Vai trò", "Dòng tìm thấy"), rows)
    for name, label in _FACETS.items() if answer["facets"] else ():
        counted = ", ".join(f"{item['value']} ({item['count']})" for item in answer["facets"][name])
        print_lines([f"{label}, trong {answer['facets']['of']} giấy tờ mới nhất: {counted or '-'}"])


def _place(hits: list[dict[str, Any]]) -> str:
    """Return the line that answers best, its words marked, and say where it was read."""
    if not hits:
        return ""
    hit = hits[0]
    text = hit["text"]
    for start, end in reversed(hit["marks"]):
        text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
    place = ", trong dấu hoặc nét bút" if hit["overlay"] else ""
    others = f" (và {len(hits) - 1} chỗ nữa)" if len(hits) > 1 else ""
    return f"tr. {hit['page']}{place}: {text}{others}"


def _print_dossiers(count: str, dossiers: list[dict[str, Any]]) -> None:
    rows = [
        (
            item["code"],
            item["title"] or "(chưa có trong sổ)",
            item["applicant"] or "",
            str(item["papers"]),
        )
        for item in dossiers
    ]
    print_table(f"{count} hồ sơ", ("Hồ sơ", "Tiêu đề", "Người nộp", "Giấy tờ"), rows)


def _print_missing(answer: dict[str, Any]) -> None:
    settled = [
        (item["code"], item["title"], item["settled_at"], str(item["registered_results"]))
        for item in answer["dossiers"]
    ]
    headings = ("Hồ sơ", "Tiêu đề", "Giải quyết ngày", "Kết quả theo sổ")
    print_table(f"{len(settled)} hồ sơ đã giải quyết, chưa lưu kết quả", headings, settled)
    lone = [(item["dossier_code"], item["title"], item["record_id"]) for item in answer["records"]]
    title = f"{len(lone)} kết quả của hồ sơ chưa có trong sổ"
    print_table(title, ("Hồ sơ", "Kết quả", "Mã lưu trữ"), lone)
    print_lines(damage_lines(answer["damaged"]))


SEARCH = Command(
    name="search", help="tìm trong kho", add_arguments=add_search_arguments, run=search
)


def reindex(arguments: argparse.Namespace) -> int:
    """Make the search index anew from the records."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        count = archive.reindex()
        behind = archive.index_lag()
    if wants_json(arguments):
        print_json({"records": count, "behind": behind})
    else:
        print_lines([f"Đã lập lại chỉ mục tìm kiếm của {count} giấy tờ."])
    return DONE


REINDEX = Command(name="reindex", help="lập lại chỉ mục tìm kiếm", run=reindex)
