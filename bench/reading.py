"""`hoso read --pdf` beside OCRmyPDF and the bare engine, on drawn pages whose text is known.

python bench/reading.py [--pages N] [--stamped N] [--group N] [--seed S] [--keep DIR]

How it is measured and how to read it: bench/README.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # fixtures are not installed

from bench.rivals import stamped, station, texts
from bench.rivals.programs import (
    CORES,
    NOTHING,
    OCRMYPDF,
    BareTesseract,
    Hoso,
    OcrMyPdf,
    Program,
    Spent,
    bind,
    compile_ours,
    measure,
    pdf_of,
)
from digitize.recipes import Recipe
from fixtures.reading.drawing import draw_set
from fixtures.reading.truth import Truth

# What a recipe is called when a page was looked at a second time.
SECOND_LOOKS = tuple(recipe.value for recipe in Recipe if recipe is not Recipe.USUAL)
_DOCUMENT_PAGES = 12
OURS, FAST, THEIRS, BARE = "hoso", "hoso+tesserocr", "OCRmyPDF", "tesseract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What is compared, and on what."""

    files: Sequence[Truth]
    programs: Sequence[Program]
    work: Path
    spent: dict[tuple[str, str], Spent] = field(default_factory=dict)
    """By program and subset: `first look` or `second look`."""

    @property
    def names(self) -> list[str]:
        """Names of the programs, in their columns' order."""
        return [program.name for program in self.programs]

    def out(self, name: str) -> Path:
        """Return the folder that a program writes into."""
        return self.work / name

    def total(self, name: str, *subsets: str) -> Spent:
        """Return what a program took over some subsets."""
        return sum((self.spent.get((name, subset), NOTHING) for subset in subsets), NOTHING)


def groups_of(files: Sequence[Truth], size: int) -> Iterator[Sequence[Truth]]:
    """Cut files into groups that are measured together."""
    for start in range(0, len(files), size):
        yield files[start : start + size]


def split_by_look(bench: Bench) -> dict[str, list[Truth]]:
    """Read everything once, unmeasured; return which files needed a second look."""
    out = bench.work / "first"
    measure(Hoso(name=OURS), bench.files, out)
    pages = texts.read_pages(out)
    found: dict[str, list[Truth]] = {"first look": [], "second look": []}
    for item in bench.files:
        recipes = [page["recipe"] for page in pages[item.path]]
        again = item.degradation == "phone" or any(
            step in recipe.split("+") for recipe in recipes for step in SECOND_LOOKS
        )
        found["second look" if again else "first look"].append(item)
    return found


def run_side_by_side(bench: Bench, size: int) -> dict[str, list[Truth]]:
    """Measure all programs group by group, each group beginning with another of them."""
    subsets = split_by_look(bench)
    turn = 0
    for subset, files in subsets.items():
        for group in groups_of(files, size):
            order = [*bench.programs[turn:], *bench.programs[:turn]]
            turn = (turn + 1) % len(bench.programs)
            for program in order:
                out = bench.out(program.name) / f"group-{group[0].path.stem}"
                key = (program.name, subset)
                bench.spent[key] = bench.total(*key) + measure(program, group, out)
                _gather(out, bench.out(program.name))
    return subsets


def print_document(bench: Bench, files: Sequence[Truth]) -> dict[str, float]:
    """Measure the pages of some scans bound into one document; return the ratios.

    A file of one page costs a start of each program; here nobody pays that.
    """
    chosen = [item for item in files if item.path.suffix == ".jpg"][:_DOCUMENT_PAGES]
    if THEIRS not in bench.names or not chosen:
        return {}
    document = bind(chosen, bench.work / "document.pdf")
    spent: dict[str, Spent] = {}
    for turn in range(2):
        programs = [item for item in bench.programs if item.name != BARE]
        for program in programs[:: -1 if turn else 1]:
            took = measure(program, [document], bench.work / f"document-{program.name}")
            spent[program.name] = spent.get(program.name, NOTHING) + took
    theirs = spent[THEIRS].pages_per_minute
    print(f"\none document of {len(chosen)} pages, pages/min and CPU s a page")
    for name, took in spent.items():
        print(f"{name:<16}{took.pages_per_minute:>8.1f}{took.cpu_per_page:>8.2f}"
              f"{took.pages_per_minute / theirs:>8.2f} times OCRmyPDF")  # fmt: skip
    return {
        f"times_OCRmyPDF_{name}_document": took.pages_per_minute / theirs
        for name, took in spent.items()
        if name != THEIRS
    }


