// tests/headers/compiled_apart_a_test.cpp - sync that is only declared where it is called.
// SPDX-License-Identifier: BSL-1.0
#include <catch2/catch_test_macros.hpp>

#include "tests/headers/compiled_apart.hpp"

static_assert(HEWN_DEFINES_CORE == 0 && HEWN_DEFINES_SQLITE == 0);

TEST_CASE("two units sync through the definitions of a third") {
  auto db = hewn::sqlite::open(":memory:");
  CHECK(sync_in_other_unit(db) == 1);
  CHECK(sync_in_other_unit(db) == 0);
  CHECK(hewn::plan_sync<note>(db).empty());
  db.insert(note{.text = "kept"});
  db.script("ALTER TABLE note ADD COLUMN old TEXT; UPDATE note SET old = 'x'");
  const hewn::plan p = hewn::plan_sync<note>(db);
  REQUIRE(p.pending().size() == 1);
  CHECK(hewn::report(p).find("1 value would be lost: id=1") != std::string::npos);
  CHECK_THROWS_AS(hewn::sync<note>(db), hewn::error);
  const hewn::approval consent = hewn::approve(db, p, "a test", {.approver = "ada"});
  CHECK(consent.database == hewn::identity(db));
  const hewn::applied done = hewn::apply_plan(db, p, {.approvals = {consent}});
  CHECK(hewn::plan_undo(db, done).changes().size() == 1);
  CHECK(db.get<note>(1).text == "kept");
  CHECK(hewn::sync<note>(db).empty());
}
