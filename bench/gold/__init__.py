"""What `bench/understanding.py` is made of: reading a drawn set, and counting what was right."""

from __future__ import annotations
