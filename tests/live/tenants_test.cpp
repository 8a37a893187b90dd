// tests/live/tenants_test.cpp - a session sees and writes the rows of its tenant alone.
// SPDX-License-Identifier: BSL-1.0
#include <support/pool_place.hpp>
#include <support/tenant_case.hpp>

#include <support/failure.hpp>

#include <hewn/functions.hpp>
#include <hewn/pages.hpp>
#include <hewn/shapes.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace support::tenants;
using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::says;

namespace {

/// What each of many verbs returns, or the error in which it ends.
class reports {
 public:
  template <class Action>
  void add(const std::string& name, Action action) {
    std::string& text = found[name];
    try {
      text = told(action());
    } catch (const hewn::error& failure) {
      support::check_grammar(failure);
      text = "error " + std::to_string(static_cast<int>(failure.code())) + ' ' + failure.what();
    }
  }
  template <class Action>
  void run(const std::string& name, Action action) {
    add(name, [&] { return action(), std::string("done"); });
  }

  std::map<std::string, std::string> found;
};

/// Rows whose order nobody has asked for.
template <class T>
std::vector<std::string> in_any_order(const std::vector<T>& rows) {
  std::vector<std::string> texts;
  for (const T& row : rows) texts.push_back(told(row));
  std::sort(texts.begin(), texts.end());
  return texts;
}

template <class Db>
void read_everything(const Db& db, reports& all) {
  const auto sorted = from<task>.order_by(col<&task::id>);
  const auto odd = sorted.where(col<&task::title> == "a" || col<&task::hours> > 2);
  for (const std::int64_t id : {1, 2, 3, 99}) {
    const std::string key = std::to_string(id);
    all.add("get " + key, [&] { return db.template get<task>(id); });
    all.add("find " + key, [&] { return db.template find<task>(id); });
    all.add("find loose " + key,
            [&] { return db.template find<task>(static_cast<std::int16_t>(id)); });
  }
  all.add("get of a key with the tenant", [&] { return db.template get<label>({first, "old"}); });
  all.add("find of another's key", [&] { return db.template find<label>({second, "old"}); });
  all.add("get_many", [&] { return in_any_order(db.template get_many<task>({1, 2, 3, 4})); });
  all.add("get_many of a range", [&] {
    return in_any_order(db.template get_many<task>(std::vector<std::int64_t>{4, 3, 2, 1}));
  });
  all.add("get_many of composite keys", [&] {
    return in_any_order(
        db.template get_many<label>({{first, "old"}, {second, "new"}, {first, "new"}}));
  });
  all.add("all", [&] { return in_any_order(db.template all<task>()); });
  all.add("all sorted", [&] { return db.all(sorted); });
  all.add("all where", [&] { return db.all(odd); });
  all.add("all limited", [&] { return db.all(odd.limit(2).offset(1)); });
  all.add("all where_if", [&] { return db.all(sorted.where_if(true, col<&task::hours> > 2)); });
  all.add("all where_if not",
          [&] { return db.all(sorted.where_if(false, col<&task::hours> > 2)); });
  hewn::condition<task> chosen;
  all.add("all of no condition", [&] { return db.all(sorted.where(chosen)); });
  chosen = chosen || col<&task::title> == "b" || col<&task::hours> == 0;
  all.add("all of a condition", [&] { return db.all(sorted.where(chosen)); });
  all.add("first", [&] { return db.first(odd); });
  all.add("one", [&] { return db.one(from<task>.where(col<&task::hours> == 4)); });
  all.add("one of none", [&] { return db.one(from<task>.where(col<&task::hours> == 14)); });
  all.add("count", [&] { return db.template count<task>(); });
  all.add("count where", [&] { return db.count(odd); });
  all.add("exists", [&] { return std::int64_t{db.exists(odd)}; });
  all.add("exists of another's",
          [&] { return std::int64_t{db.exists(from<task>.where(col<&task::hours> == 14))}; });
  all.add("each", [&] {
    std::vector<task> rows;
    for (const task& row : db.each(odd)) rows.push_back(row);
    return rows;
  });
  all.add("each of all", [&] {
    std::vector<std::int64_t> rows;
    for (const task& row : db.template each<task>()) rows.push_back(row.hours);
    return in_any_order(rows);
  });
  all.add("pages", [&] {
    const auto page = hewn::find_page(db, from<task>, {.size = 4});
    return std::pair(page.rows,
                     hewn::find_page(db, from<task>, {.size = 4, .after = page.next}).rows);
  });
  all.add("numbered pages", [&] {
    const auto page = hewn::find_numbered_page(db, sorted, {.number = 2, .size = 2, .count = true});
    return std::tuple(page.rows, static_cast<std::int64_t>(*page.total));
  });
  all.add("batches", [&] {
    std::vector<std::vector<task>> rows;
    for (const auto& batch : hewn::batches(db, from<task>, 4)) rows.push_back(batch);
    return rows;
  });
  all.add("select",
          [&] { return db.all(odd.select(col<&task::title>, col<&task::organisation_id>)); });
  all.add("count of select", [&] { return db.count(odd.select(col<&task::title>)); });
  all.add("exists of select",
          [&] { return std::int64_t{db.exists(odd.select(col<&task::title>))}; });
  all.add("locked",
          [&] { return db.transaction([&](auto& tx) { return tx.all(odd.for_update()); }); });
  all.add("locked select", [&] {
    return db.transaction([&](auto& tx) {
      return tx.all(
          odd.template join<team>().for_update().select(col<&task::id>, col<&team::name>));
    });
  });
  all.add("read-only transaction", [&] { return db.read([&](auto& tx) { return tx.all(odd); }); });
  all.add("another table", [&] { return db.all(from<country>.order_by(col<&country::id>)); });
}

// The rows that it makes have keys that neither tenant has.
template <class Db>
void write_everything(const Db& db, reports& all) {
  all.add("insert", [&] { return db.insert(task{101, 0, 1, "new", 1, {}}); });
  all.add("insert with the tenant", [&] { return db.insert(task{103, first, 1, "new", 1, {}}); });
  all.add("insert of another's", [&] { return db.insert(task{105, second, 1, "new", 1, {}}); });
  all.add("insert lvalue", [&] {
    label row{0, "fresh", 1};
    db.insert(row);
    return row;
  });
  all.add("insert const", [&] {
    const label row{0, "fixed", 1};
    return db.insert(row);
  });
  all.add("insert returning", [&] {
    return db.insert(label{0, "back", 4},
                     hewn::returning(col<&label::organisation_id>, col<&label::uses>));
  });
  all.run("insert_many", [&] { db.insert_many({label{0, "m1", 1}, label{first, "m2", 1}}); });
  all.run("insert_many of another's", [&] {
    db.insert_many({label{0, "m3", 1}, label{second, "m4", 1}});
  });
  all.run("insert_many of many", [&] {
    std::vector<label> rows;
    for (int i = 0; i != 150; ++i) rows.push_back({0, "bulk" + std::to_string(i), i});
    db.insert_many(rows);
    const auto more = [&] {
      auto copies = rows;
      for (label& row : copies) row.name += "x", row.organisation_id = 0;
      return copies;
    }();
    db.insert_many(more);
  });
  all.add("insert_many returning", [&] {
    return db.insert_many({label{0, "r1", 1}, label{0, "r2", 2}},
                          hewn::returning(col<&label::organisation_id>));
  });
  all.add("insert_or_ignore", [&] { return db.insert_or_ignore(label{0, "old", 50}); });
  all.add("insert_or_ignore new", [&] { return db.insert_or_ignore(label{0, "ig", 50}); });
  all.add("insert_from", [&] {
    return db.template insert_from<&label::name, &label::uses>(
        from<team>.select(hewn::upper(col<&team::name>), col<&team::id>));
  });
  all.add("insert_from with the tenant", [&] {
    return db.template insert_from<label>(
        from<label>.where(col<&label::name> == "old").template select<label>(col<&label::organisation_id>, hewn::upper(col<&label::name>), col<&label::uses> + 1));
  });

  all.run("update row", [&] { db.update(task{1, 0, 3, "changed", 9, 4}); });
  all.add("update row in place", [&] {
    label row{0, "old", 77};
    db.update(row);
    return row;
  });
  all.run("update another's row", [&] { db.update(task{2, 0, 1, "stolen", 9, {}}); });
  all.run("update to another tenant", [&] { db.update(task{1, second, 3, "moved", 9, {}}); });
  all.add("update what changed", [&] {
    const task before = db.template get<task>(3);
    task after = before;
    after.title = "after";
    return std::int64_t{db.update(before, after)};
  });
  all.run("update fields by key",
          [&] { db.template update<task>(5, col<& task::title> = "five"); });
  all.run("update fields of another's",
          [&] { db.template update<task>(6, col<& task::title> = "six"); });
  all.add("update where", [&] {
    return db.update(from<task>.where(col<&task::title> == "d" || col<&task::hours> == 4),
                     col<&task::hours> = col<&task::hours> + 100);
  });
  all.add("update all", [&] { return db.template update_all<team>(col<&team::country_id> = 1); });
  all.add("update returning", [&] {
    return in_any_order(db.update_returning(from<team>.where(col<&team::name> == "red"),
                                            col<&team::country_id> = 2));
  });
  all.add("update by key returning", [&] {
    return db.template update<team>(3, col<&team::country_id> = 2,
                                    hewn::returning(col<&team::name>));
  });
  all.run("update_many", [&] { db.update_many({team{1, 0, 1, "rot"}, team{3, 0, 1, "blau"}}); });
  all.run("update_many with another's", [&] {
    db.update_many({team{1, 0, 1, "x"}, team{2, 0, 1, "y"}});
  });
  all.add("claim", [&] {
    return in_any_order(db.claim(from<task>.where(col<&task::title> == "five").limit(5),
                                 col<&task::title> = "claimed"));
  });

  all.add("upsert new", [&] { return db.upsert(label{0, "up", 1}); });
  all.add("upsert again", [&] { return db.upsert(label{0, "up", 2}); });
  all.add("upsert set", [&] {
    return db.upsert(
        label{0, "up", 5},
        hewn::set(col<&label::uses> = col<&label::uses> + hewn::excluded<&label::uses>));
  });
  all.add("upsert by name", [&] {
    return db.template upsert<&team::organisation_id, &team::name>(team{0, 0, 2, "rot"}).country_id;
  });
  all.run("upsert_many", [&] { db.upsert_many({label{0, "um", 1}, label{0, "old", 5}}); });
  all.add("upsert returning", [&] {
    return db.upsert(label{0, "up", 9}, hewn::returning(col<&label::uses>));
  });

  all.add("batch", [&] {
    label mine{0, "b1", 1};
    const auto changed = db.batch([&](auto& b) {
      b.insert(&mine);
      b.insert(label{0, "b2", 2});
      b.upsert(label{0, "b2", 3});
      b.update(label{0, "b1", 7});
      b.update(from<label>.where(col<&label::uses> >= 7), col<& label::uses> = 6);
      b.template update<team>(1, col<& team::country_id> = 2);
      b.template remove<label>({first, "b2"});
      b.template remove<task>(4);
      b.remove(from<label>.where(col<&label::name> == "new"));
    });
    return std::pair(changed, mine);
  });
  all.run("batch with another's", [&] {
    db.batch([](auto& b) { b.update(task{4, 0, 1, "x", 1, {}}); });
  });
  all.add("link", [&] { return hewn::link<&helps::task_id, &helps::helper_id>(db, 5, {1, 3}); });
  all.add("set_links", [&] {
    const auto changed = hewn::set_links<&helps::task_id, &helps::helper_id>(db, 1, {3});
    return std::pair(changed.added, changed.removed);
  });
  all.add("unlink", [&] { return hewn::unlink<&helps::task_id, &helps::helper_id>(db, 3, {1}); });

  all.add("remove by key", [&] { return std::int64_t{db.template remove<task>(7)}; });
  all.add("remove another's", [&] { return std::int64_t{db.template remove<task>(8)}; });
  all.run("remove row", [&] { db.remove(task{9, 0, 0, "", 0, {}}); });
  all.run("remove another's row", [&] { db.remove(task{10, 0, 0, "", 0, {}}); });
  all.add("remove where", [&] {
    return db.remove(from<label>.where(col<&label::uses> == 1 || col<&label::name> == "up"));
  });
  all.add("remove returning", [&] {
    return in_any_order(db.remove_returning(from<task>.where(col<&task::title> == "new")));
  });
  all.add("remove_many", [&] { return db.remove_many({label{first, "old"}}); });
  all.run("remove_many with another's", [&] {
    db.remove_many({label{first, "um"}, label{second, "old"}});
  });
  all.add("remove_all", [&] { return db.template remove_all<label>(); });
}

void compare(const reports& shared, const reports& alone) {
  REQUIRE(shared.found.size() == alone.found.size());
  for (const auto& [name, text] : shared.found) {
    INFO(name);
    CHECK(text == alone.found.at(name));
  }
}

}  // namespace

