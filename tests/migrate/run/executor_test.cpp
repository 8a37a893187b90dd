// tests/migrate/run/executor_test.cpp - a database that cannot be copied and whose transactions let
// several runners in: the lock is held for the whole run, and losses are approved uncounted.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/migrate/run/migration_executor.hpp>
#include <hewn/migrate/run/migrator_history.hpp>
#include <hewn/migrate/run/migrator_runs.hpp>
#include <hewn/migrate/run/migrator_setup.hpp>
#include <hewn/migrate/run/migrator_trials.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/schema/introspect.hpp>
#include <hewn/sqlite/schema/migration_executor.hpp>

#include <support/failure.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
using hewn::migrator;
using support::failure_of;
using support::says;

namespace {

int refusals = 0;  // how often try_lock() still says no
int locks = 0;
int unlocks = 0;

struct plain_driver;

class plain_executor {
 public:
  static constexpr bool begin_excludes_others() { return false; }

  explicit plain_executor(hewn::detail::connection<plain_driver>& c) : connection_(c) {}

  static bool can_roll_back(std::string_view) { return true; }
  bool has_table(std::string_view name) const;
  bool foreign_keys() const { return true; }
  void set_foreign_keys(bool) {}
  std::vector<std::string> foreign_key_violations() const { return {}; }
  bool try_lock() {
    if (refusals > 0) return --refusals, false;
    return ++locks, true;
  }
  void unlock() noexcept { ++unlocks; }

 private:
  hewn::detail::connection<plain_driver>& connection_;
};

class plain_schema {
 public:
  explicit plain_schema(hewn::detail::connection<plain_driver>& c) : connection_(c) {}
  hewn::schema::database introspect();

 private:
  hewn::detail::connection<plain_driver>& connection_;
};

struct plain_driver : hewn::sqlite::driver {
  using migration_executor = plain_executor;
  using schema_executor = plain_schema;
};

bool plain_executor::has_table(std::string_view name) const {
  return !connection_.native().column_names(name).empty();
}

hewn::schema::database plain_schema::introspect() {
  return hewn::sqlite::introspect(connection_.native().native());
}

using database = hewn::database<plain_driver>;

database open() {
  sqlite3* handle = nullptr;
  sqlite3_open(":memory:", &handle);
  refusals = locks = unlocks = 0;
  return database(std::make_unique<hewn::detail::connection<plain_driver>>(
      hewn::sqlite::connection(handle), 16));
}

static_assert(hewn::migration_executor<plain_executor>);
static_assert(hewn::migration_executor<hewn::sqlite::migration_executor>);
static_assert(!hewn::migration_executor<plain_schema>);

}  // namespace

TEST_CASE("the lock is asked for until it is given, and held for the whole run") {
  database db = open();
  migrator m(db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x);"},
                                        {"0002_b.sql", "-- no transaction\n-- up\nSELECT 1;"}}));
  refusals = 3;
  CHECK(m.up().results.size() == 2);
  CHECK(refusals == 0);
  CHECK(locks == 1);
  CHECK(unlocks == 1);
  CHECK(m.up().empty());
  CHECK(locks == 1);  // nothing to do needs no lock

  m.add({.version = 3,
         .name = "throws",
         .id = "1",
         .up = [](auto&) { throw std::runtime_error("no"); },
         .rehearsed = false});
  CHECK_THROWS_AS(m.up(), std::runtime_error);
  CHECK(locks == 2);
  CHECK(unlocks == 2);
}

TEST_CASE("waiting for the lock ends") {
  database db = open();
  migrator m(db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x);"}}),
             {.lock_timeout = 60ms});
  refusals = 1'000'000;
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == hewn::errc::busy);
  CHECK(failure.retryable());
  CHECK(unlocks == 0);
}

TEST_CASE("what cannot be counted is approved blindly or not at all") {
  database db = open();
  const auto files = hewn::read_migrations(
      {{"0001_a.sql", "-- up\nCREATE TABLE a (x);"}, {"0002_b.sql", "-- up\nDELETE FROM a;"}});
  const hewn::error failure = failure_of([&] { migrator(db, files).up(); });
  CHECK(failure.code() == hewn::errc::approval_required);
  CHECK(says(failure, "\n  what cannot be counted"));
  std::vector<hewn::loss> asked;
  migrator m(db, files, {.approve = [&](const hewn::destruction& d) {
               asked = d.losses;
               return true;
             }});
  m.up();
  CHECK(asked == std::vector<hewn::loss>{{.kind = hewn::loss_kind::unknown}});
}

TEST_CASE("what needs an empty database to try migrations out says so") {
  database db = open();
  migrator(db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x);"}})).up();
  migrator squashed(
      db, hewn::read_migrations({{"0002_a.sql", "-- replaces: 1\n-- up\nCREATE TABLE a (x);"}}));
  CHECK(says(failure_of([&] { squashed.up(); }), "has no place to try migrations out"));
}
