// tests/docs/server_trouble_test.cpp - the snippets of docs/guide/postgresql.md about trouble.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres.hpp>

#include <support/pgbouncer.hpp>
#include <support/postgres_proxy.hpp>
#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace {

using hewn::col;
using hewn::errc;
using namespace std::chrono_literals;

struct account {
  std::int64_t id = 0;
  std::int64_t balance = 0;
};

}  // namespace

TEST_CASE("limits of time, and another thread that stops a statement") {
  const std::string url = support::postgres_server::get().url();
  // [time_limits]
  auto db = hewn::postgres::open(
      url, {.statement_timeout = 30s, .lock_timeout = 2s, .idle_in_transaction_timeout = 1min});
  // [/time_limits]
  bool stopped = false;
  // [interrupt]
  const auto stop = db.interrupter();
  std::jthread impatient([&] {
    // ... until somebody has had enough:
    stop.interrupt();
  });
  try {
    db.execute(hewn::sql<"SELECT pg_sleep(0.2)">);
  } catch (const hewn::error& e) {
    stopped = e.code() == errc::interrupted;
  }
  // [/interrupt]
  impatient.join();
  CHECK((stopped || db.one<int>(hewn::sql<"SELECT 1">) == 1));
}

TEST_CASE("a commit in doubt is settled") {
  const auto direct = hewn::postgres::open(support::postgres_server::get().url());
  hewn::sync<account>(direct);
  direct.insert(account{.balance = 100});
  support::postgres_proxy proxy(support::postgres_server::get().folder());
  const std::string url = "host=" + proxy.folder() + " user=postgres dbname=postgres";
  const auto deposit = [&](const hewn::postgres::database& db) {
    // clang-format off
    // [in_doubt]
    std::uint64_t number = 0;
    try {
      db.transaction([&](auto& tx) {
        tx.template update<account>(1, col<&account::balance> = col<&account::balance> + 50);
        number = hewn::postgres::transaction_id(tx);  // one more message
      });
      return true;
    } catch (const hewn::error& e) {
      if (e.code() != errc::commit_in_doubt) throw;
    }
    const auto fresh = hewn::postgres::open(url);
    auto known = hewn::postgres::outcome::in_progress;
    while (known == hewn::postgres::outcome::in_progress)
      known = hewn::postgres::outcome_of(fresh, number);
    return known == hewn::postgres::outcome::committed;
    // [/in_doubt]
    // clang-format on
  };
  const auto db = hewn::postgres::open(url);
  proxy.arm({});
  CHECK(deposit(db));
  const int last = proxy.seen(support::postgres_proxy::sender::client);
  // The second time the statements are prepared already; COMMIT is the last message.
  proxy.arm({});
  CHECK(deposit(db));
  const int commit = proxy.seen(support::postgres_proxy::sender::client);
  CHECK(commit < last);
  proxy.arm({.how = support::postgres_proxy::fault::deafen, .message = commit});
  CHECK(deposit(db));
  CHECK(direct.get<account>(1).balance == 250);
}

TEST_CASE("behind a proxy") {
  const std::string url = support::pgbouncer::get().url();
  // [pooling]
  auto db = hewn::postgres::open(url, {.transaction_pooling = true});
  // [/pooling]
  CHECK(db.one<int>(hewn::sql<"SELECT 1">) == 1);
}

TEST_CASE("the server's own code of an error", "[p:C5]") {
  const auto db = hewn::postgres::open(support::postgres_server::get().url());
  db.script("DROP TABLE IF EXISTS held; CREATE TABLE held (id int); INSERT INTO held VALUES (1)");
  const auto other = hewn::postgres::open(support::postgres_server::get().url());
  auto holder = other.begin();
  holder.script("UPDATE held SET id = 1");
  bool locked = false;
  // [sqlstate]
  try {
    db.script("SELECT id FROM held FOR UPDATE NOWAIT");
  } catch (const hewn::error& e) {
    locked = hewn::postgres::sqlstate(e) == "55P03";  // lock_not_available
  }
  // [/sqlstate]
  CHECK(locked);
}
