// tests/query/select/row_locks_test.cpp - the SQL text of queries that lock rows of several tables.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/query/select/as_joined.hpp>
#include <hewn/query/select/common_table.hpp>
#include <hewn/query/select/subquery.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>

using hewn::col;
using hewn::dialect;
using hewn::from;

namespace {

struct agent {
  std::int64_t id = 0;
  std::string name;
};

struct job {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::optional<std::int64_t> helper_id;
  static consteval auto table() {
    return hewn::table("jo\"bs").references<&job::agent_id, &agent::id>();
  }
};

struct load {
  std::int64_t agent_id = 0;
  std::int64_t jobs = 0;
};

using helper = hewn::alias<agent, "hel\"per">;

/// What stands behind the condition, or behind the joins, on PostgreSQL.
template <class Query>
std::string lock_of(const Query& query) {
  const std::string text = query.select(col<&job::id>).query().plan().sql(dialect::postgres);
  return text.substr(text.find(" FOR "));
}

auto jobs() { return from<job>.join<agent>(); }

auto on_helper() { return col<&job::helper_id> == helper::col<&agent::id>; }

}  // namespace

TEST_CASE("a lock stands behind everything else, and on SQLite there is none") {
  const auto query = jobs()
                         .for_update()
                         .skip_locked()
                         .where(col<&agent::name> == "ann")
                         .order_by(col<&job::id>)
                         .limit(2)
                         .offset(1)
                         .select(col<&job::id>);
  const std::string text =
      R"(SELECT "jo""bs"."id" FROM "jo""bs" JOIN "agent" ON "jo""bs"."agent_id" = "agent"."id" )"
      R"(WHERE "agent"."name" = )";
  CHECK(query.query().plan().sql(dialect::postgres) ==
        text + R"($1 ORDER BY "jo""bs"."id" LIMIT $2 OFFSET $3 FOR UPDATE OF "jo""bs", "agent" )"
               "SKIP LOCKED");
  CHECK(query.query().plan().sql(dialect::sqlite) ==
        text + R"(?1 ORDER BY "jo""bs"."id" LIMIT ?2 OFFSET ?3)");
}

TEST_CASE("tables that are always there are locked, or those that are named") {
  CHECK(lock_of(jobs().for_share().no_wait()) == R"( FOR SHARE OF "jo""bs", "agent" NOWAIT)");
  CHECK(lock_of(jobs().for_update<job>()) == R"( FOR UPDATE OF "jo""bs")");
  CHECK(lock_of(jobs().for_share<agent, job>()) == R"( FOR SHARE OF "agent", "jo""bs")");
  CHECK(lock_of(jobs().left_join<helper>(on_helper()).for_update()) ==
        R"( FOR UPDATE OF "jo""bs", "agent")");
  CHECK(lock_of(jobs().right_join<helper>(on_helper()).for_update()) ==
        R"( FOR UPDATE OF "hel""per")");
  CHECK(lock_of(jobs().join<helper>(on_helper()).for_update<helper>().skip_locked()) ==
        R"( FOR UPDATE OF "hel""per" SKIP LOCKED)");
  CHECK(lock_of(from<job>.where(col<&job::id> == 1).for_share().skip_locked()) ==
        R"( FOR SHARE OF "jo""bs" SKIP LOCKED)");
  CHECK(lock_of(from<job>.for_update().no_wait()) == R"( FOR UPDATE OF "jo""bs" NOWAIT)");
}

TEST_CASE("a query that stands for a table is left out, and cannot be locked by name") {
  const auto loads =
      from<job>.group_by(col<&job::agent_id>).select<load>(col<&job::agent_id>, hewn::count());
  const auto busy = jobs().join(loads, col<&load::agent_id> == col<&agent::id>);
  CHECK(lock_of(busy.for_update()) == R"( FOR UPDATE OF "jo""bs", "agent")");
  CHECK(support::failure_of([&] { lock_of(busy.for_update<load>()); }).code() == hewn::errc::usage);
}

TEST_CASE("queries that differ in their locks have statements of their own") {
  const auto slot = [](const auto& query) { return query.select(col<&job::id>).query().slot(); };
  CHECK(slot(jobs().for_update()) == slot(jobs().for_update()));
  CHECK(slot(jobs().for_update()) != slot(jobs().for_share()));
  CHECK(slot(jobs().for_update()) != slot(jobs().for_update<job>()));
  CHECK(slot(jobs().for_update<job>()) != slot(jobs().for_update<agent>()));
  CHECK(slot(jobs().for_update()) != slot(jobs().for_update().no_wait()));
  CHECK(slot(jobs().for_update().skip_locked()) != slot(jobs().for_update().no_wait()));
}
