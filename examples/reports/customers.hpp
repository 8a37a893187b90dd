// examples/reports/customers.hpp - who buys: retention, funnel, first and last purchase,
// duplicates. SPDX-License-Identifier: BSL-1.0
#pragma once

#include "by_hand.hpp"
#include "model.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace reports {

// ---- retention by cohort

struct cohort_size {
  hewn::date cohort;
  std::int64_t accounts = 0;
};
struct retention {
  hewn::date cohort;
  std::int64_t month = 0;  // 0: the month of the sign-up
  std::int64_t active = 0;
  std::optional<double> percent;

  bool operator==(const retention&) const = default;
};

/// How many of those who signed up in a month buy something in each month from then on.
inline auto retention_of_cohorts() {
  const auto joined = col<&account::signed_up_on>;
  const auto bought = col<&purchase::bought_at>;
  const auto cohort = hewn::truncate_to<hewn::unit::month>(joined);
  const auto sizes = from<account>.group_by(cohort).select<cohort_size>(cohort, hewn::count());
  const auto month =
      (hewn::year(bought) - hewn::year(joined)) * 12 + hewn::month(bought) - hewn::month(joined);
  const auto active = hewn::count_distinct(col<&account::id>);
  return hewn::with(sizes)
      .from<account>()
      .join<purchase>()
      .join<cohort_size>(col<&cohort_size::cohort> == cohort)
      .group_by(cohort, month, col<&cohort_size::accounts>)
      .order_by(cohort, month)
      .select<retention>(cohort, month, active, 100.0 * active / col<&cohort_size::accounts>);
}

inline constexpr by_hand retention_of_cohorts_by_hand{
    R"(,
    sizes AS (SELECT cohort, COUNT(*) AS accounts FROM joined GROUP BY cohort)
    SELECT j.cohort, (b.year - j.year) * 12 + b.month - j.month AS month,
      COUNT(DISTINCT j.id) AS active,
      CAST(100 * COUNT(DISTINCT j.id) AS double precision) / s.accounts AS percent
    FROM joined j JOIN bought b ON b.account_id = j.id JOIN sizes s ON s.cohort = j.cohort
    GROUP BY 1, 2, s.accounts ORDER BY 1, 2)",
    R"(
    WITH joined AS (
      SELECT id, date(signed_up_on, 'start of month') AS cohort,
        CAST(strftime('%Y', signed_up_on) AS int) AS year,
        CAST(strftime('%m', signed_up_on) AS int) AS month FROM accounts),
    bought AS (
      SELECT account_id, CAST(strftime('%Y', bought_at) AS int) AS year,
        CAST(strftime('%m', bought_at) AS int) AS month FROM purchases))",
    R"(
    WITH joined AS (
      SELECT id, CAST(date_trunc('month', signed_up_on) AS date) AS cohort,
        CAST(EXTRACT(YEAR FROM signed_up_on) AS bigint) AS year,
        CAST(EXTRACT(MONTH FROM signed_up_on) AS bigint) AS month FROM accounts),
    bought AS (
      SELECT account_id, CAST(EXTRACT(YEAR FROM bought_at AT TIME ZONE 'UTC') AS bigint) AS year,
        CAST(EXTRACT(MONTH FROM bought_at AT TIME ZONE 'UTC') AS bigint) AS month
      FROM purchases))"};

// ---- funnel

struct funnel_step {
  std::int64_t step = 0;
  std::string name;
  std::int64_t accounts = 0;
};
struct funnel {
  std::string step;
  std::int64_t accounts = 0;
  std::optional<double> percent;

  bool operator==(const funnel&) const = default;
};

