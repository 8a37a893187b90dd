// tests/sqlite/copy/backup_test.cpp - verified copies, and databases made of them again.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/copy/backup.hpp>
#include <hewn/sqlite/open.hpp>
#include <hewn/sqlite/restore.hpp>

#include <support/failure.hpp>
#include <support/fault_vfs.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_folder.hpp>

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using support::failure_of;
using support::raw_sqlite;
using support::temporary_folder;

namespace {

using lines = std::vector<std::string>;

const char* const content =
    "CREATE TABLE t (a UNIQUE, b); CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT a FROM t;"
    "CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT);"
    "INSERT INTO t VALUES (1, 'x'), (2, NULL), (x'00', 1.5); INSERT INTO n VALUES (7);"
    "DELETE FROM t WHERE a = 1";

lines dump(raw_sqlite& db) {
  lines out = db.column("SELECT type || name || tbl_name || coalesce(sql, '') FROM sqlite_master");
  for (const char* sql : {"SELECT rowid || quote(a) || quote(b) FROM t", "SELECT id FROM n",
                          "SELECT name || seq FROM sqlite_sequence"})
    for (std::string& row : db.column(sql)) out.push_back(std::move(row));
  return out;
}

lines dump(const std::string& file) {
  raw_sqlite db(file);
  CHECK(db.column("PRAGMA integrity_check") == lines{"ok"});
  return dump(db);
}

void fill(raw_sqlite& db, int rows) {
  db.run(
      "CREATE TABLE big (a, b); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
      "LIMIT " +
      std::to_string(rows) + ") INSERT INTO big SELECT i, hex(zeroblob(200)) FROM n");
}

}  // namespace

TEST_CASE("a backup is made under the write lock, and is the database", "[s85]") {
  const temporary_folder folder("backup_test_made");
  const std::string file = folder.path + "/app.db";
  const std::string mode = GENERATE("wal", "delete");
  CAPTURE(mode);
  raw_sqlite db(file);
  db.run("PRAGMA journal_mode = " + mode);
  db.run(content);
  const lines before = dump(db);
  std::string saved;
  std::string again;
  db.transaction({.moves_rows = true}, [&] {
    saved = db.backup("", "plan-1");
    again = db.backup("", "plan-1");
    db.run("DROP TABLE n; DELETE FROM t");
  });
  CHECK(saved == file + ".plan-1.backup");
  CHECK(again == file + ".plan-1.2.backup");
  // One file each, that needs nothing beside it.
  const lines names = folder.files();
  CHECK(std::count_if(names.begin(), names.end(),
                      [](const std::string& n) { return n.find("plan") != n.npos; }) == 2);
  CHECK(dump(saved) == before);
  CHECK(dump(again) == before);

  // As one call, back into the database that is in use.
  raw_sqlite other(file);
  CHECK(other.column("SELECT count(*) FROM t") == lines{"0"});
  hewn::sqlite::restore(file, saved);
  CHECK(dump(db) == before);
  CHECK(dump(other) == before);
  CHECK(db.column("PRAGMA journal_mode") == lines{mode});
}

TEST_CASE("a backup goes where it is wanted, under a name that is one") {
  const temporary_folder folder("backup_test_folder");
  const std::string file = folder.path + "/app.db";
  std::filesystem::create_directory(folder.path + "/else where");
  raw_sqlite db(file);
  db.run(content);
  const std::string saved = db.backup(folder.path + "/else where", "a/b: c");
  CHECK(saved == folder.path + "/else where/app.db.a_b__c.backup");
  CHECK(dump(saved) == dump(db));
}

TEST_CASE("a database in memory is saved only where a folder is given") {
  const temporary_folder folder("backup_test_memory");
  raw_sqlite db;
  db.run(content);
  CHECK(db.backup("", "x").empty());
  std::string saved;
  db.transaction({.moves_rows = true}, [&] { saved = db.backup(folder.path, "x"); });
  CHECK(folder.files() == lines{"memory.x.backup"});
  CHECK(dump(saved) == dump(db));
}

