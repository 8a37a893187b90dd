// hewn/query/statements/removal_text.hpp - rows that are removed, put back or given up, as SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/dialect/write/row_presence.hpp>
#include <hewn/dialect/write/tenant_mark.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// What becomes of rows of a table that keeps those that are removed. It says which rows are meant,
/// too: those that are not removed, and those that are.
enum class removal_step : std::uint8_t { remove, restore, purge };

/// `UPDATE <table> SET ...`, or `DELETE FROM <table>`
HEWN_RARE HEWN_API void begin_removal(sql_writer& out, const table_info& table, removal_step what);

/// A time of the clock as the value of a column whose field is of type F.
template <class F>
unwrapped<F> time_in_column(timestamp now) {
  return unwrapped<F>(time_of_clock<F>(now));
}

/// Calls `use(value)` for each value that a removal, or its opposite, sets, in the order of the
/// columns.
template <class T, removal_step What, class Use>
void for_each_removal_time(timestamp now, Use use) {
  const auto one = [&]<class F, std::size_t I>(std::type_identity<F>,
                                               std::integral_constant<std::size_t, I>) {
    constexpr const column_info& c = table_of<T>.columns[I];
    if constexpr (c.updated || (c.removed && What == removal_step::remove))
      use(time_in_column<F>(now));
  };
  [&]<class... F, std::size_t... I>(field_types<F...>, std::index_sequence<I...>) {
    (one(std::type_identity<F>(), std::integral_constant<std::size_t, I>()), ...);
  }(column_types_of<T>{}, std::make_index_sequence<column_count<T>>{});
}

/// The rows of a condition that are removed, put back or given up.
template <class Where, removal_step What>
struct kept_removal_request {
  using record_type = typename Where::record_type;
  static constexpr bool is_dynamic = Where::is_dynamic;

  const Where& where;
  timestamp now;
  bool returning = false;

  void write(sql_writer& out) const {
    constexpr const table_info& table = table_of<record_type>;
    begin_removal(out, table, What);
    const bool shown = What != removal_step::remove;
    const row_presence before =
        std::exchange(out.rows, shown ? row_presence::removed : row_presence::present);
    const std::size_t start = out.out.size();
    where.write_where(out);
    // A query that shows all rows says nothing of them.
    if constexpr (requires { Where::shows_removed; })
      if (Where::shows_removed && !shown)
        append_presence(out.out, table, out.out.size() == start ? " WHERE " : " AND ");
    out.rows = before;
    if (returning) append_returning(out.out, table);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    if constexpr (What != removal_step::purge)
      for_each_removal_time<record_type, What>(now, [&](const auto& time) { binder.value(time); });
    where.bind_where(binder);
  }
};

/// The rows that were removed before a time.
template <class T>
struct removed_before {
  using record_type = T;
  static constexpr bool is_dynamic = false;
  static constexpr std::size_t field = static_cast<std::size_t>(table_of<T>.soft_delete);

  timestamp time;

  void write_where(sql_writer& out) const {
    out.text(" WHERE ");
    out.column(field, table_of<T>);
    out.text(" < ");
    out.parameter();
    append_tenant(out.out, table_of<T>, " AND ");
  }

  template <class Binder>
  void bind_where(Binder& binder) const {
    binder.value(time_in_column<column_field<T, field>>(time));
  }
};

/// Binds what the removal of one row sets, from parameter `first` on.
template <class Driver>
using removal_binder = void (*)(typename Driver::statement& statement, int first, timestamp now);

template <class T, class Statement>
void bind_removal_times(Statement& statement, int first, timestamp now) {
  for_each_removal_time<T, removal_step::remove>(
      now, [&](const auto& time) { bind_field(statement, first++, time, false); });
}

/// nullptr: removed rows are gone.
template <class T, class Driver>
consteval removal_binder<Driver> removal_binder_of() {
  if constexpr (table_of<T>.keeps_removed())
    return &bind_removal_times<T, typename Driver::statement>;
  else
    return nullptr;
}

/// Binds what the removal of one row sets, if it sets anything.
template <class Driver>
void bind_removal(const lease<Driver>& taken, const table_info& table,
                  removal_binder<Driver> times) {
  if (times != nullptr)
    times(taken.statement(), static_cast<int>(table.key.size()) + 1, taken->owner->native().now());
}

/// What restore() and purge() ask of the table of T.
template <class T>
consteval bool explain_kept() {
  constexpr bool kept = table_of<T>.keeps_removed();
  static_assert(kept,
                "hewn: restore() and purge() are for rows of a table that keeps what is removed; "
                "declare soft_delete<&T::removed_at>()");
  return kept;
}

/// What restore() and purge() ask of a query.
template <class Query>
consteval bool explain_removed_rows() {
  static_assert(Query::has_condition,
                "hewn: restore() and purge() of a query without where() would mean every removed "
                "row; write a condition, or purge<T>(time)");
  static_assert(!Query::is_limited,
                "hewn: restore() and purge() take no query with limit() or offset()");
  return Query::has_condition && !Query::is_limited && explain_kept<typename Query::record_type>();
}

/// What purge<T>() takes beside a struct.
template <class... Args>
inline constexpr bool begins_with_time = false;
template <class Duration, class... More>
inline constexpr bool begins_with_time<std::chrono::sys_time<Duration>, More...> = true;

template <class... Args>
consteval void explain_purge_time() {
  static_assert(begins_with_time<Args...>,
                "hewn: purge<T>() takes the time before which rows were removed; give it one of "
                "the system's clock, as std::chrono::system_clock::now() - std::chrono::days(30)");
}

/// Of restore() and purge() without a struct between angle brackets.
template <class Row>
consteval void explain_row_for_removed() {
  static_assert(is_table_query<Row>,
                "hewn: restore() and purge() take no row, which would not tell whether it was "
                "removed; write restore<T>(key), or a query with where()");
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/query/statements/assignment_list.hpp>

namespace hewn::detail {

HEWN_API void begin_removal(sql_writer& out, const table_info& table, removal_step what) {
  std::string& text = out.out;
  text += what == removal_step::purge ? "DELETE FROM " : "UPDATE ";
  append_identifier(text, table.name);
  if (what == removal_step::purge) return;
  assignment_list list(out, table, " SET ");
  for (std::size_t i = 0; i != table.columns.size(); ++i) {
    const column_info& c = table.columns[i];
    if (!c.removed && !c.updated) continue;
    if (c.removed && what == removal_step::restore) {
      list.name(i);
      text += "NULL";
    } else {
      list.set_parameter(i);
    }
  }
  if (table.has_version) list.count_version();
}

}  // namespace hewn::detail

#endif
