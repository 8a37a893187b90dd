// tests/docs/kept_test.cpp - what docs/guide/dropped-data.md shows.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres.hpp>
#include <hewn/sync/kept.hpp>

#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace before {
struct customer {
  std::int64_t id = 0;
  std::string mail;
  std::optional<std::string> fax;
};
}  // namespace before

struct customer {
  std::int64_t id = 0;
  std::string mail;
};

std::vector<std::string> printed;
void print(const std::string& line) { printed.push_back(line); }

}  // namespace

TEST_CASE("dropped values are listed, restored and purged") {
  const auto db = hewn::postgres::open(support::postgres_server::get().url());
  hewn::sync<before::customer>(db);
  db.insert(before::customer{.mail = "ada@example.org", .fax = "1"});
  db.insert(before::customer{.mail = "bob@example.org"});

  // [drop]
  hewn::sync_options options;
  options.policy.retention = std::chrono::days(90);  // 30 unless you say otherwise
  const hewn::plan plan = hewn::plan_sync<customer>(db, options);
  options.approvals = {hewn::approve(db, plan, "nobody has a fax", {.approver = "ada"})};
  hewn::apply_plan(db, plan, options);
  // [/drop]

  // [list]
  for (const hewn::kept_item& item : hewn::kept(db))
    print(std::to_string(item.id) + ": " + std::to_string(item.rows) + " of " + item.table + "." +
          item.column + ", " + (item.restorable() ? "restorable" : item.obstacle));
  // [/list]
  CHECK(printed == std::vector<std::string>{
                       "1: 1 of customer.fax, its table does not have that column; add the column "
                       "to the struct and sync, or rename it back, then restore"});

  // [undo]
  hewn::apply_plan(db, hewn::plan_undo(db, plan));  // the column is there again, and empty
  const auto back = hewn::restore_dropped(db, plan.fingerprint());
  // [/undo]
  CHECK(back.at(0).rows == 1);
  CHECK(db.get<before::customer>(1).fax == "1");

  // [purge]
  const hewn::plan expired = hewn::plan_purge(db);  // or {.ids = {7}}, or {.plan = fingerprint}
  if (!expired.empty()) {
    print(hewn::report(expired));
    hewn::purge_kept(
        db, expired,
        {.approvals = {hewn::approve(db, expired, "the year is over", {.approver = "ada"})}});
  }
  // [/purge]
  CHECK(expired.empty());
  CHECK(hewn::kept(db).size() == 1);
  const hewn::plan named = hewn::plan_purge(db, {.ids = {1}});
  CHECK(hewn::purge_kept(db, named,
                         {.approvals = {hewn::approve(db, named, "it is back", {.approver = "a"})}})
            .size() == 1);
  CHECK(hewn::kept(db).empty());
}
