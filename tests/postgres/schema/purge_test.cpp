// tests/postgres/schema/purge_test.cpp - what sync has kept on a server goes only when somebody
// approves how much.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/kept.hpp>

#include <support/failure.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using support::dropped_column;
using support::dropped_table;
using support::failure_of;
using support::says;

namespace {

/// notes with two rows and other with one, both dropped by plans of their own.
struct lab : support::postgres_lab {
  lab() {
    db.script("CREATE TABLE other (id bigint PRIMARY KEY); INSERT INTO other VALUES (1)");
    first = drop("notes", std::chrono::seconds(0));
    second = drop("other", std::chrono::days(1));
  }

  std::string drop(const std::string& table, std::chrono::seconds retention) {
    const auto p = plan({}, {dropped_table(table)});
    auto options = consent(p);
    options.policy.retention = retention;
    hewn::apply(executor, p, options);
    return p.fingerprint();
  }

  hewn::sync_options approved(const hewn::plan& p, const std::string& approver = "ada") {
    hewn::sync_options out{.actor = "cron"};
    out.approvals = {hewn::approve(db, p, "nobody asked for it", {.approver = approver})};
    return out;
  }

  bool is_there(const std::string& place) {
    return number("SELECT count(to_regclass('" + place + "'))") == 1;
  }

  std::string first;
  std::string second;
};

}  // namespace

TEST_CASE("what is expired is purged with an approval of its rows", "[M2]") {
  lab l;
  const auto items = hewn::kept(l.db);
  REQUIRE(items.size() == 2);
  const auto p = hewn::plan_purge(l.db);
  REQUIRE(p.changes().size() == 1);
  CHECK(p.changes()[0].counted(hewn::fact_kind::rows_lost) == 2);
  const std::string report = hewn::report(p);
  CHECK(report.find("2 rows would be lost, which are table notes and kept until 20") !=
        std::string::npos);
  CHECK(report == hewn::report(hewn::plan_purge(l.db)));

  const auto failure = failure_of([&] { hewn::purge_kept(l.db, p); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "approve change " + p.changes()[0].id()));
  CHECK(l.is_there(items[0].place));

  const auto gone = hewn::purge_kept(l.db, p, l.approved(p));
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].table == "notes");
  CHECK_FALSE(l.is_there(items[0].place));
  CHECK(l.is_there(items[1].place));
  CHECK(l.kept_schemas().size() == 1);
  REQUIRE(hewn::kept(l.db).size() == 1);
  CHECK(hewn::kept(l.db)[0].table == "other");
  const auto entries = hewn::audit::entries(l.db);
  CHECK(entries.back().event == "purge");
  CHECK(entries.back().actor == "cron");
  CHECK(entries.back().outcome == "applied");
  CHECK(entries.back().detail.find("2 rows would be lost") != std::string::npos);
  CHECK(hewn::audit::verify(l.db).empty());

  CHECK(hewn::plan_purge(l.db).empty());
  CHECK(hewn::purge_kept(l.db, hewn::plan_purge(l.db)).empty());
  const auto late = failure_of([&] { (void)hewn::restore_dropped(l.db, l.first); });
  CHECK(late.code() == errc::usage);
  CHECK(says(late, "table notes cannot be restored, because it was purged at 20"));
  CHECK(failure_of([&] { (void)hewn::plan_purge(l.db, {.ids = {1}}); }).code() == errc::not_found);
}

TEST_CASE("what is named is purged before it expires", "[M2]") {
  lab l;
  hewn::purge_selection what;
  SECTION("by its id") { what.ids = {2, 2}; }
  SECTION("by its plan") { what.plan = l.second; }
  SECTION("by the beginning of its plan") { what.plan = l.second.substr(0, 16); }
  SECTION("by both") {
    what.ids = {2};
    what.plan = l.second;
  }
  const auto p = hewn::plan_purge(l.db, what);
  REQUIRE(p.changes().size() == 1);
  CHECK(hewn::purge_kept(l.db, p, l.approved(p)).at(0).table == "other");
  CHECK(hewn::kept(l.db).at(0).table == "notes");
}

