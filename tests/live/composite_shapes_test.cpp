// tests/live/composite_shapes_test.cpp - shapes along references of several columns.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/pages.hpp>
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::shape;
using support::failure_of;

namespace {

struct depot {
  std::string region;
  std::int32_t number = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("depots").primary_key<&depot::region, &depot::number>();
  }
};

/// Belongs to a depot, or to none where a column is NULL.
struct van {
  std::int64_t id = 0;
  std::string region;
  std::optional<std::int32_t> depot_number;
  std::int32_t seats = 0;
  static consteval auto table() {
    return hewn::table("vans")
        .references<&van::region, &van::depot_number, &depot::region, &depot::number>()
        .index<&van::region, &van::depot_number>();
  }
};

/// There is one for a depot at most, and its key has that of the depot in it.
struct lease_terms {
  std::string region;
  std::int32_t depot_number = 0;
  std::int32_t years = 0;
  static consteval auto table() {
    return hewn::table("lease_terms")
        .primary_key<&lease_terms::region, &lease_terms::depot_number>()
        .references<&lease_terms::region, &lease_terms::depot_number, &depot::region,
                    &depot::number>()
        .without_rowid();
  }
};

struct driver {
  std::string region;
  std::int64_t number = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("drivers").primary_key<&driver::region, &driver::number>();
  }
};

/// Links depots and drivers of one region.
struct shift {
  std::string region;
  std::int32_t depot_number = 0;
  std::int64_t driver_number = 0;
  std::int32_t hours = 8;
  static consteval auto table() {
    return hewn::table("shifts")
        .primary_key<&shift::region, &shift::depot_number, &shift::driver_number>()
        .references<&shift::region, &shift::depot_number, &depot::region, &depot::number>()
        .references<&shift::region, &shift::driver_number, &driver::region, &driver::number>();
  }
};

/// Two references with a column in common.
struct parcel {
  std::int64_t id = 0;
  std::string region;
  std::int32_t from_number = 0;
  std::optional<std::int32_t> to_number;
  static consteval auto table() {
    return hewn::table("parcels")
        .references<&parcel::region, &parcel::from_number, &depot::region, &depot::number>()
        .references<&parcel::region, &parcel::to_number, &depot::region, &depot::number>();
  }
};

// Rows of organisations, whose keys and references include them.

struct crew {
  std::int64_t organisation_id = 0;
  std::int64_t number = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("crews")
        .primary_key<&crew::organisation_id, &crew::number>()
        .tenant<&crew::organisation_id>();
  }
};

struct worker {
  std::int64_t organisation_id = 0;
  std::int64_t number = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("workers")
        .primary_key<&worker::organisation_id, &worker::number>()
        .tenant<&worker::organisation_id>();
  }
};

struct task {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;
  std::optional<std::int64_t> crew_number;
  std::string title;
  static consteval auto table() {
    return hewn::table("tasks")
        .references<&task::organisation_id, &task::crew_number, &crew::organisation_id,
                    &crew::number>()
        .tenant<&task::organisation_id>();
  }
};

struct crew_worker {
  std::int64_t organisation_id = 0;
  std::int64_t crew_number = 0;
  std::int64_t worker_number = 0;
  static consteval auto table() {
    return hewn::table("crew_workers")
        .primary_key<&crew_worker::organisation_id, &crew_worker::crew_number,
                     &crew_worker::worker_number>()
        .references<&crew_worker::organisation_id, &crew_worker::crew_number,
                    &crew::organisation_id, &crew::number>()
        .references<&crew_worker::organisation_id, &crew_worker::worker_number,
                    &worker::organisation_id, &worker::number>()
        .tenant<&crew_worker::organisation_id>();
  }
};

struct crew_page {
  crew self;
  std::vector<task> tasks;
  std::vector<worker> workers;
  std::int64_t size = 0;
};

struct task_page {
  task self;
  std::optional<crew> of;
};

struct depot_page {
  depot self;
  std::vector<van> vans;
  std::vector<driver> drivers;
  std::optional<lease_terms> terms;
};

struct van_page {
  van self;
  std::optional<depot> home;
};

struct lease_page {
  lease_terms self;
  depot of;
};

struct parcel_page {
  parcel self;
  depot origin;
  std::optional<depot> target;
};

struct depot_numbers {
  depot self;
  std::int64_t vans = 0;
  std::optional<std::int32_t> most_seats;
  std::int64_t drivers = 0;
};

