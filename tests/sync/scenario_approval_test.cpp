// tests/sync/scenario_approval_test.cpp - what stands between a plan and its effect.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/restore.hpp>
#include <hewn/sync/audit.hpp>
#include <hewn/sync/plan/plan_without.hpp>
#include <hewn/sync/plan/undo.hpp>
#include <hewn/sync_json.hpp>

#include <support/fault_vfs.hpp>
#include <support/sync_scenario.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using hewn::change_kind;
using hewn::errc;
using hewn::verdict;
using namespace support;

namespace {

const std::string with_body =
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT, body TEXT);"
    "INSERT INTO notes VALUES (1, 'a', 'x'), (2, 'b', 'y')";
const std::string without_body = "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT)";

/// Lets somebody else act at the last moment before the lock.
class late_drift : public support::raw_sqlite {
 public:
  explicit late_drift(const std::string& path) : raw_sqlite(path) {}

  void transaction(const hewn::apply_scope& scope, const std::function<void()>& body) override {
    if (const auto act = std::exchange(before_lock, nullptr)) act();
    raw_sqlite::transaction(scope, body);
  }

  std::function<void()> before_lock;
};

}  // namespace

// ---- drift

TEST_CASE("a table that was changed since it was planned for is named", "[s77]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  lab.db.run("ALTER TABLE notes ADD COLUMN tag TEXT");
  const hewn::error failure = refusal_of(lab, p, {.approvals = {a}});
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure,
             "hewn: the schema moved since the plan was made: table notes is another one; nothing "
             "was applied"));
}

TEST_CASE("what is gone, new or rewritten is named as what it is", "[s77]") {
  sync_lab lab(with_body +
               "; CREATE VIEW titles AS SELECT title FROM notes;"
               "CREATE TABLE others (id INTEGER PRIMARY KEY)");
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  const auto drift_after = [&](const std::string& sql) {
    lab.db.run(sql);
    return std::string(refusal_of(lab, p, {.approvals = {a}}).what());
  };
  const auto contains = [](const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != text.npos;
  };
  CHECK(contains(drift_after("CREATE TRIGGER noted AFTER INSERT ON notes BEGIN SELECT 1; END"),
                 "made: trigger noted is new;"));
  CHECK(contains(drift_after("DROP TRIGGER noted; DROP VIEW titles;"
                             "CREATE VIEW titles AS SELECT upper(title) AS title FROM notes"),
                 "made: view titles is another one;"));
  CHECK(contains(drift_after("DROP VIEW titles"), "made: view titles is gone;"));
  CHECK(contains(drift_after("CREATE INDEX by_title ON notes (title)"),
                 "made: table notes is another one;"));
  CHECK(contains(drift_after("DROP TABLE notes"), "made: table notes is gone;"));
}

TEST_CASE("what happens to other tables is no drift", "[s77]") {
  sync_lab lab(with_body + "; CREATE TABLE others (id INTEGER PRIMARY KEY)");
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  lab.db.run("ALTER TABLE others ADD COLUMN v; CREATE TABLE more (a); CREATE VIEW w AS SELECT 1");
  lab.apply(p, {.approvals = {a}});
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a", "2|b"});
}

TEST_CASE("a plan that only adds goes on with what is left", "[s77]") {
  sync_lab lab("CREATE TABLE t (a)");
  const hewn::plan p = lab.plan("CREATE TABLE t (a, b TEXT); CREATE TABLE u (c)");
  lab.db.run("ALTER TABLE t ADD COLUMN b TEXT");
  const hewn::applied done = lab.apply(p);
  CHECK(changes_of(done) == list{"create table"});
}

TEST_CASE("rows that came since and are in the way are told as facts", "[s77]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL)");
  REQUIRE_FALSE(p.blocked());
  lab.db.run("INSERT INTO t VALUES (2, NULL)");
  const hewn::error failure = refusal_of(lab, p);
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "waits: 1 row has no value for it: id=2"));
}

