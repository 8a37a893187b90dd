// tests/docs/shapes_test.cpp - the snippets of docs/guide/shapes.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/pages.hpp>
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hewn::col;

// [shape_model]
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
        .references<&worker::lead_id, &worker::id>()
        .index<&worker::project_id>()
        .index<&worker::lead_id>();
  }
};

struct skill {
  std::int64_t id = 0;
  std::string name;
};

struct worker_skill {
  std::int64_t worker_id = 0;
  std::int64_t skill_id = 0;
  std::int64_t years = 0;

  static consteval auto table() {
    return hewn::table("worker_skills")
        .primary_key<&worker_skill::worker_id, &worker_skill::skill_id>()
        .references<&worker_skill::worker_id, &worker::id>()
        .references<&worker_skill::skill_id, &skill::id>();
  }
};
// [/shape_model]

// [first_shape]
struct project_page {
  project self;                 // the root
  std::vector<worker> workers;  // those that refer to it
};
// [/first_shape]

// [shape_forms]
struct worker_page {
  worker self;
  project home;                // project_id is never NULL
  std::optional<worker> lead;  // lead_id may be
  std::vector<worker> team;    // those whose lead it is
};
// [/shape_forms]

// [shape_links]
struct known_skill {
  worker_skill link;
  skill what;
};

struct skilled_worker {
  worker self;
  std::vector<skill> skills;       // through the table between
  std::vector<known_skill> known;  // the rows of that table, each with the skill
};
// [/shape_links]

// [shape_tree]
struct project_tree {
  project self;
  std::vector<skilled_worker> workers;
};
// [/shape_tree]

// [shape_values]
struct project_numbers {
  project self;
  std::int64_t workers = 0;
  std::optional<std::int64_t> newest;
};
// [/shape_values]

// [shape_columns_model]
struct depot {
  std::string region;
  std::int64_t number = 0;
  std::string street;

  static consteval auto table() {
    return hewn::table("depots").primary_key<&depot::region, &depot::number>();
  }
};

struct parcel {
  std::int64_t id = 0;
  std::string region = {};
  std::int64_t from_depot = 0;
  std::optional<std::int64_t> to_depot = {};

  static consteval auto table() {
    return hewn::table("parcels")
        .references<&parcel::region, &parcel::from_depot, &depot::region, &depot::number>()
        .references<&parcel::region, &parcel::to_depot, &depot::region, &depot::number>();
  }
};

struct parcel_page {
  parcel self;
  depot origin;
  std::optional<depot> target;
};
// [/shape_columns_model]

