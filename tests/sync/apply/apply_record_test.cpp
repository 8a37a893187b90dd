// tests/sync/apply/apply_record_test.cpp - what is recorded of plans, and of failed applies.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sync/audit.hpp>

#include <support/sync_scenario.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace audit = hewn::audit;
using hewn::errc;
using support::failure_of;
using support::says;
using support::sync_lab;

namespace {

using list = std::vector<std::string>;

const std::string with_body =
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT, body TEXT);"
    "INSERT INTO notes VALUES (1, 'a', 'x'), (2, 'b', 'y')";
const std::string without_body = "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT)";

hewn::sync_policy recording() {
  hewn::sync_policy out = hewn::policy::standard();
  out.audit = true;
  return out;
}

list events_of(hewn::schema_executor& db) {
  list out;
  for (const audit::entry& e : audit::entries(db)) out.push_back(e.event + " " + e.outcome);
  return out;
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != text.npos;
}

struct stop {};

}  // namespace

TEST_CASE("a refused apply is recorded with every clause that failed") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  hewn::approval a = lab.approve(p);
  a.expires_at = {};
  a.grants[0].values_lost = 1;
  failure_of([&] {
    hewn::apply(lab.db, p, {.policy = recording(), .approvals = {a}, .actor = "deploy"});
  });
  const auto all = audit::entries(lab.db);
  REQUIRE(all.size() == 1);
  CHECK(all[0].event == "apply");
  CHECK(all[0].outcome == "refused");
  CHECK(all[0].actor == "deploy");
  CHECK(all[0].plan == p.fingerprint());
  CHECK(all[0].backup.empty());
  CHECK(contains(all[0].detail, "the approval expired at 1970-01-01 00:00:00 UTC"));
  CHECK(contains(all[0].detail, "2 values would be lost, and the approval allows 1"));
  // It uses nothing up.
  CHECK_FALSE(audit::used(lab.db, a.nonce));
  CHECK(audit::verify(lab.db).empty());
}

TEST_CASE("an apply without any approval is recorded as refused, and so is one that drifted") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  failure_of([&] { hewn::apply(lab.db, p, {.policy = recording()}); });
  lab.db.run("ALTER TABLE notes ADD COLUMN tag TEXT");
  failure_of(
      [&] { hewn::apply(lab.db, p, {.policy = recording(), .approvals = {lab.approve(p)}}); });
  CHECK(events_of(lab.db) == list{"apply refused", "apply refused"});
  CHECK(contains(audit::entries(lab.db)[0].detail, "waits: 2 values would be lost"));
  CHECK(contains(audit::entries(lab.db)[1].detail, "the schema moved since the plan was made"));
  CHECK(audit::verify(lab.db).empty());
}

TEST_CASE("a plan that has been applied since it was made is told from one that waits", "[p:C4]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  hewn::apply(lab.db, p, {.approvals = {lab.approve(p)}});
  const hewn::applied again = hewn::apply(lab.db, p, {});
  CHECK(again.empty());
  // Something else than what was planned.
  lab.db.run("ALTER TABLE notes ADD COLUMN body TEXT; ALTER TABLE notes ADD COLUMN tag TEXT");
  const hewn::error moved = failure_of([&] { hewn::apply(lab.db, p, {}); });
  CHECK(moved.code() == errc::schema_mismatch);
  CHECK(says(moved, "the schema moved since the plan was made: table notes is another one"));
  CHECK(says(moved, "tag"));
  CHECK(lab.rows("SELECT title FROM notes") == list{"a", "b"});
}

