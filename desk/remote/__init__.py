"""The station's side of keys on officers' computers: who is paired, what is offered, what comes."""

from __future__ import annotations
