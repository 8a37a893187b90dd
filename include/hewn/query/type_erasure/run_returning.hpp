// hewn/query/type_erasure/run_returning.hpp - a write whose changed rows are read as a result.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/type_erasure/insert_from.hpp>
#include <hewn/query/type_erasure/query_opener.hpp>
#include <hewn/schema/table_info.hpp>

#include <atomic>
#include <cstdint>
#include <utility>

namespace hewn::detail {

/// How many rows a write may return.
enum class row_demand : std::uint8_t { any, at_most_one, one };

template <class Driver>
[[noreturn]] HEWN_COLD void fail_several_changed(const lease<Driver>& row) {
  error_details d;
  d.code = errc::usage;
  d.message =
      "hewn: the statement returned more than one row, so its changes are undone; narrow its "
      "query, or name it by hewn::many";
  row->owner->fail_with(std::move(d), *row.operator->());
}

/// Reads what the statement that `open` opens returns into `to`: a vector of rows for
/// row_demand::any, otherwise one row. Returns whether there is any. In a transaction, because the
/// rows have changed before the first is returned.
template <class Driver, class Open>
bool read_returned(connection<Driver>& c, const table_info& table,
                   const result_type<Driver>& result, row_demand demand, void* to,
                   const call_site& site, Open open) {
  transaction_scope<Driver> all(c, transaction_mode::immediate, site);
  bool found;
  {
    const lease<Driver> opened = open();
    found = opened.step();
    check_returned(opened, result.columns);
    if (found) {
      result.read(opened, to);
      if (demand != row_demand::any && opened.step()) fail_several_changed(opened);
    } else if (demand == row_demand::one) {
      fail_not_changed(opened, table);
    }
  }
  all.commit();
  return found;
}

/// Compiled once for each driver.
template <class Driver>
struct returning_runner {
  static bool run(connection<Driver>& c, const query_parts<Driver>& parts, const void* request,
                  const result_type<Driver>& result, row_demand demand, void* to,
                  const call_site& site);

  static bool insert_from(connection<Driver>& c, const insert_parts<Driver>& parts,
                          const query_plan& plan, std::atomic<unsigned>* slot, const void* clause,
                          const result_type<Driver>& result, row_demand demand, void* to,
                          const call_site& site);
};

template <class Driver>
bool returning_runner<Driver>::run(connection<Driver>& c, const query_parts<Driver>& parts,
                                   const void* request, const result_type<Driver>& result,
                                   row_demand demand, void* to, const call_site& site) {
  return read_returned(c, *parts.table, result, demand, to, site,
                       [&] { return query_opener<Driver>::open(c, parts, request, false, site); });
}

template <class Driver>
bool returning_runner<Driver>::insert_from(connection<Driver>& c, const insert_parts<Driver>& parts,
                                           const query_plan& plan, std::atomic<unsigned>* slot,
                                           const void* clause, const result_type<Driver>& result,
                                           row_demand demand, void* to, const call_site& site) {
  return read_returned(c, *parts.target.table, result, demand, to, site,
                       [&] { return open_insert_from(c, parts, plan, slot, site, clause); });
}

/// Reads what a write returns, as many rows as are wanted.
template <class R, class Driver>
const result_type<Driver>& demanded_rows(row_demand demand) {
  return demand == row_demand::any ? all_rows_of<R, Driver> : one_row_of<R, Driver>;
}

/// Runs a write with what it returns.
template <class Driver, class Request, class Clause>
bool run_returning(connection<Driver>& c, const Request& request, const Clause& returned,
                   row_demand demand, void* to, const call_site& site) {
  using R = typename Clause::record_type;
  const returning_request<Request, Clause> whole{request, returned};
  return returning_runner<Driver>::run(c, query_parts_of<query_statement::update, Driver>(whole),
                                       &whole, demanded_rows<R, Driver>(demand), demand, to, site);
}

}  // namespace hewn::detail
