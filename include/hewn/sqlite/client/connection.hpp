// hewn/sqlite/client/connection.hpp - one open SQLite database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/connection/change_watch.hpp>
#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/read/failed_statement.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/sqlite/client/busy_wait.hpp>
#include <hewn/sqlite/client/session_text.hpp>
#include <hewn/sqlite/client/statement.hpp>
#include <hewn/sqlite/client/write_guard.hpp>
#include <hewn/sqlite/failure/bound_values.hpp>
#include <hewn/sqlite/failure/errors.hpp>

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

namespace detail {

/// Whom a failed statement asks for its constraint: find_constraint, once a database is open.
inline constinit std::atomic<void (*)(sqlite3*, sqlite3_stmt*, error_details&)> constraint_finder{
    nullptr};

}  // namespace detail

/// Stops what runs on a connection, from any thread. Lifetime: within that of the connection.
class interrupter {
 public:
  explicit interrupter(sqlite3* handle) noexcept : handle_(handle) {}
  void interrupt() const noexcept { sqlite3_interrupt(handle_); }

 private:
  sqlite3* handle_;
};

/// Owns a `sqlite3`. Closing is immediate: every statement must have been finalised.
class connection {
 public:
  explicit connection(sqlite3* handle) noexcept : handle_(handle) {}
  connection(connection&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)),
        clock_(other.clock_),
        write_ahead_(other.write_ahead_),
        traces_(other.traces_),
        waits_(other.waits_),
        definitions_(other.definitions_),
        wait_(std::move(other.wait_)),
        guard_(std::move(other.guard_)),
        watch_(std::move(other.watch_)) {}
  connection& operator=(connection&&) = delete;
  ~connection() { sqlite3_close(handle_); }

  sqlite3* native() const noexcept { return handle_; }

  /// How often this connection may have changed tables and their triggers, from 1 on. SQLite tells
  /// of that only when it has run the next statement.
  unsigned definitions() const noexcept { return definitions_; }
  void definitions_changed() noexcept { ++definitions_; }

  /// Whether the statement changes tables or their triggers as definitions() counts them when it is
  /// prepared, so that it is to be prepared for each time that it runs.
  HEWN_RARE static bool defines(std::string_view sql) noexcept;

  /// 0, or the result code; describe() then says more.
  HEWN_RARE int prepare(std::string_view sql, statement& out) noexcept;

  /// Runs every statement of a script; 0, or the result code of the first that failed.
  /// `in_transaction`: in a transaction of somebody else, which the script must leave alone. When
  /// that is over all the same, nothing more of it is run.
  HEWN_RARE int execute(std::string_view script, bool in_transaction) noexcept;

  /// Adds what is found out of a failure while the statement still has its values.
  HEWN_RARE void find_cause(error_details& d, const statement& failed) const;

  /// The error for a result code that was just returned.
  HEWN_RARE error_details describe(int code, std::string_view sql = {}) const;

  /// The columns of a table, generated ones included; empty when there is no such table.
  HEWN_RARE std::vector<std::string> column_names(std::string_view table);

  sqlite::interrupter interrupter() const noexcept { return sqlite::interrupter(handle_); }

  bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }
  std::int64_t last_insert_key() const noexcept { return sqlite3_last_insert_rowid(handle_); }
  std::int64_t changes() const noexcept { return sqlite3_changes64(handle_); }
  /// Since the connection was opened, those by triggers and foreign keys included.
  std::int64_t total_changes() const noexcept { return sqlite3_total_changes64(handle_); }

  /// Whether something was run that the connection keeps until it is closed: a setting, an attached
  /// database, a temporary table.
  bool has_traces() const noexcept { return traces_; }
  void forget_traces() noexcept { traces_ = false; }

  bool read_only() const noexcept { return sqlite3_db_readonly(handle_, "main") == 1; }

  /// Whether the main database keeps a write-ahead log.
  bool write_ahead() const noexcept { return write_ahead_; }
  void set_write_ahead(bool on) noexcept { write_ahead_ = on; }

  /// Who is told of changes; nullptr: nobody listens.
  hewn::detail::change_watch* watch() const noexcept { return watch_.get(); }
  void set_watch(hewn::detail::owner<hewn::detail::change_watch> w) noexcept {
    watch_ = std::move(w);
  }

  /// From now on a write is refused that SQLite would prepare anew where `is_unseen(context,
  /// table)`.
  void guard_writes(write_guard::question is_unseen, const void* context) {
    if (!read_only()) guard_.reset(new write_guard(handle_, is_unseen, context));
  }
  /// Whether one was refused since the last call.
  bool take_refusal() noexcept { return guard_ && guard_->take_refusal(); }
  /// Which an authorizer in its place must ask first; nullptr: there is none.
  write_guard* guard() const noexcept { return guard_.get(); }

  /// The clock of created<> and updated<> columns.
  timestamp now() const noexcept { return clock_(); }
  void set_clock(timestamp (*clock)()) noexcept { clock_ = clock; }

  /// Installs the wait for locks. It replaces whatever `PRAGMA busy_timeout` has set.
  void wait_for_locks(busy_wait wait);

  /// Installs that wait once more, where there is one.
  void wait_as_before() noexcept {
    if (!wait_) return;
    sqlite3_busy_handler(handle_, &busy_wait::wait, wait_.get());
    waits_ = true;
  }

  /// Whether that wait is installed, and no statement has put another one in its place. SQLite does
  /// not tell.
  bool waits_for_locks() const noexcept { return waits_; }

 private:
  static constexpr int not_one_statement = -1;
  static constexpr int has_nul = -2;
  static constexpr int controls_in_script = -3;
  // SQLite counts the bytes of a text in an int.
  static constexpr std::size_t longest_text = 0x7fffffff;

  // What the message has of the values of the statement.
  HEWN_RARE void hold_values_back(error_details& d, const statement& failed) const;

  // The statement of a script is gone before its failure is described.
  HEWN_RARE int failed_in_script(int code, const statement& failed) const noexcept;

  int extended(int code) const noexcept;

  // Of a text, or of a value that the database has put together.
  HEWN_RARE error_details describe_too_big(std::string_view sql) const;

  void note_traces(bool any, std::string_view sql) noexcept {
    if (!any) return;
    traces_ = true;
    if (waits_ && detail::replaces_wait(sql)) waits_ = false;
  }

  // Whether anything but white space, comments and semicolons follows.
  static bool has_more(const char* tail, const char* end) noexcept;

  static timestamp system_time() noexcept {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }

  sqlite3* handle_;
  timestamp (*clock_)() = &system_time;
  bool write_ahead_ = false;
  bool traces_ = false;
  bool waits_ = false;
  unsigned definitions_ = 1;
  // At fixed addresses, because SQLite keeps pointers to them.
  hewn::detail::owner<busy_wait> wait_;
  hewn::detail::owner<write_guard> guard_;
  mutable hewn::detail::owner<error_details> described_;
  hewn::detail::owner<hewn::detail::change_watch> watch_;
};

}  // namespace hewn::sqlite

