// hewn/query/statements/insert_from_text.hpp - an insert of the rows of a query, as SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// The columns that take the values of a query, in their order, and those that take the time.
struct insert_target {
  const table_info* table;
  std::span<const std::uint8_t> columns;
  std::span<const std::uint8_t> stamped;
};

/// `INSERT INTO <table> (...) SELECT ...`
HEWN_RARE HEWN_API void write_insert_from(sql_writer& out, const insert_target& target,
                                          const query_plan& plan, bool returning);

/// How many parameters a query has.
inline int parameters_of(const query_plan& plan) {
  return static_cast<int>(plan.values.size()) +
         (plan.condition == nullptr ? 0 : static_cast<int>(plan.condition->values.size()));
}

/// Whether an insert may leave the column out.
constexpr bool may_be_left_out(const table_info& table, std::size_t column) {
  const column_info& c = table.columns[column];
  if (c.nullable || c.generated || c.created || c.updated || c.tenant || c.version ||
      (c.key && table.assigned_key))
    return true;
  for (const clause& each : table.clauses)
    if (each.kind == clause_kind::default_value && each.columns[0] == column) return true;
  return false;
}

/// The columns of an insert that names `Fields`; none: that takes them all.
template <class T, std::size_t... Fields>
struct inserted_columns {
  static constexpr std::size_t size = sizeof...(Fields) == 0 ? column_count<T> : sizeof...(Fields);

  static constexpr std::array<std::uint8_t, size> columns = [] {
    if constexpr (sizeof...(Fields) == 0) {
      std::array<std::uint8_t, size> all{};
      for (std::size_t i = 0; i != size; ++i) all[i] = static_cast<std::uint8_t>(i);
      return all;
    } else {
      return std::array<std::uint8_t, size>{static_cast<std::uint8_t>(Fields)...};
    }
  }();

  static constexpr std::size_t times(std::size_t column) {
    std::size_t found = 0;
    for (const std::uint8_t c : columns) found += c == column ? 1u : 0u;
    return found;
  }

  static constexpr bool stamps(std::size_t column) {
    const column_info& c = table_of<T>.columns[column];
    return (c.created || c.updated) && times(column) == 0;
  }

  static constexpr std::size_t stamp_count = [] {
    std::size_t count = 0;
    for (std::size_t i = 0; i != column_count<T>; ++i) count += stamps(i) ? 1u : 0u;
    return count;
  }();

  static constexpr auto stamped = [] {
    std::array<std::uint8_t, stamp_count> found{};
    std::size_t count = 0;
    for (std::size_t i = 0; i != column_count<T>; ++i)
      if (stamps(i)) found[count++] = static_cast<std::uint8_t>(i);
    return found;
  }();

  /// The first column that an insert must give and this one does not; field_count: there is none.
  static constexpr std::size_t missing = [] {
    for (std::size_t i = 0; i != column_count<T>; ++i)
      if (times(i) == 0 && !may_be_left_out(table_of<T>, i)) return i;
    return column_count<T>;
  }();
};

template <auto First, auto... Members>
using named_columns =
    inserted_columns<member_record<First>, one_column<First>(), one_column<Members>()...>;

template <auto First, auto... Members>
consteval bool explain_named_columns() {
  using T = member_record<First>;
  constexpr bool own = (std::is_same_v<member_record<Members>, T> && ...);
  static_assert(own,
                "hewn: insert_from<> names fields of several structs; name those of the struct "
                "whose table takes the rows");
  return own && explain_table<T>();
}

template <class... F>
consteval std::size_t count_types(field_types<F...>) {
  return sizeof...(F);
}

// `Field` is there to be printed.
template <class T, auto Field>
consteval bool explain_missing_column() {
  static_assert(sizeof(T) == 0,
                "hewn: insert_from<> leaves out a column that has no default and takes no NULL; "
                "name it too, and give its value in select()");
  return false;
}

// `Field` and `Value` are there to be printed.
template <auto Field, class Value, class F>
consteval bool explain_inserted_value() {
  using value = unwrapped<Value>;
  using field = unwrapped<F>;
  // Of the values of a query only the types are known.
  constexpr bool same =
      reads_into<value, field>() ||
      (is_ref<value> != is_ref<field> && reads_into<stored_key<value>, stored_key<field>>());
  static_assert(same,
                "hewn: insert_from<> gives a column values of another type than its field has; "
                "name the columns in the order of the values, or convert the value in select()");
  constexpr bool null = !same || is_optional<F> || !is_optional<Value>;
  static_assert(null,
                "hewn: insert_from<> gives a column that takes no NULL values that may be NULL; "
                "make the field std::optional, or choose rows and values that are there");
  return same && null;
}

template <class T, class Columns, class... Value, std::size_t... I>
consteval bool explain_inserted_values(field_types<Value...>, std::index_sequence<I...>) {
  return (explain_inserted_value<named_column<T, Columns::columns[I]>(), Value,
                                 column_field<T, Columns::columns[I]>>() &&
          ...);
}