struct depot_and_vans {
  depot self;
  std::vector<van> vans;
};

struct region_tree {
  driver self;
  std::vector<depot_and_vans> depots;
};

using ids = std::vector<std::int64_t>;

ids ids_of(const std::vector<van>& vans) {
  ids out;
  for (const van& v : vans) out.push_back(v.id);
  return out;
}

ids numbers_of(const std::vector<driver>& drivers) {
  ids out;
  for (const driver& d : drivers) out.push_back(d.number);
  return out;
}

support::database empty(support::place& place) {
  auto db = place.open();
  hewn::sync<depot, van, lease_terms, driver, shift, parcel>(db);
  return db;
}

/// The numbers of the depots are the same in both regions.
support::database filled(support::place& place) {
  auto db = empty(place);
  db.insert_many(std::vector<depot>{{"north", 1, "alpha"},
                                    {"north", 2, "beta"},
                                    {"south, \"x\"", 1, "gamma"},
                                    {"south, \"x\"", 2, "delta"}});
  db.insert_many(std::vector<van>{{1, "north", 1, 3},
                                  {2, "south, \"x\"", 1, 5},
                                  {3, "north", 1, 7},
                                  {4, "north", {}, 2},
                                  {5, "south, \"x\"", 2, 4},
                                  {6, "north", 1, 1}});
  db.insert_many(std::vector<lease_terms>{{"north", 2, 10}, {"south, \"x\"", 1, 5}});
  db.insert_many(
      std::vector<driver>{{"north", 7, "ada"}, {"north", 8, "bob"}, {"south, \"x\"", 7, "cyd"}});
  db.insert_many(std::vector<shift>{
      {"north", 1, 7, 8}, {"north", 1, 8, 4}, {"north", 2, 8, 4}, {"south, \"x\"", 2, 7, 8}});
  return db;
}

constexpr auto pages = shape<depot_page>
                           .order_by(hewn::asc<&depot::region>, hewn::asc<&depot::number>)
                           .with<&depot_page::vans>(from<van>.order_by(hewn::asc<&van::id>))
                           .with<&depot_page::drivers>(
                               from<driver>.order_by(hewn::asc<&driver::number>),
                               hewn::through<shift>);

}  // namespace

TEST_CASE("a reference of several columns relates rows to a root", "[R1]") {
  support::place place;
  auto db = filled(place);
  const auto all = db.all(pages);
  REQUIRE(all.size() == 4);
  CHECK(ids_of(all[0].vans) == ids{1, 3, 6});
  CHECK(all[1].vans.empty());
  CHECK(ids_of(all[2].vans) == ids{2});
  CHECK(ids_of(all[3].vans) == ids{5});
  CHECK(numbers_of(all[0].drivers) == ids{7, 8});
  CHECK(numbers_of(all[1].drivers) == ids{8});
  CHECK(all[2].drivers.empty());
  CHECK(all[3].drivers.at(0).name == "cyd");
  CHECK_FALSE(all[0].terms);
  REQUIRE(all[1].terms);
  CHECK(all[1].terms->years == 10);
  REQUIRE(all[2].terms);
  CHECK(all[2].terms->years == 5);

  // By a list of keys: no row of another pair made of the same values.
  const auto two =
      db.all(pages.where((col<&depot::region> == "north" && col<&depot::number> == 2) ||
                         (col<&depot::region> != "north" && col<&depot::number> == 1)));
  REQUIRE(two.size() == 2);
  CHECK(two[0].vans.empty());
  CHECK(ids_of(two[1].vans) == ids{2});
  CHECK(numbers_of(two[0].drivers) == ids{8});
  CHECK(two[1].drivers.empty());
  REQUIRE(two[0].terms);
  CHECK(two[0].terms->years == 10);

  const auto one = db.get(pages, {"north", 1});
  CHECK(ids_of(one.vans) == ids{1, 3, 6});
  CHECK(hewn::find_page(db, pages, {.size = 3}).rows.at(0).vans.size() == 3);
}

