// tests/postgres/pool_test.cpp - a pool of connections to a server.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/pool.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

using hewn::col;
using hewn::errc;
using support::postgres_server;

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

TEST_CASE("threads share a pool of connections", "[P1]") {
  auto pool = open_pool(new_schema(), 3);
  std::vector<std::thread> threads;
  for (int t = 0; t != 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i != 20; ++i)
        pool.acquire().update<counter>(1, col<& counter::value> = col<&counter::value> + 1);
    });
  for (std::thread& t : threads) t.join();
  CHECK(pool.acquire().get<counter>(1).value == 160);
  CHECK(pool.statistics().idle <= 3);
}

TEST_CASE("connections that the server has closed are replaced before they are used", "[P4]") {
  auto pool = open_pool(new_schema(), 4);
  {
    std::vector<hewn::postgres::pooled> held;
    for (int i = 0; i != 4; ++i) held.push_back(pool.acquire());
  }
  postgres_server::get().run(terminate_others);
  for (int i = 0; i != 20; ++i) CHECK(pool.acquire().count<counter>() == 1);
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

TEST_CASE("a child of fork() leaves the connections of its parent alone", "[P5]") {
  auto db = support::open_new();
  hewn::sync<counter>(db);
  db.insert(counter{});
  const pid_t child = fork();
  if (child == 0) {
    {
      const auto mine = std::move(db);
      const auto refused = mine.try_count<counter>();
      if (refused || refused.error().code() != errc::usage) _exit(1);
    }
    _exit(0);  // the connection has been destroyed before
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(db.count<counter>() == 1);
}
