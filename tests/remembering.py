"""Tesseract with a memory: what it has read once in a run of the tests, it does not read again.

The sample papers are read by dozens of tests, and reading is most of what a test costs. The real
program reads each page once for each set of arguments; whoever asks for the same bytes again gets
a copy of what it wrote.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

# Anything but a page of a file read into a file goes to the program as it is. What fails or is
# killed is not kept. Two that read one page at once each keep their own, under one name.
_SCRIPT = """#!/bin/sh
case "$#:$1:$2" in
0:* | 1:* | *:-*:* | *:*:stdout | *:*:-) exec "{real}" "$@" ;;
esac
[ -f "$1" ] || exec "{real}" "$@"
page=$1 base=$2
shift 2
key=$({{
	printf '%s\\n' "$OMP_THREAD_LIMIT" "$TESSDATA_PREFIX" "$@"
	cat "$page"
}} | sha256sum)
kept="{memory}/${{key%% *}}"
if [ ! -d "$kept" ]; then
	new=$(mktemp -d "{memory}/new.XXXXXXXX") || exit
	"{real}" "$page" "$new/page" "$@" 2>"$new/messages"
	status=$?
	if [ $status -ne 0 ]; then
		cat "$new/messages" >&2
		rm -rf "$new"
		exit $status
	fi
	mv -T "$new" "$kept" 2>/dev/null || kept=$new
fi
cat "$kept/messages" >&2
for part in "$kept"/page.*; do
	cp "$part" "$base${{part#"$kept/page"}}" || exit
done
"""


@dataclass(frozen=True, slots=True)
class RememberingOcr:
    """A program named `tesseract` that asks the real one once for each page.

    Attributes:
        folder: Holds the program; put before the real one's in PATH.
        real: Folder of the real one; put before it where a test is about the engine itself.
    """

    folder: Path
    real: Path


def make_remembering_ocr(folder: Path, memory: Path) -> RememberingOcr:
    """Write the program.

    Args:
        folder: Where to write it; it must not exist yet.
        memory: What was read; processes that share it remember what the others read.
    """
    found = shutil.which("tesseract")
    assert found is not None, "Tesseract is not installed"
    folder.mkdir()
    memory.mkdir(exist_ok=True)
    program = folder / "tesseract"
    program.write_text(_SCRIPT.format(real=found, memory=memory), encoding="utf-8")
    program.chmod(0o755)
    return RememberingOcr(folder, Path(found).parent)
