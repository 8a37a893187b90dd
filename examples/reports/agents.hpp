// examples/reports/agents.hpp - what agents do: sessions, streaks, percentiles, the latest state.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "by_hand.hpp"
#include "data.hpp"
#include "model.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace reports {

// ---- median and percentiles by rank

struct ranked_run {
  std::int64_t agent_id = 0;
  std::int64_t duration_ms = 0;
  double part = 0;  // of the runs that take no longer
};
struct percentiles {
  std::string agent;
  std::optional<std::int64_t> median_ms;  // none for an agent that has never run
  std::optional<std::int64_t> p90_ms;

  bool operator==(const percentiles&) const = default;
};

inline auto percentiles_of_runs() {
  const auto ranked = from<run>.select<ranked_run>(
      col<&run::agent_id>, col<&run::duration_ms>,
      hewn::cume_dist().over(
          hewn::partition_by(col<&run::agent_id>).order_by(col<&run::duration_ms>)));
  const auto shortest = hewn::min(col<&ranked_run::duration_ms>);
  return hewn::with(ranked)
      .from<agent>()
      .left_join<ranked_run>(col<&ranked_run::agent_id> == col<&agent::id>)
      .group_by(col<&agent::id>)
      .order_by(col<&agent::id>)
      .select<percentiles>(col<&agent::name>, shortest.filter(col<&ranked_run::part> >= 0.5),
                           shortest.filter(col<&ranked_run::part> >= 0.9));
}

// PostgreSQL has a function for it.
inline constexpr by_hand percentiles_of_runs_by_hand{" GROUP BY a.id ORDER BY a.id",
                                                     R"(
    SELECT a.name AS agent, MIN(CASE WHEN r.part >= 0.5 THEN r.duration_ms END) AS median_ms,
      MIN(CASE WHEN r.part >= 0.9 THEN r.duration_ms END) AS p90_ms
    FROM agents a LEFT JOIN (
      SELECT *, CUME_DIST() OVER (PARTITION BY agent_id ORDER BY duration_ms) AS part FROM runs
    ) AS r ON r.agent_id = a.id)",
                                                     R"(
    SELECT a.name AS agent,
      percentile_disc(0.5) WITHIN GROUP (ORDER BY r.duration_ms) AS median_ms,
      percentile_disc(0.9) WITHIN GROUP (ORDER BY r.duration_ms) AS p90_ms
    FROM agents a LEFT JOIN runs r ON r.agent_id = a.id)"};

// ---- sessions

struct run_in_order {
  std::int64_t agent_id = 0;
  hewn::timestamp started_at;
  std::int64_t starts_session = 0;
};
struct run_of_session {
  std::int64_t agent_id = 0;
  hewn::timestamp started_at;
  std::int64_t session = 0;
};
struct longest_session {
  std::string agent;
  std::int64_t session = 0;
  hewn::timestamp began;
  std::int64_t minutes = 0;
  std::int64_t runs = 0;

  bool operator==(const longest_session&) const = default;
};

/// Runs of an agent with less than 45 minutes between them are a session; the five with most runs.
inline auto longest_sessions() {
  const auto in_order = hewn::partition_by(col<&run::agent_id>).order_by(col<&run::started_at>);
  const auto pause = hewn::elapsed<std::chrono::minutes>(
      col<&run::started_at>, hewn::lag(col<&run::started_at>).over(in_order));
  const auto marked =
      from<run>.select<run_in_order>(col<&run::agent_id>, col<&run::started_at>,
                                     hewn::when(pause < std::chrono::minutes(45), 0).otherwise(1));
  const auto numbered = from<run_in_order>.select<run_of_session>(
      col<&run_in_order::agent_id>, col<&run_in_order::started_at>,
      hewn::sum(col<&run_in_order::starts_session>)
          .over(hewn::partition_by(col<&run_in_order::agent_id>)
                    .order_by(col<&run_in_order::started_at>)));
  const auto began = hewn::min(col<&run_of_session::started_at>);
  const auto ended = hewn::max(col<&run_of_session::started_at>);
  return hewn::with(marked)
      .with(numbered)
      .from<run_of_session>()
      .join<agent>(col<&agent::id> == col<&run_of_session::agent_id>)
      .group_by(col<&agent::id>, col<&run_of_session::session>)
      .order_by(hewn::count().desc(), began)
      .limit(5)
      .select<longest_session>(col<&agent::name>, col<&run_of_session::session>, began,
                               hewn::elapsed<std::chrono::minutes>(ended, began).count(),
                               hewn::count());
}

inline constexpr by_hand longest_sessions_by_hand{
    R"(,
    numbered AS (
      SELECT *, SUM(CASE WHEN pause < 45 THEN 0 ELSE 1 END)
        OVER (PARTITION BY agent_id ORDER BY started_at) AS session FROM paused)
    SELECT a.name AS agent, CAST(n.session AS bigint) AS session, MIN(n.started_at) AS began,
      CAST(MAX(n.minute) - MIN(n.minute) AS bigint) AS minutes, COUNT(*) AS runs
    FROM numbered n JOIN agents a ON a.id = n.agent_id
    GROUP BY a.id, n.session ORDER BY COUNT(*) DESC, MIN(n.started_at) LIMIT 5)",
    R"(
    WITH timed AS (SELECT *, CAST(strftime('%s', started_at) AS int) / 60 AS minute FROM runs),
    paused AS (
      SELECT *, minute - LAG(minute) OVER (PARTITION BY agent_id ORDER BY started_at) AS pause
      FROM timed))",
    R"(
    WITH timed AS (
      SELECT *, CAST(floor(EXTRACT(EPOCH FROM started_at) / 60) AS bigint) AS minute FROM runs),
    paused AS (
      SELECT *, minute - LAG(minute) OVER (PARTITION BY agent_id ORDER BY started_at) AS pause
      FROM timed))"};

