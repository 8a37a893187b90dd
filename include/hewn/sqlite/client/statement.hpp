// hewn/sqlite/client/statement.hpp - one prepared SQLite statement.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: bind*, step until it does not return a row, reset. Reading is legal between a step
// that returned a row and the next step or reset.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/db/values/exact_real.hpp>
#include <hewn/db/values/kept_problem.hpp>
#include <hewn/db/values/kept_texts.hpp>
#include <hewn/dialect/text/number_text.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/schema/uuid_text.hpp>
#include <hewn/sqlite/client/build.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

/// Owns a `sqlite3_stmt`. Binding and reading are noexcept: what does not fit is kept as its
/// problem.
class statement : public hewn::detail::kept_problem {
 public:
  statement() = default;
  explicit statement(sqlite3_stmt* handle) noexcept : handle_(handle) {}
  statement(statement&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), kept_(std::move(other.kept_)) {}
  statement& operator=(statement&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(kept_, other.kept_);
    return *this;
  }
  ~statement() { sqlite3_finalize(handle_); }

  explicit operator bool() const noexcept { return handle_ != nullptr; }
  sqlite3_stmt* native() const noexcept { return handle_; }

  // ---- parameters; `i` counts from 1

  void bind_null(int i) noexcept { note(i, sqlite3_bind_null(handle_, i)); }
  void bind(int i, std::int64_t v) noexcept { note(i, sqlite3_bind_int64(handle_, i, v)); }
  void bind(int i, bool v) noexcept { note(i, sqlite3_bind_int(handle_, i, v ? 1 : 0)); }

  void bind(int i, double v) noexcept {
    // SQLite stores NaN as NULL without a word.
    if (v != v) [[unlikely]]
      return refuse(i, value_problem::not_a_number);
    note(i, sqlite3_bind_double(handle_, i, v));
  }

  /// Lifetime: the text must outlive the execution, unless `copy`.
  void bind(int i, std::string_view v, bool copy) noexcept {
    if (kept_) [[unlikely]]
      return bind_kept(i, v, copy);
    bind_text(i, v, copy);
  }

  void bind(int i, bytes_view v, bool copy) noexcept {
    if (v.empty()) return note(i, sqlite3_bind_zeroblob(handle_, i, 0));
    note(i, sqlite3_bind_blob64(handle_, i, v.data(), v.size(),
                                copy ? SQLITE_TRANSIENT : SQLITE_STATIC));
  }

  void bind(int i, timestamp v) noexcept { bind_time(i, to_text(v)); }
  void bind(int i, date v) noexcept { bind_time(i, to_text(v)); }

  void bind(int i, const uuid_bytes& v) noexcept {
    const auto text = to_text(v);
    bind(i, std::string_view(text.data(), text.size()), true);
  }

  /// The values of an IN list, as JSON.
  void bind_list(int i, std::string_view json, bool copy) {
    if (kept_ && kept_->has(i) && hewn::detail::lists_number_text(json)) [[unlikely]]
      return refuse(i, value_problem::becomes_number);
    bind(i, json, copy);
  }

  /// From now on texts that look like numbers are refused where they must not become some.
  void keep_texts(hewn::detail::owner<const hewn::detail::kept_texts> kept) noexcept {
    kept_ = std::move(kept);
  }
  const hewn::detail::kept_texts* kept_texts() const noexcept { return kept_.get(); }

  // ---- execution

  step_result step() noexcept {
    code_ = sqlite3_step(handle_);
    if (code_ == SQLITE_ROW) return step_result::row;
    return code_ == SQLITE_DONE ? step_result::done : step_result::failed;
  }

  /// The result code of the last step.
  int code() const noexcept { return code_; }

  /// Ends the execution and forgets every bound value.
  void reset() noexcept {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
    clear_problem();
  }

  /// Ends the execution and keeps the bound values, for one execution per row of a bulk insert.
  void rewind() noexcept { sqlite3_reset(handle_); }

