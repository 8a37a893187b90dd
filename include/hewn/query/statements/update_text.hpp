// hewn/query/statements/update_text.hpp - an update of rows that a condition chooses, as SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/assignment_list.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// An update with its assignments. updated<> columns that are not assigned get the time, and the
/// version<> is counted.
template <class T, class Where, class... Set>
struct update_request {
  using record_type = T;
  static constexpr bool is_dynamic = Where::is_dynamic;

  const Where& where;
  std::tuple<const Set&...> set;
  timestamp now;
  bool returning;

  static constexpr bool stamps(std::size_t column) {
    return table_of<T>.columns[column].updated && !((Set::field == column) || ...);
  }

  void write(sql_writer& out) const {
    std::string& text = out.out;
    text += "UPDATE ";
    append_identifier(text, table_of<T>.name);
    assignment_list list(out, table_of<T>, " SET ");
    write_assignments(list, set);
    for (std::size_t i = 0; i != table_of<T>.columns.size(); ++i)
      if (stamps(i)) list.set_parameter(i);
    if constexpr (table_of<T>.has_version) list.count_version();
    where.write_where(out);
    if (returning) append_returning(text, table_of<T>);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    std::apply([&](const auto&... each) { (each.value.bind(binder), ...); }, set);
    if constexpr (table_of<T>.has_timestamps)
      bind_times(binder, column_types_of<T>{}, std::make_index_sequence<column_count<T>>{});
    where.bind_where(binder);
  }

 private:
  template <class Binder, class... F, std::size_t... I>
  void bind_times(Binder& binder, field_types<F...>, std::index_sequence<I...>) const {
    (bind_time<F, I>(binder), ...);
  }

  template <class F, std::size_t I, class Binder>
  void bind_time(Binder& binder) const {
    if constexpr (stamps(I)) binder.value(unwrapped<F>(time_of_clock<F>(now)));
  }
};

/// What an update sets, `Set`, against the table of T.
template <class T, class... Set>
consteval bool explain_set() {
  if constexpr (!explain_assignments<Set...>()) {
    return false;
  } else {
    constexpr bool own_fields = (std::is_same_v<typename Set::record, T> && ...);
    static_assert(own_fields,
                  "hewn: update() sets a field of another struct; name fields of the updated one");
    if constexpr (own_fields) {
      constexpr bool settable = (!table_of<T>.columns[Set::field].generated && ...);
      static_assert(settable,
                    "hewn: update() sets a generated column; set the columns it is computed from");
      constexpr bool keeps_key = !settable || (!table_of<T>.columns[Set::field].key && ...);
      static_assert(keeps_key,
                    "hewn: update() sets a column of the primary key, by which other rows and the "
                    "program know the row; insert a row with the new key and remove the old one, "
                    "or say it in hewn::sql<>");
      constexpr bool keeps_tenant =
          !settable || !keeps_key || (!table_of<T>.columns[Set::field].tenant && ...);
      static_assert(keeps_tenant,
                    "hewn: update() sets the tenant<> column, which would give the row to another "
                    "tenant; insert it for that one and remove this one, or say it in hewn::sql<>");
      constexpr bool keeps_version = !settable || !keeps_key || !keeps_tenant ||
                                     (!table_of<T>.columns[Set::field].version && ...);
      static_assert(keeps_version,
                    "hewn: update() sets the version<> of rows, which hewn counts so that others "
                    "notice the change; leave it out, or say it in hewn::sql<>");
      return settable && keeps_key && keeps_tenant && keeps_version;
    }
    return false;
  }
}

/// Whether an update sets values of the table of T and of queries alone.
template <class T, class... Set>
consteval bool explain_own_values() {
  constexpr bool own = (is_within<decltype(Set::value), T>() && ...);
  static_assert(own,
                "hewn: update() sets a column to a value of a table that it does not read; use "
                "columns of its own table, or hewn::scalar(query)");
  return own;
}

/// All that an update of the table of T asks of its assignments.
template <class T, class... Set>
consteval bool explain_new_values() {
  if constexpr (!explain_set<T, Set...>())
    return false;
  else
    return explain_own_values<T, Set...>();
}

template <class T>
consteval bool explain_updatable() {
  constexpr bool some = is_updatable<T>();
  static_assert(some,
                "hewn: every column of this table is key, created or generated, so update() has "
                "nothing to write; insert or remove rows instead");
  return some;
}

}  // namespace hewn::detail
