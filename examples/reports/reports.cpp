// examples/reports/reports.cpp - twenty reports of a dashboard, each compared with SQL by hand.
// SPDX-License-Identifier: BSL-1.0
//
// reports [--db URL]   an empty database, sqlite:PATH or postgresql://...; default: in memory.
// Prints the same on both. Fails when a query and the SQL by hand return other rows.
#include "agents.hpp"
#include "by_hand.hpp"
#include "customers.hpp"
#include "data.hpp"
#include "model.hpp"
#include "sales.hpp"
#include "table.hpp"
#include "tools.hpp"

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace reports;

namespace {

template <class Query>
void show(const session& db, const char* title, const Query& query, const by_hand& sql) {
  using row = typename Query::row_type;
  const std::vector<row> rows = db.all(query);
  std::printf("%s\n", title);
  print_table(rows);
  if (sql.rows<row>(db) != rows)
    throw std::runtime_error(std::string(title) + ": the SQL by hand returns other rows");
}

void show_sales(const session& db) {
  show(db, "Month over month", month_over_month(), month_over_month_by_hand);
  show(db, "Year to date and running total", year_to_date(), year_to_date_by_hand);
  show(db, "Moving average of three months", moving_average(), moving_average_by_hand);
  show(db, "Sales per day, without a gap", missing_days(), missing_days_by_hand);
}

void show_tools(const session& db) {
  show(db, "Percent of the total", share_of_category(), share_of_category_by_hand);
  show(db, "The best two of each category", best_of_category(), best_of_category_by_hand);
  show(db, "Bought together", bought_together(), bought_together_by_hand);
  show(db, "Never bought", never_bought(), never_bought_by_hand);
  show(db, "Purchases by value", sizes_of_purchases(), sizes_of_purchases_by_hand);
}

void show_customers(const session& db) {
  show(db, "Retention by month of sign-up", retention_of_cohorts(), retention_of_cohorts_by_hand);
  show(db, "Funnel", funnel_of_accounts(), funnel_of_accounts_by_hand);
  show(db, "First and last purchase", first_and_last_purchase(), first_and_last_purchase_by_hand);
  show(db, "Ranking with ties", ranking_with_ties(), ranking_with_ties_by_hand);
  show(db, "Duplicates", duplicate_accounts(), duplicate_accounts_by_hand);
  show(db, "Totals of a hierarchy", totals_of_teams(), totals_of_teams_by_hand);
}

void show_agents(const session& db) {
  show(db, "Median and 90th percentile", percentiles_of_runs(), percentiles_of_runs_by_hand);
  show(db, "Sessions with most runs", longest_sessions(), longest_sessions_by_hand);
  show(db, "Days in a row", streaks_of_agents(), streaks_of_agents_by_hand);
  show(db, "Latest state", latest_states(), latest_states_by_hand);
  show(db, "By day of the week", load_by_weekday(), load_by_weekday_by_hand);
}

std::string url_from(int argc, char** argv) {
  if (argc == 1) return "sqlite::memory:";
  if (argc == 3 && std::string_view(argv[1]) == "--db") return argv[2];
  throw std::runtime_error("usage: reports [--db URL]");
}

}  // namespace

int main(int argc, char** argv) try {
  auto db = hewn::open(url_from(argc, argv));
  hewn::sync<team, account, tool, purchase, purchase_line, agent, state_change, run>(db);
  make_data(db);
  show_sales(db);
  show_tools(db);
  show_customers(db);
  show_agents(db);
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
