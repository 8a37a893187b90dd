// tests/live/skipped_rows_test.cpp - rows that the database leaves out without an error.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::table_of;
using support::either;
using support::failure_of;

namespace {

// The database chooses the key.
struct guest {
  std::int64_t id = 0;
  std::string name;
};

// It computes something as well.
struct badge {
  std::int64_t id = 0;
  std::string name;
  std::string label;
  static consteval auto table() {
    return hewn::table("badge").generated<&badge::label>("'no. ' || name");
  }
};

// Nothing comes back.
struct token {
  std::string name;
  std::int64_t weight = 0;
  static consteval auto table() { return hewn::table("token").primary_key<&token::name>(); }
};

// The key is given, and the rest comes back.
struct ticket {
  std::string name;
  std::string label;
  static consteval auto table() {
    return hewn::table("ticket").primary_key<&ticket::name>().generated<&ticket::label>(
        "'no. ' || name");
  }
};

std::int64_t key_of_row(const guest& row) { return row.id; }
std::int64_t key_of_row(const badge& row) { return row.id; }
std::int64_t key_of_row(const token&) { return 0; }
std::int64_t key_of_row(const ticket&) { return 0; }

/// How a table comes to skip every row whose name begins with b.
struct way {
  std::string_view what;
  std::string_view script;  // T: the table
  bool returns = true;      // statements with RETURNING are taken
};

std::vector<way> ways() {
#ifdef HEWN_TEST_POSTGRES
  return {
      {"a trigger",
       "CREATE FUNCTION skip_T() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name LIKE "
       "'b%' THEN RETURN NULL; END IF; RETURN NEW; END $$; CREATE TRIGGER skip BEFORE INSERT ON "
       "T FOR EACH ROW EXECUTE FUNCTION skip_T()"},
      {"a rule", "CREATE RULE skip AS ON INSERT TO T WHERE NEW.name LIKE 'b%' DO INSTEAD NOTHING",
       false}};
#else
  return {
      {"a trigger",
       "CREATE TRIGGER skip_T BEFORE INSERT ON T WHEN NEW.name LIKE 'b%' BEGIN INSERT INTO log "
       "VALUES (NEW.name); SELECT RAISE(IGNORE); END"},
      {"a trigger that writes elsewhere",
       "CREATE TRIGGER note_T BEFORE INSERT ON T BEGIN INSERT INTO log VALUES (NEW.name), "
       "(NEW.name); END; CREATE TRIGGER noted_T AFTER INSERT ON T BEGIN INSERT INTO log VALUES "
       "(NEW.name); END; CREATE TRIGGER skip_T BEFORE INSERT ON T WHEN NEW.name LIKE 'b%' BEGIN "
       "SELECT RAISE(IGNORE); END"}};
#endif
}

support::database open_with(const way& skips) {
  auto db = support::open_new();
  hewn::sync<guest, badge, token, ticket>(db);
  db.script("CREATE TABLE log (name text)");
  for (const std::string table : {"guest", "badge", "token", "ticket"}) {
    std::string script(skips.script);
    for (std::size_t at = 0; (at = script.find('T', at)) != script.npos;) {
      const bool alone =
          (at == 0 || std::string_view(" _").find(script[at - 1]) != std::string_view::npos) &&
          (at + 1 == script.size() ||
           std::string_view(" (;").find(script[at + 1]) != std::string_view::npos);
      if (alone) script.replace(at, 1, table);
      ++at;
    }
    db.script(script);
  }
  return db;
}

void check_skipped(const hewn::error& failure, std::string_view table) {
  support::check_grammar(failure);
  CHECK(failure.code() == errc::skipped);
  CHECK(failure.table() == table);
}

template <class T, class Database>
void check_single(Database& db) {
  CAPTURE(table_of<T>.name);
  T good{};
  good.name = "good";
  db.insert(good);
  T bad{};
  bad.name = "bad";
  check_skipped(failure_of([&] { db.insert(bad); }), table_of<T>.name);
  CHECK(key_of_row(bad) == 0);
  check_skipped(failure_of([&] { db.insert(std::as_const(bad)); }), table_of<T>.name);
  check_skipped(failure_of([&] { db.insert(T(bad)); }), table_of<T>.name);
  CHECK(db.try_insert(bad).error().code() == errc::skipped);
  CHECK(db.template count<T>() == 1);
}

template <class T, class Database>
void check_many(Database& db) {
  CAPTURE(table_of<T>.name);
  const std::int64_t before = db.template count<T>();
  for (const std::size_t size : {1u, 2u, 3u, 5u, 100u, 500u, 1001u, 4000u}) {
    for (const std::size_t bad : {std::size_t{0}, size / 2, size - 1}) {
      CAPTURE(size, bad);
      std::vector<T> rows(size);
      for (std::size_t i = 0; i != size; ++i)
        rows[i].name = (i == bad ? "b" : "c") + std::to_string(i);
      check_skipped(failure_of([&] { db.insert_many(rows); }), table_of<T>.name);
      for (const T& row : rows) REQUIRE(key_of_row(row) == 0);
      check_skipped(failure_of([&] { db.insert_many(std::as_const(rows)); }), table_of<T>.name);
      CHECK(db.try_insert_many(rows).error().code() == errc::skipped);
      CHECK(db.template count<T>() == before);
    }
  }
  // Undone as far as its savepoint, and no further.
  db.transaction([&](auto& tx) {
    tx.insert_many(std::vector<T>{{.name = "c"}, {.name = "d"}});
    check_skipped(failure_of([&] {
                    tx.insert_many(std::vector<T>{{.name = "e"}, {.name = "b"}});
                  }),
                  table_of<T>.name);
    tx.insert(T{.name = "f"});
  });
  CHECK(db.template count<T>() == before + 3);
}

template <class T, class Database>
void check_batch(Database& db, bool returns) {
  CAPTURE(table_of<T>.name);
  const std::int64_t before = db.template count<T>();
  const auto check = [&](auto write) {
    std::vector<T> rows(4);
    for (std::size_t i = 0; i != 4; ++i) rows[i].name = std::string(1, "pqbr"[i]);
    const auto failure = failure_of([&] {
      db.batch([&](auto& batch) {
        for (T& row : rows) write(batch, row);
      });
    });
    check_skipped(failure, table_of<T>.name);
    CHECK(failure.element() == 2);
    for (const T& row : rows) CHECK(key_of_row(row) == 0);
    CHECK(db.template count<T>() == before);
  };
  check([](auto& batch, T& row) { batch.insert(row); });
  if (!returns) return;
  check([](auto& batch, T& row) { batch.insert(&row); });
  check([](auto& batch, T& row) { batch.upsert(row); });
  check([](auto& batch, T& row) { batch.upsert(&row); });
  std::vector<T> rows{{.name = "p"}, {.name = "b"}};
  check_skipped(failure_of([&] { db.upsert_many(rows); }), table_of<T>.name);
  check_skipped(failure_of([&] { db.upsert_many(std::as_const(rows)); }), table_of<T>.name);
  check_skipped(failure_of([&] { db.upsert(rows[1]); }), table_of<T>.name);
  CHECK(db.template count<T>() == before);
}

}  // namespace

