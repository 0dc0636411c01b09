"""What an outsider runs to check an evidence export: Python's standard library, nothing else.

It is packed into every export (`storage.outsider_pack`) and used by the archive's own checks, so
that both find the same.
"""

from __future__ import annotations
