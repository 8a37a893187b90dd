// tests/live/versions_test.cpp - rows with a version: who comes too late is told, and nobody loses
// an update.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/repository.hpp>
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::excluded;
using hewn::from;
using hewn::returning;
using support::database;
using support::failure_of;
using support::place;

namespace {

struct task {
  std::int64_t id = 0;
  std::string title;
  std::int64_t hours = 0;
  std::int32_t version = 0;
  hewn::timestamp changed{};

  static consteval auto table() {
    return hewn::table("tasks").version<&task::version>().updated<&task::changed>();
  }
};

// With a key of two parts, the version before it, and a column that the database computes.
struct cell {
  std::uint8_t edition = 0;
  std::string sheet;
  std::int64_t row = 0;
  std::int64_t value = 0;
  std::int64_t twice = 0;

  static consteval auto table() {
    return hewn::table("cells")
        .primary_key<&cell::sheet, &cell::row>()
        .version<&cell::edition>()
        .column<&cell::edition>("a \"version\"")
        .generated<&cell::twice>("value * 2");
  }
};

struct counter {
  std::int64_t id = 0;
  std::int64_t value = 0;
  std::int64_t version = 0;
  static consteval auto table() { return hewn::table("counters").version<&counter::version>(); }
};

struct order {
  std::int64_t id = 0;
  std::string customer;
  std::int64_t version = 0;
  static consteval auto table() { return hewn::table("orders").version<&order::version>(); }
};

struct line {
  std::int64_t id = 0;
  std::int64_t order_id = 0;
  std::string article;
  std::int64_t version = 0;
  static consteval auto table() {
    return hewn::table("lines").references<&line::order_id, &order::id>().version<&line::version>();
  }
};

struct whole_order {
  order head;
  std::vector<line> lines;
};

// With soft_delete<> too: its rows stay when they are removed, and that is a write of the row.
struct note {
  std::int64_t id = 0;
  std::optional<hewn::timestamp> removed;
  hewn::ref<order> order_id;
  std::string text;
  std::int32_t version = 0;
  hewn::timestamp changed{};

  static consteval auto table() {
    return hewn::table("notes")
        .unique<&note::text>()
        .soft_delete<&note::removed>()
        .version<&note::version>()
        .updated<&note::changed>();
  }
};

// The same with a reference within a key of two parts, and a column that the database computes.
struct seat {
  std::uint8_t edition = 0;
  std::int64_t number = 0;
  hewn::ref<order> order_id;
  std::int64_t twice = 0;
  std::string guest;
  std::optional<std::chrono::sys_seconds> gone;

  static consteval auto table() {
    return hewn::table("seats")
        .primary_key<&seat::order_id, &seat::number>()
        .generated<&seat::twice>("number * 2")
        .version<&seat::edition>()
        .soft_delete<&seat::gone>();
  }
};

struct noted_order {
  order head;
  std::vector<note> notes;
};

// In a struct of its own, in a table with tenants.
struct stamps {
  std::int32_t version = 0;
  hewn::timestamp changed{};
};

struct memo {
  std::int64_t id = 0;
  std::int64_t team = 0;
  std::string text;
  stamps at;
  std::optional<hewn::timestamp> removed;

  static consteval auto table() {
    return hewn::table("memos")
        .tenant<&memo::team>()
        .soft_delete<&memo::removed>()
        .version<hewn::path<&memo::at, &stamps::version>>()
        .updated<hewn::path<&memo::at, &stamps::changed>>();
  }
};

struct label {
  std::int64_t id = 0;
  std::int64_t version = 0;
  static consteval auto table() { return hewn::table("labels").version<&label::version>(); }
};

// As another program has it that knows nothing of versions.
struct old_task {
  std::int64_t id = 0;
  std::string title;
  std::int64_t hours = 0;
  hewn::timestamp changed{};
  static consteval auto table() { return hewn::table("tasks"); }
};

database make_tasks(const place& where) {
  auto db = where.open();
  hewn::sync<task, cell, counter>(db);
  return db;
}

// With an order 1.
database make_notes(const place& where) {
  auto db = where.open();
  hewn::sync<order, note, seat>(db);
  db.insert(order{.customer = "a"});
  return db;
}

note new_note(std::string text) { return {.order_id = hewn::ref<order>(1), .text = text}; }

// Also of a row that is removed.
note stored_note(const database& db, std::int64_t id) {
  return db.one(from<note>.with_removed().where(col<&note::id> == id));
}

seat stored_seat(const database& db, std::int64_t number) {
  return db.one(from<seat>.with_removed().where(col<&seat::number> == number));
}

std::int64_t stored_version(const database& db, std::int64_t id) {
  return db.get<task>(id).version;
}

void check_stale(const hewn::error& failure, std::int64_t held, std::int64_t stored) {
  CHECK(failure.code() == errc::stale);
  CHECK(failure.held() == held);
  CHECK(failure.stored() == stored);
  CHECK_FALSE(failure.retryable());
  const std::string what = failure.what();
  CAPTURE(what);
  CHECK(what.find(failure.table()) != what.npos);
  CHECK(what.find("version " + std::to_string(stored)) != what.npos);
  CHECK(what.find("version " + std::to_string(held)) != what.npos);
}

}  // namespace