TEST_CASE("an approval is for as many rows as it names", "[M2]") {
  lab l;
  const auto p = hewn::plan_purge(l.db);
  const auto options = l.approved(p);
  const std::string place = hewn::kept(l.db).at(0).place;
  SECTION("more rows") {
    l.db.script("INSERT INTO " + place + " (text) VALUES ('c')");
    const auto failure = failure_of([&] { hewn::purge_kept(l.db, p, options); });
    CHECK(failure.code() == errc::approval_required);
    CHECK(says(failure, "3 rows would be lost, and the approval allows 2"));
    CHECK(l.number("SELECT COUNT(*) FROM " + place) == 3);
  }
  SECTION("fewer rows") {
    l.db.script("DELETE FROM " + place + " WHERE id = 1");
    CHECK(hewn::purge_kept(l.db, p, options).size() == 1);
  }
  SECTION("of another purge") {
    const auto other = hewn::plan_purge(l.db, {.ids = {2}});
    const auto failure = failure_of([&] { hewn::purge_kept(l.db, other, options); });
    CHECK(failure.code() == errc::approval_required);
    CHECK(says(failure, "and this is plan"));
  }
  SECTION("twice") {
    hewn::purge_kept(l.db, p, options);
    const auto failure = failure_of([&] { hewn::purge_kept(l.db, p, options); });
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(says(failure, "table notes was purged since the purge was planned"));
  }
  SECTION("by as many people as the policy demands") {
    auto two = options;
    two.policy.approvers = 2;
    CHECK(says(failure_of([&] { hewn::purge_kept(l.db, p, two); }), "the policy demands 2"));
    two.approvals.push_back(l.approved(p, "bob").approvals[0]);
    CHECK(hewn::purge_kept(l.db, p, two).size() == 1);
  }
}

TEST_CASE("no policy purges without an approval, and some do not purge at all", "[M2]") {
  lab l;
  const auto p = hewn::plan_purge(l.db, {}, hewn::policy::dev());
  CHECK_FALSE(p.pending().empty());
  CHECK(failure_of([&] { hewn::purge_kept(l.db, p, {.policy = hewn::policy::dev()}); }).code() ==
        errc::approval_required);
  const auto denied = hewn::plan_purge(l.db, {}, hewn::policy::ci());
  CHECK(denied.blocked());
  CHECK(failure_of([&] {
          (void)hewn::approve(l.db, denied, "it is old", {.approver = "ada"});
        }).code() == errc::usage);
  auto options = l.approved(p);
  options.policy = hewn::policy::ci();
  const auto failure = failure_of([&] { hewn::purge_kept(l.db, p, options); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "which the policy ci forbids"));
  CHECK(hewn::kept(l.db).size() == 2);
}

TEST_CASE("a policy with an audit records what was refused", "[M2]") {
  lab l;
  const auto p = hewn::plan_purge(l.db, {}, hewn::policy::production());
  CHECK(hewn::audit::entries(l.db).back().event == "plan");
  CHECK(failure_of([&] {
          hewn::purge_kept(l.db, p, {.policy = hewn::policy::production()});
        }).code() == errc::approval_required);
  CHECK(hewn::audit::entries(l.db).back().event == "purge");
  CHECK(hewn::audit::entries(l.db).back().outcome == "refused");
}

TEST_CASE("a purge is a purge and a sync is a sync", "[M2]") {
  lab l;
  const auto p = hewn::plan_purge(l.db);
  const auto wrong = failure_of([&] { hewn::apply(l.executor, p, l.approved(p)); });
  CHECK(wrong.code() == errc::usage);
  CHECK(says(wrong, "carry it out with purge_kept()"));
  const auto sync = l.plan({l.notes});
  const auto other = failure_of([&] { hewn::purge_kept(l.db, sync); });
  CHECK(other.code() == errc::usage);
  CHECK(says(other, "make one with plan_purge()"));
}

