// tests/live/claim_test.cpp - rows that are locked, and jobs that are taken once.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/verify.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::message_of;

namespace {

enum class state { waiting, running, done };

struct job {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  state now = state::waiting;
  std::optional<std::string> worker;
  hewn::timestamp changed;
  static consteval auto table() { return hewn::table("jobs").updated<&job::changed>(); }
};

/// Two values are a key.
struct seat {
  std::int64_t row = 0;
  std::string letter;
  bool taken = false;
  static consteval auto table() {
    return hewn::table("seats").primary_key<&seat::row, &seat::letter>();
  }
};

struct word {
  std::string text;
  std::int64_t uses = 0;
  static consteval auto table() { return hewn::table("words").primary_key<&word::text>(); }
};

auto waiting(std::int64_t count) {
  return from<job>.where(col<&job::now> == state::waiting)
      .order_by(hewn::desc<&job::priority>, col<&job::id>)
      .limit(count);
}

/// How long SQLite waits for the lock of another connection.
support::options patient(int milliseconds) {
  support::options wanted;
  const auto set = [&](auto& o) {
    if constexpr (requires { o.busy_timeout; })
      o.busy_timeout = std::chrono::milliseconds(milliseconds);
  };
  set(wanted);
  return wanted;
}

std::vector<std::int64_t> ids_of(const std::vector<job>& jobs) {
  std::vector<std::int64_t> ids;
  for (const job& j : jobs) ids.push_back(j.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

TEST_CASE("claim takes the first rows of a query and returns them as they are then") {
  auto db = support::open_new();
  hewn::sync<job>(db);
  for (const std::int64_t priority : {1, 5, 3, 5}) db.insert(job{.priority = priority});
  const auto first = db.claim(waiting(2), col<& job::now> = state::running,
                              col<& job::worker> = std::string("ann"));
  CHECK(ids_of(first) == std::vector<std::int64_t>{2, 4});
  for (const job& j : first) {
    CHECK(j.now == state::running);
    CHECK(j.worker == "ann");
    CHECK(j.changed == db.get<job>(j.id).changed);
  }
  CHECK(ids_of(db.claim(waiting(3), col<& job::now> = state::running)) ==
        std::vector<std::int64_t>{1, 3});
  CHECK(db.claim(waiting(3), col<& job::now> = state::running).empty());
  CHECK(db.count(from<job>.where(col<&job::worker> == "ann")) == 2);
}

TEST_CASE("claim takes rows of a key of several columns, of texts, and by values in every place") {
  auto db = support::open_new();
  hewn::sync<seat, word>(db);
  db.insert_many({seat{1, "a"}, seat{1, "b"}, seat{2, "a"}});
  const auto seats = db.claim(from<seat>.where(col<&seat::taken> == false && col<&seat::row> < 2)
                                  .order_by(hewn::desc<&seat::letter>)
                                  .limit(1),
                              col<&seat::taken> = true);
  REQUIRE(seats.size() == 1);
  CHECK(seats[0].letter == "b");
  CHECK(db.count(from<seat>.where(col<&seat::taken> == true)) == 1);
  db.insert_many({word{"one", 1}, word{"two", 2}});
  // The limit stands behind a column of text, and is no value of it.
  const auto words = db.claim(
      from<word>.where(col<&word::text> != "none").order_by(hewn::desc<&word::text>).limit(1),
      col<& word::uses> = col<&word::uses> + 10);
  REQUIRE(words.size() == 1);
  CHECK(words[0].text == "two");
  CHECK(words[0].uses == 12);
}

TEST_CASE("claim takes conditions that are put together at run time, and refuses an empty one") {
  auto db = support::open_new();
  hewn::sync<job>(db);
  db.insert_many({job{.priority = 1}, job{.priority = 2}});
  hewn::condition<job> w;
  const auto empty =
      "hewn: the condition of a claim of jobs is empty, so that the next claim would take the same "
      "rows again; add a condition that a taken row does not meet";
  CHECK(message_of([&] { db.claim(from<job>.where(w).limit(1), col<& job::priority> = 9); }) ==
        empty);
  CHECK(message_of([&] {
          db.claim(from<job>.where(w).limit(1), col<& job::priority> = 9,
                   hewn::returning(col<&job::id>));
        }) == empty);
  w = w && col<&job::priority> == 2;
  CHECK(ids_of(db.claim(from<job>.where(w).limit(5), col<& job::priority> = 9)) ==
        std::vector<std::int64_t>{2});
  CHECK(message_of([&] { db.claim(waiting(-1), col<& job::priority> = 9); }) ==
        "hewn: limit() and offset() take no negative number; correct the count");
}

namespace {

inline constexpr auto take_jobs = hewn::many<"take_jobs">([](std::int64_t most) {
  return hewn::claim_of(waiting(most), col<&job::now> = state::running);
});

inline constexpr auto take_one = hewn::optional<"take_one">([](std::int64_t least) {
  return hewn::claim_of(
      from<job>.where(col<&job::now> == state::waiting && col<&job::priority> >= least)
          .order_by(col<&job::id>)
          .limit(1),
      col<&job::now> = state::running, hewn::returning(col<&job::id>));
});

}  // namespace

TEST_CASE("claims have names, and are explained and verified") {
  auto db = support::open_new();
  hewn::sync<job>(db);
  db.insert_many({job{.priority = 1}, job{.priority = 2}, job{.priority = 3}, job{.priority = 4}});
  CHECK(take_one(db, 2) == 2);
  const std::vector<job> rows = take_jobs(db, 2);
  CHECK(ids_of(rows).size() == 2);
  for (const job& taken : rows) CHECK(taken.now == state::running);
  CHECK(take_one(db, 9) == std::nullopt);
  db.transaction([](auto& tx) { CHECK(take_jobs(tx, 5).size() == 1); });
  CHECK(take_jobs(db, 5).empty());
  CHECK(message_of([&] { take_jobs(db, -1); }) ==
        "hewn: limit() and offset() take no negative number; correct the count");
  CHECK(
      hewn::to_sql(take_one, hewn::dialect::postgres) ==
      "WITH \"hewn_claimed\" AS MATERIALIZED (SELECT \"id\" FROM \"jobs\" WHERE (\"now\" = $1 AND "
      "\"priority\" >= $2) ORDER BY \"id\" LIMIT $3 FOR UPDATE SKIP LOCKED) UPDATE \"jobs\" SET "
      "\"now\" = $4, \"changed\" = $5 WHERE \"id\" IN (SELECT \"id\" FROM \"hewn_claimed\") "
      "RETURNING \"id\"");
  CHECK(!hewn::explain(db, take_jobs).lines.empty());
  CHECK(hewn::verify<take_jobs, take_one>(db).empty());
  db.script("ALTER TABLE jobs DROP COLUMN priority");
  const auto problems = hewn::verify<take_jobs, take_one>(db);
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].query == "take_jobs");
}

TEST_CASE("a claim that is rolled back leaves the job to others") {
  auto db = support::open_new();
  hewn::sync<job>(db);
  db.insert(job{});
  {
    auto tx = db.begin();
    CHECK(tx.claim(waiting(1), col<& job::now> = state::running).size() == 1);
  }
  CHECK(db.claim(waiting(1), col<& job::now> = state::running).size() == 1);
}

TEST_CASE("of several callers at once each gets other jobs, and every job is taken once") {
  constexpr int jobs = 300;
  const auto& place = support::new_place();
  auto db = place.open();
  hewn::sync<job>(db);
  db.insert_many(std::vector<job>(jobs));
  // In memory a database has one connection only, which then does alone what it can.
  const bool shared = support::place::is_shared();
  std::vector<std::vector<std::int64_t>> taken(shared ? 4 : 1);
  std::vector<std::thread> threads;
  for (auto& mine : taken)
    threads.emplace_back([&] {
      std::optional<support::database> opened;
      if (shared) opened.emplace(place.open(patient(60'000)));
      auto& own = opened ? *opened : db;
      for (;;) {
        const auto some = own.claim(waiting(7), col<& job::now> = state::running);
        // PostgreSQL passes over what others are about to take; none at all may mean that.
        if (some.empty() && own.count(from<job>.where(col<&job::now> == state::waiting)) == 0)
          break;
        for (const job& j : some) mine.push_back(j.id);
      }
    });
  for (std::thread& t : threads) t.join();
  std::vector<std::int64_t> all;
  for (const auto& mine : taken) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  REQUIRE(all.size() == jobs);
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("rows are locked in a transaction that may write, and nowhere else") {
  auto db = support::open_new();
  hewn::sync<job>(db);
  db.insert(job{});
  const auto query = waiting(1).for_update();
  const auto no_transaction =
      "hewn: rows of jobs are locked until the end of a transaction, and there is none; run the "
      "query in db.transaction()";
  CHECK(message_of([&] { db.all(query); }) == no_transaction);
  CHECK(message_of([&] { db.first(from<job>.for_share()); }) == no_transaction);
  {
    auto tx = db.begin(hewn::transaction_mode::read_only);
    CHECK(message_of([&] { tx.one(query); }) ==
          "hewn: rows of jobs cannot be locked in a read-only transaction; begin one that may "
          "write");
  }
  auto tx = db.begin();
  CHECK(tx.all(query).size() == 1);
  CHECK(tx.first(from<job>.for_share().no_wait())->id == 1);
  CHECK(tx.one(query.skip_locked()).id == 1);
  for (const job& j : tx.each(query)) CHECK(j.id == 1);
  CHECK(tx.all(from<job>.where(hewn::condition<job>()).for_update()).size() == 1);
  tx.commit();
}

TEST_CASE("a locked row is passed over, or refused") {
  if (!support::place::is_shared()) return;  // one connection is alone in memory
  const auto& place = support::new_place();
  auto db = place.open(patient(0));
  auto other = place.open(patient(0));
  hewn::sync<job>(db);
  db.insert_many({job{}, job{}});
  auto tx = db.begin(hewn::transaction_mode::deferred);
  CHECK(tx.all(waiting(1).for_update())[0].id == 1);
  if (support::on_postgres) {
    auto beside = other.begin();
    CHECK(beside.all(waiting(2).for_update().skip_locked())[0].id == 2);
    beside.rollback();
    auto refused = other.begin();
    const auto failure = failure_of([&] { refused.all(waiting(2).for_update().no_wait()); });
    CHECK(failure.code() == errc::busy);
    CHECK(failure.what() ==
          std::string("hewn: a lock is held by another transaction and the wait was in vain; run "
                      "the transaction again, or raise lock_timeout"));
  } else {
    // The lock of the deferred transaction is that for writing.
    const auto failure = failure_of([&] { other.insert(job{}); });
    CHECK(failure.code() == errc::busy);
    CHECK(failure.what() ==
          std::string("hewn: the database is locked by another connection for more than 0 ms; run "
                      "the transaction again, or raise busy_timeout"));
  }
}
