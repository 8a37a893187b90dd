// tests/live/soft_delete_test.cpp - removed rows stay in the table and are left out everywhere.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/pages.hpp>
#include <hewn/repository.hpp>
#include <hewn/verify.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using std::chrono::seconds;
using support::failure_of;

namespace {

struct project {
  std::int64_t id = 0;
  std::string name;
  std::optional<hewn::timestamp> removed_at;
  hewn::timestamp changed_at;
  static consteval auto table() {
    return hewn::table("projects")
        .unique<&project::name>()
        .updated<&project::changed_at>()
        .soft_delete<&project::removed_at>();
  }
};

struct task {
  std::int64_t id = 0;
  std::int64_t project_id = 0;
  std::string title;
  std::optional<std::int64_t> place;
  std::optional<std::chrono::sys_seconds> gone;
  static consteval auto table() {
    return hewn::table("tasks")
        .references<&task::project_id, &project::id>()
        .unique_index<&task::project_id, &task::title>()
        .unique_index<&task::place>(hewn::where(col<&task::place> > 0))
        .column<&task::gone>("gone_at")
        .soft_delete<&task::gone>();
  }
};

/// A key of two columns, and no updated<> column.
struct seat {
  std::int64_t row = 0;
  std::int64_t number = 0;
  std::string guest;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("seats")
        .primary_key<&seat::row, &seat::number>()
        .soft_delete<&seat::removed_at>();
  }
};

using driver = support::database::driver_type;

