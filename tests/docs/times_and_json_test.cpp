// tests/docs/times_and_json_test.cpp - the snippets of docs/guide/times-and-json.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

// [times_and_json_includes]
#include <hewn/functions.hpp>
#include <hewn/json.hpp>
// [/times_and_json_includes]
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;

// [times_and_json_model]
struct limits {
  std::int64_t tokens = 0;
};

struct settings {
  std::string model;
  limits limit;
  std::vector<std::string> tags;
};

struct task {
  std::int64_t id = 0;
  hewn::timestamp started;
  std::optional<hewn::timestamp> ended;
  hewn::json<settings> configuration;
};

struct tasks_of_month {
  hewn::timestamp month;
  std::int64_t tasks = 0;
};
// [/times_and_json_model]

namespace {

using namespace std::chrono_literals;

hewn::timestamp at(int hour, int minute) {
  return hewn::date(2026y / 11 / 29) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

/// What was just run on SQLite, and what PostgreSQL gets.
template <class Query>
void expect_both(docs::recorder& sql, const std::string& name, const Query& query) {
  sql.expect(name);
  docs::check_region(name + "_on_postgres", query.plan().sql(hewn::dialect::postgres) + ";\n");
}

}  // namespace

TEST_CASE("the snippets about times and JSON") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<task>(db);
  db.insert(task{1, at(9, 5), at(9, 7), settings{"large", {100}, {"night", "paid"}}});
  db.insert(task{2, at(9, 50), std::nullopt, settings{"small", {5}, {}}});
  docs::recorder sql(db);
  {
    // [per_month]
    const auto month = hewn::truncate_to<hewn::unit::month>(col<&task::started>);
    const auto query = hewn::from<task>.group_by(month).order_by(month).select<tasks_of_month>(
        month, hewn::count());
    for (const tasks_of_month& m : db.each(query)) CHECK(m.tasks == 2);
    // [/per_month]
    expect_both(sql, "per_month", query);
  }
  {
    // [elapsed]
    const auto ran =
        hewn::elapsed<std::chrono::milliseconds>(col<&task::ended>, col<&task::started>);
    const auto slow = hewn::from<task>.where(ran > std::chrono::seconds(30));
    const auto query = slow.select<std::optional<double>>(hewn::avg(ran.count()));
    auto mean = db.one(query);
    // [/elapsed]
    expect_both(sql, "elapsed", query);
    CHECK(mean == 120'000.0);
  }
  {
    // [since]
    auto recent = db.count(hewn::from<task>.where(col<&task::started> >
                                                  hewn::add(hewn::now(), -std::chrono::hours(24))));
    // [/since]
    sql.forget();
    CHECK(recent <= 2);
  }
  {
    // [json_at]
    using hewn::json_at;
    constexpr auto c = col<&task::configuration>;
    const auto large = hewn::from<task>.where(json_at<&settings::limit, &limits::tokens>(c) > 10);
    const auto query = large.select<std::optional<std::string>>(json_at<&settings::model>(c));
    auto models = db.all(query);
    // [/json_at]
    expect_both(sql, "json_at", query);
    CHECK(models == std::vector<std::optional<std::string>>{"large"});
  }
  {
    // [json_names]
    const std::string name = "model";
    constexpr auto c = col<&task::configuration>;
    const auto limited = hewn::from<task>.where(hewn::json_has(c, "limit"));
    const auto query = limited.select<std::optional<std::string>>(hewn::json_text(c, name));
    auto models = db.all(query);
    // [/json_names]
    expect_both(sql, "json_names", query);
    CHECK(models.size() == 2);
  }
  {
    // [json_lists]
    const auto tags = hewn::json_at<&settings::tags>(col<&task::configuration>);
    const auto paid = hewn::from<task>.where(hewn::json_contains(tags, "paid"));
    const auto query = paid.select<std::optional<std::int64_t>>(hewn::json_length(tags));
    auto lengths = db.all(query);
    // [/json_lists]
    expect_both(sql, "json_lists", query);
    CHECK(lengths == std::vector<std::optional<std::int64_t>>{2});
  }
}