TEST_CASE("a backup that fails says why and leaves nothing", "[s85]") {
  const temporary_folder folder("backup_test_fails");
  const std::string file = folder.path + "/app.db";
  SECTION("the folder is missing") {
    raw_sqlite db(file);
    db.run(content);
    const auto failure = failure_of([&] { db.backup(folder.path + "/nowhere", "x"); });
    CHECK(failure.code() == hewn::errc::cannot_open);
    CHECK(support::says(failure, folder.path + "/nowhere/app.db.x.backup"));
    CHECK(folder.files() == lines{"app.db"});
  }
  SECTION("the disk is full, at any moment") {
    support::fault_vfs vfs;
    raw_sqlite db(file);
    db.run(content);
    const lines before = dump(db);
    int failures = 0;
    for (int allowed = 0;; ++allowed) {
      int left = allowed;
      vfs.decide = [&](const support::file_operation& o) {
        if (o.what != support::file_operation::kind::write || left-- > 0) return SQLITE_OK;
        return SQLITE_FULL;
      };
      try {
        db.transaction({.moves_rows = true}, [&] { db.backup("", "x"); });
        break;
      } catch (const hewn::error& failure) {
        support::check_grammar(failure);
        CHECK(failure.code() == hewn::errc::full);
      }
      vfs.decide = nullptr;
      CHECK(folder.files() == lines{"app.db"});
      CHECK(dump(db) == before);
      ++failures;
    }
    CHECK(failures > 3);
    vfs.decide = nullptr;
    CHECK(dump(file + ".x.backup") == before);
  }
  SECTION("the disk fails to flush") {
    support::fault_vfs vfs;
    raw_sqlite db(file);
    db.run(content);
    vfs.decide = [](const support::file_operation& o) {
      return o.what == support::file_operation::kind::sync ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    };
    CHECK(failure_of([&] { db.backup("", "x"); }).code() == hewn::errc::io);
    CHECK(folder.files() == lines{"app.db"});
  }
  SECTION("somebody locks everybody out") {
    raw_sqlite db(file);
    db.run(content);
    raw_sqlite other(file);
    other.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    const auto failure = failure_of([&] { hewn::sqlite::backup(db.native(), "", "x"); });
    CHECK(failure.code() == hewn::errc::busy);
    other.run("COMMIT");
    CHECK(folder.files() == lines{"app.db"});
  }
}

TEST_CASE("what the program alone can compute does not keep a backup from being made") {
  const temporary_folder folder("backup_test_functions");
  raw_sqlite db(folder.path + "/app.db");
  sqlite3_create_collation(db.native(), "swiss", SQLITE_UTF8, nullptr,
                           [](void*, int, const void*, int, const void*) { return 0; });
  sqlite3_create_function(
      db.native(), "fine", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
      [](sqlite3_context* c, int, sqlite3_value**) { sqlite3_result_int(c, 1); }, nullptr, nullptr);
  db.run(
      "CREATE TABLE s (a COLLATE swiss, b CHECK (fine(b))); CREATE INDEX i ON s (a);"
      "CREATE TABLE old (a NOT NULL CHECK (a > 5)); PRAGMA ignore_check_constraints = ON;"
      "INSERT INTO old VALUES (1); INSERT INTO s VALUES ('x', 1)");
  CHECK(db.backup("", "x") == folder.path + "/app.db.x.backup");
  raw_sqlite memory;
  memory.run(
      "CREATE TABLE old (a CHECK (a > 5)); PRAGMA ignore_check_constraints = ON;"
      "INSERT INTO old VALUES (1)");
  CHECK(memory.backup(folder.path, "x") == folder.path + "/memory.x.backup");
}

TEST_CASE("a backup is restored into a missing or damaged database, or an open one") {
  const temporary_folder folder("backup_test_restore");
  const std::string file = folder.path + "/app.db";
  std::string saved;
  lines before;
  {
    raw_sqlite db(file);
    db.run("PRAGMA page_size = 8192; PRAGMA journal_mode = wal");
    db.run(content);
    before = dump(db);
    saved = db.backup("", "x");
  }
  SECTION("missing") {
    std::filesystem::remove(file);
    hewn::sqlite::restore(file, saved);
    CHECK(dump(file) == before);
  }
  SECTION("no database any more") {
    std::ofstream(file, std::ios::binary) << std::string(8192, 'x');
    hewn::sqlite::restore(file, saved);
    CHECK(dump(file) == before);
  }
  SECTION("damaged inside") {
    std::fstream(file, std::ios::binary | std::ios::in | std::ios::out).seekp(100)
        << std::string(8000, '\x7f');
    hewn::sqlite::restore(file, saved);
    CHECK(dump(file) == before);
  }
  SECTION("another page size, with a write-ahead log") {
    const std::string second = folder.path + "/second.db";
    {
      raw_sqlite db(second);
      db.run("PRAGMA page_size = 1024; PRAGMA journal_mode = wal; CREATE TABLE other (a)");
    }
    hewn::sqlite::restore(second, saved);
    CHECK(dump(second) == before);
  }
  SECTION("open") {
    auto db = hewn::sqlite::open(file);
    db.script("DELETE FROM t; CREATE TABLE more (a)");
    hewn::sqlite::restore(db, saved);
    raw_sqlite other(file);
    CHECK(dump(other) == before);
    db.script("INSERT INTO t VALUES (50, 50)");
    CHECK(other.column("SELECT b FROM t WHERE a = 50") == lines{"50"});
  }
  SECTION("in memory") {
    raw_sqlite db;
    hewn::sqlite::restore(db.native(), saved);
    CHECK(dump(db) == before);
  }
  for (const std::string& name : folder.files()) {
    CAPTURE(name);
    CHECK(name.find(".tmp") == name.npos);
  }
}

