// tests/postgres/client/changed_types_test.cpp - statements whose tables get other types.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using namespace support;

namespace {

struct measure {
  std::int64_t id = 0;
  std::int64_t value = 0;
  static consteval auto table() { return hewn::table("measures"); }
};

options proxied() { return {.transaction_pooling = true}; }

}  // namespace

TEST_CASE("many rows are copied into the types that the columns have", "[C5]") {
  // Of the same size as what was there before, so that a copy of the bytes would be taken.
  const auto type = GENERATE(as<std::string>(), "double precision", "numeric", "integer", "text");
  const bool within = GENERATE(false, true);  // the transaction that writes
  CAPTURE(type, within);
  const place where;
  const auto db = where.open();
  db.script("CREATE TABLE measures (id bigint PRIMARY KEY, value bigint NOT NULL)");
  std::vector<measure> rows;
  const auto write = [&](const auto& session) {
    for (measure& row : rows) row.id += 10'000;
    session.insert_many(std::as_const(rows));
  };
  for (std::int64_t i = 1; i <= 5000; ++i) rows.push_back({.id = i, .value = 7 * i});
  write(db);
  const auto change = "ALTER TABLE measures ALTER value TYPE " + type;
  if (type == "text" || type == "double precision") {  // of which a read would refuse what it gets
    const auto fails = [](auto action) {
      CHECK(failure_of(action).code() == errc::schema_mismatch);
    };
    if (within) {
      fails([&] {
        db.transaction([&](auto& tx) {
          tx.script(change);
          write(tx);
        });
      });
    } else {
      where.open().script(change);
      fails([&] { write(db); });
      fails([&] { write(db); });
    }
    CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM measures">) == 5000);
    return;
  }
  if (within) {
    db.transaction([&](auto& tx) {
      tx.script(change);
      write(tx);
      write(tx);
    });
  } else {
    where.open().script(change);
    write(db);
    write(db);
  }
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM measures WHERE value::text = "
                                       "(7 * (id - id / 10000 * 10000))::text">) == 15'000);
}

TEST_CASE("a table that comes to stand before another one is the one that is looked at", "[C5]") {
  // Nothing about the table that was copied into before has changed.
  const bool same_connection = GENERATE(true, false);
  const auto type = GENERATE(as<std::string>(), "numeric", "double precision");
  CAPTURE(same_connection, type);
  const place first, second;
  const auto schema_of = [](const place& p) {
    return p.open().one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  };
  const std::string before = schema_of(first), behind = schema_of(second);
  const auto db =
      hewn::postgres::open(postgres_server::get().url(), {.search_path = {before, behind}});
  db.script("CREATE TABLE " + behind + ".measures (id bigint PRIMARY KEY, value bigint NOT NULL)");
  std::vector<measure> rows;
  for (std::int64_t i = 1; i <= 5000; ++i) rows.push_back({.id = i, .value = 7 * i});
  const auto write = [&] {
    for (measure& row : rows) row.id += 10'000;
    db.insert_many(std::as_const(rows));
  };
  write();
  write();
  const std::string create =
      "CREATE TABLE " + before + ".measures (id bigint PRIMARY KEY, value " + type + " NOT NULL)";
  same_connection ? db.script(create) : first.open().script(create);
  const bool converts = type == "numeric";
  for (int i = 0; i != 2; ++i) {
    if (converts)
      write();
    else
      CHECK(failure_of(write).code() == errc::schema_mismatch);
  }
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM measures WHERE value = 7 * (id - id / "
                                       "10000 * 10000)">) == (converts ? 10'000 : 0));
}

TEST_CASE("rows that can go neither by a copy nor as arrays go one by one", "[C5]") {
  struct sized {
    std::int64_t id = 0;
    std::int64_t value = 0;
    std::int32_t size = 0;
    static consteval auto table() { return hewn::table("sized"); }
  };
  const place where;
  const auto db = where.open();
  db.script(
      "CREATE DOMAIN small AS int CHECK (VALUE < 9); CREATE TABLE sized (id bigint PRIMARY KEY, "
      "value bigint NOT NULL, size small NOT NULL)");
  std::vector<sized> rows;
  for (std::int64_t i = 1; i <= 5000; ++i) rows.push_back({.id = i, .value = 7 * i, .size = 3});
  db.insert_many(std::as_const(rows));
  where.open().script("ALTER TABLE sized ALTER value TYPE numeric");
  for (sized& row : rows) row.id += 10'000;
  db.insert_many(std::as_const(rows));
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM sized WHERE size = 3 AND value = 7 * "
                                       "(id - id / 10000 * 10000)">) == 10'000);
}

