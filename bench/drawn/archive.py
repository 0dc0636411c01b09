"""Papers of running text for `bench/archive.py`, drawn by seed, and what is asked of them.

Sentences are a Markov chain over the program's own texts of the law's language; into them go names,
codes, numbers, and a long tail of rare words, as recognition makes them. A vocabulary this small
makes lists of places denser than a real archive's, so frequent words cost more here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.vietnamese import fold
from config.vocabulary import Role
from storage.model import FieldValue, NewLink, NewRecord, ObjectRef, PageText
from storage.register import Dossier, Procedure, RegisterBatch

LANGUAGE = Path(__file__).resolve().parents[2] / "digitize" / "language"
WORDS_A_PAGE = 256
WORDS_A_LINE = 14
PAPERS_A_DOSSIER = 4
_PAGES = (1, 1, 2, 3, 4, 4)
_FAMILIES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
)
_MIDDLES = (
    "Văn",
    "Thị",
    "Hữu",
    "Đức",
    "Minh",
    "Ngọc",
    "Thanh",
    "Quốc",
    "Thu",
    "Xuân",
    "Hoài",
    "Bảo",
)
_GIVEN = (
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Giang",
    "Hà",
    "Hòa",
    "Hùng",
    "Khánh",
    "Lan",
    "Long",
    "Mai",
    "Nam",
    "Phúc",
    "Sơn",
    "Thủy",
)
_CLASSES = {
    "GKS": "Giấy khai sinh",
    "TKHT": "Tờ khai đăng ký hộ tịch",
    "CCCD": "Căn cước công dân",
    "GCNQSDD": "Giấy chứng nhận quyền sử dụng đất",
    "QDD": "Quyết định",
    "GPXD": "Giấy phép xây dựng",
    "GTN": "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
}
# Papers of an office have a subject of their own, forms have their name.
_TITLED = ("QDD",)
_LETTERS = "bcdghklmnpqrstvxaeiouyàáảạăâđêôơưế"
START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a drawn archive: a kind of query, and its queries."""

    name: str
    queries: tuple[str, ...]
    kind: str = "papers"