TEST_CASE("every verb that reads sees what a database of that tenant alone has") {
  auto both = open_both();
  auto alone = open_first();
  reports shared, expected, again;
  {
    const auto acting = hewn::act_for(both, first);
    read_everything(both, shared);
  }
  {
    const auto acting = hewn::all_tenants(alone);
    read_everything(alone, expected);
  }
  compare(shared, expected);
  CHECK(expected.found.at("all sorted").size() > 60);

  // The prepared statements know nothing of the tenant that they served.
  {
    const auto acting = hewn::act_for(both, second);
    reports other;
    read_everything(both, other);
    CHECK(other.found.at("count") == "6 ");
    CHECK(other.found.at("all sorted") != shared.found.at("all sorted"));
  }
  const auto acting = hewn::act_for(both, first);
  read_everything(both, again);
  compare(again, expected);
}

TEST_CASE("every verb that writes does what it does in a database of that tenant alone") {
  auto both = open_both();
  auto alone = open_first();
  const std::string other = rows_of(both, second);
  REQUIRE(rows_of(both, first) == rows_of(alone, first));
  reports shared, expected;
  {
    const auto acting = hewn::act_for(both, first);
    write_everything(both, shared);
  }
  {
    const auto acting = hewn::act_for(alone, first);
    write_everything(alone, expected);
  }
  compare(shared, expected);
  CHECK(rows_of(both, first) == rows_of(alone, first));
  CHECK(rows_of(both, second) == other);
  const std::string usage = "error " + std::to_string(static_cast<int>(errc::usage));
  for (const char* const refused :
       {"insert of another's", "insert_many of another's", "update to another tenant"})
    CHECK(shared.found.at(refused).starts_with(usage));
  const std::string missing = "error " + std::to_string(static_cast<int>(errc::not_found));
  for (const char* const none :
       {"update another's row", "update fields of another's", "update_many with another's",
        "batch with another's", "remove another's row"})
    CHECK(shared.found.at(none).starts_with(missing));
}