  /// The limit that value_problem::too_big is about, in words.
  HEWN_COLD std::string value_limit() const {
    return hewn::detail::concat(
        {"SQLite's limit is ",
         std::to_string(sqlite3_limit(sqlite3_db_handle(handle_), SQLITE_LIMIT_LENGTH, -1)),
         " bytes, SQLITE_LIMIT_LENGTH"});
  }

  bool read_only() const noexcept { return sqlite3_stmt_readonly(handle_) != 0; }
  int parameter_count() const noexcept { return sqlite3_bind_parameter_count(handle_); }
  int column_count() const noexcept { return sqlite3_column_count(handle_); }
  std::string_view column_name(int i) const noexcept {
    const char* name = sqlite3_column_name(handle_, i);
    return name ? name : "";
  }
  /// The declared type of the table column behind result column `i`; empty for an expression.
  std::string_view declared_type(int i) const noexcept {
    const char* type = detail::declared_type(handle_, i);
    return type ? type : "";
  }
  /// Whether each result column is a column of a table that takes NULL; false: not, or not known.
  HEWN_COLD std::vector<bool> columns_with_null() const {
    std::vector<bool> null;
    for (int i = 0; i != column_count(); ++i) null.push_back(detail::takes_null(handle_, i));
    return null;
  }
  /// How often SQLite prepared the statement again because the schema changed.
  int reprepared() const noexcept {
    return sqlite3_stmt_status(handle_, SQLITE_STMTSTATUS_REPREPARE, 0);
  }

  // ---- columns of the current row; `i` counts from 0; false: see problem()
  //
  // One sqlite3_column_value per column and then sqlite3_value_*: the column functions look the
  // column up and enter the mutex each time. Legal because the connection is used by one thread
  // at a time (https://sqlite.org/c3ref/column_blob.html on unprotected values).

  bool is_null(int i) const noexcept { return type(i) == SQLITE_NULL; }

  bool read(int i, std::int64_t& out) noexcept {
    sqlite3_value* v = value(i);
    if (sqlite3_value_type(v) != SQLITE_INTEGER) [[unlikely]]
      return no_integer(v);
    out = sqlite3_value_int64(v);
    return true;
  }

  bool read(int i, bool& out) noexcept {
    std::int64_t stored = 0;
    if (!read(i, stored)) return false;
    if (stored != 0 && stored != 1) return fail(value_problem::out_of_range);
    out = stored == 1;
    return true;
  }

  bool read(int i, double& out) noexcept {
    sqlite3_value* v = value(i);
    if (sqlite3_value_type(v) != SQLITE_FLOAT) [[unlikely]]
      return read_integer_as_real(v, out);
    out = sqlite3_value_double(v);
    return true;
  }

