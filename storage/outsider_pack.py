"""The program for outsiders in one file: the modules of `storage.outsider`, as a zip of sources."""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files

# Beside the package itself, what it needs of ours; all of it is Python's own library otherwise.
_SHARED = ("__init__", "canonical", "merkle", "times")
_START = "import sys\n\nfrom storage.outsider.__main__ import main\n\nsys.exit(main())\n"
# One moment for all, so that the same program gives the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def pack_program() -> bytes:
    """Return the program: `python kiem-tra.pyz GÓI`. The same version gives the same bytes."""
    storage = files("storage")
    sources = {f"storage/{name}.py": storage / f"{name}.py" for name in _SHARED}
    for item in (storage / "outsider").iterdir():
        if item.name.endswith(".py"):
            sources[f"storage/outsider/{item.name}"] = item
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("__main__.py", _MOMENT), _START)
        for name in sorted(sources):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, sources[name].read_bytes())
    return buffer.getvalue()
