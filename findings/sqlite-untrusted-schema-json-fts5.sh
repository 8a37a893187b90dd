#!/usr/bin/env bash
# sqlite-untrusted-schema-json-fts5.sh - With trusted_schema off, a CHECK by json_valid() makes a database "malformed".
#
# Expected: PRAGMA trusted_schema=OFF, which SQLite's documentation recommends, spares what SQLite brings itself.
# What happens in 3.40.1, the version of Debian 12: one CHECK (json_valid(x)) fails each statement that reads the
# schema with SQLITE_CORRUPT, among them the DROP TABLE that would mend it; and a trigger that writes to an FTS5 table,
# the way its documentation keeps an index, fails while the same INSERT by hand works. It is upstream's, not Debian's:
# 3.37.2 has neither, 3.41.0 the second only, 3.54.1 neither. A library that turns trusted_schema off by itself cannot
# read such databases on those versions, and its users take an intact file for a corrupt one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >schema.c <<'C'
#include <stdio.h>
#include "sqlite3.h"

static const char* run(sqlite3* db, const char* sql) {
  sqlite3_exec(db, sql, 0, 0, 0);
  return sqlite3_errmsg(db);
}

static void show(sqlite3* db, const char* sql) {
  const char* said = run(db, sql);
  printf("  %s: %d %s\n", sql, sqlite3_errcode(db), said);
}

int main(void) {
  sqlite3* db;
  const char* file = "made.db";
  remove(file);
  if (sqlite3_open(file, &db)) return 2;
  run(db, "CREATE TABLE t (x CHECK (json_valid(x)))");
  run(db, "CREATE TABLE a (x)");
  run(db, "CREATE VIRTUAL TABLE f USING fts5(x)");
  run(db, "CREATE TRIGGER a_f AFTER INSERT ON a BEGIN INSERT INTO f VALUES (new.x); END");
  show(db, "INSERT INTO a VALUES ('trusted')");
  sqlite3_close(db);

  if (sqlite3_open(file, &db)) return 2;
  run(db, "PRAGMA trusted_schema = OFF");
  show(db, "SELECT * FROM a");
  show(db, "DROP TABLE t");
  sqlite3_close(db);

  if (sqlite3_open(file, &db)) return 2;
  run(db, "DROP TABLE IF EXISTS t");
  run(db, "PRAGMA trusted_schema = OFF");
  show(db, "INSERT INTO a VALUES ('not trusted')");
  show(db, "INSERT INTO f VALUES ('not trusted')");
  return sqlite3_close(db);
}
C

# What the program prints: for SELECT and DROP TABLE, and for the trigger.
works='0 not an error'
malformed='11 malformed database schema (t) - unsafe use of json_valid()'
unsafe='1 unsafe use of virtual table "f"'

changed=0
expect() {  # version of SQLite, the better-sqlite3 that carries it, what SELECT and DROP TABLE do, what the trigger does
  local seen wanted
  npm pack --cache cache --silent "better-sqlite3@$2" >packed
  tar xzf "better-sqlite3-$2.tgz"
  grep -q "SQLITE_VERSION  *\"$1\"" package/deps/sqlite3/sqlite3.h
  "${CC:-cc}" -w -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_JSON1 -I package/deps/sqlite3 schema.c package/deps/sqlite3/sqlite3.c \
    -o schema -lpthread -ldl -lm
  rm -r package
  seen=$(./schema)
  wanted="  INSERT INTO a VALUES ('trusted'): $works
  SELECT * FROM a: $3
  DROP TABLE t: $3
  INSERT INTO a VALUES ('not trusted'): $4
  INSERT INTO f VALUES ('not trusted'): $works"
  printf 'SQLite %s\n%s\n' "$1" "$seen"
  [[ $seen == "$wanted" ]] || { printf 'changed, it was:\n%s\n' "$wanted"; changed=1; }
}

expect 3.37.2 7.5.0 "$works" "$works"
expect 3.40.1 8.1.0 "$malformed" "$unsafe"
expect 3.41.0 8.2.0 "$works" "$unsafe"
expect 3.54.1 13.2.0 "$works" "$works"
exit "$changed"
