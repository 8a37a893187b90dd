// tests/migrate/trial/consent_test.cpp - migrations that destroy need an approval.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/restore.hpp>
#include <hewn/sync/audit.hpp>
#include <hewn/sync_json.hpp>

#include <support/failure.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace audit = hewn::audit;
using hewn::approval;
using hewn::errc;
using hewn::migrator;
using support::failure_of;
using support::says;

namespace {

using database = hewn::sqlite::database;
using list = std::vector<std::string>;

std::vector<hewn::migration_file> files(
    const std::string& up = "ALTER TABLE users DROP COLUMN fax;") {
  static std::string text;
  text = "-- up\n" + up + "\n-- down\nALTER TABLE users ADD COLUMN fax TEXT;";
  return hewn::read_migrations(
      {{"0001_users.sql",
        "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, fax TEXT);\n"
        "-- down\nDROP TABLE users;"},
       {"0002_no_fax.sql", text}});
}

database filled(const std::string& path = ":memory:") {
  auto db = hewn::sqlite::open(path);
  migrator(db, files()).up_to(1);
  db.script("INSERT INTO users VALUES (1, 'Ada', '1'), (2, 'Bob', '2'), (3, 'Eve', NULL)");
  return db;
}

approval approved(database& db, const hewn::approval_terms& terms = {.approver = "ada"}) {
  migrator m(db, files());
  const hewn::migration_report would = m.dry_run();
  REQUIRE(would.results.size() == 1);
  return m.approve(would.results[0], "nobody sends a fax", terms);
}

hewn::error refusal_of(database& db, const hewn::migration_options& options,
                       const std::vector<hewn::migration_file>& all = files()) {
  const auto rows = db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM users">);
  const hewn::error failure = failure_of([&] { migrator(db, all, options).up(); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM users">) == rows);
  CHECK(db.one<std::int64_t>(
            hewn::sql<"SELECT COUNT(*) FROM pragma_table_info('users') WHERE name = 'fax'">) == 1);
  return failure;
}

list story_of(const database& db) {
  list out;
  for (const audit::entry& e : audit::entries(db)) out.push_back(e.event + " " + e.outcome);
  return out;
}

}  // namespace

TEST_CASE("a migration is approved by what a dry run has counted") {
  auto db = filled();
  const approval a = approved(db);
  REQUIRE(a.grants.size() == 1);
  CHECK(a.grants[0].values_lost == 2);
  CHECK(a.database == hewn::identity(db));
  // It can be carried about as a file.
  const approval read = hewn::approval_from_json(hewn::to_json(a));
  const auto done = migrator(db, files(), {.approvals = {read}, .actor = "deploy"}).up();
  REQUIRE(done.results.size() == 1);
  CHECK(done.results[0].losses.size() == 1);
  CHECK(done.results[0].plan == a.plan);
  CHECK(story_of(db) == list{"approval given", "approval used", "migration applied"});
  const audit::entry last = audit::entries(db).back();
  CHECK(last.actor == "deploy");
  CHECK(last.detail == "migration 2 (no_fax) up\nthe column users.fax with 2 values");
  CHECK(audit::verify(db).empty());
}

TEST_CASE("without an approval the losses are listed") {
  auto db = filled();
  CHECK(says(refusal_of(db, {}),
             "hewn: migration 2 (no_fax) would destroy what is stored; approve it with "
             "migration_options::approvals, or change it\n  the column users.fax with 2 values"));
}

TEST_CASE("an approval of a migration holds once", "[s80]") {
  auto db = filled();
  const approval a = approved(db);
  migrator m(db, files(), {.approvals = {a}});
  m.up();
  m.down();
  db.script("UPDATE users SET fax = '1' WHERE id = 1");
  CHECK(says(refusal_of(db, {.approvals = {a}}), "has been used already; approve again"));
}

TEST_CASE("an approval of a migration is bound, limited and expires", "[s80]") {
  auto db = filled();
  const approval good = approved(db);
  const auto refused = [&](const approval& a) {
    return std::string(refusal_of(db, {.approvals = {a}}).what());
  };
  const auto contains = [](const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != text.npos;
  };
  approval a = good;
  a.expires_at = a.issued_at - std::chrono::hours(1);
  CHECK(contains(refused(a), "and the approval does not hold: the approval expired at"));
  a = good;
  a.database = "another";
  CHECK(contains(refused(a), "the approval is for database another"));
  a = good;
  a.grants[0].values_lost = 1;
  CHECK(contains(refused(a),
                 "drop column users.fax: 2 values would be lost, and the approval allows 1"));
  a = good;
  a.grants.clear();
  CHECK(contains(refused(a), "drop column users.fax is not covered by an approval"));
  // More than one clause is said at once.
  a.approver = " ";
  CHECK(contains(refused(a), "the approval names no approver; say who approves; also drop column"));

  // Another content is another migration, although it loses the same.
  CHECK(contains(
      refusal_of(db, {.approvals = {good}}, files("ALTER TABLE users DROP COLUMN fax; -- really"))
          .what(),
      "and this is plan"));
  // Rows that came since are not covered.
  db.script("UPDATE users SET fax = '3' WHERE id = 3");
  CHECK(contains(refused(good), "3 values would be lost, and the approval allows 2"));
  db.script("UPDATE users SET fax = NULL WHERE id = 3; ALTER TABLE users ADD COLUMN mail TEXT");
  CHECK(contains(refused(good), "and the database has schema"));
}

TEST_CASE("each of several migrations has its own approval") {
  auto db = filled();
  auto all = files();
  for (auto& more : hewn::read_migrations(
           {{"0003_no_eve.sql", "-- up\n-- destructive: eve left\nDELETE FROM users WHERE id = 3;"},
            {"0004_no_name.sql", "-- up\nUPDATE users SET name = NULL WHERE id = 1;"}}))
    all.push_back(std::move(more));
  migrator m(db, all);
  std::vector<approval> given;
  for (const hewn::migration_result& would : m.dry_run().results)
    given.push_back(m.approve(would, "a test", {.approver = "ada"}));
  REQUIRE(given.size() == 3);
  SECTION("one by one") { CHECK(migrator(db, all, {.approvals = given}).up().results.size() == 3); }
  SECTION("together") {
    CHECK(migrator(db, all, {.all_or_nothing = true, .approvals = given}).up().results.size() == 3);
  }
  SECTION("in another order") {
    CHECK(migrator(db, all, {.approvals = {given[2], given[0], given[1]}}).up().results.size() ==
          3);
  }
  SECTION("one is missing, so what comes before it is done") {
    const hewn::error failure = failure_of([&] {
      migrator(db, all, {.approvals = {given[0], given[2]}}).up();
    });
    CHECK(says(failure, "migration 3 (no_eve) would destroy what is stored; approve it"));
    CHECK(says(failure, "declared: eve left\n  1 row of the table users"));
    CHECK(migrator(db, all, {.approvals = {given[1], given[2]}}).up().results.size() == 2);
  }
  CHECK(audit::verify(db).empty());
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(name) FROM users">) == 1);
}

TEST_CASE("the rules of sync hold: signatures, people, and nobody to ask", "[s80]") {
  auto db = filled();
  hewn::sync_policy strict = hewn::policy::standard();
  strict.signing_key = "key";
  strict.approvers = 2;
  const approval unsigned_one = approved(db);
  CHECK(says(refusal_of(db, {.approvals = {unsigned_one}, .rules = strict}), "is not signed"));
  const approval ada = approved(db, {.approver = "ada", .signing_key = "key"});
  CHECK(says(refusal_of(db, {.approvals = {ada}, .rules = strict}), "is approved by 1 person"));
  CHECK(says(refusal_of(db, {.approvals = {ada}, .rules = hewn::policy::ci()}),
             "the policy ci allows nobody to approve that"));
  const approval bob = approved(db, {.approver = "bob", .signing_key = "key"});
  CHECK(migrator(db, files(), {.approvals = {ada, bob}, .rules = strict}).up().results.size() == 1);
}

TEST_CASE("going back needs an approval of its own") {
  auto db = filled();
  migrator m(db, files());
  migrator first(db, {files()[0]});
  const hewn::migration_report would = first.dry_run_down();
  REQUIRE(would.results.size() == 1);
  CHECK(would.results[0].losses ==
        std::vector<hewn::loss>{{hewn::loss_kind::table, "users", {}, 3}});
  CHECK(failure_of([&] { first.down(); }).code() == errc::approval_required);
  const approval a = first.approve(would.results[0], "a new beginning", {.approver = "ada"});
  CHECK(migrator(db, {files()[0]}, {.approvals = {a}}).down().results.size() == 1);
  // What destroys nothing has nothing to approve.
  CHECK(failure_of([&] { first.approve({}, "a test", {.approver = "ada"}); }).code() ==
        errc::usage);
}

TEST_CASE("statements without a transaction use the approval up when they begin") {
  auto db = filled();
  const auto all = hewn::read_migrations(
      {{"0001_users.sql",
        "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, fax TEXT);\n"
        "-- down\nDROP TABLE users;"},
       {"0002_cut.sql",
        "-- no transaction\n-- up\nDELETE FROM users WHERE id = 3;\nDELETE FROM users WHERE "
        "id = 2;"}});
  migrator m(db, all);
  const approval a = m.approve(m.dry_run().results.at(0), "a test", {.approver = "ada"});
  db.script("CREATE TRIGGER seen BEFORE DELETE ON users BEGIN SELECT 1; END");
  // The trigger is another schema.
  CHECK(failure_of([&] { migrator(db, all, {.approvals = {a}}).up(); }).code() ==
        errc::approval_required);
  CHECK_FALSE(audit::used(*hewn::detail::executor_of(db), a.nonce));
  db.script("DROP TRIGGER seen");
  CHECK(migrator(db, all, {.approvals = {a}}).up().results.size() == 1);
  CHECK(audit::used(*hewn::detail::executor_of(db), a.nonce));
  CHECK(audit::verify(db).empty());
}

TEST_CASE("the rows as they were are kept, unless the migration fails", "[s85]") {
  const support::temporary_folder folder("migration_backups");
  const std::string path = folder.path + "/app.db";
  auto db = filled(path);
  const auto backups = [&] {
    list out;
    for (const std::string& name : folder.files())
      if (name.ends_with(".backup")) out.push_back(name);
    return out;
  };
  const auto failing = files("ALTER TABLE users DROP COLUMN fax; SELECT no_such_function();");
  hewn::migration_options options{.approve = [](const hewn::destruction&) { return true; }};
  options.rules.audit = true;
  list seen;
  options.progress = [&](const hewn::migration_progress& now) {
    if (now.what == hewn::migration_progress::recorded)
      throw hewn::error(errc::other, "hewn: a; b");
    if (now.what == hewn::migration_progress::begun) seen = backups();
  };
  CHECK_THROWS_AS(migrator(db, files(), options).up(), hewn::error);
  CHECK(seen == list{"app.db.migration-2.backup"});
  CHECK(backups().empty());
  CHECK(story_of(db) == list{"migration failed"});
  CHECK(audit::entries(db)[0].detail ==
        "migration 2 (no_fax) up\nthe column users.fax with 2 values\nhewn: a; b");

  options.progress = {};
  const auto done = migrator(db, files(), options).up();
  CHECK(backups() == list{"app.db.migration-2.backup"});
  REQUIRE(done.results.size() == 1);
  CHECK(done.results[0].backup.ends_with("/app.db.migration-2.backup"));
  CHECK(audit::entries(db).back().backup == done.results[0].backup);
  hewn::sqlite::restore(db, done.results[0].backup);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(fax) FROM users">) == 2);
}

TEST_CASE("what throws behind the commit takes no backup away") {
  const support::temporary_folder folder("late_throw");
  auto db = filled(folder.path + "/app.db");
  hewn::migration_options options{.approve = [](const hewn::destruction&) { return true; }};
  options.rules.audit = true;
  options.progress = [&](const hewn::migration_progress& now) {
    if (now.what == hewn::migration_progress::finished) throw 1;
  };
  CHECK_THROWS_AS(migrator(db, files(), options).up(), int);
  CHECK(story_of(db) == list{"migration applied"});
  CHECK(std::filesystem::exists(audit::entries(db).back().backup));
}

TEST_CASE("refused and ordinary migrations are recorded where the rules say so") {
  auto db = filled();
  migrator m(db, files(), {.rules = hewn::policy::production(), .actor = "deploy"});
  CHECK(failure_of([&] { m.up(); }).code() == errc::approval_required);
  db.script("UPDATE users SET fax = NULL");
  m.up();  // nothing is lost now
  CHECK(story_of(db) == list{"migration refused", "migration applied"});
  CHECK(audit::entries(db)[0].actor == "deploy");
  CHECK(audit::entries(db)[0].detail.find("would destroy what is stored") != std::string::npos);
  CHECK(audit::verify(db).empty());
  db.script("DELETE FROM hewn_audit WHERE seq = 1");
  CHECK_FALSE(audit::verify(db).empty());
}

TEST_CASE("what fails when it is tried out is recorded as failed") {
  auto db = filled();
  hewn::migration_options options;
  options.rules.audit = true;
  const auto broken = files("DELETE FROM users; SELECT no_such_function();");
  const hewn::error failure = failure_of([&] { migrator(db, broken, options).up(); });
  CHECK(story_of(db) == list{"migration failed"});
  CHECK(audit::entries(db)[0].detail == "migration 2 (no_fax) up\n" + std::string(failure.what()));
  // A history that is wrong is about no migration of this run.
  CHECK_THROWS_AS(
      migrator(db, hewn::read_migrations({{"0001_x.sql", "-- up\nSELECT 1;"}}), options).up(),
      hewn::error);
  CHECK(audit::entries(db).size() == 1);
}

TEST_CASE("a dry run records nothing and makes no backup") {
  const support::temporary_folder folder("dry");
  auto db = filled(folder.path + "/app.db");
  const auto before = folder.files();
  migrator m(db, files(), {.rules = hewn::policy::production()});
  CHECK(m.dry_run().results.size() == 1);
  CHECK(folder.files() == before);
  CHECK(audit::entries(db).empty());
}
