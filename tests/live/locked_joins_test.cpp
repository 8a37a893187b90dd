// tests/live/locked_joins_test.cpp - queries over several tables that lock the
// rows they read. SPDX-License-Identifier: BSL-1.0
#include <hewn/verify.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

struct agent {
  std::int64_t id = 0;
  std::string name;
  bool busy = false;
};

struct job {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::optional<std::int64_t> helper_id;
  static consteval auto table() {
    return hewn::table("jobs").references<&job::agent_id, &agent::id>();
  }
};

struct load {
  std::int64_t agent_id = 0;
  std::int64_t jobs = 0;
};

using helper = hewn::alias<agent, "helper">;

void fill(support::database& db) {
  hewn::sync<agent, job>(db);
  db.insert_many({agent{1, "ann"}, agent{2, "bob"}, agent{3, "cid"}});
  db.insert_many({job{1, 1, 2}, job{2, 2, std::nullopt}});
}

/// How long SQLite waits for the lock of another connection.
support::options impatient() {
  support::options wanted;
  const auto set = [](auto& o) {
    if constexpr (requires { o.busy_timeout; }) o.busy_timeout = std::chrono::milliseconds(0);
  };
  set(wanted);
  return wanted;
}

auto jobs_and_agents() { return from<job>.join<agent>().order_by(col<&job::id>); }

auto with_helpers() {
  return jobs_and_agents().left_join<helper>(col<&job::helper_id> == helper::col<&agent::id>);
}

/// Whether another connection finds the row of the agent, or of the job,
/// unlocked.
template <class T>
bool is_free(support::database& other, std::int64_t id) {
  auto tx = other.begin();
  return !tx.all(from<T>.where(col<&T::id> == id).for_update().skip_locked()).empty();
}

}  // namespace

TEST_CASE(
    "joined rows are locked in a transaction that may write, and nowhere "
    "else") {
  auto db = support::open_new();
  fill(db);
  const auto names = jobs_and_agents().for_update().select<std::string>(col<&agent::name>);
  CHECK(std::string(failure_of([&] { db.all(names); }).what()) ==
        "hewn: rows of jobs are locked until the end of a transaction, and "
        "there is none; run the "
        "query in db.transaction()");
  {
    auto tx = db.begin(hewn::transaction_mode::read_only);
    CHECK(std::string(failure_of([&] { tx.first(names); }).what()) ==
          "hewn: rows of jobs cannot be locked in a read-only transaction; "
          "begin one that may "
          "write");
  }
  auto tx = db.begin();
  CHECK(tx.all(names) == std::vector<std::string>{"ann", "bob"});
  CHECK(tx.try_all(names).value() == std::vector<std::string>{"ann", "bob"});
  CHECK(tx.first(names) == "ann");
  CHECK(tx.one(jobs_and_agents()
                   .where(col<&job::id> == 2)
                   .for_share()
                   .no_wait()
                   .select(col<&agent::id>)) == 2);
  std::int64_t rows = 0;
  for (const std::string& name : tx.each(names)) rows += name.empty() ? 0 : 1;
  CHECK(rows == 2);
  // Whole rows, and conditions and orders that are chosen at run time.
  for (const auto& [j, a] : tx.all(jobs_and_agents().for_update<job>().skip_locked()))
    CHECK(j.agent_id == a.id);
  hewn::condition<job, agent> w = col<&agent::name> == "bob";
  CHECK(tx.all(jobs_and_agents().where(w).for_update().select(col<&job::id>)) ==
        std::vector<std::int64_t>{2});
  CHECK(
      tx.all(
            from<agent>.where(col<&agent::id> < 3).for_update().skip_locked().select(col<&agent::name>))
          .size() == 2);
  CHECK(
      tx.all(with_helpers().for_update().select(col<&job::id>, helper::col<&agent::name>)).size() ==
      2);
  tx.commit();
}

