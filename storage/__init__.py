"""The archive: objects, records, ledger, search, events, fixity."""

from __future__ import annotations
