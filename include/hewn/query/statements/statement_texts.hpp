// hewn/query/statements/statement_texts.hpp - the statements behind the verbs: their text and their
// parameters.
// SPDX-License-Identifier: BSL-1.0
//
// A text is a type: its address in the slot table finds the prepared statement, and `render`
// writes the text when a connection prepares it for the first time.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/dialect/write/many_keys_select.hpp>
#include <hewn/query/expressions/select.hpp>
#include <hewn/query/statements/key.hpp>
#include <hewn/query/statements/row_check.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace hewn::detail {

/// Whether an insert reads the stored row back instead of knowing it already.
template <class Driver, class T>
inline constexpr bool insert_returns = table_of<T>.has_generated ||
                                       (table_of<T>.assigned_key && !Driver::tells_inserted_key);

/// Whether a row whose key the database is to choose needs a statement of its own: PostgreSQL takes
/// NULL for a value, where SQLite takes it for a request.
template <class Driver, class T>
inline constexpr bool leaves_key_out = table_of<T>.assigned_key && !Driver::tells_inserted_key;

template <class Driver, class T, row_write Kind = row_write::insert>
struct insert_text {
  static constexpr row_write writes_row = Kind;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return insert_sql(table_of<T>, insert_returns<Driver, T>, d, Kind);
  }
};

template <class Driver, class T>
struct select_by_key_text {
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return select_by_key_sql(table_of<T>, d);
  }
};

template <class Driver, class T>
struct select_by_keys_text {
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return select_by_keys_sql(table_of<T>, d);
  }
};

template <class Driver, class T>
struct update_row_text {
  static constexpr row_write writes_row = row_write::update;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return update_sql(table_of<T>, table_of<T>.has_generated, d);
  }
};

template <class Driver, class T>
struct remove_text {
  static constexpr bool compares_key = true;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return remove_by_key_sql(table_of<T>, d);
  }
};

template <class T, auto... Members>
HEWN_COLD std::string render_upsert(dialect d, row_write kind, bool returning) {
  if constexpr (sizeof...(Members) == 0) {
    return upsert_sql(table_of<T>, table_of<T>.key, d, kind, returning);
  } else {
    static constexpr std::array<std::uint8_t, sizeof...(Members)> target{
        static_cast<std::uint8_t>(member_index<Members>)...};
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

template <class Driver, class Query>
struct select_text {
  static constexpr const table_info* table = &table_of<typename Query::record_type>;
  HEWN_COLD static std::string render(const void* query, dialect d) {
    std::string text = select_sql(table_of<typename Query::record_type>);
    sql_writer out{text, d};
    static_cast<const Query*>(query)->write_tail(out);
    return text;
  }
  template <class Binder>
  static void bind(const Query& query, Binder& binder) {
    query.bind_tail(binder);
  }
};

template <class Driver, class Query>
struct count_text {
  static constexpr const table_info* table = &table_of<typename Query::record_type>;
  HEWN_COLD static std::string render(const void* query, dialect d) {
    std::string text = "SELECT COUNT(*) FROM ";
    append_identifier(text, table_of<typename Query::record_type>.name);
    sql_writer out{text, d};
    static_cast<const Query*>(query)->write_where(out);
    return text;
  }
  template <class Binder>
  static void bind(const Query& query, Binder& binder) {
    query.bind_where(binder);
  }
};

template <class Driver, class Query>
struct exists_text {
  static constexpr const table_info* table = &table_of<typename Query::record_type>;
  HEWN_COLD static std::string render(const void* query, dialect d) {
    std::string text = "SELECT EXISTS (SELECT 1 FROM ";
    append_identifier(text, table_of<typename Query::record_type>.name);
    sql_writer out{text, d};
    static_cast<const Query*>(query)->write_tail(out);
    return text + ")";
  }
  template <class Binder>
  static void bind(const Query& query, Binder& binder) {
    query.bind_tail(binder);
  }
};

template <class Driver, class Query, bool Returning>
struct remove_where_text {
  static constexpr bool writes_query = true;
  static constexpr bool returns = Returning;
  static constexpr const table_info* table = &table_of<typename Query::record_type>;
  HEWN_COLD static std::string render(const void* query, dialect d) {
    std::string text = "DELETE FROM ";
    append_identifier(text, table->name);
    sql_writer out{text, d};
    static_cast<const Query*>(query)->write_where(out);
    if (Returning) append_returning(text, *table);
    return text;
  }
  template <class Binder>
  static void bind(const Query& query, Binder& binder) {
    query.bind_where(binder);
  }
};

/// Binds the values of a primary key from parameter `first` on.
template <class T, class Statement>
void bind_key_values(Statement& statement, const key_of<T>& key, int first) {
  if constexpr (table_of<T>.key.size() == 1) {
    bind_field(statement, first, key, false);
  } else {
    std::apply([&](const auto&... part) { (bind_field(statement, first++, part, false), ...); },
               key);
  }
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
  }
  template <class Binder>
  void bind_where(Binder& binder) const {
    bind_key_values<T>(binder.statement, key, binder.parameters + 1);
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
