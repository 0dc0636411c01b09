"""Drivers that bring a submission to a worker, at least once."""

from __future__ import annotations