TEST_CASE("an insert writes the version of the struct, and updates count it", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  task t = db.insert(task{.title = "dig", .version = 7});
  CHECK(t.version == 7);
  t.title = "plant";
  db.update(t);
  CHECK(t.version == 8);
  t.hours = 3;
  db.update(t);  // the struct is good for another one
  CHECK(t.version == 9);
  const task stored = db.get<task>(t.id);
  CHECK(stored.version == 9);
  CHECK(stored.title == "plant");
  CHECK(stored.hours == 3);

  const task fixed = stored;
  db.update(fixed);
  CHECK(stored_version(db, t.id) == 10);
  db.update(task{.id = t.id, .title = "rest", .version = 10});
  CHECK(stored_version(db, t.id) == 11);
}

TEST_CASE("an update of a row that another has changed is stale and changes nothing", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  task mine = db.insert(task{.title = "dig"});
  task theirs = mine;
  theirs.title = "theirs";
  db.update(theirs);
  mine.title = "mine";
  const auto failure = failure_of([&] { db.update(mine); });
  check_stale(failure, 0, 1);
  CHECK(failure.table() == "tasks");
  CHECK(failure.is<&task::version>());
  CHECK(mine.version == 0);
  CHECK(db.get<task>(mine.id).title == "theirs");

  const auto result = db.try_update(mine);
  REQUIRE_FALSE(result);
  CHECK(result.error().code() == errc::stale);

  const task before = mine;
  mine.hours = 5;
  check_stale(failure_of([&] { db.update(before, mine); }), 0, 1);
  check_stale(failure_of([&] { db.remove(mine); }), 0, 1);
  CHECK(db.count(from<task>) == 1);

  db.remove(theirs);
  CHECK(failure_of([&] { db.update(theirs); }).code() == errc::not_found);
  CHECK(failure_of([&] { db.update(before, mine); }).code() == errc::not_found);
  CHECK(failure_of([&] { db.remove(mine); }).code() == errc::not_found);
}

TEST_CASE("a transaction goes on after a stale row", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  task t = db.insert(task{.title = "dig"});
  db.transaction([&](auto& tx) {
    task late = t;
    tx.update(t);
    check_stale(failure_of([&] { tx.update(late); }), 0, 1);
    late = tx.template get<task>(t.id);
    late.title = "again";
    tx.update(late);
    tx.insert(task{.title = "more"});
  });
  CHECK(stored_version(db, t.id) == 2);
  CHECK(db.count(from<task>) == 2);
}

TEST_CASE("only what differs is written, by the version of the row as it is to be", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  const task before = db.insert(task{.title = "dig"});
  task after = before;
  CHECK_FALSE(db.update(before, after));
  CHECK(stored_version(db, before.id) == 0);
  after.hours = 1;
  CHECK(db.update(before, after));
  CHECK(after.version == 1);
  after.hours = 2;
  CHECK(db.update(before, after));  // twice in a row against one state
  CHECK(after.version == 2);
  CHECK(stored_version(db, before.id) == 2);

  // What a client sends against what is stored now: the client's version counts.
  const task now = db.get<task>(before.id);
  task sent = now;
  sent.version = 1;
  sent.title = "sent";
  check_stale(failure_of([&] { db.update(now, sent); }), 1, 2);
  const task same = now;
  task other = now;
  other.title = "other";
  CHECK(db.update(same, std::as_const(other)));
  CHECK(other.version == 2);
  CHECK(stored_version(db, before.id) == 3);
}

TEST_CASE("computed columns and keys of several parts go with versions", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  cell c = db.insert(cell{.sheet = "a", .row = 1, .value = 2});
  const cell old = c;
  c.value = 5;
  db.update(c);
  CHECK(c.twice == 10);
  CHECK(c.edition == 1);
  const cell state = c;
  c.value = 6;
  CHECK(db.update(state, c));
  CHECK(c.twice == 12);
  CHECK(c.edition == 2);
  check_stale(failure_of([&] { db.update(old); }), 0, 2);
  check_stale(failure_of([&] { db.remove(old); }), 0, 2);
  CHECK(db.get<cell>({"a", 1}).value == 6);
  db.remove(c);
  CHECK(db.count(from<cell>) == 0);
}

TEST_CASE("updates by key and query count the version and ask for none", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  task t = db.insert(task{.title = "dig"});
  db.update<task>(t.id, col<& task::hours> = 1);
  CHECK(stored_version(db, t.id) == 1);
  CHECK(db.update(from<task>.where(col<&task::title> == "dig"), col<& task::hours> = 2) == 1);
  CHECK(stored_version(db, t.id) == 2);
  CHECK(db.update_all<task>(col<& task::hours> = 3) == 1);
  CHECK(stored_version(db, t.id) == 3);
  const auto version =
      db.update<task>(t.id, col<& task::hours> = 4, returning(col<&task::version>));
  CHECK(version == 4);
  const auto changed =
      db.update_returning(from<task>.where(col<&task::hours> == 4), col<& task::hours> = 5);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].version == 5);
  const auto claimed =
      db.claim(from<task>.where(col<&task::hours> == 5).limit(1), col<& task::hours> = 6);
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].version == 6);
  check_stale(failure_of([&] { db.update(t); }), 0, 6);

  CHECK(db.remove<task>(t.id));  // asks for none either
  CHECK(db.count(from<task>) == 0);
}