/// How far the accounts come: each step counts those that have done all before it too.
inline auto funnel_of_accounts() {
  const auto bought = hewn::exists(from<purchase>.correlate<account>());
  const auto built = hewn::exists(from<agent>.correlate<account>());
  const auto ran = hewn::exists(
      from<run>.join<agent>().correlate<account>(col<&agent::account_id> == col<&account::id>));
  const auto step = [](std::int64_t number, const char* name, const auto& accounts) {
    return accounts.template select<funnel_step>(hewn::value(number), hewn::value(name),
                                                 hewn::count());
  };
  const auto steps = step(1, "signed up", from<account>)
                         .union_all(step(2, "bought", from<account>.where(bought)))
                         .union_all(step(3, "built an agent", from<account>.where(bought && built)))
                         .union_all(step(4, "ran it", from<account>.where(bought && built && ran)));
  const auto accounts = col<&funnel_step::accounts>;
  const auto in_order = hewn::order_by(col<&funnel_step::step>);
  return hewn::with(steps)
      .from<funnel_step>()
      .order_by(col<&funnel_step::step>)
      .select<funnel>(col<&funnel_step::name>, accounts,
                      100.0 * accounts / hewn::first_value(accounts).over(in_order));
}

inline constexpr by_hand funnel_of_accounts_by_hand{R"(
    WITH reached AS (
      SELECT EXISTS (SELECT 1 FROM purchases p WHERE p.account_id = a.id) AS bought,
        EXISTS (SELECT 1 FROM agents g WHERE g.account_id = a.id) AS built,
        EXISTS (SELECT 1 FROM agents g JOIN runs r ON r.agent_id = g.id
                WHERE g.account_id = a.id) AS ran
      FROM accounts a),
    steps(number, step, accounts) AS (
      SELECT 1, 'signed up', COUNT(*) FROM reached
      UNION ALL SELECT 2, 'bought', COUNT(*) FROM reached WHERE bought
      UNION ALL SELECT 3, 'built an agent', COUNT(*) FROM reached WHERE bought AND built
      UNION ALL SELECT 4, 'ran it', COUNT(*) FROM reached WHERE bought AND built AND ran)
    SELECT step, accounts,
      CAST(100 * accounts AS double precision) / FIRST_VALUE(accounts) OVER (ORDER BY number)
        AS percent
    FROM steps ORDER BY number)"};

// ---- first and last purchase

struct loyalty {
  std::string email;
  std::int64_t purchases = 0;
  hewn::timestamp first;
  hewn::timestamp last;
  std::int64_t days_between = 0;

  bool operator==(const loyalty&) const = default;
};

/// Those who keep coming back.
inline auto first_and_last_purchase() {
  const auto first = hewn::min(col<&purchase::bought_at>);
  const auto last = hewn::max(col<&purchase::bought_at>);
  const auto between = hewn::elapsed<std::chrono::days>(last, first).count();
  return from<account>.join<purchase>()
      .group_by(col<&account::id>)
      .having(hewn::count() >= 5)
      .order_by(between.desc(), col<&account::id>)
      .select<loyalty>(col<&account::email>, hewn::count(), first, last, between);
}

inline constexpr by_hand first_and_last_purchase_by_hand{
    R"( AS days_between
    FROM accounts a JOIN purchases p ON p.account_id = a.id
    GROUP BY a.id HAVING COUNT(*) >= 5 ORDER BY 5 DESC, a.id)",
    R"(
    SELECT a.email, COUNT(*) AS purchases, MIN(p.bought_at) AS first, MAX(p.bought_at) AS last,
      CAST(julianday(MAX(p.bought_at)) - julianday(MIN(p.bought_at)) + 0.00001 AS int))",
    R"(
    SELECT a.email, COUNT(*) AS purchases, MIN(p.bought_at) AS first, MAX(p.bought_at) AS last,
      CAST(floor(EXTRACT(EPOCH FROM MAX(p.bought_at) - MIN(p.bought_at)) / 86400) AS bigint))"};

// ---- ranking with ties

struct placed_account {
  std::int64_t place = 0;        // 1, 2, 2, 4
  std::int64_t dense_place = 0;  // 1, 2, 2, 3
  std::string email;
  std::int64_t purchases = 0;

  bool operator==(const placed_account&) const = default;
};

