// tests/migrate/run/steps_test.cpp - migrations that are committed step by step.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using hewn::errc;
using hewn::migration_progress;
using hewn::migration_state;
using hewn::migrations_in;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::says;
using support::temporary_file;
using support::temporary_folder;

namespace {

using database = hewn::sqlite::database;
using driver = hewn::sqlite::driver;

migration_state state_of(const migrator<driver>& m, std::size_t i = 0) {
  return m.status()[i].state;
}

// What the kill leaves is looked at by another process, as after a crash.
template <class Action>
void run_killed(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    action();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
}

void die() { kill(getpid(), SIGKILL); }

}  // namespace

TEST_CASE("a migration without a transaction goes on at the statement that failed", "[s93]") {
  const temporary_folder folder("migrations");
  const temporary_file file("steps.db");
  const std::string head =
      "-- no transaction\n-- up\nCREATE TABLE a (x);\nINSERT INTO a VALUES (1);\n";
  folder.write("0001_steps.sql", head + "INSERT INTO nowhere VALUES (1);\nVACUUM;\n");
  auto db = hewn::sqlite::open(file.path);
  const hewn::error failure = failure_of([&] { migrator(db, migrations_in(folder.path)).up(); });
  INFO(failure.what());
  CHECK(says(failure, "failed in 0001_steps.sql:5, and what came before it stays done"));
  CHECK(number(db, "SELECT COUNT(*) FROM a") == 1);
  CHECK(state_of(migrator(db, migrations_in(folder.path))) == migration_state::interrupted);

  SECTION("the failed statement may be corrected") {
    folder.write("0001_steps.sql", head + "INSERT INTO a VALUES (2);\nVACUUM;\n");
    migrator m(db, migrations_in(folder.path));
    CHECK(m.up().results.at(0).statements == 2);
    CHECK(number(db, "SELECT COUNT(*) FROM a") == 2);
    CHECK(state_of(m) == migration_state::applied);
    CHECK(number(db, "SELECT COUNT(*) FROM hewn_migration_steps") == 0);
    CHECK(m.up().empty());
  }
  SECTION("a statement that is done may not be changed") {
    folder.write("0001_steps.sql",
                 "-- no transaction\n-- up\nCREATE TABLE a (x);\nINSERT INTO a VALUES (5);\n"
                 "INSERT INTO a VALUES (2);\n");
    migrator m(db, migrations_in(folder.path));
    const hewn::error edited = failure_of([&] { m.up(); });
    CHECK(edited.code() == errc::checksum);
    CHECK(says(edited, "migration 1 (steps) was interrupted after step 2, which has changed"));
    CHECK(number(db, "SELECT COUNT(*) FROM a") == 1);
    m.repair(1, "5 was meant");
    m.up();
    CHECK(number(db, "SELECT COUNT(*) FROM a") == 2);
    CHECK(state_of(m) == migration_state::applied);
  }
  SECTION("nor taken away") {
    folder.write("0001_steps.sql", "-- no transaction\n-- up\nCREATE TABLE a (x);\n");
    migrator m(db, migrations_in(folder.path));
    CHECK(failure_of([&] { m.up(); }).code() == errc::checksum);
    m.repair(1, "the row is not wanted");
    m.up();
    CHECK(state_of(m) == migration_state::applied);
  }
  SECTION("nobody undoes something else meanwhile") {
    const hewn::error down = failure_of([&] { migrator(db, migrations_in(folder.path)).down(); });
    CHECK(says(down, "migration 1 was interrupted on its way up"));
  }
}

