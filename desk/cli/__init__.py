"""The command line: each handler parses, calls, prints."""

from __future__ import annotations
