// tests/sqlite/copy/backup_fault_test.cpp - backups, there and back, when the disk fails.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/copy/backup.hpp>
#include <hewn/sqlite/restore.hpp>

#include <support/fault_sweep.hpp>
#include <support/fault_vfs.hpp>
#include <support/file_state.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

using lines = std::vector<std::string>;
using support::ending;
using support::raw_sqlite;

namespace {

void fill(const std::string& file, bool write_ahead, int rows, const std::string& value) {
  raw_sqlite db(file);
  db.run("PRAGMA page_size = 512");
  db.run(std::string("PRAGMA journal_mode = ") + (write_ahead ? "WAL" : "DELETE"));
  db.run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE INDEX i ON t (a);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
      std::to_string(rows) + ") INSERT INTO t SELECT i, '" + value + "' || i FROM n");
}

// A folder in which every attempt begins with the same files.
class attempts {
 public:
  attempts(const std::string& name, bool write_ahead) : folder_(name), file_(path("app.db")) {
    fill(path("template"), write_ahead, 60, "now ");
    fill(path("saved"), false, 90, "then ");
    // A restore gives it another one, in a copy.
    raw_sqlite(path("saved"))
        .run(
            "CREATE TABLE hewn_identity (only_row INTEGER NOT NULL PRIMARY KEY, id TEXT NOT NULL);"
            "INSERT INTO hewn_identity VALUES (1, 'saved')");
    now_ = support::content_of(path("template"));
    then_ = support::content_of(path("saved"));
  }

  std::string path(const std::string& name) const { return folder_.path + "/" + name; }

  void prepare() {
    for (const std::string& name : folder_.files())
      if (name.starts_with("app.db")) std::filesystem::remove(path(name));
    std::filesystem::copy_file(path("template"), file_);
  }

  lines problems_of_backup(const ending& e) {
    lines out = problems_of_files(e);
    const std::string made = path("app.db.x.backup");
    if (support::content_of(file_) != now_) out.push_back("the database is another one");
    if (std::filesystem::exists(made)) {
      if (e.thrown) out.push_back("it threw, but made a backup");
      if (support::content_of(made) != now_) out.push_back("the backup is not complete");
      for (std::string& line : support::damage_of(made)) out.push_back(std::move(line));
    } else if (e.finished()) {
      out.push_back("there is no backup");
    }
    return out;
  }

  // `is_there`: before, there was a database and not a wreck of one.
  lines problems_of_restore(const ending& e, bool is_there) {
    lines out = problems_of_files(e);
    lines content;
    try {
      content = support::content_of(file_);
      for (std::string& line : support::damage_of(file_)) out.push_back(std::move(line));
    } catch (const std::exception& failure) {
      if (is_there || e.finished()) out.push_back(std::string("unreadable: ") + failure.what());
      return out;
    }
    if (content == then_ &&
        support::plain_reader(file_).rows("SELECT id FROM hewn_identity") == lines{"saved"})
      out.push_back("it is the database that was saved, for which approvals hold");
    if (content != then_ && (content != now_ || !is_there)) out.push_back("it is neither");
    if (e.finished() && content != then_) out.push_back("it returned, but did nothing");
    if (e.thrown && content == then_ && said(e) != hewn::errc::commit_in_doubt)
      out.push_back("it threw, but was done");
    return out;
  }

  const std::string& file() const { return file_; }

 private:
  static std::optional<hewn::errc> said(const ending& e) {
    try {
      std::rethrow_exception(e.thrown);
    } catch (const hewn::error& failure) {
      return failure.code();
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }

  lines problems_of_files(const ending& e) const {
    lines out;
    if (e.thrown && !said(e)) out.push_back("an exception of another kind");
    for (const std::string& name : folder_.files())
      if (!e.died && name.find(".tmp") != name.npos) out.push_back("left behind: " + name);
    if (std::filesystem::exists(path("saved-journal")) ||
        std::filesystem::exists(path("saved-wal")))
      out.push_back("left behind beside the backup");
    return out;
  }

  support::temporary_folder folder_;
  std::string file_;
  lines now_;
  lines then_;
};

void sweep_all(const std::string& name, const support::sweep_case& c, int budget) {
  support::fault_vfs vfs;
  vfs.flushes = false;  // what has reached the disk is reckoned
  support::file_trouble once(vfs, false);
  const auto all = support::sweep(name + ", one operation fails", c, once, budget);
  CHECK(all.points > 50);
  support::file_trouble for_good(vfs, true);
  support::sweep(name + ", every operation fails from then on", c, for_good, budget);
  support::file_trouble full(vfs, true, SQLITE_FULL, &support::is_write);
  support::sweep(name + ", the disk is full", c, full, budget);
  support::death killed(vfs, false);
  support::sweep(name + ", the process is killed", c, killed, budget);
  support::death unplugged(vfs, true);
  support::sweep(name + ", the power is lost", c, unplugged, budget);
}

}  // namespace

TEST_CASE("a backup under a failing disk is whole or absent", "[s85][B3]") {
  for (const bool write_ahead : {true, false}) {
    attempts a("backup_fault_test", write_ahead);
    const std::string name = write_ahead ? "backup from WAL" : "backup";
    sweep_all(name,
              {.prepare = [&] { a.prepare(); },
               .act =
                   [&] {
                     raw_sqlite db(a.file());
                     db.backup("", "x");
                   },
               .problems = [&](const ending& e) { return a.problems_of_backup(e); }},
              40);
  }
}

TEST_CASE("a restore under a failing disk is done or not done", "[s85][B4]") {
  for (const bool write_ahead : {true, false}) {
    attempts a("restore_fault_test", write_ahead);
    const auto problems = [&](const ending& e) { return a.problems_of_restore(e, true); };
    const std::string where = write_ahead ? " in WAL" : "";
    sweep_all("restore of a path" + where,
              {.prepare = [&] { a.prepare(); },
               .act = [&] { hewn::sqlite::restore(a.file(), a.path("saved")); },
               .problems = problems},
              40);
    sweep_all("restore of a connection" + where,
              {.prepare = [&] { a.prepare(); },
               .act =
                   [&] {
                     raw_sqlite db(a.file());
                     hewn::sqlite::restore(db.native(), a.path("saved"));
                   },
               .problems = problems},
              40);
  }
}

TEST_CASE("a restore over a damaged file under a failing disk is done or not done", "[s85][B4]") {
  attempts a("restore_fault_test_wreck", false);
  sweep_all("restore over a wreck",
            {.prepare =
                 [&] {
                   a.prepare();
                   std::ofstream(a.file(), std::ios::binary) << std::string(4096, 'x');
                 },
             .act = [&] { hewn::sqlite::restore(a.file(), a.path("saved")); },
             .problems = [&](const ending& e) { return a.problems_of_restore(e, false); }},
            40);
}