TEST_CASE("a row that the database skips is an error of its own on every path", "[p:A6]") {
  for (const way& skips : ways()) {
    CAPTURE(skips.what);
    auto db = open_with(skips);
    const auto check = [&]<class T>(std::type_identity<T>) {
      check_single<T>(db);
      check_many<T>(db);
      check_batch<T>(db, skips.returns);
    };
    check(std::type_identity<token>());
    if (!skips.returns) continue;
    check(std::type_identity<guest>());
    check(std::type_identity<badge>());
    check(std::type_identity<ticket>());
  }
}

#ifdef HEWN_TEST_POSTGRES

TEST_CASE("a rule decides alike about few rows and many, which COPY would not ask", "[p:A6]") {
  auto db = support::open_new();
  hewn::sync<token>(db);
  db.script(
      "CREATE TABLE other (LIKE token); CREATE RULE elsewhere AS ON INSERT TO token DO INSTEAD "
      "INSERT INTO other VALUES (NEW.name, NEW.weight)");
  for (const std::size_t size : {1u, 2u, 101u, 500u, 4000u}) {
    std::vector<token> rows(size);
    for (std::size_t i = 0; i != size; ++i)
      rows[i].name = std::to_string(size) + " " + std::to_string(i);
    CHECK(db.insert_many(rows) == static_cast<std::int64_t>(size));
  }
  CHECK(db.count<token>() == 0);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM other">) == 4604);
}

