// hewn/any/client/statement.hpp - a prepared statement of either database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/db/values/kept_texts.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/postgres/client/statement.hpp>
#include <hewn/sqlite/client/driver.hpp>
#include <hewn/sqlite/client/statement.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hewn::any {

/// Forwards everything; one test of which database it is per call.
class statement {
  // First, because the types that they return are deduced.
  // Not std::visit, whose table of functions keeps the compiler from looking inside.
  template <class Action>
  decltype(auto) call(Action action) {
    if (auto* s = std::get_if<sqlite::statement>(&held_)) return action(*s);
    return action(*std::get_if<postgres::statement>(&held_));
  }
  template <class Action>
  decltype(auto) call(Action action) const {
    if (const auto* s = std::get_if<sqlite::statement>(&held_)) return action(*s);
    return action(*std::get_if<postgres::statement>(&held_));
  }

 public:
  using either = std::variant<sqlite::statement, postgres::statement>;

  statement() = default;
  explicit statement(sqlite::statement&& s) : held_(std::move(s)) {}
  explicit statement(postgres::statement&& s) : held_(std::move(s)) {}

  explicit operator bool() const noexcept {
    return call([](const auto& s) { return static_cast<bool>(s); });
  }

  /// What `action` does with the statement of the database that it is.
  template <class Action>
  decltype(auto) visit(Action action) {
    return call(action);
  }

  // ---- parameters

  void bind_null(int i) {
    call([&](auto& s) { s.bind_null(i); });
  }
  template <class... Value>
  void bind(int i, const Value&... value) {
    call([&](auto& s) { s.bind(i, value...); });
  }
  void bind_list(int i, std::string_view json) {
    if (auto* s = std::get_if<sqlite::statement>(&held_))
      s->bind_list(i, json, true);
    else
      std::get<postgres::statement>(held_).bind_list(i, json);
  }
  void bind_array_text(int i, std::string_view json) {
    if (auto* s = std::get_if<sqlite::statement>(&held_))
      s->bind(i, json, true);
    else
      std::get<postgres::statement>(held_).bind_array_text(i, json);
  }
  void keep_texts(hewn::detail::owner<const hewn::detail::kept_texts> kept) noexcept {
    if (auto* s = std::get_if<sqlite::statement>(&held_)) s->keep_texts(std::move(kept));
  }
  const hewn::detail::kept_texts* kept_texts() const noexcept {
    const auto* const s = std::get_if<sqlite::statement>(&held_);
    return s != nullptr ? s->kept_texts() : nullptr;
  }
  void refuse(int i, value_problem problem) noexcept {
    call([&](auto& s) { s.refuse(i, problem); });
  }
  value_problem problem() const noexcept {
    return call([](const auto& s) { return s.problem(); });
  }
  int problem_index() const noexcept {
    return call([](const auto& s) { return s.problem_index(); });
  }
  void clear_problem() noexcept {
    call([](auto& s) { s.clear_problem(); });
  }
  bool fail(value_problem problem) noexcept {
    return call([&](auto& s) { return s.fail(problem); });
  }

  // ---- execution

  step_result step() noexcept {
    return call([](auto& s) { return s.step(); });
  }
  int code() const noexcept {
    return call([](const auto& s) { return s.code(); });
  }
  void reset() noexcept {
    call([](auto& s) { s.reset(); });
  }
  void rewind() noexcept {
    call([](auto& s) { s.rewind(); });
  }
  /// SQLite's rows come one by one anyway.
  void stream() noexcept {
    if (auto* s = std::get_if<postgres::statement>(&held_)) s->stream();
  }
  std::size_t row_count() const noexcept {
    const auto* const s = std::get_if<postgres::statement>(&held_);
    return s != nullptr ? s->row_count() : 0;
  }

  // ---- PostgreSQL's ways for many rows, used where it is that; see any/client/bulk_buffers.hpp

  const sqlite::statement& as_sqlite() const noexcept {
    return *std::get_if<sqlite::statement>(&held_);
  }
  postgres::statement& as_postgres() noexcept { return *std::get_if<postgres::statement>(&held_); }
  const postgres::statement& as_postgres() const noexcept {
    return *std::get_if<postgres::statement>(&held_);
  }
  void bind_raw(int i, std::string_view bytes) { as_postgres().bind_raw(i, bytes); }
  void keep_raw(int i, std::string_view bytes) { as_postgres().keep_raw(i, bytes); }
  step_result check_types(std::string (*query)(),
                          const postgres::detail::parameters& encoded) noexcept {
    return as_postgres().check_types(query, encoded);
  }
  int renew() { return as_postgres().renew(); }
  bool may_take(int i, column_type t) const noexcept { return as_postgres().may_take(i, t); }
  std::string_view parameter_type(int i) const noexcept { return as_postgres().parameter_type(i); }
  bool may_be_narrow(int i) const noexcept { return as_postgres().may_be_narrow(i); }
  void keep_values(int i, const table_info& table, const column_info& column, int modifier) {
    as_postgres().keep_values(i, table, column, modifier);
  }
  const auto& parameter_types() const noexcept { return as_postgres().parameter_types(); }
  const auto& narrow_columns() const noexcept { return as_postgres().narrow_columns(); }
  void show_first_row() noexcept { as_postgres().show_first_row(); }

  // ---- what is known of it

  bool read_only() const noexcept {
    return call([](const auto& s) { return s.read_only(); });
  }
  int parameter_count() const noexcept {
    return call([](const auto& s) { return s.parameter_count(); });
  }
  int column_count() const noexcept {
    return call([](const auto& s) { return s.column_count(); });
  }
  std::string_view column_name(int i) const noexcept {
    return call([&](const auto& s) { return s.column_name(i); });
  }
  std::string_view declared_type(int i) const noexcept {
    return call([&](const auto& s) { return s.declared_type(i); });
  }
  std::vector<bool> columns_with_null() {
    return call([](auto& s) { return s.columns_with_null(); });
  }
  std::string value_limit() const {
    return call([](const auto& s) { return s.value_limit(); });
  }
  int reprepared() const noexcept {
    return call([](const auto& s) { return s.reprepared(); });
  }
  bool may_hold(std::string_view declared, column_type t) const {
    return std::holds_alternative<sqlite::statement>(held_)
               ? sqlite::driver::may_hold(declared, t)
               : postgres::driver::may_hold(declared, t);
  }

  // ---- the current row

  bool is_null(int i) const noexcept {
    return call([&](const auto& s) { return s.is_null(i); });
  }
  template <class T>
  bool read(int i, T& out) {
    return call([&](auto& s) { return s.read(i, out); });
  }

 private:
  either held_;
};

}  // namespace hewn::any
