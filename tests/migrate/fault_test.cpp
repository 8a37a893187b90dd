// tests/migrate/fault_test.cpp - migrations when the disk fails or the machine stops.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>

#include <support/fault_sweep.hpp>
#include <support/fault_vfs.hpp>
#include <support/file_state.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using lines = std::vector<std::string>;
using support::ending;

namespace {

// A table with children; its rebuild by hand; something small after it.
std::vector<hewn::migration_file> files(std::size_t count) {
  std::vector<hewn::migration_file> out = hewn::read_migrations(
      {{"0001_family.sql",
        "-- up\nCREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);\n"
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent ON DELETE "
        "CASCADE);\n"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO "
        "parent SELECT i, hex(zeroblob(50)) || i FROM n;\n"
        "INSERT INTO child SELECT id, id FROM parent;"},
       {"0002_rebuild.sql",
        "-- foreign keys off\n-- up\nCREATE TABLE fresh (id INTEGER PRIMARY KEY AUTOINCREMENT, "
        "name TEXT NOT NULL);\nINSERT INTO fresh SELECT * FROM parent;\nDROP TABLE parent;\n"
        "ALTER TABLE fresh RENAME TO parent;"},
       {"0003_more.sql",
        "-- up\nALTER TABLE child ADD COLUMN note TEXT;\nUPDATE child SET note = 'n' || id;"}});
  out.resize(std::min(count, out.size()));
  return out;
}

class migration_case {
 public:
  migration_case(const std::string& name, bool write_ahead)
      : folder_(name), file_(path("app.db")), write_ahead_(write_ahead) {
    for (std::size_t version = 0; version != 3; ++version) {
      const std::string at = path("version" + std::to_string(version));
      {
        auto db = open(at);
        db.script("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM");
        hewn::migrator(db, files(version + 1)).up();
      }
      contents_.push_back(support::content_of(at));
    }
  }

  support::sweep_case as_sweep() {
    return {.prepare =
                [this] {
                  db_.reset();
                  finished_ = 0;
                  for (const std::string& name : folder_.files())
                    if (name.starts_with("app.db")) std::filesystem::remove(path(name));
                  std::filesystem::copy_file(path("version0"), file_);
                },
            .act =
                [this] {
                  db_.emplace(open(file_));
                  try {
                    hewn::migrator(*db_, files(3), {.progress = [this](const auto& p) {
                      if (p.what == hewn::migration_progress::finished) finished_ = p.version;
                    }}).up();
                  } catch (...) {
                    if (!keeps_connection) db_.reset();
                    throw;
                  }
                },
            .problems = [this](const ending& e) { return problems(e); }};
  }

  bool keeps_connection = true;

 private:
  std::string path(const std::string& name) const { return folder_.path + "/" + name; }

  hewn::sqlite::database open(const std::string& file) const {
    auto db = hewn::sqlite::open(file, {.write_ahead_log = write_ahead_});
    db.script("PRAGMA cache_size = 10; PRAGMA wal_autocheckpoint = 30");
    return db;
  }

  lines problems(const ending& e) {
    lines out;
    try {
      if (db_) judge_connection(out);
      const lines now = support::content_of(file_);
      const auto found = std::find(contents_.begin(), contents_.end(), now);
      const auto version = found - contents_.begin();
      if (found == contents_.end()) out.push_back("the content is of no version");
      const std::string recorded = support::plain_reader(file_).rows(
          "SELECT (coalesce(max(version), 0) - 1) || '|' || count(*) FROM hewn_migrations")[0];
      if (recorded != std::to_string(version) + "|" + std::to_string(version + 1))
        out.push_back("the history is not true: " + recorded);
      for (std::string& line : support::damage_of(file_)) out.push_back(std::move(line));
      if (version + 1 < finished_) out.push_back("what was durable is gone");
      if (e.finished() && version != 2) out.push_back("it returned before it was done");
      // After the last it has looked once more whether there is another.
      if (e.thrown && version == 2 && finished_ != 3 && said(e) != hewn::errc::commit_in_doubt)
        out.push_back("it threw, but was done: " + what(e));
      if (e.thrown && what(e).find("hewn: ") != 0)
        out.push_back("no sentence of hewn's: " + what(e));
      if (!db_) db_.emplace(open(file_));
      hewn::migrator(*db_, files(3)).up();
      db_.reset();
      if (support::content_of(file_) != contents_[2]) out.push_back("the next run does not finish");
    } catch (const std::exception& failure) {
      out.push_back(std::string("what comes next fails: ") + failure.what());
    }
    db_.reset();
    return out;
  }

  void judge_connection(lines& out) {
    db_->script("SELECT 1");
    sqlite3* const db = db_->native_handle();
    if (sqlite3_get_autocommit(db) == 0) out.push_back("the transaction is still open");
    if (hewn::sqlite::detail::setting(db, SQLITE_DBCONFIG_ENABLE_FKEY) != 1)
      out.push_back("foreign keys are not enforced");
  }

  static std::string what(const ending& e) {
    try {
      std::rethrow_exception(e.thrown);
    } catch (const std::exception& failure) {
      return failure.what();
    }
  }

  static std::optional<hewn::errc> said(const ending& e) {
    try {
      std::rethrow_exception(e.thrown);
    } catch (const hewn::error& failure) {
      return failure.code();
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }

  support::temporary_folder folder_;
  std::string file_;
  bool write_ahead_;
  std::vector<lines> contents_;
  std::optional<hewn::sqlite::database> db_;
  std::int64_t finished_ = 0;  // the last migration that was said to be durable
};

}  // namespace

TEST_CASE("migrations under a failing disk are done or not done, and the history is true", "[M6]") {
  for (const bool write_ahead : {true, false}) {
    migration_case c("migration_fault_test", write_ahead);
    const std::string name = write_ahead ? "migrations in WAL" : "migrations";
    support::fault_vfs vfs;
    vfs.flushes = false;  // what has reached the disk is reckoned
    support::file_trouble once(vfs, false);
    const auto all = support::sweep(name + ", one operation fails", c.as_sweep(), once, 25);
    CHECK(all.points > 50);
    support::file_trouble full(vfs, true, SQLITE_FULL, &support::is_write);
    support::sweep(name + ", the disk is full", c.as_sweep(), full, 25);
    c.keeps_connection = false;
    support::file_trouble for_good(vfs, true);
    support::sweep(name + ", every operation fails from then on", c.as_sweep(), for_good, 25);
    support::death killed(vfs, false);
    support::sweep(name + ", the process is killed", c.as_sweep(), killed, 25);
    support::death unplugged(vfs, true);
    support::sweep(name + ", the power is lost", c.as_sweep(), unplugged, 25);
  }
}
