// tests/live/pool_test.cpp - connections that threads borrow.
// SPDX-License-Identifier: BSL-1.0
#include <support/pool_place.hpp>

#include <support/failure.hpp>
#include <support/statement_log.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <mutex>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using hewn::col;
using hewn::errc;
using support::failure_of;
using support::is_refused_as_forked;
using support::one_writer;
using support::pool;
using support::says;

namespace {

struct account {
  std::int64_t id = 0;
  std::int64_t balance = 0;
};

/// Two accounts of 100 each.
struct bank {
  support::pool_place place;

  pool open(const hewn::pool_options& limits = {}, const support::pool_setup& setup = {}) const {
    pool p = place.open(limits, setup);
    p.write([&](auto& db) {
      hewn::sync<account>(db);
      if (db.template count<account>() == 0)
        for (int i = 0; i != 2; ++i) db.insert(account{.balance = 100});
    });
    return p;
  }
};

std::int64_t sum(const std::vector<account>& all) {
  return std::accumulate(all.begin(), all.end(), std::int64_t{0},
                         [](std::int64_t s, const account& a) { return s + a.balance; });
}

std::int64_t total(const pool& p) {
  return p.read([](auto& tx) { return sum(tx.template all<account>()); });
}

}  // namespace

TEST_CASE_METHOD(bank, "readers are not blocked by a writer, and see what is committed", "[P7]") {
  const pool p = open();
  p.transaction([&](auto& tx) {
    tx.template update<account>(1, col<& account::balance> = 1);
    std::vector<std::int64_t> seen(7);  // compared here: Catch2's macros are for one thread
    std::vector<std::jthread> readers;
    for (std::int64_t& sum_seen : seen)
      readers.emplace_back([&p, &sum_seen] { sum_seen = total(p); });
    readers.clear();
    CHECK(seen == std::vector<std::int64_t>(7, 200));
    CHECK(total(p) == 200);  // this thread as well: another connection
  });
  CHECK(total(p) == 101);
}

TEST_CASE_METHOD(bank, "a reader keeps its snapshot while others write", "[P7]") {
  const pool p = open();
  p.read([&](auto& tx) {
    CHECK(sum(tx.template all<account>()) == 200);
    p.write([](auto& db) { db.template update_all<account>(col<& account::balance> = 7); });
    CHECK(sum(tx.template all<account>()) == 200);
  });
  CHECK(total(p) == 14);
}

TEST_CASE_METHOD(bank, "more threads than connections all get their turn", "[P1]") {
  constexpr int threads = 8;
  constexpr int rounds = 25;
  const pool p = open({.size = 3, .timeout = 60s});
  std::atomic<int> wrong = 0;
  std::mutex mutex;
  std::vector<std::string> failures;
  std::latch start(threads);
  {
    std::vector<std::jthread> all;
    for (int t = 0; t != threads; ++t)
      all.emplace_back([&] {
        start.arrive_and_wait();
        try {
          for (int i = 0; i != rounds; ++i) {
            p.transaction([](auto& tx) {  // in one order, so that none waits for another's row
              tx.template update<account>(1, col<& account::balance> = col<&account::balance> - 1);
              tx.template update<account>(2, col<& account::balance> = col<&account::balance> + 1);
            });
            if (total(p) != 200) ++wrong;
          }
        } catch (const std::exception& e) {
          const std::lock_guard lock(mutex);
          failures.emplace_back(e.what());
        }
      });
  }
  CHECK(failures == std::vector<std::string>{});
  CHECK(wrong == 0);
  CHECK(p.acquire().get<account>(2).balance == 100 + threads * rounds);
  CHECK(p.statistics().in_use == 0);
  CHECK(p.statistics().opened <= 3);
}

TEST_CASE_METHOD(bank, "a thread that would wait for itself is told at once", "[P3][T7]") {
  const pool p = open({.size = one_writer, .timeout = 1h});
  p.transaction([&](auto&) {
    const auto failure = failure_of([&] { p.transaction([](auto&) {}); });
    CHECK(failure.code() == errc::usage);
    CHECK(says(failure, "use the connection at hand"));
  });
}

TEST_CASE_METHOD(bank, "who waits in vain is told who holds what is wanted", "[P1]") {
  std::vector<hewn::pool_event> events;
  const pool p =
      open({.size = one_writer, .timeout = 1h, .observe = [&](const hewn::pool_event& e) {
              events.push_back(e);
            }});
  auto held = p.acquire();
  const auto line = __LINE__ - 1;
  held.hand_over();
  events.clear();
  const auto failure = failure_of([&] { p.acquire(20ms); });
  CHECK(failure.code() == errc::pool_timeout);
  CHECK(says(failure, std::string(__FILE__) + ":" + std::to_string(line)));
  REQUIRE(events.size() == 1);
  CHECK(events[0].what == hewn::pool_event::kind::timed_out);
  CHECK(events[0].duration >= 20ms);
  CHECK(p.statistics().timeouts == 1);
}

