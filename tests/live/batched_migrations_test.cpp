// tests/live/batched_migrations_test.cpp - the pace of batched migrations, on both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using hewn::errc;
using hewn::migration_progress;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::open_new;
using support::says;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;
using told = std::vector<migration_progress>;

// Fills `done` of `rows` rows with the keys 2, 4, 6 and so on.
template <class Driver, class Limits>
migrator<Driver> filling(hewn::transactional<Driver>& db, int rows, told& seen, Limits limits) {
  if (db.connection().native().column_names("pages").empty()) {
    db.script("CREATE TABLE pages (id INTEGER PRIMARY KEY, done INTEGER)");
    std::string values;
    for (int i = 1; i <= rows; ++i) values += (i == 1 ? "(" : ", (") + std::to_string(2 * i) + ")";
    db.script("INSERT INTO pages (id) VALUES " + values);
  }
  migrator m(db, {}, {.progress = [&seen](const migration_progress& p) {
               if (p.what == migration_progress::batch || p.what == migration_progress::waiting)
                 seen.push_back(p);
             }});
  hewn::batched<Driver> b{.table = "pages", .size = 10};
  b.change = [](auto& tx, std::int64_t first, std::int64_t last) {
    tx.execute(hewn::sql<"UPDATE pages SET done = COALESCE(done, 0) + 1 WHERE id BETWEEN ? AND ?">,
               first, last);
  };
  limits(b);
  m.add({.version = 1, .name = "fill", .id = "1", .batches = std::move(b), .rehearsed = false});
  return m;
}

const auto as_it_goes = [](auto&) {};

}  // namespace

TEST_CASE("each batch tells what is done, what is left and how fast it goes") {
  auto db = open_new();
  told seen;
  auto m = filling(db, 40, seen, as_it_goes);
  m.up();
  REQUIRE(seen.size() == 4);
  std::int64_t done = 0;
  for (const migration_progress& p : seen) {
    done += 10;
    CHECK(p.what == migration_progress::batch);
    CHECK(p.version == 1);
    CHECK(p.done == done);
    // By the keys: the first one has none below it.
    CHECK(p.left >= 40 - done);
    CHECK(p.left <= 42 - done);
    CHECK(p.rows_per_second > 0);
    CHECK(p.remaining.has_value());
  }
  CHECK(seen.back().left == 0);
  CHECK(seen.back().remaining == 0s);
}

TEST_CASE("rows per second are not exceeded, and a dry run does not wait") {
  auto db = open_new();
  told seen;
  auto m = filling(db, 40, seen, [](auto& b) { b.rows_per_second = 100; });
  auto begun = clock_type::now();
  CHECK(m.dry_run().results.at(0).rows == 40);
  const auto dry = clock_type::now() - begun;
  seen.clear();
  begun = clock_type::now();
  m.up();
  const auto took = clock_type::now() - begun;
  CHECK(took >= 400ms);
  CHECK(dry < took);
  REQUIRE(seen.size() == 4);
  for (const migration_progress& p : seen) CHECK(p.rows_per_second <= 101);
}

TEST_CASE("batches follow a wanted time") {
  auto db = open_new();
  told seen;
  auto m = filling(db, 100, seen, [](auto& b) {
    b.size = 1;
    b.batch_time = 1h;
  });
  m.up();
  std::vector<std::int64_t> done;
  for (const migration_progress& p : seen) done.push_back(p.done);
  CHECK(done == std::vector<std::int64_t>{1, 3, 7, 15, 31, 63, 100});
  CHECK(number(db, "SELECT sum(done) FROM pages") == 100);
}

TEST_CASE("a batch waits while the program says so") {
  auto db = open_new();
  told seen;
  int asked = 0;
  auto m = filling(db, 30, seen,
                   [&](auto& b) { b.pause_while = [&] { return ++asked == 2 || asked == 3; }; });
  m.up();
  CHECK(asked == 6);  // before the three batches and the one that finds nothing
  REQUIRE(seen.size() == 5);
  CHECK(seen[0].done == 10);
  for (const std::size_t i : {1u, 2u}) {
    CHECK(seen[i].what == migration_progress::waiting);
    CHECK(seen[i].done == 10);
  }
  CHECK(number(db, "SELECT sum(done) FROM pages") == 30);
}

TEST_CASE("a wait has an end, and the next run goes on behind what is done") {
  auto db = open_new();
  told seen;
  bool free = true;
  const auto waiting = [&](auto& b) {
    b.pause_while = [&] { return !free; };
    b.patience = 60ms;
  };
  auto m = filling(db, 30, seen, [&](auto& b) {
    waiting(b);
    b.change = [change = std::move(b.change), &free](auto& tx, auto first, auto last) {
      change(tx, first, last);
      free = false;
    };
  });
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == errc::busy);
  CHECK(failure.retryable());
  CHECK(std::string(failure.what()) ==
        "hewn: the next batch of migration 1 (fill) has waited for more than 60 ms, because "
        "pause_while asks for it, and what came before it stays done; run again later, or raise "
        "patience");
  CHECK(number(db, "SELECT sum(done) FROM pages") == 10);
  CHECK(m.status().at(0).state == hewn::migration_state::interrupted);
  CHECK(support::idle(db));
  free = true;
  seen.clear();
  auto again = filling(db, 30, seen, waiting);
  CHECK(again.up().results.at(0).rows == 30);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].done == 20);
  CHECK(seen[0].left >= 9);  // of this run alone
  CHECK(seen[0].left <= 11);
  CHECK(number(db, "SELECT sum(done) FROM pages") == 30);
}

TEST_CASE("what pause_while does on the connection of the migration is refused") {
  auto db = open_new();
  told seen;
  auto m = filling(db, 30, seen, [&](auto& b) {
    b.pause_while = [&] {
      db.script("INSERT INTO pages (id) VALUES (1000)");
      return false;
    };
  });
  CHECK(failure_of([&] { m.up(); }).code() == errc::usage);
  CHECK(number(db, "SELECT count(*) FROM pages") == 30);
}

TEST_CASE("limits below zero are refused") {
  auto db = open_new();
  told seen;
  const auto refused = [&](const auto& spoil) {
    return says(failure_of([&] { filling(db, 1, seen, [&](auto& b) { spoil(b); }); }),
                "has a limit of batches that is below zero");
  };
  CHECK(refused([](auto& b) { b.rows_per_second = -1; }));
  CHECK(refused([](auto& b) { b.throttle = -1ms; }));
  CHECK(refused([](auto& b) { b.batch_time = -1ms; }));
  CHECK(refused([](auto& b) { b.max_replica_lag = -1ms; }));
  CHECK(refused([](auto& b) { b.patience = -1ms; }));
}

TEST_CASE("a database without replicas waits for none") {
  auto db = open_new();
  told seen;
  auto m = filling(db, 30, seen, [](auto& b) { b.max_replica_lag = 1ms; });
  CHECK(m.up().results.at(0).rows == 30);
}
