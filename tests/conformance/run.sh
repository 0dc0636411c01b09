#!/usr/bin/env bash
# Judges by veraPDF every PDF that a demo station writes, before and after signing: as PDF/A-2b, and
# as 2u where it says so. EU DSS then judges every signature, under the same anchors as we.
# Ends 0 when all conform and DSS accepts what we pass, 1 when not, 77 when a referee cannot be had:
# its part was not shown. Writes into a temporary folder and into target/ (and Maven's own cache).
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
mkdir "$work/tmp"
export TMPDIR="$work/tmp" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$root"

# Ends 0 when a referee stands ready, 77 when Maven cannot fetch it.
fetch() {
  mvn -q -B -f "$1/pom.xml" compile >"$work/maven.log" 2>&1 && return
  if grep -qE 'Could not (resolve|transfer|find)|resolution|UnknownHost|offline mode' "$work/maven.log"; then
    return "$NOT_SHOWN"
  fi
  cat "$work/maven.log" >&2
  exit 1
}

fetch "$here" || not_shown "Maven could not fetch veraPDF"

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
python "$here/collect.py" "$station" "$list"

echo "== scans and PDFs of other kinds become PDF/A"
scan="$root/desk/demo/samples/H26.99-261105-0001/SCAN_0001.jpg"
text="$root/desk/demo/register/da-ky-so.pdf"
python "$here/sources.py" "$scan" "$text" "$work/sources"
python "$here/odd_sources.py" "$scan" "$text" "$work/sources"
mkdir "$work/read"
hoso read "$work"/sources/* --pdf "$work/read" >"$work/read.log"
for source in "$work"/sources/*; do
  name=$(basename "$source")
  printf 'read\tconforms\t%s\t%s\n' "$name" "$work/read/${name%.*}.pdf" >>"$list"
done

echo "== one of them is signed in every way"
python "$here/signatures.py" "$station/authority" "$work/read/mixed.pdf" "$work/signed" "$list"
python "$here/controls.py" "$work/controls" "$list"

echo "== reports on signatures are written"
mkdir "$work/reports"
python "$here/reports.py" "$work/reports" "$list"
# 1: by what the files hold alone, not all of them pass.
hoso verify "$work/signed" "$work/read/mixed.pdf" --trust "$station/authority/trust" \
  --report "$work/told" >"$work/told.log" || [ $? -eq 1 ]
for report in "$work"/told/*.pdf.pdf; do
  printf 'report\tconforms\t%s\t%s\n' "$(basename "$report")" "$report" >>"$list"
done
cp "$work"/told/*.xml "$work/reports"

echo "== copies are issued of what the station filed, and certified ones signed"
for folder in "$station"/samples/*/; do
  for kind in reading certified; do
    hoso copy "$(basename "$folder")" --kind "$kind" --reason "THỬ NGHIỆM" --station "$station" >>"$work/copies.log"
  done
  hoso copy "$(basename "$folder")" --reason "THỬ NGHIỆM" --out "$work/copies" --station "$station" >>"$work/copies.log"
done
hoso run --once --station "$station" >>"$work/copies.log" 2>&1 || true
for packing in g4 gray; do
  hoso copy "$work/read/mixed.pdf" --out "$work/copies-$packing" --packing "$packing" >>"$work/copies.log"
done
for copy in "$work"/copies*/*.pdf "$station"/ban-doc/*.pdf; do
  printf 'copy\tconforms\t%s\t%s\n' "$(basename "$copy")" "$copy" >>"$list"
done
# Of what came signed, a certified copy is as little PDF/A as that was.
for copy in "$station"/ban-sao/*.pdf; do
  name=$(basename "$copy")
  expected=shown
  grep -q "^after	conforms	${name%.*.ban-sao.pdf}.pdf" "$list" && expected=conforms
  printf 'certified\t%s\t%s\t%s\n' "$expected" "$name" "$copy" >>"$list"
done

ending=0
bash "$here/packages.sh" "$station" || ending=$?

echo "== veraPDF judges"
java -Djava.io.tmpdir="$TMPDIR" -cp "$here/target/classes:$here/target/libraries/*" hoso.conformance.Judge "$list" || ending=$?

echo "== EU DSS judges the signatures"
if fetch "$here/verdicts"; then
  python "$here/agreement.py" station "$station/authority" "$list" after foreign signed || ending=$?
  mkdir "$work/kit"
  python "$here/attacks.py" "$work/kit"
  python "$here/agreement.py" kit "$work/kit" || ending=$?
  echo "== the ETSI schema judges reports in XML"
  judged="$here/verdicts/target"
  java -cp "$judged/classes:$judged/libraries/*" hoso.verdicts.Schema "$work/reports" || ending=$?
else
  echo "not shown: Maven could not fetch EU DSS"
  [ "$ending" -ne 0 ] || ending=$NOT_SHOWN
fi
exit "$ending"