TEST_CASE_METHOD(bank, "a borrowed connection has the verbs of a database and goes back", "[P2]") {
  pool p = open({.size = one_writer});
  auto db = p.acquire();
  CHECK(db.count<account>() == 2);
  auto tx = db.begin();
  tx.insert(account{.balance = 1});
  tx.commit();
  CHECK(p.statistics().in_use == 1);
  auto other = std::move(db);
  const std::string is_moved =
      "hewn: the database object was moved from; use the one that it was moved to";
  const std::string is_back = "hewn: the connection was given back to its pool; acquire another";
  CHECK(failure_of([&] { db.count<account>(); }).what() == is_moved);
  db.give_back();
  CHECK(failure_of([&] { db.count<account>(); }).what() == is_moved);
  other.give_back();
  CHECK(p.statistics().in_use == 0);
  CHECK(failure_of([&] { other.count<account>(); }).what() == is_back);
  other = std::move(db);
  CHECK(failure_of([&] { other.count<account>(); }).what() == is_moved);
  other = p.acquire();
  CHECK(other.count<account>() == 3);
  other.hand_over();
  CHECK_FALSE(p.try_acquire(0ms).has_value());
  other.give_back();
  CHECK(p.try_acquire(0ms).has_value());

  pool moved = std::move(p);
  CHECK(failure_of([&] { p.acquire(); }).code() == errc::usage);
  CHECK(moved.acquire().count<account>() == 3);
}

TEST_CASE_METHOD(bank, "a transaction that is open when its connection goes back is rolled back",
                 "[P2][p:A2]") {
  std::vector<hewn::pool_event> events;
  const pool p = open(
      {.size = one_writer, .observe = [&](const hewn::pool_event& e) { events.push_back(e); }});
  auto db = p.acquire();
  auto tx = db.begin();
  tx.insert(account{.balance = 900});
  auto inner = tx.begin();
  events.clear();
  db.give_back();
  REQUIRE(events.size() == 1);
  CHECK(events[0].what == hewn::pool_event::kind::left_open);
  CHECK(std::string(events[0].site.file) == __FILE__);
  CHECK(total(p) == 200);
  CHECK(p.statistics().rolled_back == 1);
  // The object that was left over does nothing to whoever has the connection now.
  auto next = p.acquire();
  auto theirs = next.begin();
  theirs.insert(account{.balance = 1});
  CHECK(failure_of([&] { tx.commit(); }).code() == errc::usage);
  for (auto* left : {&tx, &inner}) {
    CHECK_FALSE(left->active());
    CHECK(failure_of([&] { left->insert(account{.balance = 7}); }).code() == errc::usage);
    CHECK(failure_of([&] { left->remove_all<account>(); }).code() == errc::usage);
    CHECK(failure_of([&] { left->count<account>(); }).code() == errc::usage);
    CHECK(failure_of([&] { (void)left->begin(); }).code() == errc::usage);
  }
  tx.rollback();
  theirs.commit();
  next.give_back();
  CHECK(total(p) == 201);
}

TEST_CASE_METHOD(bank, "a connection comes back usable after every kind of failure", "[P2]") {
  const pool p = open({.size = one_writer});
  SECTION("in a transaction that has failed") {
    auto db = p.acquire();
    auto tx = db.begin();
    CHECK_THROWS_AS(tx.insert(account{.id = 1}), hewn::error);
    db.give_back();
  }
  SECTION("in a savepoint") {
    auto db = p.acquire();
    auto outer = db.begin();
    auto inner = outer.begin();
    inner.insert(account{.balance = 3});
    db.give_back();
  }
  SECTION("in a loop over rows") {
    auto rows = p.acquire().each(hewn::from<account>);
    CHECK(failure_of([&] {
            for (const account& a : rows) CHECK(a.id == 0);
          }).code() == errc::connection_lost);
  }
  SECTION("with statements that were refused") {
    const auto db = p.acquire();
    CHECK_THROWS_AS(db.script("not SQL"), hewn::error);
    CHECK_THROWS_AS(db.execute(hewn::dynamic_sql("SELECT * FROM nowhere")), hewn::error);
  }
  CHECK(total(p) == 200);
  p.transaction([](auto& tx) { tx.insert(account{.balance = 1}); });
  CHECK(total(p) == 201);
}