TEST_CASE("a column that was empty when it was planned to go is protected when it is not",
          "[s77]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  REQUIRE(p.pending().empty());
  lab.db.run("UPDATE t SET v = 'late'");
  const hewn::error failure = refusal_of(lab, p);
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "drop column t.v is not covered by an approval; grant change " +
                          the_change(p, change_kind::drop_column).id()));
  CHECK(says(failure, "waits: 1 value would be lost: id=1"));
}

TEST_CASE("drift between the look and the lock is found under the lock", "[s78]") {
  const temporary_file file("late_drift.db");
  late_drift db(file.path);
  db.run(with_body);
  const hewn::wanted_schema wanted = declared(without_body);
  const hewn::plan p = hewn::make_plan(db, wanted);
  const auto approved = [&](const hewn::plan& plan) {
    return hewn::approve({.plan = plan.fingerprint(),
                          .from = plan.from(),
                          .changes = plan.pending(),
                          .approver = "ada",
                          .reason = "a test"});
  };

  support::raw_sqlite other(file.path);
  list before;
  db.before_lock = [&] {
    other.run("ALTER TABLE notes ADD COLUMN tag TEXT");
    before = dump(other);
  };
  const hewn::error failure = failure_of([&] { hewn::apply(db, p, {.approvals = {approved(p)}}); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure, "table notes is another one"));
  CHECK(dump(other) == before);

  // A row is enough: the approval is for two values, and now there are three.
  other.run("ALTER TABLE notes DROP COLUMN tag");
  const hewn::plan again = hewn::make_plan(db, wanted);
  db.before_lock = [&] {
    other.run("INSERT INTO notes VALUES (3, 'c', 'z')");
    before = dump(other);
  };
  const hewn::error more =
      failure_of([&] { hewn::apply(db, again, {.approvals = {approved(again)}}); });
  CHECK(more.code() == errc::approval_required);
  CHECK(says(more,
             "hewn: the plan was not applied: drop column notes.body: 3 values would be lost, and "
             "the approval allows 2; review the rows and approve again"));
  CHECK(dump(other) == before);
}

TEST_CASE("the same work done by somebody else at the last moment is no error", "[s78]") {
  const temporary_file file("late_twin.db");
  late_drift db(file.path);
  const hewn::plan p = hewn::make_plan(db, declared(without_body));
  support::raw_sqlite other(file.path);
  db.before_lock = [&] { hewn::apply(other, p); };
  const hewn::applied done = hewn::apply(db, p);
  CHECK(done.empty());
  CHECK(other.column("SELECT count(*) FROM sqlite_master") == list{"1"});
}

// ---- a plan as a file

TEST_CASE("a plan file that was edited is not the plan", "[s79]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  const std::string json = hewn::to_json(p);
  CHECK(hewn::check(hewn::plan_from_json(json), p).empty());

  const auto edited = [&](const std::string& from, const std::string& to) {
    std::string text = json;
    const std::size_t at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
  };
  CHECK(hewn::check(hewn::plan_from_json(edited("DROP COLUMN", "drop column")), p) ==
        list{"step 1 of the file is not that of the plan"});
  CHECK(hewn::check(hewn::plan_from_json(edited("\"count\": 2", "\"count\": 0")), p) ==
        list{"drop column notes.body: the file says 0 values would be lost, and now 2 values would "
             "be lost"});
  // A lower risk with the classes that go with it.
  CHECK(failure_of([&] {
          hewn::plan_from_json(edited("\"effect\": \"lossy\"", "\"effect\": \"none\""));
        }).code() == errc::invalid_data);
  CHECK(failure_of([&] {
          hewn::plan_from_json(edited("\"table\": \"notes\"", "\"table\": \"notes2\""));
        }).code() == errc::invalid_data);
  CHECK(failure_of([&] { hewn::plan_from_json(json + json); }).code() == errc::invalid_data);
}

