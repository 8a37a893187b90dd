// tests/postgres/storm_test.cpp - transactions that collide until each has had its way.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using hewn::col;
using hewn::errc;
using hewn::isolation;
using hewn::postgres::sqlstate;
using support::failure_of;

namespace {

struct account {
  std::int64_t id = 0;
  std::int64_t balance = 0;
  static consteval auto table() { return hewn::table("accounts"); }
};

constexpr int thread_count = 8;
constexpr int account_count = 4;
constexpr int most_runs = 500;

/// What the observers of all threads have seen, whichever thread it was.
struct weather {
  std::atomic<int> serialization = 0;  // 40001
  std::atomic<int> deadlock = 0;       // 40P01
  std::atomic<int> at_commit = 0;      // of both
  std::atomic<int> other = 0;
};

class watcher {
 public:
  explicit watcher(weather& seen) : seen_(&seen) {}
  void operator()(const hewn::statement_event& e) const {
    if (e.failure == nullptr) return;
    const std::string state = sqlstate(*e.failure);
    if (state == "40001")
      ++seen_->serialization;
    else if (state == "40P01")
      ++seen_->deadlock;
    else
      ++seen_->other;
    if (e.sql == "COMMIT") ++seen_->at_commit;
  }

 private:
  weather* seen_;
};

struct result {
  std::array<std::int64_t, account_count> moved = {};  // what each account got in all
  int transfers = 0;
  int runs = 0;
  int longest = 0;  // runs of one transfer
};

/// Threads that transfer at random; `transfer(tx, from, to, amount)` does one.
template <class Transfer>
result storm(const support::place& where, const support::options& wanted,
             const hewn::transaction_options& how, int transfers_each, weather& seen,
             Transfer transfer) {
  std::vector<result> results(thread_count);
  std::vector<std::thread> threads;
  for (int t = 0; t != thread_count; ++t)
    threads.emplace_back([&, t] {
      result& mine = results[static_cast<std::size_t>(t)];
      auto own = where.open(wanted);
      own.observe(watcher(seen));
      std::uint64_t random = static_cast<std::uint64_t>(t) + 1;
      for (int i = 0; i != transfers_each; ++i) {
        const auto a = static_cast<std::int64_t>(hewn::detail::next_random(random) % account_count);
        const auto b =
            (a + 1 +
             static_cast<std::int64_t>(hewn::detail::next_random(random) % (account_count - 1))) %
            account_count;
        const auto amount = static_cast<std::int64_t>(hewn::detail::next_random(random) % 50);
        int runs = 0;
        own.transaction(how, [&](auto& tx) {
          ++runs;
          transfer(tx, a + 1, b + 1, amount);
        });
        mine.moved[static_cast<std::size_t>(a)] -= amount;
        mine.moved[static_cast<std::size_t>(b)] += amount;
        ++mine.transfers;
        mine.runs += runs;
        mine.longest = std::max(mine.longest, runs);
      }
    });
  for (std::thread& t : threads) t.join();
  result all;
  for (const result& r : results) {
    for (std::size_t i = 0; i != all.moved.size(); ++i) all.moved[i] += r.moved[i];
    all.transfers += r.transfers;
    all.runs += r.runs;
    all.longest = std::max(all.longest, r.longest);
  }
  return all;
}

support::database open_accounts(const support::place& where) {
  auto db = where.open();
  hewn::sync<account>(db);
  for (int i = 0; i != account_count; ++i) db.insert(account{.balance = 1000});
  return db;
}

// Every transfer was done exactly once: to the unit, in every account.
void check_books(const support::database& db, const result& all, int transfers) {
  CHECK(all.transfers == transfers);
  for (std::int64_t id = 1; id <= account_count; ++id)
    CHECK(db.get<account>(id).balance == 1000 + all.moved[static_cast<std::size_t>(id - 1)]);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT SUM(balance)::bigint FROM accounts">) == 4000);
  CHECK(all.longest <= most_runs);
}

}  // namespace