class Drawing:
    """Draws one archive.

    Args:
        seed: the same seed draws the same papers.
    """

    def __init__(self, seed: int) -> None:
        texts = [path.read_text(encoding="utf-8") for path in sorted(LANGUAGE.glob("*.txt"))]
        self._tokens = "\n".join(texts).split()
        self._next: dict[str, list[str]] = {}
        for word, follower in zip(self._tokens, self._tokens[1:], strict=False):
            self._next.setdefault(word, []).append(follower)
        self._draw = random.Random(seed)  # noqa: S311  # drawn papers, no secret
        self._rare = [self._odd_word() for _ in range(20_000)]
        self.names: list[str] = []
        self._person = ("", "")

    def papers(self, pages: int) -> Iterator[tuple[NewRecord, NewLink, datetime]]:
        """Yield papers until there are so many pages."""
        drawn = number = 0
        while drawn < pages:
            dossier = number // PAPERS_A_DOSSIER
            texts = [self._page() for _ in range(self._draw.choice(_PAGES))]
            yield self._paper(number, dossier, texts), self._link(number, dossier), _time(number)
            drawn += len(texts)
            number += 1

    def register(self, papers: int) -> RegisterBatch:
        """Return the dossiers and procedures of so many papers."""
        procedures = tuple(
            Procedure(code=f"1.{number:06}", title=f"Thủ tục {self._sentence(9)}")
            for number in range(200)
        )
        dossiers = tuple(
            Dossier(
                code=_code(number),
                title=f"Hồ sơ {self._draw.choice(procedures).title.lower()}",
                procedure_code=self._draw.choice(procedures).code,
                agency_code=_agency(number),
                applicant=self._name(),
            )
            for number in range(papers // PAPERS_A_DOSSIER + 1)
        )
        return RegisterBatch(procedures=procedures, dossiers=dossiers)

    def questions(self, count: int) -> tuple[Asked, ...]:
        """Return so many queries of each kind."""
        draw = self._draw

        def many(make: Callable[[], str]) -> tuple[str, ...]:
            return tuple(make() for _ in range(count))

        def run(length: int) -> str:
            return self._sentence(length)

        frequent = ("của", "công dân", "nhân dân", "hồ sơ", "quy định", "giấy tờ", "cấp", "ngày")
        tokens, rare, names = self._tokens, self._rare, self.names
        papers = {
            "rare word": many(lambda: draw.choice(rare)),
            "frequent word": many(lambda: draw.choice(frequent)),
            "2 words": many(lambda: " ".join(draw.sample(tokens, 2))),
            "3 words, no marks": many(lambda: fold(" ".join(draw.sample(tokens, 3)))),
            "phrase of 4": many(lambda: f'"{run(4)}"'),
            "4 words in order": many(lambda: run(4)),
            "code": many(lambda: f"{draw.randint(1, 9999)}/QĐ-UBND"),
            "dossier code": many(lambda: _code(draw.randrange(5_000))),
            "prefix": many(lambda: draw.choice(tokens)[:3] + "*"),
            "name on papers": many(lambda: draw.choice(names)),
        }
        dossiers = {
            "name on dossiers": many(lambda: draw.choice(names)),
            "name, no marks, on dossiers": many(lambda: fold(draw.choice(names))),
        }
        return (
            *(Asked(name=name, queries=queries) for name, queries in papers.items()),
            *(Asked(name=n, kind="dossiers", queries=queries) for n, queries in dossiers.items()),
        )

    def _page(self) -> str:
        draw, lines, words = self._draw, [], []
        word = draw.choice(self._tokens)
        for place in range(WORDS_A_PAGE):
            words.append(word)
            word = draw.choice(self._next.get(word) or self._tokens)
            odd = draw.random()
            if odd < 0.012:
                words.append(draw.choice(self._rare))
            elif odd < 0.016:
                words.append(self._name())
            elif odd < 0.020:
                words.append(f"{draw.randint(1, 9999)}/QĐ-UBND")
            if place % WORDS_A_LINE == WORDS_A_LINE - 1:
                lines.append(" ".join(words))
                words = []
        return "\n".join([*lines, " ".join(words)])

    def _sentence(self, length: int) -> str:
        start = self._draw.randrange(len(self._tokens) - length)
        return " ".join(self._tokens[start : start + length]).replace('"', "")

    def _odd_word(self) -> str:
        return "".join(self._draw.choices(_LETTERS, k=self._draw.randint(3, 8)))

    def _name(self) -> str:
        draw = self._draw
        name = " ".join(map(draw.choice, (_FAMILIES, _MIDDLES, _GIVEN, _GIVEN)))
        self.names.append(name)
        return name

    def _paper(self, number: int, dossier: int, texts: list[str]) -> NewRecord:
        draw = self._draw
        digest = f"{draw.getrandbits(256):064x}"
        stored = ObjectRef(sha256=digest, sha512=digest * 2, size_bytes=200_000)
        kind = draw.choice(tuple(_CLASSES))
        name = _CLASSES[kind]
        title = f"{name} {self._sentence(10)}" if kind in _TITLED else name
        holder = FieldValue(name="holder", value=self._name(), confidence=0.9, page=1)
        digits = FieldValue(
            name="personal_number", value=f"{draw.randrange(10**12):012}", confidence=1
        )
        return NewRecord(
            id=f"{number:08x}-0000-7000-8000-{draw.getrandbits(48):012x}",
            submission_id=f"nop-{number}", paper=1, class_code=kind,
            class_name=name, title=title, original=stored,
            original_name=f"{dossier}.pdf", original_media_type="application/pdf", pdf=stored,
            pages=tuple(PageText(number=at, text=text) for at, text in enumerate(texts, start=1)),
            page_count=len(texts), mean_confidence=0.93, fields=(holder, digits),
            verdict="TOTAL-PASSED", rule_set="2026-01", classes_version="1",
        )  # fmt: skip

    def _link(self, number: int, dossier: int) -> NewLink:
        is_result = number % PAPERS_A_DOSSIER == PAPERS_A_DOSSIER - 1
        return NewLink(
            dossier_code=_code(dossier), role=Role.RESULT if is_result else Role.COMPONENT
        )


def _agency(dossier: int) -> str:
    return f"H{15 + dossier % 20}.{dossier % 40:02}"


def _code(dossier: int) -> str:
    return f"{_agency(dossier)}-{261000 + dossier % 27 + 1}-{dossier % 10_000:04}"


def _time(number: int) -> datetime:
    return START + timedelta(minutes=number)
