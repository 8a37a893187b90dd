// tests/sqlite/client/violation_test.cpp - foreign keys that SQLite does not name.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite/open.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using hewn::errc;
using support::failure_of;

namespace {

// What an error says of a key: "table(columns) name", or "?" for nothing.
std::string key_of(const hewn::error& failure) {
  CHECK(failure.code() == errc::foreign_key);
  if (failure.columns().empty()) {
    CHECK(failure.table().empty());
    return "?";
  }
  std::string out = failure.table() + "(";
  for (const std::string& c : failure.columns()) out += (out.back() == '(' ? "" : ",") + c;
  return out + ") " + failure.constraint();
}

struct lab {
  hewn::sqlite::database db = hewn::sqlite::open(":memory:");

  explicit lab(std::string_view script) { db.script(script); }

  /// The table and constraint of a failure that is no foreign key's.
  std::string failed(const std::string& sql) const {
    const auto failure = failure_of([&] { db.execute(hewn::dynamic_sql(sql)); });
    return failure.table() + ": " + failure.constraint();
  }

  template <class... Values>
  std::string says(const std::string& sql, const Values&... values) const {
    return key_of(failure_of([&] { db.execute(hewn::dynamic_sql(sql), values...); }));
  }
};

}  // namespace

TEST_CASE("keys of several columns, quoted names and defaults are told apart", "[p:C2]") {
  const lab l(
      "CREATE TABLE \"a b\" (x TEXT, y INTEGER, PRIMARY KEY (x, y));"
      "CREATE TABLE other (id INTEGER PRIMARY KEY);"
      "CREATE TABLE \"c, d\" (id INTEGER PRIMARY KEY, \"p.x\" TEXT, py INTEGER DEFAULT 4,"
      " o INTEGER DEFAULT 9 REFERENCES other,"
      " CONSTRAINT both FOREIGN KEY (\"p.x\", py) REFERENCES \"a b\");"
      "INSERT INTO \"a b\" VALUES ('k', 1); INSERT INTO other VALUES (1)");
  CHECK(l.says("INSERT INTO \"c, d\" (\"p.x\", py, o) VALUES (?, ?, ?)", "k", 2, 1) ==
        "c, d(p.x,py) both");
  CHECK(l.says("INSERT INTO [c, d] (`p.x`, o) VALUES (?, ?)", "k", 1) == "c, d(p.x,py) both");
  CHECK(l.says("INSERT INTO \"c, d\" (\"p.x\", py) VALUES (?, ?)", "k", 1) == "c, d(o) ");
  CHECK(l.says("INSERT INTO \"c, d\" DEFAULT VALUES") == "c, d(o) ");
  CHECK(l.says("WITH v(a) AS (SELECT ?) INSERT INTO \"c, d\" (\"p.x\", o) SELECT a, 1 FROM v",
               "nope") == "c, d(p.x,py) both");
  l.db.execute(hewn::sql<"INSERT INTO \"c, d\" (id, \"p.x\", py, o) VALUES (5, NULL, 77, 1)">);
  CHECK(l.says("INSERT INTO \"c, d\" (id, o) VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET "
               "\"p.x\" = 'no', py = 1 RETURNING id") == "?");
  CHECK(l.says("INSERT INTO \"c, d\" (id, o) VALUES (5, 8) ON CONFLICT (id) DO UPDATE SET "
               "o = excluded.o") == "c, d(o) ");
  CHECK(l.says("UPDATE \"c, d\" AS t SET o = f.n FROM (SELECT 8 AS n) AS f WHERE t.id = ?", 5) ==
        "c, d(o) ");
  CHECK(l.says("UPDATE OR ABORT \"c, d\" SET \"p.x\" = (SELECT 'z'), py = abs(-1) WHERE id = 5 "
               "RETURNING id") == "c, d(p.x,py) both");
}

TEST_CASE("a row may be its own parent, or that of its neighbour", "[p:C2]") {
  const lab l(
      "CREATE TABLE kind (id INTEGER PRIMARY KEY);"
      "CREATE TABLE node (id INTEGER PRIMARY KEY, up INTEGER REFERENCES node (id),"
      " kind INTEGER REFERENCES kind)");
  CHECK(l.says("INSERT INTO node VALUES (1, 1, NULL), (2, 1, NULL), (3, 2, 9)") == "node(kind) ");
  CHECK(l.says("INSERT INTO node VALUES (1, 1, NULL), (2, 4, NULL)") == "node(up) ");
  l.db.script("INSERT INTO node VALUES (1, 1, NULL), (2, 1, NULL)");
  CHECK(l.says("DELETE FROM node WHERE id = 1") == "node(up) ");
  CHECK(l.says("UPDATE node SET id = 8 WHERE id = 1") == "node(up) ");
}