TEST_CASE("an approval file that was edited does not hold", "[s79]") {
  sync_lab lab(with_body);
  hewn::sync_policy policy = hewn::policy::standard();
  policy.signing_key = "a key";
  const hewn::plan p = lab.plan(declared(without_body), policy);
  hewn::approval a = lab.approve(p);
  CHECK(says(refusal_of(lab, p, {.policy = policy, .approvals = {a}}),
             "the approval is not signed, and the policy demands it; sign it"));
  hewn::sign(a, policy.signing_key);
  hewn::approval more = hewn::approval_from_json(hewn::to_json(a));
  CHECK(more == a);
  more.grants[0].values_lost = 1000;
  CHECK(says(refusal_of(lab, p, {.policy = policy, .approvals = {more}}),
             "the signature of the approval is wrong"));
  lab.apply(p, {.policy = policy, .approvals = {a}});
}

// ---- approvals

TEST_CASE("an approval that expired, or is for later, does not hold", "[s80]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  hewn::approval a = lab.approve(p);
  const hewn::timestamp now = hewn::audit::database_time(lab.db);
  a.expires_at = now - std::chrono::seconds(1);
  const hewn::error expired = refusal_of(lab, p, {.approvals = {a}});
  CHECK(expired.code() == errc::approval_required);
  CHECK(says(expired, "hewn: the plan was not applied: the approval expired at "));

  a.expires_at = now + std::chrono::hours(2);
  a.not_before = now + std::chrono::hours(1);
  CHECK(says(refusal_of(lab, p, {.approvals = {a}}), "applied: the approval is valid from "));
}

TEST_CASE("an approval holds once", "[s80]") {
  sync_lab lab(with_body);
  hewn::audit::ensure_identity(lab.db);
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  lab.apply(p, {.approvals = {a}});

  lab.db.run("ALTER TABLE notes ADD COLUMN body TEXT; UPDATE notes SET body = 'again'");
  const hewn::plan same = lab.plan(without_body);
  REQUIRE(same.fingerprint() == p.fingerprint());
  const hewn::error failure = refusal_of(lab, same, {.approvals = {a}});
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "hewn: the plan was not applied: the approval " + a.nonce +
                          " has been used already; approve again"));
  // Handed in twice, it is refused for that.
  const hewn::approval b = lab.approve(same);
  CHECK(says(refusal_of(lab, same, {.approvals = {b, b}}), "is there twice; hand it in once"));
  lab.apply(same, {.approvals = {b}});
}

TEST_CASE("an approval that was refused or whose apply failed can still be used", "[s80]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  lab.db.run("INSERT INTO notes VALUES (3, 'c', 'z')");
  refusal_of(lab, p, {.approvals = {a}});
  lab.db.run("DELETE FROM notes WHERE id = 3");
  CHECK_THROWS_AS(
      hewn::apply(lab.db, p,
                  {.approvals = {a}, .progress = [](const hewn::sync_progress&) { throw 1; }}),
      int);
  lab.apply(p, {.approvals = {a}});
}

TEST_CASE("an approval that nothing needed stays unused", "[s80]") {
  sync_lab lab(with_body);
  const hewn::approval a = lab.approve(lab.plan(without_body));
  const hewn::plan wide =
      lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT)");
  lab.apply(wide, {.approvals = {a}});
  CHECK_FALSE(hewn::audit::used(lab.db, a.nonce));
  lab.sync("CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT, body TEXT)");
  CHECK(hewn::audit::verify(lab.db).empty());
}

TEST_CASE("an approval for another database does not hold", "[s80]") {
  sync_lab lab(with_body);
  sync_lab twin(with_body);
  const std::string id = hewn::audit::ensure_identity(lab.db);
  const std::string twin_id = hewn::audit::ensure_identity(twin.db);
  const hewn::plan p = lab.plan(without_body);
  const hewn::error failure = refusal_of(twin, p, {.approvals = {lab.approve(p)}});
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "hewn: the plan was not applied: the approval is for database " + id +
                          ", and this is database " + twin_id + "; approve it for this one"));
}