TEST_CASE("without a tenant every verb is refused, and nothing is done") {
  auto db = open_both();
  const std::string before = rows_of(db, first) + rows_of(db, second);
  reports refused;
  read_everything(db, refused);
  write_everything(db, refused);
  const std::string usage = "error " + std::to_string(static_cast<int>(errc::usage));
  for (const auto& [name, text] : refused.found) {
    INFO(name);
    if (name == "another table")
      CHECK(text == told(std::vector{country{1, "here"}, country{2, "there"}}));
    else
      CHECK((text.starts_with(usage) && text.find("nobody has said") != text.npos));
  }
  CHECK(rows_of(db, first) + rows_of(db, second) == before);

  const auto failure = failure_of([&] { db.get<task>(1); });
  CHECK(failure.code() == errc::usage);
  CHECK(failure.table() == "tasks");
  CHECK(
      says(failure, "tasks has tenant<>, and nobody has said for which tenant the session works"));
  CHECK_FALSE(db.try_find<task>(1));
}

TEST_CASE("an upsert never touches a row of another tenant") {
  auto db = open_both();
  const std::string other = rows_of(db, second);
  const auto acting = hewn::act_for(db, first);
  const auto more = hewn::set(col<& helper::name> = "mine");
  const auto failure = failure_of([&] { db.upsert(helper{2, 0, "mine"}); });
  CHECK(failure.code() == errc::conflict);
  CHECK(failure.table() == "helpers");
  CHECK(failure_of([&] { db.upsert(helper{2, 0, "mine"}, more); }).code() == errc::conflict);
  CHECK(failure_of([&] {
          db.upsert(helper{2, 0, "mine"}, hewn::returning(col<&helper::name>));
        }).code() == errc::conflict);
  CHECK(failure_of([&] {
          db.upsert_many({helper{1, 0, "x"}, helper{2, 0, "mine"}});
        }).code() == errc::conflict);
  CHECK(failure_of([&] {
          db.batch([](auto& b) { b.upsert(helper{2, 0, "mine"}); });
        }).code() == errc::conflict);
  helper given{2, 0, "mine"};
  CHECK(failure_of([&] { db.batch([&](auto& b) { b.upsert(&given); }); }).code() == errc::conflict);
  CHECK(failure_of([&] { db.insert(helper{2, 0, "mine"}); }).code() == errc::conflict);
  CHECK(failure_of([&] {
          db.upsert_many({helper{2, 0, "mine"}}, hewn::returning(col<&helper::name>));
        }).code() == errc::conflict);
  // A condition of its own is not met, and neither is this one.
  CHECK_FALSE(db.upsert(helper{2, 0, "mine"}, more.where(col<&helper::name> != "mine")));
  CHECK_FALSE(db.insert_or_ignore(helper{2, 0, "mine"}));
  CHECK(db.upsert(helper{1, 0, "mine"},
                  more.where(col<&helper::name> == "ann" || col<&helper::id> == 3)));
  CHECK(rows_of(db, second) == other);
  CHECK(db.get<helper>(1).name == "mine");
}