TEST_CASE("a storm of serializable transfers ends with the exact sum", "[Y1]") {
  const support::place where;
  const auto db = open_accounts(where);
  weather seen;
  std::atomic<bool> over = false;
  std::atomic<int> wrong_sums = 0;
  std::thread reader([&] {
    const auto own = where.open();
    while (!over)
      own.read([&](auto& tx) {
        wrong_sums += tx.template one<std::int64_t>(
                          hewn::sql<"SELECT SUM(balance)::bigint FROM accounts">) != 4000;
      });
  });
  const result all =
      storm(where, {},
            {.retry = {.attempts = most_runs, .first_delay = 1ms, .longest_delay = 20ms},
             .isolation = isolation::serializable},
            20, seen, [](auto& tx, std::int64_t a, std::int64_t b, std::int64_t amount) {
              auto giver = tx.template get<account>(a);
              auto taker = tx.template get<account>(b);
              giver.balance -= amount;
              taker.balance += amount;
              tx.update(giver);
              tx.update(taker);
            });
  over = true;
  reader.join();
  check_books(db, all, thread_count * 20);
  CHECK(wrong_sums == 0);
  // Each run that was not the last of its transfer failed once, for want of a serial order.
  CHECK(seen.other == 0);
  CHECK(all.runs - all.transfers == seen.serialization + seen.deadlock);
  CHECK(seen.serialization > 0);
}

TEST_CASE("a storm of deadlocks ends with the exact sum", "[Y1]") {
  const support::place where;
  const auto db = open_accounts(where);
  weather seen;
  const result all = storm(
      where, {}, {.retry = {.attempts = most_runs, .first_delay = 1ms, .longest_delay = 20ms}}, 5,
      seen, [](auto& tx, std::int64_t a, std::int64_t b, std::int64_t amount) {
        tx.template update<account>(a, col<& account::balance> = col<&account::balance> - amount);
        tx.template update<account>(b, col<& account::balance> = col<&account::balance> + amount);
      });
  check_books(db, all, thread_count * 5);
  CHECK(seen.other == 0);
  CHECK(seen.serialization == 0);
  CHECK(all.runs - all.transfers == seen.deadlock);
}

TEST_CASE("a collision that shows at COMMIT runs the closure again", "[Y1]") {
  const support::place where;
  auto db = open_accounts(where);
  const auto other = where.open();
  weather seen;
  db.observe(watcher(seen));
  const hewn::transaction_options serializable{.retry = {.attempts = 3, .first_delay = 0ms},
                                               .isolation = isolation::serializable};
  // Write skew: each takes from one account what both together allow.
  const auto take = [](auto& tx, std::int64_t id) {
    const auto sum = tx.template one<std::int64_t>(
        hewn::sql<"SELECT SUM(balance)::bigint FROM accounts WHERE id <= 2">);
    if (sum >= 2000)
      tx.template update<account>(id, col<& account::balance> = col<&account::balance> - 2000);
  };
  int runs = 0;
  db.transaction(serializable, [&](auto& tx) {
    take(tx, 1);
    if (++runs == 1) other.transaction(serializable, [&](auto& inner) { take(inner, 2); });
  });
  CHECK(runs == 2);
  CHECK(seen.at_commit == 1);
  CHECK(seen.serialization == 1);
  CHECK(db.get<account>(1).balance == 1000);
  CHECK(db.get<account>(2).balance == -1000);
}

TEST_CASE("a collision that comes every time ends with the last attempt", "[Y1]") {
  const support::place where;
  const auto db = open_accounts(where);
  const auto other = where.open();
  static int waits = 0;
  waits = 0;
  int runs = 0;
  const hewn::transaction_options thrice{
      .retry = {.attempts = 3, .sleep = [](std::chrono::microseconds) { ++waits; }},
      .isolation = isolation::repeatable_read};
  const auto failure = failure_of([&] {
    db.transaction(thrice, [&](auto& tx) {
      ++runs;
      tx.template get<account>(1);
      other.update<account>(1, col<& account::balance> = runs);
      tx.template update<account>(1, col<& account::balance> = -1);
    });
  });
  CHECK(failure.code() == errc::serialization);
  CHECK(failure.retryable());
  CHECK(runs == 3);
  CHECK(waits == 2);
  CHECK(db.get<account>(1).balance == 3);
}

TEST_CASE("inside a transaction nothing is run again", "[Y2]") {
  const support::place where;
  const auto db = open_accounts(where);
  const auto other = where.open();
  int outer_runs = 0;
  int inner_runs = 0;
  const hewn::retry again{.attempts = 5, .first_delay = 0ms};
  db.transaction({.retry = again, .isolation = isolation::repeatable_read}, [&](auto& tx) {
    ++outer_runs;
    tx.template get<account>(1);
    if (outer_runs == 1) other.update<account>(1, col<& account::balance> = 7);
    tx.transaction(again, [&](auto& inner) {
      ++inner_runs;
      inner.template update<account>(1, col<& account::balance> = col<&account::balance> + 1);
    });
  });
  CHECK(outer_runs == 2);
  CHECK(inner_runs == 2);
  CHECK(db.get<account>(1).balance == 8);
}
