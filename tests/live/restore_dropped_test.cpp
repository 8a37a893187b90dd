// tests/live/restore_dropped_test.cpp - what sync dropped, by the functions of a database object.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/audit.hpp>
#include <hewn/sync/kept.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>

using hewn::errc;
using support::failure_of;
using support::says;

namespace {

namespace before {
struct person {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> fax;
};
}  // namespace before

namespace after {
struct person {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("person").dropped("fax"); }
};
}  // namespace after

}  // namespace

TEST_CASE("values that sync dropped come back, or the backup that has them is named", "[M2]") {
  const support::place where;
  const auto db = where.open();
  hewn::sync<before::person>(db);
  const auto ada = db.insert(before::person{.name = "ada", .fax = "1"});
  db.insert(before::person{.name = "bob"});
  const hewn::plan p = hewn::plan_sync<after::person>(db);
  const hewn::applied done = hewn::apply_plan(
      db, p, {.approvals = {hewn::approve(db, p, "nobody has a fax", {.approver = "ada"})}});
  hewn::sync<before::person>(db);
  CHECK_FALSE(db.get<before::person>(ada.id).fax);

  if (!support::on_postgres) {
    CHECK(hewn::kept(db).empty());
    const auto failure = failure_of([&] { (void)hewn::restore_dropped(db, p.fingerprint()); });
    CHECK(failure.code() == errc::usage);
    CHECK(says(failure, done.backup + "; put it back by hewn::sqlite::restore"));
    CHECK(failure_of([&] { (void)hewn::restore_dropped(db, 1); }).code() == errc::usage);
    CHECK(hewn::plan_purge(db).empty());
    CHECK(hewn::purge_kept(db, hewn::plan_purge(db)).empty());
    return;
  }
  REQUIRE(hewn::kept(db).size() == 1);
  const auto item = hewn::kept(db)[0];
  CHECK(done.backup.find(item.place.substr(1, 10)) != std::string::npos);
  CHECK(hewn::restore_dropped(db, p.fingerprint()).at(0).rows == 1);
  CHECK(db.get<before::person>(ada.id).fax == "1");

  const hewn::plan purge = hewn::plan_purge(db, {.ids = {item.id}});
  CHECK(failure_of([&] { hewn::purge_kept(db, purge); }).code() == errc::approval_required);
  const auto gone = hewn::purge_kept(
      db, purge, {.approvals = {hewn::approve(db, purge, "it is back", {.approver = "ada"})}});
  CHECK(gone.size() == 1);
  CHECK(hewn::kept(db).empty());
  CHECK(hewn::audit::verify(db).empty());
}