TEST_CASE("the rows of an insert_from are the tenant's") {
  auto db = open_both();
  {
    const auto acting = hewn::act_for(db, first);
    CHECK(db.insert_from<&label::name, &label::uses>(
              from<country>.select(col<&country::name>, col<&country::id>)) == 2);
    CHECK(db.insert_from<&label::organisation_id, &label::name, &label::uses>(from<country>.select(
              hewn::value(first), hewn::upper(col<&country::name>), col<&country::id>)) == 2);
    const std::string before = rows_of(db, first);
    const auto failure = failure_of([&] {
      db.insert_from<&label::organisation_id, &label::name, &label::uses>(from<country>.select(
          hewn::value(second), hewn::value(std::string("stolen")), col<&country::id>));
    });
    CHECK(failure.code() == errc::not_null);
    CHECK(rows_of(db, first) == before);
    CHECK(
        db.insert_from_returning<&label::name, &label::uses>(
              from<country>.where(col<&country::id> == 1).select(hewn::value(std::string("back")), col<&country::id>))
            .at(0)
            .organisation_id == first);
  }
  const auto acting = hewn::all_tenants(db);
  CHECK(says(failure_of([&] {
               db.insert_from<&label::name, &label::uses>(
                   from<country>.select(col<&country::name>, col<&country::id>));
             }),
             "insert_from<> of labels leaves out the tenant<> column"));
  CHECK(
      db.insert_from<label>(
          from<label>.where(col<&label::name> == "old").select<label>(col<&label::organisation_id>, hewn::upper(col<&label::name>), col<&label::uses>)) ==
      2);
}