TEST_CASE("a row along a reference of several columns is beside its root", "[R1]") {
  support::place place;
  auto db = filled(place);
  const support::statement_log log;
  db.observe(log);
  const auto vans = db.all(shape<van_page>.order_by(hewn::asc<&van::id>));
  REQUIRE(vans.size() == 6);
  REQUIRE(vans[0].home);
  CHECK(vans[0].home->name == "alpha");
  REQUIRE(vans[1].home);
  CHECK(vans[1].home->name == "gamma");
  CHECK_FALSE(vans[3].home);
  REQUIRE(vans[4].home);
  CHECK(vans[4].home->name == "delta");
  REQUIRE(vans[5].home);
  CHECK(vans[5].home->name == "alpha");
  const auto terms = db.all(shape<lease_page>.order_by(hewn::asc<&lease_terms::years>));
  REQUIRE(terms.size() == 2);
  CHECK(terms[0].of.name == "gamma");
  CHECK(terms[1].of.name == "beta");
}

TEST_CASE("a limit along a reference of several columns is for each parent", "[R2]") {
  support::place place;
  auto db = filled(place);
  const auto all = db.all(
      pages
          .with<&depot_page::vans>(
              from<van>.where(col<&van::seats> != 1).order_by(hewn::desc<&van::id>).limit(1))
          .with<&depot_page::drivers>(from<driver>.order_by(hewn::desc<&driver::number>).limit(1),
                                      hewn::through<shift>));
  REQUIRE(all.size() == 4);
  CHECK(ids_of(all[0].vans) == ids{3});
  CHECK(all[1].vans.empty());
  CHECK(ids_of(all[2].vans) == ids{2});
  CHECK(ids_of(all[3].vans) == ids{5});
  CHECK(numbers_of(all[0].drivers) == ids{8});
  CHECK(numbers_of(all[1].drivers) == ids{8});
  CHECK(all[2].drivers.empty());
  CHECK(numbers_of(all[3].drivers) == ids{7});
}

TEST_CASE("an aggregate is of the rows along a reference of several columns", "[R4]") {
  support::place place;
  auto db = filled(place);
  constexpr auto numbers =
      shape<depot_numbers>.order_by(hewn::asc<&depot::region>, hewn::asc<&depot::number>)
          .with<&depot_numbers::vans>(from<van>, hewn::count())
          .with<&depot_numbers::most_seats>(from<van>, hewn::max(col<&van::seats>))
          .with<&depot_numbers::drivers>(from<driver>, hewn::through<shift>, hewn::count());
  for (const auto& all : {db.all(numbers), db.all(numbers.where(col<&depot::number> < 9))}) {
    REQUIRE(all.size() == 4);
    CHECK(all[0].vans == 3);
    CHECK(all[0].most_seats == 7);
    CHECK(all[0].drivers == 2);
    CHECK(all[1].vans == 0);
    CHECK_FALSE(all[1].most_seats);
    CHECK(all[1].drivers == 1);
    CHECK(all[2].vans == 1);
    CHECK(all[2].drivers == 0);
    CHECK(all[3].most_seats == 4);
  }
}

TEST_CASE("along names any column that a reference has for itself", "[R1]") {
  support::place place;
  auto db = filled(place);
  db.insert_many(
      std::vector<parcel>{{1, "north", 1, 2}, {2, "north", 2, {}}, {3, "south, \"x\"", 2, 1}});
  const auto all = db.all(shape<parcel_page>.order_by(hewn::asc<&parcel::id>)
                              .with<&parcel_page::origin>(hewn::along<&parcel::from_number>)
                              .with<&parcel_page::target>(hewn::along<&parcel::to_number>));
  REQUIRE(all.size() == 3);
  CHECK(all[0].origin.name == "alpha");
  REQUIRE(all[0].target);
  CHECK(all[0].target->name == "beta");
  CHECK(all[1].origin.name == "beta");
  CHECK_FALSE(all[1].target);
  CHECK(all[2].origin.name == "delta");
  REQUIRE(all[2].target);
  CHECK(all[2].target->name == "gamma");
}

TEST_CASE("shapes hold shapes along references of several columns", "[R1]") {
  support::place place;
  auto db = filled(place);
  const auto all = db.all(
      shape<region_tree>.order_by(hewn::asc<&driver::name>)
          .with<&region_tree::depots>(
              shape<depot_and_vans>.order_by(hewn::asc<&depot::number>)
                  .with<&depot_and_vans::vans>(from<van>.order_by(hewn::asc<&van::id>)),
              hewn::through<shift>));
  REQUIRE(all.size() == 3);
  REQUIRE(all[0].depots.size() == 1);
  CHECK(ids_of(all[0].depots[0].vans) == ids{1, 3, 6});
  REQUIRE(all[1].depots.size() == 2);
  CHECK(ids_of(all[1].depots[0].vans) == ids{1, 3, 6});
  CHECK(all[1].depots[1].vans.empty());
  REQUIRE(all[2].depots.size() == 1);
  CHECK(ids_of(all[2].depots[0].vans) == ids{5});
}