TEST_CASE("children behind cascades are found, RESTRICT is a key like others", "[p:C2]") {
  const lab l(
      "CREATE TABLE a (id INTEGER PRIMARY KEY);"
      "CREATE TABLE free (a INTEGER REFERENCES a ON DELETE SET NULL);"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a ON DELETE CASCADE);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, b INTEGER CONSTRAINT held REFERENCES b "
      "ON DELETE RESTRICT);"
      "INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1, 1), (2, 2);"
      "INSERT INTO free VALUES (1); INSERT INTO c VALUES (1, 2)");
  l.db.execute(hewn::sql<"DELETE FROM a WHERE id = 1">);
  CHECK(l.says("DELETE FROM a WHERE id = ?", 2) == "c(b) held");
  CHECK(l.says("DELETE FROM b") == "c(b) held");
  CHECK(key_of(failure_of([&] { l.db.script("SELECT 1; DELETE FROM a; SELECT 2"); })) ==
        "c(b) held");
}

TEST_CASE("what cannot be told is not guessed", "[p:C2]") {
  const lab l(
      "CREATE TABLE a (id INTEGER PRIMARY KEY);"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a);"
      "CREATE TABLE log (b INTEGER REFERENCES b);"
      "CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.id); END;"
      "INSERT INTO b (id, a) VALUES (1, NULL)");
  CHECK(l.says("INSERT INTO a VALUES (5)") == "?");
  CHECK(l.says("WITH x AS (SELECT 5 AS v) UPDATE b SET (id, a) = (SELECT 1, v FROM x)") == "?");
  // Of a pair that is given its parts are not told apart, and what waits for the commit is another.
  l.db.script(
      "CREATE TABLE late (a INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED, b INTEGER "
      "REFERENCES b)");
  l.db.transaction([&](auto& tx) {
    tx.script("INSERT INTO late VALUES (77, 1)");
    CHECK(key_of(failure_of([&] { tx.script("UPDATE late SET a = 78, (b) = (5)"); })) == "?");
    tx.script("DELETE FROM late");
  });
  l.db.script(
      "CREATE TEMP TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES temp_a);"
      "CREATE TEMP TABLE temp_a (id INTEGER PRIMARY KEY)");
  CHECK(l.says("INSERT INTO b VALUES (1, 4)") == "?");
}

TEST_CASE("who replaces a row is not blamed for another key", "[p:C2]") {
  const lab l(
      "CREATE TABLE owner (id INTEGER PRIMARY KEY);"
      "CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT UNIQUE, owner INTEGER REFERENCES owner);"
      "CREATE TABLE kid (mail TEXT REFERENCES t (mail));"
      "CREATE TABLE r (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, mail TEXT UNIQUE,"
      " owner INTEGER REFERENCES owner);"
      "CREATE TABLE r_kid (mail TEXT REFERENCES r (mail));"
      "INSERT INTO owner VALUES (1); INSERT INTO t VALUES (1, 'old', 1), (2, 'other', 1);"
      "INSERT INTO kid VALUES ('old'); INSERT INTO r VALUES (1, 'old', 1);"
      "INSERT INTO r_kid VALUES ('old')");
  for (const std::string sql :
       {"INSERT INTO t VALUES (1, 'new', 1) ON CONFLICT (id) DO UPDATE SET mail = excluded.mail",
        "INSERT OR REPLACE INTO t VALUES (1, 'new', 1)", "REPLACE INTO t VALUES (1, 'new', 1)",
        "INSERT INTO r VALUES (1, 'new', 1)"}) {
    INFO(sql);
    CHECK(l.says(sql) == "?");
  }
  CHECK(l.says("REPLACE INTO t VALUES (1, 'old', 9)") == "t(owner) ");
  CHECK(l.says("UPDATE OR REPLACE t SET id = 1 WHERE id = 2") != "t(owner) ");
}

