// tests/docs/tenants_test.cpp - the snippets of docs/guide/tenants.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/sqlite/pool.hpp>

#include <support/failure.hpp>
#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using hewn::col;

// [tenant_model]
struct task {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;  // whose it is
  std::string title;

  static consteval auto table() {
    return hewn::table("tasks")
        .tenant<&task::organisation_id>()
        .unique<&task::organisation_id, &task::title>();  // by organisation
  }
};
// [/tenant_model]

// [tenant_request]
std::vector<task> open_tasks(hewn::sqlite::database& db, std::int64_t organisation) {
  const auto acting = hewn::act_for(db, organisation);
  return db.all(hewn::from<task>.where(col<&task::title>.like("%open%")));
}
// [/tenant_request]

}  // namespace

TEST_CASE("the snippets about tenants") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<task>(db);
  docs::recorder sql(db);
  {
    // [tenant_insert]
    const auto acting = hewn::act_for(db, 7);
    task mine = db.insert(task{.title = "open the door"});  // mine.organisation_id is 7
    // [/tenant_insert]
    CHECK(mine.organisation_id == 7);
    // [tenant_refused]
    auto other = db.try_insert(task{.organisation_id = 8, .title = "mine, too?"});  // usage
    // [/tenant_refused]
    CHECK(other.error().code() == hewn::errc::usage);
  }
  sql.forget();
  CHECK(open_tasks(db, 8).empty());
  sql.expect("tenant_request");
  CHECK(open_tasks(db, 7).size() == 1);
  {
    // [tenant_forgotten]
    auto count = db.try_count<task>();  // nobody has said for whom: usage
    // [/tenant_forgotten]
    CHECK(count.error().code() == hewn::errc::usage);
  }
  {
    sql.forget();
    // [tenant_all]
    const auto acting = hewn::all_tenants(db);
    auto total = db.count<task>();
    // [/tenant_all]
    CHECK(total == 1);
    sql.expect("tenant_all");
  }
  {
    // [tenant_typed]
    const auto acting = hewn::act_for<&task::organisation_id>(db, 7);
    // [/tenant_typed]
    CHECK(db.count<task>() == 1);
  }
}

TEST_CASE("the snippets about pools for a tenant") {
  support::temporary_file file("tenants.db");
  // [tenant_pool]
  auto pool = hewn::sqlite::open_pool(file.path);
  pool.write([](auto& db) { hewn::sync<task>(db); });

  const auto mine = pool.for_tenant(7);
  mine.transaction([](auto& tx) { tx.insert(task{.title = "open"}); });
  auto tasks = mine.read([](auto& tx) { return tx.template all<task>(); });
  // [/tenant_pool]
  CHECK(tasks.size() == 1);
  CHECK(pool.for_tenant(8).acquire().count<task>() == 0);
}
