// tests/docs/report_queries_test.cpp - the SQL that docs/guide/reports.md shows.
// SPDX-License-Identifier: BSL-1.0
#include "examples/reports/customers.hpp"
#include "examples/reports/sales.hpp"
#include "examples/reports/tools.hpp"
#include "recorder.hpp"

#include <hewn/verify.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace {

template <class Query>
void expect(const std::string& name, const Query& query) {
  docs::check_region(name, hewn::to_sql(query, hewn::dialect::sqlite) + ";\n");
  docs::check_region(name + "_on_postgres", hewn::to_sql(query, hewn::dialect::postgres) + ";\n");
}

}  // namespace

// //examples:reports_test compares their rows.
TEST_CASE("the queries of the page about reports") {
  expect("month_over_month", reports::month_over_month());
  expect("best_of_category", reports::best_of_category());
  expect("missing_days", reports::missing_days());
  expect("totals_of_teams", reports::totals_of_teams());
}