TEST_CASE("of deferred keys the one that fails is named, at the commit", "[p:C2]") {
  const lab l(
      "CREATE TABLE a (id INTEGER PRIMARY KEY);"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a DEFERRABLE INITIALLY "
      "DEFERRED, other INTEGER REFERENCES a);"
      "PRAGMA foreign_keys = 0; INSERT INTO b VALUES (9, NULL, 77); PRAGMA foreign_keys = 1");
  CHECK(key_of(failure_of([&] {
          l.db.transaction([](auto& tx) { tx.script("INSERT INTO b VALUES (1, 5, NULL)"); });
        })) == "b(a) ");
  CHECK(l.says("INSERT INTO b VALUES (1, ?, NULL)", 5) == "b(a) ");
  l.db.script("DELETE FROM b");
  CHECK(key_of(failure_of([&] {
          l.db.transaction([](auto& tx) {
            tx.script("PRAGMA defer_foreign_keys = 1; INSERT INTO b VALUES (1, NULL, 5)");
          });
        })) == "b(other) ");
  CHECK(l.db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM b">) == 0);
  // A row without a parent that was there before is not the one.
  const lab old(
      "PRAGMA foreign_keys = OFF; CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE c1 (x INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
      "CREATE TABLE c2 (y INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
      "INSERT INTO c1 VALUES (7); PRAGMA foreign_keys = ON");
  CHECK(key_of(failure_of([&] {
          old.db.transaction([](auto& tx) { tx.execute(hewn::sql<"INSERT INTO c2 VALUES (8)">); });
        })) == "?");
}

TEST_CASE("a key has the name that the text of its table gives to its columns", "[p:C2]") {
  const lab l(
      "CREATE TABLE t (id INTEGER CONSTRAINT pk PRIMARY KEY, a TEXT CONSTRAINT \"a once\" UNIQUE,"
      " b TEXT DEFAULT ('x, UNIQUE (c)') UNIQUE, c TEXT COLLATE NOCASE, d TEXT,"
      " CONSTRAINT positive CHECK (id > 0), CONSTRAINT [c and d] UNIQUE (c COLLATE BINARY, D));"
      "CREATE UNIQUE INDEX part ON t (d) WHERE d > 'm';"
      "INSERT INTO t VALUES (1, 'a', 'b', 'c', 'd'), (2, 'e', 'f', 'g', 'z')");
  CHECK(l.failed("INSERT INTO t VALUES (1, 'b', 'c', 'd', 'e')") == "t: pk");
  CHECK(l.failed("INSERT INTO t VALUES (3, 'a', 'c', 'd', 'e')") == "t: a once");
  CHECK(l.failed("INSERT INTO t VALUES (3, 'b', 'b', 'd', 'e')") == "t: ");
  CHECK(l.failed("INSERT INTO t VALUES (3, 'b', 'c', 'c', 'd')") == "t: c and d");
  CHECK(l.failed("INSERT INTO t VALUES (3, 'b', 'c', 'd', 'z')") == "t: part");
  l.db.script("DROP INDEX part; CREATE UNIQUE INDEX once ON t (a)");
  // Two of the same columns.
  CHECK(l.failed("INSERT INTO t VALUES (3, 'a', 'c', 'd', 'e')") == "t: ");
  // Who looks at the text alone does not know which of the tables it was.
  l.db.script(
      "CREATE TEMP TABLE t (id INTEGER CONSTRAINT other PRIMARY KEY); INSERT INTO t VALUES (1)");
  CHECK(l.failed("INSERT INTO temp.t VALUES (1)") == "t: ");
}

TEST_CASE("a CHECK belongs to the only table that can have it", "[p:C2]") {
  const lab l(
      "CREATE TABLE a (n INTEGER CONSTRAINT positive CHECK (n > 0), m INTEGER CHECK ( m < 5 ));"
      "CREATE TABLE b (n INTEGER, CONSTRAINT positive CHECK (n > 0));"
      "CREATE TABLE c (note TEXT DEFAULT 'CHECK (m < 5)')");
  CHECK(l.failed("INSERT INTO a VALUES (1, 6)") == "a: m < 5");
  CHECK(l.failed("INSERT INTO a VALUES (0, 1)") == "a: positive");
  CHECK(l.failed("INSERT INTO b VALUES (0)") == "b: positive");
  l.db.script(
      "CREATE TRIGGER t AFTER INSERT ON c BEGIN INSERT INTO a VALUES (1, 9); INSERT INTO b "
      "VALUES (0); END");
  // What a statement sets off may be meant, too.
  CHECK(l.failed("INSERT INTO b VALUES (0)") == ": positive");
  CHECK(l.failed("INSERT INTO c VALUES ('x')") == "a: m < 5");
  l.db.script("ATTACH ':memory:' AS more");
  CHECK(l.failed("INSERT INTO a VALUES (1, 6)") == ": m < 5");
}
