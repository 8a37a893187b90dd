#!/usr/bin/env bash
# sqlite-prepare-by-length-copies.sh - sqlite3_prepare_v2 with a length copies all that is left of a script, at each statement.
#
# Expected: that the length of what is left of a script is the cheap thing to give, as sqlite3_prepare_v2 stops at the
# end of the first statement and says where that is. What happens (SQLite 3.54.1): a length that does not take in a NUL
# makes it copy as many bytes before it reads the first, even when a NUL is the very next byte. A script of 20,000
# statements is quadratic then; with a length that is one greater, or with -1, it is not. Who runs a script from a
# std::string_view has no NUL to count on, and wants to copy it once, with its NUL.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --cache cache --silent better-sqlite3@13.2.0 >packed
tar xzf better-sqlite3-13.2.0.tgz

cat >script.c <<'C'
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "sqlite3.h"

enum { statements = 20000 };
static char script[statements * 64];
static sqlite3_mem_methods given;
static double asked;

static void* count(int size) { asked += size; return given.xMalloc(size); }

static int fail(const char* what) { fprintf(stderr, "%s\n", what); return 2; }

/* Prepares each statement of the script; beyond is added to the length of what is left, or is -1 for no length. */
static int prepare_all(sqlite3* db, int length, int beyond, double* bytes, double* seconds) {
  const char* at = script;
  int prepared = 0;
  clock_t start = clock();
  asked = 0;
  while (*at) {
    sqlite3_stmt* stmt = 0;
    int left = beyond < 0 ? -1 : (int)(script + length - at) + beyond;
    if (sqlite3_prepare_v2(db, at, left, &stmt, &at) != SQLITE_OK || !stmt) return fail(sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    ++prepared;
  }
  *bytes = asked;
  *seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  return prepared == statements ? 0 : fail("not all of the script");
}

int main(void) {
  sqlite3* db;
  double bytes[3], seconds[3];
  int length = 0;
  const char* title[] = {"length without the NUL", "length with the NUL", "no length"};
  const int beyond[] = {0, 1, -1};
  sqlite3_mem_methods counting;

  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &given)) return fail("GETMALLOC");
  counting = given;
  counting.xMalloc = count;
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &counting)) return fail("MALLOC");
  for (int i = 0; i < statements; ++i) length += sprintf(script + length, "SELECT %d, 'a text of some length';", i);
  if (sqlite3_open(":memory:", &db)) return fail("open");
  printf("SQLite %s, %d statements, %d bytes\n", sqlite3_libversion(), statements, length);
  for (int i = 0; i < 3; ++i) {
    if (prepare_all(db, length, beyond[i], &bytes[i], &seconds[i])) return 2;
    printf("%-22s: %8.0f MB asked of malloc, %5.2f s of CPU time\n", title[i], bytes[i] / 1e6, seconds[i]);
  }
  sqlite3_close(db);
  /* Half of the script is left at the statement in the middle: that many bytes for each. */
  if (bytes[0] < 0.4 * statements * length) return fail("changed: it does not copy what is left");
  if (bytes[1] * 10 > bytes[0] || bytes[2] * 10 > bytes[0]) return fail("changed: it copies with a NUL, too");
  return 0;
}
C
"${CC:-cc}" -w -O1 -I package/deps/sqlite3 script.c package/deps/sqlite3/sqlite3.c -o script -lpthread -ldl -lm
./script
