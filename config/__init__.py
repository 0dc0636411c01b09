"""Settings, vocabularies and dated rule sets. Imports nothing of ours."""

from __future__ import annotations