hewn::timestamp at(int second) { return hewn::timestamp(seconds(1'700'000'000 + second)); }

// A clock that the tests set.
int second = 0;

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<project, task, seat>(db);
  second = 0;
  db.connection().native().set_clock([] { return at(second); });
  db.insert_many(
      {project{0, "one", {}, {}}, project{0, "two", {}, {}}, project{0, "three", {}, {}}});
  db.insert_many({task{0, 1, "a", 1, {}}, task{0, 1, "b", 2, {}}, task{0, 2, "a", {}, {}},
                  task{0, 2, "b", {}, {}}, task{0, 3, "a", 0, {}}});
  db.insert_many({seat{1, 1, "ann", {}}, seat{1, 2, "bob", {}}});
  return db;
}

template <class Db>
std::vector<std::int64_t> ids_of_tasks(const Db& db) {
  return db.all(from<task>.order_by(col<&task::id>).select(col<&task::id>));
}

using ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a removed row stays in the table, with the time of its removal") {
  auto db = open_sample();
  second = 5;
  CHECK(db.remove<project>(1));
  CHECK_FALSE(db.remove<project>(1));
  CHECK_FALSE(db.remove<project>(7));
  CHECK(db.count<project>() == 2);
  const auto row = db.one(from<project>.with_removed().where(col<&project::id> == 1));
  CHECK(row.removed_at == at(5));
  CHECK(row.changed_at == at(5));
  CHECK(row.name == "one");
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM projects">) == 3);

  second = 6;
  CHECK(failure_of([&] { db.remove(project{1, "one", {}, {}}); }).code() == errc::not_found);
  db.remove(project{2, "two", {}, {}});
  CHECK(db.one(from<project>.with_removed().where(col<&project::id> == 2)).removed_at == at(6));
  CHECK(db.one(from<project>.with_removed().where(col<&project::id> == 1)).removed_at == at(5));
}

TEST_CASE("every way of removing rows keeps them, and counts those that it has newly removed") {
  auto db = open_sample();
  second = 9;
  const auto gone = std::chrono::floor<seconds>(at(9));

  SECTION("by a query") {
    const auto rows = from<task>.where(col<&task::title> == "a" || col<&task::id> == 4);
    CHECK(db.remove(rows) == 4);
    CHECK(db.remove(rows) == 0);
    CHECK(db.remove(rows.with_removed()) == 0);
    CHECK(ids_of_tasks(db) == ids{2});
    CHECK(db.remove_all<task>() == 1);
    CHECK(db.count(from<task>.with_removed().where(col<&task::gone> == gone)) == 5);
  }
  SECTION("by a condition of run time") {
    hewn::condition<task> which = col<&task::id> == 1;
    which = which || col<&task::id> == 2;
    CHECK(db.remove(from<task>.where(which)) == 2);
    CHECK(db.remove(from<task>.where(which)) == 0);
    CHECK(ids_of_tasks(db) == ids{3, 4, 5});
  }
  SECTION("and the rows come back as they are afterwards") {
    const auto rows = db.remove_returning(from<task>.where(col<&task::id> <= 2));
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].gone == gone);
    CHECK(db.remove(from<task>.where(col<&task::id> <= 3), hewn::returning(col<&task::id>)) ==
          ids{3});
    CHECK(db.remove<task>(4, hewn::returning(col<&task::gone>)) ==
          std::optional(std::optional(gone)));
    CHECK_FALSE(db.remove<task>(4, hewn::returning(col<&task::id>)));
    CHECK(db.remove_all<task>(hewn::returning(col<&task::id>)) == ids{5});
  }
  SECTION("many at once, all or none") {
    CHECK(db.remove_many({task{1}, task{2}}) == 2);
    CHECK(failure_of([&] { db.remove_many({task{3}, task{1}}); }).code() == errc::not_found);
    CHECK(ids_of_tasks(db) == ids{3, 4, 5});
    CHECK(db.remove_many({task{5}, task{3}}, hewn::returning(col<&task::id>)) == ids{5, 3});
    CHECK(ids_of_tasks(db) == ids{4});
  }
  SECTION("in a batch") {
    const auto changed = db.batch([](auto& b) {
      b.template remove<task>(1);
      b.template remove<task>(1);
      b.remove(task{2});
      b.remove(from<task>.where(col<&task::id> <= 3));
      b.template remove<seat>({1, 2});
    });
    CHECK(changed == std::vector<std::int64_t>{1, 0, 1, 1, 1});
    CHECK(ids_of_tasks(db) == ids{4, 5});
    CHECK(failure_of([&] { db.batch([](auto& b) { b.remove(task{2}); }); }).code() ==
          errc::not_found);
  }
  SECTION("by queries that have a name") {
    constexpr auto drop = hewn::exec<"drop">(
        [](std::int64_t id) { return hewn::remove_of(from<task>.where(col<&task::id> == id)); });
    constexpr auto take = hewn::optional<"take">([](std::int64_t id) {
      return hewn::remove_of(from<task>.where(col<&task::id> == id),
                             hewn::returning(col<&task::title>));
    });
    CHECK(drop(db, 1) == 1);
    CHECK(drop(db, 1) == 0);
    CHECK(take(db, 2) == "b");
    CHECK(take(db, 2) == std::nullopt);
    CHECK(ids_of_tasks(db) == ids{3, 4, 5});
  }
  SECTION("by a key of several columns") {
    CHECK(db.remove<seat>({1, 2}));
    CHECK_FALSE(db.remove<seat>({1, 2}));
    CHECK(db.one(from<seat>.with_removed().where(col<&seat::number> == 2)).removed_at == at(9));
    CHECK(db.count<seat>() == 1);
    db.restore<seat>({1, 2});
    CHECK(db.get<seat>({1, 2}).guest == "bob");
  }
}