TEST_CASE("the record of a failed apply survives its rollback, and its backup goes", "[s85]") {
  const support::temporary_folder folder("failed_applies");
  sync_lab lab(with_body, folder.path + "/notes.db");
  hewn::identity(lab.db);
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  bool saved = false;
  for (int i = 0; i != 3; ++i)
    CHECK_THROWS_AS(hewn::apply(lab.db, p,
                                {.policy = recording(),
                                 .approvals = {a},
                                 .progress =
                                     [&](const hewn::sync_progress&) {
                                       for (const std::string& name : folder.files())
                                         saved = saved || name.ends_with(".backup");
                                       throw stop();
                                     }}),
                    stop);
  CHECK(saved);  // the backup was there while it could be needed
  CHECK(folder.files() == list{"notes.db"});
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a|x", "2|b|y"});
  CHECK(events_of(lab.db) == list(3, "apply failed"));
  CHECK(audit::entries(lab.db).back().detail == "interrupted by the program");
  CHECK_FALSE(audit::used(lab.db, a.nonce));

  // What was not tampered with is whole, and the approval still holds.
  CHECK(audit::verify(lab.db).empty());
  const hewn::applied done = lab.apply(p, {.policy = recording(), .approvals = {a}});
  CHECK(events_of(lab.db) ==
        list{"apply failed", "apply failed", "apply failed", "approval used", "apply applied"});
  CHECK(audit::entries(lab.db).back().backup == done.backup);
  lab.db.run("UPDATE hewn_audit SET outcome = 'applied' WHERE seq = 2");
  CHECK(audit::verify(lab.db) == list{"audit entry 2 was changed"});
}

TEST_CASE("a step that fails is recorded with the reason", "[s85]") {
  const support::temporary_folder folder("refused_steps");
  sync_lab lab(with_body, folder.path + "/notes.db");
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  // Nothing else can get in between, so the callback does what it must not.
  const auto refuse = [&](const hewn::sync_progress& now) {
    if (now.done == 0) lab.db.run("CREATE TABLE hewn_new_notes (a); DROP TABLE notes");
  };
  const hewn::error failure = failure_of([&] {
    hewn::apply(lab.db, p, {.policy = recording(), .approvals = {a}, .progress = refuse});
  });
  CHECK(folder.files() == list{"notes.db"});
  CHECK(events_of(lab.db) == list{"apply failed"});
  CHECK(audit::entries(lab.db)[0].detail == failure.what());
  CHECK(lab.rows("SELECT count(*) FROM notes") == list{"2"});
}

TEST_CASE("without the policy nothing is written by what came to nothing", "[s84]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  lab.refused(p);
  hewn::approval late = lab.approve(p);
  late.expires_at = {};
  lab.refused(p, {.approvals = {late}});
}

TEST_CASE("while somebody else writes, the error is the first one and nobody waits twice") {
  const support::temporary_file file("busy.db");
  sync_lab lab(with_body, file.path);
  const hewn::plan p = lab.plan(without_body);
  support::raw_sqlite other(file.path);
  other.run("BEGIN IMMEDIATE");
  const hewn::error failure = failure_of(
      [&] { hewn::apply(lab.db, p, {.policy = recording(), .approvals = {lab.approve(p)}}); });
  CHECK(failure.code() == errc::busy);
  other.run("ROLLBACK");
  CHECK(audit::entries(lab.db).empty());
}

TEST_CASE("in a transaction of the caller's the record shares its fate") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  lab.db.run("BEGIN");
  failure_of([&] { hewn::apply(lab.db, p, {.policy = recording()}); });
  CHECK(events_of(lab.db) == list{"apply refused"});
  lab.db.run("ROLLBACK");
  CHECK(events_of(lab.db).empty());
  CHECK(audit::verify(lab.db).empty());
}

namespace {

struct notes {
  std::int64_t id = 0;
  std::optional<std::string> title;
};

}  // namespace

