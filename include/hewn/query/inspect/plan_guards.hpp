// hewn/query/inspect/plan_guards.hpp - tests of the plan of a query.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/query/inspect/explain.hpp>
#include <hewn/query/inspect/inspected.hpp>
#include <hewn/query/inspect/plan_nodes.hpp>
#include <hewn/query/verbs/reads.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {
namespace detail {

/// Throws: schema_mismatch where a table is read from end to end.
HEWN_RARE HEWN_API void check_no_full_scan(std::span<const plan_node> nodes, const std::string& sql,
                                           call_site site);

/// Throws: schema_mismatch where no step uses the index.
HEWN_RARE HEWN_API void check_index(std::span<const plan_node> nodes, std::string_view index,
                                    const std::string& sql, call_site site);

}  // namespace detail

/// For tests: throws schema_mismatch, with the text, the table and the plan, where the database
/// would read a table, or one of its indexes, from end to end. That a LIMIT may end it early does
/// not count, nor does a partial index; name the index by expect_index() there. An index that
/// SQLite makes for one run counts as a scan of its table. On PostgreSQL the plan is that without
/// sequential scans wherever there is another, because small tables are scanned whatever their
/// indexes. Nothing is run.
template <class Driver, class Query>
void expect_no_full_scan(const reads<Driver>& db, const Query& query,
                         call_site site = call_site::current()) {
  detail::visit_statement(query, [&](const auto& statement) {
    std::string sql;
    const auto nodes = detail::plan_reader<Driver>::nodes(
        db.connection(site), detail::inspect<Driver>(statement), sql, site);
    detail::check_no_full_scan(nodes, sql, site);
  });
}

/// For tests: throws schema_mismatch, with the text, the index and the plan, where the plan has no
/// step that uses the index. On PostgreSQL as expect_no_full_scan().
template <class Driver, class Query>
void expect_index(const reads<Driver>& db, const Query& query, std::string_view index,
                  call_site site = call_site::current()) {
  detail::visit_statement(query, [&](const auto& statement) {
    std::string sql;
    const auto nodes = detail::plan_reader<Driver>::nodes(
        db.connection(site), detail::inspect<Driver>(statement), sql, site);
    detail::check_index(nodes, index, sql, site);
  });
}

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>

#  include <utility>

namespace hewn::detail {

[[noreturn]] inline void fail_plan(std::string message, std::string table, const std::string& sql,
                                   call_site site) {
  error_details d;
  d.code = errc::schema_mismatch;
  d.message = std::move(message);
  d.table = std::move(table);
  d.sql = sql;
  d.site = site;
  throw error(std::move(d));
}

HEWN_API void check_no_full_scan(std::span<const plan_node> nodes, const std::string& sql,
                                 call_site site) {
  for (const plan_node& node : nodes)
    if (node.whole)
      fail_plan(concat({"hewn: ", node.table, " is read from end to end by ", sql,
                        " (plan: ", plan_in_words(nodes),
                        "); declare an index of the columns that the query compares"}),
                node.table, sql, site);
}

HEWN_API void check_index(std::span<const plan_node> nodes, std::string_view index,
                          const std::string& sql, call_site site) {
  for (const plan_node& node : nodes)
    if (node.index == index) return;
  fail_plan(
      concat({"hewn: index ", index, " is not used by ", sql, " (plan: ", plan_in_words(nodes),
              "); compare the columns with which the index begins, or declare it"}),
      "", sql, site);
}

}  // namespace hewn::detail

#endif
