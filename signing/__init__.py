"""PDF in, signed PDF or verdict out. Knows nothing of scans or archives."""

from __future__ import annotations
