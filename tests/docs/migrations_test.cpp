// tests/docs/migrations_test.cpp - the snippets of docs/guide/migrations.md.
// SPDX-License-Identifier: BSL-1.0

// [headers]
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
// [/headers]

#include "regions.hpp"

#include <support/failure.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using support::temporary_file;
using support::temporary_folder;

namespace {

const std::string folder = "tests/docs/migrations";

// [schema_hash]
struct user {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").unique<&user::name>(); }
};

static_assert(hewn::schema_hash<user> == "5f012b971e6688b1",
              "the tables have changed: write a migration, then put the new hash here");
// [/schema_hash]

// [code]
hewn::sqlite::migration first_users() {
  return {.version = 2,
          .name = "first_users",
          .id = "first_users-1",  // another one whenever the content changes
          .up =
              [](auto& tx) {
                tx.execute(hewn::sql<"INSERT INTO users (name) VALUES (?)">, "Ada");
                tx.execute(hewn::sql<"INSERT INTO users (name) VALUES (?)">, "Bob");
              },
          .down = [](auto& tx) { tx.script("UPDATE users SET name = 'nobody'"); }};
}
// [/code]

// [batched]
hewn::sqlite::migration fill_slugs() {
  return {.version = 2,
          .name = "fill_slugs",
          .id = "fill_slugs-1",
          .batches = {{.table = "pages",
                       .key = "id",
                       .size = 1000,
                       .throttle = 10ms,
                       .change = [](auto& tx, std::int64_t first, std::int64_t last) {
                         tx.execute(hewn::sql<"UPDATE pages SET slug = lower(title) "
                                              "WHERE id BETWEEN ? AND ?">,
                                    first, last);
                       }}}};
}
// [/batched]

std::vector<std::string> lines;

void print(const std::string& line) { lines.push_back(line); }

}  // namespace

TEST_CASE("running migrations", "[p:C5]") {
  const temporary_file file("app.db");
  const std::string& path = file.path;
  // [up]
  auto db = hewn::sqlite::open(path);
  hewn::migrator migrations(db, hewn::migrations_in(folder));
  migrations.add(first_users());  // C++ and SQL, ordered by version
  for (const hewn::migration_result& done : migrations.up().results)
    print(std::to_string(done.version) + " " + done.name + ", " +
          std::to_string(done.duration.count()) + " us");
  // [/up]
  CHECK(lines.size() == 5);
  CHECK(db.count<user>() == 2);

  // [status]
  for (const hewn::migration_status& each : migrations.status()) {
    std::string line = std::to_string(each.version) + " " + each.name + ": ";
    line += to_string(each.state);
    if (each.at != hewn::timestamp()) line += ", " + std::string(hewn::to_text(each.at).view());
    print(line);
  }
  // [/status]
  CHECK(lines.at(5).starts_with("1 users: applied, 20"));

  // [require_current]
  migrations.require_current();  // throws when anything is pending, changed, missing or newer
  // [/require_current]
  CHECK(support::says(support::failure_of([&] { migrations.down(); }), "is irreversible"));
}

TEST_CASE("approval") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::migrator first(db, hewn::migrations_in(folder));
  first.add(first_users());
  first.up_to(2);
  db.script("UPDATE users SET fax = '1' WHERE id = 1");
  const hewn::error refused = support::failure_of([&] { first.up(); });
  CHECK(refused.code() == hewn::errc::approval_required);
  lines.clear();
  // [approve]
  hewn::migrator migrations(
      db, hewn::migrations_in(folder), {.approve = [](const hewn::destruction& d) {
        // Version 3 may lose what is in one column, and at most five values of it.
        return d.version == 3 && d.direction == hewn::migration_direction::up &&
               std::all_of(d.losses.begin(), d.losses.end(), [](const hewn::loss& l) {
                 return l.kind == hewn::loss_kind::column && l.column == "fax" && l.count <= 5;
               });
      }});
  // [/approve]
  migrations.add(first_users());
  CHECK(migrations.up().results.size() == 3);
}