TEST_CASE("values that were bound for another type are never sent as NULL", "[C5]") {
  for (const bool pooling : {false, true}) {
    CAPTURE(pooling);
    const place where;
    const auto db = where.open(pooling ? proxied() : options());
    db.script("CREATE TABLE measures (id bigint PRIMARY KEY, value integer NOT NULL)");
    const auto find = [&] {
      return db.all(hewn::from<measure>.where(col<&measure::value> == 7)).size();
    };
    const auto write = [&](std::int64_t id) { db.insert(measure{.id = id, .value = 7}); };
    write(1);
    CHECK(find() == 1);
    db.script("ALTER TABLE measures ALTER value TYPE bigint");
    // An integer of four bytes is not what the place takes now.
    const auto first = hewn::as_result(find);
    if (first) {
      CHECK(first.value() == 1);
    } else {
      check_grammar(first.error());
      CHECK(first.error().code() == errc::schema_mismatch);
    }
    CHECK(find() == 1);
    const auto stored = hewn::as_result([&] { write(2); });
    if (!stored) write(2);
    CHECK(find() == 2);
    db.script("ALTER TABLE measures ALTER value TYPE numeric");
    static_cast<void>(hewn::as_result([&] { write(3); }));
    if (!db.find<measure>(3)) write(3);
    static_cast<void>(hewn::as_result(find));
    CHECK(find() == 3);
  }
}

namespace {

struct pill {
  std::int64_t id = 0;
  std::string kind;
  static consteval auto table() { return hewn::table("pills"); }
};

}  // namespace

