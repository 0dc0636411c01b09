"""Tables of verdicts: classes, confusions, damages, codes, fields."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from bench.gold.judging import FieldVerdict, Verdict, wilson

SHOWN = 4  # files named in a row of confusions


def print_classes(verdicts: Sequence[Verdict]) -> None:
    """Print what was accepted of each class, and how sure one may be of it."""
    print(f"\n{'class':<10}{'papers':>7}{'accepted':>9}{'wrong':>6}   precision, 95 % interval")
    for code, found in _by(verdicts, lambda item: item.truth.class_code or "(none)").items():
        accepted = [item for item in found if item.is_accepted]
        right = sum(item.is_right for item in accepted)
        low, high = wilson(right, len(accepted))
        said = f"{right / len(accepted):>9.3f} ({low:.2f}-{high:.2f})" if accepted else "        -"
        print(f"{code:<10}{len(found):>7}{len(accepted):>9}{len(accepted) - right:>6}   {said}")


def print_confusions(verdicts: Sequence[Verdict]) -> None:
    """Print which class was taken for which, accepted or only ranked first."""
    for title, is_meant in (
        ("ACCEPTED AS ANOTHER CLASS", lambda item: item.is_wrong),
        ("asked, and another class ranked first", lambda item: not item.is_accepted),
    ):
        pairs: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
        for item in verdicts:
            if is_meant(item) and not item.is_right:
                pairs[item.truth.class_code or "(none)", item.said or "(nothing)"].append(item)
        print(f"\n{title}: {sum(map(len, pairs.values()))}")
        for (code, said), found in sorted(pairs.items(), key=lambda pair: -len(pair[1])):
            names = ", ".join(_name(item) for item in found[:SHOWN])
            print(f"  {code:>8} -> {said:<10}{len(found):>4}  {names}")


def _name(verdict: Verdict) -> str:
    score = f"{verdict.candidate.score:.2f}" if verdict.candidate else "-"
    untitled = "" if verdict.truth.has_title else " untitled"
    return f"{verdict.truth.path.stem} ({verdict.truth.degradation}{untitled} {score})"


def print_shares(verdicts: Sequence[Verdict]) -> None:
    """Print what is accepted by damage, by title and by pen."""
    groups = {
        **_by(verdicts, lambda item: item.truth.degradation),
        "title shown": [item for item in verdicts if item.truth.has_title],
        "no title": [item for item in verdicts if not item.truth.has_title],
        "filled by pen": [item for item in verdicts if item.truth.is_filled_by_hand],
        "two pages": [item for item in verdicts if item.truth.page_count > 1],
        "cites others": [item for item in verdicts if item.truth.cites],
    }
    print(f"\n{'':<16}{'papers':>7}{'accepted':>9}{'share':>7}{'wrong':>6}{'first right':>12}")
    for name, found in groups.items():
        if not found:
            continue
        accepted = sum(item.is_accepted for item in found)
        right = sum(item.is_right for item in found) / len(found)
        wrong = sum(item.is_wrong for item in found)
        share = accepted / len(found)
        print(f"{name:<16}{len(found):>7}{accepted:>9}{share:>7.2f}{wrong:>6}{right:>12.2f}")


def print_least_accepted(verdicts: Sequence[Verdict]) -> None:
    """Print the templates whose titled papers are asked about most."""
    titled = [item for item in verdicts if item.truth.has_title]
    asked = {
        key: [item for item in found if not item.is_accepted]
        for key, found in _by(titled, lambda item: item.truth.template).items()
    }
    print("\nasked though the title is shown, by template")
    for key, found in sorted(asked.items(), key=lambda pair: -len(pair[1])):
        if found:
            first = Counter(item.said or "(nothing)" for item in found).most_common(3)
            said = ", ".join(f"{code} x{count}" for code, count in first)
            print(f"  {key:<12}{len(found):>4}  first: {said}; {_name(found[0])}")


def print_codes(verdicts: Sequence[Verdict]) -> None:
    """Print how many dossier codes were found where they are printed, and the wrong ones."""
    print(f"\n{'dossier code':<16}{'printed':>8}{'found':>7}")
    for place in ("qr", "foot qr", "label", "body"):
        printed = [item for item in verdicts if place in item.truth.code_places]
        found = sum(item.truth.dossier_code in item.codes for item in printed)
        print(f"{place:<16}{len(printed):>8}{found:>7}")
    alone = sum(item.links[1] == item.truth.dossier_code for item in verdicts)
    strayed = [item for item in verdicts if item.truth.folder_code != item.truth.dossier_code]
    print(f"linked without a folder: {alone} of {len(verdicts)}; "
          f"in another dossier's folder: {len(strayed)}, of them asked "
          f"{sum(item.links[0] is None for item in strayed)}")  # fmt: skip
    wrong = [item for item in verdicts if item.strays or item.strays_alone]
    print(f"LINKED TO ANOTHER DOSSIER: {len(wrong)}")
    for item in wrong:
        said = ", ".join(code or "asks" for code in item.links)
        print(f"  {item.truth.path.name}: {said} for {item.truth.dossier_code}, "
              f"cites {item.truth.cited_code or 'none'}")  # fmt: skip


def print_fields(verdicts: Sequence[Verdict]) -> None:
    """Print precision and recall of each field on print, and what was taken from the pen.

    Fields are filled without a person on papers whose class is accepted; the others do not count.
    """
    fields = [(item, field) for item in verdicts if item.is_accepted for field in item.fields]
    print("\nfields of accepted papers")
    print(f"{'field':<20}{'printed':>8}{'read':>6}{'wrong':>6}{'precision':>10}{'recall':>8}"
          f"{'pen':>6}{'accepted':>9}")  # fmt: skip
    names = dict.fromkeys(field.name for _, field in fields)
    for name in (*names, "all"):
        counts = Counter[str](field.outcome for _, field in fields if name in (field.name, "all"))
        print(_field_row(name, counts))
    wrong = [pair for pair in fields if pair[1].outcome in {"wrong", "pen accepted"}]
    print(f"wrong or taken from the pen: {len(wrong)}")
    for item, field in wrong[:60]:
        print(f"  {item.truth.path.name:<32}{_difference(field)}")


def _field_row(name: str, counts: Counter[str]) -> str:
    read = counts["right"] + counts["wrong"]
    printed = read + counts["missing"]
    pen = counts["pen left out"] + counts["pen accepted"]
    precision = f"{counts['right'] / read:>10.3f}" if read else f"{'-':>10}"
    recall = f"{counts['right'] / printed:>8.2f}" if printed else f"{'-':>8}"
    return (f"{name:<20}{printed:>8}{read:>6}{counts['wrong']:>6}{precision}{recall}"
            f"{pen:>6}{counts['pen accepted']:>9}")  # fmt: skip


def _difference(field: FieldVerdict) -> str:
    pen = " (pen)" if field.outcome == "pen accepted" else ""
    return f"{field.name}{pen}: {field.said!r} for {field.truth!r}"


def print_stops(verdicts: Sequence[Verdict]) -> None:
    """Print which papers without a mark of secrecy stopped as secret."""
    stopped = [item for item in verdicts if item.stopped_by and not item.truth.secret_mark]
    held = [item for item in verdicts if item.is_held and not item.truth.secret_mark]
    print(f"\nfalse stops: {len(stopped)} of {len(verdicts)}; asked about: {len(held)}")
    for item in stopped:
        print(f"  {item.truth.path.name}: {item.stopped_by}")
    for item in held:
        print(f"  {item.truth.path.name}: asked about")


def print_missed(verdicts: Sequence[Verdict]) -> None:
    """Print which papers with a mark of secrecy went through, and how many are asked about."""
    unstopped = [item for item in verdicts if not item.stopped_by]
    missed = [item for item in unstopped if not item.is_held]
    other = [item for item in verdicts if item.stopped_by not in (None, item.truth.secret_mark)]
    stopped = len(verdicts) - len(unstopped)
    low, high = wilson(stopped, len(verdicts))
    print(f"\nsecret marks: {stopped} of {len(verdicts)} stop ({low:.2f}-{high:.2f}), "
          f"{len(other)} as another mark; {len(unstopped) - len(missed)} asked about, "
          f"{len(missed)} missed")  # fmt: skip
    for item in missed:
        print(
            f"  MISSED {item.truth.path.name}: {item.truth.secret_mark}, {item.truth.degradation}"
        )


def _by(verdicts: Sequence[Verdict], key: Callable[[Verdict], str]) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = defaultdict(list)
    for item in verdicts:
        found[key(item)].append(item)
    return dict(sorted(found.items()))