TEST_CASE("a session for all tenants sees every row, and rows say whose they are") {
  auto db = open_both();
  const auto acting = hewn::all_tenants(db);
  CHECK(db.count<task>() == 12);
  CHECK(db.get<task>(1).organisation_id == first);
  CHECK(db.get<task>(2).organisation_id == second);
  CHECK(db.all(from<task>.where(col<&task::organisation_id> == second)).size() == 6);
  CHECK(db.insert(helper{90, second, "new"}).organisation_id == second);
  const auto failure = failure_of([&] { db.insert(helper{0, 0, "new"}); });
  CHECK(failure.code() == errc::usage);
  CHECK(failure.table() == "helpers");
  CHECK(failure.column() == "organisation_id");
  CHECK(failure_of([&] { db.insert_many({helper{0, 0, "new"}}); }).code() == errc::usage);
  // Whose a row is stays as it was.
  db.update(helper{2, first, "renamed"});
  CHECK(db.get<helper>(2).organisation_id == second);
  CHECK(db.upsert(helper{1, second, "upserted"}).organisation_id == first);
  CHECK(db.update_all<task>(col<& task::hours> = 1) == 12);
  CHECK(db.remove(from<helps>.where(col<&helps::task_id> <= 2)) == 4);
  CHECK(
      db.all(
            from<task>.join<team>().order_by(col<&task::id>).select(col<&task::id>, col<&team::name>))
          .size() == 12);
}

