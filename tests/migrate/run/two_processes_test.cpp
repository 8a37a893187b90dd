// tests/migrate/run/two_processes_test.cpp - several programs that migrate one database at once.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/schema/migration_executor.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

using hewn::migrations_in;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::says;
using support::temporary_file;
using support::temporary_folder;

namespace {

// Starts all children at the same moment; returns how many ended well.
template <class Action>
int run_together(int processes, Action action) {
  int start[2];
  REQUIRE(pipe(start) == 0);
  std::vector<pid_t> children;
  for (int i = 0; i != processes; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      close(start[1]);
      char byte = 0;
      if (read(start[0], &byte, 1) < 0) _exit(2);  // returns when the parent closes its end
      int code = 1;
      try {
        action();
        code = 0;
      } catch (const std::exception&) {
      }
      _exit(code);
    }
    children.push_back(child);
  }
  close(start[0]);
  close(start[1]);
  int good = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    good += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 1 : 0;
  }
  return good;
}

}  // namespace

TEST_CASE("processes that start together apply each migration once", "[s88]") {
  const temporary_folder folder("migrations");
  for (int i = 1; i <= 10; ++i) {
    const std::string n = std::to_string(i);
    // One in three is committed step by step.
    folder.write((i < 10 ? "000" : "00") + n + "_step.sql",
                 std::string(i % 3 == 0 ? "-- no transaction\n" : "") + "-- up\nCREATE TABLE t" +
                     n + " (x);\nINSERT INTO t" + n + " VALUES (1);\nUPDATE t" + n +
                     " SET x = x + 1;\n");
  }
  for (const bool write_ahead_log : {true, false}) {
    const temporary_file file("together.db");
    CHECK(run_together(4, [&] {
            auto db = hewn::sqlite::open(file.path, {.write_ahead_log = write_ahead_log});
            migrator(db, migrations_in(folder.path)).up();
          }) == 4);
    auto db = hewn::sqlite::open(file.path);
    CHECK(number(db, "SELECT COUNT(*) FROM hewn_migrations") == 10);
    CHECK(number(db, "SELECT COUNT(DISTINCT version) FROM hewn_migrations") == 10);
    for (int i = 1; i <= 10; ++i) {
      const std::string rows = "SELECT COUNT(*) * 10 + SUM(x) FROM t" + std::to_string(i);
      CHECK(number(db, rows) == 12);
    }
  }
}

TEST_CASE("batches are shared out to nobody twice", "[s88]") {
  const temporary_file file("batches.db");
  const auto files = hewn::read_migrations({{"0001_pages.sql",
                                             "-- up\nCREATE TABLE pages (id INTEGER PRIMARY KEY, "
                                             "done INTEGER NOT NULL DEFAULT 0);\nWITH "
                                             "RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                             "FROM n WHERE i < 200) INSERT INTO pages "
                                             "(id) SELECT i FROM n;"}});
  CHECK(run_together(3, [&] {
          auto db = hewn::sqlite::open(file.path);
          migrator m(db, files);
          m.add({.version = 2,
                 .name = "fill",
                 .id = "1",
                 .batches = {{.table = "pages",
                              .size = 9,
                              .change =
                                  [](auto& tx, std::int64_t first, std::int64_t last) {
                                    tx.execute(
                                        hewn::sql<"UPDATE pages SET done = done + 1 WHERE id "
                                                  "BETWEEN ? AND ?">,
                                        first, last);
                                  }}},
                 .overwrites = {"pages.done"}});
          m.up();
        }) == 3);
  auto db = hewn::sqlite::open(file.path);
  CHECK(number(db, "SELECT COUNT(*) FROM pages WHERE done = 1") == 200);
  CHECK(number(db, "SELECT COUNT(*) FROM hewn_migrations") == 2);
}

TEST_CASE("waiting for another process ends") {
  using namespace std::chrono_literals;
  const temporary_file file("waiting.db");
  const auto files = hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x);"},
                                            {"0002_b.sql", "-- no transaction\n-- up\nVACUUM;"}});
  auto db = hewn::sqlite::open(file.path, {.busy_timeout = 10ms});
  auto other = hewn::sqlite::open(file.path);
  migrator m(db, files, {.lock_timeout = 100ms});
  {
    auto tx = other.begin();
    CHECK(failure_of([&] { m.up(); }).code() == hewn::errc::busy);
  }
  m.up_to(1);
  hewn::sqlite::migration_executor holder(other.connection());
  REQUIRE(holder.try_lock());
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == hewn::errc::busy);
  CHECK(says(failure, "another process has been migrating"));
  holder.unlock();
  m.up();
}