TEST_CASE("many keys of several columns are one list", "[R6]") {
  support::place place;
  auto db = empty(place);
  std::vector<depot> depots;
  std::vector<van> vans;
  for (int i = 0; i != 3000; ++i) {
    depots.push_back({"r" + std::to_string(i % 50), i / 50, "d" + std::to_string(i)});
    vans.push_back({i + 1, depots.back().region, i / 50, i});
  }
  db.insert_many(depots);
  db.insert_many(vans);
  const support::statement_log log;
  db.observe(log);
  const auto all =
      db.all(shape<van_page>.where(col<&van::seats> >= 0).order_by(hewn::asc<&van::id>));
  REQUIRE(all.size() == 3000);
  for (std::size_t i = 0; i != all.size(); ++i)
    if (!all[i].home || all[i].home->name != depots[i].name) FAIL("van " << i);
  CHECK(log.texts().size() <= 4);
  for (const auto& page : db.all(shape<depot_and_vans>.where(col<&depot::number> >= 0)))
    if (page.vans.size() != 1 || page.vans[0].region != page.self.region) FAIL(page.self.name);
}

TEST_CASE("a shape is written along references of several columns", "[R8]") {
  support::place place;
  auto db = empty(place);
  const driver ada = db.insert(driver{"north", 7, "ada"});
  constexpr auto query = pages;
  const depot_page stored = hewn::insert(
      db,
      depot_page{
          {"north", 1, "alpha"}, {{0, "", {}, 3}, {0, "", {}, 5}}, {ada}, lease_terms{"", 0, 9}},
      query);
  CHECK(stored.vans[1].region == "north");
  CHECK(stored.vans[1].depot_number == 1);
  REQUIRE(stored.terms);
  CHECK(stored.terms->depot_number == 1);
  depot_page read = db.get(query, {"north", 1});
  REQUIRE(read.vans.size() == 2);
  CHECK(numbers_of(read.drivers) == ids{7});
  REQUIRE(read.terms);
  CHECK(read.terms->years == 9);
  CHECK(db.get<shift>({"north", 1, 7}).hours == 8);

  // What is gone is removed, what is new has its reference, and a linked row stays.
  depot_page after = read;
  after.vans.erase(after.vans.begin());
  after.vans.push_back({0, "elsewhere", 99, 8});
  after.vans[0].seats = 6;
  after.drivers = {db.insert(driver{"north", 8, "bob"})};
  after.terms.reset();
  hewn::save(db, read, after, query);
  read = db.get(query, {"north", 1});
  REQUIRE(read.vans.size() == 2);
  CHECK(read.vans[0].seats == 6);
  CHECK(read.vans[1].seats == 8);
  CHECK(numbers_of(read.drivers) == ids{8});
  CHECK_FALSE(read.terms);
  CHECK(db.count<driver>() == 2);
  CHECK(db.count<shift>() == 1);
  CHECK(db.count<van>() == 2);

  read.vans.clear();
  hewn::save<&depot_page::vans>(db, read, query);
  CHECK(db.count<van>() == 0);
}

TEST_CASE("a root refers by several columns to the row that it holds", "[R8]") {
  support::place place;
  auto db = filled(place);
  const van_page before = db.get(shape<van_page>, 1);
  van_page after = before;
  after.home = db.get<depot>({"south, \"x\"", 2});
  CHECK(hewn::save(db, before, after).self.region == "south, \"x\"");
  CHECK(db.get<van>(1).depot_number == 2);

  // Of the two columns one can be NULL, and then the reference is to nothing.
  van_page none = db.get(shape<van_page>, 1);
  none.home.reset();
  hewn::save(db, db.get(shape<van_page>, 1), none);
  CHECK(db.get<van>(1).region == "south, \"x\"");
  CHECK_FALSE(db.get<van>(1).depot_number);

  // A key that has the reference in it stays.
  const lease_page old = db.get(shape<lease_page>, {"north", 2});
  lease_page moved = old;
  moved.of = db.get<depot>({"north", 1});
  const auto e = failure_of([&] { hewn::save(db, old, moved); });
  CHECK(e.code() == errc::usage);
  CHECK(e.column() == "depot_number");
  moved.of = old.of;
  moved.of.name = "renamed";
  hewn::save(db, old, moved);
  CHECK(db.get<depot>({"north", 2}).name == "renamed");
}

