// hewn/query/type_erasure/query_opener.hpp - the statement of a query, by what is known of it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/row_check.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/parameter_check.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/type_erasure/key_verbs.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <atomic>
#include <string>

namespace hewn::detail {

/// What is known of a query, as plain data. Its functions take the query by its address.
template <class Driver>
struct query_parts {
  const table_info* table;
  std::atomic<unsigned>* slot;  // nullptr: its text is put together at run time
  query_statement what;
  void (*write)(const void* query, sql_writer& out);
  void (*bind)(const void* query, value_binder<typename Driver::statement>& to);
};

template <query_statement What, class Driver, class Query>
query_parts<Driver> query_parts_of(const Query&) {
  return {&table_of<typename Query::record_type>,
          Query::is_dynamic ? nullptr : &slot_of_query<Query, What>, What, &write_part<Query, What>,
          &bind_part<Query, What, typename Driver::statement>};
}

/// Compiled once for each driver.
template <class Driver>
struct query_opener {
  static lease<Driver> open(connection<Driver>& c, const query_parts<Driver>& parts,
                            const void* query, bool copy, const call_site& site);

  /// Adds every row of the query to `rows` by `read`.
  static void all(const turn<Driver>& who, const query_parts<Driver>& parts, const void* query,
                  void* rows, row_read<Driver> read, const call_site& site);
};

template <class Driver>
struct query_request {
  const query_parts<Driver>& parts;
  const void* query;

  HEWN_COLD static std::string text(const void* request, dialect d) {
    const auto& [parts, query] = *static_cast<const query_request*>(request);
    std::string text;
    sql_writer out{text, d};
    write_query(out, *parts.table, parts.what, parts.write, query);
    return text;
  }
};

/// Names the column to which the value that could not be bound was assigned.
template <class Driver>
[[noreturn]] HEWN_COLD void fail_query(const lease<Driver>& row, const query_parts<Driver>& parts,
                                       const void* query) {
  mentioned_columns mentioned{parts.table};
  if (parts.what >= query_statement::update) {
    std::string text;
    sql_writer out{text, row->owner->spoken(), 0, &mentioned};
    parts.write(query, out);
  }
  fail_number_text(row);
  fail_unkept_value(row, row.statement());
  for_each_stored(mentioned, [&](int i, const column_info& column) {
    if (i == row.statement().problem_index())
      row->owner->fail_with(unfit_bound(parts.table->name, column.name, row.statement()),
                            *row.operator->());
  });
  fail_parameter(row);
}

template <class Driver>
lease<Driver> query_opener<Driver>::open(connection<Driver>& c, const query_parts<Driver>& parts,
                                         const void* query, bool copy, const call_site& site) {
  const query_request<Driver> request{parts, query};
  lease<Driver> opened(
      parts.slot == nullptr
          ? c.acquire(request.text(&request, c.spoken()), site, parts.table)
          : c.acquire(number_of(*parts.slot), &request.text, &request, site, parts.table));
  if (parts.what >= query_statement::remove)
    check_written_columns(opened, *parts.table, returns_changed(parts.what),
                          [&](mentioned_columns& mentioned) {
                            std::string text;
                            sql_writer out{text, c.spoken(), 0, &mentioned};
                            parts.write(query, out);
                          });
  value_binder<typename Driver::statement> binder{opened.statement(), copy};
  parts.bind(query, binder);
  if (opened.statement().problem() != value_problem::none) [[unlikely]]
    fail_query(opened, parts, query);
  return opened;
}

template <class Driver>
void query_opener<Driver>::all(const turn<Driver>& who, const query_parts<Driver>& parts,
                               const void* query, void* rows, row_read<Driver> read,
                               const call_site& site) {
  collect(open(who.take(site), parts, query, false, site), *parts.table, rows, read);
}

}  // namespace hewn::detail
