"""The table of contents of the program: every stage that a scan goes through, in the legal order.

TT 01/2023/TT-VPCP Art. 7-8: copied, signed by the person who copied, then described; the agency's
signature closes, and nothing uncertain gets it. Any stage may say that the scan must wait (`Held`)
or cannot be taken (the packages' errors); the engine then tells the clerk.
"""

from __future__ import annotations

from desk import (
    batches,
    doubtful_marks,
    filing,
    legibility,
    objections,
    personal,
    releases,
    rescans,
    sealing,
    stages,
    understanding,
    virus,
)
from desk.services import Services
from digitize.model import Paper
from storage.model import Record
from storage.submissions import Submission


def carry(item: Submission, services: Services) -> tuple[Record, ...]:
    """Take one claimed scan through every stage to its records."""
    virus.require_clean(item, services)
    scan = stages.receive(item, services)
    with services.same_bytes.of(scan.received.sha256):
        known = filing.answer_known(scan, services)
        if known is not None:
            return known
        stages.let_earlier_go_first(scan, services)
        pages = stages.read(scan, services)
        cut = stages.cut_papers(scan, pages, services)
        doubtful_marks.require_answer(scan, cut, services)
        kept = stages.pass_gate(scan, cut, services)
        return batches.carry_each(kept, carry_paper, services)


def carry_paper(kept: stages.KeptScan, paper: Paper, services: Services) -> Record:
    """Take one paper from the gate to its record."""
    legibility.require_readable(kept, paper, services)
    choice = filing.dossier_of(kept, paper, services)
    rendition = stages.make_rendition(kept, paper, choice.sure_code, services)
    rendition = personal.require_signature(kept, paper, rendition, services)
    understood = understanding.describe(kept, paper, services)
    placed = understanding.place(choice, understood, services)
    objections.require_answer(kept, paper, placed, services)
    with rescans.one_at_a_time(choice, placed.kind, services):
        rescans.require_answer(kept, paper, (choice, placed), services)
        releases.require(kept, paper, rendition, services)
        sealed = sealing.seal(kept, paper, rendition, services)
        return filing.file_paper(
            filing.ReadyPaper(
                kept=kept,
                paper=paper,
                understood=understood,
                placed=placed,
                choice=choice,
                sealed=sealed,
                notes=rendition.notes,
            ),
            services,
        )