TEST_CASE("what is no sound backup, or no good moment, changes nothing") {
  const temporary_folder folder("backup_test_refused");
  const std::string file = folder.path + "/app.db";
  raw_sqlite db(file);
  db.run(content);
  const lines before = dump(db);
  const std::string saved = db.backup("", "x");
  SECTION("missing") {
    const auto failure =
        failure_of([&] { hewn::sqlite::restore(file, folder.path + "/nowhere.backup"); });
    CHECK(failure.code() == hewn::errc::cannot_open);
    CHECK(folder.files() == lines{"app.db", "app.db.x.backup"});
  }
  SECTION("no database") {
    std::ofstream(saved, std::ios::binary) << "not a database, not at all";
    CHECK(failure_of([&] { hewn::sqlite::restore(file, saved); }).code() == hewn::errc::corrupt);
  }
  SECTION("damaged") {
    std::fstream(saved, std::ios::binary | std::ios::in | std::ios::out).seekp(4096)
        << std::string(4096, '\x7f');
    CHECK(failure_of([&] { hewn::sqlite::restore(file, saved); }).code() == hewn::errc::corrupt);
  }
  SECTION("a transaction is open") {
    db.run("BEGIN");
    CHECK(failure_of([&] { hewn::sqlite::restore(db.native(), saved); }).code() ==
          hewn::errc::usage);
    db.run("COMMIT");
  }
  SECTION("another connection writes") {
    raw_sqlite other(file);
    other.run("BEGIN IMMEDIATE; DELETE FROM t");
    const auto failure = failure_of([&] { hewn::sqlite::restore(db.native(), saved); });
    CHECK(failure.code() == hewn::errc::busy);
    CHECK(failure.retryable());
    other.run("ROLLBACK");
  }
  CHECK(dump(db) == before);
}

TEST_CASE("a restore that is killed leaves the old or the new content") {
  const temporary_folder folder("backup_test_killed");
  const std::string file = folder.path + "/app.db";
  const std::string mode = GENERATE("wal", "delete");
  CAPTURE(mode);
  std::string saved;
  {
    raw_sqlite db(file);
    db.run("PRAGMA journal_mode = " + mode);
    fill(db, 10000);
    saved = db.backup("", "x");
    db.run("DELETE FROM big WHERE a > 4000; UPDATE big SET b = 'changed'");
  }
  const std::string is_old = "4000 4000";
  const std::string is_new = "10000 0";
  int old = 0;
  int done = 0;
  for (int delay = 0; delay < 40'000; delay += 1'500) {
    const pid_t child = fork();
    if (child == 0) {
      hewn::sqlite::restore(file, saved);
      _exit(0);
    }
    usleep(static_cast<useconds_t>(delay));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    raw_sqlite db(file);
    CHECK(db.column("PRAGMA integrity_check") == lines{"ok"});
    const std::string found =
        db.column("SELECT count(*) || ' ' || count(*) FILTER (WHERE b = 'changed') FROM big").at(0);
    CHECK((found == is_old || found == is_new));
    (found == is_old ? old : done) += 1;
    if (found == is_new) db.run("DELETE FROM big WHERE a > 4000; UPDATE big SET b = 'changed'");
  }
  CHECK(old > 0);
  CAPTURE(old, done);
  hewn::sqlite::restore(file, saved);
  raw_sqlite db(file);
  CHECK(db.column("SELECT count(*) FROM big") == lines{"10000"});
}

TEST_CASE("a backup of somebody else's making is restored, and stays as it is") {
  const temporary_folder folder("backup_test_foreign");
  const std::string made = folder.path + "/made.db";
  lines before;
  {
    raw_sqlite db(made);
    db.run("PRAGMA journal_mode = wal");
    db.run(content);
    before = dump(db);
  }
  hewn::sqlite::restore(folder.path + "/app.db", made);
  CHECK(folder.files() == lines{"app.db", "made.db"});
  CHECK(dump(folder.path + "/app.db") == before);
}