TEST_CASE("references with a column in common agree in it or are an error", "[R8]") {
  support::place place;
  auto db = filled(place);
  constexpr auto query =
      shape<parcel_page>.with<&parcel_page::origin>(hewn::along<&parcel::from_number>).with<&parcel_page::target>(hewn::along<&parcel::to_number>);
  const depot alpha = db.get<depot>({"north", 1}), beta = db.get<depot>({"north", 2}),
              delta = db.get<depot>({"south, \"x\"", 2});
  const parcel_page good = hewn::insert(db, parcel_page{{}, alpha, beta}, query);
  CHECK(good.self.region == "north");
  CHECK(good.self.from_number == 1);
  CHECK(good.self.to_number == 2);

  const auto split = failure_of([&] { hewn::insert(db, parcel_page{{}, alpha, delta}, query); });
  CHECK(split.code() == errc::usage);
  CHECK(split.column() == "region");
  parcel_page other = good;
  other.target = delta;
  CHECK(failure_of([&] { hewn::save(db, good, other, query); }).code() == errc::usage);
  // Of both alike the region may be another.
  other.origin = db.get<depot>({"south, \"x\"", 1});
  hewn::save(db, good, other, query);
  CHECK(db.get(query, good.self.id).origin.name == "gamma");

  // The region is that of the other reference, so that only the number becomes NULL.
  parcel_page open = db.get(query, good.self.id);
  open.target.reset();
  hewn::save(db, db.get(query, good.self.id), open, query);
  CHECK(db.get<parcel>(good.self.id).region == "south, \"x\"");
  CHECK_FALSE(db.get<parcel>(good.self.id).to_number);

  // A link has one region too.
  const driver cyd = db.get<driver>({"south, \"x\"", 7});
  depot_page page = db.get(pages, {"north", 1});
  page.drivers.push_back(cyd);
  const auto e = failure_of([&] { hewn::save(db, db.get(pages, {"north", 1}), page, pages); });
  CHECK(e.code() == errc::usage);
  CHECK(e.table() == "shifts");
  CHECK(db.count<parcel>() == 1);
  CHECK(db.count<shift>() == 4);
}

TEST_CASE("shapes of a tenant follow references that include it", "[R1]") {
  support::place place;
  auto db = place.open();
  hewn::sync<crew, worker, task, crew_worker>(db);
  constexpr auto query = shape<crew_page>.order_by(col<&crew::number>)
                             .with<&crew_page::tasks>(from<task>.order_by(col<&task::id>))
                             .with<&crew_page::workers>(from<worker>.order_by(col<&worker::number>),
                                                        hewn::through<crew_worker>)
                             .with<&crew_page::size>(from<crew_worker>, hewn::count());
  for (const std::int64_t organisation : {7, 8}) {
    const auto acting = hewn::act_for(db, organisation);
    const worker ada = db.insert(worker{{}, 1, "ada of " + std::to_string(organisation)});
    const worker bob = db.insert(worker{{}, 2, "bob"});
    const crew_page stored = hewn::insert(
        db, crew_page{{{}, 1, "first"}, {{0, {}, {}, "a"}, {0, {}, {}, "b"}}, {ada}, 0}, query);
    CHECK(stored.tasks[1].organisation_id == organisation);
    CHECK(stored.tasks[1].crew_number == 1);
    hewn::insert(db, crew_page{{{}, 2, "second"}, {}, {ada, bob}, 0}, query);
  }
  for (const std::int64_t organisation : {7, 8}) {
    const auto acting = hewn::act_for(db, organisation);
    const auto some = query.where(col<&crew::number> > 0);
    for (const auto& all : {db.all(query), db.all(some)}) {
      REQUIRE(all.size() == 2);
      CHECK(all[0].tasks.size() == 2);
      CHECK(all[0].workers.at(0).name == "ada of " + std::to_string(organisation));
      CHECK(all[0].size == 1);
      CHECK(all[1].tasks.empty());
      CHECK(all[1].workers.size() == 2);
    }
    const auto limited = db.all(
        query
            .with<&crew_page::workers>(from<worker>.order_by(hewn::desc<&worker::number>).limit(1),
                                       hewn::through<crew_worker>)
            .with<&crew_page::tasks>(
                from<task>.where(col<&task::title> > "").order_by(hewn::desc<&task::id>).limit(1)));
    CHECK(limited.at(0).tasks.at(0).title == "b");
    CHECK(limited.at(1).workers.at(0).number == 2);
    CHECK(limited.at(1).workers.size() == 1);

    // The tenant stays, and the crew alone is another or none.
    task_page page = db.first(shape<task_page>.where(col<&task::title> == "a")).value();
    const task_page before = page;
    page.of = db.get<crew>({organisation, 2});
    CHECK(hewn::save(db, before, page).self.crew_number == 2);
    task_page none = page = db.get(shape<task_page>, page.self.id);
    none.of.reset();
    hewn::save(db, page, none);
    CHECK_FALSE(db.get<task>(page.self.id).crew_number);

    // The session knows the other half of the reference.
    CHECK(hewn::unlink<&crew_worker::crew_number, &crew_worker::worker_number>(db, 2, {2}) == 1);
    CHECK(hewn::link<&crew_worker::crew_number, &crew_worker::worker_number>(db, 1, {1, 2}) == 1);
    CHECK(db.get(query, {organisation, 1}).workers.size() == 2);
  }
}

