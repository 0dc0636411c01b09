#!/usr/bin/env bash
# Judges by veraPDF, as PDF/A-2b, every PDF that a demo station writes: before and after signing.
# Ends 0 when all conform, 1 when one does not, 77 when the referee cannot be had: then nothing
# was shown. Writes into a temporary folder and into target/ here (and Maven's own download cache).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export PATH="$root/.venv/bin:$PATH"
readonly NOT_SHOWN=77

not_shown() {
  echo "not shown: $1"
  exit "$NOT_SHOWN"
}

for tool in java javac mvn; do
  command -v "$tool" >/dev/null || not_shown "Java or Maven missing (apt install default-jdk-headless maven)"
done
for tool in hoso python; do
  command -v "$tool" >/dev/null || { echo "missing: $tool (make setup)" >&2; exit 2; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/hoso-conformance.XXXXXX")
trap 'rm -rf -- "$work"' EXIT

if ! mvn -q -B -f "$here/pom.xml" compile >"$work/maven.log" 2>&1; then
  if grep -qE 'Could not (resolve|transfer|find)|resolution|UnknownHost|offline mode' "$work/maven.log"; then
    not_shown "Maven could not fetch veraPDF"
  fi
  cat "$work/maven.log" >&2
  exit 1
fi

echo "== a demo station works through its samples"
station="$work/station"
hoso init "$station" --demo >"$work/station.log"
cp -r -- "$station"/samples/. "$station/1-cho-xu-ly/"
code=0
hoso run --once --station "$station" >>"$work/station.log" 2>&1 || code=$?
if [ "$code" -ne 1 ]; then  # 1: some samples are broken on purpose
  cat "$work/station.log" >&2
  echo "hoso run ended with $code; 1 was due" >&2
  exit 1
fi

list="$work/files.tsv"
export PYTHONPATH="$root"
python "$here/collect.py" "$station" "$list"
python "$here/controls.py" "$work/controls" "$list"

echo "== veraPDF judges"
java -cp "$here/target/classes:$here/target/libraries/*" hoso.conformance.Judge "$list"
