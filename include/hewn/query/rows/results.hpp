// hewn/query/rows/results.hpp - what the verbs that read return.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection/lease.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/codec.hpp>

#include <type_traits>
#include <vector>

namespace hewn::detail {

/// Makes room where the driver has the whole result and knows how long it is.
template <class Driver, class T>
void reserve_rows(const lease<Driver>& row, std::vector<T>& rows) {
  if constexpr (requires { row.statement().row_count(); })
    rows.reserve(row.statement().row_count());
}

/// Adds the current row of a statement and every one behind it to the vector behind the pointer.
/// Once for all queries of a table.
template <class Driver, class T>
void read_rows(const lease<Driver>& row, void* out) {
  auto& rows = *static_cast<std::vector<T>*>(out);
  reserve_rows(row, rows);
  do read_row(row, rows.emplace_back());
  while (row.step());
}

// A row in place of what is none: of a reference to a struct, of a struct without its definition.
template <class T>
struct kept_row {
  using type = std::remove_cvref_t<T>;
};
template <class T>
requires(std::is_class_v<T> && !complete<T>) struct kept_row<T> {
  using type = no_key;
};

/// `T`, so that a verb can be called with what it then says is no row.
template <class T>
using kept = typename kept_row<T>::type;

/// The types of what is read into a `T`.
template <class T>
consteval auto read_types() {
  if constexpr (is_tuple_result<T>)
    return typename result_fields<T>::types{};
  else if constexpr (!record<T>)
    return field_types<T>{};
  else if constexpr (explain_record<T>())
    return field_types_of<T>{};
}

/// Rows that are kept must own their text; views are for each().
template <class T>
consteval bool explain_owning() {
  using types = decltype(read_types<T>());
  if constexpr (std::is_void_v<types>) {
    return false;
  } else {
    constexpr bool owning = owns_fields(types{});
    static_assert(
        owning,
        "hewn: a row with std::string_view or bytes_view fields lives only until the next "
        "row; read it with each(), or use std::string and hewn::bytes");
    return owning;
  }
}

template <class T>
consteval bool explain_result() {
  if constexpr (std::is_same_v<T, kept<T>> && column_value<unwrapped<T>>)
    return true;
  else
    return explain_row<T>();
}

template <class Sql>
consteval void refuse_untyped_sql() {
  static_assert(sizeof(Sql) == 0,
                "hewn: raw SQL does not tell into what its rows are read; name a struct or a value "
                "type, as in all<T>(hewn::sql<...>)");
}

}  // namespace hewn::detail