TEST_CASE("approval by what was counted") {
  auto db = hewn::sqlite::open(":memory:");
  const auto files =
      hewn::read_migrations({{"0001_users.sql", "-- up\nCREATE TABLE users (name TEXT, fax TEXT);"},
                             {"0002_no_fax.sql", "-- up\nALTER TABLE users DROP COLUMN fax;"}});
  hewn::migrator(db, files).up_to(1);
  db.script("INSERT INTO users VALUES ('Ada', '1')");
  setenv("USER", "ada", 0);
  // [approvals]
  hewn::migrator looked(db, files);
  std::vector<hewn::approval> approvals;
  for (const hewn::migration_result& would : looked.dry_run().results)
    if (!would.losses.empty()) approvals.push_back(looked.approve(would, "nobody sends a fax"));

  hewn::migrator(db, files, {.approvals = approvals}).up();
  // [/approvals]
  CHECK(approvals.size() == 1);
  CHECK(hewn::migrator(db, files).status()[1].state == hewn::migration_state::applied);
}

TEST_CASE("a plan becomes a migration") {
  const temporary_folder made("planned");
  const std::string& folder_of_app = made.path;
  auto db = hewn::sqlite::open(":memory:");
  // [write_plan]
  const hewn::plan plan = hewn::plan_sync<user>(db);
  const std::string path = hewn::write_migration(db, folder_of_app, plan, "users");
  // [/write_plan]
  CHECK(path.ends_with("/0001_users.sql"));
  hewn::migrator migrations(db, hewn::migrations_in(folder_of_app));
  migrations.up();
  CHECK(hewn::plan_sync<user>(db).empty());
  migrations.down();
  CHECK(hewn::plan_sync<user>(db).fingerprint() == plan.fingerprint());
}

TEST_CASE("dry run") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::migrator migrations(db, hewn::migrations_in(folder));
  migrations.add(first_users());
  lines.clear();
  // [dry_run]
  const hewn::migration_report report = migrations.dry_run();
  for (const hewn::migration_result& would : report.results)
    for (const hewn::loss& lost : would.losses) print(would.name + " loses " + to_string(lost));
  if (report.failure) print(report.failure->what());
  // [/dry_run]
  CHECK(report.results.size() == 5);
  CHECK(lines.empty());
}

TEST_CASE("backwards") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::migrator migrations(
      db, hewn::read_migrations(
              {{"0001_a.sql", "-- up\nCREATE TABLE a (x);\n-- down\nDROP TABLE a;"},
               {"0002_b.sql", "-- up\nCREATE TABLE b (x);\n-- down\nDROP TABLE b;"},
               {"0003_c.sql", "-- up\nCREATE TABLE c (x);\n-- down\nDROP TABLE c;"}}));
  migrations.up();
  // [down]
  migrations.redo();      // the last one, backwards and forwards again
  migrations.down();      // the last one
  migrations.down_to(1);  // all above version 1
  migrations.up_to(2);
  migrations.up_by_one();
  // [/down]
  migrations.require_current();
}

TEST_CASE("options") {
  auto db = hewn::sqlite::open(":memory:");
  const auto files = hewn::migrations_in(folder);
  lines.clear();
  // [options]
  hewn::migrator migrations(
      db, files,
      {.out_of_order = hewn::out_of_order::apply,      // default: refuse
       .all_or_nothing = false,                        // one transaction for each migration
       .allow_gaps = true,                             // default: sequence numbers have none
       .policy = hewn::migration_policy::development,  // default: production, no reset()
       .lock_timeout = 30s,                            // for another process that migrates
       .progress = [](const hewn::migration_progress& p) {
         if (p.what == hewn::migration_progress::statement)
           print(std::string(p.name) + " " + std::to_string(p.done) + "/" +
                 std::to_string(p.total));
       }});
  // [/options]
  migrations.up_to(1);
  CHECK(lines == std::vector<std::string>{"users 1/2", "users 2/2"});
}

TEST_CASE("batches") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::migrator migrations(
      db, hewn::read_migrations({{"0001_pages.sql",
                                  "-- up\nCREATE TABLE pages (id INTEGER PRIMARY KEY, title TEXT, "
                                  "slug TEXT); INSERT INTO pages (title) VALUES ('A');"}}));
  migrations.add(fill_slugs());
  CHECK(migrations.up().results.at(1).rows == 1);
}