TEST_CASE("random rows are related by several columns as by hand", "[R1]") {
  support::place place;
  auto db = empty(place);
  const auto seed = GENERATE(range(0U, 12U));
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const auto up_to = [&](int n) {
    return static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(n));
  };
  const std::vector<std::string> regions{"", "a", "a,b", "\"", "ä{}", "NULL", "[1]"};
  std::vector<depot> depots;
  std::vector<driver> drivers;
  for (const std::string& region : regions) {
    for (std::int32_t number = -1; number != 4; ++number)
      if (up_to(3) != 0) depots.push_back({region, number, region + std::to_string(number)});
    for (std::int32_t number = 0; number != 4; ++number) drivers.push_back({region, number, "d"});
  }
  std::vector<van> vans;
  std::vector<shift> shifts;
  for (std::int64_t id = 1; id != 80; ++id) {
    const depot& home = depots[static_cast<std::size_t>(up_to(static_cast<int>(depots.size())))];
    vans.push_back({id, home.region, home.number, up_to(9)});
    if (up_to(5) == 0) vans.back().depot_number.reset();
  }
  for (const depot& d : depots)
    for (std::int64_t number = 0; number != 4; ++number)
      if (up_to(2) == 0) shifts.push_back({d.region, d.number, number, 1});
  db.insert_many(depots);
  db.insert_many(drivers);
  db.insert_many(vans);
  db.insert_many(shifts);

  const auto check = [&](const std::vector<depot_page>& all, std::size_t limit) {
    for (const depot_page& page : all) {
      ids expected_vans, expected_drivers;
      for (const van& v : vans)
        if (v.region == page.self.region && v.depot_number == page.self.number &&
            expected_vans.size() != limit)
          expected_vans.push_back(v.id);
      for (const shift& s : shifts)
        if (s.region == page.self.region && s.depot_number == page.self.number &&
            expected_drivers.size() != limit)
          expected_drivers.push_back(s.driver_number);
      INFO(page.self.name);
      CHECK(ids_of(page.vans) == expected_vans);
      CHECK(numbers_of(page.drivers) == expected_drivers);
    }
    return all.size();
  };
  CHECK(check(db.all(pages), 1000) == depots.size());
  CHECK(check(db.all(pages.where(col<&depot::number> < 9)), 1000) == depots.size());
  check(db.all(pages.where(col<&depot::number> == 1)), 1000);
  CHECK(check(db.all(pages.with<&depot_page::vans>(from<van>.order_by(hewn::asc<&van::id>).limit(2))
                         .with<&depot_page::drivers>(
                             from<driver>.order_by(hewn::asc<&driver::number>).limit(2),
                             hewn::through<shift>)),
              2) == depots.size());
  for (const van_page& page : db.all(shape<van_page>)) {
    REQUIRE(page.home.has_value() == page.self.depot_number.has_value());
    if (page.home)
      CHECK((page.home->region == page.self.region && page.home->number == page.self.depot_number));
  }
}
