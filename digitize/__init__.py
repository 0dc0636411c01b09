"""Paper to described PDF/A: stages, each a function of its arguments."""

from __future__ import annotations
