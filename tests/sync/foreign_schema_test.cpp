// tests/sync/foreign_schema_test.cpp - schemas that other programs made, through a rebuild.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/apply/apply.hpp>

#include <support/sync_lab.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using hewn::change_kind;
using namespace support;

namespace {

/// Every row of every table with its number, where it has one.
list all_rows(sync_lab& lab) {
  list out;
  for (const hewn::schema::table& t : lab.db.introspect().tables) {
    if (t.name.starts_with("hewn_")) continue;
    const std::string rowid(hewn::detail::rowid_name(t));
    std::string columns = rowid.empty() ? "''" : rowid;
    for (const hewn::schema::column& c : t.columns)
      columns += " || ' ' || typeof(" + hewn::quote_identifier(c.name) + ") || quote(" +
                 hewn::quote_identifier(c.name) + ")";
    for (const std::string& row :
         lab.rows("SELECT " + columns + " FROM " + hewn::quote_identifier(t.name) + " ORDER BY 1"))
      out.push_back(t.name + ": " + row);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// How everything but the table x was made.
list all_texts(sync_lab& lab) {
  return lab.rows(
      "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT IN ('x', 'hewn_audit',"
      " 'hewn_identity') AND tbl_name NOT LIKE 'hewn%' ORDER BY type, name");
}

/// The live schema as if it were declared, but with another default for the column t of x.
hewn::wanted_schema with_other_default(sync_lab& lab) {
  hewn::wanted_schema out{.schema = lab.db.introspect()};
  out.schema.sources.clear();
  out.schema.others.clear();
  for (hewn::schema::table& t : out.schema.tables)
    for (hewn::schema::column& c : t.columns)
      if (t.name == "x" && c.name == "t") c.default_text = "'changed'";
  return out;
}

void survives_rebuild(sync_lab& lab) {
  const list rows = all_rows(lab);
  const list texts = all_texts(lab);
  REQUIRE(rows.size() > 1);
  const hewn::wanted_schema wanted = with_other_default(lab);
  const hewn::plan p = lab.plan(wanted);
  INFO(hewn::report(p));
  REQUIRE(changes_of(p) == list{"change default t"});
  REQUIRE(p.moves_rows());
  lab.apply(p);
  CHECK(all_rows(lab) == rows);
  CHECK(all_texts(lab) == texts);
}

}  // namespace

TEST_CASE("schemas of other programs survive the rebuild of one of their tables", "[s33][s45]") {
  for (const std::string schema :
       {// Names, types and constraints in every order.
        "CREATE TABLE x ('id' INTEGER, [t] TEXT, `b` \"my type\", c VARCHAR (10, 2), d,"
        " e DOUBLE PRECISION, f UNSIGNED BIG INT, PRIMARY KEY ('id' AUTOINCREMENT));"
        "INSERT INTO x VALUES (3, 't', 'b', 12, x'00', 1.5, -1), (9, NULL, 4, '12', 1, 2, 'u')",
        "CREATE TABLE x (a INTEGER CONSTRAINT nn NOT NULL CONSTRAINT u UNIQUE CONSTRAINT c"
        " CHECK (a > 0) COLLATE nocase DEFAULT 4, t TEXT) ; INSERT INTO x VALUES (1, 't'), (2, "
        "'u')",
        // Comments and odd white space.
        "CREATE TABLE x (-- a comment, with a comma\n a INTEGER /* ) */, t TEXT, CHECK (a > 0 --)\n"
        "), UNIQUE (a)) ; INSERT INTO x VALUES (1, 't'), (2, 'u')",
        // A condition that mentions the table.
        "CREATE TABLE x (a INTEGER CHECK (x.a > 0), t TEXT, g INTEGER AS (a * 2),"
        " CHECK (\"X\".t <> 'x.a')); CREATE INDEX i ON x (a) WHERE x.a > 1;"
        "INSERT INTO x VALUES (1, 't'), (2, 'u')",
        // Computed columns and indexes on them.
        "CREATE TABLE x (a INTEGER, g AS (a + 1) VIRTUAL, t TEXT, s TEXT GENERATED ALWAYS AS"
        " (g || t) STORED NOT NULL, CHECK (s <> '')); CREATE UNIQUE INDEX i ON x (s, g DESC);"
        "INSERT INTO x VALUES (1, 't'), (2, 'u')",
        // Keys in another order, references to several columns.
        "CREATE TABLE p (a INTEGER, b TEXT, c TEXT, PRIMARY KEY (c, a)) WITHOUT ROWID;"
        "CREATE TABLE x (t TEXT, k INTEGER, l TEXT, FOREIGN KEY (l, k) REFERENCES p,"
        " FOREIGN KEY (k, l) REFERENCES p (a, c) ON UPDATE CASCADE);"
        "INSERT INTO p VALUES (1, 'b', 'c'); INSERT INTO x VALUES ('t', 1, 'c'), ('u', NULL, 'z')",
        // No rowids, a second index, a partial unique one.
        "CREATE TABLE x (k TEXT, n INTEGER, t TEXT, PRIMARY KEY (n, k)) WITHOUT ROWID;"
        "CREATE UNIQUE INDEX i ON x (t) WHERE t IS NOT NULL; CREATE INDEX j ON x (t, k DESC);"
        "INSERT INTO x VALUES ('a', 2, 't'), ('b', 1, 'u'), ('c', 3, NULL)",
        // A full-text index over the table, kept by triggers.
        "CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT);"
        "CREATE VIRTUAL TABLE found USING fts5(t, content='x', content_rowid='id');"
        "CREATE TRIGGER ai AFTER INSERT ON x BEGIN"
        " INSERT INTO found (rowid, t) VALUES (new.id, new.t); END;"
        "CREATE TRIGGER ad AFTER DELETE ON x BEGIN"
        " INSERT INTO found (found, rowid, t) VALUES ('delete', old.id, old.t); END;"
        "INSERT INTO x VALUES (1, 'red'), (5, 'blue')",
        // By a rowid without a name.
        "CREATE TABLE x (t TEXT); CREATE VIRTUAL TABLE found USING fts5(t, content=x);"
        "INSERT INTO x (rowid, t) VALUES (1, 'red'), (5, 'blue');"
        "INSERT INTO found (found) VALUES ('rebuild')",
        // Views over views, with triggers, made in an order that only text allows.
        "CREATE VIEW top AS SELECT t FROM middle; CREATE VIEW middle (t) AS SELECT t FROM x;"
        "CREATE TABLE x (t TEXT);"
        "CREATE TRIGGER put INSTEAD OF INSERT ON top BEGIN INSERT INTO middle VALUES (new.t); END;"
        "CREATE TRIGGER pass INSTEAD OF INSERT ON middle BEGIN INSERT INTO x VALUES (new.t); END;"
        "CREATE VIEW other AS WITH x AS (SELECT 1 AS t) SELECT t FROM x;"
        "INSERT INTO top VALUES ('t'), ('u')",
        // Words that another program wrote in double quotes.
        "CREATE TABLE x (t TEXT, a TEXT); CREATE TABLE log (w TEXT);"
        "CREATE TRIGGER g AFTER INSERT ON x BEGIN INSERT INTO log VALUES (\"a text\"); END;"
        "CREATE VIEW v AS SELECT \"another text\" AS w, t FROM x;"
        "INSERT INTO x VALUES ('t', 'a'), ('u', 'b')",
        // A unique constraint that is declared as an index, and the other way round.
        "CREATE TABLE x (t TEXT, a INTEGER UNIQUE, b INTEGER); CREATE UNIQUE INDEX i ON x (b);"
        "INSERT INTO x VALUES ('t', 1, 2), ('u', 2, 3)",
        // The same object under several names.
        "CREATE TABLE x (t TEXT, a REFERENCES X (T), b REFERENCES \"x\" (t) ON DELETE CASCADE,"
        " UNIQUE (t)); INSERT INTO x VALUES ('t', 't', NULL), ('u', 't', 'u')",
        // Values that no declared type would suggest.
        "CREATE TABLE x (t TEXT, i INTEGER, r REAL, n DECIMAL (10, 2), d DATETIME, s STRING);"
        "INSERT INTO x VALUES (x'0001', 'abc', 'def', '1e400', '2024', '0123'),"
        " (NULL, 9007199254740993, 9007199254740993, 1.10, '2024-01-01', 'a')",
        "CREATE TABLE x (t TEXT, i INT, r REAL, b BLOB, a ANY) STRICT;"
        "INSERT INTO x VALUES ('t', 1, 2, x'00', '007'), (NULL, NULL, 1.5, NULL, 7)"}) {
    INFO(schema);
    sync_lab lab(schema);
    survives_rebuild(lab);
  }
}

TEST_CASE("the functions and collations of a program are known to its rebuilds", "[s36]") {
  sync_lab lab("");
  sqlite3_create_function_v2(
      lab.db.native(), "is_fine", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
      [](sqlite3_context* c, int, sqlite3_value**) { sqlite3_result_int(c, 1); }, nullptr, nullptr,
      nullptr);
  sqlite3_create_collation_v2(
      lab.db.native(), "backwards", SQLITE_UTF8, nullptr,
      [](void*, int n, const void* a, int m, const void* b) {
        return std::string_view(static_cast<const char*>(b), static_cast<std::size_t>(m))
            .compare(std::string_view(static_cast<const char*>(a), static_cast<std::size_t>(n)));
      },
      nullptr);
  lab.db.run(
      "CREATE TABLE x (t TEXT COLLATE backwards CHECK (is_fine(t)), a TEXT);"
      "CREATE INDEX i ON x (is_fine(a), t); INSERT INTO x VALUES ('a', 'b'), ('c', 'd')");
  survives_rebuild(lab);
  CHECK(lab.rows("SELECT t FROM x ORDER BY t") == list{"c", "a"});
}

TEST_CASE("a constraint that is declared as an index survives a rebuild", "[s36][s48]") {
  sync_lab lab(
      "CREATE TABLE x (a INTEGER UNIQUE, t TEXT); CREATE TABLE c (x REFERENCES x (a));"
      "INSERT INTO x VALUES (1, 't'); INSERT INTO c VALUES (1)");
  const std::string wanted =
      "CREATE TABLE x (a INTEGER, t TEXT NOT NULL); CREATE UNIQUE INDEX by_a ON x (a)";
  CHECK(changes_of(lab.plan(wanted)) == list{"change nullability t"});
  lab.sync(wanted);
  CHECK_THROWS_AS(lab.db.run("INSERT INTO x VALUES (1, 'u')"), hewn::error);
  SECTION("and an index that is declared as a constraint") {
    sync_lab other(
        "CREATE TABLE x (a INTEGER, t TEXT); CREATE UNIQUE INDEX by_a ON x (a);"
        "INSERT INTO x VALUES (1, 't')");
    other.sync("CREATE TABLE x (a INTEGER UNIQUE, t TEXT NOT NULL)");
    CHECK_THROWS_AS(other.db.run("INSERT INTO x VALUES (1, 'u')"), hewn::error);
    CHECK(other.rows("SELECT name FROM sqlite_master WHERE name = 'by_a'") == list{"by_a"});
  }
}

TEST_CASE("a backfill or a conversion of long ago changes nothing any more", "[s23]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT, b INTEGER, c INTEGER NOT NULL);"
      "INSERT INTO x VALUES (NULL, 5, 1)");
  lab.sync("CREATE TABLE x (a TEXT, b INTEGER, c INTEGER NOT NULL, CHECK (b < 10))",
           {backfilled("x", "a", "'filled'"), converted("x", "b", "b * 100")});
  CHECK(lab.rows("SELECT a, b FROM x") == list{"NULL|5"});
}

TEST_CASE("rows that get a number as their key keep the one that they had", "[s38]") {
  sync_lab lab("CREATE TABLE x (t TEXT); INSERT INTO x (rowid, t) VALUES (4, 'a'), (9, 'b')");
  lab.apply_approved(lab.plan("CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT)"));
  CHECK(lab.rows("SELECT id, rowid, t FROM x") == list{"4|4|a", "9|9|b"});
}

TEST_CASE("a key that becomes the number of its row gives every row another one", "[s38]") {
  sync_lab lab(
      "CREATE TABLE x (id INT PRIMARY KEY, t TEXT); INSERT INTO x VALUES (7, 'a'), (2, 'b')");
  const hewn::plan p = lab.plan("CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT)");
  INFO(hewn::report(p));
  CHECK(change_in(p, change_kind::change_type).verdict == hewn::verdict::needs_approval);
  lab.apply_approved(p);
  CHECK(lab.rows("SELECT id, t FROM x") == list{"2|b", "7|a"});
}

TEST_CASE("what hangs on a table under its former name is not lost either", "[s49]") {
  sync_lab lab("CREATE TABLE x (a TEXT); INSERT INTO x VALUES ('a')");
  lab.db.run("CREATE TEMP TRIGGER mine AFTER INSERT ON x BEGIN SELECT 1; END");
  const hewn::plan p =
      lab.plan("CREATE TABLE y (a TEXT NOT NULL)", {support::renamed_table("x", "y")});
  CHECK(has(hewn::report(p), "mine would be lost"));
  lab.refused(p);
}

TEST_CASE("what is broken already does not keep a table from being made anew", "[s35]") {
  const std::string programs =
      "CREATE VIEW broken AS SELECT a FROM nowhere; CREATE VIEW outer_view AS SELECT * FROM broken;"
      "CREATE TRIGGER through INSTEAD OF DELETE ON outer_view BEGIN SELECT 1; END;"
      "CREATE TRIGGER g AFTER INSERT ON other BEGIN SELECT missing FROM gone; END;"
      "CREATE VIEW own AS SELECT t, missing FROM x;";
  sync_lab lab(
      "CREATE TABLE x (a TEXT, t TEXT); CREATE TABLE other (b TEXT); INSERT INTO x VALUES ('a', "
      "'t');" +
      programs);
  const std::string all =
      "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('view', 'trigger') ORDER "
      "BY name";
  const list before = lab.rows(all);
  REQUIRE(before.size() == 5);
  SECTION("by a rebuild") {
    const hewn::plan p = lab.plan("CREATE TABLE x (a TEXT NOT NULL, t TEXT)");
    CHECK(p.moves_rows());
    lab.apply(p);
  }
  SECTION("by a column that goes") {
    const hewn::plan p = lab.plan("CREATE TABLE x (t TEXT)", {dropped_column("x", "a")});
    lab.apply_approved(p);
  }
  SECTION("by a new name for something else") {
    lab.sync("CREATE TABLE other (now TEXT)", {renamed_column("other", "b", "now")});
  }
  SECTION("by a column that comes") { lab.sync("CREATE TABLE x (a TEXT, t TEXT, more TEXT)"); }
  CHECK(lab.rows(all) == before);
}

TEST_CASE("a new name cannot be carried into what is broken, which is said", "[s27][s35]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT, t TEXT); CREATE VIEW broken AS SELECT a, missing FROM x;"
      "INSERT INTO x VALUES ('a', 't')");
  for (const hewn::plan& p :
       {lab.plan("CREATE TABLE x (b TEXT, t TEXT)", {renamed_column("x", "a", "b")}),
        lab.plan("CREATE TABLE y (a TEXT, t TEXT)", {support::renamed_table("x", "y")})}) {
    CHECK(p.blocked());
    REQUIRE_FALSE(p.problems().empty());
    CHECK(p.problems()[0].starts_with("view broken does not compile, so that the new name of "));
    CHECK(p.problems()[0].ends_with(" cannot be carried into it; mend or drop it first"));
    lab.refused(p);
  }
}

TEST_CASE("an index with a text in double quotes is not turned into another one", "[s36]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT, t TEXT); CREATE INDEX i ON x (a) WHERE a <> \"text\";"
      "INSERT INTO x VALUES ('a', 't')");
  const hewn::plan p = lab.plan("CREATE TABLE x (a TEXT NOT NULL, t TEXT)");
  INFO(hewn::report(p));
  CHECK(p.blocked());
  lab.refused(p);
}
