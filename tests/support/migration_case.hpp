// tests/support/migration_case.hpp - migrations of a file, and what must hold however they end.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/client/setting.hpp>

#include <support/fault_sweep.hpp>
#include <support/file_state.hpp>
#include <support/temporary_folder.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace support {

inline std::vector<hewn::migration_file> family_migrations(std::size_t count) {
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

/// A table with children, then its rebuild by hand, then something small.
class migration_case {
 public:
  migration_case(const std::string& name, bool write_ahead)
      : folder_(name), file_(path("app.db")), write_ahead_(write_ahead) {
    for (std::size_t version = 0; version != 3; ++version) {
      const std::string at = path("version" + std::to_string(version));
      {
        auto db = open(at);
        db.script("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM");
        hewn::migrator(db, family_migrations(version + 1)).up();
      }
      contents_.push_back(content_of(at));
    }
  }

  sweep_case as_sweep() {
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
                    hewn::migrator(*db_, family_migrations(3), {.progress = [this](const auto& p) {
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

  std::vector<std::string> problems(const ending& e) {
    std::vector<std::string> out;
    try {
      if (db_) judge_connection(out);
      const std::vector<std::string> now = content_of(file_);
      const auto found = std::find(contents_.begin(), contents_.end(), now);
      const auto version = found - contents_.begin();
      if (found == contents_.end()) out.push_back("the content is of no version");
      const std::string recorded = plain_reader(file_).rows(
          "SELECT (coalesce(max(version), 0) - 1) || '|' || count(*) FROM hewn_migrations")[0];
      if (recorded != std::to_string(version) + "|" + std::to_string(version + 1))
        out.push_back("the history is not true: " + recorded);
      for (std::string& line : damage_of(file_)) out.push_back(std::move(line));
      if (version + 1 < finished_) out.push_back("what was durable is gone");
      if (e.finished() && version != 2) out.push_back("it returned before it was done");
      // After the last it has looked once more whether there is another.
      if (e.thrown && version == 2 && finished_ != 3 && said(e) != hewn::errc::commit_in_doubt)
        out.push_back("it threw, but was done: " + what(e));
      if (e.thrown && !is_out_of_memory(e) && what(e).find("hewn: ") != 0)
        out.push_back("no sentence of hewn's: " + what(e));
      if (!db_) db_.emplace(open(file_));
      hewn::migrator(*db_, family_migrations(3)).up();
      db_.reset();
      if (content_of(file_) != contents_[2]) out.push_back("the next run does not finish");
    } catch (const std::exception& failure) {
      out.push_back(std::string("what comes next fails: ") + failure.what());
    }
    db_.reset();
    return out;
  }

  void judge_connection(std::vector<std::string>& out) {
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

  static bool is_out_of_memory(const ending& e) {
    try {
      std::rethrow_exception(e.thrown);
    } catch (const std::bad_alloc&) {
      return true;
    } catch (...) {
      return false;
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

  temporary_folder folder_;
  std::string file_;
  bool write_ahead_;
  std::vector<std::vector<std::string>> contents_;
  std::optional<hewn::sqlite::database> db_;
  std::int64_t finished_ = 0;  // the last migration that was said to be durable
};

/// Rows that are changed a batch at a time, each batch in a transaction of its own. Every row
/// counts how often it was done.
class batched_case {
 public:
  explicit batched_case(const std::string& name) : folder_(name), file_(folder_.path + "/app.db") {}

  sweep_case as_sweep() {
    return {.prepare =
                [this] {
                  db_.reset();
                  for (const std::string& name : folder_.files())
                    std::filesystem::remove(folder_.path + "/" + name);
                  db_.emplace(hewn::sqlite::open(file_));
                  db_->script("PRAGMA wal_autocheckpoint = 5");
                  hewn::migrator(*db_, files()).up();
                },
            .act = [this] { runner().up(); },
            .problems = [this](const ending& e) { return problems(e); }};
  }

 private:
  static constexpr std::int64_t rows = 35;

  static std::vector<hewn::migration_file> files() {
    return hewn::read_migrations(
        {{"0001_pages.sql",
          "-- up\nCREATE TABLE pages (id INTEGER PRIMARY KEY, done INTEGER NOT NULL DEFAULT 0);\n"
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 35) INSERT "
          "INTO "
          "pages (id) SELECT i FROM n;"}});
  }

  hewn::migrator<hewn::sqlite::driver> runner() {
    hewn::migrator<hewn::sqlite::driver> out(*db_, files());
    out.add({.version = 2,
             .name = "fill",
             .id = "fill-1",
             .batches = {{.table = "pages",
                          .size = 10,
                          .change =
                              [](auto& tx, std::int64_t first, std::int64_t last) {
                                tx.execute(
                                    hewn::sql<"UPDATE pages SET done = done + 1 WHERE id BETWEEN "
                                              "? AND ?">,
                                    first, last);
                              }}},
             .overwrites = {"pages.done"}});
    return out;
  }

  // A death is of the process that acted; this one still has its connection.
  std::vector<std::string> problems(const ending& e) {
    std::vector<std::string> out;
    try {
      if (e.died) db_.emplace(hewn::sqlite::open(file_));
      const auto number = [this](std::string_view sql) {
        return db_->one<std::int64_t>(hewn::dynamic_sql(sql));
      };
      if (number("SELECT max(done) FROM pages") > 1) out.push_back("a row was done twice");
      const std::int64_t done = number("SELECT count(*) FROM pages WHERE done = 1");
      if (done % 10 != 0 && done != rows) out.push_back("half a batch is done");
      if (e.finished() && done != rows) out.push_back("it returned before it was done");
      runner().up();
      if (number("SELECT count(*) FROM pages WHERE done = 1") != rows)
        out.push_back("the next run does not finish");
      if (number("SELECT count(*) FROM hewn_migrations") != 2 ||
          number("SELECT count(*) FROM hewn_migration_steps") != 0)
        out.push_back("the history is not true");
    } catch (const std::exception& failure) {
      out.push_back(std::string("what comes next fails: ") + failure.what());
    }
    db_.reset();
    for (std::string& line : damage_of(file_)) out.push_back(std::move(line));
    return out;
  }

  temporary_folder folder_;
  std::string file_;
  std::optional<hewn::sqlite::database> db_;
};

}  // namespace support
