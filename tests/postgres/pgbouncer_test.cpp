// tests/postgres/pgbouncer_test.cpp - behind a proxy that gives each transaction another server.
// SPDX-License-Identifier: BSL-1.0
//
// pgbouncer knows of prepared statements since 1.21, where max_prepared_statements asks for it.
// Debian 12 has 1.18. Nothing here depends on which it is.
#include <support/failure.hpp>
#include <support/pgbouncer.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::pgbouncer;
using support::postgres_server;
using support::says;

namespace {

struct item {
  std::int64_t id = 0;
  std::string name;
  std::int32_t size = 0;
  static consteval auto table() { return hewn::table("items"); }
};

/// A database of its own, whose settings are those that sessions would ask for.
std::string fresh_database() {
  const std::string name = "pooled_" + postgres_server::fresh_name();
  postgres_server::get().run("CREATE DATABASE " + name);
  postgres_server::get().run("ALTER DATABASE " + name + " SET search_path = public, pg_temp");
  return name;
}

support::database open_pooled(const pgbouncer& proxy, const std::string& name) {
  return hewn::postgres::open(proxy.url(name), {.transaction_pooling = true});
}

std::string direct_url(const std::string& name) {
  return postgres_server::get().url() + " dbname=" + name;
}

const std::vector<std::string> drops_settings = {"ignore_startup_parameters = options"};

}  // namespace

TEST_CASE("a proxy that takes no settings is named when the database is opened", "[C6][S5]") {
  const pgbouncer refusing(1);
  const auto refused = failure_of([&] { hewn::postgres::open(refusing.url()); });
  CHECK(refused.code() == errc::cannot_open);
  CHECK(says(refused, "open with .transaction_pooling = true"));

  const pgbouncer dropping(1, drops_settings);
  const auto dropped = failure_of([&] { hewn::postgres::open(dropping.url()); });
  CHECK(dropped.code() == errc::cannot_open);
  CHECK(says(dropped, "ignore_startup_parameters"));
  CHECK(says(dropped, "open with .transaction_pooling = true"));
}

TEST_CASE("a proxy that pools statements is named at the first transaction", "[p:C4]") {
  const pgbouncer proxy(2, {"pool_mode = statement"});
  const auto db = open_pooled(proxy, fresh_database());
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT 1::bigint">) == 1);
  const auto refused = failure_of([&] { db.transaction([](auto&) {}); });
  CHECK(refused.code() == errc::usage);
  CHECK(says(refused, "pool_mode = statement"));
  CHECK(says(refused, "set pool_mode = transaction"));
}

TEST_CASE("statements that are lost behind a proxy are blamed on it", "[C6]") {
  const pgbouncer proxy(2, drops_settings);
  const std::string name = fresh_database();
  auto db = hewn::postgres::open(proxy.url(name));
  hewn::sync<item>(hewn::postgres::open(direct_url(name)));
  db.insert(item{.name = "a"});
  CHECK(db.get<item>(1).name == "a");
  // While another transaction has that server, the next one is another.
  auto other = hewn::postgres::open(proxy.url(name));
  auto holding = other.begin();
  holding.execute(hewn::sql<"SELECT 1">);
  const auto blamed = [](const hewn::error& failure) {
    CHECK(failure.code() == errc::usage);
    CHECK(says(failure, "pool_mode = transaction"));
    CHECK(says(failure, ".transaction_pooling = true"));
  };
  blamed(failure_of([&] { db.get<item>(1); }));
  blamed(failure_of([&] { db.transaction([](auto& tx) { tx.template get<item>(1); }); }));
  blamed(failure_of([&] { db.insert(item{.name = "b"}); }));
  holding.commit();
  CHECK(hewn::postgres::open(direct_url(name)).count<item>() == 1);
}

TEST_CASE("no connection runs the statement of another that has the same server", "[C6]") {
  const pgbouncer proxy(1, drops_settings);
  const std::string name = fresh_database();
  const auto a = hewn::postgres::open(proxy.url(name));
  const auto b = hewn::postgres::open(proxy.url(name));
  // The first statement of each, the second of each, and again.
  for (int i = 0; i != 3; ++i) {
    CHECK(a.one<std::string>(hewn::sql<"SELECT 'of a, ' || ?">, "first") == "of a, first");
    CHECK(b.one<std::string>(hewn::sql<"SELECT 'of b, ' || ?">, "first") == "of b, first");
    CHECK(a.one<int>(hewn::sql<"SELECT 1 + ?">, 1) == 2);
    CHECK(b.one<int>(hewn::sql<"SELECT 10 + ?">, 1) == 11);
  }
}

