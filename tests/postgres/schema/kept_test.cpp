// tests/postgres/schema/kept_test.cpp - what sync drops on a server is listed until when it is
// kept. SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/kept.hpp>

#include <support/failure.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using support::dropped_column;
using support::dropped_table;
using support::failure_of;
using support::says;
using lab = support::postgres_lab;

TEST_CASE("nothing is kept where nothing was dropped", "[M2]") {
  lab l;
  CHECK(hewn::kept(l.db).empty());
  CHECK(l.number("SELECT COUNT(*) FROM pg_tables WHERE tablename = 'hewn_kept' AND schemaname = "
                 "current_schema()") == 0);
}

TEST_CASE("a dropped table and dropped values are listed with plan, place and time", "[M2]") {
  lab l;
  schema::table t = l.notes;
  t.columns.pop_back();
  const auto first = l.approve({t}, {dropped_column("notes", "text")});
  const auto second = l.approve({}, {dropped_table("notes")});

  const auto all = hewn::kept(l.db);
  REQUIRE(all.size() == 2);
  CHECK(all[0].id == 1);
  CHECK(all[0].plan == first.fingerprint());
  CHECK(all[0].table == "notes");
  CHECK(all[0].column == "text");
  CHECK(all[0].place ==
        "\"hewn_dropped_" + first.fingerprint().substr(0, 16) + "\".\"notes_text\"");
  CHECK(all[0].rows == 2);
  CHECK(all[0].approver == "ada");
  CHECK(all[0].until - all[0].since == std::chrono::days(30));
  CHECK_FALSE(all[0].expired);
  CHECK(all[0].obstacle == "there is no table notes; restore or create the table first");
  CHECK(all[1].id == 2);
  CHECK(all[1].plan == second.fingerprint());
  CHECK(all[1].table == "notes");
  CHECK(all[1].column.empty());
  CHECK(all[1].rows == 2);
  CHECK(all[1].restorable());
  CHECK(l.number("SELECT COUNT(*) FROM " + all[0].place) == 2);
  CHECK(hewn::report(l.plan({}, {})).find("hewn_kept") == std::string::npos);
}

TEST_CASE("a policy says how long things are kept", "[M2]") {
  lab l;
  const auto p = l.plan({}, {dropped_table("notes")});
  hewn::sync_options options = l.consent(p);
  SECTION("not at all") {
    options.policy.retention = std::chrono::seconds(0);
    hewn::apply(l.executor, p, options);
    CHECK(hewn::kept(l.db).at(0).expired);
  }
  SECTION("a year") {
    options.policy.retention = std::chrono::days(365);
    hewn::apply(l.executor, p, options);
    const auto item = hewn::kept(l.db).at(0);
    CHECK(item.until - item.since == std::chrono::days(365));
  }
  SECTION("a time that is none") {
    options.policy.retention = std::chrono::seconds(-1);
    const auto failure = failure_of([&] { hewn::apply(l.executor, p, options); });
    CHECK(failure.code() == errc::usage);
    CHECK(says(failure, "the retention of a policy is out of range"));
    CHECK(l.number("SELECT COUNT(*) FROM notes") == 2);
  }
}

TEST_CASE("what is kept by an apply that fails is not listed", "[M2]") {
  lab l;
  const auto p = l.plan({}, {dropped_table("notes")});
  l.db.script("CREATE TABLE hewn_kept (id BIGINT)");  // not hewn's, so that nothing can be recorded
  CHECK(failure_of([&] { hewn::apply(l.executor, p, l.consent(p)); }).code() == errc::syntax);
  CHECK(l.number("SELECT COUNT(*) FROM notes") == 2);
  CHECK(l.kept_schemas().empty());
}

TEST_CASE("nobody writes behind the list by a trigger", "[M2]") {
  lab l;
  l.db.script("CREATE TABLE other (id bigint PRIMARY KEY); INSERT INTO other VALUES (1)");
  l.approve({}, {dropped_table("other")});
  l.db.script(
      "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE "
      "TRIGGER spies AFTER INSERT ON hewn_kept FOR EACH ROW EXECUTE FUNCTION spy()");
  const auto p = l.plan({}, {dropped_table("notes")});
  const auto options = [&] {
    hewn::sync_options out;
    out.approvals = {hewn::approve({.plan = p.fingerprint(),
                                    .from = p.from(),
                                    .database = *hewn::audit::find_identity(l.executor),
                                    .changes = p.pending(),
                                    .approver = "ada",
                                    .reason = "a test wants it"})};
    return out;
  }();
  const auto failure = failure_of([&] { hewn::apply(l.executor, p, options); });
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure, "trigger spies on the table hewn_kept"));
  CHECK(l.number("SELECT COUNT(*) FROM notes") == 2);
}
