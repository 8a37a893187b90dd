# run_test.sh PROGRAM [EXPECTED] - an example must end well, in an empty folder; where the text is known, it must say just that.
set -euo pipefail

program=$PWD/$1
expected=${2:+$PWD/$2}
cd "$TEST_TMPDIR"
"$program" | tee said.txt
[[ -z $expected ]] || diff -u "$expected" said.txt