TEST_CASE("every verb that reads leaves removed rows out") {
  auto db = open_sample();
  db.remove_many({task{2}, task{4}});
  db.remove<seat>({1, 1});
  const auto sorted = from<task>.order_by(col<&task::id>);
  const auto ids_of = [](const std::vector<task>& rows) {
    ids found;
    for (const task& row : rows) found.push_back(row.id);
    return found;
  };

  CHECK(failure_of([&] { db.get<task>(2); }).code() == errc::not_found);
  CHECK_FALSE(db.find<task>(2));
  CHECK(db.find<task>(1));
  CHECK_FALSE(db.find<task>(std::int8_t{4}));
  CHECK(db.get_many<task>({1, 2, 3}).size() == 2);
  CHECK(db.get_many<seat>({{1, 1}, {1, 2}}).size() == 1);
  CHECK_FALSE(db.find<seat>({1, 1}));
  CHECK(db.all<task>().size() == 3);
  CHECK(ids_of(db.all(sorted)) == ids{1, 3, 5});
  CHECK(ids_of(db.all(sorted.limit(2).offset(1))) == ids{3, 5});
  CHECK(ids_of(db.all(sorted.with_removed())) == ids{1, 2, 3, 4, 5});
  CHECK(ids_of(db.all(sorted.where(col<&task::title> == "b" || col<&task::id> == 5))) == ids{5});
  CHECK(ids_of(db.all(sorted.where_if(false, col<&task::id> == 5))) == ids{1, 3, 5});
  CHECK(ids_of(db.all(sorted.where_if(true, col<&task::id> > 3))) == ids{5});
  CHECK(db.first(sorted.where(col<&task::id> > 1))->id == 3);
  CHECK(db.one(sorted.where(col<&task::title> == "a" && col<&task::project_id> == 1)).id == 1);
  CHECK(failure_of([&] { db.one(from<task>.where(col<&task::id> == 2)); }).code() ==
        errc::not_found);
  ids streamed;
  for (const task& row : db.each(sorted)) streamed.push_back(row.id);
  CHECK(streamed == ids{1, 3, 5});
  streamed.clear();
  for (const task& row : db.each<task>()) streamed.push_back(row.id);
  CHECK(streamed.size() == 3);
  CHECK(db.count<task>() == 3);
  CHECK(db.count(from<task>.with_removed()) == 5);
  CHECK(db.count(from<task>.where(col<&task::title> == "b")) == 0);
  CHECK_FALSE(db.exists(from<task>.where(col<&task::title> == "b")));
  CHECK(db.exists(from<task>.where(col<&task::title> == "b").with_removed()));

  // Only those that are removed.
  const auto removed = sorted.with_removed().where(col<&task::gone>.is_not_null());
  CHECK(ids_of(db.all(removed)) == ids{2, 4});

  db.transaction([&](auto& tx) {
    CHECK(ids_of(tx.all(sorted.for_update())) == ids{1, 3, 5});
    CHECK(ids_of(tx.all(sorted.with_removed().for_update())) == ids{1, 2, 3, 4, 5});
  });

  const auto page = hewn::find_page(db, from<task>, {.size = 2});
  CHECK(ids_of(page.rows) == ids{1, 3});
  CHECK(ids_of(hewn::find_page(db, from<task>, {.size = 2, .after = page.next}).rows) == ids{5});
  CHECK(hewn::find_numbered_page(db, sorted, {.number = 2, .size = 2, .count = true}).total == 3);
  CHECK(hewn::find_numbered_page(db, sorted.with_removed(), {.size = 2, .count = true}).total == 5);

  // Raw SQL says what it means.
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM tasks">) == 5);
  CHECK(db.get_many<task>(std::vector<std::int64_t>{1, 2}).size() == 1);
}

