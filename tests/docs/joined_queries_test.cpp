// tests/docs/joined_queries_test.cpp - the snippets of docs/guide/joined-queries.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using hewn::col;

// [joined_model]
struct project {
  std::int64_t id = 0;
  std::string name;
};

struct worker {
  std::int64_t id = 0;
  std::string name;
  std::int64_t project_id = 0;
  std::optional<std::int64_t> lead_id = {};

  static consteval auto table() {
    return hewn::table("workers")
        .references<&worker::project_id, &project::id>()
        .references<&worker::lead_id, &worker::id>();
  }
};

struct shift {
  std::int64_t id = 0;
  std::int64_t worker_id = 0;
  double hours = 0;

  static consteval auto table() {
    return hewn::table("shifts").references<&shift::worker_id, &worker::id>();
  }
};
// [/joined_model]

// [joined_rows]
struct member {
  std::string worker;
  std::string project;
};

struct hours_of_worker {
  std::int64_t id = 0;
  std::string name;
  std::int64_t shifts = 0;
  std::optional<double> hours;  // no shift, no sum
};

struct worker_and_lead {
  worker self;
  std::optional<worker> lead;  // the far side of an outer join
};
// [/joined_rows]

// [nested_rows]
struct team_hours {
  std::int64_t project_id = 0;
  std::int64_t workers = 0;
  std::optional<double> hours;
};

struct led {  // a worker, and how many leads are above
  std::int64_t id = 0;
  std::int64_t depth = 0;
};
// [/nested_rows]

// [lead_alias]
using lead = hewn::alias<worker, "lead">;
// [/lead_alias]

TEST_CASE("the snippets about queries over several tables") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<project, worker, shift>(db);
  const project mill = db.insert(project{.name = "mill"});
  db.insert(project{.name = "empty"});
  const worker ann = db.insert(worker{.name = "ann", .project_id = mill.id});
  const worker bob = db.insert(worker{.name = "bob", .project_id = mill.id, .lead_id = ann.id});
  db.insert(shift{.worker_id = bob.id, .hours = 8});
  db.insert(shift{.worker_id = bob.id, .hours = 4.5});
  docs::recorder sql(db);
  {
    // [join]
    auto members = db.all(hewn::from<worker>.join<project>()
                              .where(col<&project::name> == "mill")
                              .order_by(col<&worker::name>)
                              .select<member>(col<&worker::name>, col<&project::name>));
    // [/join]
    sql.expect("join");
    REQUIRE(members.size() == 2);
    CHECK(members[0].worker == "ann");
  }
  {
    // [join_on]
    auto long_shifts = db.all(
        hewn::from<worker>
            .join<shift>(col<&shift::worker_id> == col<&worker::id> && col<&shift::hours> > 6)
            .select<std::string>(col<&worker::name>));
    // [/join_on]
    sql.expect("join_on");
    CHECK(long_shifts == std::vector<std::string>{"bob"});
  }
  {
    // [self_join]
    auto pairs = db.all(hewn::from<worker>
                            .left_join<lead>(col<&worker::lead_id> == lead::col<&worker::id>)
                            .order_by(col<&worker::id>)
                            .select<worker_and_lead>(hewn::row_of<worker>, hewn::row_of<lead>));
    // [/self_join]
    sql.expect("self_join");
    REQUIRE(pairs.size() == 2);
    CHECK(!pairs[0].lead);
    CHECK(pairs[1].lead->name == "ann");
  }
  {
    // [groups]
    const auto hours = hewn::from<worker>.left_join<shift>()
                           .group_by(col<&worker::id>)
                           .having(hewn::count(col<&shift::id>) < 100)
                           .order_by(hewn::count(col<&shift::id>).desc(), col<&worker::id>)
                           .select<hours_of_worker>(col<&worker::id>, col<&worker::name>,
                                                    hewn::count(col<&shift::id>),
                                                    hewn::sum(col<&shift::hours>));
    for (const hours_of_worker& w : db.each(hours)) CHECK((w.hours.has_value() || w.shifts == 0));
    // [/groups]
    sql.expect("groups");
    CHECK(db.all(hours)[0].hours == 12.5);
    sql.forget();
  }
  {
    // [single_values]
    auto workers = db.one(hewn::from<worker>.select<std::int64_t>(hewn::count()));
    auto [first, last] = db.one(
        hewn::from<worker>.select<std::tuple<std::optional<std::string>, std::optional<std::string>>>(
            hewn::min(col<&worker::name>), hewn::max(col<&worker::name>)));
    // [/single_values]
    sql.expect("single_values");
    CHECK(workers == 2);
    CHECK(first == "ann");
    CHECK(last == "bob");
  }
}

