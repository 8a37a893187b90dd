// tests/postgres/pool_test.cpp - a pool of connections to a server.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/pool.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using hewn::errc;
using support::failure_of;
using support::postgres_server;
using support::says;

namespace {

struct counter {
  std::int64_t id = 0;
  std::int64_t value = 0;
};

hewn::postgres::pool open_pool(const std::string& schema, std::size_t size) {
  return hewn::postgres::open_pool(postgres_server::get().url(), {.size = size},
                                   {.search_path = {schema}});
}

std::string new_schema() {
  const auto db = support::open_new();
  hewn::sync<counter>(db);
  db.insert(counter{});
  return db.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
}

std::string terminate_others =
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'";

}  // namespace

TEST_CASE("connections that the server has closed are replaced before they are used", "[P4]") {
  auto pool = open_pool(new_schema(), 4);
  {
    std::vector<hewn::postgres::pooled> held;
    for (int i = 0; i != 4; ++i) held.push_back(pool.acquire());
  }
  postgres_server::get().run(terminate_others);
  for (int i = 0; i != 20; ++i) CHECK(pool.acquire().count<counter>() == 1);
}

// A server that has crashed, and one that was shut down.
TEST_CASE("a pool outlives its server: connections are replaced, and nothing is run twice",
          "[P4]") {
  const bool orderly = GENERATE(true, false);
  auto& server = postgres_server::get();
  std::vector<std::string> closed;
  const std::string schema = new_schema();
  const auto pool = hewn::postgres::open_pool(server.url(),
                                              {.size = 4,
                                               .observe =
                                                   [&](const hewn::pool_event& e) {
                                                     if (e.what == hewn::pool_event::kind::closed)
                                                       closed.emplace_back(e.reason);
                                                   }},
                                              {.search_path = {schema}});
  {
    std::vector<hewn::postgres::pooled> held;
    for (int i = 0; i != 4; ++i) held.push_back(pool.acquire());
  }
  int runs = 0;
  const auto failure = failure_of([&] {
    pool.transaction(hewn::retry{.attempts = 5}, [&](auto& tx) {
      ++runs;
      tx.insert(counter{.value = 1});
      server.stop(orderly);
      server.start();
      tx.insert(counter{.value = 2});
    });
  });
  CHECK(runs == 1);
  CHECK(failure.code() == errc::connection_lost);
  CHECK(says(failure, "the connection"));
  CHECK(says(failure, "repeat the transaction"));
  for (int i = 0; i != 100; ++i) REQUIRE(pool.acquire().count<counter>() == 1);
  {
    std::vector<hewn::postgres::pooled> held;
    for (int i = 0; i != 4; ++i) held.push_back(pool.acquire());
    for (const auto& c : held) CHECK(c.count<counter>() == 1);
  }
  CHECK(closed == std::vector<std::string>{"it had failed", "it was found dead",
                                           "it was found dead", "it was found dead"});
  CHECK(pool.statistics().opened == 8);

  server.stop(orderly);
  CHECK(failure_of([&] { pool.acquire(); }).code() == errc::cannot_open);
  server.start();
  CHECK(pool.acquire().count<counter>() == 1);
}

