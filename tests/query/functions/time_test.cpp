// tests/query/functions/time_test.cpp - the SQL text of functions of times.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/query/functions/time.hpp>
#include <hewn/query/select/as_joined.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

using namespace std::chrono_literals;

using hewn::add;
using hewn::col;
using hewn::dialect;
using hewn::from;
using hewn::timestamp;
using hewn::truncate_to;
using hewn::unit;

namespace {

using integer = std::int64_t;

struct run {
  integer id = 0;
  timestamp at;
  std::optional<std::chrono::sys_seconds> ended;
  hewn::date day;
  static consteval auto table() { return hewn::table("runs"); }
};

/// What stands between SELECT and FROM.
template <class R, class E>
std::string selected(dialect d, const E& e) {
  const auto query = from<run>.where(col<&run::id> > 0).template select<R>(e);
  const std::string sql = query.plan().sql(d);
  return sql.substr(7, sql.find(" FROM \"runs\" WHERE") - 7);
}

template <class R, class E>
std::string sqlite(const E& e) {
  return selected<R>(dialect::sqlite, e);
}

template <class R, class E>
std::string postgres(const E& e) {
  return selected<R>(dialect::postgres, e);
}

}  // namespace

TEST_CASE("clocks, parts and days have their words") {
  CHECK(sqlite<timestamp>(hewn::now()) ==
        "replace(strftime('%Y-%m-%d %H:%M:%f000', 'now'), '.000000', '')");
  CHECK(postgres<timestamp>(hewn::now()) == "now()");
  CHECK(sqlite<hewn::date>(hewn::today()) == "date('now')");
  CHECK(postgres<hewn::date>(hewn::today()) == "CAST(now() AT TIME ZONE 'UTC' AS date)");
  CHECK(sqlite<hewn::date>(hewn::date_of(col<&run::at>)) == R"(substr("runs"."at", 1, 10))");
  CHECK(postgres<hewn::date>(hewn::date_of(col<&run::at>)) ==
        R"(CAST("runs"."at" AT TIME ZONE 'UTC' AS date))");
  CHECK(sqlite<integer>(hewn::year(col<&run::at>)) ==
        R"(CAST(substr("runs"."at", 1, 4) AS INTEGER))");
  CHECK(postgres<integer>(hewn::year(col<&run::at>)) ==
        R"((CAST(extract(year FROM "runs"."at" AT TIME ZONE 'UTC' + interval '400 years') AS )"
        R"(bigint) - 400))");
  CHECK(postgres<integer>(hewn::month(col<&run::day>)) ==
        R"(CAST(extract(month FROM "runs"."day") AS bigint))");
  CHECK(sqlite<integer>(hewn::weekday(col<&run::day>)) ==
        R"(((strftime('%w', substr("runs"."day", 1, 10)) + 6) % 7 + 1))");
}

TEST_CASE("an operand that SQLite needs twice has its values once") {
  const auto quarter = truncate_to<unit::quarter>(add(col<&run::day>, std::chrono::days(1)));
  const std::string shifted =
      R"(CASE WHEN "runs"."day" BETWEEN ?2 AND ?3 THEN date("runs"."day", ?4 || ' days') WHEN )"
      R"("runs"."day" IS NOT NULL THEN abs(length("runs"."day") * 0 - 9223372036854775807 - 1) END)";
  CHECK(sqlite<hewn::date>(quarter) == "(substr(" + shifted + ", 1, 5) || printf('%02d', (substr(" +
                                           shifted + ", 6, 2) - 1) / 3 * 3 + 1) || '-01')");
  CHECK(postgres<hewn::date>(quarter) ==
        R"(CAST(date_trunc('quarter', CAST(CASE WHEN "runs"."day" BETWEEN CAST($2 AS date) AND )"
        R"(CAST($3 AS date) THEN "runs"."day" + CAST($4 AS integer) ELSE "runs"."day" + )"
        R"((2147483647 + CAST($4 AS integer) * 0) END AS timestamp)) AS date))");
}

TEST_CASE("values behind a function keep their numbers") {
  const auto ended = add(col<&run::ended>, 1ms);
  const auto query = from<run>.where(hewn::elapsed<std::chrono::seconds>(ended, col<&run::at>) > 5s)
                         .distinct()
                         .where(col<&run::id> > 7)
                         .limit(3)
                         .select<integer>(col<&run::id>);
  const std::string sqlite = query.plan().sql(dialect::sqlite);
  CHECK(sqlite.ends_with(R"(* 1000000 + substr("runs"."at", 21))) / 1000000) > ?5 AND )"
                         R"("runs"."id" > ?6 LIMIT ?7)"));
  const std::string postgres = query.plan().sql(dialect::postgres);
  CHECK(
      postgres ==
      R"(SELECT DISTINCT "runs"."id" FROM "runs" WHERE ((CAST(extract(epoch FROM CASE WHEN )"
      R"("runs"."ended" BETWEEN CAST($1 AS timestamptz) AND CAST($2 AS timestamptz) THEN )"
      R"("runs"."ended" + CAST($3 AS bigint) * interval '1 second' + CAST($4 AS bigint) * )"
      R"(interval '1 microsecond' ELSE "runs"."ended" + (interval '300000 years' + CAST($3 AS )"
      R"(bigint) * interval '0') END) * 1000000 AS bigint) - CAST(extract(epoch FROM "runs"."at") )"
      R"(* 1000000 AS bigint)) / 1000000) > $5 AND "runs"."id" > $6 LIMIT $7)");
}
