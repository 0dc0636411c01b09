"""The program on an officer's computer that signs with the token there; runs on Windows too."""

from __future__ import annotations