TEST_CASE("an approval of another change or of another plan does not hold", "[s80]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  hewn::approval a = lab.approve(p);
  a.grants[0].change = "0123456789abcdef";
  const hewn::error other_change = refusal_of(lab, p, {.approvals = {a}});
  CHECK(says(other_change,
             "hewn: the plan was not applied: the approval grants change 0123456789abcdef, which "
             "the plan does not have; review this plan and approve it; also drop column notes.body "
             "is not covered by an approval"));

  // Every value of the column is to be kept under a new name besides: another plan.
  const hewn::plan more =
      lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT); CREATE TABLE u (a)");
  const hewn::error other_plan = refusal_of(lab, more, {.approvals = {lab.approve(p)}});
  CHECK(says(other_plan, "the approval is for plan " + p.fingerprint().substr(0, 16)));
}

TEST_CASE("an approval by another planner does not hold", "[s80]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  hewn::approval a = lab.approve(p);
  a.planner = hewn::planner_version - 1;
  CHECK(says(refusal_of(lab, p, {.approvals = {a}}),
             "hewn: the plan was not applied: the approval was made with planner 0, and this is "
             "planner 1; plan and approve again"));
}

TEST_CASE("two people are two people", "[s80]") {
  sync_lab lab(with_body);
  hewn::sync_policy policy = hewn::policy::standard();
  policy.approvers = 2;
  const hewn::plan p = lab.plan(declared(without_body), policy);
  const hewn::approval ada = lab.approve(p);
  hewn::approval ada_again = lab.approve(p);
  ada_again.approver = " Ada ";
  CHECK(says(refusal_of(lab, p, {.policy = policy, .approvals = {ada, ada_again}}),
             "is approved by 1 person, and the policy demands 2"));
  hewn::approval bob = lab.approve(p);
  bob.approver = "bob";
  lab.apply(p, {.policy = policy, .approvals = {ada, bob}});
  CHECK(hewn::audit::used(lab.db, ada.nonce));
  CHECK(hewn::audit::used(lab.db, bob.nonce));
}

// ---- parts

TEST_CASE("an approval of one of two losses applies neither", "[s81]") {
  sync_lab lab(with_body +
               "; CREATE TABLE tags (id INTEGER PRIMARY KEY, label TEXT);"
               "INSERT INTO tags VALUES (1, 'red')");
  const hewn::plan p = lab.plan(without_body + "; CREATE TABLE tags (id INTEGER PRIMARY KEY)");
  REQUIRE(p.pending().size() == 2);
  hewn::approval a = lab.approve(p);
  a.grants.pop_back();
  const hewn::error failure = refusal_of(lab, p, {.approvals = {a}});
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure,
             "hewn: the plan was not applied: drop column tags.label is not covered by an "
             "approval; grant change " +
                 p.pending()[1].id()));

  // The rest is a plan of its own, with an approval of its own.
  const hewn::plan rest = hewn::plan_without(lab.db, p, {p.pending()[1].id()});
  CHECK(changes_of(rest) == list{"wait: drop column body"});
  CHECK(rest.fingerprint() != p.fingerprint());
  CHECK(says(refusal_of(lab, rest, {.approvals = {a}}), "the approval is for plan "));
  lab.apply_approved(rest);
  CHECK(lab.rows("SELECT * FROM notes") == list{"1|a", "2|b"});
  CHECK(lab.rows("SELECT * FROM tags") == list{"1|red"});
  // What was left out is still to be done.
  CHECK(changes_of(lab.plan(p.wanted())) == list{"wait: drop column label"});
}

