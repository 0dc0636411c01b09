"""Packages of archival records (TT 05/2025/TT-BNV over E-ARK CSIP): written, checked, taken in."""
