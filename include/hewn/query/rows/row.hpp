// hewn/query/rows/row.hpp - a row of a result into a struct.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/rows/row_check.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/type_name.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/column_names.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/visit_columns.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// The first field of a row whose value does not fit. Noted rather than thrown, and reading goes
/// on, so that a row that fits, nearly every one, is asked once at its end and not after each
/// field.
struct unfit_field {
  int index = -1;
  value_problem problem = value_problem::none;

  HEWN_COLD void note(int field, value_problem why) noexcept {
    if (index < 0) index = field, problem = why;
  }
};

// Fields in the order of the result columns.
template <class Statement>
struct row_reader {
  Statement& statement;
  unfit_field unfit{};

  template <class F, std::size_t I>
  HEWN_INLINE void operator()(F& field, std::integral_constant<std::size_t, I>) {
    if (!read_field(statement, static_cast<int>(I), field)) [[unlikely]]
      unfit.note(static_cast<int>(I), statement.problem());
  }

  bool lacks(std::size_t first, std::size_t count) const {
    for (std::size_t i = first; i != first + count; ++i)
      if (!statement.is_null(static_cast<int>(i))) return false;
    return true;
  }
};

// Fields matched to result columns by name.
template <class Statement>
struct mapped_row_reader {
  Statement& statement;
  const std::uint16_t* columns;
  unfit_field unfit{};

  template <class F, std::size_t I>
  void operator()(F& field, std::integral_constant<std::size_t, I>) {
    if (!read_field(statement, columns[I], field)) [[unlikely]]
      unfit.note(static_cast<int>(I), statement.problem());
  }

  bool lacks(std::size_t first, std::size_t count) const {
    for (std::size_t i = first; i != first + count; ++i)
      if (!statement.is_null(columns[i])) return false;
    return true;
  }
};

/// The names and types of the fields of a row type that is not a table.
template <class T>
consteval bool explain_row() {
  if constexpr (!explain_record<T>())
    return false;
  else
    return explain_columns<T>(field_types_of<T>{}, field_numbers_of<T>{});
}

template <class T>
inline constexpr auto row_columns = make_columns(nullptr, column_names<T>(), column_types_of<T>{},
                                                 std::make_index_sequence<column_count<T>>{});

template <class F>
consteval bool owns_value();

template <class... F>
consteval bool owns_fields(field_types<F...>) {
  return (owns_value<unwrapped<F>>() && ...);
}

template <class F>
consteval bool owns_value() {
  if constexpr (record<F> && !column_value<F>)
    return owns_fields(field_types_of<F>{});
  else
    return !std::same_as<F, std::string_view> && !std::same_as<F, bytes_view>;
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_row(const lease<Driver>& row, std::string_view table,
                                     const column_info& column, value_problem problem) {
  row->owner->fail_with(unfit_value(table, column.name, problem), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_row(const lease<Driver>& row, const table_info& table,
                                     unfit_field unfit) {
  fail_row(row, table.name, table.columns[static_cast<std::size_t>(unfit.index)], unfit.problem);
}

template <class T, class Driver>
HEWN_INLINE void read_fields(const lease<Driver>& row, T& out) {
  row_reader<typename Driver::statement> reader{row.statement()};
  visit_columns(out, reader);
  if (reader.unfit.index >= 0) [[unlikely]]
    fail_row(row, table_of<T>, reader.unfit);
}

template <class... F>
consteval bool all_built_in(field_types<F...>) {
  return (built_in<unwrapped<F>> && ...);
}

/// Reads the current row into the `T` behind the pointer; see read_row.
template <class T, class Driver>
HEWN_FLAT void read_built_in_row(const lease<Driver>& row, void* out) {
  read_fields(row, *static_cast<T*>(out));
}
template <class T, class Driver>
void read_encoded_row(const lease<Driver>& row, void* out) {
  read_fields(row, *static_cast<T*>(out));
}

/// How a row of a table is read where its struct is not known.
template <class Driver>
using row_read = void (*)(const lease<Driver>& row, void* out);

// Only where no codec is called: flattening would draw in all of it, a JSON parser for one.
template <class T, class Driver>
consteval row_read<Driver> reader_of() {
  if constexpr (all_built_in(column_types_of<T>{}))
    return &read_built_in_row<T, Driver>;
  else
    return &read_encoded_row<T, Driver>;
}

/// Reads the current row of a statement that selects the columns of `T`'s table in their order.
template <class T, class Driver>
HEWN_INLINE void read_row(const lease<Driver>& row, T& out) {
  reader_of<T, Driver>()(row, &out);
}

// What a view would point to goes with the statement, so views stay what they are.
template <class Statement>
struct owned_row_reader {
  row_reader<Statement> all;

  template <class F, std::size_t I>
  void operator()(F& field, std::integral_constant<std::size_t, I> at) {
    if constexpr (owns_fields(field_types<F>{})) all(field, at);
  }

  bool lacks(std::size_t first, std::size_t count) const { return all.lacks(first, count); }
};
template <class T, class Driver>
void complete_owned_fields(const lease<Driver>& row, void* out) {
  owned_row_reader<typename Driver::statement> reader{{row.statement()}};
  visit_columns(*static_cast<T*>(out), reader);
  if (reader.all.unfit.index >= 0) fail_row(row, table_of<T>, reader.all.unfit);
}

/// As reader_of, into a row that outlives the statement.
template <class T, class Driver>
consteval row_read<Driver> completer_of() {
  if constexpr (owns_fields(field_types_of<T>{}))
    return reader_of<T, Driver>();
  else
    return &complete_owned_fields<T, Driver>;
}

/// As read_row, into a row that outlives the statement.
template <class T, class Driver>
HEWN_INLINE void complete_row(const lease<Driver>& row, T& out) {
  completer_of<T, Driver>()(row, &out);
}

/// Reads the current row of raw SQL: a struct by names, a single value from the only column.
template <class T, class Driver>
void read_raw_row(const lease<Driver>& row, T& out) {
  if constexpr (column_value<unwrapped<T>>) {
    if (read_field(row.statement(), 0, out)) return;
    column_info column;
    column.name = row.statement().column_name(0);
    fail_row(row, "", column, row.statement().problem());
  } else {
    mapped_row_reader<typename Driver::statement> reader{row.statement(), row->columns.data()};
    visit_columns(out, reader);
    if (reader.unfit.index >= 0) [[unlikely]]
      fail_row(row, type_name<T>(), row_columns<T>[static_cast<std::size_t>(reader.unfit.index)],
               reader.unfit.problem);
  }
}

/// Compares the result columns of raw SQL with the row type, once per prepared statement and again
/// when the database has prepared it anew. Called after the first step: before it, a statement that
/// is about to be prepared again still shows its old columns.
template <class T, class Driver>
HEWN_INLINE void check_raw_row(const lease<Driver>& row) {
  // Two row types may be read from one text, and so from one statement.
  const void* const as = &record_tag<T>;
  if (row->checked_as == as && row->reprepared == row.statement().reprepared()) [[likely]]
    return;
  if constexpr (column_value<unwrapped<T>>)
    check_single_column(row, as);
  else
    check_columns_by_name(row, as, type_name<T>(), row_columns<T>);
}

/// Compares the result columns of a table's own statements with its struct.
template <class Driver>
HEWN_INLINE void check_table_row(const lease<Driver>& row, const table_info& table) {
  if (row->checked_as == &table && row->reprepared == row.statement().reprepared()) [[likely]]
    return;
  check_columns_in_order(row, table);
}

}  // namespace hewn::detail