TEST_CASE("the snippets about shapes") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<project, worker, skill, worker_skill>(db);
  db.insert_many(std::vector<project>{{1, "mill"}, {2, "yard"}, {3, "none"}});
  db.insert_many(std::vector<worker>{{1, "ann", 1}, {2, "bob", 1, 1}, {3, "cid", 2, 1}});
  db.insert_many(std::vector<skill>{{1, "saws"}, {2, "ropes"}});
  db.insert_many(std::vector<worker_skill>{{1, 1, 9}, {1, 2, 1}, {3, 2, 4}});
  docs::recorder sql(db);
  {
    // [shape_all]
    std::vector<project_page> pages = db.all(hewn::shape<project_page>);
    // [/shape_all]
    sql.expect("shape_all");
    REQUIRE(pages.size() == 3);
    CHECK(pages[0].workers.size() == 2);
  }
  {
    // [shape_where]
    auto query = hewn::shape<project_page>
                     .where(col<&project::name> != "none")
                     .order_by(col<&project::name>)
                     .with<&project_page::workers>(hewn::from<worker>
                                                       .where(col<&worker::name> != "bob")
                                                       .order_by(col<&worker::name>));
    auto pages = db.all(query);
    // [/shape_where]
    sql.expect("shape_where");
    REQUIRE(pages.size() == 2);
    CHECK(pages[0].workers.size() == 1);
  }
  {
    // [shape_limit]
    auto newest = db.all(hewn::shape<project_page>.with<&project_page::workers>(
        hewn::from<worker>.order_by(hewn::desc<&worker::id>).limit(1)));
    // [/shape_limit]
    sql.expect("shape_limit");
    REQUIRE(newest.size() == 3);
    CHECK(newest[0].workers[0].name == "bob");
  }
  {
    // [shape_get]
    worker_page page = db.get(hewn::shape<worker_page>, 1);
    // [/shape_get]
    sql.expect("shape_get");
    CHECK(page.home.name == "mill");
    CHECK(page.team.size() == 2);
  }
  {
    // [shape_through]
    auto workers = db.all(
        hewn::shape<skilled_worker>
            .with<&skilled_worker::skills>(hewn::through<worker_skill>)
            .with<&skilled_worker::known>(hewn::shape<known_skill>.order_by(
                hewn::desc<&worker_skill::years>)));
    // [/shape_through]
    sql.expect("shape_through");
    REQUIRE(workers.size() == 3);
    CHECK(workers[0].known[0].what.name == "saws");
    CHECK(workers[2].skills.size() == 1);
  }
  {
    // [shape_along]
    auto leads = db.all(hewn::shape<worker_page>.with<&worker_page::team>(
        hewn::from<worker>.order_by(col<&worker::name>), hewn::along<&worker::lead_id>));
    // [/shape_along]
    CHECK(leads.size() == 3);
    sql.forget();
  }
  {
    // [shape_nested]
    auto tree = db.all(hewn::shape<project_tree>.with<&project_tree::workers>(
        hewn::shape<skilled_worker>.order_by(col<&worker::name>).with<&skilled_worker::skills>(hewn::through<worker_skill>)));
    // [/shape_nested]
    REQUIRE(tree.size() == 3);
    CHECK(tree[0].workers[0].skills.size() == 2);
    sql.expect("shape_nested");
  }
  {
    // [shape_count]
    auto numbers = db.all(
        hewn::shape<project_numbers>
            .with<&project_numbers::workers>(hewn::from<worker>, hewn::count())
            .with<&project_numbers::newest>(hewn::from<worker>, hewn::max(col<&worker::id>)));
    // [/shape_count]
    sql.expect("shape_count");
    REQUIRE(numbers.size() == 3);
    CHECK(numbers[0].workers == 2);
    CHECK_FALSE(numbers[2].newest);
  }
  {
    // [shape_roots]
    const auto own = hewn::from<worker>.correlate<project>();
    auto busy = db.all(hewn::shape<project_page>.where(hewn::exists(own)));
    auto idle = db.all(hewn::shape<project_page>.where(!hewn::exists(own)));
    auto large = db.all(
        hewn::shape<project_page>.where(hewn::scalar(own.select<std::int64_t>(hewn::count())) > 1));
    // [/shape_roots]
    CHECK(busy.size() == 2);
    CHECK(idle.size() == 1);
    REQUIRE(large.size() == 1);
    CHECK(large[0].workers.size() == 2);
    sql.forget();
    db.all(hewn::shape<project_page>.where(hewn::exists(own)));
    sql.expect("shape_roots");
  }
  {
    auto projects = db.all<project>();
    sql.forget();
    // [shape_load]
    std::vector<project_page> pages;
    for (project& p : projects) pages.push_back({.self = std::move(p), .workers = {}});
    hewn::load<&project_page::workers>(db, pages);
    // [/shape_load]
    sql.expect("shape_load");
    CHECK(pages[0].workers.size() == 2);
    // [shape_load_some]
    project_page& first = pages.front();
    hewn::load<&project_page::workers>(db, first, hewn::from<worker>.order_by(col<&worker::name>));
    // [/shape_load_some]
    CHECK(first.workers.size() == 2);
  }
  {
    sql.forget();
    // [shape_insert]
    project_page fresh{.self = {.name = "boat"}, .workers = {{.name = "Eve"}, {.name = "Fay"}}};
    fresh = hewn::insert(db, fresh);  // keys and references are filled in
    // [/shape_insert]
    sql.expect("shape_insert");
    REQUIRE(fresh.workers.size() == 2);
    CHECK(fresh.workers[1].project_id == fresh.self.id);
    // [shape_save]
    const project_page before = db.get(hewn::shape<project_page>, fresh.self.id);
    project_page after = before;
    after.workers[0].name = "Eva";             // updated
    after.workers.pop_back();                  // removed
    after.workers.push_back({.name = "Gil"});  // inserted
    after = hewn::save(db, before, after);
    // [/shape_save]
    sql.forget();
    project_page again = after;
    again.workers[0].name = "Ewa";
    again.workers.pop_back();
    again.workers.push_back({.name = "Gus"});
    again = hewn::save(db, after, again);
    sql.expect("shape_save");
    CHECK(db.get(hewn::shape<project_page>, fresh.self.id).workers.size() == 2);
    // [shape_save_field]
    again.workers.resize(1);
    hewn::save<&project_page::workers>(db, again);  // removes the others that there are
    // [/shape_save_field]
    CHECK(db.get(hewn::shape<project_page>, fresh.self.id).workers.size() == 1);
    const std::int64_t eve = again.workers[0].id;
    const std::int64_t saws = db.first(hewn::from<skill>)->id;
    const std::int64_t nails = db.insert(skill{.name = "nails"}).id;
    sql.forget();
    // [shape_linking]
    hewn::link<&worker_skill::worker_id, &worker_skill::skill_id>(db, eve, {saws, nails});
    hewn::changed_links changed =
        hewn::set_links<&worker_skill::worker_id, &worker_skill::skill_id>(db, eve, {saws});
    hewn::unlink<&worker_skill::worker_id, &worker_skill::skill_id>(db, eve, {saws});
    // [/shape_linking]
    CHECK(changed.added == 0);
    CHECK(changed.removed == 1);
    CHECK_FALSE(db.exists(hewn::from<worker_skill>.where(col<&worker_skill::worker_id> == eve)));
    // [shape_save_links]
    const auto query =
        hewn::shape<skilled_worker>.with<&skilled_worker::skills>(hewn::through<worker_skill>);
    const skilled_worker was = db.get(query, eve);
    skilled_worker now = was;
    now.skills = {db.get<skill>(nails), {.name = "knots"}};  // one that is there, and a new one
    now = hewn::save(db, was, now, query);
    // [/shape_save_links]
    CHECK(db.get(query, eve).skills.size() == 2);
    now = hewn::save(db, now, skilled_worker{.self = now.self, .skills = {}, .known = {}}, query);
    db.remove(hewn::from<skill>.where(col<&skill::name>.in({"nails", "knots"})));
    db.remove<worker>(eve);
    db.remove<project>(fresh.self.id);
    sql.forget();
  }
  {
    hewn::sync<depot, parcel>(db);
    db.insert_many(std::vector<depot>{{"north", 1, "mill"}, {"north", 2, "yard"}});
    // [shape_columns]
    const auto parcels = hewn::shape<parcel_page>
                             .with<&parcel_page::origin>(hewn::along<&parcel::from_depot>)
                             .with<&parcel_page::target>(hewn::along<&parcel::to_depot>);
    const depot mill = db.get<depot>({"north", 1}), yard = db.get<depot>({"north", 2});
    hewn::insert(db, parcel_page{{}, mill, yard}, parcels);  // region, from_depot and to_depot
    auto all = db.all(parcels);
    // [/shape_columns]
    REQUIRE(all.size() == 1);
    CHECK(all[0].self.region == "north");
    CHECK(all[0].origin.street == "mill");
    CHECK(all[0].target.value().street == "yard");
    sql.forget();
  }
  {
    std::size_t seen = 0;
    // [shape_each]
    for (const project_page& page : db.each(hewn::shape<project_page>)) seen += page.workers.size();
    auto page = hewn::find_page(db, hewn::shape<project_page>, {.size = 2});
    // [/shape_each]
    CHECK(seen == 3);
    CHECK(page.rows.size() == 2);
    sql.forget();
  }
}