TEST_CASE("an upsert counts the version that is stored", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  const task first = db.upsert(task{.id = 5, .title = "dig", .version = 3});
  CHECK(first.version == 3);
  const task second = db.upsert(task{.id = 5, .title = "plant", .version = 40});
  CHECK(second.version == 4);
  CHECK(second.title == "plant");
  const task third =
      db.upsert(task{.id = 5, .title = "water", .hours = 2, .version = 1},
                hewn::set(col<& task::hours> = col<&task::hours> + excluded<&task::hours>));
  CHECK(third.version == 5);
  CHECK(third.title == "plant");
  std::vector<task> many{{.id = 5, .title = "five"}, {.id = 6, .title = "six"}};
  db.upsert_many(many);
  CHECK(many[0].version == 6);
  CHECK(many[1].version == 0);
  db.update(many[0]);
  CHECK(stored_version(db, 5) == 7);
  CHECK_FALSE(db.insert_or_ignore(task{.id = 5}));
  CHECK(stored_version(db, 5) == 7);

  db.upsert(cell{.edition = 2, .sheet = "a", .row = 1});
  CHECK(db.upsert(cell{.sheet = "a", .row = 1, .value = 4}).edition == 3);
}

TEST_CASE("a table of a key and a version can be upserted", "[L1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<label>(db);
  CHECK(db.upsert(label{.id = 1}).version == 0);
  CHECK(db.upsert(label{.id = 1}).version == 1);
}

TEST_CASE("many rows are updated by their versions, all or none", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  std::vector<task> rows(300);
  for (std::size_t i = 0; i != rows.size(); ++i) rows[i].title = std::to_string(i);
  db.insert_many(rows);
  for (task& t : rows) t.hours = 1;
  CHECK(db.update_many(rows) == 300);
  for (const task& t : rows) CHECK(t.version == 1);
  for (task& t : rows) t.hours = 2;
  CHECK(db.update_many(rows) == 300);
  CHECK(db.count(from<task>.where(col<&task::version> == 2)) == 300);

  db.update<task>(rows[211].id, col<& task::title> = "other");
  for (task& t : rows) t.hours = 3;
  auto failure = failure_of([&] { db.update_many(rows); });
  check_stale(failure, 2, 3);
  CHECK(failure.element() == 211);
  CHECK(std::string_view(failure.what()).find("(element 211 of the batch)") !=
        std::string_view::npos);
  for (const task& t : rows) CHECK(t.version == 2);
  CHECK(db.count(from<task>.where(col<&task::hours> == 3)) == 0);
  rows[211].version = 3;  // as if it were read again
  CHECK(db.update_many(rows) == 300);
  CHECK(rows[211].version == 4);

  const std::vector<task> fixed = rows;
  CHECK(db.update_many(fixed) == 300);
  failure = failure_of([&] { db.remove_many(rows); });
  check_stale(failure, 3, 4);
  CHECK(failure.element() == 0);
  CHECK(db.count(from<task>) == 300);
  for (task& t : rows) ++t.version;
  db.remove<task>(rows[5].id);
  failure = failure_of([&] { db.update_many(rows); });
  CHECK(failure.code() == errc::not_found);
  CHECK(failure.element() == 5);
  rows.erase(rows.begin() + 5);
  CHECK(db.remove_many(rows) == 299);
  CHECK(db.count(from<task>) == 0);
}

TEST_CASE("computed columns of many rows come back with their versions", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  std::vector<cell> cells;
  for (int i = 0; i != 20; ++i) cells.push_back({.sheet = "a", .row = i, .value = i});
  db.insert_many(cells);
  for (cell& c : cells) c.value += 100;
  db.update_many(cells);
  for (const cell& c : cells) {
    CHECK(c.edition == 1);
    CHECK(c.twice == 2 * c.value);
  }
  cells[19].edition = 0;
  for (cell& c : cells) c.value += 100;
  const auto failure = failure_of([&] { db.update_many(cells); });
  check_stale(failure, 0, 1);
  CHECK(failure.element() == 19);
  for (std::size_t i = 0; i != 19; ++i) CHECK(cells[i].edition == 1);
  CHECK(db.get<cell>({"a", 3}).edition == 1);
}

TEST_CASE("what is returned of many rows is of those with their versions", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  std::vector<task> rows(5);
  db.insert_many(rows);
  const auto versions = db.update_many(rows, returning(col<&task::version>));
  CHECK(versions == std::vector<std::int32_t>(5, 1));
  CHECK(rows[0].version == 0);  // the rows keep their values
  auto failure = failure_of([&] { db.update_many(rows, returning(col<&task::version>)); });
  check_stale(failure, 0, 1);
  CHECK(failure.element() == 0);
  for (task& t : rows) t.version = 1;
  rows[3].version = 0;
  failure = failure_of([&] { db.remove_many(rows, returning(col<&task::id>)); });
  check_stale(failure, 0, 1);
  CHECK(failure.element() == 3);
  rows[3].version = 1;
  CHECK(db.remove_many(rows, returning(col<&task::id>)).size() == 5);
}