TEST_CASE(
    "a removed row is not there for what changes rows, and what changes rows does not remove") {
  auto db = open_sample();
  second = 3;
  task row = db.get<task>(2);
  db.remove(row);

  CHECK(failure_of([&] { db.update(row); }).code() == errc::not_found);
  CHECK(failure_of([&] {
          db.update_many({task{1, 1, "a", 1, {}}, row});
        }).code() == errc::not_found);
  task changed = row;
  changed.title = "other";
  CHECK(failure_of([&] { db.update(row, changed); }).code() == errc::not_found);
  CHECK(failure_of([&] { db.update<task>(2, col<& task::title> = "x"); }).code() ==
        errc::not_found);
  CHECK(failure_of([&] {
          db.update<task>(2, col<& task::title> = "x", hewn::returning(col<&task::id>));
        }).code() == errc::not_found);
  CHECK(db.update(from<task>.where(col<&task::title> == "b"), col<& task::place> = 9) == 1);
  CHECK(db.update_all<task>(col<& task::place> = std::optional<std::int64_t>()) == 4);
  CHECK(db.update_returning(from<task>.where(col<&task::id> <= 3), col<& task::place> = 0).size() ==
        2);
  CHECK(db.update(from<task>.with_removed().where(col<&task::id> == 2), col<& task::place> = 7) ==
        1);
  CHECK(db.claim(from<task>.where(col<&task::title> == "b").limit(5), col<& task::title> = "c")
            .size() == 1);
  const auto changes = db.batch(
      [](auto& b) { b.update(from<task>.where(col<&task::id> <= 2), col<& task::place> = 5); });
  CHECK(changes == std::vector<std::int64_t>{1});

  // The time of the removal is not among what an update writes.
  task kept = db.get<task>(1);
  kept.title = "kept";
  kept.gone = std::chrono::floor<seconds>(at(1));
  db.update(kept);
  CHECK(db.get<task>(1).title == "kept");
  const task same = db.get<task>(1);
  task other = same;
  other.gone = std::chrono::floor<seconds>(at(1));
  CHECK_FALSE(db.update(same, other));
  // An assignment may set it.
  db.update<task>(1, col<& task::gone> = std::chrono::floor<seconds>(at(1)));
  CHECK_FALSE(db.find<task>(1));
  CHECK(db.update(from<task>.with_removed().where(col<&task::id> == 1),
                  col<& task::gone> = std::nullopt) == 1);
  CHECK(db.find<task>(1));
}

TEST_CASE("removed rows are put back") {
  auto db = open_sample();
  second = 1;
  db.remove<project>(1);
  db.remove(from<task>.where(col<&task::project_id> == 1));
  second = 2;
  db.restore<project>(1);
  const project back = db.get<project>(1);
  CHECK_FALSE(back.removed_at);
  CHECK(back.changed_at == at(2));

  const auto none = failure_of([&] { db.restore<project>(1); });
  CHECK(none.code() == errc::not_found);
  CHECK(none.table() == "projects");
  CHECK(failure_of([&] { db.restore<project>(9); }).code() == errc::not_found);
  CHECK(failure_of([&] { db.restore<project>(std::int8_t{2}); }).code() == errc::not_found);
  CHECK(db.try_restore<project>(2).error().code() == errc::not_found);

  const auto of_one = from<task>.where(col<&task::project_id> == 1);
  CHECK(db.restore(of_one.where(col<&task::title> == "a")) == 1);
  CHECK(db.try_restore(of_one).value() == 1);
  CHECK(db.restore(of_one) == 0);
  CHECK(db.count<task>() == 5);
}

TEST_CASE("a unique value can be taken again, and the row that had it is then not put back") {
  auto db = open_sample();
  db.remove<project>(1);
  db.remove<task>(2);
  db.insert(project{4, "one", {}, {}});
  db.insert(task{6, 1, "b", 2, {}});

  const auto taken = failure_of([&] { db.insert(project{5, "one", {}, {}}); });
  CHECK(taken.code() == errc::conflict);
  CHECK(taken.is<&project::name>());
  const auto pair = failure_of([&] { db.insert(task{7, 1, "b", 7, {}}); });
  CHECK(pair.code() == errc::conflict);
  CHECK(pair.is<&task::title>());
  CHECK(failure_of([&] { db.insert(task{7, 2, "c", 2, {}}); }).is<&task::place>());

  const auto back = failure_of([&] { db.restore<project>(1); });
  CHECK(back.code() == errc::conflict);
  CHECK(back.is<&project::name>());
  CHECK(failure_of([&] { db.restore(from<task>.where(col<&task::id> > 0)); }).code() ==
        errc::conflict);
  // A row that is removed when it is inserted takes nothing.
  db.insert(project{8, "one", at(1), {}});
  CHECK(db.count(from<project>.with_removed().where(col<&project::name> == "one")) == 3);
  db.remove<project>(4);
  db.restore<project>(1);
  CHECK(db.get<project>(1).name == "one");
}