TEST_CASE("a change that a trigger skips is no row changed, and one to the old row is one",
          "[p:A6]") {
  const auto db = support::open_new();
  hewn::sync<guest, badge>(db);
  guest g{.name = "a"};
  badge b{.name = "a"};
  db.insert(g);
  db.insert(b);
  const auto fire = [&](const std::string& result) {
    db.script(
        "CREATE OR REPLACE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN " +
        result +
        "; END $$; CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON guest FOR EACH ROW EXECUTE "
        "FUNCTION keep(); CREATE OR REPLACE TRIGGER keep BEFORE UPDATE ON badge FOR EACH ROW "
        "EXECUTE FUNCTION keep()");
  };
  g.name = b.name = "b";
  fire("NULL");
  const auto not_found = [&](auto write) { CHECK(failure_of(write).code() == errc::not_found); };
  not_found([&] { db.update(g); });
  not_found([&] { db.update(b); });
  not_found([&] { db.update<guest>(g.id, col<& guest::name> = "b"); });
  not_found([&] { db.batch([&](auto& batch) { batch.update(g); }); });
  not_found([&] { db.batch([&](auto& batch) { batch.update(&b); }); });
  CHECK(db.update_all<guest>(col<& guest::name> = "b") == 0);
  fire("OLD");
  db.update(g);
  db.update<guest>(g.id, col<& guest::name> = "b");
  db.update(b);
  CHECK(b.name == "a");  // it comes back, because something is computed
  CHECK(db.get<guest>(g.id).name == "a");
}

#else

TEST_CASE("keys that depend on the rows before them are made row by row", "[p:A6]") {
  if (!support::on_postgres) SKIP("defaults of SQLite look at no rows");
  for (const std::size_t rows : {3u, 4u, 101u, 1001u, 4000u}) {
    CAPTURE(rows);
    const auto db = support::open_new();
    db.script(
        "CREATE TABLE badge (id bigint PRIMARY KEY, name text NOT NULL, label text NOT NULL "
        "GENERATED ALWAYS AS ('no. ' || name) STORED);"
        "CREATE FUNCTION next_badge() RETURNS bigint LANGUAGE sql AS 'SELECT coalesce(max(id), 0) "
        "+ 1 FROM badge'; ALTER TABLE badge ALTER COLUMN id SET DEFAULT next_badge()");
    std::vector<badge> all(rows);
    for (std::size_t i = 0; i != rows; ++i) all[i].name = std::to_string(i);
    CHECK(db.insert_many(all) == static_cast<std::int64_t>(rows));
    for (std::size_t i = 0; i != rows; ++i) {
      CHECK(all[i].id == static_cast<std::int64_t>(i) + 1);
      CHECK(db.get<badge>(all[i].id).name == all[i].name);
    }
  }
}

TEST_CASE("a conflict clause of a table skips a row, and another one replaces the old one",
          "[p:A6]") {
  for (const std::string_view tail : {"", " WITHOUT ROWID"}) {
    CAPTURE(tail);
    auto db = support::open_new();
    db.script(
        "CREATE TABLE token (name text PRIMARY KEY ON CONFLICT IGNORE, weight integer NOT NULL)" +
        std::string(tail));
    db.insert(token{.name = "a", .weight = 1});
    check_skipped(failure_of([&] { db.insert(token{.name = "a", .weight = 2}); }), "token");
    const std::vector<token> rows{{"x", 1}, {"a", 2}, {"y", 3}};
    check_skipped(failure_of([&] { db.insert_many(rows); }), "token");
    check_skipped(failure_of([&] {
                    db.batch([&](auto& batch) {
                      for (const token& row : rows) batch.insert(row);
                    });
                  }),
                  "token");
    CHECK(db.count<token>() == 1);
    CHECK(db.get<token>("a").weight == 1);
  }
  auto db = support::open_new();
  db.script(
      "CREATE TABLE guest (id integer PRIMARY KEY, name text NOT NULL UNIQUE ON CONFLICT IGNORE);"
      "CREATE TABLE token (name text PRIMARY KEY ON CONFLICT REPLACE, weight integer NOT NULL)");
  std::vector<guest> guests{{.name = "a"}, {.name = "b"}, {.name = "a"}, {.name = "c"}};
  check_skipped(failure_of([&] { db.insert_many(guests); }), "guest");
  for (const guest& g : guests) CHECK(g.id == 0);
  CHECK(db.count<guest>() == 0);
  db.insert(token{.name = "a", .weight = 1});
  CHECK(db.insert_many(std::vector<token>{{"a", 2}, {"b", 3}}) == 2);
  CHECK(db.get<token>("a").weight == 2);
}

#endif