def _gather(group: Path, target: Path) -> None:
    for path in group.iterdir():
        if path.name != "read.json":
            path.rename(target / path.name)


def print_speed(bench: Bench, subsets: dict[str, list[Truth]]) -> None:
    """Print pages a minute and CPU a page, for all pages and by subset."""
    heads = "".join(f"{name:>16}" for name in bench.names)
    print(f"\n{'pages/min, CPU s a page':<26}{'pages':>6}{heads}")
    rows = {"all": tuple(subsets), **{name: (name,) for name in subsets}}
    for row, wanted in rows.items():
        spent = {name: bench.total(name, *wanted) for name in bench.names}
        if not spent[OURS].pages:
            continue
        cells = [
            f"{item.pages_per_minute:>8.1f}{item.cpu_per_page:>8.2f}" for item in spent.values()
        ]
        print(f"{row:<26}{spent[OURS].pages:>6}{''.join(cells)}")
        floor = spent[BARE]
        shares = [
            f"{item.pages_per_minute / floor.pages_per_minute:>16.2f}" for item in spent.values()
        ]
        print(f"{'  share of the floor':<32}{''.join(shares)}")
        shares = [f"{item.cpu_per_page / floor.cpu_per_page:>16.2f}" for item in spent.values()]
        print(f"{'  CPU over bare':<32}{''.join(shares)}")
    for name in bench.names:
        written = [pdf_of(item, bench.out(name)) for item in bench.files]
        size = sum(path.stat().st_size for path in written if path.exists())
        missing = sum(not path.exists() for path in written)
        print(f"{name:<16}{size:>12,} bytes written, {missing} files without a PDF")
    print(f"{'scans':<16}{sum(item.path.stat().st_size for item in bench.files):>12,} bytes")


def print_quality(bench: Bench) -> dict[str, float]:
    """Print errors and recall for each degradation; return the named means."""
    pdfs = [name for name in bench.names if name != BARE]
    read = {(BARE, "table"): texts.by_table(bench.files, bench.out(BARE))}
    for name in pdfs:
        read[name, "pdftotext"] = texts.by_pdftotext(bench.files, bench.out(name))
        read[name, "pdfplumber"] = texts.by_pdfplumber(bench.files, bench.out(name))
    print(
        "\nCER % of the extracted text; then word recall %, exact / without diacritics, pdftotext"
    )
    print(f"{'':<20}" + "".join(f"{name:>18}" for name, _ in read))
    print(f"{'':<20}" + "".join(f"{how:>18}" for _, how in read))
    kinds = list(dict.fromkeys(item.degradation for item in bench.files))
    worst = -100.0
    for kind in [*kinds, "all"]:
        files = [item for item in bench.files if kind in (item.degradation, "all")]
        scores = {key: texts.score(files, found) for key, found in read.items()}
        print(f"{kind:<20}" + "".join(f"{item.error:>18.2f}" for item in scores.values()))
        print(
            f"{'  recall':<20}"
            + "".join(f"{i.recall:>10.1f} /{i.folded_recall:>6.1f}" for i in scores.values())
        )
        if THEIRS in bench.names and kind != "all":
            behind = [
                scores[OURS, how].error - scores[THEIRS, how].error
                for how in ("pdftotext", "pdfplumber")
            ]
            worst = max(worst, *behind)
    means = {f"cer_{name}_{how}": score.error for (name, how), score in scores.items()}
    return {**means, "worst_cer_behind": worst} if THEIRS in bench.names else means