TEST_CASE_METHOD(bank, "what the action throws comes out, and the connection is free", "[P2]") {
  const pool p = open({.size = one_writer});
  CHECK_THROWS_AS(p.transaction([](auto& tx) {
    tx.insert(account{.balance = 5});
    throw std::runtime_error("mine");
  }),
                  std::runtime_error);
  CHECK(total(p) == 200);
  CHECK(p.try_transaction([](auto& tx) {
           return tx.insert(account{.balance = 5}).balance;
         }).value() == 5);
  CHECK(p.try_read([](auto& tx) { return tx.template count<account>(); }).value() == 3);
  const auto refused = p.try_read([](auto& tx) { tx.insert(account{}); });
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == errc::read_only);
  CHECK(failure_of([&] {
          p.transaction({.mode = hewn::transaction_mode::read_only},
                        [](auto& tx) { tx.insert(account{}); });
        }).code() == errc::read_only);
  p.transaction(hewn::retry{.attempts = 2}, [&](auto&) { CHECK(p.statistics().in_use == 1); });
  CHECK(p.statistics().in_use == 0);
}

TEST_CASE_METHOD(bank, "every connection is set up before its first use", "[P1]") {
  std::atomic<int> calls = 0;
  const support::statement_log log;
  const pool p = place.open({.size = 2}, [&](support::database& db) {
    ++calls;
    db.set_statement_cache_capacity(3);
    db.observe(log);
  });
  const auto first = p.acquire();
  const auto second = p.acquire_reader();
  first.script("SELECT 1");
  second.script("SELECT 2");
  CHECK(calls == 2);
  CHECK(log.texts() == std::vector<std::string>{"SELECT 1", "SELECT 2"});
}

TEST_CASE_METHOD(bank, "what nobody has used for long is closed", "[P4]") {
  static std::chrono::steady_clock::time_point now;
  now = std::chrono::steady_clock::now();
  std::vector<std::string> reasons;
  const pool p = open({.size = one_writer,
                       .idle_limit = 10min,
                       .observe =
                           [&](const hewn::pool_event& e) {
                             if (e.what == hewn::pool_event::kind::closed)
                               reasons.emplace_back(e.reason);
                           },
                       .clock = [] { return now; }});
  p.write([](auto& db) { db.insert(account{.balance = 1}); });
  CHECK(p.statistics().opened == 1);
  now += 11min;
  CHECK(p.acquire().count<account>() == 3);
  CHECK(p.statistics().opened == 2);
  now += 11min;
  p.trim();
  CHECK(p.statistics().idle == 0);
  CHECK(reasons.size() == 2);
}

TEST_CASE_METHOD(bank, "a pool that is closed refuses everybody, those that wait included",
                 "[P6]") {
  pool p = open({.size = one_writer, .timeout = 1h});
  std::optional<support::pooled> held = p.acquire();
  std::atomic<bool> refused = false;
  std::jthread waiter([&] {
    const auto db = p.try_acquire();
    refused = !db && db.error().code() == errc::connection_lost;
  });
  while (p.statistics().waiting == 0) std::this_thread::yield();
  CHECK_FALSE(p.close());
  waiter.join();
  CHECK(refused);
  CHECK(held->count<account>() == 2);  // what is out may finish
  held.reset();
  CHECK(p.close());
  CHECK(p.statistics().idle == 0);
  CHECK(failure_of([&] { p.acquire(); }).code() == errc::connection_lost);
}

TEST_CASE_METHOD(bank, "a connection that is out may outlive its pool", "[P6]") {
  std::optional<pool> p = open();
  const auto db = p->acquire();
  p.reset();
  CHECK(db.count<account>() == 2);
}