TEST_CASE("steps that destroy are asked about before the first") {
  const temporary_folder folder("migrations");
  const temporary_file file("steps.db");
  folder.write("0001_a.sql", "-- up\nCREATE TABLE a (x); INSERT INTO a VALUES (1);");
  folder.write("0002_steps.sql",
               "-- no transaction\n-- up\nCREATE TABLE b (x);\nDELETE FROM a;\nVACUUM;\n-- down\n"
               "DROP TABLE b;\n");
  auto db = hewn::sqlite::open(file.path);
  migrator m(db, migrations_in(folder.path));
  CHECK(failure_of([&] { m.up(); }).code() == errc::approval_required);
  CHECK(number(db, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'b'") == 0);
  migrator approved(db, migrations_in(folder.path),
                    {.rules = hewn::policy::dev(),  // no backup
                     .approve = [](const hewn::destruction&) { return true; }});
  CHECK(approved.up().results.at(0).statements == 3);
  CHECK(approved.down().results.at(0).statements == 1);
}

TEST_CASE("a C++ function without a transaction begins its own") {
  const temporary_file file("steps.db");
  auto db = hewn::sqlite::open(file.path);
  int runs = 0;
  migrator<driver> m(db);
  m.add({.version = 1,
         .name = "own",
         .id = "1",
         .up =
             [&](auto& session) {
               session.script("CREATE TABLE IF NOT EXISTS a (x)");
               session.script("VACUUM");
               if (++runs == 1) throw std::runtime_error("stop");
             },
         .in_transaction = false,
         .rehearsed = false});
  CHECK_THROWS_AS(m.up(), std::runtime_error);
  CHECK(state_of(m) == migration_state::interrupted);
  m.up();
  CHECK(runs == 2);
  CHECK(state_of(m) == migration_state::applied);
}

TEST_CASE("killed between statements, and between the last and the record", "[s92]") {
  const temporary_folder folder("migrations");
  folder.write(
      "0001_a.sql",
      "-- up\nCREATE TABLE a (x);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n");
  for (const char* mode : {"", "-- no transaction\n"}) {
    for (std::int64_t after = 0; after <= 5; ++after) {
      const temporary_file file("killed.db");
      folder.write("0002_b.sql", std::string(mode) +
                                     "-- up\nCREATE TABLE b (x);\nINSERT INTO b VALUES (1);\n"
                                     "INSERT INTO b VALUES (2);\n");
      CAPTURE(mode, after);
      run_killed([&] {
        auto db = hewn::sqlite::open(file.path);
        migrator(db, migrations_in(folder.path),
                 {.progress =
                      [&](const migration_progress& p) {
                        if (p.version != 2) return;
                        const std::int64_t reached = p.what == migration_progress::begun      ? 0
                                                     : p.what == migration_progress::recorded ? 4
                                                     : p.what == migration_progress::finished
                                                         ? 5
                                                         : p.done;
                        if (reached == after) die();
                      }})
            .up();
      });
      auto db = hewn::sqlite::open(file.path);
      migrator m(db, migrations_in(folder.path));
      CHECK(state_of(m, 0) == migration_state::applied);
      const bool durable = after == 5;
      CHECK((state_of(m, 1) == migration_state::applied) == durable);
      if (*mode == '\0')
        CHECK(number(db, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'b'") ==
              (durable ? 1 : 0));
      m.up();
      // Whatever had been done was done once.
      CHECK(number(db, "SELECT COUNT(*) FROM a") == 2);
      CHECK(number(db, "SELECT COUNT(*) FROM b") == 2);
      CHECK(number(db, "SELECT COUNT(*) FROM hewn_migrations") == 2);
      CHECK(db.one<std::string>(hewn::sql<"PRAGMA integrity_check">) == "ok");
    }
  }
}

namespace {

hewn::sqlite::migration fill_slugs(std::int64_t size = 10) {
  return {.version = 2,
          .name = "fill_slugs",
          .id = "fill_slugs-1",
          .batches = {{.table = "pages",
                       .size = size,
                       .change =
                           [](auto& tx, std::int64_t first, std::int64_t last) {
                             // Counts, so that a row done twice would show.
                             tx.execute(
                                 hewn::sql<"UPDATE pages SET slug = lower(title), done = done + 1 "
                                           "WHERE id BETWEEN ? AND ?">,
                                 first, last);
                           }}},
          .overwrites = {"pages.done"}};
}

std::vector<hewn::migration_file> pages() {
  return hewn::read_migrations(
      {{"0001_pages.sql",
        "-- up\nCREATE TABLE pages (id INTEGER PRIMARY KEY, title TEXT, slug TEXT, done INTEGER "
        "NOT "
        "NULL DEFAULT 0);\nWITH RECURSIVE n(i) AS (SELECT -20 UNION ALL SELECT i + 3 FROM n WHERE "
        "i < "
        "271) INSERT INTO pages (id, title) SELECT i, 'Page ' || i FROM n;"}});
}

}  // namespace

TEST_CASE("batches follow the key, whatever holes it has") {
  auto db = hewn::sqlite::open(":memory:");
  std::vector<std::int64_t> told;
  migrator m(db, pages(), {.progress = [&](const migration_progress& p) {
               if (p.what == migration_progress::batch) told.push_back(p.done);
             }});
  m.add(fill_slugs(40));
  const auto report = m.up();
  CHECK(report.results.at(1).rows == 98);
  CHECK(told == std::vector<std::int64_t>{40, 80, 98});
  CHECK(number(db, "SELECT COUNT(*) FROM pages WHERE slug = lower(title) AND done = 1") == 98);
  CHECK(m.up().empty());
  CHECK(number(db, "SELECT SUM(done) FROM pages") == 98);
}

TEST_CASE("a batched backfill that is killed goes on at its watermark", "[s99]") {
  for (const std::int64_t batches : {1, 4, 9, 10}) {
    const temporary_file file("batched.db");
    run_killed([&] {
      auto db = hewn::sqlite::open(file.path);
      migrator m(db, pages(), {.progress = [&](const migration_progress& p) {
                   if (p.what == migration_progress::batch &&
                       p.done >= std::min<std::int64_t>(98, batches * 10))
                     die();
                 }});
      m.add(fill_slugs());
      m.up();
    });
    auto db = hewn::sqlite::open(file.path);
    migrator m(db, pages());
    m.add(fill_slugs());
    CHECK(state_of(m, 1) == migration_state::interrupted);
    CHECK(number(db, "SELECT COUNT(*) FROM pages WHERE done = 1") ==
          std::min<std::int64_t>(98, batches * 10));
    CHECK(m.up().results.at(0).rows == 98);
    CHECK(state_of(m, 1) == migration_state::applied);
    CHECK(number(db, "SELECT COUNT(*) FROM pages WHERE slug = lower(title) AND done = 1") == 98);
    CHECK(m.up().empty());
  }
}

TEST_CASE("a batch that fails stops there, and another id is another migration") {
  auto db = hewn::sqlite::open(":memory:");
  auto failing = fill_slugs();
  failing.rehearsed = false;
  failing.batches->change = [](auto& tx, std::int64_t first, std::int64_t last) {
    tx.execute(hewn::sql<"UPDATE pages SET done = done + 1 WHERE id BETWEEN ? AND ?">, first, last);
    if (last > 50) tx.script("SELECT * FROM nowhere");
  };
  migrator m(db, pages());
  m.add(failing);
  CHECK(says(failure_of([&] { m.up(); }), "what came before it stays done"));
  CHECK(number(db, "SELECT COUNT(*) FROM pages WHERE done = 1") == 20);
  auto other = fill_slugs();
  other.id = "fill_slugs-2";
  migrator changed(db, pages());
  changed.add(other);
  CHECK(failure_of([&] { changed.up(); }).code() == errc::checksum);
  migrator same(db, pages());
  same.add(fill_slugs());
  same.up();
  CHECK(number(db, "SELECT COUNT(*) FROM pages WHERE done = 1") == 98);
}

TEST_CASE("between batches others can write") {
  const temporary_file file("throttled.db");
  auto db = hewn::sqlite::open(file.path);
  auto other = hewn::sqlite::open(file.path, {.busy_timeout = std::chrono::milliseconds(0)});
  auto slow = fill_slugs(50);
  slow.batches->throttle = std::chrono::milliseconds(1);
  slow.rehearsed = false;
  int written = 0;
  migrator m(db, pages(), {.progress = [&](const migration_progress& p) {
               if (p.what != migration_progress::batch) return;
               other.script("CREATE TABLE IF NOT EXISTS o (x); INSERT INTO o VALUES (1)");
               ++written;
             }});
  m.add(slow);
  m.up();
  CHECK(written == 2);
}

TEST_CASE("a batched migration that destroys is asked about") {
  auto db = hewn::sqlite::open(":memory:");
  auto purge = fill_slugs();
  purge.batches->change = [](auto& tx, std::int64_t first, std::int64_t last) {
    tx.execute(hewn::sql<"DELETE FROM pages WHERE id BETWEEN ? AND ? AND id < 0">, first, last);
  };
  migrator m(db, pages());
  m.add(purge);
  CHECK(says(failure_of([&] { m.up(); }), "\n  7 rows of the table pages"));
  CHECK(number(db, "SELECT COUNT(*) FROM pages") == 98);
}

TEST_CASE("what a migration sets on its connection ends with it", "[p:A4]") {
  const auto settings = [](const database& db) {
    std::vector<std::string> out;
    for (const std::string name :
         {"foreign_keys", "ignore_check_constraints", "query_only", "legacy_alter_table",
          "trusted_schema", "recursive_triggers", "reverse_unordered_selects", "read_uncommitted",
          "count_changes", "full_column_names", "short_column_names", "cell_size_check",
          "synchronous", "fullfsync", "checkpoint_fullfsync", "secure_delete", "wal_autocheckpoint",
          "locking_mode", "busy_timeout"}) {
      sqlite3_stmt* read = nullptr;
      sqlite3_prepare_v2(db.connection().native().native(), ("PRAGMA " + name).c_str(), -1, &read,
                         nullptr);
      if (sqlite3_step(read) == SQLITE_ROW)
        out.push_back(name + " " + reinterpret_cast<const char*>(sqlite3_column_text(read, 0)));
      sqlite3_finalize(read);
    }
    return out;
  };
  // Those that change what statements return are not for a copy, and two are not for a transaction.
  const std::string harmless =
      "PRAGMA legacy_alter_table = 1; PRAGMA trusted_schema = 0; PRAGMA recursive_triggers = 1; "
      "PRAGMA reverse_unordered_selects = 1; PRAGMA read_uncommitted = 1; "
      "PRAGMA cell_size_check = 1; PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1; "
      "PRAGMA secure_delete = 0; PRAGMA wal_autocheckpoint = 3; PRAGMA busy_timeout = 7; ";
  const std::string telling =
      "PRAGMA count_changes = 1; PRAGMA full_column_names = 1; "
      "PRAGMA short_column_names = 0; ";
  const std::string apart = "PRAGMA synchronous = 0; PRAGMA locking_mode = EXCLUSIVE; ";
  const std::string weak =
      "PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1; PRAGMA query_only = 1; ";
  const temporary_file file("settings.db");
  auto db = hewn::sqlite::open(file.path);
  db.script(
      "CREATE TABLE pages (id INTEGER PRIMARY KEY, slug TEXT CHECK (slug <> ''));"
      "INSERT INTO pages VALUES (1, 'a'), (2, 'b'), (3, 'c'); PRAGMA secure_delete = FAST");
  const auto before = settings(db);
  const auto check_kept = [&] {
    CHECK(settings(db) == before);
    CHECK(failure_of([&] { db.script("INSERT INTO pages VALUES (9, '')"); }).code() == errc::check);
    auto other = hewn::sqlite::open(file.path, {.busy_timeout = std::chrono::milliseconds(0)});
    other.script("UPDATE pages SET slug = slug");
  };
  const auto run = [&](const std::string& text) {
    migrator m(db, hewn::read_migrations({{"0001_a.sql", text}}));
    m.up();
    CHECK(state_of(m) == migration_state::applied);
    check_kept();
  };
  const auto run_code = [&](hewn::sqlite::migration code) {
    code.version = 1;
    code.name = code.id = "code";
    migrator m(db, std::vector<hewn::migration_file>());
    m.add(code);
    m.up();
    CHECK(state_of(m) == migration_state::applied);
    check_kept();
  };
  const auto set_all = [&](auto& session) { session.script(harmless + apart + weak); };
  const auto set_most = [&](auto& session) { session.script(harmless + weak); };

  SECTION("in a transaction") { run("-- up\nCREATE TABLE b (x);" + harmless); }
  SECTION("without") { run("-- no transaction\n-- up\n" + harmless + apart + "VACUUM;"); }
  SECTION("a function") { run_code({.up = set_most}); }
  SECTION("a function without a transaction") {
    run_code({.up = set_all, .in_transaction = false});
  }
  SECTION("batches") {
    run_code({.batches = hewn::batched<driver>{
                  .table = "pages", .size = 1, .change = [&](auto& session, auto, auto) {
                    set_most(session);
                  }}});
  }
  SECTION("several at once, one of which needs what the other has left") {
    hewn::sqlite::migration code{.version = 1, .name = "code", .id = "code", .up = set_most};
    migrator m(db,
               hewn::read_migrations({{"0002_b.sql", "-- up\nDELETE FROM pages WHERE id > 9;"}}),
               {.all_or_nothing = true});
    m.add(code);
    CHECK(m.dry_run().results.size() == 2);
    CHECK(m.up().results.size() == 2);
    check_kept();
  }
  SECTION("one that fails") {
    for (const bool in_transaction : {true, false}) {
      migrator m(db, std::vector<hewn::migration_file>());
      m.add({.version = 1,
             .name = "code",
             .id = "code",
             .up =
                 [&](auto& session) {
                   session.script(harmless + weak + telling);
                   throw std::runtime_error("no");
                 },
             .in_transaction = in_transaction,
             .rehearsed = false});
      CHECK_THROWS_AS(m.up(), std::runtime_error);
      check_kept();
    }
    CHECK_THROWS_AS(run("-- up\n" + harmless + "SELECT nothing;"), hewn::error);
    check_kept();
  }
}

TEST_CASE("how long a connection waits for locks is as before a migration", "[p:A4]") {
  using clock = std::chrono::steady_clock;
  constexpr auto wait = std::chrono::milliseconds(50);
  const temporary_file file("waits.db");
  auto db = hewn::sqlite::open(file.path, {.busy_timeout = wait});
  auto other = hewn::sqlite::open(file.path);
  const auto waited = [&] {
    auto held = other.begin();
    const auto start = clock::now();
    CHECK(failure_of([&] { db.script("CREATE TABLE t (a)"); }).code() == errc::busy);
    const auto out = clock::now() - start;
    held.rollback();
    return out;
  };
  const auto run = [&](const std::string& text) {
    migrator(db, hewn::read_migrations({{"0001_a.sql", text}})).up();
  };
  SECTION("in a transaction") { run("-- up\nPRAGMA busy_timeout = 0; CREATE TABLE b (x);"); }
  SECTION("without") { run("-- no transaction\n-- up\nPRAGMA \"busy_timeout\"(0); VACUUM;"); }
  SECTION("in a function that has the handle") {
    migrator m(db, std::vector<hewn::migration_file>());
    m.add({.version = 1, .name = "code", .id = "code", .up = [](auto& session) {
             sqlite3_busy_timeout(session.connection().native().native(), 0);
           }});
    m.up();
  }
  CHECK(waited() >= wait);
  SECTION("also where the program itself has taken it away") {
    db.script("PRAGMA busy_timeout = 0");
    migrator(db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE b (x);"},
                                        {"0002_b.sql", "-- up\nPRAGMA busy_timeout = 9;"}}))
        .up_to(2);
    CHECK(waited() < wait);
  }
}

TEST_CASE("what a migration attaches and makes for its connection alone ends with it", "[p:A4]") {
  const temporary_folder folder("attached");
  const std::string other_file = folder.path + "/other.db";
  hewn::sqlite::open(other_file).script("CREATE TABLE t (a); INSERT INTO t VALUES (7)");
  auto db = hewn::sqlite::open(folder.path + "/app.db");
  db.script(
      "CREATE TABLE t (a); ATTACH ':memory:' AS mine; CREATE TABLE mine.m (x);"
      "CREATE TEMP TABLE kept (x); CREATE TEMP VIEW seen AS SELECT x FROM kept");
  // SQLite's own sqlite_sequence cannot be dropped.
  const auto objects = [&] {
    auto out = db.all<std::string>(
        hewn::sql<"SELECT name FROM temp.sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY 1">);
    for (std::string& name : db.all<std::string>(
             hewn::sql<"SELECT name FROM pragma_database_list WHERE name <> 'temp'">))
      out.push_back(std::move(name));
    return out;
  };
  const std::vector<std::string> before = objects();
  const std::string temporary =
      "CREATE TEMP TABLE \"my rows\" (a INTEGER PRIMARY KEY AUTOINCREMENT);"
      "CREATE INDEX temp.of_them ON \"my rows\" (a);"
      "CREATE TEMP TABLE t (a); CREATE TEMP VIEW w AS SELECT a FROM \"my rows\";"
      "CREATE TEMP TRIGGER g AFTER INSERT ON main.t BEGIN SELECT 1; END;"
      "CREATE VIRTUAL TABLE temp.words USING fts5(word);"
      "INSERT INTO \"my rows\" VALUES (4); INSERT INTO main.t SELECT a FROM w;";
  const std::string attached = "ATTACH '" + other_file +
                               "' AS \"the other\"; INSERT INTO main.t SELECT a FROM "
                               "\"the other\".t;";
  const auto up = [&](hewn::migration_options options, const std::string& text) {
    options.approve = [](const auto&) { return true; };
    migrator m(db, hewn::read_migrations({{"0001_a.sql", text}}), std::move(options));
    return m.up().results.size();
  };
  SECTION("in a transaction") {
    CHECK(up({}, "-- up\n" + temporary + attached) == 1);
    CHECK(number(db, "SELECT sum(a) FROM t") == 11);
  }
  SECTION("together with others") {
    CHECK(up({.all_or_nothing = true}, "-- up\n" + temporary + attached) == 1);
    CHECK(number(db, "SELECT sum(a) FROM t") == 11);
  }
  SECTION("step by step, the next of which finds them") {
    CHECK(up({}, "-- no transaction\n-- up\n" + temporary + attached) == 1);
    CHECK(number(db, "SELECT sum(a) FROM t") == 11);
  }
  SECTION("in a function") {
    migrator m(db, std::vector<hewn::migration_file>(),
               {.approve = [](const auto&) { return true; }});
    for (const bool in_transaction : {true, false})
      m.add({.version = in_transaction ? 1 : 2,
             .name = "code",
             .id = "code",
             .up =
                 [&](auto& session) {
                   CHECK(objects() == before);
                   session.script(temporary + attached);
                 },
             .in_transaction = in_transaction,
             .rehearsed = false});
    CHECK(m.up().results.size() == 2);
  }
  SECTION("when it fails") {
    for (const std::string head : {"-- up\n", "-- no transaction\n-- up\n"}) {
      CHECK_THROWS_AS(up({}, head + temporary + attached + "SELECT nothing;"), hewn::error);
      CHECK(objects() == before);
    }
  }
  CHECK(objects() == before);
  // Nothing of another name hides the program's own table, and nothing holds the other file.
  CHECK(number(db, "SELECT count(*) FROM t WHERE a > 0") ==
        number(db, "SELECT count(*) FROM main.t"));
  hewn::sqlite::open(other_file, {.busy_timeout = std::chrono::milliseconds(0)})
      .script("DROP TABLE t");
}
