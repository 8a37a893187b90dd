// tests/postgres/migrate/replicas_test.cpp - batches that wait for a replica of the server.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/postgres.hpp>
#include <hewn/postgres/migrate/migration_executor.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

using hewn::errc;
using hewn::migration_progress;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::postgres_server;
using support::says;
using namespace std::chrono_literals;

namespace {

using progress = std::function<void(const migration_progress&)>;

// Sixty rows in batches of ten.
migrator<hewn::postgres::driver> filling(hewn::postgres::database& db,
                                         std::chrono::milliseconds patience,
                                         progress tell = nullptr,
                                         std::chrono::milliseconds limit = 200ms) {
  hewn::batched<hewn::postgres::driver> b{.table = "pages", .size = 10};
  b.max_replica_lag = limit;
  b.patience = patience;
  b.throttle = 100ms;
  b.change = [](auto& tx, std::int64_t first, std::int64_t last) {
    tx.execute(hewn::sql<"UPDATE pages SET done = done + 1 WHERE id BETWEEN ? AND ?">, first, last);
  };
  migrator m(db, {}, {.progress = std::move(tell)});
  m.add({.version = 1,
         .name = "fill",
         .id = "1",
         .batches = std::move(b),
         .overwrites = {"pages.done"},
         .rehearsed = false});
  return m;
}

void make_pages(hewn::postgres::database& db) {
  db.script("DROP TABLE IF EXISTS pages, hewn_migrations, hewn_migration_steps");
  db.script(
      "CREATE TABLE pages (id int PRIMARY KEY, done int NOT NULL DEFAULT 0); INSERT INTO pages "
      "(id) SELECT n FROM generate_series(1, 60) AS n");
}

// Ends when the replica has nothing left to replay.
void catch_up(const hewn::postgres::database& db) {
  for (int i = 0; i != 1'000; ++i) {
    if (number(db,
               "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn = "
               "pg_current_wal_lsn()") == 1)
      return;
    db.script("SELECT pg_sleep(0.01)");
  }
  FAIL("the replica does not catch up");
}

}  // namespace

TEST_CASE("batches wait while a replica lags, and not for ever") {
  postgres_server primary;
  postgres_server standby;
  standby.follow(primary);
  auto db = hewn::postgres::open(primary.url());
  make_pages(db);
  catch_up(db);

  // One that keeps up, however busy this machine is, keeps nobody waiting.
  bool waited = false;
  const auto watch = [&](const migration_progress& p) {
    waited |= p.what == migration_progress::waiting;
  };
  filling(db, 60s, watch, 30s).up();
  CHECK_FALSE(waited);
  CHECK(number(db, "SELECT sum(done) FROM pages") == 60);

  // One that replays nothing.
  make_pages(db);
  catch_up(db);
  standby.run("SELECT pg_wal_replay_pause()");
  const hewn::error failure = failure_of([&] { filling(db, 500ms).up(); });
  CHECK(failure.code() == errc::busy);
  CHECK(failure.retryable());
  CHECK(says(failure,
             "has waited for more than 500 ms, because the replica walreceiver is more "
             "than 200 ms behind, and what came before it stays done"));
  const std::int64_t done = number(db, "SELECT sum(done) FROM pages");
  CHECK(done >= 10);
  CHECK(done < 60);

  // And goes on meanwhile: the next run does, too, once it has caught up.
  std::string reason;
  const auto report = filling(db, 60s, [&](const migration_progress& p) {
                        if (p.what != migration_progress::waiting || !reason.empty()) return;
                        reason = p.reason;
                        CHECK(p.done == done);
                        standby.run("SELECT pg_wal_replay_resume()");
                      }).up();
  CHECK(reason == "the replica walreceiver is more than 200 ms behind");
  CHECK(report.results.at(0).rows == 60);
  CHECK(number(db, "SELECT sum(done) FROM pages") == 60);

  // A role that sees no replica is told so before anything is done.
  make_pages(db);
  db.script(
      "CREATE ROLE app LOGIN; GRANT ALL ON SCHEMA public TO app; ALTER TABLE pages OWNER TO app");
  auto own = hewn::postgres::open(primary.url() + " user=app");
  const hewn::error blind = failure_of([&] { filling(own, 10s).up(); });
  CHECK(blind.code() == errc::cannot_open);
  CHECK(says(blind, "this role may not see how far the replicas of the server are"));
  CHECK(number(db, "SELECT sum(done) FROM pages") == 0);
  db.script("GRANT pg_monitor TO app");
  CHECK(filling(own, 10s).up().results.at(0).rows == 60);

  // One that is gone is waited for by nobody.
  make_pages(db);
  standby.stop();
  CHECK(filling(db, 10s).up().results.at(0).rows == 60);
}
