// hewn/query/statements/statement_texts.hpp - the statements behind the verbs: their text and their
// parameters.
// SPDX-License-Identifier: BSL-1.0
//
// A text is a type: its address in the slot table finds the prepared statement, and `render`
// writes the text when a connection prepares it for the first time.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/lease.hpp>
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
#include <utility>

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

/// An update with its assignments. updated<> columns that are not assigned get the time.
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
};

template <class Driver, class Request>
struct update_text {
  using T = typename Request::record_type;
  static constexpr const table_info* table = &table_of<T>;

  HEWN_COLD static std::string render(const void* context, dialect d) {
    std::string text;
    sql_writer out{text, d};
    write(*static_cast<const Request*>(context), out);
    return text;
  }

  static void write(const Request& request, sql_writer& out) {
    std::string& text = out.out;
    text += "UPDATE ";
    append_identifier(text, table->name);
    bool first = true;
    const auto next_column = [&](std::size_t column) {
      out.mention(column, *table);
      text += first ? " SET " : ", ";
      first = false;
      append_identifier(text, table->columns[column].name);
      text += " = ";
    };
    std::apply(
        [&](const auto&... set) {
          ((next_column(std::remove_cvref_t<decltype(set)>::field), set.value.write(out)), ...);
        },
        request.set);
    for (std::size_t i = 0; i != table->columns.size(); ++i) {
      if (!Request::stamps(i)) continue;
      next_column(i);
      out.parameter();
    }
    request.where.write_where(out);
    if (request.returning) append_returning(text, *table);
  }

  template <class Binder>
  static void bind(const Request& request, Binder& binder) {
    std::apply([&](const auto&... set) { (set.value.bind(binder), ...); }, request.set);
    for (std::size_t i = 0; i != table_of<T>.columns.size(); ++i)
      if (Request::stamps(i)) binder.value(request.now);
    request.where.bind_where(binder);
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

template <class T>
consteval bool explain_updatable() {
  constexpr bool some = [] {
    for (const column_info& c : table_of<T>.columns)
      if (is_written(c, row_write::update)) return true;
    return false;
  }();
  static_assert(some,
                "hewn: every column of this table is key, created or generated, so update() has "
                "nothing to write; insert or remove rows instead");
  return some;
}

HEWN_RARE HEWN_API error_details no_such_row(const table_info& table);

HEWN_RARE HEWN_API error_details no_row_returned();

/// A write of one row that changed none. The database does not tell why.
HEWN_RARE HEWN_API error_details no_row_changed(const table_info& table);

/// A row that was to be stored, and that the database left out without an error.
HEWN_RARE HEWN_API error_details skipped_row(const table_info& table);

/// The same for many rows, of which the database counts only some.
HEWN_RARE HEWN_API error_details skipped_rows(const table_info& table, std::int64_t taken,
                                              std::int64_t sent);

/// A row that asks for a key of a table that makes none.
HEWN_RARE HEWN_API error_details no_new_key(const table_info& table);

template <class Driver>
[[noreturn]] HEWN_COLD void fail_skipped(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(skipped_row(table), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_not_found(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(no_such_row(table), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_not_changed(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(no_row_changed(table), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_no_row(const lease<Driver>& row) {
  row->owner->fail_with(no_row_returned(), *row.operator->());
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_more_than_one(const lease<Driver>& row) {
  error_details d;
  d.code = errc::usage;
  d.message = "hewn: one() found more than one row; narrow the query, or use first() or all()";
  row->owner->fail_with(std::move(d), *row.operator->());
}

[[noreturn]] HEWN_RARE HEWN_API void fail_empty_condition(const table_info& table, call_site site);

template <class Driver>
[[noreturn]] HEWN_COLD void fail_parameter_count(const lease<Driver>& row, std::size_t given) {
  error_details d;
  d.code = errc::usage;
  d.message = "hewn: the statement has " + std::to_string(row.statement().parameter_count()) +
              " places for values and " + std::to_string(given) +
              " are given; give one value for each ?";
  row->owner->fail_with(std::move(d), *row.operator->());
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API error_details no_such_row(const table_info& table) {
  error_details d;
  d.code = errc::not_found;
  d.table = table.name;
  d.message = "hewn: " + std::string(table.name) +
              " has no such row; use find() or first() where that is to be expected";
  return d;
}

HEWN_API error_details no_row_returned() {
  error_details d;
  d.code = errc::not_found;
  d.message = "hewn: the statement returned no row; use first() where that is to be expected";
  return d;
}

HEWN_API error_details no_row_changed(const table_info& table) {
  error_details d = no_such_row(table);
  d.message = "hewn: " + std::string(table.name) +
              " has no such row, or a trigger or rule of the database skips the change; use find() "
              "first where that is to be expected";
  return d;
}

HEWN_API error_details skipped_row(const table_info& table) {
  error_details d;
  d.code = errc::skipped;
  d.table = table.name;
  d.message = "hewn: " + std::string(table.name) +
              " did not take the row, because a trigger, rule or conflict clause of the database "
              "skips it; correct the row, or use execute() where rows may be skipped";
  return d;
}

HEWN_API error_details skipped_rows(const table_info& table, std::int64_t taken,
                                    std::int64_t sent) {
  error_details d = skipped_row(table);
  d.message = "hewn: " + std::string(table.name) + " took only " + std::to_string(taken) + " of " +
              std::to_string(sent) +
              " rows, because a trigger, rule or conflict clause of the database skips the rest; "
              "correct the rows, or use execute() where rows may be skipped";
  return d;
}

HEWN_API error_details no_new_key(const table_info& table) {
  error_details d;
  d.code = errc::schema_mismatch;
  d.table = table.name;
  d.column = table.columns[table.key[0]].name;
  d.message =
      "hewn: " + std::string(table.name) + '.' + std::string(d.column) +
      " gets no key from SQLite, because it is not the INTEGER PRIMARY KEY of a table; give "
      "the row its key, or change the column by a migration";
  return d;
}

HEWN_API void fail_empty_condition(const table_info& table, call_site site) {
  error_details d;
  d.code = errc::usage;
  d.table = table.name;
  d.site = site;
  d.message = "hewn: the condition of a write to " + std::string(table.name) +
              " is empty; say update_all() or remove_all() if every row is meant";
  throw error(std::move(d));
}

}  // namespace hewn::detail

#endif
