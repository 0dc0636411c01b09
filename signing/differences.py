"""Which changes between two revisions of a PDF are harmless: pyHanko's rules, made fairer.

pyHanko allows what a standard names and refuses the rest, which cries wolf on honest files. A rule
here may be wider than its own only where nothing that a reader sees can depend on what it lets by.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
from pyhanko.sign.diff_analysis.policies import StandardDiffPolicy
from pyhanko.sign.diff_analysis.policy_api import ModificationLevel
from pyhanko.sign.diff_analysis.rules.file_structure_rules import (
    CatalogModificationRule,
    ObjectStreamRule,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.rules.form_field_rules import (
    GenericFieldModificationRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
)
from pyhanko.sign.diff_analysis.rules.metadata_rules import DocInfoRule, MetadataUpdateRule
from pyhanko.sign.diff_analysis.rules_api import Context, ReferenceUpdate, WhitelistRule

_STORE = RawPdfPath("/Root", "/DSS")
# The store, its validation data by signature, one signature's entry, its lists.
_STORE_DEPTH = 4
# What a hostile store holds beyond is not looked at, and so not cleared.
_MOST_PARTS = 50_000


class SecurityStoreRule(WhitelistRule):
    """Allows any change inside the document security store (ETSI EN 319 142-1 clause 5.4.2).

    Renewal rewrites the entry of an older signature, which pyHanko takes for a forgery. What the
    store holds is never shown, and a list that was removed or exchanged is missed or judged by the
    validation process itself. An object that anything outside the store uses too is not cleared.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[ReferenceUpdate]:
        """Give the objects of the store that may change.

        Args:
            old: The earlier revision.
            new: The later one.
        """
        for path, reference, held in _parts(old):
            if not isinstance(held, generic.StreamObject):
                yield ReferenceUpdate(reference, context_checked=Context.from_absolute(old, path))
        for _, reference, held in _parts(new):
            added = new.collect_dependencies(held, since_revision=new.revision)
            for part in (reference, *added):
                if old.is_ref_unassignable(part):
                    yield ReferenceUpdate(part)


def _parts(
    revision: HistoricalResolver,
) -> Iterator[tuple[RawPdfPath, generic.Reference, generic.PdfObject]]:
    """List the objects of a store, each with where it is used and what it is."""
    waiting = [(_STORE, _raw(revision.root, "/DSS"), 0)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        path, value, depth = waiting.pop()
        if value is None or depth > _STORE_DEPTH:
            continue
        held = value
        if isinstance(value, generic.IndirectObject):
            held = revision(value.reference)
            yield path, value.reference, held
        # A stream is a dictionary too; what it names is reached through its dependencies.
        if isinstance(held, generic.DictionaryObject):
            waiting += [(path + key, held.raw_get(key), depth + 1) for key in held]
        elif isinstance(held, generic.ArrayObject):
            waiting += [(path + at, held.raw_get(at), depth + 1) for at in range(len(held))]


def _raw(root: generic.DictionaryObject, key: str) -> generic.PdfObject | None:
    return root.raw_get(key) if key in root else None


DIFFERENCE_POLICY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),  # type: ignore[no-untyped-call]  # untyped in pyHanko
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (
                DocInfoRule(),
                XrefStreamRule(),
                ObjectStreamRule(),
                SecurityStoreRule(),
                MetadataUpdateRule(),  # type: ignore[no-untyped-call]  # as above
            )
        ),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[
            SigFieldCreationRule(),  # type: ignore[no-untyped-call]  # as above
            SigFieldModificationRule(),
            GenericFieldModificationRule(),
        ]
    ),
)
"""The rules under which a later revision is reviewed."""