TEST_CASE("values are purged too, also when they were restored", "[M2]") {
  lab l;
  CHECK(hewn::restore_dropped(l.db, l.first).size() == 1);
  schema::table t = l.notes;
  t.columns.pop_back();
  const auto dropped = l.approve({t}, {dropped_column("notes", "text")});
  l.db.script("ALTER TABLE notes ADD COLUMN text text");
  CHECK(hewn::restore_dropped(l.db, dropped.fingerprint()).at(0).rows == 2);
  const auto p = hewn::plan_purge(l.db, {.plan = dropped.fingerprint()});
  CHECK(hewn::purge_kept(l.db, p, l.approved(p)).at(0).column == "text");
  CHECK(l.number("SELECT count(text) FROM notes") == 2);
  CHECK(says(failure_of([&] { (void)hewn::restore_dropped(l.db, dropped.fingerprint()); }),
             "the values of column notes.text cannot be restored, because it was purged"));
}

TEST_CASE("what others build on what is kept is not purged", "[M2]") {
  lab l;
  const auto p = hewn::plan_purge(l.db);
  l.db.script("CREATE VIEW old_notes AS SELECT * FROM " + hewn::kept(l.db).at(0).place);
  CHECK_FALSE(failure_of([&] { hewn::purge_kept(l.db, p, l.approved(p)); }).code() == errc::usage);
  CHECK(l.number("SELECT COUNT(*) FROM old_notes") == 2);
  CHECK(hewn::kept(l.db).size() == 2);
  l.db.script("DROP VIEW old_notes");
}

TEST_CASE("a copy that somebody took away holds up no purge of the others", "[M2]") {
  lab l;
  l.db.script("CREATE TABLE third (id bigint PRIMARY KEY); INSERT INTO third VALUES (1)");
  l.drop("third", std::chrono::seconds(0));
  const auto both = hewn::plan_purge(l.db);
  CHECK(both.changes().size() == 2);
  l.db.script("DROP TABLE " + hewn::kept(l.db).at(0).place);
  CHECK(says(failure_of([&] { hewn::purge_kept(l.db, both, l.approved(both)); }),
             "table notes was moved or dropped since the purge was planned"));
  const auto rest = hewn::plan_purge(l.db);
  CHECK(hewn::purge_kept(l.db, rest, l.approved(rest)).at(0).table == "third");
}

TEST_CASE("a role that does not own what is kept does not purge it", "[M2]") {
  lab l;
  const auto p = hewn::plan_purge(l.db);
  const auto options = l.approved(p);
  const std::string home = l.text("SELECT current_schema()::text");
  const std::string role = "role_" + home;
  l.db.script("CREATE ROLE " + role + "; GRANT ALL ON SCHEMA " + home + " TO " + role +
              "; GRANT ALL ON ALL TABLES IN SCHEMA " + home + " TO " + role +
              "; GRANT USAGE ON SCHEMA " + l.kept_schemas()[0] + " TO " + role + "; GRANT ALL ON " +
              hewn::kept(l.db).at(0).place + " TO " + role + "; SET ROLE " + role);
  CHECK(failure_of([&] { hewn::purge_kept(l.db, p, options); }).code() == errc::cannot_open);
  l.db.script("RESET ROLE; DROP OWNED BY " + role + "; DROP ROLE " + role);
  CHECK(hewn::purge_kept(l.db, p, options).size() == 1);
}

TEST_CASE("of a restore and a purge at once one is done and the other says so", "[M2]") {
  for (int i = 0; i != 4; ++i) {
    lab l;
    const auto p = hewn::plan_purge(l.db);
    const auto options = l.approved(p);
    std::optional<hewn::error> late;
    std::thread other([&] {
      try {
        (void)hewn::restore_dropped(l.where.open(), 1);
      } catch (const hewn::error& failure) {
        late = failure;
      }
    });
    std::optional<hewn::error> refused;
    try {
      hewn::purge_kept(l.db, p, options);
    } catch (const hewn::error& failure) {
      refused = failure;
    }
    other.join();
    CHECK(late.has_value() != refused.has_value());
    if (late) {
      CHECK(says(*late, "cannot be restored, because it was purged at 20"));
      CHECK_FALSE(l.is_there("notes"));
    }
    if (refused) {
      CHECK(says(*refused, "table notes was restored since the purge was planned"));
      CHECK(l.number("SELECT COUNT(*) FROM notes") == 2);
    }
    CHECK(hewn::audit::verify(l.db).empty());
  }
}