#if HEWN_DEFINES_SQLITE

namespace hewn::sqlite {

HEWN_API int connection::prepare(std::string_view sql, statement& out) noexcept {
  if (sql.size() > longest_text) return SQLITE_TOOBIG;
  note_traces(detail::leaves_traces(sql), sql);
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  if (guard_) guard_->pause(true);
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, &tail);
  if (guard_) guard_->pause(false);
  out = statement(prepared);
  if (code != SQLITE_OK) return extended(code);
  if (prepared != nullptr && defines(sql)) ++definitions_;
  // Nothing but a comment, or a second statement that would never run.
  if (prepared == nullptr || has_more(tail, sql.data() + sql.size())) return not_one_statement;
  return 0;
}

HEWN_API int connection::execute(std::string_view script, bool in_transaction) noexcept {
  if (script.size() >= longest_text) return SQLITE_TOOBIG;
  if (script.find('\0') != script.npos) return has_nul;
  ++definitions_;
  note_traces(detail::script_leaves_traces(script), script);
  // Of a text without a NUL at its end SQLite copies all that is left for each statement.
  const struct copied {
    char* text;
    ~copied() { sqlite3_free(text); }
  } copy{static_cast<char*>(sqlite3_malloc64(script.size() + 1))};
  if (copy.text == nullptr) return SQLITE_NOMEM;
  script.copy(copy.text, script.size());
  copy.text[script.size()] = '\0';
  described_.reset();
  const char* at = copy.text;
  const char* const end = at + script.size();
  while (at < end) {
    sqlite3_stmt* raw = nullptr;
    const char* tail = end;
    const int size = static_cast<int>(end - at) + 1;
    const int code = sqlite3_prepare_v3(handle_, at, size, 0, &raw, &tail);
    const statement prepared(raw);
    if (code != SQLITE_OK) return extended(code);
    if (raw != nullptr) {
      const std::string_view own(at, static_cast<std::size_t>(tail - at));
      if (in_transaction && hewn::detail::controls_transaction(own, dialect::sqlite))
        return controls_in_script;
      if (watch_) watch_->statement_begins();
      int stepped = SQLITE_ROW;
      while (stepped == SQLITE_ROW) stepped = sqlite3_step(raw);
      if (watch_) stepped == SQLITE_DONE ? watch_->statement_ended() : watch_->statement_failed();
      if (stepped != SQLITE_DONE) return failed_in_script(extended(stepped), prepared);
      if (in_transaction && sqlite3_get_autocommit(handle_) != 0) return 0;
    }
    at = tail;
  }
  return 0;
}