def programs_of(work: Path, bare: BareTesseract) -> list[Program]:
    """Return what can be compared here, and say what cannot."""
    found: list[Program] = [Hoso(name=OURS), bare]
    if find_spec("tesserocr") is not None:
        settings = station.write_settings(work / "fast-settings", "tesserocr")
        found.append(Hoso(name=FAST, station=settings))
    else:
        print("tesserocr: not shown, it is not installed (hoso[fast])")
    if OCRMYPDF.exists():
        found.append(OcrMyPdf(name=THEIRS))
    else:
        print("OCRmyPDF: not shown, `make bench` could not fetch it")
    return found


def ratios(bench: Bench) -> dict[str, float]:
    """Return the ratios that the bench is for."""
    found: dict[str, float] = {}
    every = ("first look", "second look")
    bare = bench.total(BARE, "first look")
    for name in bench.names:
        found[f"pages_per_minute_{name}"] = bench.total(name, *every).pages_per_minute
        found[f"floor_share_{name}"] = (
            bench.total(name, *every).pages_per_minute / bench.total(BARE, *every).pages_per_minute
        )
        if bare.pages:
            found[f"cpu_over_bare_{name}"] = (
                bench.total(name, "first look").cpu_per_page / bare.cpu_per_page
            )
    for name in set(bench.names) & {OURS, FAST} if THEIRS in bench.names else ():
        for row, subsets in {"first_look": ("first look",), "all": every}.items():
            theirs = bench.total(THEIRS, *subsets).pages_per_minute
            if theirs:
                ours = bench.total(name, *subsets).pages_per_minute
                found[f"times_OCRmyPDF_{name}_{row}"] = ours / theirs
    return found


def main() -> None:
    """Draw, measure, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=60, help="drawn pages, all degradations")
    parser.add_argument("--stamped", type=int, default=60, help="drawn pages with seals and pen")
    parser.add_argument("--group", type=int, default=30, help="files measured together")
    parser.add_argument("--seed", type=int, default=4, help="of the drawing")
    parser.add_argument("--keep", type=Path, help="keep scans and results in this folder")
    parser.add_argument("--no-station", action="store_true", help="leave `run --once` out")
    wanted = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream
    compile_ours()
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as temporary:
        work = wanted.keep or Path(temporary)
        print(
            f"{CORES} cores, {wanted.pages} pages of seed {wanted.seed}, groups of {wanted.group}"
        )
        named: dict[str, float] = {}
        if wanted.pages:
            named |= compare(work, wanted)
        if wanted.stamped:
            files = draw_set(work / "stamped", "stamped", wanted.stamped, wanted.seed)
            named |= stamped.compare(files, work)
        if not wanted.no_station:
            whole, read = station.measure_station(work)
            print(f"\nrun --once, signing and filing: {whole.pages_per_minute:.1f} pages/min, "
                  f"read --pdf of the same {read.pages_per_minute:.1f}")  # fmt: skip
            named |= {"pages_per_minute_run_once": whole.pages_per_minute}
    print(" ".join(f"{name}={value:.3f}" for name, value in named.items()))


def compare(work: Path, wanted: argparse.Namespace) -> dict[str, float]:
    """Compare all programs on the degradations; return the named numbers."""
    files = draw_set(work / "scans", "degradations", wanted.pages, wanted.seed)
    bare = BareTesseract(pictures=work / "pictures", name=BARE)
    bare.take_out(files)
    bench = Bench(files=files, programs=programs_of(work, bare), work=work)
    subsets = run_side_by_side(bench, wanted.group)
    print_speed(bench, subsets)
    document = print_document(bench, subsets["first look"])
    return {**ratios(bench), **document, **print_quality(bench)}


if __name__ == "__main__":
    main()