TEST_CASE("an upsert meets rows that are not removed, except by their key") {
  auto db = open_sample();
  db.remove<project>(1);
  CHECK(db.upsert<&project::name>(project{0, "one", {}, {}}).id > 3);
  const auto two = db.upsert<&project::name>(project{0, "two", {}, {}});
  CHECK(two.id == 2);
  CHECK(db.upsert<&task::project_id, &task::title>(task{0, 2, "a", 8, {}}).id == 3);
  CHECK(db.upsert<&task::place>(task{0, 2, "z", 8, {}}).id == 3);
  CHECK(db.count<project>() == 3);

  CHECK_FALSE(db.insert_or_ignore(project{0, "one", {}, {}}));
  CHECK_FALSE(db.insert_or_ignore<&project::name>(project{0, "two", {}, {}}));
  CHECK(db.upsert<&project::name>(project{0, "two", {}, {}},
                                  hewn::set(col<& project::name> = hewn::excluded<&project::name>))
            .id == 2);
  db.upsert_many<&project::name>({project{0, "two", {}, {}}, project{0, "six", {}, {}}});
  CHECK(db.count<project>() == 4);

  // By the key it writes the row as it is given, which may put it back or remove it.
  db.upsert(project{1, "eins", {}, {}});
  CHECK(db.get<project>(1).name == "eins");
  CHECK(db.upsert(project{1, "eins", at(4), {}}).removed_at == at(4));
  CHECK_FALSE(db.find<project>(1));
  CHECK_FALSE(db.insert_or_ignore(project{1, "uno", {}, {}}));
}

TEST_CASE("rows that were removed long ago are given up for good") {
  auto db = open_sample();
  second = 10;
  db.remove<task>(1);
  second = 20;
  db.remove<task>(2);
  second = 30;
  db.remove<task>(3);
  CHECK(db.purge<task>(at(20)) == 1);
  CHECK(db.count(from<task>.with_removed()) == 4);
  CHECK(db.purge(from<task>.where(col<&task::id> > 0 && col<&task::project_id> == 1)) == 1);
  CHECK(db.purge(from<task>.with_removed().where(col<&task::project_id> == 2)) == 1);
  CHECK(db.try_purge<task>(at(100)).value() == 0);
  CHECK(db.count(from<task>.with_removed()) == 2);

  // Foreign keys are about the rows that are there, removed or not.
  db.remove<project>(2);
  const auto used = failure_of([&] { db.purge<project>(at(100)); });
  CHECK(used.code() == errc::foreign_key);
  db.remove<task>(4);
  CHECK(db.try_purge(from<project>.where(col<&project::id> == 2)).error().code() ==
        errc::foreign_key);
  CHECK(db.purge<task>(at(100)) == 1);
  CHECK(db.purge<project>(at(100)) == 1);
}

TEST_CASE("a repository leaves removed rows out, puts them back and gives them up") {
  auto db = open_sample();
  hewn::repository<task, driver> tasks(db);
  CHECK(tasks.remove(1));
  CHECK_FALSE(tasks.remove(1));
  CHECK_FALSE(tasks.find(1));
  CHECK_FALSE(tasks.exists(1));
  CHECK(tasks.count() == 4);
  CHECK(tasks.all().size() == 4);
  CHECK(tasks.list().rows.size() == 4);
  CHECK(tasks.find_by<&task::project_id, &task::title>(1, "b")->id == 2);
  CHECK_FALSE(tasks.find_by<&task::project_id, &task::title>(1, "a"));
  CHECK(failure_of([&] { tasks.update(task{1, 1, "x", {}, {}}); }).code() == errc::not_found);
  CHECK(failure_of([&] { tasks.patch(1, col<& task::title> = "x"); }).code() == errc::not_found);
  tasks.restore(1);
  CHECK(tasks.get(1).title == "a");
  tasks.remove(task{1});
  CHECK(tasks.remove(from<task>.where(col<&task::id> <= 2)) == 1);
  CHECK(tasks.restore(from<task>.where(col<&task::id> == 2)) == 1);
  CHECK(tasks.purge(at(100)) == 1);
  CHECK(tasks.purge(from<task>.where(col<&task::id> > 0)) == 0);
  CHECK(tasks.count() == 4);

  hewn::repository<seat, driver> seats(db);
  CHECK(seats.remove({1, 1}));
  seats.restore({1, 1});
  CHECK(seats.count() == 2);
}