TEST_CASE("with transaction pooling two connections share one server", "[C6]") {
  const pgbouncer proxy(1);
  const std::string name = fresh_database();
  const auto a = open_pooled(proxy, name);
  const auto b = open_pooled(proxy, name);
  hewn::sync<item>(a);
  hewn::sync<item>(b);

  for (int i = 1; i <= 3; ++i) {
    CHECK(a.insert(item{.name = "a", .size = i}).id == 2 * i - 1);
    CHECK(b.insert(item{.name = "b", .size = i}).id == 2 * i);
    CHECK(a.get<item>(2 * i).name == "b");
    CHECK(b.get<item>(2 * i - 1).name == "a");
  }
  a.update<item>(1, col<& item::size> = 10);
  CHECK(b.get_many<item>(std::vector<std::int64_t>{1, 2, 3}).size() == 3);
  CHECK(b.all(from<item>.where(col<&item::size> == 10)).size() == 1);

  // Many rows: copied, and as arrays that come back.
  const std::vector<item> copied(5000, item{.name = "many"});
  CHECK(a.insert_many(copied) == 5000);
  std::vector<item> completed(50, item{.name = "many"});
  CHECK(b.insert_many(completed) == 50);
  CHECK(completed.back().id == 5056);

  // Streams: to their end, left early, with other statements inside.
  std::int64_t rows = 0;
  for (const item& i : a.each<item>()) {
    ++rows;
    if (rows % 50 == 0) CHECK(a.get<item>(i.id).id == i.id);
  }
  CHECK(rows == 5056);
  for (const int& i : a.each<int>(hewn::sql<"SELECT i FROM generate_series(1, 300000) i">))
    if (i == 3) break;
  CHECK(b.count<item>() == 5056);

  // Transactions: nested, failed, refused.
  a.transaction([](auto& tx) {
    tx.insert(item{.name = "kept"});
    CHECK_FALSE(tx.try_transaction([](auto& inner) {
      inner.insert(item{.name = "undone"});
      inner.execute(hewn::sql<"SELECT 1 / 0">);
    }));
    for (const item& i : tx.template each<item>()) static_cast<void>(i);
  });
  CHECK(failure_of([&] {
          b.transaction([](auto& tx) {
            tx.insert(item{.name = "undone"});
            tx.execute(hewn::sql<"SELECT 1 / 0">);
          });
        }).code() == errc::invalid_data);
  CHECK(b.count<item>() == 5057);
  CHECK(a.remove(from<item>.where(col<&item::name> == "many")) == 5050);

  // Nothing is left behind.
  CHECK(a.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM pg_prepared_statements">) == 0);
}

TEST_CASE("with transaction pooling a changed table and a lost server go unnoticed",
          "[C4][C5][C6]") {
  const pgbouncer proxy(2);
  const std::string name = fresh_database();
  const auto direct = hewn::postgres::open(direct_url(name));
  auto db = open_pooled(proxy, name);
  hewn::sync<item>(db);
  db.insert(item{.name = "a", .size = 7});
  CHECK(db.get<item>(1).size == 7);
  direct.script("ALTER TABLE items ALTER COLUMN size TYPE bigint");
  CHECK(db.get<item>(1).size == 7);
  direct.script("ALTER TABLE items ALTER COLUMN size TYPE text");
  CHECK(failure_of([&] { db.get<item>(1); }).code() == errc::schema_mismatch);
  direct.script("ALTER TABLE items ALTER COLUMN size TYPE integer USING size::integer");

  // Sessions end while they are idle; the proxy opens others.
  const auto end_sessions = [&] {
    direct.execute(hewn::sql<"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname "
                             "= current_database() AND pid <> pg_backend_pid()">);
    while (
        direct.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = "
                                           "current_database() AND pid <> pg_backend_pid()">) != 0)
      std::this_thread::yield();
  };
  end_sessions();
  const auto answered = db.try_get<item>(1);
  if (answered) CHECK(answered->size == 7);
  db = open_pooled(proxy, name);
  CHECK(db.get<item>(1).size == 7);

  // One that ends in a transaction takes it along.
  auto tx = db.begin();
  tx.insert(item{.name = "lost"});
  end_sessions();
  const auto lost = failure_of([&] { tx.insert(item{.name = "lost"}); });
  CHECK(lost.code() == errc::connection_lost);
  tx.rollback();
  CHECK(direct.count<item>() == 1);
}

TEST_CASE("with transaction pooling another thread stops a statement", "[C6][P8]") {
  const pgbouncer proxy(2);
  const auto db = open_pooled(proxy, fresh_database());
  const auto stop = db.interrupter();
  std::atomic<bool> over = false;
  std::thread other([&] {
    while (!over) {
      stop.interrupt();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  const auto failure = failure_of([&] { db.execute(hewn::sql<"SELECT pg_sleep(60)">); });
  over = true;
  other.join();
  CHECK(failure.code() == errc::interrupted);
}

TEST_CASE("with transaction pooling threads that transfer keep the sum", "[C6][Y1]") {
  const pgbouncer proxy(3);
  const std::string name = fresh_database();
  const auto db = open_pooled(proxy, name);
  hewn::sync<item>(db);
  for (int i = 0; i != 4; ++i) db.insert(item{.size = 100});
  std::vector<std::thread> threads;
  for (int t = 0; t != 6; ++t)
    threads.emplace_back([&, t] {
      const auto own = open_pooled(proxy, name);
      for (int i = 0; i != 10; ++i)
        own.transaction({.retry = {.attempts = 1000, .first_delay = std::chrono::milliseconds(1)},
                         .isolation = hewn::isolation::serializable},
                        [&](auto& tx) {
                          auto from_item = tx.template get<item>((t + i) % 4 + 1);
                          auto to_item = tx.template get<item>((t + i + 1) % 4 + 1);
                          from_item.size -= 3;
                          to_item.size += 3;
                          tx.update(from_item);
                          tx.update(to_item);
                        });
    });
  for (std::thread& t : threads) t.join();
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT SUM(size) FROM items">) == 400);
}
