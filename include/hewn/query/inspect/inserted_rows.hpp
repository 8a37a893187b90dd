// hewn/query/inspect/inserted_rows.hpp - an insert from a query as a value, which runs later.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/pieces/mentioned_columns.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/statements/insert_from_text.hpp>
#include <hewn/query/type_erasure/insert_from.hpp>
#include <hewn/query/type_erasure/plan_opener.hpp>
#include <hewn/query/type_erasure/run_returning.hpp>
#include <hewn/query/verbs/returning_writes.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/types.hpp>

#include <cstdint>

namespace hewn::detail {

/// An insert from a query as text and values, for what looks at it.
template <class T, class Columns, class Query>
struct insertion_request {
  using record_type = T;

  const Query& query;
  timestamp now;
  call_site site;

  void write(sql_writer& out) const {
    const query_plan plan = query.plan();
    write_insert_from(out, {&table_of<T>, Columns::columns, Columns::stamped}, plan, false);
    out.parameters = count(plan);
    if (out.mentioned != nullptr)
      for (int i = out.parameters; i != 0; --i) out.mentioned->add_parameter(no_field);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    const query_plan plan = query.plan();
    bind_plan(binder.statement, plan, binder.copy, site);
    bind_inserted_times<T, Columns>(binder.statement, parameters_of(plan) + 1, now);
    binder.parameters = count(plan);
  }

 private:
  static int count(const query_plan& plan) {
    return parameters_of(plan) + static_cast<int>(Columns::stamp_count);
  }
};

template <class T, class Columns, class Query>
struct row_insertion {
  using record_type = T;

  Query query;

  template <class Driver>
  std::int64_t run(const returning_writes<Driver>& db, call_site site) const {
    auto& c = db.connection(site);
    const auto opened = open_insert_from(c, insert_parts_of<T, Columns, false, Driver>,
                                         query.plan(), query.slot(), site);
    opened.step();
    return c.native().changes();
  }

  /// Returns whether there is any row.
  template <class Driver, class Clause>
  bool run_returning(const returning_writes<Driver>& db, const Clause& returned, row_demand demand,
                     void* to, call_site site) const {
    return returning_runner<Driver>::insert_from(
        db.connection(site), returning_insert_parts_of<T, Columns, Clause, Driver>, query.plan(),
        query.slot(), &returned, demanded_rows<typename Clause::record_type, Driver>(demand),
        demand, to, site);
  }

  /// Calls `use` with the insert as text and values. `now`: of created<> and updated<> columns.
  template <class Use>
  auto as_request(Use use, timestamp now = {}) const {
    return use(insertion_request<T, Columns, Query>{query, now, {}});
  }
};

template <class S>
inline constexpr bool is_row_insertion = false;
template <class T, class Columns, class Query>
inline constexpr bool is_row_insertion<row_insertion<T, Columns, Query>> = true;

}  // namespace hewn::detail