TEST_CASE("a type that goes away and comes back ends no connection's writes", "[p:B4]") {
  const auto make = GENERATE(as<std::string>(), "ENUM ('red', 'blue')", "DOMAIN");
  const bool same_connection = GENERATE(true, false);
  const bool pooling = GENERATE(false, true);
  CAPTURE(make, same_connection, pooling);
  const place where;
  const auto db = where.open(pooling ? proxied() : options());
  const auto other = where.open(pooling ? proxied() : options());
  db.script("DROP TABLE IF EXISTS pills; DROP TYPE IF EXISTS kind");
  const std::string create = make == "DOMAIN" ? "CREATE DOMAIN kind AS text CHECK (VALUE <> '')"
                                              : "CREATE TYPE kind AS " + make;
  db.script(create +
            "; CREATE TABLE pills (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY "
            "KEY, kind kind NOT NULL)");
  const auto remake = [&] {
    const std::string script = "ALTER TABLE pills ALTER kind TYPE text; DROP " +
                               std::string(make == "DOMAIN" ? "DOMAIN" : "TYPE") + " kind; " +
                               create + "; ALTER TABLE pills ALTER kind TYPE kind USING kind::kind";
    (same_connection ? db : other).script(script);
  };
  std::vector<pill> few(2, pill{.kind = "red"}), many(4000, pill{.kind = "red"});
  const auto fresh = [&](std::vector<pill>& rows) -> std::vector<pill>& {
    for (pill& p : rows) p.id = 0;
    return rows;
  };
  const std::vector<std::function<void()>> writes = {
      [&] { db.insert(pill{.kind = "red"}); },
      [&] {
        db.insert(pill{.id = 90'000, .kind = "red"});
        db.remove<pill>(90'000);
      },
      [&] { db.insert_many(fresh(few)); },
      [&] { db.insert_many(fresh(many)); },
      [&] { db.insert_many(std::as_const(fresh(few))); },
      [&] { db.insert_many(std::as_const(fresh(many))); },
      [&] { db.batch([](auto& batch) { batch.insert(pill{.kind = "red"}); }); },
      [&] { db.batch([&](auto& batch) { batch.insert(&fresh(few)[0]); }); },
      [&] { db.upsert(pill{.id = 1, .kind = "blue"}); },
      [&] { db.update(pill{.id = 1, .kind = "red"}); },
      [&] { db.update<pill>(1, col<& pill::kind> = "blue"); },
      [&] { db.all(hewn::from<pill>.where(col<&pill::kind> == "blue")); },
      [&] { db.transaction([](auto& tx) { tx.insert(pill{.kind = "red"}); }); },
  };
  for (const auto& write : writes) write();
  const std::set<int> alone{1, 2, 9, 10, 11, 12};
  int which = 0;
  for (const auto& write : writes) {
    CAPTURE(++which);
    remake();
    int tries = 0;
    for (bool done = false; !done && tries != 4; ++tries) {
      const auto result = hewn::as_result([&] { write(); });
      done = result.has_value();
      if (!done) UNSCOPED_INFO(result.error().what());
    }
    // Inside a transaction the failure has undone what came before it.
    CHECK(tries <= (alone.contains(which) ? 1 : 2));
  }
}

namespace {

struct made {
  std::int64_t id = 0;
  std::string name;
  double size = 0;
  static consteval auto table() { return hewn::table("made"); }
};

/// The same rows, of which an insert gets nothing back.
struct given {
  std::int64_t id = 0;
  std::string name;
  double size = 0;
  static consteval auto table() { return hewn::table("made").given_key(); }
};

/// Another connection makes the columns narrower after a statement was prepared.
struct narrowed_table {
  place where;
  database db = where.open();
  std::string change = GENERATE(as<std::string>(), "name TYPE varchar(3)", "name TYPE char(3)",
                                "size TYPE real", "size TYPE numeric(9,1)");

  narrowed_table() { hewn::sync<made>(db); }
  void narrow() { where.open().script("ALTER TABLE made ALTER " + change); }

  // Both columns would be changed, whichever it is.
  template <class Row>
  static Row odd(std::int64_t id) {
    return {.id = id, .name = "ab" + std::string(change_blanks, ' '), .size = 0.15};
  }
  static constexpr std::size_t change_blanks = 2;

  template <class Write>
  void check_refused(Write write) {
    const auto before = db.count<made>();
    const auto changed = failure_of(write);
    CHECK(changed.code() == errc::schema_mismatch);
    CHECK(says(changed, "so nothing was run; run it again"));
    for (int again = 0; again != 2; ++again) {
      const auto refused = failure_of(write);
      CHECK(refused.code() == errc::invalid_data);
      CHECK(says(refused, ", which would store another value"));
    }
    CHECK(db.count<made>() == before);
  }
};

}  // namespace

TEST_CASE("a column that others make narrower is noticed by what comes back", "[C5][p:A12]") {
  narrowed_table t;
  CAPTURE(t.change);
  const auto& db = t.db;
  SECTION("from an insert") {
    db.insert(t.odd<made>(0));
    db.remove_all<made>();
    t.narrow();
    t.check_refused([&] { db.insert(t.odd<made>(0)); });
  }
  SECTION("before a copy") {
    std::vector<given> rows;
    for (std::int64_t id = 1; id <= 5000; ++id) rows.push_back(t.odd<given>(id));
    db.insert_many(std::as_const(rows));
    db.remove_all<made>();
    t.narrow();
    t.check_refused([&] { db.insert_many(std::as_const(rows)); });
  }
  SECTION("when this connection has made it so") {
    db.insert(t.odd<given>(1));
    db.update(t.odd<given>(1));
    db.script("DELETE FROM made; INSERT INTO made VALUES (1, 'abc', 0.5); ALTER TABLE made ALTER " +
              t.change);
    for (const bool update : {true, false}) {
      const auto refused = failure_of([&] {
        if (update)
          db.update(t.odd<given>(1));
        else
          db.insert(t.odd<given>(2));
      });
      CHECK(refused.code() == errc::invalid_data);
    }
    CHECK(db.get<given>(1).name == "abc");
    CHECK(db.count<given>() == 1);
  }
}

// What the guide says of the limits of that.
TEST_CASE("a write that returns nothing is converted until a read has noticed", "[C5]") {
  narrowed_table t;
  CAPTURE(t.change);
  const auto& db = t.db;
  db.insert(t.odd<given>(1));
  CHECK(db.get<given>(1).name == t.odd<given>(1).name);
  db.remove_all<made>();
  t.narrow();
  db.insert(t.odd<given>(2));  // the server converts by assignment, and says nothing
  const given stored = db.get<given>(2);
  CHECK((stored.name != t.odd<given>(2).name || stored.size != t.odd<given>(2).size));
  const auto refused = failure_of([&] { db.insert(t.odd<given>(3)); });
  CHECK(refused.code() == errc::invalid_data);
  CHECK(db.count<given>() == 1);
}
