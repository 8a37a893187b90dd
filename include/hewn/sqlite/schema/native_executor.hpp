// hewn/sqlite/schema/native_executor.hpp - a bare SQLite handle as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/commit_in_doubt.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sqlite/client/named_functions.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/setting.hpp>
#include <hewn/sqlite/copy/backup.hpp>
#include <hewn/sqlite/copy/copy_progress.hpp>
#include <hewn/sqlite/failure/errors.hpp>
#include <hewn/sqlite/schema/conversion.hpp>
#include <hewn/sqlite/schema/introspect.hpp>
#include <hewn/sqlite/schema/move_settings.hpp>
#include <hewn/sqlite/schema/recording_trigger.hpp>
#include <hewn/sqlite/schema/rehearse.hpp>
#include <hewn/sqlite/schema/sample_rows.hpp>
#include <hewn/sqlite/schema/scratch.hpp>
#include <hewn/sqlite/schema/statistics.hpp>
#include <hewn/sqlite/schema/validate.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/step.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

/// What sync needs of a connection that the program has opened itself. Lifetime: the handle must
/// outlive it, and stays the program's.
class native_executor : public hewn::schema_executor {
 public:
  explicit native_executor(sqlite3* db) : db_(db) {}

  sqlite3* native() const { return db_; }

  hewn::dialect dialect() const override { return hewn::dialect::sqlite; }
  int version() const override { return sqlite3_libversion_number(); }

  schema::database introspect() override { return sqlite::introspect(db_); }
  schema::database normalise(const schema::database& wanted) override {
    return sqlite::normalise(wanted, db_);
  }
  rehearsal rehearse(const schema::database& live, const std::vector<step>& steps) override {
    return sqlite::rehearse(db_, live, steps);
  }

  // Declared inline: otherwise it would be what the compiler takes to be at home in every file that
  // includes this one, and the whole class would be compiled there, used or not.
  inline std::unique_ptr<hewn::schema_executor> with_samples(const schema::database& live,
                                                             bool rows) override;

  void execute(std::string_view sql) override {
    const detail::lenient_renaming lenient(db_, sql);
    detail::run(db_, sql);
  }

  /// Runs a statement that copies the rows of `table`, and reports its progress.
  void copy(std::string_view table, std::string_view sql) override {
    if (!progress_) return execute(sql);
    const detail::copy_progress watch(db_, table, progress_);
    try {
      execute(sql);
    } catch (const error&) {
      watch.rethrow();
      throw;
    }
    watch.finish(sqlite3_changes64(db_));
  }

  /// The connection has one progress handler, so during a copy that is watched the program's own is
  /// replaced, and afterwards there is none.
  copy_hook watch_copies(copy_hook hook) override {
    return std::exchange(progress_, std::move(hook));
  }

  std::vector<text_row> query(std::string_view sql, const text_row& parameters = {}) override {
    detail::native_query q(db_, sql);
    for (std::size_t i = 0; i != parameters.size(); ++i)
      q.bind(static_cast<int>(i) + 1, parameters[i]);
    std::vector<text_row> out;
    while (q.step()) {
      text_row& row = out.emplace_back();
      for (int i = 0; i != q.columns(); ++i) row.push_back(q.text_or_null(i));
    }
    return out;
  }

  conversion count_conversion(std::string_view source, std::string_view expression,
                              std::string_view key, std::string_view type) override {
    return sqlite::count_conversion(db_, source, expression, key, type);
  }

  std::vector<std::string> broken_references() override { return sqlite::broken_references(db_); }
  std::vector<std::string> broken_objects() override { return sqlite::broken_objects(db_); }
  std::vector<std::string> unreadable_objects() override { return sqlite::unreadable_objects(db_); }

  std::string recording_trigger() override { return detail::recording_trigger(db_); }

  std::vector<std::string> temporary_objects(std::string_view table) override {
    std::vector<std::string> out;
    for (const schema::source& s : sqlite::temporary_sources(db_))
      if (hewn::detail::same_word(s.table, table) ||
          hewn::detail::mentions(s.sql, table, hewn::dialect::sqlite))
        out.push_back(hewn::detail::concat({s.kind, " ", s.name}));
    return out;
  }

  void transaction(const apply_scope& scope, const std::function<void()>& body) override {
    const nesting depth(nested_, sqlite3_get_autocommit(db_) == 0);
    if (!scope.moves_rows) return hold_lock(body);
    release_statements();
    const detail::move_settings settings(db_);
    hold_lock([&] {
      const detail::statistics before(db_);
      body();
      before.renew();
    });
  }

