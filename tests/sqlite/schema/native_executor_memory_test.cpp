// tests/sqlite/schema/native_executor_memory_test.cpp - sync's tools when memory runs out.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/restore.hpp>
#include <hewn/sqlite/schema/native_executor.hpp>
#include <hewn/sqlite/schema_source.hpp>

#include <support/raw_sqlite.hpp>
#include <support/temporary_folder.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <vector>

using hewn::step_kind;
using support::raw_sqlite;

namespace {

using lines = std::vector<std::string>;

// SQLite's own allocator, which fails once when asked to.
sqlite3_mem_methods real_memory;
int allocations_left = -1;

bool fails_now() {
  if (allocations_left < 0) return false;
  return allocations_left-- == 0;
}

void* allocate(int size) { return fails_now() ? nullptr : real_memory.xMalloc(size); }
void* reallocate(void* old, int size) {
  return fails_now() ? nullptr : real_memory.xRealloc(old, size);
}

void use_failing_memory() {
  static const bool once = [] {
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods failing = real_memory;
    failing.xMalloc = &allocate;
    failing.xRealloc = &reallocate;
    // The pool for small pieces would hide most allocations.
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    return sqlite3_initialize() == SQLITE_OK;
  }();
  REQUIRE(once);
}

// Lets every allocation of `action` fail, one after the other or in strides, and returns how many
// there were.
int sweep(const std::function<void()>& action, const std::function<void()>& check, int stride = 1) {
  for (int n = 0;; n += stride) {
    CAPTURE(n);
    allocations_left = n;
    bool failed = false;
    try {
      action();
    } catch (const hewn::error& failure) {
      allocations_left = -1;
      failed = true;
      CAPTURE(failure.what());
      CHECK(failure.code() == hewn::errc::out_of_memory);
    }
    const bool reached = allocations_left < 0;
    allocations_left = -1;
    check();
    if (!reached) {
      CHECK_FALSE(failed);
      return n;
    }
  }
}

}  // namespace

TEST_CASE("a failing allocation is an error, and everything is as before", "[s42]") {
  use_failing_memory();
  const support::temporary_folder folder("native_executor_memory_test");
  const std::string file = folder.path + "/app.db";
  raw_sqlite db(file);
  db.run(
      "CREATE TABLE p (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);"
      "CREATE TABLE c (p_id INT REFERENCES p ON DELETE CASCADE); CREATE INDEX i ON c (p_id);"
      "CREATE VIEW v AS SELECT a FROM p;"
      "CREATE TRIGGER g AFTER INSERT ON c BEGIN SELECT 1; END;"
      "INSERT INTO p VALUES (1, '01'), (2, '2'); INSERT INTO c VALUES (1), (2), (NULL);"
      "PRAGMA ignore_check_constraints = ON; PRAGMA legacy_alter_table = ON");
  const auto live = db.introspect();
  const auto check = [&] {
    CHECK(sqlite3_get_autocommit(db.native()) == 1);
    CHECK(sqlite3_next_stmt(db.native(), nullptr) == nullptr);
    CHECK(db.column("PRAGMA foreign_keys") == lines{"1"});
    CHECK(db.column("PRAGMA legacy_alter_table") == lines{"1"});
    CHECK(db.column("SELECT count(*) FROM c") == lines{"3"});
  };
  const std::vector<hewn::step> steps = {
      {.sql = "CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT)"},
      {step_kind::copy, "INSERT INTO n SELECT id, a FROM p ORDER BY rowid", "p"},
      {step_kind::expect, "SELECT (SELECT count(*) FROM n) = (SELECT count(*) FROM p)", "p"},
      {.sql = "DROP VIEW v"},
      {.sql = "DROP TABLE p"},
      {.sql = "ALTER TABLE n RENAME TO p"}};
  const auto apply = [&] {
    db.transaction({.moves_rows = true}, [&] {
      for (const hewn::step& s : steps)
        if (s.kind != step_kind::expect) db.native_executor::execute(s.sql);
      throw 1;
    });
  };

  SECTION("moving rows") {
    CHECK(sweep(
              [&] {
                try {
                  apply();
                } catch (int) {
                }
              },
              [&] {
                check();
                CHECK(db.column("SELECT a FROM v") == lines{"01", "2"});
              }) > 100);
  }
  // Not inside CHECK, which would keep the exception to itself.
  SECTION("rehearsing") {
    sweep(
        [&] {
          const auto done = db.rehearse(live, steps);
          CHECK(done.problems == lines{});
          CHECK(done.after.tables.size() == 2);
        },
        check);
  }
  SECTION("counting and validating") {
    sweep(
        [&] {
          const auto found = db.count_conversion("p", "a", "id", "INTEGER");
          CHECK(found.changed == 1);
        },
        check);
    sweep(
        [&] {
          const lines found = db.broken_references();
          CHECK(found == lines{});
        },
        check);
    sweep(
        [&] {
          const lines found = db.broken_objects();
          CHECK(found == lines{});
        },
        check);
    sweep(
        [&] {
          const auto found = db.query("SELECT ?1", {"a"});
          CHECK(found.size() == 1);
        },
        check);
    sweep(
        [&] {
          const auto found = hewn::sqlite::schema_from_file(file);
          CHECK(found.tables.size() == 2);
        },
        check);
    sweep(
        [&] {
          const auto found = hewn::sqlite::schema_from_sql("CREATE TABLE t (a); SELECT 1");
          CHECK(found.tables.size() == 1);
        },
        check);
  }
  SECTION("a backup, there and back") {
    constexpr int stride = 7;  // each attempt waits for the disk
    db.run(
        "CREATE TABLE hewn_identity (only_row INTEGER NOT NULL PRIMARY KEY, id TEXT NOT NULL);"
        "INSERT INTO hewn_identity VALUES (1, 'saved')");
    std::string saved;
    sweep([&] { saved = db.backup("", "x"); },
          [&] {
            check();
            for (const std::string& name : folder.files()) CHECK(name.find(".tmp") == name.npos);
          },
          stride);
    sweep([&] { hewn::sqlite::restore(db.native(), saved); }, check, stride);
    sweep([&] { hewn::sqlite::restore(file, saved); }, check, stride);
  }
}