TEST_CASE("every change can be left out of a plan by its id", "[s81]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT DEFAULT 'x', c TEXT, d INTEGER,"
      " e TEXT UNIQUE, f TEXT, g TEXT, h TEXT CHECK (h <> ''), i AS (a || b) VIRTUAL);"
      "INSERT INTO t (a, b, c, d, e, f, g, h) VALUES ('1', 'b', 'c', 1, 'e', 'f', 'g', 'h');"
      "CREATE TABLE gone (x); INSERT INTO gone VALUES (1)");
  const hewn::plan p = lab.plan(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE fresh (y);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT DEFAULT 'y', c TEXT NOT NULL,"
      " d INTEGER REFERENCES p ON DELETE CASCADE, e TEXT, f TEXT COLLATE NOCASE, h TEXT,"
      " i AS (a || c) VIRTUAL, UNIQUE (f), CHECK (c <> '')); CREATE INDEX t_b ON t (b)",
      {support::dropped_column("t", "g"), dropped_table("gone")});
  INFO(hewn::report(p));
  REQUIRE_FALSE(p.blocked());
  CHECK(p.changes().size() >= 12);
  for (const hewn::change& c : p.changes()) {
    INFO("without " << hewn::detail::subject_of(c));
    const hewn::plan rest = hewn::plan_without(lab.db, p, {c.id()});
    CHECK(rest.problems().empty());
    CHECK(rest.changes().size() == p.changes().size() - 1);
    for (const hewn::change& other : rest.changes()) CHECK(other.id() != c.id());
  }
}

TEST_CASE("a change that the plan does not have cannot be left out", "[s81]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body);
  const hewn::error failure =
      failure_of([&] { (void)hewn::plan_without(lab.db, p, {"0123456789abcdef"}); });
  CHECK(failure.code() == errc::usage);
  CHECK(
      says(failure, "hewn: the plan has no change 0123456789abcdef; take the id from its report"));
}

TEST_CASE("a renaming cannot be left out, because all the rest is written in the new names",
          "[s81]") {
  sync_lab lab(with_body);
  const hewn::plan p =
      lab.plan("CREATE TABLE notes (id INTEGER PRIMARY KEY, heading TEXT, body TEXT, n INTEGER)",
               {support::renamed_column("notes", "title", "heading")});
  const std::string id = the_change(p, change_kind::rename_column).id();
  CHECK(says(failure_of([&] { (void)hewn::plan_without(lab.db, p, {id}); }),
             "rename column of notes cannot be left out"));
}

// ---- traces

TEST_CASE("planning writes nothing, and a refusal neither", "[s84]") {
  const temporary_file file("dry.db");
  {
    sync_lab lab(with_body + "; CREATE VIEW v AS SELECT * FROM notes", file.path);
    const std::string bytes = file.bytes();
    const hewn::plan p = lab.plan(without_body + "; CREATE TABLE more (a)");
    CHECK(file.bytes() == bytes);
    refusal_of(lab, p);
    CHECK(file.bytes() == bytes);
    hewn::approval late = lab.approve(p);
    late.expires_at = {};
    refusal_of(lab, p, {.approvals = {late}});
    CHECK(file.bytes() == bytes);
    (void)hewn::plan_without(lab.db, p, {p.changes()[0].id()});
    CHECK(file.bytes() == bytes);
    // Neither the record nor the identity is made before there is something to record.
    CHECK(lab.rows("SELECT count(*) FROM sqlite_master WHERE name LIKE 'hewn%'") == list{"0"});
  }
  for (const char* suffix : {"-wal", "-journal"})
    CHECK_FALSE(std::ifstream(file.path + suffix).good());
}

TEST_CASE("a database that nobody may write to can be planned for", "[s84]") {
  const temporary_file file("read_only.db");
  { sync_lab lab(with_body, file.path); }
  sync_lab lab("SELECT 1", "file:" + file.path);
  lab.db.run("PRAGMA query_only = ON");
  CHECK(lab.plan(without_body).pending().size() == 1);
}

// ---- backups

namespace {

/// A restore gives the database an identity, when it had one.
list without_identity(list all) {
  std::erase_if(all, [](const std::string& line) { return has(line, "hewn_identity"); });
  return all;
}

}  // namespace

