// tests/live/interrupt_test.cpp - a statement that is stopped from another thread.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

using hewn::errc;
using support::failure_of;

namespace {

struct entry {
  std::int64_t id = 0;
  std::string text;
};

/// Interrupts until it is told that the statement has ended: the first may come too early.
template <class Action>
hewn::error stopped(const support::database& db, Action action) {
  std::atomic<bool> ended = false;
  const auto stop = db.interrupter();
  std::thread other([&] {
    while (!ended) {
      stop.interrupt();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  const hewn::error failure = [&] {
    try {
      action();
    } catch (const hewn::error& e) {
      return e;
    }
    return hewn::error(errc::other, "hewn: the statement ended by itself; make it longer");
  }();
  ended = true;
  other.join();
  return failure;
}

void run_for_a_minute(const auto& session) {
  if constexpr (support::on_postgres)
    session.execute(hewn::sql<"SELECT pg_sleep(60)">);
  else
    session.execute(hewn::sql<"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                              "SELECT COUNT(*) FROM n">);
}

}  // namespace

TEST_CASE("another thread stops a statement, and the connection goes on") {
  auto db = support::open_new();
  hewn::sync<entry>(db);
  for (int i = 0; i != 3; ++i) {
    CHECK(stopped(db, [&] { run_for_a_minute(db); }).code() == errc::interrupted);
    db.insert(entry{.text = "after"});
  }
  CHECK(db.count<entry>() == 3);
}

TEST_CASE("a statement that is stopped ends its transaction", "[T2]") {
  auto db = support::open_new();
  hewn::sync<entry>(db);
  const auto failure = stopped(db, [&] {
    db.transaction([](auto& tx) {
      tx.insert(entry{.text = "undone"});
      run_for_a_minute(tx);
    });
  });
  CHECK(failure.code() == errc::interrupted);
  CHECK(db.count<entry>() == 0);
}