// ---- gaps and islands

struct day_of_runs {
  std::int64_t agent_id = 0;
  hewn::date day;
};
struct day_of_streak {
  std::int64_t agent_id = 0;
  hewn::date day;
  std::int64_t island = 0;  // the same for days that follow each other
};
struct streak {
  std::string agent;
  hewn::date since;
  hewn::date until;
  std::int64_t days = 0;

  bool operator==(const streak&) const = default;
};

/// Days in a row on which an agent runs, four at least.
inline auto streaks_of_agents() {
  const auto day = hewn::date_of(col<&run::started_at>);
  const auto days = from<run>.distinct().select<day_of_runs>(col<&run::agent_id>, day);
  const auto in_order =
      hewn::partition_by(col<&day_of_runs::agent_id>).order_by(col<&day_of_runs::day>);
  const auto number =
      hewn::elapsed<std::chrono::days>(col<&day_of_runs::day>, hewn::value(first_day)).count();
  const auto islands =
      from<day_of_runs>.select<day_of_streak>(col<&day_of_runs::agent_id>, col<&day_of_runs::day>,
                                              number - hewn::row_number().over(in_order));
  return hewn::with(days)
      .with(islands)
      .from<day_of_streak>()
      .join<agent>(col<&agent::id> == col<&day_of_streak::agent_id>)
      .group_by(col<&agent::id>, col<&day_of_streak::island>)
      .having(hewn::count() >= 4)
      .order_by(hewn::count().desc(), col<&agent::id>, hewn::min(col<&day_of_streak::day>))
      .select<streak>(col<&agent::name>, hewn::min(col<&day_of_streak::day>),
                      hewn::max(col<&day_of_streak::day>), hewn::count());
}

inline constexpr by_hand streaks_of_agents_by_hand{
    R"(,
    islands AS (
      SELECT *, number - ROW_NUMBER() OVER (PARTITION BY agent_id ORDER BY day) AS island FROM days)
    SELECT a.name AS agent, MIN(i.day) AS since, MAX(i.day) AS until, COUNT(*) AS days
    FROM islands i JOIN agents a ON a.id = i.agent_id
    GROUP BY a.id, i.island HAVING COUNT(*) >= 4 ORDER BY COUNT(*) DESC, a.id, MIN(i.day))",
    R"(
    WITH days AS (
      SELECT DISTINCT agent_id, date(started_at) AS day,
        CAST(julianday(date(started_at)) + 0.5 AS int) AS number FROM runs))",
    R"(
    WITH days AS (
      SELECT DISTINCT agent_id, CAST(started_at AT TIME ZONE 'UTC' AS date) AS day,
        CAST(started_at AT TIME ZONE 'UTC' AS date) - DATE '2000-01-01' AS number FROM runs))"};

// ---- the latest state

struct dated_state {
  std::int64_t agent_id = 0;
  agent_state state = agent_state::idle;
  hewn::timestamp since;
  std::int64_t age = 0;  // 1: the latest
};
struct latest_state {
  std::string agent;
  agent_state state = agent_state::idle;
  hewn::timestamp since;

  bool operator==(const latest_state&) const = default;
};

inline auto latest_states() {
  const auto latest_first = hewn::partition_by(col<&state_change::agent_id>)
                                .order_by(hewn::desc<&state_change::changed_at>);
  const auto dated = from<state_change>.select<dated_state>(
      col<&state_change::agent_id>, col<&state_change::state>, col<&state_change::changed_at>,
      hewn::row_number().over(latest_first));
  return hewn::with(dated)
      .from<dated_state>()
      .join<agent>(col<&agent::id> == col<&dated_state::agent_id>)
      .where(col<&dated_state::age> == 1)
      .order_by(col<&agent::id>)
      .select<latest_state>(col<&agent::name>, col<&dated_state::state>, col<&dated_state::since>);
}

inline constexpr by_hand latest_states_by_hand{R"(
    SELECT a.name AS agent, c.state, c.changed_at AS since
    FROM agents a JOIN state_changes c ON c.agent_id = a.id
    WHERE c.changed_at = (SELECT MAX(changed_at) FROM state_changes WHERE agent_id = a.id)
    ORDER BY a.id)"};

// ---- by day of the week

struct load_of_weekday {
  std::int64_t weekday = 0;  // 1: Monday
  std::int64_t runs = 0;
  std::int64_t failed = 0;
  double mean_ms = 0;

  bool operator==(const load_of_weekday&) const = default;
};

inline auto load_by_weekday() {
  const auto weekday = hewn::weekday(col<&run::started_at>);
  return from<run>.group_by(weekday).order_by(weekday).select<load_of_weekday>(
      weekday, hewn::count(), hewn::count_if(col<&run::failed>), hewn::avg(col<&run::duration_ms>));
}

inline constexpr by_hand load_by_weekday_by_hand{
    R"( AS weekday, COUNT(*) AS runs, COUNT(CASE WHEN failed THEN 1 END) AS failed,
      CAST(AVG(duration_ms) AS double precision) AS mean_ms
    FROM runs GROUP BY 1 ORDER BY 1)",
    "SELECT (CAST(strftime('%w', started_at) AS int) + 6) % 7 + 1",
    "SELECT CAST(EXTRACT(ISODOW FROM started_at AT TIME ZONE 'UTC') AS bigint)"};

}  // namespace reports