HEWN_API void connection::find_cause(error_details& d, const statement& failed) const {
  hold_values_back(d, failed);
  const auto find = detail::constraint_finder.load(std::memory_order_relaxed);
  const bool of_constraint =
      d.code == errc::foreign_key || d.code == errc::conflict || d.code == errc::check;
  if (of_constraint && find != nullptr) find(handle_, failed.native(), d);
}

HEWN_API void connection::hold_values_back(error_details& d, const statement& failed) const {
  const bool raised = d.native == SQLITE_CONSTRAINT_TRIGGER;
  if ((d.native & 0xff) != SQLITE_ERROR && !raised) return;
  std::string message = sqlite3_errmsg(handle_);
  if (!raised) message = without_values(message, sqlite3_sql(failed.native()));
  const std::string shown = detail::without_bound_values(message, failed.native());
  if (shown == message || (raised && detail::is_sentence_of_schema(handle_, message))) return;
  error_details other = sqlite::describe(d.native, shown);
  d.message = std::move(other.message);
  d.table = std::move(other.table);
  d.column = std::move(other.column);
  d.constraint = std::move(other.constraint);
}

HEWN_API error_details connection::describe(int code, std::string_view sql) const {
  if (described_) return std::move(*hewn::detail::owner(std::move(described_)));
  if (code == not_one_statement) {
    error_details d;
    d.code = errc::usage;
    d.message = "hewn: the text is not exactly one statement; use script() for several";
    return d;
  }
  if (code == has_nul) {
    error_details d;
    d.code = errc::usage;
    d.message = "hewn: the script contains a NUL character; remove it";
    return d;
  }
  if (code == controls_in_script) {
    error_details d;
    d.code = errc::usage;
    d.message = hewn::detail::controls_in_script;
    return d;
  }
  if (code == SQLITE_TOOBIG) return describe_too_big(sql);
  const char* const message = sqlite3_errmsg(handle_);
  // Of a constraint SQLite quotes its own declaration.
  error_details d = (code & 0xff) == SQLITE_CONSTRAINT
                        ? sqlite::describe(code, message)
                        : sqlite::describe(code, without_values(message, sql));
  if (d.code == errc::not_null) hewn::detail::describe_null_set_off(d, sql);
  if (code == SQLITE_ERROR && std::string_view(message) == "integer overflow") {
    d.code = errc::invalid_data;
    d.message = hewn::detail::integer_overflow;
  }
  if (code == SQLITE_ERROR && std::string_view(message).starts_with("ON CONFLICT clause does not"))
    hewn::detail::describe_unmatched_upsert(d, sql);
  if (code == SQLITE_READONLY_DIRECTORY) {
    const char* const file = sqlite3_db_filename(handle_, "main");
    d.message =
        hewn::detail::concat({"hewn: ", (file != nullptr && *file ? file : "the database"), " "});
    d.message += detail::unwritable_folder;
  }
  if (d.code == errc::busy && wait_)
    d.message =
        hewn::detail::concat({"hewn: the database is locked by another connection for more than ",
                              std::to_string(wait_->timeout.count()),
                              " ms; run the transaction again, or raise busy_timeout"});
  return d;
}

