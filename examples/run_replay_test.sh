# run_replay_test.sh PROGRAM SUMMARY [ON_POSTGRES] - a chain of migrations gives nothing wrong, and the numbers of its SUMMARY, a file beside them.
set -euo pipefail

program=$PWD/$1
summary=$PWD/$2
on_postgres=${3:+$PWD/$3}
cd "$TEST_TMPDIR"
status=0
${on_postgres:+"$on_postgres"} "$program" "${summary%/*}" >said.txt || status=$?
cat said.txt
tail -n 1 said.txt | diff -u "$summary" -
exit "$status"