TEST_CASE(
    "rows of all tables that every row has are locked, or of those that "
    "are named") {
  if (!support::place::is_shared()) return;  // one connection is alone in memory
  const auto& place = support::new_place();
  auto db = place.open(impatient());
  auto other = place.open(impatient());
  fill(db);
  if (!support::on_postgres) {
    auto tx = db.begin(hewn::transaction_mode::deferred);
    CHECK(tx.all(jobs_and_agents().for_update<job>()).size() == 2);
    // The lock of the deferred transaction is that for writing.
    CHECK(failure_of([&] { other.insert(agent{.name = "dot"}); }).code() == errc::busy);
    return;
  }
  {
    auto tx = db.begin();
    CHECK(tx.all(with_helpers().where(col<&job::id> == 1).for_update()).size() == 1);
    CHECK(!is_free<job>(other, 1));
    CHECK(!is_free<agent>(other, 1));
    CHECK(is_free<agent>(other, 2));  // the helper
    CHECK(is_free<job>(other, 2));
    auto beside = other.begin();
    CHECK(beside.all(jobs_and_agents().for_update().skip_locked().select(col<&job::id>)) ==
          std::vector<std::int64_t>{2});
    CHECK(failure_of([&] { beside.all(jobs_and_agents().for_update().no_wait()); }).code() ==
          errc::busy);
  }
  {
    auto tx = db.begin();
    CHECK(tx.all(jobs_and_agents().for_update<job>()).size() == 2);
    CHECK(!is_free<job>(other, 1));
    CHECK(is_free<agent>(other, 1));
  }
  {
    auto tx = db.begin();
    CHECK(
        tx.all(
              from<job>.join<helper>(col<&job::helper_id> == helper::col<&agent::id>).for_update<helper>())
            .size() == 1);
    CHECK(!is_free<agent>(other, 2));
    CHECK(is_free<job>(other, 1));
  }
  {
    auto tx = db.begin();
    CHECK(tx.all(jobs_and_agents().for_share()).size() == 2);
    auto beside = other.begin();
    CHECK(beside.all(jobs_and_agents().for_share().no_wait()).size() == 2);
    CHECK(failure_of([&] { beside.all(jobs_and_agents().for_update().no_wait()); }).code() ==
          errc::busy);
  }
}

TEST_CASE("a query that stands for a table has no rows to lock") {
  auto db = support::open_new();
  fill(db);
  const auto loads =
      from<job>.group_by(col<&job::agent_id>).select<load>(col<&job::agent_id>, hewn::count());
  const auto busy = from<agent>.join(loads, col<&load::agent_id> == col<&agent::id>);
  auto tx = db.begin();
  CHECK(tx.all(busy.for_update().select(col<&agent::name>, col<&load::jobs>)).size() == 2);
  const auto failure =
      failure_of([&] { tx.all(busy.for_update<load>().select(col<&load::jobs>)); });
  CHECK(failure.code() == errc::usage);
  CHECK(std::string(failure.what()) ==
        "hewn: the rows to be locked are of a query that stands for a table, "
        "and cannot be; lock "
        "those of the tables that it reads, by a query of its own");
}

namespace {

inline constexpr auto agents_of = hewn::many<"agents_of">([](std::int64_t job_id) {
  return from<job>.join<agent>().where(col<&job::id> == job_id).for_update<agent>().select(col<&agent::name>);
});

inline constexpr auto next_agent = hewn::optional<"next_agent">([](bool busy) {
  return from<agent>.where(col<&agent::busy> == busy)
      .order_by(col<&agent::id>)
      .limit(1)
      .for_update()
      .skip_locked();
});

}  // namespace

TEST_CASE("queries that lock have names, and are explained and verified") {
  auto db = support::open_new();
  fill(db);
  CHECK(hewn::verify<agents_of, next_agent>(db).empty());
  CHECK(hewn::to_sql(agents_of, hewn::dialect::postgres) ==
        R"(SELECT "agent"."name" FROM "jobs" JOIN "agent" ON "jobs"."agent_id" = "agent"."id" )"
        R"(WHERE "jobs"."id" = $1 FOR UPDATE OF "agent")");
  CHECK(!hewn::explain(db, agents_of).lines.empty());
  CHECK(failure_of([&] { agents_of(db, 1); }).code() == errc::usage);
  auto tx = db.begin();
  CHECK(agents_of(tx, 1) == std::vector<std::string>{"ann"});
  CHECK(next_agent(tx, false)->name == "ann");
  CHECK(!next_agent(tx, true));
}
