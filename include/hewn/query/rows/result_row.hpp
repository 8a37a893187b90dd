// hewn/query/rows/result_row.hpp - a row of a query into what select() says it returns.
// SPDX-License-Identifier: BSL-1.0
//
// Columns come in the order of the fields. A field that is an entity takes the columns of its
// table, and is left empty where it is optional and all of them are NULL.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/row_check.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/column_info.hpp>
#include <hewn/schema/column_names.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace hewn::detail {

/// A field of a result that takes several columns.
template <class F>
concept entity_field = !column_value<unwrapped<F>>;

// Gives each field the columns behind it.
template <std::size_t Size>
struct result_column_writer {
  std::array<column_info, Size> columns{};
  std::size_t next = 0;

  template <class F>
  constexpr void add(std::string_view name) {
    if constexpr (entity_field<F>)
      for (const column_info& c : table_of<unwrapped<F>>.columns) columns[next++] = c;
    else
      columns[next++] = make_column<F>(name);
  }

  // The names of all columns, of which this takes those of its field.
  template <class F, std::size_t Columns>
  constexpr void add(const std::array<std::string_view, Columns>& names) {
    if constexpr (!is_embedded<F>) {
      columns[next] = make_column<F>(names[next]);
      ++next;
    } else if constexpr (is_entity<unwrapped<F>>()) {
      add<F>(std::string_view());
    } else {
      add_all(names, flat_types_of_field<false, F>());
    }
  }

 private:
  template <std::size_t Columns, class... F>
  constexpr void add_all(const std::array<std::string_view, Columns>& names, field_types<F...>) {
    ((columns[next] = make_column<F>(names[next]), ++next), ...);
  }
};

/// How a value of a result without names is called.
inline constexpr std::string_view unnamed_value = "a value of the result";

template <class R>
consteval std::string_view name_of_result_field(std::size_t i) {
  if constexpr (is_tuple_result<R>)
    return unnamed_value;
  else
    return field_names<R>[i];
}

template <class R, class... F>
consteval auto make_result_columns(field_types<F...> types) {
  result_column_writer<count_columns(types)> writer;
  if constexpr (!is_tuple_result<R> && is_any_embedded(types)) {
    (writer.template add<F>(column_names<R>()), ...);
  } else {
    std::size_t i = 0;
    (writer.template add<F>(name_of_result_field<R>(i++)), ...);
  }
  return writer.columns;
}

/// The columns of a result.
template <class R>
inline constexpr auto result_columns = make_result_columns<R>(typename result_fields<R>::types{});

// Reads fields one behind the other.
template <class Statement>
struct result_reader {
  Statement& statement;
  int next = 0;
  unfit_field unfit{};

  template <class F>
  HEWN_INLINE void read(F& field) {
    if constexpr (!entity_field<F>) {
      if (!read_field(statement, next, field)) [[unlikely]]
        unfit.note(next, statement.problem());
      ++next;
    } else if constexpr (is_optional<F>) {
      constexpr int columns = static_cast<int>(count_columns<F>());
      if (lacks_row(columns)) {
        field.reset();
        next += columns;
      } else {
        visit_fields(field.emplace(), *this);
      }
    } else {
      visit_fields(field, *this);
    }
  }

  template <class F, std::size_t I>
  HEWN_INLINE void operator()(F& field, std::integral_constant<std::size_t, I>) {
    read(field);
  }

 private:
  bool lacks_row(int columns) const {
    for (int i = 0; i != columns; ++i)
      if (!statement.is_null(next + i)) return false;
    return true;
  }
};

/// Reads the current row into the `R` behind the pointer. Throws: invalid_data for the first value
/// that does not fit its field, NULL in one that takes none included.
template <class R, class Driver>
void read_result_row(const lease<Driver>& row, void* to) {
  R& out = *static_cast<R*>(to);
  result_reader<typename Driver::statement> reader{row.statement()};
  if constexpr (is_single_result<R>)
    reader.read(out);
  else if constexpr (is_tuple_result<R>)
    std::apply([&](auto&... field) { (reader.read(field), ...); }, out);
  else
    visit_fields(out, reader);
  if (reader.unfit.index >= 0) [[unlikely]]
    fail_row(row, "", result_columns<R>[static_cast<std::size_t>(reader.unfit.index)],
             reader.unfit.problem);
}

/// Adds the current row and every one behind it to the vector behind the pointer.
template <class R, class Driver>
void read_result_rows(const lease<Driver>& row, void* out) {
  auto& rows = *static_cast<std::vector<R>*>(out);
  if constexpr (requires { row.statement().row_count(); })
    rows.reserve(row.statement().row_count());
  do {
    if constexpr (std::is_same_v<R, bool>) {  // of which a vector keeps no objects
      bool value = false;
      read_result_row<R>(row, &value);
      rows.push_back(value);
    } else {
      read_result_row<R>(row, &rows.emplace_back());
    }
  } while (row.step());
}

/// What is known of the rows of a query, as plain data.
template <class Driver>
struct result_type {
  std::span<const column_info> columns;
  row_read<Driver> read;  // one row, or all of them
};

template <class R, class Driver>
inline constexpr result_type<Driver> one_row_of{result_columns<R>, &read_result_row<R, Driver>};
template <class R, class Driver>
inline constexpr result_type<Driver> all_rows_of{result_columns<R>, &read_result_rows<R, Driver>};

template <class Driver>
HEWN_COLD void compare_result_columns(const lease<Driver>& row,
                                      std::span<const column_info> columns) {
  mismatch_list found;
  for (std::size_t i = 0; i != columns.size(); ++i) {
    column_info column = columns[i];
    if (column.name == unnamed_value)
      column.name = row.statement().column_name(static_cast<int>(i));
    check_type<Driver>(found, row.statement(), static_cast<int>(i), column);
  }
  if (!found.empty())
    row->owner->fail_with(found.details("the result of a query does not fit its struct:",
                                        "correct the field, or change the column by a migration"),
                          *row.operator->());
}

/// Compares the columns of a query with its fields, once per prepared statement.
template <class Driver>
HEWN_INLINE void check_result(const lease<Driver>& row, std::span<const column_info> columns) {
  if (row->checked_as == columns.data() && row->reprepared == row.statement().reprepared())
      [[likely]]
    return;
  compare_result_columns(row, columns);
  mark_checked(row, columns.data());
}

/// The same of a write, whose columns have a mark of their own.
template <class Driver>
HEWN_INLINE void check_returned(const lease<Driver>& row, std::span<const column_info> columns) {
  if (row->returned_as == columns.data() && row->returned_when == row.statement().reprepared())
      [[likely]]
    return;
  compare_result_columns(row, columns);
  row->returned_as = columns.data();
  row->returned_when = row.statement().reprepared();
}

}  // namespace hewn::detail