TEST_CASE("plans that are made under a policy with a record are recorded") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(with_body);
  const auto policy = hewn::policy::production();
  CHECK(hewn::plan_sync<notes>(db).pending().size() == 1);
  CHECK(audit::entries(db).empty());

  const hewn::plan p = hewn::plan_sync<notes>(db, {.policy = policy, .actor = "ada"});
  hewn::wanted_schema nothing{.complete = true};
  const hewn::plan all = hewn::make_plan(db, nothing, policy);
  const auto entries = audit::entries(db);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].event == "plan");
  CHECK(entries[0].outcome == "waits");
  CHECK(entries[0].actor == "ada");
  CHECK(entries[0].plan == p.fingerprint());
  CHECK(entries[0].detail == hewn::report(p));
  CHECK(entries[1].plan == all.fingerprint());
  CHECK(all.changes().size() == 1);  // hewn's own tables are not a part of it

  // The whole story of a loss.
  failure_of([&] { hewn::sync<notes>(db, {.policy = policy}); });
  const hewn::approval a = hewn::approve(db, p, "the bodies are elsewhere", {.approver = "ada"});
  hewn::apply_plan(db, p, {.policy = policy, .approvals = {a}});
  (void)hewn::plan_sync<notes>(db, policy);  // empty: nothing to record
  list story;
  for (const audit::entry& e : audit::entries(db)) story.push_back(e.event + " " + e.outcome);
  CHECK(story == list{"plan waits", "plan waits", "apply refused", "approval given",
                      "approval used", "apply applied"});
  CHECK(audit::verify(db).empty());
}

TEST_CASE("a database that cannot be written to is planned for without a record", "[s84]") {
  const support::temporary_file file("read_only_plan.db");
  { sync_lab lab(with_body, file.path); }
  auto db = hewn::sqlite::open(file.path, {.read_only = true});
  CHECK(hewn::plan_sync<notes>(db, hewn::policy::production()).pending().size() == 1);
  CHECK(audit::entries(db).empty());
}

TEST_CASE("nothing is recorded where that would set off what writes", "[p:A4]") {
  sync_lab lab(with_body + "; CREATE TABLE log (line TEXT); INSERT INTO log VALUES ('kept')");
  hewn::identity(lab.db);
  audit::append(lab.db, {.event = "apply"});
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  const std::string clear = " BEGIN DELETE FROM log; END";
  const list traps[] = {
      {"trigger t on the table hewn_audit", "CREATE TRIGGER t AFTER INSERT ON hewn_audit" + clear,
       "DROP TRIGGER t"},
      {"trigger t on the table Hewn_Identity",
       "CREATE TRIGGER t BEFORE UPDATE ON Hewn_Identity" + clear, "DROP TRIGGER t"},
      {"trigger t on the table hewn_audit",
       "CREATE TEMP TRIGGER t AFTER INSERT ON main.hewn_audit" + clear, "DROP TRIGGER t"},
      {"foreign key of the table child to hewn_identity",
       "CREATE TABLE child (seq REFERENCES hewn_identity(audit_seq) ON UPDATE CASCADE)",
       "DROP TABLE child"}};
  for (const list& trap : traps) {
    INFO(trap[1]);
    lab.db.run(trap[1]);
    const auto refused = [&](const auto& action) {
      const hewn::error e = failure_of(action);
      CHECK(e.code() == errc::usage);
      CHECK(says(
          e, "hewn: the " + trap[0] + " may write whenever hewn records something there; drop it"));
    };
    refused([&] { hewn::apply(lab.db, p, {.policy = recording(), .approvals = {a}}); });
    refused([&] { hewn::apply(lab.db, p, {.approvals = {a}}); });
    refused([&] { hewn::record_plan(lab.db, p, recording()); });
    refused([&] { hewn::approve(lab.db, p, "a reason", {.approver = "ada"}); });
    refused([&] { audit::append(lab.db, {.event = "apply"}); });
    refused([&] { audit::renew_identity(lab.db); });
    lab.db.run(trap[2]);
  }
  CHECK(lab.rows("SELECT * FROM log") == list{"kept"});
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a|x", "2|b|y"});
  CHECK(audit::entries(lab.db).size() == 1);
  // Protection against others may stay.
  lab.db.run("CREATE TRIGGER no BEFORE DELETE ON hewn_audit BEGIN SELECT RAISE(ABORT, 'no'); END");
  hewn::apply(lab.db, p, {.policy = recording(), .approvals = {a}});
  CHECK(audit::verify(lab.db).empty());
}
