// hewn/query/statements/query_text.hpp - the text of a query by what is done with its rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/schema/table_info.hpp>

#include <atomic>
#include <cstdint>

namespace hewn::detail {

/// What is done with the rows of a query.
enum class query_statement : std::uint8_t {
  whole,  // the query writes the statement itself
  select,
  exists,
  count,
  remove,
  remove_returning,
  update,           // the query is an update_request
  update_returning  // the same
};

constexpr bool returns_changed(query_statement what) {
  return what == query_statement::remove_returning || what == query_statement::update_returning;
}

/// The text of a query, and the columns that it names.
HEWN_RARE HEWN_API void write_query(sql_writer& out, const table_info& table, query_statement what,
                                    void (*write)(const void*, sql_writer&), const void* query);

// Not by the driver: connections of each have a place for every number.
template <class Query, query_statement What>
inline constinit std::atomic<unsigned> slot_of_query{0};

template <class Query, query_statement What>
HEWN_COLD void write_part(const void* query, sql_writer& out) {
  const Query& q = *static_cast<const Query*>(query);
  if constexpr (What >= query_statement::update)
    q.write(out);
  else if constexpr (What <= query_statement::exists)
    q.write_tail(out);
  else
    q.write_where(out);
}

template <class Query, query_statement What, class Statement>
void bind_part(const void* query, value_binder<Statement>& to) {
  const Query& q = *static_cast<const Query*>(query);
  if constexpr (What >= query_statement::update)
    q.bind(to);
  else if constexpr (What <= query_statement::exists)
    q.bind_tail(to);
  else
    q.bind_where(to);
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/dml.hpp>

namespace hewn::detail {

HEWN_API void write_query(sql_writer& out, const table_info& table, query_statement what,
                          void (*write)(const void*, sql_writer&), const void* query) {
  std::string& text = out.out;
  if (what == query_statement::select)
    text += select_sql(table);
  else if (what != query_statement::whole && what < query_statement::update)
    append_identifier(text += what == query_statement::exists  ? "SELECT EXISTS (SELECT 1 FROM "
                              : what == query_statement::count ? "SELECT COUNT(*) FROM "
                                                               : "DELETE FROM ",
                      table.name);
  write(query, out);
  if (what == query_statement::exists) text += ')';
  if (what == query_statement::remove_returning) append_returning(text, table);
}

}  // namespace hewn::detail

#endif
