// hewn/query/statements/take_statement.hpp - the prepared statement behind a verb, ready to bind.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/table_statement.hpp>
#include <hewn/query/statements/write_check.hpp>

#include <cstddef>

namespace hewn::detail {

template <class Driver>
void check_parameters(const lease<Driver>& row) {
  if (row.statement().problem() != value_problem::none) [[unlikely]]
    fail_parameter(row);
}

/// A statement of the table.
template <class Driver>
HEWN_INLINE lease<Driver> take_statement(connection<Driver>& c, const table_info& table,
                                         table_statement what, const call_site& site) {
  const statement_request request{table, what, Driver::tells_inserted_key};
  lease<Driver> taken(c.acquire(slot_of(table, what), &text_of, &request, site, &table));
  if (what < table_statement::remove_by_key)
    check_written_row(taken, table, write_of(what));
  else if (what == table_statement::remove_by_key)
    check_written_columns(taken, table, false,
                          [&](mentioned_columns& all) { all = removed_columns(table); });
  return taken;
}

/// The statement whose text depends on nothing but its type.
template <class Text, class Driver>
HEWN_INLINE lease<Driver> take_statement(connection<Driver>& c, call_site site) {
  if constexpr (requires { Text::statement; }) {
    return take_statement(c, *Text::table, Text::statement, site);
  } else {
    lease<Driver> taken(
        c.acquire(statement_slot<Text>::get(), &Text::render, nullptr, site, Text::table));
    if constexpr (requires { Text::writes_row; })
      check_written_row(taken, *Text::table, Text::writes_row);
    return taken;
  }
}

// A statement with RETURNING has done its work only when it has returned its last row.
template <class Driver>
void finish(const lease<Driver>& row) {
  while (row.step()) {
  }
}

}  // namespace hewn::detail
