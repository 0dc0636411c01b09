"""Cut a submission into papers: each kind of paper is its own copy (TT 01/2023/TT-VPCP Art. 8).

One file is one paper; a dossier's receipt is recognised as its key page.
"""

from __future__ import annotations

from itertools import pairwise

from digitize.layout import segments
from digitize.model import Paper, RecognizedPage
from digitize.titles import title_likeness

RECEIPT_TITLE = "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
_RECEIPT_LIKENESS = 0.85


def cut(pages: tuple[RecognizedPage, ...]) -> tuple[Paper, ...]:
    """Cut the pages of one file into papers, in order."""
    if is_receipt(pages[0]):
        return (Paper(number=1, pages=pages, reason="Tệp là giấy tiếp nhận hồ sơ"),)
    return (Paper(number=1, pages=pages, reason="Mỗi tệp là một giấy tờ"),)


def is_receipt(page: RecognizedPage) -> bool:
    """Tell whether a page is a dossier's receipt (TT 03/2025/TT-VPCP Mẫu 01)."""
    lines = [line.text for line in segments(page)]
    pairs = [f"{first} {second}" for first, second in pairwise(lines)]
    return any(title_likeness(text, RECEIPT_TITLE) > _RECEIPT_LIKENESS for text in lines + pairs)