TEST_CASE("threads at work when the server restarts know what became of each transaction",
          "[P4][T6]") {
  auto& server = postgres_server::get();
  const auto pool = open_pool(new_schema(), 4);
  pool.acquire().remove_all<counter>();
  constexpr int workers = 4;
  constexpr std::int64_t after = 20;  // transactions that each must manage after the restart
  std::atomic<int> begun = 0;
  std::atomic<bool> restarted = false;
  std::mutex mutex;
  std::map<std::int64_t, errc> failed;
  std::set<std::int64_t> done;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t != workers; ++t)
      threads.emplace_back([&, t] {
        std::int64_t number = t * 1'000'000;
        for (std::int64_t rest = after; rest != 0;) {
          ++number;
          const bool late = restarted;
          const auto ended = pool.try_transaction([&](auto& tx) {
            tx.insert(counter{.value = number});
            ++begun;
            tx.insert(counter{.value = -number});
          });
          const std::lock_guard lock(mutex);
          if (ended)
            done.insert(number);
          else
            failed.emplace(number, ended.error().code());
          if (late && ended) --rest;
        }
      });
    while (begun < 50) std::this_thread::yield();
    server.stop();
    server.start();
    restarted = true;
  }
  std::map<std::int64_t, int> stored;
  for (const counter& c : pool.acquire().all<counter>()) ++stored[c.value];
  std::size_t wrong = 0;
  for (const auto& [value, times] : stored)
    if (times != 1 || !stored.contains(-value)) ++wrong;
  for (const std::int64_t number : done)
    if (!stored.contains(number)) ++wrong;
  for (const auto& [number, code] : failed) {
    const bool known = code == errc::connection_lost || code == errc::cannot_open;
    if (!known && code != errc::commit_in_doubt) ++wrong;
    if (known && stored.contains(number)) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK_FALSE(failed.empty());
}

TEST_CASE("a session comes back as it was", "[P2]") {
  auto pool = open_pool(new_schema(), 1);
  {
    const auto c = pool.acquire();
    c.execute(hewn::sql<"SET work_mem = '1234kB'">);
    c.script("CREATE TEMPORARY TABLE left_behind (x int); SELECT pg_advisory_lock(7)");
    auto tx = c.begin();
    tx.insert(counter{});
  }
  const auto c = pool.acquire();
  CHECK(c.one<std::string>(hewn::sql<"SELECT current_setting('work_mem')">) != "1234kB");
  CHECK(c.one<bool>(hewn::sql<"SELECT to_regclass('pg_temp.left_behind') IS NULL">));
  CHECK(c.one<std::int64_t>(
            hewn::sql<"SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'">) == 0);
  CHECK(c.count<counter>() == 1);
  // What was prepared is still there.
  CHECK(c.get<counter>(1).id == 1);
}

TEST_CASE("a table that another search_path means is looked at", "[p:A12]") {
  struct weighed {
    std::int64_t id = 0;
    double weight = 0;
  };
  const std::string coarse = new_schema(), fine = new_schema();
  {
    const auto db = support::open_new();
    for (const std::string& schema : {coarse, fine})
      db.script("CREATE TABLE " + schema + ".weighed (id bigint PRIMARY KEY, weight numeric(9," +
                (schema == coarse ? "1" : "2") + ") NOT NULL)");
  }
  const auto pool = open_pool(coarse, 1);
  std::int64_t id = 0;
  const auto keeps = [&](const auto& db) {
    db.insert(weighed{.id = ++id, .weight = 2.25});
    CHECK(db.template get<weighed>(id).weight == 2.25);
    db.insert_many(std::vector<weighed>{{++id, 2.25}, {++id, 2.75}});
  };
  const auto refuses = [&](const auto& db) {
    const auto refused = [&](auto write) {
      CHECK(says(failure_of(write), "is declared numeric(9,1)"));
    };
    refused([&] { db.insert(weighed{.id = ++id, .weight = 2.25}); });
    refused([&] { db.insert_many(std::vector<weighed>{{++id, 2.25}, {++id, 2.75}}); });
  };
  const auto as_value = [](const std::string& schema) { return "'" + schema + "'"; };
  for (int again = 0; again != 2; ++again) {
    {
      auto db = pool.acquire();
      refuses(db);
      db.execute(hewn::dynamic_sql("SET search_path TO " + fine));
      keeps(db);
      db.execute(hewn::dynamic_sql("RESET search_path"));
      refuses(db);
      auto tx = db.begin();
      tx.template one<std::string>(
          hewn::dynamic_sql("SELECT set_config('Search_Path', " + as_value(fine) + ", true)"));
      keeps(tx);
      tx.commit();
      refuses(db);
      db.script("SET search_path TO " + fine);
      keeps(db);
    }
    refuses(pool.acquire());
  }
}