TEST_CASE("the elements of a batch go by their versions", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  task a = db.insert(task{.title = "a"});
  task b = db.insert(task{.title = "b"});
  db.batch([&](auto& batch) {
    a.hours = 1;
    batch.update(&a);
    a.hours = 2;
    batch.update(&a);  // the same row once more
    b.hours = 1;
    batch.update(b);
  });
  CHECK(a.version == 2);
  CHECK(b.version == 1);
  CHECK(stored_version(db, a.id) == 2);

  // A row that is changed by an element before it.
  auto failure = failure_of([&] {
    db.batch([&](auto& batch) {
      batch.update(&a);
      batch.template update<task>(b.id, col<& task::hours> = 9);
      batch.update(&b);
    });
  });
  check_stale(failure, 1, 2);
  CHECK(failure.element() == 2);
  CHECK(a.version == 2);
  CHECK(b.version == 1);
  CHECK(stored_version(db, a.id) == 2);
  CHECK(stored_version(db, b.id) == 1);

  // A failure behind it, which on PostgreSQL is known before anybody can ask.
  task late = b;
  db.update(b);
  failure = failure_of([&] {
    db.batch([&](auto& batch) {
      batch.update(&late);
      batch.insert(task{.id = a.id});
    });
  });
  check_stale(failure, 1, 2);
  CHECK(failure.element() == 0);
  CHECK(late.version == 1);

  // The same in a transaction, which goes on.
  db.transaction([&](auto& tx) {
    tx.insert(task{.title = "before"});
    const auto inner = failure_of([&] {
      tx.batch([&](auto& batch) {
        batch.insert(task{.title = "in"});
        batch.update(&late);
        batch.insert(task{.id = a.id});
      });
    });
    check_stale(inner, 1, 2);
    CHECK(inner.element() == 1);
    tx.insert(task{.title = "after"});
  });
  CHECK(late.version == 1);
  CHECK(db.count(from<task>.where(col<&task::title> == "before" || col<&task::title> == "after")) ==
        2);
  CHECK_FALSE(db.exists(from<task>.where(col<&task::title> == "in")));

  // What leaves the batch otherwise.
  CHECK_THROWS_AS(db.batch([&](auto& batch) {
    batch.update(&a);
    throw 1;
  }),
                  int);
  CHECK(a.version == 2);

  cell c = db.insert(cell{.sheet = "a"});
  db.batch([&](auto& batch) {
    for (int i = 0; i != 3; ++i) {
      c.value = i;
      batch.update(&c);
    }
    batch.remove(b);
  });
  CHECK(c.edition == 3);
  CHECK(c.twice == 4);
  CHECK_FALSE(db.find<task>(b.id));
  CHECK(failure_of([&] { db.batch([&](auto& batch) { batch.remove(late); }); }).code() ==
        errc::not_found);
}

TEST_CASE("the last version is an error and no wrap", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  task t = db.insert(task{.version = std::numeric_limits<std::int32_t>::max()});
  const auto refused = [&](auto action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::invalid_data);
    CHECK(stored_version(db, t.id) == t.version);
  };
  refused([&] { db.update(t); });
  const task before = t;
  t.hours = 1;
  refused([&] { db.update(before, t); });
  refused([&] { db.update<task>(t.id, col<& task::hours> = 1); });
  refused([&] { db.update_all<task>(col<& task::hours> = 1); });
  refused([&] { db.upsert(t); });
  std::vector<task> rows{t};
  refused([&] { db.update_many(rows); });
  refused([&] { db.update_many(rows, returning(col<&task::version>)); });
  CHECK(rows[0].version == t.version);
  db.remove(t);

  counter c = db.insert(counter{.version = std::numeric_limits<std::int64_t>::max() - 1});
  db.update_all<counter>(col<& counter::value> = 1);
  CHECK(failure_of([&] { db.update_all<counter>(col<& counter::value> = 2); }).code() ==
        errc::invalid_data);
  ++c.version;
  CHECK(failure_of([&] { db.update(c); }).code() == errc::invalid_data);
  CHECK(db.get<counter>(c.id).version == std::numeric_limits<std::int64_t>::max());

  db.insert(cell{.edition = 254, .sheet = "a"});
  db.update_all<cell>(col<& cell::value> = 1);
  CHECK(failure_of([&] { db.update_all<cell>(col<& cell::value> = 1); }).code() ==
        errc::invalid_data);
  CHECK(db.get<cell>({"a", 0}).edition == 255);
}

TEST_CASE("repositories keep to versions", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  hewn::repository<task, database::driver_type> tasks(db);
  task t = tasks.create({.title = "dig"});
  t = tasks.update(t);
  CHECK(t.version == 1);
  tasks.patch(t.id, col<& task::hours> = 2);
  tasks.increment<&task::hours>(t.id);
  CHECK(stored_version(db, t.id) == 3);
  check_stale(failure_of([&] { tasks.update(t); }), 1, 3);
  check_stale(failure_of([&] { tasks.remove(t); }), 1, 3);
  CHECK(tasks.remove(t.id));
}