TEST_CASE("guards nest, end in any order, and hold for what is on the connection") {
  auto db = open_both();
  const auto sees = [](const auto& on) { return on.template find<task>(1).has_value(); };
  {
    const auto outer = hewn::act_for(db, second);
    CHECK_FALSE(sees(db));
    {
      const auto inner = hewn::act_for(db, first);
      CHECK(sees(db));
      db.transaction([&](auto& tx) {
        CHECK(sees(tx));
        const auto all = hewn::all_tenants(tx);
        CHECK(tx.template count<task>() == 12);
        tx.transaction([&](auto& savepoint) {
          const auto back = hewn::act_for(savepoint, second);
          CHECK_FALSE(sees(savepoint));
        });
        CHECK(tx.template count<task>() == 12);
      });
      CHECK(sees(db));
      CHECK(failure_of([&] {
              db.transaction([&](auto& tx) {
                const auto failed = hewn::act_for(tx, second);
                tx.template get<task>(1);
              });
            }).code() == errc::not_found);
      CHECK(sees(db));
    }
    CHECK_FALSE(sees(db));
  }
  CHECK(failure_of([&] { db.count<task>(); }).code() == errc::usage);

  std::optional<hewn::acting> early, late;
  const auto begin = [&](std::optional<hewn::acting>& guard, std::int64_t of) {
    guard.emplace(db.connection().tenants(), hewn::detail::tenant_of(of, {}));
  };
  begin(early, first);
  begin(late, second);
  early.reset();
  CHECK_FALSE(sees(db));
  late.reset();
  CHECK(failure_of([&] { db.count<task>(); }).code() == errc::usage);

  // What has begun under a guard is of that tenant.
  std::vector<std::int64_t> streamed;
  auto rows = [&] {
    const auto acting = hewn::act_for(db, first);
    return db.each(from<task>.where(col<&task::hours> < 20));
  }();
  for (const task& row : rows) streamed.push_back(row.organisation_id);
  CHECK(streamed == std::vector<std::int64_t>(6, first));
  helper kept{91, 0, "kept"};
  db.batch([&](auto& b) {
    const auto acting = hewn::act_for(db, second);
    b.insert(&kept);
    b.upsert(helper{91, 0, "kept again"});
    b.upsert(&kept);
  });
  CHECK(kept.organisation_id == second);
}

TEST_CASE("a guard may outlive its database") {
  std::optional<hewn::acting> guard;
  {
    auto db = open_both();
    guard.emplace(db.connection().tenants(), hewn::detail::tenant_of(first, {}));
    CHECK(db.count<task>() == 6);
  }
  guard.reset();
  auto db = open_both();
  auto moved = std::move(db);
  CHECK(failure_of([&] { const auto none = hewn::act_for(db, first); }).code() == errc::usage);
}

