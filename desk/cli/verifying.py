"""`hoso verify`: judge the signatures of PDFs, one file or thousands, and write reports on them."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from config.signature_policy import Profile
from desk.changed_pages import draw_changed_pages
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json_list, print_lines, show_progress, tell
from desk.damage import damage_lines
from desk.errors import PathUnusable, StationNotFound
from desk.exit_codes import DONE, LOOK
from desk.moments import now, parse_moment
from desk.networks import station_network
from desk.people import current_person
from desk.reverification import Rejudged, describe_rejudged, rejudge, rejudged_json
from desk.verdict_reports import ReportTarget
from digitize.errors import DigitizeError
from signing.judges import Ground, judge_many
from signing.model import FileVerdict
from signing.report import is_passed, verdict_json
from signing.shown_text import shown
from signing.statement import conclude, describe, state
from signing.texts import Language
from signing.trust import profile_folder
from storage.archive import open_archive

# A line shows what a person asked for, whole; the names of files are their makers' words.
_NAME_LETTERS = 4096
_JUDGES = os.cpu_count() or 1
Judged = tuple[str, FileVerdict]
"""A file as it was named, and the verdict on it."""


def _typed_moment(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"«{text}» không phải thời điểm, ví dụ 2026-11-22 hoặc 2026-11-22T08:30"
        ) from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the files, the anchors, the moment, and what is written of the verdicts."""
    parser.add_argument("files", nargs="*", metavar="TỆP", help="tệp PDF hoặc thư mục")
    parser.add_argument(
        "--archive", action="store_true", help="kiểm tra lại mọi giấy tờ đã lưu kho của trạm"
    )
    parser.add_argument("--trust", type=Path, metavar="THƯ-MỤC", help="chứng thư gốc tin cậy")
    parser.add_argument(
        "--profile",
        choices=[profile.value for profile in Profile],
        metavar="HỆ-THỐNG",
        help="chỉ tin cong-vu (chuyên dùng công vụ) hoặc cong-cong (công cộng)",
    )
    parser.add_argument("--at", type=_typed_moment, metavar="LÚC", help="thời điểm kiểm tra, ISO")
    parser.add_argument(
        "--online", action="store_true", help="hỏi tình trạng thu hồi ở các máy chủ trong hoso.toml"
    )
    parser.add_argument(
        "--report", type=Path, metavar="ĐÍCH", help="báo cáo .pdf, .html, .xml, hoặc thư mục"
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="THƯ-MỤC",
        help="vẽ cạnh nhau từng trang lúc ký và trang hiện nay, khi hai bên khác nhau",
    )
    parser.add_argument(
        "--lang",
        choices=[language.value for language in Language],
        default=Language.VI.value,
        metavar="TIẾNG",
        help="vi (mặc định) hoặc en",
    )


def verify(arguments: argparse.Namespace) -> int:
    """Judge the signatures of PDFs side by side; works without a station."""
    if arguments.archive:
        return reverify(arguments)
    names = list(_expand(arguments.files))
    language = Language(arguments.lang)
    target = _target(arguments, names)
    paths = [Path(name) for name in names]
    verdicts = judge_many(paths, _ground(arguments), _moment(arguments), _JUDGES)
    found = _Found()
    judged = found.counted(show_progress(zip(names, verdicts, strict=True), len(names)))
    if target is not None:
        judged = _reported(judged, target)
    if arguments.pictures is not None:
        judged = _pictured(judged, arguments.pictures)
    if wants_json(arguments):
        print_json_list(verdict_json(verdict, name) for name, verdict in judged)
    else:
        briefly = any(Path(name).is_dir() for name in arguments.files)
        _print(judged, language, briefly=briefly)
        print_lines(found.summary() if briefly else [])
    if not names:
        tell("Không có tệp PDF nào để kiểm tra. (there is no PDF to judge)")
    return DONE if names and found.all_passed else LOOK


