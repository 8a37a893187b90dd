// tests/migrate/faults_test.cpp - whatever fails at whatever moment, the database is at one version
// or the next, and the history is true.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>

#include <support/fault_sweep.hpp>
#include <support/fault_vfs.hpp>
#include <support/number.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <new>
#include <string>
#include <vector>

using hewn::migrator;
using support::file_operation;
using support::number;
using support::temporary_file;

namespace {

// Some of the places, at a stride that lets runs of other lengths be hit elsewhere; all on demand.
std::int64_t stride(std::int64_t closely, std::int64_t sparsely) {
  if (support::sweeps_all()) return 1;
  return support::sweeps_again() ? sparsely : closely;
}

// A table with rows; its rebuild by hand; steps.
std::vector<hewn::migration_file> files() {
  return hewn::read_migrations(
      {{"0001_users.sql",
        "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n"
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, user INTEGER REFERENCES users (id) ON DELETE "
        "CASCADE);\n"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO "
        "users SELECT i, hex(zeroblob(50)) || i FROM n;\nINSERT INTO posts SELECT id, id FROM "
        "users;"},
       {"0002_rebuild.sql",
        "-- foreign keys off\n-- up\nCREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT NOT "
        "NULL);\nINSERT INTO fresh SELECT * FROM users;\nDROP TABLE users;\nALTER TABLE fresh "
        "RENAME "
        "TO users;"},
       {"0003_steps.sql",
        "-- no transaction\n-- up\nCREATE TABLE steps (x);\nINSERT INTO steps VALUES "
        "(1);\nVACUUM;\n"
        "INSERT INTO steps VALUES (2);"}});
}

// What must hold after a failure, and that the next run repairs it.
void check_and_finish(const std::string& path, bool write_ahead_log) {
  auto db = hewn::sqlite::open(
      path, {.write_ahead_log = write_ahead_log, .synchronous = hewn::sqlite::synchronous::off});
  migrator m(db, files());
  const auto status = m.status();
  bool before_applied = true;
  for (const auto& s : status) {
    const bool is_applied = s.state == hewn::migration_state::applied;
    CHECK((before_applied || !is_applied));
    before_applied = is_applied;
  }
  const auto applied = [&](std::size_t i) {
    return status[i].state == hewn::migration_state::applied;
  };
  CHECK(number(db, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'users'") ==
        (applied(0) ? 1 : 0));
  if (applied(0)) {
    CHECK(number(db, "SELECT COUNT(*) FROM users") == 40);
    CHECK(number(db, "SELECT COUNT(*) FROM posts") == 40);
    CHECK(number(db, "SELECT COUNT(*) FROM pragma_table_info('users') WHERE \"notnull\"") ==
          (applied(1) ? 1 : 0));
  }
  m.up();
  CHECK(number(db, "SELECT COUNT(*) FROM users") == 40);
  CHECK(number(db, "SELECT COUNT(*) FROM posts") == 40);
  CHECK(number(db, "SELECT COUNT(*) FROM steps") == 2);
  CHECK(number(db, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'fresh'") == 0);
  CHECK(number(db, "SELECT COUNT(*) FROM hewn_migrations") == 3);
  CHECK(number(db, "SELECT COUNT(*) FROM hewn_migration_steps") == 0);
  CHECK(number(db, "SELECT COUNT(*) FROM pragma_foreign_key_check") == 0);
  CHECK(db.one<std::string>(hewn::sql<"PRAGMA integrity_check">) == "ok");
}

// Runs all migrations; whether they all ended well.
bool run(const std::string& path, bool write_ahead_log,
         hewn::sqlite::synchronous pressed = hewn::sqlite::synchronous::full) {
  try {
    auto db =
        hewn::sqlite::open(path, {.write_ahead_log = write_ahead_log, .synchronous = pressed});
    migrator(db, files()).up();
    return true;
  } catch (const hewn::error&) {
    return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

TEST_CASE("the file system fails at every single operation, once or from then on") {
  for (const bool write_ahead_log : {true, false}) {
    for (const int code : {SQLITE_IOERR_WRITE, SQLITE_FULL}) {
      for (const bool for_good : {true, false}) {
        int failures = 0;
        for (std::int64_t nth = 1;; nth += stride(5, 17)) {
          CAPTURE(write_ahead_log, code, for_good, nth);
          const temporary_file file("faults.db");
          std::int64_t count = 0;
          {
            support::fault_vfs vfs;
            vfs.flushes = false;  // nobody looks whether it has reached the disk
            vfs.decide = [&](const file_operation&) {
              ++count;
              return count == nth || (for_good && count > nth) ? code : SQLITE_OK;
            };
            if (!run(file.path, write_ahead_log)) ++failures;
            vfs.decide = nullptr;
          }
          check_and_finish(file.path, write_ahead_log);
          if (count < nth) break;
        }
        CHECK(failures > 3);
      }
    }
  }
}

namespace {

// SQLite's allocator, made to fail at one call.
sqlite3_mem_methods real_memory;
std::int64_t calls_left = -1;  // negative: never fails

bool fails_now() { return calls_left >= 0 && calls_left-- == 0; }

class failing_memory {
 public:
  failing_memory() {
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods failing = real_memory;
    failing.xMalloc = [](int n) { return fails_now() ? nullptr : real_memory.xMalloc(n); };
    failing.xRealloc = [](void* p, int n) {
      return fails_now() ? nullptr : real_memory.xRealloc(p, n);
    };
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);  // so that every allocation is asked
    sqlite3_initialize();
  }
  failing_memory(const failing_memory&) = delete;
  failing_memory& operator=(const failing_memory&) = delete;
  ~failing_memory() {
    calls_left = -1;
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_MALLOC, &real_memory);
    sqlite3_initialize();
  }
};

}  // namespace

TEST_CASE("SQLite runs out of memory at any allocation") {
  const failing_memory memory;
  int failures = 0;
  for (std::int64_t nth = 0;; nth += stride(37, 149)) {
    CAPTURE(nth);
    const temporary_file file("memory.db");
    calls_left = nth;
    const bool good = run(file.path, true, hewn::sqlite::synchronous::off);
    const bool reached = calls_left < 0;
    calls_left = -1;
    if (!good) ++failures;
    check_and_finish(file.path, true);
    if (!reached) break;
  }
  CHECK(failures > 20);
}
