// examples/reports/sales.hpp - revenue over time: growth, totals so far, means, days without sales.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "by_hand.hpp"
#include "model.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reports {

// [sales_by_month]
struct sales_of_month {
  hewn::date month;
  std::int64_t cents = 0;
};

/// A row for each month in which something was bought. Other reports read it as a table.
inline auto sales_by_month() {
  const auto month = month_of(col<&purchase::bought_at>);
  return from<purchase>.join<purchase_line>().group_by(month).select<sales_of_month>(
      month, hewn::sum(col<&purchase_line::cents>));
}
// [/sales_by_month]

inline constexpr std::string_view sales_on_sqlite = R"(
    WITH sales AS (
      SELECT date(p.bought_at, 'start of month') AS month, SUM(l.cents) AS cents
      FROM purchases p JOIN purchase_lines l ON l.purchase_id = p.id GROUP BY 1))";
inline constexpr std::string_view sales_on_postgres = R"(
    WITH sales AS (
      SELECT CAST(date_trunc('month', p.bought_at AT TIME ZONE 'UTC') AS date) AS month,
        CAST(SUM(l.cents) AS bigint) AS cents
      FROM purchases p JOIN purchase_lines l ON l.purchase_id = p.id GROUP BY 1))";

// ---- month over month

// [month_over_month]
struct growth {
  hewn::date month;
  std::int64_t cents = 0;
  std::optional<std::int64_t> before;  // none in the first month
  std::optional<double> percent;

  bool operator==(const growth&) const = default;
};

inline auto month_over_month() {
  const auto month = col<&sales_of_month::month>;
  const auto cents = col<&sales_of_month::cents>;
  const auto before = hewn::lag(cents).over(hewn::order_by(month));
  return hewn::with(sales_by_month())
      .from<sales_of_month>()
      .order_by(month)
      .select<growth>(month, cents, before, 100.0 * (cents - before) / before);
}
// [/month_over_month]

inline constexpr by_hand month_over_month_by_hand{
    R"(
    SELECT month, cents, LAG(cents) OVER w AS before,
      CAST(100 * (cents - LAG(cents) OVER w) AS double precision) / LAG(cents) OVER w AS percent
    FROM sales WINDOW w AS (ORDER BY month) ORDER BY month)",
    sales_on_sqlite, sales_on_postgres};

// ---- running totals

struct total_so_far {
  hewn::date month;
  std::int64_t cents = 0;
  std::int64_t of_year = 0;
  std::int64_t of_all_time = 0;

  bool operator==(const total_so_far&) const = default;
};

inline auto year_to_date() {
  const auto month = col<&sales_of_month::month>;
  const auto cents = hewn::sum(col<&sales_of_month::cents>);
  return hewn::with(sales_by_month())
      .from<sales_of_month>()
      .order_by(month)
      .select<total_so_far>(month, col<&sales_of_month::cents>,
                            cents.over(hewn::partition_by(hewn::year(month)).order_by(month)),
                            cents.over(hewn::order_by(month)));
}

inline constexpr by_hand year_to_date_by_hand{
    R"(
    SELECT month, cents,
      CAST(SUM(cents) OVER (PARTITION BY substr(CAST(month AS text), 1, 4)
                            ORDER BY month) AS bigint) AS of_year,
      CAST(SUM(cents) OVER (ORDER BY month) AS bigint) AS of_all_time
    FROM sales ORDER BY month)",
    sales_on_sqlite, sales_on_postgres};

// ---- moving average

struct smoothed {
  hewn::date month;
  std::int64_t cents = 0;
  double mean = 0;  // of this month and the two before

  bool operator==(const smoothed&) const = default;
};

inline auto moving_average() {
  const auto month = col<&sales_of_month::month>;
  const auto three = hewn::order_by(month).rows(hewn::preceding(2), hewn::current_row);
  return hewn::with(sales_by_month())
      .from<sales_of_month>()
      .order_by(month)
      .select<smoothed>(month, col<&sales_of_month::cents>,
                        hewn::avg(col<&sales_of_month::cents>).over(three));
}

inline constexpr by_hand moving_average_by_hand{
    R"(
    SELECT month, cents,
      CAST(AVG(cents) OVER (ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)
           AS double precision) AS mean
    FROM sales ORDER BY month)",
    sales_on_sqlite, sales_on_postgres};

// ---- missing days

// [missing_days]
struct calendar {
  hewn::date day;
};
struct sales_of_day {
  hewn::date day;
  std::int64_t purchases = 0;

  bool operator==(const sales_of_day&) const = default;
};

/// Every day of ten, also those without sales: the query makes a calendar.
inline auto missing_days() {
  const hewn::date first = std::chrono::sys_days(std::chrono::year(2025) / 12 / 1);
  const hewn::date last = first + std::chrono::days(9);
  const auto day = hewn::date_of(col<&purchase::bought_at>);
  const auto sold = from<purchase>.group_by(day).select<sales_of_day>(day, hewn::count());
  return hewn::with_recursive(
             from<team>.limit(1).select<calendar>(hewn::value(first)),
             from<calendar>.where(col<&calendar::day> < last).select<calendar>(hewn::add(col<&calendar::day>, std::chrono::days(1))),
             366)
      .with(sold)
      .from<calendar>()
      .left_join<sales_of_day>(col<&sales_of_day::day> == col<&calendar::day>)
      .order_by(col<&calendar::day>)
      .select<sales_of_day>(col<&calendar::day>, hewn::coalesce(col<&sales_of_day::purchases>, 0));
}
// [/missing_days]

inline constexpr by_hand missing_days_by_hand{
    R"(
    SELECT c.day, COUNT(p.id) AS purchases FROM calendar c
    LEFT JOIN purchases p ON p.bought_at >= c.since AND p.bought_at < c.until
    GROUP BY c.day ORDER BY c.day)",
    R"(WITH RECURSIVE days(day) AS (
      SELECT '2025-12-01' UNION ALL SELECT date(day, '+1 day') FROM days WHERE day < '2025-12-10'),
    calendar AS (SELECT day, day AS since, date(day, '+1 day') AS until FROM days))",
    R"(WITH calendar AS (
      SELECT CAST(day AS date) AS day, day AT TIME ZONE 'UTC' AS since,
        (day + INTERVAL '1 day') AT TIME ZONE 'UTC' AS until
      FROM generate_series(TIMESTAMP '2025-12-01', '2025-12-10', '1 day') AS days(day)))"};

}  // namespace reports