TEST_CASE("what a killed backup has left is in nobody's way") {
  const temporary_folder folder("backup_test_leftover");
  raw_sqlite db(folder.path + "/app.db");
  db.run(content);
  for (const char* suffix : {"", "-journal", "-wal"})
    std::ofstream(folder.path + "/app.db.x.backup.tmp" + suffix) << "half of a page";
  const std::string saved = db.backup("", "x");
  CHECK(folder.files() == lines{"app.db", "app.db.x.backup"});
  CHECK(dump(saved) == dump(db));
}

namespace {

unsigned mode_of(const std::string& file) {
  struct ::stat found {};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  return found.st_mode & 0777u;
}

/// The umask of the process for as long as it lives.
struct masked {
  explicit masked(mode_t mask) : before(::umask(mask)) {}
  masked(const masked&) = delete;
  masked& operator=(const masked&) = delete;
  ~masked() { ::umask(before); }

  mode_t before;
};

}  // namespace

TEST_CASE("backups and restored files are as accessible as the database, from their first byte on",
          "[p:C1]") {
  const temporary_folder folder("backup_test_modes");
  const std::string file = folder.path + "/app.db";
  const unsigned mode = GENERATE(0600u, 0640u, 0644u, 0660u, 0400u, 0604u);
  const masked mask(GENERATE(mode_t{0}, mode_t{022}, mode_t{077}));
  CAPTURE(mode, mask.before);
  // Asked before every write: a file may not be open to more people while it is made.
  int writes = 0;
  bool too_open = false;
  support::fault_vfs watched;
  watched.flushes = false;
  watched.decide = [&](const support::file_operation& o) {
    if (o.what != support::file_operation::kind::write || o.path == nullptr) return SQLITE_OK;
    ++writes;
    struct ::stat found {};
    if (::stat(o.path, &found) != 0 || (found.st_mode & 0177u & ~mode) != 0) too_open = true;
    return SQLITE_OK;
  };
  std::string committed;
  std::string own;
  {
    std::ofstream made(file);
    REQUIRE(::chmod(file.c_str(), mode) == 0);
  }
  {
    raw_sqlite db(file);
    if (mode == 0400) REQUIRE(::chmod(file.c_str(), 0600) == 0);
    db.run("PRAGMA journal_mode = wal");
    db.run(content);
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    committed = db.backup("", "committed");
    db.run("BEGIN IMMEDIATE");
    own = hewn::sqlite::backup(db.native(), "", "own", hewn::sqlite::backup_view::own);
    db.run("ROLLBACK");
  }
  CHECK(mode_of(committed) == mode);
  CHECK(mode_of(own) == mode);

  const std::string elsewhere = folder.path + "/restored.db";
  hewn::sqlite::restore(elsewhere, committed);
  CHECK(mode_of(elsewhere) == mode);
  // What is there keeps its mode, also when it is replaced.
  for (const char damage : {'x', '\0'}) {
    std::ofstream(elsewhere, std::ios::binary) << std::string(damage ? 8192 : 0, damage);
    REQUIRE(::chmod(elsewhere.c_str(), 0600) == 0);
    hewn::sqlite::restore(elsewhere, committed);
    CHECK(mode_of(elsewhere) == 0600);
  }
  CHECK(dump(elsewhere).size() > 5);
  CHECK(writes > 10);
  CHECK_FALSE(too_open);
}

TEST_CASE("a backup of a database in memory is its owner's alone", "[p:C1]") {
  const temporary_folder folder("backup_test_memory_mode");
  const masked mask(0);
  raw_sqlite db;
  db.run(content);
  const std::string saved = db.backup(folder.path, "x");
  CHECK(mode_of(saved) == 0600);
}

TEST_CASE("a backup does not write through what somebody has put in its place", "[p:C1]") {
  const temporary_folder folder("backup_test_link");
  const std::string victim = folder.path + "/victim";
  raw_sqlite db(folder.path + "/app.db");
  db.run(content);
  std::filesystem::create_symlink(victim, folder.path + "/app.db.x.backup.tmp");
  db.backup("", "x");  // removes the link, and not what it names
  CHECK_FALSE(std::filesystem::exists(victim));
  CHECK(std::filesystem::is_regular_file(
      std::filesystem::symlink_status(folder.path + "/app.db.x.backup")));
}