TEST_CASE("a shape that another has changed is not torn", "[L1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<order, line>(db);
  whole_order first =
      insert(db, whole_order{{.customer = "a"}, {{.article = "x"}, {.article = "y"}}});
  const whole_order read = first;

  whole_order changed = read;
  changed.head.customer = "b";
  changed.lines[0].article = "z";
  changed = save(db, read, changed);
  CHECK(changed.head.version == 1);
  CHECK(changed.lines[0].version == 1);
  CHECK(changed.lines[1].version == 0);
  whole_order again = changed;
  again.lines[0].article = "zz";
  again = save(db, changed, again);
  CHECK(again.lines[0].version == 2);

  // The head is as it was, and one of the lines is not.
  db.update<line>(again.lines[1].id, col<& line::article> = "theirs");
  whole_order mine = again;
  mine.head.customer = "mine";
  mine.lines[0].article = "mine";
  mine.lines[1].article = "mine";
  mine.lines.push_back({.article = "new"});
  check_stale(failure_of([&] { save(db, again, mine); }), 0, 1);
  const auto stored = db.get(hewn::shape<whole_order>, again.head.id);
  CHECK(stored.head.customer == "b");
  CHECK(stored.head.version == 1);
  REQUIRE(stored.lines.size() == 2);
  CHECK(stored.lines[0].article == "zz");
  CHECK(stored.lines[1].article == "theirs");

  // So is a line that goes.
  mine = again;
  mine.lines.pop_back();
  mine.head.customer = "mine";
  check_stale(failure_of([&] { save(db, again, mine); }), 0, 1);
  CHECK(db.get<order>(again.head.id).customer == "b");
  CHECK(db.count(from<line>) == 2);
}

TEST_CASE("programs that know of no version have one all the same", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  const old_task other = db.insert(old_task{.title = "dig"});
  CHECK(stored_version(db, other.id) == 0);
  CHECK(db.insert_from<&task::title, &task::hours>(
            from<task>.select(col<&task::title>, col<&task::hours>)) == 1);
  CHECK(db.count(from<task>.where(col<&task::version> == 0)) == 2);
}

TEST_CASE("a version comes to a table with rows", "[L1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<old_task>(db);
  const old_task row = db.insert(old_task{.title = "dig"});
  hewn::sync<task>(db);
  task t = db.get<task>(row.id);
  CHECK(t.version == 0);
  db.update(t);
  CHECK(stored_version(db, row.id) == 1);
  CHECK(hewn::plan_sync<task>(db).empty());
}

TEST_CASE("a trigger that skips the update is no stale row", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  task t = db.insert(task{.title = "dig"});
  if (support::on_postgres)
    db.script(
        "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
        "CREATE TRIGGER skip BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION skip()");
  else
    db.script("CREATE TRIGGER skip BEFORE UPDATE ON tasks BEGIN SELECT RAISE(IGNORE); END");
  CHECK(failure_of([&] { db.update(t); }).code() == errc::not_found);
  CHECK(t.version == 0);
}

TEST_CASE("nobody loses an update who tries again", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  const std::int64_t id = db.insert(counter{}).id;
  const int threads = place::is_shared() ? 4 : 1;
  constexpr int times = 40;
  std::latch ready(threads);
  std::vector<std::jthread> running;
  std::vector<int> late(static_cast<std::size_t>(threads));
  for (int i = 0; i != threads; ++i)
    running.emplace_back([&, i] {
      const auto own = place::is_shared() ? std::optional(where.open()) : std::nullopt;
      const database& mine = own ? *own : db;
      ready.arrive_and_wait();
      for (int done = 0; done != times;) {
        counter c = mine.get<counter>(id);
        ++c.value;
        const auto written = mine.try_update(c);
        if (written)
          ++done;
        else if (written.error().code() == errc::stale)
          ++late[static_cast<std::size_t>(i)];
        else if (!written.error().retryable())
          std::abort();
      }
    });
  running.clear();
  const counter c = db.get<counter>(id);
  CHECK(c.value == threads * times);
  CHECK(c.version == threads * times);
}

