// tests/support/sync_case.hpp - a schema change of a file, and what must hold however it ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite.hpp>
#include <hewn/sync/apply/apply.hpp>
#include <hewn/sync/audit.hpp>
#include <hewn/sync/plan/planner.hpp>
#include <hewn/sync/sync_structs.hpp>

#include <support/fault_sweep.hpp>
#include <support/file_state.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace support {

/// A rebuild with everything that hangs on a table, approved, so that audit and backup take part.
struct rebuild_of_a_parent {
  static std::string before(int rows) {
    const std::string last = " < " + std::to_string(rows) + ")";
    return "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, fax TEXT, age "
           "TEXT);"
           "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES "
           "parent"
           " ON DELETE CASCADE, note TEXT);"
           "CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT);"
           "CREATE UNIQUE INDEX parent_name ON parent (name);"
           "CREATE INDEX child_parent ON child (parent_id);"
           "CREATE VIEW elders AS SELECT name FROM parent WHERE age > '0060';"
           "CREATE TRIGGER parent_log AFTER UPDATE ON parent BEGIN"
           " INSERT INTO log (line) VALUES (old.name); END;"
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i" +
           last +
           " INSERT INTO parent SELECT i, 'name ' || i, 'fax ' || i, i || '' FROM n;"
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i" +
           last +
           " INSERT INTO child SELECT i, 1 + i / 2, hex(zeroblob(60)) || i FROM n;"
           "INSERT INTO log VALUES (1, 'begun');"
           "INSERT INTO parent VALUES (1000, 'gone', NULL, NULL); DELETE FROM parent WHERE id = "
           "1000;";
  }
  static constexpr const char* after =
      "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
      " age INTEGER);"
      "CREATE UNIQUE INDEX parent_name ON parent (name);";
  static std::vector<hewn::intent> intents() {
    return {{.kind = hewn::intent_kind::drop_column, .table = "parent", .column = "fax"},
            {.kind = hewn::intent_kind::convert,
             .table = "parent",
             .column = "age",
             .expression = "CAST(age AS INTEGER)"}};
  }
};

/// What needs no approval, moves no row and leaves no trace but the change itself.
struct addition {
  static std::string before(int rows) { return rebuild_of_a_parent::before(rows); }
  static constexpr const char* after =
      "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, fax TEXT, age TEXT,"
      " mail TEXT, logins INTEGER NOT NULL DEFAULT 0);"
      "CREATE UNIQUE INDEX parent_name ON parent (name);"
      "CREATE INDEX parent_mail ON parent (mail);"
      "CREATE TABLE extra (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent);";
  static std::vector<hewn::intent> intents() { return {}; }
};

/// The library's own connection to a file.
class library_connection {
 public:
  library_connection(const std::string& file, bool write_ahead)
      : db_(hewn::sqlite::open(file, {.create = false, .write_ahead_log = write_ahead})) {}

  sqlite3* native() { return db_.native_handle(); }
  void apply(const hewn::plan& p, const hewn::sync_options& options) {
    hewn::apply_plan(db_, p, options);
  }
  void use() { db_.script("SELECT 1"); }

 private:
  hewn::sqlite::database db_;
};

/// One that the program has opened itself.
class bare_connection {
 public:
  bare_connection(const std::string& file, bool) : db_(open(file)), executor_(db_.get()) {
    hewn::sqlite::detail::run(native(), "PRAGMA foreign_keys = ON");
  }

  sqlite3* native() { return db_.get(); }
  void apply(const hewn::plan& p, const hewn::sync_options& options) {
    hewn::apply(executor_, p, options);
  }
  void use() { executor_.query("SELECT 1"); }

 private:
  static hewn::sqlite::detail::own_handle open(const std::string& file) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
    hewn::sqlite::detail::own_handle out(raw);
    if (code != SQLITE_OK) throw hewn::error(hewn::sqlite::describe(code, sqlite3_errstr(code)));
    return out;
  }

  hewn::sqlite::detail::own_handle db_;
  hewn::sqlite::native_executor executor_;
};

