// tests/live/concurrency_test.cpp - several connections to one database at the same time.
// SPDX-License-Identifier: BSL-1.0
//
// In memory a database has one connection only, which then does alone what it can.
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <latch>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

using hewn::col;
using hewn::errc;
using support::database;
using support::failure_of;
using support::place;

namespace {

struct counter {
  std::int64_t id = 0;
  std::int64_t value = 0;
  static consteval auto table() { return hewn::table("counters"); }
};

struct reading {
  std::int64_t id = 0;
  std::int64_t counter_id = 0;
  std::string note;
  static consteval auto table() {
    return hewn::table("readings")
        .references<&reading::counter_id, &counter::id>()
        .index<&reading::counter_id>()
        .length<&reading::note>(0, 9);
  }
};

struct mark {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("marks"); }
};

struct marked {
  std::int64_t counter_id = 0;
  std::int64_t mark_id = 0;
  static consteval auto table() {
    return hewn::table("marked")
        .primary_key<&marked::counter_id, &marked::mark_id>()
        .references<&marked::counter_id, &counter::id>()
        .references<&marked::mark_id, &mark::id>();
  }
};

/// Runs `action` in as many threads as there can be connections; returns how many failed.
template <class Action>
int together(int wanted, Action action) {
  const int threads = place::is_shared() ? wanted : 1;
  std::latch ready(threads);
  std::atomic<int> failed = 0;
  std::vector<std::jthread> running;
  for (int i = 0; i != threads; ++i)
    running.emplace_back([&] {
      ready.arrive_and_wait();
      try {
        action();
      } catch (const hewn::error&) {
        ++failed;
      }
    });
  running.clear();
  return failed;
}

constexpr hewn::transaction_options patient{
    .retry = {.attempts = 1000, .first_delay = 1ms, .longest_delay = 20ms}};

constexpr hewn::transaction_options careful{
    .retry = {.attempts = 1000, .first_delay = 1ms, .longest_delay = 20ms},
    .isolation = hewn::isolation::serializable};

}  // namespace

TEST_CASE("a reading transaction sees one snapshot and refuses writes", "[L1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<counter>(db);
  db.insert(counter{});
  const auto other = where.open();
  db.read([&](auto& tx) {
    CHECK(tx.template get<counter>(1).value == 0);
    if (place::is_shared()) other.update<counter>(1, col<& counter::value> = 7);
    CHECK(tx.template get<counter>(1).value == 0);
    const auto refuses = [&](const auto& action) {
      CHECK(failure_of([&] { tx.transaction(action); }).code() == errc::read_only);
    };
    refuses([](auto& inner) { inner.insert(counter{}); });
    refuses([](auto& inner) { inner.template remove_all<counter>(); });
    refuses([](auto& inner) { inner.execute(hewn::sql<"DELETE FROM counters">); });
    refuses([](auto& inner) { inner.script("DELETE FROM counters"); });
    refuses([](auto& inner) { inner.insert_many(std::vector<counter>(3)); });
    refuses([&](auto&) { db.remove_all<counter>(); });
    CHECK(tx.template get<counter>(1).value == 0);
  });
  CHECK(db.get<counter>(1).value == (place::is_shared() ? 7 : 0));
  CHECK(db.count<counter>() == 1);
  db.update<counter>(1, col<& counter::value> = 9);
}

TEST_CASE("writers that read first lose no increment", "[Y1][L3]") {
  const place where;
  const auto db = where.open();
  hewn::sync<counter>(db);
  db.insert(counter{});
  std::atomic<int> done = 0;
  CHECK(together(6, [&] {
          const auto own = where.open();
          const database& used = place::is_shared() ? own : db;
          for (int i = 0; i != 20; ++i) {
            used.transaction(careful, [](auto& tx) {
              const counter read = tx.template get<counter>(1);
              tx.template update<counter>(1, col<& counter::value> = read.value + 1);
            });
            ++done;
          }
        }) == 0);
  CHECK(done == (place::is_shared() ? 120 : 20));
  CHECK(db.get<counter>(1).value == done);
}

TEST_CASE("links that several make and take away are counted once each", "[R8][Y1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<counter, mark, marked>(db);
  db.insert(counter{});
  db.insert_many(std::vector<mark>(4));
  std::atomic<std::int64_t> there = 0;
  CHECK(together(6, [&] {
          const auto own = where.open();
          const database& used = place::is_shared() ? own : db;
          for (int i = 0; i != 20; ++i) {
            there += used.transaction(patient, [](auto& tx) {
              return hewn::link<&marked::counter_id, &marked::mark_id>(tx, 1, {1, 2, 3, 3});
            });
            there -= used.transaction(patient, [](auto& tx) {
              return hewn::unlink<&marked::counter_id, &marked::mark_id>(tx, 1, {2});
            });
            const hewn::changed_links set = used.transaction(patient, [](auto& tx) {
              return hewn::set_links<&marked::counter_id, &marked::mark_id>(tx, 1, {1, 4});
            });
            there += set.added - set.removed;
          }
        }) == 0);
  CHECK(there == db.count<marked>());
  const auto last = hewn::set_links<&marked::counter_id, &marked::mark_id>(db, 1, {1, 4});
  CHECK(there + last.added - last.removed == 2);
  CHECK(db.count<marked>() == 2);
}

TEST_CASE("programs that sync at the same time make their tables once", "[M5]") {
  const place where;
  std::atomic<int> applied = 0;
  CHECK(together(6, [&] { applied += !hewn::sync<counter, reading>(where.open()).empty(); }) == 0);
  CHECK(applied == 1);
  if (place::is_shared()) CHECK(hewn::plan_sync<reading, counter>(where.open()).empty());
}

TEST_CASE("the child of the test below", "[.child]") {
  const char* const address = std::getenv("HEWN_TEST_ADDRESS");
  REQUIRE(address != nullptr);
  const auto db = support::open_at(address);
  hewn::sync<counter, reading>(db);
  db.insert(counter{.value = 1});
}

TEST_CASE("processes that open a new database at once all succeed", "[L4][M5]") {
  if (!place::is_shared()) SKIP("a database in memory belongs to one process");
  const place where;
  ::setenv("HEWN_TEST_ADDRESS", where.address().c_str(), 1);
  std::vector<pid_t> children;
  for (int i = 0; i != 8; ++i) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      // A new image at once: what this process has open must not be used in the child.
      ::execl("/proc/self/exe", "child", "[.child]", static_cast<char*>(nullptr));
      ::_exit(127);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  }
  const auto db = where.open();
  CHECK(db.count<counter>() == 8);
  CHECK(hewn::plan_sync<counter, reading>(db).empty());
}
