// hewn/query/inspect/explain.hpp - how the database would run a query.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/inspect/inspected.hpp>
#include <hewn/query/inspect/plan_nodes.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/verbs/reads.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// The plan of a query.
struct explanation {
  std::string sql;                 ///< that was asked
  std::vector<std::string> lines;  ///< of the answer; two blanks of indentation are one level

  /// The lines, each with its end.
  std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line + '\n';
    return all;
  }
};

namespace detail {

/// A statement for one use. It is prepared anew and not kept, because a kept one may be of a time
/// before another connection changed the tables.
template <class Driver>
HEWN_COLD lease<Driver> prepare_once(connection<Driver>& c, const std::string& sql, call_site site,
                                     const table_info* table = nullptr) {
  lease<Driver> opened(c.acquire(std::string_view(sql), site, table));
  opened->once = true;
  return opened;
}

/// SQLite: has the tables read again where another connection has changed them. Preparing alone
/// does not look.
template <class Driver>
HEWN_COLD void refresh_tables(connection<Driver>& c, call_site site) {
  if (c.spoken() != dialect::sqlite) return;
  const auto looked = prepare_once(c, "SELECT 1 FROM sqlite_master LIMIT 1", site);
  looked.step();
}

/// Compiled once for each driver.
template <class Driver>
struct plan_reader {
  static explanation explain(connection<Driver>& c, const inspected<Driver>& what,
                             std::string_view asking, call_site site);

  /// As guards judge it; `sql` becomes the text of the query.
  static std::vector<plan_node> nodes(connection<Driver>& c, const inspected<Driver>& what,
                                      std::string& sql, call_site site);
};

template <class Driver>
HEWN_COLD explanation plan_reader<Driver>::explain(connection<Driver>& c,
                                                   const inspected<Driver>& what,
                                                   std::string_view asking, call_site site) {
  refresh_tables(c, site);
  const bool tree = c.spoken() == dialect::sqlite;
  explanation found;
  found.sql = asking;
  found.sql += what.text(what.what, c.spoken());
  const auto opened = prepare_once(c, found.sql, site);
  found.sql = opened->sql;  // for whoever the session works for
  if (what.values >= 0 && opened.statement().parameter_count() != what.values)
    fail_parameter_count(opened, static_cast<std::size_t>(what.values));
  what.bind(opened.statement(), what.what, site);
  check_parameters(opened);
  std::vector<std::pair<std::int64_t, std::size_t>> depths;  // of the steps by their numbers
  while (opened.step()) {
    std::string& line = found.lines.emplace_back();
    opened.statement().read(tree ? 3 : 0, line);
    if (!tree) continue;
    std::int64_t id = 0, parent = 0;
    opened.statement().read(0, id);
    opened.statement().read(1, parent);
    std::size_t depth = 0;
    for (const auto& [step, at] : depths)
      if (step == parent) depth = at + 1;
    depths.emplace_back(id, depth);
    line.insert(0, 2 * depth, ' ');
  }
  return found;
}

template <class Driver>
HEWN_COLD std::vector<plan_node> plan_reader<Driver>::nodes(connection<Driver>& c,
                                                            const inspected<Driver>& what,
                                                            std::string& sql, call_site site) {
  const auto ask = [&](std::string_view asking) {
    explanation found = explain(c, what, asking, site);
    sql = found.sql.substr(asking.size());
    return found;
  };
  if (c.spoken() == dialect::sqlite) {
    const explanation found = ask("EXPLAIN QUERY PLAN ");
    return read_sqlite_plan(found.lines, sql);
  }
  // A table of few rows is read as a whole whatever its indexes, unless that is forbidden. The
  // setting ends with the transaction or savepoint, which is undone.
  transaction_scope<Driver> undone(c, transaction_mode::deferred, site);
  {
    const auto set =
        prepare_once(c, "SELECT pg_catalog.set_config('enable_seqscan', 'off', true)", site);
    set.step();
  }
  const explanation found = ask("EXPLAIN (FORMAT YAML, COSTS OFF) ");
  return read_postgres_plan(found.lines.empty() ? std::string_view() : found.lines.front());
}

/// The words before a query that ask for its plan.
template <class Driver>
std::string_view asking_for_plan(const connection<Driver>& c) {
  return c.spoken() == dialect::sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ";
}

}  // namespace detail

/// The plan of a query, a statement or raw SQL without parameters: on SQLite the steps of EXPLAIN
/// QUERY PLAN as a tree, on PostgreSQL the lines of EXPLAIN. Values are bound as the query has
/// them, default values for a named query alone, and nothing is run. On PostgreSQL the lines show
/// values. Throws: what preparing it does.
template <class Driver, class Query>
explanation explain(const reads<Driver>& db, const Query& query,
                    call_site site = call_site::current()) {
  explanation found;
  detail::visit_statement(query, [&](const auto& statement) {
    auto& c = db.connection(site);
    found = detail::plan_reader<Driver>::explain(c, detail::inspect<Driver>(statement),
                                                 detail::asking_for_plan(c), site);
  });
  return found;
}

/// The same of raw SQL with values.
template <class Driver, class... Args>
requires(sizeof...(Args) != 0) explanation
    explain(const reads<Driver>& db, detail::raw_statement<sizeof...(Args)> sql,
            const Args&... args) {
  return explain(db, detail::raw_call<Args...>{sql, {args...}}, sql.site);
}

}  // namespace hewn