TEST_CASE("a backup is the database before the loss", "[s85]") {
  const support::temporary_folder folder("backups");
  const std::string path = folder.path + "/notes.db";
  {
    sync_lab lab(
        with_body +
            "; CREATE TABLE r (a); INSERT INTO r (rowid, a) VALUES (1, 1), (3, 3);"
            "CREATE TABLE k (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO k VALUES (7);"
            "DELETE FROM k; CREATE INDEX i ON notes (title) WHERE body > 'a';"
            "CREATE VIEW v AS SELECT * FROM r;"
            "CREATE TRIGGER tr AFTER DELETE ON r BEGIN SELECT 1; END",
        path);
    const list before = dump(lab.db);
    const hewn::plan p = lab.plan(without_body);
    const hewn::applied done = lab.apply_approved(p);
    REQUIRE_FALSE(done.backup.empty());
    CHECK(hewn::audit::entries(lab.db).back().backup == done.backup);
    CHECK(dump(lab.db) != before);
    {
      support::raw_sqlite copy(done.backup);
      CHECK(dump(copy) == before);
    }
    hewn::sqlite::restore(lab.db.native(), done.backup);
    CHECK(without_identity(dump(lab.db)) == before);
    CHECK(lab.plan(without_body).pending().size() == 1);
  }
  CHECK(folder.files().size() == 2);
}

TEST_CASE("an approval that was given before a restore does not hold after it", "[s80][s85]") {
  const support::temporary_folder folder("approval_and_restore");
  const std::string path = folder.path + "/notes.db";
  const std::string mode = GENERATE("wal", "delete");
  const std::string place = GENERATE("connection", "path", "wreck");
  // A database without an identity gets one by its first record; only a wreck does not tell.
  const bool recorded = GENERATE(true, false);
  if (place == "wreck" && !recorded) return;
  CAPTURE(mode, place, recorded);
  std::vector<hewn::approval> before;
  std::string backup;
  std::string identity;
  hewn::audit::chain_head kept;
  const auto holds_no_more = [&](sync_lab& lab) {
    CHECK(lab.rows("SELECT body FROM notes ORDER BY id") == list{"x", "y"});
    CHECK(lab.db.column("PRAGMA journal_mode") == list{mode});
    const hewn::plan p = lab.plan(without_body);
    const std::string now = hewn::audit::find_identity(lab.db).value();
    CHECK(now != identity);
    for (const hewn::approval& a : before) {
      CHECK(a.plan == p.fingerprint());
      const hewn::error failure = refusal_of(lab, p, {.approvals = {a}});
      CHECK(failure.code() == errc::approval_required);
      CHECK(says(failure, "and this is database " + now));
    }
    CHECK(hewn::audit::verify(lab.db, kept).empty());
    lab.apply_approved(p);
    CHECK(hewn::audit::verify(lab.db, kept).empty());
  };
  {
    sync_lab lab(with_body, path);
    lab.db.run("PRAGMA journal_mode = " + mode);
    if (recorded) hewn::audit::append(lab.db, {.event = "plan"});
    kept = hewn::audit::head(lab.db);
    const hewn::plan p = lab.plan(without_body);
    before = {lab.approve(p), lab.approve(p)};
    CHECK(before[0].database.empty() == !recorded);
    backup = lab.apply(p, {.approvals = {before[0]}}).backup;
    identity = hewn::audit::find_identity(lab.db).value();
    if (place == "connection") hewn::sqlite::restore(lab.db.native(), backup);
    if (place == "path") hewn::sqlite::restore(path, backup);
    if (place != "wreck") holds_no_more(lab);
  }
  if (place == "wreck") {
    for (const bool there : {true, false}) {
      std::filesystem::remove(path);
      if (there) std::ofstream(path, std::ios::binary) << std::string(8192, 'x');
      hewn::sqlite::restore(path, backup);
      sync_lab lab("PRAGMA journal_mode = " + mode, path);
      holds_no_more(lab);
    }
  }
  // Each restore makes another database, and none of them changes the backup.
  support::raw_sqlite saved(backup);
  CHECK(hewn::audit::find_identity(saved).has_value() == recorded);
  if (recorded) CHECK(hewn::audit::find_identity(saved) == identity);
}

TEST_CASE("where nothing is lost there is no backup", "[s85]") {
  const support::temporary_folder folder("no_backups");
  sync_lab lab(with_body, folder.path + "/notes.db");
  CHECK(lab.sync("CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT,"
                 " n INTEGER)")
            .backup.empty());
  CHECK(folder.files() == list{"notes.db"});
}