/// `Change` is one of those above.
template <class Change, class Connection>
class sync_case {
 public:
  sync_case(const std::string& name, bool write_ahead, int rows = 150)
      : folder_(name), file_(folder_.path + "/app.db"), write_ahead_(write_ahead) {
    {
      raw_sqlite db(template_file());
      db.run("PRAGMA page_size = 512");  // many pages, hence many operations
      db.run(std::string("PRAGMA journal_mode = ") + (write_ahead ? "WAL" : "DELETE"));
      db.run(Change::before(rows));
      hewn::audit::ensure_identity(db);
      hewn::audit::append(db, {.actor = "ada", .event = "plan", .outcome = "made"});
      raw_sqlite wanted;
      wanted.run(Change::after);
      hewn::wanted_schema target{.schema = wanted.introspect(), .intents = Change::intents()};
      target.schema.others.clear();
      target.schema.sources.clear();
      plan_.emplace(hewn::make_plan(db, target));
      INFO(hewn::report(*plan_));
      REQUIRE_FALSE(plan_->blocked());
      if (!plan_->pending().empty())
        options_.approvals = {hewn::approve({.plan = plan_->fingerprint(),
                                             .from = plan_->from(),
                                             .database = hewn::audit::find_identity(db).value(),
                                             .changes = plan_->pending(),
                                             .approver = "ada",
                                             .reason = "a test"})};
    }
    before_ = content_of(template_file());
    prepare();
    act();
    connection_.reset();
    after_ = content_of(file_);
    REQUIRE(before_ != after_);
  }

  void prepare() {
    connection_.reset();
    for (const std::string& name : folder_.files())
      if (name.starts_with("app.db")) std::filesystem::remove(folder_.path + "/" + name);
    std::filesystem::copy_file(template_file(), file_);
  }

  void act() {
    connection_.emplace(file_, write_ahead_);
    // What is changed goes to the disk long before the commit, and the log into the file after it.
    hewn::sqlite::detail::run(connection_->native(),
                              "PRAGMA cache_size = 10; PRAGMA wal_autocheckpoint = 30");
    if (keeps_connection) return connection_->apply(*plan_, options_);
    try {
      connection_->apply(*plan_, options_);
    } catch (...) {
      connection_.reset();
      throw;
    }
  }

  /// Otherwise it is closed while the trouble lasts.
  bool keeps_connection = true;

  std::vector<std::string> problems(const ending& e) {
    problems_.clear();
    judge_ending(e);
    if (!e.died) judge_connection();
    judge_file(e);
    go_on();
    return std::move(problems_);
  }

  sweep_case as_sweep() {
    return {[this] { prepare(); }, [this] { act(); },
            [this](const ending& e) { return problems(e); }};
  }

  const std::string& file() const { return file_; }
  hewn::sync_options& options() { return options_; }
  const hewn::plan& plan() const { return *plan_; }
  const std::vector<std::string>& content_before() const { return before_; }
  const std::vector<std::string>& content_after() const { return after_; }

 private:
  std::string template_file() const { return folder_.path + "/template.db"; }

  void complain(std::string what) { problems_.push_back(std::move(what)); }

  void judge_ending(const ending& e) {
    said_ = {};
    if (!e.thrown) return;
    try {
      std::rethrow_exception(e.thrown);
    } catch (const hewn::error& failure) {
      const std::string what = failure.what();
      said_ = failure.code();
      if (!what.starts_with("hewn: ") || what.find("; ") == what.npos)
        complain("no sentence of hewn's: " + what);
      if (said_ == hewn::errc::schema_mismatch || said_ == hewn::errc::approval_required ||
          said_ == hewn::errc::syntax || said_ == hewn::errc::usage || said_ == hewn::errc::other ||
          said_ == hewn::errc::corrupt)
        complain("another cause is named: " + what);
    } catch (const std::bad_alloc&) {
      said_ = hewn::errc::out_of_memory;
    } catch (const std::exception& failure) {
      complain(std::string("an exception of another kind: ") + failure.what());
    }
  }

  // It has ended its transaction and put back its settings, or says that it is of no use.
  void judge_connection() {
    if (said_ == hewn::errc::connection_lost) connection_.reset();
    // Whoever is in doubt is told to open the database again; a bare handle may be stuck then.
    if (said_ == hewn::errc::commit_in_doubt && connection_ &&
        sqlite3_get_autocommit(connection_->native()) == 0)
      connection_.reset();
    if (!connection_) return;
    sqlite3* const db = connection_->native();
    if (sqlite3_next_stmt(db, nullptr) != nullptr)
      for (sqlite3_stmt* s = sqlite3_next_stmt(db, nullptr); s; s = sqlite3_next_stmt(db, s))
        if (sqlite3_stmt_busy(s) != 0) complain("a statement was left unfinished");
    const auto setting = [db](int what) { return hewn::sqlite::detail::setting(db, what); };
    if (setting(SQLITE_DBCONFIG_ENABLE_FKEY) != 1) complain("foreign keys are not enforced");
    if (setting(SQLITE_DBCONFIG_LEGACY_ALTER_TABLE) != 0) complain("legacy_alter_table is on");
    if (setting(SQLITE_DBCONFIG_WRITABLE_SCHEMA) != 0) complain("writable_schema is on");
    try {
      connection_->use();
      if (sqlite3_get_autocommit(db) == 0) complain("the transaction is still open");
    } catch (const hewn::error& failure) {
      if (failure.code() != hewn::errc::connection_lost)
        complain(std::string("the connection is out of use: ") + failure.what());
      connection_.reset();
    }
  }

