#!/usr/bin/env bash
# Judges by eark-validator the packages that `hoso export --format eark` writes: of a drawn dossier,
# and of every dossier of a station that is named. The validator pins old libraries, so it lives in an
# environment of its own, kept beside the other downloads in target/.
# Ends 0 when an AIP is valid and the others break allowed rules only, 1 when not, 77 when the
# validator cannot be had: not shown.
# Usage: packages.sh [STATION]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
readonly NOT_SHOWN=77 VALIDATOR=eark-validator==1.1.3
environment="$here/target/eark"

if ! "$environment/bin/python" -c 'import eark_validator' 2>/dev/null; then
  rm -rf -- "$environment"
  mkdir -p "$here/target"
  if ! { "$root/.venv/bin/python" -m venv "$environment" &&
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$VALIDATOR"; }; then
    rm -rf -- "$environment"
    echo "not shown: $VALIDATOR could not be fetched"
    exit "$NOT_SHOWN"
  fi
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/hoso-packages.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
PYTHONPATH="$root" PYTHONDONTWRITEBYTECODE=1 "$root/.venv/bin/python" \
  "$here/packages_make.py" "$work" "$@"
echo "== eark-validator judges packages"
"$environment/bin/python" "$here/packages_judge.py" "$work"