/// What insert_from<> asks of the query with rows of type `R` and of the columns that it names.
template <class T, class R, std::size_t... Fields>
consteval bool explain_insert_from() {
  using columns = inserted_columns<T, Fields...>;
  constexpr bool whole = sizeof...(Fields) != 0 || std::is_same_v<T, R>;
  static_assert(whole,
                "hewn: insert_from<T>() takes a query with rows of type T; say select<T>(...), or "
                "name the columns: insert_from<&T::a, &T::b>(query)");
  constexpr bool computed = [] {
    for (const std::uint8_t c : columns::columns)
      if (table_of<T>.columns[c].generated) return true;
    return false;
  }();
  static_assert(!computed,
                "hewn: insert_from<> gives a generated column values; name the columns without it: "
                "insert_from<&T::a, &T::b>(query)");
  constexpr bool once = [] {
    for (const std::uint8_t c : columns::columns)
      if (columns::times(c) != 1) return false;
    return true;
  }();
  static_assert(once, "hewn: insert_from<> names a column twice; name each once");
  if constexpr (!whole || computed || !once) {
    return false;
  } else {
    using values = decltype(flat_types<false>(typename result_fields<R>::types{}));
    constexpr bool count = columns::size == count_types(values{});
    static_assert(count,
                  "hewn: insert_from<> names another number of columns than the query has values; "
                  "name one for each");
    if constexpr (!count)
      return false;
    else if constexpr (columns::missing != column_count<T>)
      return explain_missing_column<T, named_column<T, columns::missing>()>();
    else
      return explain_inserted_values<T, columns>(values{},
                                                 std::make_index_sequence<columns::size>{});
  }
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/dml.hpp>
#  include <hewn/dialect/write/tenant_mark.hpp>

namespace hewn::detail {

// What the columns of the query are called in its statement.
inline void write_row_column(std::string& out, std::size_t number) {
  out += "\"c" + std::to_string(number) + '"';
}

// A value of the query for the tenant column that is no tenant of the session becomes NULL, which
// the column does not take.
inline void write_own_tenant(std::string& out, const table_info& table, std::size_t number) {
  std::string column;
  write_row_column(column, number);
  out += "CASE WHEN " + column + " = ";
  append_tenant_value(out, table);
  out += " THEN " + column + " END";
}

// SELECT <the columns of the query>, <what it does not name>.
inline void write_completed_rows(sql_writer& out, const insert_target& target,
                                 const query_plan& plan, bool gives_tenant) {
  const table_info& table = *target.table;
  std::string& text = out.out;
  const bool checks = table.has_tenant() && gives_tenant;
  if (checks) {
    text += "WITH \"hewn_rows\"";
    for (std::size_t i = 0; i != target.columns.size(); ++i)
      write_row_column(text += i == 0 ? " (" : ", ", i);
    append(text, {") AS (", plan.sql(out.dialect), ") SELECT "});
    for (std::size_t i = 0; i != target.columns.size(); ++i) {
      if (i != 0) text += ", ";
      if (target.columns[i] == table.tenant)
        write_own_tenant(text, table, i);
      else
        write_row_column(text, i);
    }
  } else {
    text += "SELECT \"hewn_rows\".*";
  }
  // The numbers of the query's parameters come first, wherever it stands.
  int number = parameters_of(plan);
  for (std::size_t i = 0; i != target.stamped.size(); ++i) {
    text += out.dialect == dialect::postgres ? ", $" : ", ?";
    text += std::to_string(++number);
  }
  if (table.has_tenant() && !gives_tenant) append_tenant_value(text += ", ", table);
  if (checks)
    text += " FROM \"hewn_rows\"";
  else
    append(text, {" FROM (", plan.sql(out.dialect), ") AS \"hewn_rows\""});
}

HEWN_API void write_insert_from(sql_writer& out, const insert_target& target,
                                const query_plan& plan, bool returning) {
  const table_info& table = *target.table;
  std::string& text = out.out;
  text += "INSERT INTO ";
  append_identifier(text, table.name);
  const char* between = " (";
  const auto name = [&](std::size_t c) {
    text += between;
    between = ", ";
    out.mention(c, table);
    append_identifier(text, table.columns[c].name);
  };
  bool gives_tenant = false;
  for (const std::uint8_t c : target.columns) name(c), gives_tenant |= c == table.tenant;
  for (const std::uint8_t c : target.stamped) name(c);
  if (table.has_tenant() && !gives_tenant) name(static_cast<std::size_t>(table.tenant));
  text += ") ";
  if (target.stamped.empty() && !table.has_tenant())
    text += plan.sql(out.dialect);
  else
    write_completed_rows(out, target, plan, gives_tenant);
  if (returning) append_returning(text, table);
}

}  // namespace hewn::detail

#endif