  void judge_file(const ending& e) {
    try {
      const std::vector<std::string> now = content_of(file_);
      applied_ = now == after_;
      if (!applied_ && now != before_) {
        complain("the content is neither that before nor that after:");
        for (const std::string& line : now) complain("  " + line);
      }
      for (std::string& line : damage_of(file_)) complain(std::move(line));
      if (e.finished() && !applied_) complain("it returned, but was not applied");
      if (e.thrown && applied_ && said_ != hewn::errc::commit_in_doubt)
        complain("it threw, but was applied: " + what(e));
      judge_record();
    } catch (const std::exception& failure) {
      complain(std::string("the file cannot be read: ") + failure.what());
    }
    judge_folder(e);
  }

  static std::string what(const ending& e) {
    try {
      std::rethrow_exception(e.thrown);
    } catch (const std::exception& failure) {
      return failure.what();
    }
  }

  void judge_record() {
    raw_sqlite db(file_);
    for (const std::string& line : hewn::audit::verify(db)) complain("audit: " + line);
    std::size_t applies = 0;
    for (const hewn::audit::entry& entry : hewn::audit::entries(db)) {
      if (entry.event != "apply" || entry.outcome != "applied") {
        if (!entry.backup.empty()) complain("a backup of what was not applied is in the record");
        continue;
      }
      ++applies;
      if (!entry.backup.empty() && !std::filesystem::exists(entry.backup))
        complain("the backup of the record is not there");
    }
    const bool approved = !options_.approvals.empty();
    if (applies != (applied_ && approved ? 1 : 0)) complain("the record is not true");
    if (approved && hewn::audit::used(db, options_.approvals[0].nonce) != applied_)
      complain("the approval is used although nothing was applied, or the other way round");
    const hewn::schema::database part =
        hewn::part_of(db.introspect(), plan_->managed(), hewn::dialect::sqlite);
    if (hewn::fingerprint(part, hewn::dialect::sqlite) != (applied_ ? plan_->to() : plan_->from()))
      complain("the fingerprint is neither that before nor that after");
  }

  void judge_folder(const ending& e) {
    for (const std::string& name : folder_.files()) {
      const std::string path = folder_.path + "/" + name;
      if (name.ends_with(".backup")) {
        if (content_of(path) != before_ || !damage_of(path).empty())
          complain("the backup " + name + " is not what was there before");
        // Without a doubt about the outcome, it is kept only for what was applied.
        if (said_ && *said_ != hewn::errc::out_of_memory && hewn::detail::is_undone(*said_))
          complain("the backup " + name + " was kept although nothing was applied");
      } else if (name.find(".tmp") != name.npos && !e.died) {
        complain("left behind: " + name);
      }
    }
  }

  // Whoever comes next gets there, with the connection that failed if it is of use.
  void go_on() {
    try {
      if (!connection_) connection_.emplace(file_, write_ahead_);
      hewn::sync_options again = options_;
      if (applied_) again.approvals.clear();
      if (applied_) {
        raw_sqlite db(file_);
        if (!hewn::make_plan(db, plan_->wanted()).empty()) complain("a plan is left to do");
      } else {
        connection_->apply(*plan_, again);
      }
      connection_.reset();
      if (content_of(file_) != after_) complain("the next apply does not get there");
    } catch (const std::exception& failure) {
      complain(std::string("the next apply fails: ") + failure.what());
      connection_.reset();
    }
    for (const std::string& name : folder_.files())
      if (name.find(".tmp") != name.npos || name == "app.db-journal" || name == "app.db-wal")
        complain("left behind for ever: " + name);
  }

  temporary_folder folder_;
  std::string file_;
  bool write_ahead_;
  std::optional<hewn::plan> plan_;
  hewn::sync_options options_;
  std::vector<std::string> before_;
  std::vector<std::string> after_;
  std::optional<Connection> connection_;
  std::optional<hewn::errc> said_;
  bool applied_ = false;
  std::vector<std::string> problems_;
};

}  // namespace support