TEST_CASE("the snippets about queries inside queries") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<project, worker, shift>(db);
  const project mill = db.insert(project{.name = "mill"});
  db.insert(project{.name = "empty"});
  const worker ann = db.insert(worker{.name = "ann", .project_id = mill.id});
  const worker bob = db.insert(worker{.name = "bob", .project_id = mill.id, .lead_id = ann.id});
  db.insert(shift{.worker_id = bob.id, .hours = 8});
  docs::recorder sql(db);
  {
    // [exists_query]
    const auto idle =
        hewn::from<worker>.where(!hewn::exists(hewn::from<shift>.correlate<worker>()));
    auto without_shift = db.all(idle);
    // [/exists_query]
    sql.expect("exists_query");
    REQUIRE(without_shift.size() == 1);
    CHECK(without_shift[0].name == "ann");
  }
  {
    // [in_query]
    const auto used = hewn::from<worker>.select(col<&worker::project_id>);
    auto unused = db.all(hewn::from<project>.where(col<&project::id>.not_in(used)));
    // [/in_query]
    sql.expect("in_query");
    CHECK(unused.size() == 1);
  }
  {
    // clang-format off
    // [scalar]
    const auto longest =
        hewn::scalar(hewn::from<shift>.correlate<worker>().select(hewn::max(col<&shift::hours>)));
    auto rows =
        db.all(hewn::from<worker>.order_by(col<&worker::id>).select(col<&worker::name>, longest));
    db.update(hewn::from<worker>.where(longest > 6.0), col<&worker::name> = "tired");
    // [/scalar]
    // clang-format on
    sql.expect("scalar");
    CHECK(std::get<1>(rows[1]) == 8);
    CHECK(db.get<worker>(bob.id).name == "tired");
    sql.forget();
  }
  {
    // [join_query]
    const auto hours =
        hewn::from<worker>.left_join<shift>().group_by(col<&worker::project_id>).select<team_hours>(col<&worker::project_id>, hewn::count_distinct(col<&worker::id>), hewn::sum(col<&shift::hours>));
    auto projects =
        db.all(hewn::from<project>
                   .left_join(hours, col<&team_hours::project_id> == col<&project::id>)
                   .order_by(col<&project::id>)
                   .select(col<&project::name>, col<&team_hours::hours>));
    // [/join_query]
    sql.expect("join_query");
    CHECK(std::get<1>(projects[0]) == 8);
    CHECK(!std::get<1>(projects[1]));
  }
  {
    // [recursive]
    const auto first =
        hewn::from<worker>.where(col<&worker::id> == ann.id).select<led>(col<&worker::id>, hewn::value(std::int64_t{0}));
    const auto next =
        hewn::from<led>.join<worker>(col<&worker::lead_id> == col<&led::id>).select<led>(col<&worker::id>, col<&led::depth> + 1);
    auto below = db.all(hewn::with_recursive(first, next, 1000)
                            .from<led>()
                            .order_by(col<&led::depth>)
                            .select<led>(hewn::row_of<led>));
    // [/recursive]
    sql.expect("recursive");
    REQUIRE(below.size() == 2);
    CHECK(below[1].depth == 1);
  }
  {
    // [set_operation]
    auto names = db.all(
        hewn::from<worker>.select(col<&worker::name>).union_distinct(hewn::from<project>.select(col<&project::name>)));
    // [/set_operation]
    sql.expect("set_operation");
    CHECK(names.size() == 4);
  }
  {
    // [row_values]
    auto after = db.all(hewn::from<shift>.where(hewn::row(col<&shift::hours>, col<&shift::id>) >
                                                hewn::row(7.5, 0)));
    // [/row_values]
    sql.expect("row_values");
    CHECK(after.size() == 1);
  }
  {
    // [whole_rows]
    for (const auto& [w, p] : db.all(hewn::from<worker>.join<project>()))
      CHECK(w.project_id == p.id);
    // [/whole_rows]
    sql.expect("whole_rows");
  }
}