  std::string backup(std::string_view folder, std::string_view label) override {
    return sqlite::backup(db_, folder, label, nested_ ? backup_view::own : backup_view::committed);
  }

  void call_out(const std::function<void()>& callback) override {
    const std::int64_t before = sqlite3_total_changes64(db_);
    const bool in_transaction = sqlite3_get_autocommit(db_) == 0;
    callback();
    if (in_transaction && sqlite3_get_autocommit(db_) != 0) fail_ended();
    if (sqlite3_total_changes64(db_) != before)
      throw error(
          errc::usage,
          "hewn: a callback wrote on the connection that called it, so nothing was applied; "
          "use another connection there");
  }

  void discard_backup(const std::string& file) noexcept override { sqlite::discard_backup(file); }

 protected:
  /// Lets go of prepared statements before rows are moved.
  virtual void release_statements() {}

  /// `body` in a transaction that writes from the start, or in a savepoint of the one that is open.
  virtual void hold_lock(const std::function<void()>& body) {
    const bool outermost = sqlite3_get_autocommit(db_) != 0;
    detail::run(db_, outermost ? "BEGIN IMMEDIATE" : "SAVEPOINT hewn_sync");
    try {
      body();
      // Nothing is committed that SQLite has rolled back meanwhile.
      if (sqlite3_get_autocommit(db_) != 0) fail_ended();
      if (outermost)
        commit();
      else
        detail::run(db_, "RELEASE hewn_sync");
    } catch (const error& failure) {
      // Whoever is in doubt is told to open the database again anyway.
      if (!undo(outermost) && failure.code() != errc::commit_in_doubt) fail_stuck();
      throw;
    } catch (...) {
      if (!undo(outermost)) fail_stuck();
      throw;
    }
  }

 private:
  // Whether transaction() began in one that was open.
  struct nesting {
    nesting(bool& nested, bool now) : nested_(nested), before_(std::exchange(nested, now)) {}
    nesting(const nesting&) = delete;
    nesting& operator=(const nesting&) = delete;
    ~nesting() { nested_ = before_; }
    bool& nested_;
    bool before_;
  };

  [[noreturn]] HEWN_COLD static void fail_ended() {
    throw error(errc::transaction_aborted,
                "hewn: the transaction of the schema change was ended from within; leave it to the "
                "caller");
  }

  [[noreturn]] HEWN_COLD static void fail_stuck() {
    throw error(errc::connection_lost,
                "hewn: a rollback failed and the connection is still in its transaction; open the "
                "database again");
  }

  void commit() {
    const bool write_ahead = detail::first_text(db_, "PRAGMA main.journal_mode") == "wal";
    try {
      detail::run(db_, "COMMIT");
    } catch (const error& failure) {
      if (write_ahead && leaves_commit_in_doubt(failure.code()))
        throw hewn::detail::commit_in_doubt(failure);
      throw;
    }
  }

  // Errors are passed over: the first one says why, and SQLite may have rolled back by itself.
  // Returns whether nothing of `body` is left.
  bool undo(bool outermost) noexcept {
    if (sqlite3_get_autocommit(db_) != 0) return true;
    const auto try_to = [this](const char* sql) {
      return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
    };
    if (!outermost && try_to("ROLLBACK TO hewn_sync") && try_to("RELEASE hewn_sync")) return true;
    // Twice, because an interrupt meant for a statement of the transaction may hit the first.
    return try_to("ROLLBACK") || try_to("ROLLBACK");
  }

  sqlite3* db_;
  copy_hook progress_;
  bool nested_ = false;
};

namespace detail {

/// First, so that the database is there before the executor and closed after it.
struct scratch_holder {
  sqlite::scratch scratch;
};

/// What native_executor::with_samples returns.
class sample_executor final : scratch_holder, public native_executor {
 public:
  sample_executor(sqlite3* like, const schema::database& live, bool rows)
      : native_executor(scratch.native()) {
    lend_names(like, native());
    make_with_samples(native(), live, rows);
  }
};

}  // namespace detail

inline std::unique_ptr<hewn::schema_executor> native_executor::with_samples(
    const schema::database& live, bool rows) {
  return std::unique_ptr<hewn::schema_executor>(new detail::sample_executor(db_, live, rows));
}

}  // namespace hewn::sqlite