TEST_CASE_METHOD(bank, "a child process uses nothing of its parent's and opens its own", "[P5]") {
  pool p = open({.size = one_writer});
  std::optional<support::pooled> held = p.acquire();
  auto tx = std::make_optional(held->begin());
  tx->insert(account{.balance = 1});
  std::optional<support::database> alone = place.open_alone();
  alone->count<account>();
  const pid_t child = fork();
  if (child == 0) {
    int wrong = 0;
    if (!is_refused_as_forked([&] { p.acquire(); })) wrong |= 1;
    if (!is_refused_as_forked([&] { p.read([](auto&) {}); })) wrong |= 2;
    if (!is_refused_as_forked([&] { held->count<account>(); })) wrong |= 4;
    if (!is_refused_as_forked([&] { tx->commit(); })) wrong |= 8;
    if (!is_refused_as_forked([&] { alone->count<account>(); })) wrong |= 16;
    if (!is_refused_as_forked([&] { (void)alone->begin(); })) wrong |= 32;
    tx.reset();
    held.reset();
    alone.reset();
    { const pool gone = std::move(p); }
    try {
      const pool own = place.open({.size = 2});
      if (total(own) != 200) wrong |= 64;
    } catch (...) {
      wrong |= 128;
    }
    _exit(wrong);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  tx->commit();
  tx.reset();
  held.reset();
  CHECK(total(p) == 201);
  CHECK(alone->count<account>() == 3);
  if (!support::on_postgres)
    CHECK(alone->one<std::string>(hewn::sql<"PRAGMA integrity_check">) == "ok");
  CHECK(p.close());
}

TEST_CASE_METHOD(bank, "what one caller sets, the next does not find", "[P2]") {
  const pool p = open({.size = one_writer});
  const std::string get =
      support::either("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys",
                      "SELECT current_setting('work_mem')");
  const std::string set = support::either("PRAGMA foreign_keys = OFF", "SET work_mem = '1234kB'");
  const auto setting = [&](const auto& db) {
    return db.template one<std::string>(hewn::dynamic_sql(get));
  };
  const auto count = [](const auto& db, const std::string& from) {
    return db.template one<std::int64_t>(hewn::dynamic_sql("SELECT COUNT(*) FROM " + from));
  };
  const std::string before = setting(p.acquire());
  // Twice, because a statement that was prepared once is there to be run again.
  for (int i = 0; i != 2; ++i) {
    {
      const auto db = p.acquire();
      db.execute(hewn::dynamic_sql(set));
      CHECK(setting(db) != before);
    }
    CHECK(setting(p.acquire()) == before);
    p.acquire().execute(hewn::sql<"CREATE TEMPORARY TABLE left_behind (x INTEGER)">);
    CHECK(failure_of([&] { count(p.acquire(), "left_behind"); }).code() == errc::schema_mismatch);
    if (support::on_postgres) {
      CHECK(p.acquire().one<bool>(hewn::sql<"SELECT pg_try_advisory_lock(7)">));
      CHECK(count(p.acquire(), "pg_locks WHERE locktype = 'advisory'") == 0);
      p.acquire().execute(hewn::sql<"LISTEN news">);
      CHECK(count(p.acquire(), "pg_listening_channels()") == 0);
      p.acquire().execute(hewn::sql<"PREPARE left_behind AS SELECT 1">);
      p.acquire().script("PREPARE left_behind_too AS SELECT 1");
      CHECK(count(p.acquire(), "pg_prepared_statements WHERE from_sql") == 0);
      p.acquire().one<std::string>(hewn::sql<"SELECT set_config('work_mem', '4321kB', false)">);
      CHECK(setting(p.acquire()) == before);
    } else {
      p.acquire().execute(hewn::sql<"ATTACH ':memory:' AS left_behind">);
      CHECK(count(p.acquire(), "pragma_database_list") == 1);
      p.acquire().script("PRAGMA query_only = ON");
      p.acquire().insert(account{.balance = 0});
    }
  }
  CHECK(total(p) == 200);
}

TEST_CASE_METHOD(bank, "a connection on which only rows were touched is the same afterwards",
                 "[P2]") {
  const pool p = open({.size = one_writer});
  const auto opened = p.statistics().opened;
  for (int i = 0; i != 3; ++i) {
    p.transaction([](auto& tx) {
      tx.insert(account{.balance = 0});
      tx.execute(hewn::sql<"UPDATE account SET balance = balance">);
    });
    p.acquire().script(
        "DELETE FROM account WHERE balance = 0; CREATE TABLE t (x INTEGER); DROP TABLE t");
    total(p);
  }
  CHECK(p.statistics().opened == opened);
}

TEST_CASE_METHOD(bank, "what setup sets stays, whatever callers set", "[P2]") {
  const std::string get = support::either("SELECT CAST(cache_size AS TEXT) FROM pragma_cache_size",
                                          "SELECT current_setting('work_mem')");
  const auto setting = [&](const auto& db) {
    return db.template one<std::string>(hewn::dynamic_sql(get));
  };
  const std::string set = support::either("PRAGMA cache_size = -777", "SET work_mem = '777kB'");
  const std::string other = support::either("PRAGMA cache_size = -88", "SET work_mem = '888kB'");
  const pool p = open({.size = one_writer},
                      [&](support::database& db) { db.execute(hewn::dynamic_sql(set)); });
  const std::string wanted = support::either("-777", "777kB");
  for (int i = 0; i != 2; ++i) {
    CHECK(setting(p.acquire()) == wanted);
    p.acquire().execute(hewn::dynamic_sql(other));
    CHECK(setting(p.acquire()) == wanted);
    // The very text of setup, from another caller.
    p.acquire().execute(hewn::dynamic_sql(set));
    p.acquire().script(other);
  }
  CHECK(setting(p.acquire()) == wanted);
}
