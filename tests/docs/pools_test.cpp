// tests/docs/pools_test.cpp - the snippets of docs/guide/pool.md and docs/guide/notifications.md.
// SPDX-License-Identifier: BSL-1.0
#include "model.hpp"

#include <hewn/json.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/listen.hpp>
#include <hewn/sqlite/pool.hpp>

#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using hewn::col;
using support::temporary_file;
using namespace std::chrono_literals;

struct deployment {
  std::string version;
  std::int64_t machines = 0;
};

hewn::sqlite::pool make_pool(const std::string& path) {
  auto pool = hewn::sqlite::open_pool(path);
  hewn::sync<task, user, team_member>(pool.acquire());
  return pool;
}

// ---------------------------------------------------------------------------- pool.md

TEST_CASE("pool") {
  const temporary_file file("docs_pool.db");
  const std::string& path = file.path;
  // [pool_open]
  auto pool = hewn::sqlite::open_pool(path, {.size = 8});  // one writer and seven readers
  hewn::sync<task, user, team_member>(pool.acquire());
  // [/pool_open]

  // clang-format off
  // [pool_use]
  const auto id = pool.transaction(
      [](hewn::sqlite::transaction& tx) { return tx.insert(task{.title = "shared"}).id; });
  const auto title = pool.read([&](hewn::sqlite::transaction& tx) {
    return tx.get<task>(id).title;  // a reader: no writer blocks it, and it blocks none
  });
  pool.write([&](hewn::sqlite::pooled& db) {  // no transaction around it
    db.update_all<task>(col<&task::priority> = 2);
  });
  // [/pool_use]
  // clang-format on
  CHECK(title == "shared");

  // [pool_acquire]
  {
    auto db = pool.acquire();  // has the verbs of a database
    auto tx = db.begin();
    tx.insert(task{.title = "by hand"});
    tx.commit();
  }  // goes back here
  // [/pool_acquire]
  CHECK(pool.acquire_reader().count<task>() == 2);

  std::atomic<std::int64_t> seen{0};
  // [pool_threads]
  std::vector<std::jthread> workers;
  for (int i = 0; i != 4; ++i)
    workers.emplace_back([&] {
      pool.transaction([](auto& tx) { tx.insert(task{.title = "one of four"}); });
      seen += pool.read([](auto& tx) { return tx.template count<task>(); });
    });
  // [/pool_threads]
  workers.clear();
  CHECK(seen > 4 * 2);

  // [pool_statistics]
  const hewn::pool_statistics s = pool.statistics();
  const bool crowded = s.waiting > s.size || s.timeouts > 0 || s.longest_wait > 100ms;
  // [/pool_statistics]
  CHECK_FALSE(crowded);

  // [pool_close]
  const bool finished = pool.close(10s);  // waits for what is out, at most so long
  // [/pool_close]
  CHECK(finished);
}

TEST_CASE("pool options") {
  const temporary_file file("docs_pool_options.db");
  const std::string& path = file.path;
  std::vector<std::string> log;
  // [pool_setup]
  auto pool = hewn::sqlite::open_pool(
      path,
      {.size = 4,
       .timeout = 2s,
       .observe =
           [&](const hewn::pool_event& e) {
             if (e.what == hewn::pool_event::kind::left_open)
               log.push_back(std::string("left open by ") + e.site.function);
           }},
      {.synchronous = hewn::sqlite::synchronous::normal},
      [](hewn::sqlite::database& db) { db.set_statement_cache_capacity(16); });
  // [/pool_setup]
  {
    auto db = pool.acquire();
    auto tx = db.begin();
    db.give_back();
  }
  CHECK(log.size() == 1);
}

TEST_CASE("pool timeout") {
  const temporary_file file("docs_pool_timeout.db");
  auto pool = make_pool(file.path);
  auto held = pool.acquire();
  held.hand_over();
  bool busy = false;
  // [pool_timeout]
  if (auto db = pool.try_acquire(50ms))
    db->insert(task{.title = "in time"});
  else
    busy = db.error().code() == hewn::errc::pool_timeout;
  // [/pool_timeout]
  CHECK(busy);
}

// ---------------------------------------------------------------------------- notifications.md

TEST_CASE("notifications") {
  const temporary_file file("docs_notifications.db");
  auto pool = make_pool(file.path);
  std::vector<std::int64_t> changed;
  std::vector<std::string> deployed;
  // [listen]
  hewn::listener inbox = hewn::listen(pool);
  inbox.on<task>([&](const hewn::row_change& c) {
    if (c.action != hewn::row_action::removed && c.key) changed.push_back(*c.key);
  });
  // [/listen]
  std::jthread other(
      [&] { pool.transaction([](auto& tx) { tx.insert(task{.title = "from elsewhere"}); }); });
  // [listen_wait]
  while (changed.empty()) inbox.wait(5s);  // poll() does not wait
  // [/listen_wait]
  other.join();
  CHECK(changed == std::vector<std::int64_t>{1});

  // [listen_messages]
  inbox.on<hewn::json<deployment>>(
      "deployments", [&](const hewn::json<deployment>& d) { deployed.push_back(d->version); });
  // [/listen_messages]
  // [notify]
  pool.transaction([](auto& tx) {
    tx.insert(task{.title = "deploy"});
    hewn::notify(tx, "deployments", hewn::json<deployment>{{.version = "1.2", .machines = 3}});
  });  // announced here, both the row and the message
  // [/notify]
  inbox.poll();
  CHECK(changed.back() == 2);
  CHECK(deployed == std::vector<std::string>{"1.2"});
  // [listen_off]
  inbox.off<task>();
  inbox.off("deployments");
  // [/listen_off]
  pool.transaction([](auto& tx) { tx.insert(task{.title = "unheard"}); });
  CHECK(inbox.poll() == 0);
}

}  // namespace