def reverify(arguments: argparse.Namespace) -> int:
    """Judge every filed paper anew; what is another verdict now is told, and is an event."""
    station = station_of(arguments)
    ground, at = Ground(trust=station.trust, network=station_network(station)), _moment(arguments)
    judge = partial(judge_many, ground=ground, at=at, judges=_JUDGES)
    found, damaged = _Found(), list[str]()
    with open_archive(station.archive) as archive:
        judged = rejudge(archive, judge, damaged, actor=current_person(), at=at)
        looked = found.looked(show_progress(judged, archive.records.count()))
        if wants_json(arguments):
            print_json_list(rejudged_json(item) for item in looked)
        else:
            changed = (item for item in looked if item.is_changed or not is_passed(item.verdict))
            print_lines(map(describe_rejudged, changed))
            print_lines(found.summary())
    for line in damage_lines(damaged):
        tell(line)
    return DONE if found.all_passed and not damaged else LOOK


class _Found:
    """What was found so far: of thousands of files no more is kept."""

    def __init__(self) -> None:
        self.all_passed = True
        self._count: Counter[str] = Counter()

    def counted(self, judged: Iterable[Judged]) -> Iterator[Judged]:
        for name, verdict in judged:
            self.all_passed = self.all_passed and is_passed(verdict)
            self._count[conclude(verdict)] += 1
            yield name, verdict

    def looked(self, judged: Iterable[Rejudged]) -> Iterator[Rejudged]:
        for item in judged:
            self.all_passed = self.all_passed and not item.is_changed
            for _ in self.counted([(item.record_id, item.verdict)]):
                yield item

    def summary(self) -> list[str]:
        return ["", *(f"{number} tệp: {word}" for word, number in self._count.most_common())]


def _moment(arguments: argparse.Namespace) -> datetime:
    at: datetime = arguments.at or now()
    return at


def _ground(arguments: argparse.Namespace) -> Ground:
    trust = _trust(arguments)
    if arguments.profile and trust is not None:
        trust = profile_folder(trust, Profile(arguments.profile))
    network = station_network(station_of(arguments)) if arguments.online else None
    return Ground(trust=trust, network=network)


def _trust(arguments: argparse.Namespace) -> Path | None:
    if arguments.trust is not None:
        return Path(arguments.trust)
    try:
        return station_of(arguments).trust
    except StationNotFound:
        if arguments.station:
            raise
        return None


def _target(arguments: argparse.Namespace, names: Sequence[str]) -> ReportTarget | None:
    if arguments.report is None:
        return None
    target = ReportTarget(arguments.report, Language(arguments.lang))
    if target.holds_one and len(names) != 1:
        raise PathUnusable(
            f"Có {len(names)} tệp nên --report phải là một thư mục, không phải {arguments.report}.",
            f"{len(names)} files need a folder for their reports, not {arguments.report}",
        )
    return target


def _reported(judged: Iterable[Judged], target: ReportTarget) -> Iterator[Judged]:
    for name, verdict in judged:
        target.write(verdict, name)
        yield name, verdict


def _pictured(judged: Iterable[Judged], folder: Path) -> Iterator[Judged]:
    for name, verdict in judged:
        try:
            for pages in draw_changed_pages(verdict, folder):
                field = shown(pages.field)
                tell(f"{shown(name, _NAME_LETTERS)}, chữ ký «{field}»: {len(pages.pictures)} trang")
        except DigitizeError as error:
            # One file that cannot be drawn does not cost the others their verdicts.
            tell(f"{shown(name, _NAME_LETTERS)}: {error.vi}")
        yield name, verdict


def _expand(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if Path(name).is_dir():
            yield from sorted(_pdfs_below(name))
        else:
            yield name


def _pdfs_below(folder: str) -> list[str]:
    """List the PDFs in a folder and those below; and the folders that cannot be looked into."""
    found: list[str] = []
    closed: list[str] = []

    def note(error: OSError) -> None:
        closed.append(str(error.filename))

    for place, _, names in os.walk(folder, onerror=note):
        found += [str(Path(place, name)) for name in names if name.lower().endswith(".pdf")]
    return [*found, *closed]


def _print(judged: Iterable[Judged], language: Language, *, briefly: bool) -> None:
    """Print each verdict as soon as it is there; of a folder one line a file."""
    for name, verdict in judged:
        if briefly:
            print_lines([f"{shown(name, _NAME_LETTERS)}: {conclude(verdict, language)}"])
        else:
            lines = describe(state(verdict, name, language))
            print_lines([shown(name, _NAME_LETTERS), *(f"  {line}" for line in lines), ""])


VERIFY = Command(name="verify", help="kiểm tra chữ ký số", add_arguments=add_arguments, run=verify)
