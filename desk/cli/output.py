"""Printing: JSON for programs, tables for people, messages to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from config.codec import to_plain
from storage.outsider.plain_text import plain_text

Item = TypeVar("Item")


def print_json(value: Any) -> None:
    """Print one JSON value."""
    sys.stdout.write(f"{json_text(value)}\n")


def print_json_list(values: Iterable[Any]) -> None:
    """Print a JSON list, each value as it comes: none waits in memory for the others."""
    sys.stdout.write("[")
    for number, value in enumerate(values):
        sys.stdout.write(",\n" if number else "\n")
        sys.stdout.write(json_text(value))
        sys.stdout.flush()
    sys.stdout.write("\n]\n")


def json_text(value: Any) -> str:
    """Return one JSON value as it is printed."""
    plain = to_plain(value)
    text = json.dumps(plain, ensure_ascii=False, indent=2)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # The name of a file need not be text; its odd bytes are written as escapes.
        return json.dumps(plain, indent=2)
    return text


def print_lines(lines: Iterable[str]) -> None:
    """Print lines for people."""
    for line in lines:
        print(plain_text(line), flush=True)


def print_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; wide enough for a log where there is no terminal."""
    # Here, not above: a tenth of a second for commands that print no table.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        # Plain text: a cell may hold square brackets, which rich would take for markup.
        table.add_row(*(Text(cell) for cell in row))
    console = Console() if sys.stdout.isatty() else Console(width=160)
    console.print(table)


def tell(text: str) -> None:
    """Say something to the person, apart from the command's output."""
    print(plain_text(text), file=sys.stderr)


def show_progress(items: Iterable[Item], total: int) -> Iterable[Item]:
    """Pass items on, and show a person who waits at a terminal how many have come.

    Where the output itself goes to the terminal it shows that as it is.
    """
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description="", total=total, console=Console(stderr=True))
