# run_on_both_test.sh PROGRAM ON_POSTGRES - an example says the same of a SQLite file and of a PostgreSQL server.
set -euo pipefail

program=$PWD/$1
on_postgres=$PWD/$2
cd "$TEST_TMPDIR"
"$program" --db sqlite:example.db | tee on_sqlite.txt
"$on_postgres" "$program" >on_postgres.txt
diff -u on_sqlite.txt on_postgres.txt