TEST_CASE("without its backup nothing is lost", "[s85]") {
  const support::temporary_folder folder("failing_backups");
  std::ofstream(folder.path + "/file") << "not a folder";
  sync_lab lab(with_body, folder.path + "/notes.db");
  for (const char* place : {"/absent", "/file"}) {
    hewn::sync_policy policy = hewn::policy::standard();
    policy.backup_folder = folder.path + place;
    const hewn::plan p = lab.plan(declared(without_body), policy);
    const hewn::approval a = lab.approve(p);
    const hewn::error failure = refusal_of(lab, p, {.policy = policy, .approvals = {a}});
    CHECK(says(failure, "hewn: the backup " + policy.backup_folder));
    CHECK_FALSE(hewn::audit::used(lab.db, a.nonce));
  }
  CHECK(folder.files() == list{"file", "notes.db"});
}

TEST_CASE("a disk that is full for the backup keeps everything as it was", "[s85]") {
  const support::temporary_folder folder("full_backups");
  support::fault_vfs disk;
  sync_lab lab(with_body, folder.path + "/notes.db");
  const hewn::plan p = lab.plan(without_body);
  const hewn::approval a = lab.approve(p);
  for (int room = 0; room != 3; ++room) {
    int left = room;
    disk.decide = [&left](const support::file_operation& o) {
      if (o.what != support::file_operation::kind::write) return SQLITE_OK;
      return left-- > 0 ? SQLITE_OK : SQLITE_FULL;
    };
    CHECK(refusal_of(lab, p, {.approvals = {a}}).code() == errc::full);
    disk.decide = nullptr;
  }
  CHECK(folder.files() == list{"notes.db"});
  lab.apply(p, {.approvals = {a}});
}

TEST_CASE("a table to which others referred comes back with its rows", "[s86]") {
  const support::temporary_folder folder("trash");
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO p VALUES (1, 'one');"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, p_id REFERENCES p ON DELETE CASCADE);"
      "INSERT INTO c VALUES (1, 1), (2, NULL)",
      folder.path + "/family.db");
  const list before = dump(lab.db);
  const hewn::plan p =
      lab.plan("CREATE TABLE c (id INTEGER PRIMARY KEY, p_id)", {dropped_table("p")});
  const hewn::applied done = lab.apply_approved(p);
  CHECK(lab.rows("SELECT * FROM c") == list{"1|1", "2|NULL"});

  // The structure by a plan, which cannot bring the rows: what refers to them blocks it.
  const hewn::plan back = hewn::plan_undo(lab.db, done);
  CHECK(the_change(back, change_kind::add_foreign_key).reason ==
        "1 row refers to a row that is not there: id=1");
  CHECK(refusal_of(lab, back).code() == errc::approval_required);

  // The rows by the backup.
  hewn::sqlite::restore(lab.db.native(), done.backup);
  CHECK(without_identity(dump(lab.db)) == before);
  CHECK_THROWS_AS(lab.db.run("INSERT INTO c VALUES (3, 9)"), hewn::error);
  lab.db.run("DELETE FROM p");
  CHECK(lab.rows("SELECT * FROM c") == list{"2|NULL"});
}

TEST_CASE("a program that nobody watches gets approval_required and changes nothing", "[s87]") {
  sync_lab lab(with_body);
  const hewn::plan p = lab.plan(without_body + "; CREATE TABLE more (a)");
  const hewn::error failure = refusal_of(lab, p);
  CHECK(failure.code() == errc::approval_required);
  CHECK(failure.code() != errc::schema_mismatch);
  CHECK(failure.table() == "notes");
  CHECK(says(failure, "? drop column \"body\" TEXT [destructive, blocking, breaking]"));
  CHECK(says(failure, "repair: approve change " + p.pending()[0].id()));

  // Where approvals cannot be had at all, the loss is blocked.
  const hewn::plan strict = lab.plan(declared(without_body), hewn::policy::ci());
  CHECK(strict.blocked());
  CHECK(refusal_of(lab, strict, {.policy = hewn::policy::ci()}).code() == errc::approval_required);
}
