// tests/docs/pools_on_postgres_test.cpp - what pool.md and notifications.md show on a server.
// SPDX-License-Identifier: BSL-1.0
#include "model.hpp"

#include <hewn/json.hpp>
#include <hewn/postgres.hpp>
#include <hewn/postgres/listen.hpp>

#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

struct deployment {
  std::string version;
  std::int64_t machines = 0;
};

TEST_CASE("pool on PostgreSQL") {
  const std::string url = support::postgres_server::get().url();
  // [pool_on_postgres]
  auto pool = hewn::postgres::open_pool(url, {.size = 10}, {.statement_timeout = 30s});
  hewn::sync<task, user, team_member>(pool.acquire());
  // [/pool_on_postgres]
  CHECK(pool.acquire().count<task>() == 0);
}

TEST_CASE("notifications on PostgreSQL") {
  const std::string url = support::postgres_server::get().url();
  auto pool = hewn::postgres::open_pool(url);
  // [announce_changes]
  hewn::sync<task, user>(pool.acquire());
  hewn::announce_changes<task, user>(pool.acquire());
  // [/announce_changes]
  std::vector<std::int64_t> changed;
  hewn::listener inbox = hewn::listen(pool);
  inbox.on<task>([&](const hewn::row_change& c) { changed.push_back(c.key.value_or(0)); });

  int read = 0;
  const auto read_all_again = [&] { ++read; };
  // [listen_missed]
  inbox.on_missed([&](const hewn::error&) { read_all_again(); });
  // [/listen_missed]

  {
    // [listen_interrupt]
    std::atomic<bool> ended = false;
    std::jthread other([&ended, stop = inbox.interrupter()] {
      ended = true;
      stop.interrupt();
    });
    while (!ended) inbox.wait(1h);
    // [/listen_interrupt]
  }

  support::postgres_server::get().run(
      "INSERT INTO task (title, state, priority) VALUES "
      "('by psql', 'open', 1)");
  while (changed.empty()) inbox.wait(5s);
  CHECK(changed == std::vector<std::int64_t>{1});
  support::postgres_server::get().run(
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
  while (read == 0) inbox.wait(5s);
  CHECK(read == 1);

  std::vector<std::string> deployed;
  const auto deploy = [&](const std::string& version) { deployed.push_back(version); };
  // [listen_url]
  hewn::listener other = hewn::postgres::listen(url);
  other.on<hewn::json<deployment>>("deployments",
                                   [&](const hewn::json<deployment>& d) { deploy(d->version); });
  // [/listen_url]
  support::postgres_server::get().run(R"sql(
    -- [notify_by_psql]
    NOTIFY deployments, '{"version": "1.2", "machines": 3}';
    -- [/notify_by_psql]
  )sql");
  while (deployed.empty()) other.wait(5s);
  CHECK(deployed == std::vector<std::string>{"1.2"});

  pool.acquire().script("DROP FUNCTION hewn_announce_changes() CASCADE");
  pool.transaction([](auto& tx) { tx.insert(task{.title = "unheard"}); });
  bool ended = false;
  inbox.on("end", [&](const std::string&) { ended = true; });
  hewn::notify(pool.acquire(), "end", "");
  while (!ended) inbox.wait(5s);
  CHECK(changed.size() == 1);
}

}  // namespace
