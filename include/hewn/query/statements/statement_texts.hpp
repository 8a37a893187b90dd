// hewn/query/statements/statement_texts.hpp - the statements behind the verbs: their text and their
// parameters.
// SPDX-License-Identifier: BSL-1.0
//
// A text is a type: its address in the slot table finds the prepared statement, and `render`
// writes the text when a connection prepares it for the first time.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/statements/table_statement.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Whether an insert reads the stored row back instead of knowing it already.
template <class Driver, class T>
inline constexpr bool insert_returns = returns_inserted(table_of<T>, Driver::tells_inserted_key);

/// Whether a row whose key the database is to choose needs a statement of its own: PostgreSQL takes
/// NULL for a value, where SQLite takes it for a request.
template <class Driver, class T>
inline constexpr bool leaves_key_out = table_of<T>.assigned_key && !Driver::tells_inserted_key;

/// The texts that are statements of a table.
template <class T, table_statement What>
struct table_text {
  static constexpr table_statement statement = What;
  static constexpr const table_info* table = &table_of<T>;
};

template <class Driver, class T, row_write Kind = row_write::insert>
struct insert_text : table_text<T, insert_of(Kind)> {};

template <class Driver, class T, row_write Kind>
struct insert_returning_text : table_text<T, returning_insert_of(Kind)> {};

template <class Driver, class T>
struct select_by_key_text : table_text<T, table_statement::select_by_key> {};

template <class Driver, class T>
struct select_by_keys_text : table_text<T, table_statement::select_by_keys> {};

template <class Driver, class T>
struct update_row_text : table_text<T, table_statement::update> {};

template <class Driver, class T>
struct remove_text : table_text<T, table_statement::remove_by_key> {};

template <class Driver, class T>
struct stored_row_text : table_text<T, table_statement::stored_by_key> {};

template <class T, auto... Members>
HEWN_COLD std::string render_upsert(dialect d, row_write kind, bool returning) {
  if constexpr (sizeof...(Members) == 0) {
    return upsert_sql(table_of<T>, table_of<T>.key, d, kind, returning);
  } else {
    static constexpr std::array<std::uint8_t, sizeof...(Members)> target{
        static_cast<std::uint8_t>(column_index<Members>)...};
    return upsert_sql(table_of<T>, target, d, kind, returning);
  }
}

template <class Driver, class T, row_write Kind, auto... Members>
struct upsert_text {
  static constexpr row_write writes_row = Kind;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return render_upsert<T, Members...>(d, Kind, true);
  }
};
template <class Driver, class T, row_write Kind>
struct upsert_text<Driver, T, Kind> : table_text<T, upsert_of(Kind)> {};

/// Binds the values of a key of several columns from parameter `first` on.
template <class Statement, class... Part>
void bind_parts(Statement& statement, const std::tuple<Part...>& key, int first) {
  std::apply([&](const auto&... part) { (bind_field(statement, first++, part, false), ...); }, key);
}

/// Binds the values of a primary key from parameter `first` on.
template <class T, class Statement>
void bind_key_values(Statement& statement, const key_of<T>& key, int first) {
  if constexpr (table_of<T>.key.size() == 1)
    bind_field(statement, first, key, false);
  else
    bind_parts(statement, key, first);
}

/// `WHERE <key>` in the form in which a query gives its condition.
template <class T>
struct key_condition {
  using record_type = T;
  static constexpr bool is_dynamic = false;
  const key_of<T>& key;

  void write_where(sql_writer& out) const {
    for (const std::size_t k : table_of<T>.key) out.mention_key(k, table_of<T>);
    append_key_condition(out.out, table_of<T>, out.parameters + 1, out.dialect);
    if constexpr (table_of<T>.is_narrowed())
      append_presence(out.out, table_of<T>, " AND ", out.rows);
    out.parameters += parameters;
  }
  template <class Binder>
  void bind_where(Binder& binder) const {
    bind_key_values<T>(binder.statement, key, binder.parameters + 1);
    binder.parameters += parameters;
  }

 protected:
  static constexpr int parameters = static_cast<int>(table_of<T>.key.size());
};

/// The same of a key that no row has: its parameters stay NULL.
template <class T>
struct no_key_condition : key_condition<T> {
  template <class Binder>
  void bind_where(Binder& binder) const {
    binder.parameters += key_condition<T>::parameters;
  }
};

// The text of raw SQL; its places are numbered by drivers that want numbers.
template <class Driver>
HEWN_COLD std::string render_text(const void* text, dialect) {
  return std::string(*static_cast<const std::string_view*>(text));
}

// A string literal or pointer to characters is bound as text.
template <class A>
using argument = std::conditional_t<std::is_convertible_v<const A&, std::string_view> &&
                                        !std::is_same_v<A, std::string>,
                                    std::string_view, A>;

}  // namespace hewn::detail
