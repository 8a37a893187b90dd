# judge.sh - did the compiler explain the mistake in this file, and accept its twin?
#
#   // expect: hewn: an array cannot be a table; pass its element type
#   #ifdef HEWN_MISTAKE
#   ...the mistake...
#   #else
#   ...its must-compile twin...
#   #endif
#
# Every `// expect:` line, which has the whole sentence, must be found in what the compiler prints, which must not exceed 20
# lines, besides those that say which header included which: they are as many as there are headers on the way.
set -euo pipefail

source=$1 mistake=$2 twin=$3
longest=20
failed=0

complain() {
  printf '%s: %s\n' "$source" "$1"
  failed=1
}

status_of() { sed -n '$ s/^exit status //p' "$1"; }
said() { sed -e '$ d' -e 's/\\"/"/g' "$1"; }  # without the status line, and quotes as they were written

mapfile -t expected < <(sed -nE 's@^[[:space:]]*// expect: (.*[^[:space:]])[[:space:]]*$@\1@p' "$source")
((${#expected[@]} > 0)) || complain "has no '// expect: <sentence>' line"
awk '/^\/\/ / && !/^\/\/ (expect: |\[)/ && after { exit 1 } { after = /^\/\/ expect: / }' "$source" ||
  complain "has an '// expect:' that goes on in the next line, where nobody reads it"
grep -q '^#ifdef HEWN_MISTAKE$' "$source" || complain "has no '#ifdef HEWN_MISTAKE'"
grep -q '^#else' "$source" || complain "has no must-compile twin after '#else'"

if [[ $(status_of "$mistake") == 0 ]]; then
  complain "compiles with -DHEWN_MISTAKE"
else
  for sentence in "${expected[@]}"; do
    said "$mistake" | grep -F -e "$sentence" >/dev/null || complain "the compiler did not say: $sentence"
  done
  lines=$(said "$mistake" | grep -vcE '^(.\[0m)?(In file included| +) from .*[:,]$' || true)
  ((lines <= longest)) || complain "the compiler needs $lines lines, more than $longest"
fi
if [[ $(status_of "$twin") != 0 ]]; then
  complain "does not compile without the mistake:"
  said "$twin"
elif [[ -n $(said "$twin") ]]; then
  complain "compiles with warnings without the mistake:"
  said "$twin"
fi
if ((failed)); then
  printf -- '---- what the compiler says about the mistake:\n'
  said "$mistake"
fi
exit "$failed"