inline auto ranking_with_ties() {
  const auto most_first = hewn::order_by(hewn::count().desc());
  return from<account>.join<purchase>()
      .group_by(col<&account::id>)
      .order_by(hewn::count().desc(), col<&account::id>)
      .limit(10)
      .select<placed_account>(hewn::rank().over(most_first), hewn::dense_rank().over(most_first),
                              col<&account::email>, hewn::count());
}

inline constexpr by_hand ranking_with_ties_by_hand{R"(
    SELECT RANK() OVER w AS place, DENSE_RANK() OVER w AS dense_place, a.email,
      COUNT(*) AS purchases
    FROM accounts a JOIN purchases p ON p.account_id = a.id
    GROUP BY a.id WINDOW w AS (ORDER BY COUNT(*) DESC) ORDER BY COUNT(*) DESC, a.id LIMIT 10)"};

// ---- duplicates

struct duplicate {
  std::string address;
  std::int64_t accounts = 0;
  std::string ids;

  bool operator==(const duplicate&) const = default;
};

/// Accounts of one address, whatever its case and the blanks around it.
inline auto duplicate_accounts() {
  const auto address = hewn::lower(hewn::trim(col<&account::email>));
  const auto id = col<&account::id>;
  return from<account>.group_by(address)
      .having(hewn::count() > 1)
      .order_by(address)
      .select<duplicate>(address, hewn::count(),
                         hewn::string_agg(hewn::cast<std::string>(id), ", ").order_by(id));
}

inline constexpr by_hand duplicate_accounts_by_hand{
    R"( AS ids
    FROM (SELECT id, lower(trim(email)) AS address FROM accounts ORDER BY id) AS sorted
    GROUP BY address HAVING COUNT(*) > 1 ORDER BY address)",
    "SELECT address, COUNT(*) AS accounts, group_concat(id, ', ')",
    "SELECT address, COUNT(*) AS accounts, string_agg(CAST(id AS text), ', ' ORDER BY id)"};

// ---- totals of a hierarchy

// [totals_of_teams]
struct part_of_team {
  std::int64_t whole_id = 0;
  std::int64_t team_id = 0;
};
struct total_of_team {
  std::string team;
  std::int64_t accounts = 0;
  std::int64_t cents = 0;

  bool operator==(const total_of_team&) const = default;
};

/// What each team and all teams in it have bought.
inline auto totals_of_teams() {
  return hewn::with_recursive(
             from<team>.select<part_of_team>(col<&team::id>, col<&team::id>),
             from<part_of_team>.join<team>(col<&team::parent_id> == col<&part_of_team::team_id>).select<part_of_team>(col<&part_of_team::whole_id>, col<&team::id>),
             10'000)
      .from<part_of_team>()
      .join<team>(col<&team::id> == col<&part_of_team::whole_id>)
      .left_join<account>(col<&account::team_id> == col<&part_of_team::team_id>)
      .left_join<purchase>(col<&purchase::account_id> == col<&account::id>)
      .left_join<purchase_line>(col<&purchase_line::purchase_id> == col<&purchase::id>)
      .group_by(col<&team::id>)
      .order_by(col<&team::id>)
      .select<total_of_team>(col<&team::name>, hewn::count_distinct(col<&account::id>),
                             hewn::coalesce(hewn::sum(col<&purchase_line::cents>), 0));
}
// [/totals_of_teams]

inline constexpr by_hand totals_of_teams_by_hand{R"(
    WITH RECURSIVE parts(whole_id, team_id) AS (
      SELECT id, id FROM teams
      UNION ALL
      SELECT parts.whole_id, t.id FROM parts JOIN teams t ON t.parent_id = parts.team_id)
    SELECT w.name AS team, COUNT(DISTINCT a.id) AS accounts,
      CAST(COALESCE(SUM(l.cents), 0) AS bigint) AS cents
    FROM parts JOIN teams w ON w.id = parts.whole_id
    LEFT JOIN accounts a ON a.team_id = parts.team_id
    LEFT JOIN purchases p ON p.account_id = a.id
    LEFT JOIN purchase_lines l ON l.purchase_id = p.id
    GROUP BY w.id, w.name ORDER BY w.id)"};

}  // namespace reports