TEST_CASE("two transactions that change one row do so one after the other", "[L1]") {
  const place where;
  const auto db = make_tasks(where);
  const std::int64_t id = db.insert(counter{}).id;
  if (!place::is_shared()) return;
  const auto other = where.open();
  counter mine = db.get<counter>(id);
  counter theirs = other.get<counter>(id);
  std::latch written(1);
  std::optional<hewn::error> failure;
  std::jthread late;
  db.transaction([&](auto& tx) {
    mine.value += 10;
    tx.update(mine);
    late = std::jthread([&] {
      written.wait();
      theirs.value += 1;
      try {
        other.update(theirs);  // waits for the transaction
      } catch (const hewn::error& e) {
        failure = e;
      }
    });
    written.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  late.join();
  REQUIRE(failure);
  check_stale(*failure, 0, 1);
  CHECK(db.get<counter>(id).value == 10);
}

TEST_CASE("a row that is kept when it is removed goes by its version", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  note mine = db.insert(new_note("mine"));
  note late = mine;
  mine.text = "theirs";
  db.update(mine);
  CHECK(mine.version == 1);
  check_stale(failure_of([&] { db.remove(late); }), 0, 1);
  CHECK_FALSE(stored_note(db, mine.id).removed);

  const auto before = db.connection().native().now();
  db.remove(mine);
  note stored = stored_note(db, mine.id);
  CHECK(stored.removed >= std::chrono::floor<std::chrono::microseconds>(before));
  CHECK(stored.changed == stored.removed);
  CHECK(stored.version == 2);
  CHECK(stored.text == "theirs");
  CHECK(stored.order_id.key() == 1);

  // Removed, it is gone for whoever holds it, whatever the version that he holds.
  for (note held : {late, mine, stored}) {
    CHECK(failure_of([&] { db.remove(held); }).code() == errc::not_found);
    held.text = "again";
    CHECK(failure_of([&] { db.update(held); }).code() == errc::not_found);
    CHECK(failure_of([&] { db.update(mine, held); }).code() == errc::not_found);
    CHECK(failure_of([&] { db.update_many(std::vector{held}); }).code() == errc::not_found);
    CHECK(failure_of([&] { db.remove_many(std::vector{held}); }).code() == errc::not_found);
    CHECK(failure_of([&] { db.batch([&](auto& batch) { batch.remove(held); }); }).code() ==
          errc::not_found);
  }
  CHECK(stored_note(db, mine.id).version == 2);

  // Put back, it is another state than that of before.
  db.restore<note>(mine.id);
  CHECK(db.get<note>(mine.id).version == 3);
  check_stale(failure_of([&] { db.remove(mine); }), 1, 3);
  check_stale(failure_of([&] { db.update(mine); }), 1, 3);
  mine = db.get<note>(mine.id);
  const note state = mine;
  mine.text = "mine again";
  CHECK(db.update(state, mine));
  CHECK(mine.version == 4);
  db.remove(mine);
  CHECK(db.purge(from<note>.where(col<&note::version> == 5)) == 1);
  CHECK(failure_of([&] { db.remove(mine); }).code() == errc::not_found);
}

TEST_CASE("removals by key and query and restores count the version", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  std::vector<note> rows;
  for (const char* const text : {"a", "b", "c", "d"}) rows.push_back(new_note(text));
  db.insert_many(rows);
  const auto versions = [&] {
    return db.all(from<note>.with_removed().order_by(col<&note::id>).select(col<&note::version>));
  };
  using numbers = std::vector<std::int32_t>;

  CHECK(db.remove<note>(rows[0].id));
  CHECK_FALSE(db.remove<note>(rows[0].id));
  CHECK(db.remove(from<note>.where(col<&note::text> == "b")) == 1);
  CHECK(versions() == numbers{1, 1, 0, 0});
  const auto removed = db.remove_returning(from<note>.where(col<&note::text> == "c"));
  REQUIRE(removed.size() == 1);
  CHECK(removed[0].version == 1);
  CHECK(removed[0].removed);
  CHECK(db.remove(from<note>.where(col<&note::text> <= "d"), returning(col<&note::version>)) ==
        numbers{1});
  CHECK(versions() == numbers{1, 1, 1, 1});
  db.restore<note>(rows[0].id);
  CHECK(db.restore(from<note>.where(col<&note::text> >= "b")) == 3);
  CHECK(versions() == numbers{2, 2, 2, 2});
  CHECK(db.remove<note>(rows[0].id, returning(col<&note::version>)) == 3);
  CHECK(db.remove_all<note>() == 3);
  CHECK(versions() == numbers{3, 3, 3, 3});

  db.insert(seat{.number = 1, .order_id = hewn::ref<order>(1)});
  CHECK(db.remove<seat>({hewn::ref<order>(1), 1}));
  CHECK(stored_seat(db, 1).edition == 1);
  db.restore<seat>({hewn::ref<order>(1), 1});
  CHECK(db.get<seat>({hewn::ref<order>(1), 1}).edition == 2);
}

TEST_CASE("computed columns and references in a key go with rows that are kept", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  seat s = db.insert(seat{.number = 4, .order_id = hewn::ref<order>(1)});
  const seat old = s;
  s.guest = "ann";
  db.update(s);
  CHECK(s.edition == 1);
  CHECK(s.twice == 8);
  const seat state = s;
  s.guest = "bob";
  CHECK(db.update(state, s));
  CHECK(s.edition == 2);
  check_stale(failure_of([&] { db.update(old); }), 0, 2);
  check_stale(failure_of([&] { db.remove(old); }), 0, 2);
  check_stale(failure_of([&] { db.remove_many(std::vector{old}); }), 0, 2);
  db.remove(s);
  CHECK(stored_seat(db, 4).edition == 3);
  CHECK(stored_seat(db, 4).gone);
  CHECK(failure_of([&] { db.update(s); }).code() == errc::not_found);

  // An upsert of its key brings it back, and counts on.
  const seat back = db.upsert(seat{.number = 4, .order_id = hewn::ref<order>(1), .guest = "cy"});
  CHECK(back.edition == 4);
  CHECK_FALSE(back.gone);
  db.remove(back);
  CHECK(db.count(from<seat>) == 0);
}

TEST_CASE("an upsert passes over a removed row, whose version stays", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  const note first = db.insert(new_note("one"));
  db.remove(first);
  const note second = db.upsert<&note::text>(new_note("one"));
  CHECK(second.id != first.id);
  CHECK(second.version == 0);
  CHECK(db.upsert<&note::text>(new_note("one")).version == 1);
  CHECK(stored_note(db, first.id).version == 1);
  CHECK(failure_of([&] { db.restore<note>(first.id); }).code() == errc::conflict);
  CHECK(stored_note(db, first.id).version == 1);
}

TEST_CASE("many rows that are kept go by their versions, all or none", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  std::vector<note> rows;
  for (int i = 0; i != 300; ++i) rows.push_back(new_note(std::to_string(i)));
  db.insert_many(rows);
  for (note& n : rows) n.text += "!";
  CHECK(db.update_many(rows) == 300);
  CHECK(rows[299].version == 1);

  db.update<note>(rows[211].id, col<& note::text> = "other");
  auto failure = failure_of([&] { db.remove_many(rows); });
  check_stale(failure, 1, 2);
  CHECK(failure.element() == 211);
  CHECK(db.count(from<note>) == 300);
  rows[211].version = 2;
  db.remove<note>(rows[7].id);
  failure = failure_of([&] { db.remove_many(rows); });
  CHECK(failure.code() == errc::not_found);
  CHECK(failure.element() == 7);
  failure = failure_of([&] { db.update_many(rows); });
  CHECK(failure.code() == errc::not_found);
  CHECK(failure.element() == 7);
  db.restore<note>(rows[7].id);
  rows[7] = db.get<note>(rows[7].id);
  CHECK(rows[7].version == 3);
  CHECK(db.remove_many(rows) == 300);
  CHECK(db.count(from<note>) == 0);
  CHECK(db.count(from<note>.with_removed().where(col<&note::version> == 2)) == 298);
  CHECK(stored_note(db, rows[211].id).version == 3);
  CHECK(stored_note(db, rows[7].id).version == 4);
}

TEST_CASE("what is returned of many rows that are kept is of those with their versions", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  std::vector<note> rows;
  for (int i = 0; i != 5; ++i) rows.push_back(new_note(std::to_string(i)));
  db.insert_many(rows);
  CHECK(db.update_many(rows, returning(col<&note::version>)) == std::vector<std::int32_t>(5, 1));
  for (note& n : rows) n.version = 1;
  rows[3].version = 0;
  const auto what = returning(col<&note::version> * 10 + 1, col<&note::removed>.is_not_null());
  auto failure = failure_of([&] { db.remove_many(rows, what); });
  check_stale(failure, 0, 1);
  CHECK(failure.element() == 3);
  CHECK(db.count(from<note>) == 5);
  rows[3].version = 1;
  for (const auto& [version, removed] : db.remove_many(rows, what)) {
    CHECK(version == 21);
    CHECK(removed);
  }
  CHECK(db.count(from<note>) == 0);
  failure = failure_of([&] { db.remove_many(rows, what); });
  CHECK(failure.code() == errc::not_found);

  std::vector<seat> seats;
  for (int i = 0; i != 5; ++i) seats.push_back({.number = i, .order_id = hewn::ref<order>(1)});
  db.insert_many(seats);
  for (seat& s : seats) s.guest = "ann";
  db.update_many(seats);
  CHECK(seats[4].edition == 1);
  CHECK(seats[4].twice == 8);
  CHECK(db.remove_many(seats, returning(col<&seat::edition>)) ==
        std::vector<std::uint8_t>(5, std::uint8_t{2}));
}

TEST_CASE("the elements of a batch about rows that are kept go by their versions", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  note a = db.insert(new_note("a"));
  note b = db.insert(new_note("b"));
  const note c = db.insert(new_note("c"));
  const note old = a;
  db.batch([&](auto& batch) {
    a.text = "aa";
    batch.update(&a);
    batch.remove(a);
    batch.template remove<note>(b.id);
    batch.remove(from<note>.where(col<&note::text> == "c"));
  });
  CHECK(a.version == 1);
  CHECK(stored_note(db, a.id).version == 2);
  CHECK(stored_note(db, b.id).version == 1);
  CHECK(stored_note(db, c.id).version == 1);
  CHECK(db.count(from<note>) == 0);
  CHECK(db.restore(from<note>.where(col<&note::id> > 0)) == 3);

  auto failure = failure_of([&] {
    db.batch([&](auto& batch) {
      batch.template remove<note>(c.id);
      batch.remove(old);
      batch.insert(note{.id = b.id, .order_id = hewn::ref<order>(1)});
    });
  });
  check_stale(failure, 0, 3);
  CHECK(failure.element() == 1);
  CHECK(db.count(from<note>) == 3);
  b = db.get<note>(b.id);
  failure = failure_of([&] {
    db.batch([&](auto& batch) {
      batch.remove(b);
      batch.update(&b);
    });
  });
  CHECK(failure.code() == errc::not_found);
  CHECK(failure.element() == 1);
  CHECK(b.version == 2);
  CHECK(db.get<note>(b.id).version == 2);
}

TEST_CASE("the last version of a row that is kept is an error of removals too", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  note last = new_note("last");
  last.version = std::numeric_limits<std::int32_t>::max();
  db.insert(last);
  const auto refused = [&](auto action) {
    CHECK(failure_of(action).code() == errc::invalid_data);
    const note stored = stored_note(db, last.id);
    CHECK(stored.version == last.version);
    CHECK_FALSE(stored.removed);
  };
  refused([&] { db.remove(last); });
  refused([&] { db.remove<note>(last.id); });
  refused([&] { db.remove_all<note>(); });
  refused([&] { db.remove_many(std::vector{last}); });
  refused([&] { db.remove_many(std::vector{last}, returning(col<&note::id>)); });
  refused([&] { db.batch([&](auto& batch) { batch.remove(last); }); });
}

TEST_CASE("a shape whose rows are kept is saved by their versions", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  const noted_order read =
      insert(db, noted_order{{.customer = "b"}, {{.text = "x"}, {.text = "y"}, {.text = "z"}}});
  CHECK(read.notes[0].order_id.key() == read.head.id);
  noted_order changed = read;
  changed.notes[0].text = "xx";
  changed.notes.pop_back();
  changed = save(db, read, changed);
  CHECK(changed.notes[0].version == 1);
  CHECK(changed.notes[1].version == 0);
  const note removed = stored_note(db, read.notes[2].id);
  CHECK(removed.removed);
  CHECK(removed.version == 1);
  CHECK(db.get(hewn::shape<noted_order>, read.head.id).notes.size() == 2);

  // One note that goes has another version; one that stays was removed by another.
  noted_order mine = changed;
  db.update<note>(mine.notes[1].id, col<& note::text> = "theirs");
  mine.head.customer = "mine";
  mine.notes.pop_back();
  check_stale(failure_of([&] { save(db, changed, mine); }), 0, 1);
  db.remove<note>(mine.notes[0].id);
  mine = changed;
  mine.head.customer = "mine";
  mine.notes[0].text = "mine";
  CHECK(failure_of([&] { save(db, changed, mine); }).code() == errc::not_found);
  CHECK(db.get<order>(read.head.id).customer == "b");
  CHECK(db.count(from<note>) == 1);
}

TEST_CASE("repositories keep to versions of rows that are kept", "[L1]") {
  const place where;
  const auto db = make_notes(where);
  hewn::repository<note, database::driver_type> notes(db);
  const note first = notes.create(new_note("a"));
  notes.patch(first.id, col<& note::text> = "b");
  check_stale(failure_of([&] { notes.remove(first); }), 0, 1);
  notes.remove(notes.get(first.id));
  CHECK(stored_note(db, first.id).version == 2);
  notes.restore(first.id);
  CHECK(notes.get(first.id).version == 3);
  CHECK(notes.remove(first.id));
  CHECK(stored_note(db, first.id).version == 4);
}

TEST_CASE("a version within a struct goes with tenants", "[L1]") {
  const place where;
  const auto db = where.open();
  hewn::sync<memo>(db);
  std::vector<memo> rows{{.text = "a"}, {.text = "b"}, {.text = "c"}};
  {
    const auto first = hewn::act_for(db, 1);
    db.insert_many(rows);
    const memo old = rows[0];
    rows[0].text = "aa";
    db.update(rows[0]);
    CHECK(rows[0].at.version == 1);
    const memo state = rows[0];
    rows[0].text = "aaa";
    CHECK(db.update(state, rows[0]));
    CHECK(rows[0].at.version == 2);
    check_stale(failure_of([&] { db.update(old); }), 0, 2);
    check_stale(failure_of([&] { db.remove(old); }), 0, 2);
    check_stale(failure_of([&] { db.remove_many(std::vector{rows[1], old}); }), 0, 2);
    check_stale(failure_of([&] { db.batch([&](auto& batch) { batch.update(old); }); }), 0, 2);
    CHECK(db.update_many(rows, returning(col<hewn::path<&memo::at, &stamps::version>>)) ==
          std::vector<std::int32_t>{3, 1, 1});
  }
  {
    // Others are told nothing of the row, and its version stays.
    const auto second = hewn::act_for(db, 2);
    rows[0].at.version = 0;
    CHECK(failure_of([&] { db.remove(rows[0]); }).code() != errc::stale);
    CHECK(failure_of([&] { db.update(rows[0]); }).code() != errc::stale);
    CHECK_FALSE(db.remove<memo>(rows[0].id));
    CHECK(db.update_all<memo>(col<& memo::text> = "theirs") == 0);
    CHECK(db.remove_all<memo>() == 0);
  }
  const auto first = hewn::act_for(db, 1);
  rows = db.all(from<memo>.order_by(col<&memo::id>));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].at.version == 3);
  CHECK(rows[1].at.version == 1);
  db.remove(rows[0]);
  CHECK(failure_of([&] { db.remove(rows[0]); }).code() == errc::not_found);
  CHECK(db.remove_many(std::vector{rows[1]}) == 1);
  CHECK(db.remove<memo>(rows[2].id));
  CHECK(db.restore(from<memo>.where(col<&memo::id> > 0)) == 3);
  rows = db.all(from<memo>.order_by(col<&memo::id>));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].at.version == 5);
  CHECK(rows[1].at.version == 3);
  CHECK(rows[2].at.version == 3);
  CHECK(rows[2].text == "c");
  CHECK(db.upsert(rows[2]).at.version == 4);

  const auto all = hewn::all_tenants(db);
  db.update(rows[0]);
  CHECK(rows[0].at.version == 6);
  db.remove(rows[0]);
  CHECK(db.count(from<memo>) == 2);
}