HEWN_API error_details connection::describe_too_big(std::string_view sql) const {
  const int most = sqlite3_limit(handle_, SQLITE_LIMIT_SQL_LENGTH, -1);
  const bool text = sql.size() > static_cast<std::size_t>(most);
  error_details d;
  d.native = SQLITE_TOOBIG;
  d.code = text ? errc::usage : errc::invalid_data;
  d.message = text ? hewn::detail::concat(
                         {"hewn: the SQL text is longer than SQLite takes, ", std::to_string(most),
                          " bytes (SQLITE_LIMIT_SQL_LENGTH); bind its values, or split it"})
                   : hewn::detail::concat(
                         {"hewn: a value or row would be larger than SQLite takes, ",
                          std::to_string(sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, -1)),
                          " bytes (SQLITE_LIMIT_LENGTH); shorten it, or store it in parts"});
  return d;
}

HEWN_API std::vector<std::string> connection::column_names(std::string_view table) {
  std::vector<std::string> names;
  statement columns;
  if (prepare("SELECT name FROM pragma_table_xinfo(?)", columns) != 0) return names;
  columns.bind(1, table, false);
  while (columns.step() == step_result::row) columns.read(0, names.emplace_back());
  return names;
}

HEWN_API void connection::wait_for_locks(busy_wait wait) {
  wait.random = reinterpret_cast<std::uintptr_t>(handle_);
  wait_.reset(new busy_wait(wait));
  wait_as_before();
}

HEWN_API int connection::failed_in_script(int code, const statement& failed) const noexcept {
  if ((code & 0xff) != SQLITE_CONSTRAINT) return code;
  try {
    error_details d = describe(code);
    find_cause(d, failed);
    described_.reset(new error_details(std::move(d)));
  } catch (...) {
    // Out of memory; SQLite's own words have to do.
  }
  return code;
}

HEWN_API int connection::extended(int code) const noexcept {
  const int more = sqlite3_extended_errcode(handle_);
  return (more & 0xff) == (code & 0xff) ? more : code;
}

HEWN_API bool connection::defines(std::string_view sql) noexcept {
  sql = hewn::detail::skip_comments(sql, hewn::dialect::sqlite);
  const auto begins = [&](std::string_view word) {
    return hewn::detail::same_word(sql.substr(0, word.size()), word);
  };
  return begins("CREATE") || begins("ALTER") || begins("DROP");
}

HEWN_API bool connection::has_more(const char* tail, const char* end) noexcept {
  const std::string_view rest(tail, static_cast<std::size_t>(end - tail));
  return !hewn::detail::skip_blanks(rest, dialect::sqlite).empty();
}

}  // namespace hewn::sqlite

#endif