TEST_CASE("batches at a pace") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE pages (id INTEGER PRIMARY KEY, title TEXT, slug TEXT); INSERT INTO pages "
      "VALUES (1, 'One', NULL), (2, 'Two', NULL)");
  int asked = 0;
  const auto users_are_waiting = [&] { return ++asked == 1; };
  hewn::migrator migrations(db, {}, {.allow_gaps = true});
  // [pace]
  auto fill = fill_slugs();
  fill.batches->batch_time = 200ms;  // `size` is the first guess
  fill.batches->rows_per_second = 5000;
  fill.batches->max_replica_lag = 10s;
  fill.batches->pause_while = [&] { return users_are_waiting(); };
  migrations.add(fill);
  // [/pace]
  CHECK(migrations.up().results.at(0).rows == 2);
  CHECK(asked == 3);
}

TEST_CASE("a database that is older than its migrations") {
  auto db = hewn::sqlite::open(":memory:");
  const auto files = hewn::read_migrations(
      {{"0001_a.sql", "-- up\nCREATE TABLE a (x);"}, {"0002_b.sql", "-- up\nCREATE TABLE b (x);"}});
  SECTION("without a history") {
    db.script("CREATE TABLE a (x)");
    hewn::migrator migrations(db, files);
    // [baseline]
    migrations.baseline(1, "made by hand until 2026, says ops");
    migrations.up();
    // [/baseline]
    migrations.require_current();
  }
  SECTION("with the history of another tool") {
    db.script(
        "CREATE TABLE a (x); CREATE TABLE schema_migrations (version, applied_at);"
        "INSERT INTO schema_migrations VALUES (1, '2024-05-06')");
    hewn::migrator migrations(db, files);
    // [adopt]
    migrations.adopt("schema_migrations");
    migrations.up();
    // [/adopt]
    migrations.require_current();
  }
  SECTION("repair") {
    hewn::migrator(db, files).up();
    hewn::migrator migrations(
        db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x); -- a comment"},
                                   {"0002_b.sql", "-- up\nCREATE TABLE b (x);"}}));
    // [repair]
    migrations.repair(1, "only a comment was added, checked by Ada");
    // [/repair]
    migrations.require_current();
  }
}

TEST_CASE("embedded") {
  auto db = hewn::sqlite::open(":memory:");
  constexpr hewn::migration_text app_migrations[] = {{"0001_a.sql", "-- up\nCREATE TABLE a (x);"}};
  // [embedded]
  hewn::migrator migrations(db, hewn::read_migrations(app_migrations));
  // [/embedded]
  migrations.up();
}

// [expect]
TEST_CASE("the migrations make the tables of the structs") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::migrator migrations(db, hewn::migrations_in(folder));
  migrations.add(first_users());
  hewn::expect_migrations_reach<user>(db, migrations);
}
// [/expect]

TEST_CASE("writing a migration") {
  const temporary_folder made("made");
  const std::string& folder_of_app = made.path;
  // [write]
  const std::string path = hewn::write_migration(
      folder_of_app, {.name = "add teams",
                      .up = {"CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT)"},
                      .down = {"DROP TABLE teams"}});  // .../0001_add_teams.sql
  // [/write]
  CHECK(path.ends_with("/0001_add_teams.sql"));
}

TEST_CASE("a carriage return of a text is written as a character") {
  auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE letters (body TEXT)");
  const std::string text =
      "-- up\n" + docs::region("tests/docs/statements.sql", "carriage_return").value();
  hewn::migrator(db, hewn::read_migrations({{"0001_letter.sql", text}})).up();
  CHECK(db.one<std::string>(hewn::sql<"SELECT body FROM letters">) == "Dear Ada,\r\nit works.");
}

TEST_CASE("the counter of a table that is rebuilt by hand is carried over") {
  auto db = hewn::sqlite::open(":memory:");
  for (const char* const name : {"users", "fresh"})
    db.script(std::string("CREATE TABLE ") + name + " (id INTEGER PRIMARY KEY AUTOINCREMENT)");
  db.script("INSERT INTO users VALUES (7); DELETE FROM users");
  db.script(docs::region("tests/docs/statements.sql", "carried_counter").value());
  db.script("DROP TABLE users; ALTER TABLE fresh RENAME TO users; INSERT INTO users VALUES (NULL)");
  CHECK(db.one<int>(hewn::sql<"SELECT id FROM users">) == 8);
}
