"""What `hoso init --demo` needs: sample papers, a register, a throw-away PKI."""

from __future__ import annotations
