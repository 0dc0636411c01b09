"""A statement as a page of its own: no script, nothing fetched, readable without colours."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from config.statement import Row, Section, Statement

# Contrast of 7:1 on its ground (WCAG 2.2 AAA); the words say what the colours do.
_STYLE = """
body { font: 1rem/1.5 "Times New Roman", Tinos, serif; color: #000; background: #fff;
  max-width: 52rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; background: #f0f0f0; padding: .2rem .6rem; }
.conclusion { font-size: 1.2rem; font-weight: bold; padding: .6rem; border-left: .4rem solid; }
dl { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: .2rem 1rem; }
dt { color: #444; } dd { margin: 0; }
.good { color: #004a21; } .bad { color: #8c000d; font-weight: bold; }
.doubt { color: #6b3d00; font-weight: bold; }
.conclusion.good { background: #e6f5e8; } .conclusion.bad { background: #fde8e8; }
.conclusion.doubt { background: #fdf2db; }
footer { margin-top: 2rem; font-size: .85rem; color: #444; }
""".strip()
# Nothing but this page's own styles may be used, whatever stands in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_page(statement: Statement) -> str:
    """Return the HTML of a statement."""
    return "\n".join(_page(statement)) + "\n"


def _page(statement: Statement) -> Iterator[str]:
    title = escape(statement.title)
    yield f'<!DOCTYPE html>\n<html lang="{escape(statement.language)}">\n<head>'
    yield f'<meta charset="utf-8">\n<title>{title}</title>'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield f'<p class="conclusion {statement.tone}">{escape(statement.conclusion)}</p>'
    yield f"<p>{escape(statement.checked)}</p>"
    for section in statement.sections:
        yield from _section(section)
    yield f"<footer><p>{escape(statement.caution)}</p><p>{escape(statement.reference)}</p></footer>"
    yield "</body>\n</html>"


def _section(section: Section) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(section.heading)}</h2>\n<dl>"
    for row in section.rows:
        yield _row(row)
    yield "</dl>\n</section>"


def _row(row: Row) -> str:
    return f'<dt>{escape(row.label)}</dt><dd class="{row.tone}">{escape(row.value)}</dd>'
