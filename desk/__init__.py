"""Where people and programs meet digitize, signing and storage."""

from __future__ import annotations