  /// Lifetime: until the next step or reset.
  bool read(int i, std::string_view& out) noexcept {
    sqlite3_value* v = value(i);
    if (sqlite3_value_type(v) != SQLITE_TEXT) [[unlikely]]
      return wrong(v);
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(v));
    // SQLite converts UTF-16 databases here, and that can fail for want of memory.
    if (text == nullptr) [[unlikely]]
      return fail(value_problem::out_of_memory);
    out = {text, static_cast<std::size_t>(sqlite3_value_bytes(v))};
    return true;
  }

  bool read(int i, std::string& out) {
    std::string_view text;
    if (!read(i, text)) return false;
    out.assign(text.data(), text.size());
    return true;
  }

  /// Lifetime: until the next step or reset.
  bool read(int i, bytes_view& out) noexcept {
    sqlite3_value* v = value(i);
    if (sqlite3_value_type(v) != SQLITE_BLOB) [[unlikely]]
      return wrong(v);
    const auto* data = static_cast<const std::byte*>(sqlite3_value_blob(v));
    out = {data, static_cast<std::size_t>(sqlite3_value_bytes(v))};
    return true;
  }

  bool read(int i, timestamp& out) noexcept {
    sqlite3_value* v = value(i);
    if (sqlite3_value_type(v) == SQLITE_INTEGER) {  // seconds, as strftime('%s') and most tools
      const std::int64_t seconds = sqlite3_value_int64(v);
      if (seconds < -62'167'219'200 || seconds > 253'402'300'799)  // years 0000 to 9999
        return fail(value_problem::out_of_range);
      out = timestamp(std::chrono::seconds(seconds));
      return true;
    }
    return read_parsed(i, out, parse_timestamp);
  }

  bool read(int i, date& out) noexcept { return read_parsed(i, out, parse_date); }

  bool read(int i, uuid_bytes& out) noexcept {
    if (type(i) == SQLITE_BLOB) {  // sixteen raw bytes, as other programs store them
      bytes_view raw;
      read(i, raw);
      if (raw.size() != out.data.size()) return fail(value_problem::not_a_uuid);
      std::memcpy(out.data.data(), raw.data(), raw.size());
      return true;
    }
    std::string_view text;
    if (!read(i, text)) return false;
    const auto parsed = parse_uuid(text);
    if (!parsed) return fail(value_problem::not_a_uuid);
    out = *parsed;
    return true;
  }

 private:
  int type(int i) const noexcept { return sqlite3_value_type(value(i)); }
  sqlite3_value* value(int i) const noexcept { return sqlite3_column_value(handle_, i); }

  void note(int i, int code) noexcept {
    if (code != SQLITE_OK) [[unlikely]]
      refuse(i, code == SQLITE_TOOBIG  ? value_problem::too_big
                : code == SQLITE_RANGE ? value_problem::no_such_parameter
                                       : value_problem::out_of_memory);
  }

  void bind_text(int i, std::string_view v, bool copy) noexcept {
    // A null pointer would bind NULL, and an empty text is not NULL.
    note(i, sqlite3_bind_text64(handle_, i, v.data() ? v.data() : "", v.size(),
                                copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
  }

  HEWN_COLD void bind_kept(int i, std::string_view v, bool copy) noexcept {
    if (kept_->has(i) && hewn::detail::looks_like_number(v))
      return refuse(i, value_problem::becomes_number);
    bind_text(i, v, copy);
  }

  void bind_time(int i, const time_text& text) noexcept {
    if (text.size == 0) return refuse(i, value_problem::no_such_time);
    bind(i, text.view(), true);
  }

  template <class T>
  bool read_parsed(int i, T& out, std::optional<T> (*parse)(std::string_view)) noexcept {
    std::string_view text;
    if (!read(i, text)) return false;
    const std::optional<T> parsed = parse(text);
    if (!parsed) return fail(value_problem::not_a_time);
    out = *parsed;
    return true;
  }

  HEWN_COLD bool wrong(sqlite3_value* v) noexcept {
    switch (sqlite3_value_type(v)) {
      case SQLITE_NULL:
        return fail(value_problem::is_null);
      case SQLITE_INTEGER:
        return fail(value_problem::is_integer);
      case SQLITE_FLOAT:
        return fail(value_problem::is_real);
      case SQLITE_TEXT:
        return fail(value_problem::is_text);
      default:
        return fail(value_problem::is_blob);
    }
  }

  // SQLite goes on with a real number where integers have no room.
  HEWN_COLD bool no_integer(sqlite3_value* v) noexcept {
    constexpr double limit = 9223372036854775808.0;
    if (sqlite3_value_type(v) != SQLITE_FLOAT) return wrong(v);
    const double real = sqlite3_value_double(v);
    return fail(real >= limit || real <= -limit ? value_problem::overflows
                                                : value_problem::is_real);
  }

  // A column of NUMERIC affinity stores 2.0 as the integer 2; that is no other value.
  HEWN_COLD bool read_integer_as_real(sqlite3_value* v, double& out) noexcept {
    if (sqlite3_value_type(v) != SQLITE_INTEGER) return wrong(v);
    return hewn::detail::exact_real(sqlite3_value_int64(v), out) ||
           fail(value_problem::out_of_range);
  }

  sqlite3_stmt* handle_ = nullptr;
  hewn::detail::owner<const hewn::detail::kept_texts> kept_;  // nullptr: there are none
  int code_ = SQLITE_OK;
};

}  // namespace hewn::sqlite
