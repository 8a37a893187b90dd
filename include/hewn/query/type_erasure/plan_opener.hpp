// hewn/query/type_erasure/plan_opener.hpp - the statement of a query that is plain data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/take_statement.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace hewn::detail {

HEWN_COLD inline std::string plan_text(const void* plan, dialect d) {
  return static_cast<const query_plan*>(plan)->sql(d);
}

/// Compiled once for each driver.
template <class Driver>
struct plan_opener {
  /// `slot`: nullptr where the text is put together at run time.
  static lease<Driver> open(connection<Driver>& c, const query_plan& plan,
                            std::atomic<unsigned>* slot, bool copy, const call_site& site);

  /// Adds every row to `rows`.
  static void all(const turn<Driver>& who, const query_plan& plan, std::atomic<unsigned>* slot,
                  void* rows, const result_type<Driver>& result, const call_site& site);

  /// Reads the first row into `row`, if there is one.
  static bool first(const turn<Driver>& who, const query_plan& plan, std::atomic<unsigned>* slot,
                    void* row, const result_type<Driver>& result, bool only, const call_site& site);

  /// The number that a plan with another use than rows returns.
  static std::int64_t number(connection<Driver>& c, const query_plan& plan, const call_site& site);
};

/// Binds the values of a query.
template <class Statement>
HEWN_INLINE void bind_plan(Statement& statement, const query_plan& plan, bool copy,
                           const call_site& site) {
  int i = 0;
  for (const held_value& v : plan.values) {
    if (v.what == held_value::kind::integer)
      statement.bind(++i, v.number);
    else if (v.what == held_value::kind::text && v.kept == 0)
      statement.bind(++i, v.view(), copy);
    else if (v.what == held_value::kind::count && v.number < 0)
      fail_row_count(site);
    else
      v.bind(statement, ++i, plan.texts, copy);
  }
  if (plan.condition != nullptr)
    for (const condition_value& v : plan.condition->values) v.bind(statement, ++i, copy);
}

template <class Driver>
lease<Driver> plan_opener<Driver>::open(connection<Driver>& c, const query_plan& plan,
                                        std::atomic<unsigned>* slot, bool copy,
                                        const call_site& site) {
  lease<Driver> opened(slot == nullptr ? c.acquire(plan.sql(c.spoken()), site)
                                       : c.acquire(number_of(*slot), &plan_text, &plan, site));
  bind_plan(opened.statement(), plan, copy, site);
  check_parameters(opened);
  return opened;
}

template <class Driver>
void plan_opener<Driver>::all(const turn<Driver>& who, const query_plan& plan,
                              std::atomic<unsigned>* slot, void* rows,
                              const result_type<Driver>& result, const call_site& site) {
  auto opened = open(who.take(site), plan, slot, false, site);
  const bool found = opened.step();
  check_result(opened, result.columns);
  if (found) result.read(opened, rows);
}

template <class Driver>
bool plan_opener<Driver>::first(const turn<Driver>& who, const query_plan& plan,
                                std::atomic<unsigned>* slot, void* row,
                                const result_type<Driver>& result, bool only,
                                const call_site& site) {
  auto opened = open(who.take(site), plan, slot, false, site);
  const bool found = opened.step();
  check_result(opened, result.columns);
  if (!found) {
    if (only) fail_no_row(opened);
    return false;
  }
  result.read(opened, row);
  if (only && opened.step()) fail_more_than_one(opened);
  return true;
}

template <class Driver>
std::int64_t plan_opener<Driver>::number(connection<Driver>& c, const query_plan& plan,
                                         const call_site& site) {
  auto opened = open(c, plan, nullptr, false, site);
  opened.step();
  std::int64_t value = 0;
  opened.statement().read(0, value);
  return value;
}

}  // namespace hewn::detail