TEST_CASE("both tenants are served by the same statements") {
  auto db = open_both();
  const auto both = from<task>.where(col<&task::hours> >= 0);
  const auto serve = [&](std::int64_t of) {
    const auto acting = hewn::act_for(db, of);
    CHECK(db.all(both).size() == 6);
    CHECK(db.all(both).front().organisation_id == of);
    CHECK(db.get<task>(of == first ? 1 : 2).organisation_id == of);
    CHECK(db.count(from<task>.where_if(true, col<&task::hours> >= 0)) == 6);
    db.update<task>(of == first ? 1 : 2, col<& task::hours> = 1);
  };
  serve(first);
  serve(second);
  const std::size_t statements = db.connection().cache().size();
  for (int i = 0; i != 3; ++i) serve(first), serve(second);
  CHECK(db.connection().cache().size() == statements);
  const auto acting = hewn::act_for(db, first);
  for (const task& row : db.each(both)) {
    const auto inner = hewn::act_for(db, second);
    CHECK(row.organisation_id == first);
    CHECK(db.all(both).front().organisation_id == second);
  }
}

TEST_CASE("a connection that comes from its pool works for nobody") {
  support::pool_place place;
  auto pool = place.open({.size = 3});
  pool.write([](auto& db) {
    hewn::sync<country, team, task, label, helper, helps>(db);
    db.insert_many({country{1, "here"}, country{2, "there"}});
    fill(db, first);
    fill(db, second);
  });
  {
    auto db = pool.acquire();
    std::optional<hewn::acting> outlives;
    outlives.emplace(db.connection().tenants(), hewn::detail::tenant_of(first, {}));
    CHECK(db.count<task>() == 6);
    db.give_back();
    auto next = pool.acquire();
    CHECK(failure_of([&] { next.count<task>(); }).code() == errc::usage);
    const auto acting = hewn::act_for(next, second);
    outlives.reset();
    CHECK(next.get<task>(2).organisation_id == second);
  }
  CHECK(failure_of([&] { pool.read([](auto& db) { db.template count<task>(); }); }).code() ==
        errc::usage);

  const auto mine = pool.for_tenant(first);
  CHECK(mine.read([](auto& db) { return db.template count<task>(); }) == 6);
  CHECK(mine.read([](auto& db) { return db.template all<task>().front().organisation_id; }) ==
        first);
  mine.transaction([](auto& tx) { tx.insert(helper{92, 0, "pooled"}); });
  CHECK(mine.write([](auto& db) {
    return db.count(from<helper>.where(col<&helper::name> == "pooled"));
  }) == 1);
  CHECK(pool.for_tenant(second).acquire().count(
            from<helper>.where(col<&helper::name> == "pooled")) == 0);
  CHECK(pool.for_all_tenants().acquire_reader().count<task>() == 12);
  {
    auto one = mine.acquire();
    auto moved = std::move(one);
    CHECK(moved.get<task>(1).id == 1);
  }
  CHECK(failure_of([&] { pool.acquire().count<task>(); }).code() == errc::usage);

  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (std::size_t t = 0; t != wrong.size(); ++t)
    threads.emplace_back([&, t] {
      const std::int64_t of = t % 2 == 0 ? first : second;
      for (int i = 0; i != 50; ++i) {
        const auto rows =
            pool.for_tenant(of).read([](auto& db) { return db.template all<task>(); });
        if (rows.size() != 6) ++wrong[t];
        for (const task& row : rows) wrong[t] += row.organisation_id != of;
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(wrong == std::array<int, 4>{});
}

TEST_CASE("raw SQL is taken as it is, whatever characters are in its quotes and comments") {
  auto db = open_both();
  const auto look = [&] {
    // The character that stands for the tenant in hewn's own texts, and what may follow it there.
    CHECK(db.one<std::string>(hewn::sql<"SELECT '\x03"
                                        "1' -- \x03"
                                        "1">) ==
          "\x03"
          "1");
    CHECK(db.one<std::string>(hewn::dynamic_sql("SELECT '\x03"
                                                "1\x03"
                                                "2'")) ==
          "\x03"
          "1\x03"
          "2");
    CHECK(failure_of([&] { db.execute(hewn::dynamic_sql("SELECT 1 \x03")); }).code() ==
          errc::syntax);
  };
  look();
  {
    const auto acting = hewn::act_for(db, first);
    look();
    CHECK(db.count<task>() == 6);
  }
  const auto all = hewn::all_tenants(db);
  look();
  CHECK(db.count<task>() == 12);
}
