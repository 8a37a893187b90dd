// tests/sync/scenario_rebuild_test.cpp - what a table keeps that is made anew.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/write/model_of.hpp>
#include <hewn/schema/table_declaration.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/sync/apply/apply.hpp>

#include <support/failure.hpp>
#include <support/sync_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::change_kind;
using hewn::fact_kind;
using hewn::risk_class;
using hewn::verdict;
using namespace support;

namespace {

/// The text by which something was made.
list made(sync_lab& lab, const std::string& name) {
  return lab.rows("SELECT sql FROM sqlite_master WHERE name = '" + name + "'");
}

struct keyed {
  std::string k;
  std::optional<std::string> v;
  static consteval auto table() { return hewn::table("x").primary_key<&keyed::k>(); }
};

}  // namespace

TEST_CASE("the rows that refer to a table survive its rebuild", "[s28][s29]") {
  for (const std::string action : {"CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION",
                                   "CASCADE DEFERRABLE INITIALLY DEFERRED"}) {
    INFO(action);
    sync_lab lab(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, state TEXT DEFAULT 'new');"
        "CREATE TABLE child (id INTEGER PRIMARY KEY,"
        " parent INTEGER DEFAULT 1 REFERENCES parent (id) ON DELETE " +
        action +
        ");"
        "INSERT INTO parent VALUES (1, 'a'), (2, 'b');"
        "INSERT INTO child VALUES (10, 1), (11, 2), (12, NULL)");
    const hewn::plan p =
        lab.plan("CREATE TABLE parent (id INTEGER PRIMARY KEY, state TEXT DEFAULT 'old')");
    CHECK(changes_of(p) == list{"change default state"});
    CHECK(p.moves_rows());
    lab.apply(p);
    CHECK(lab.rows("SELECT * FROM child") == list{"10|1", "11|2", "12|NULL"});
    CHECK(lab.rows("SELECT * FROM parent") == list{"1|a", "2|b"});
    lab.db.run("INSERT INTO parent (id) VALUES (3)");
    CHECK(lab.rows("SELECT state FROM parent WHERE id = 3") == list{"old"});
    CHECK_THROWS_AS(lab.db.run("INSERT INTO child VALUES (13, 9)"), hewn::error);
  }
}

TEST_CASE("no table is rebuilt inside a transaction of the caller", "[s30]") {
  sync_lab lab(
      "CREATE TABLE parent (id INTEGER PRIMARY KEY, state TEXT);"
      "CREATE TABLE child (parent INTEGER REFERENCES parent ON DELETE CASCADE);"
      "INSERT INTO parent VALUES (1, 'a'); INSERT INTO child VALUES (1)");
  const hewn::plan p =
      lab.plan("CREATE TABLE parent (id INTEGER PRIMARY KEY, state TEXT NOT NULL)");
  lab.db.run("BEGIN; INSERT INTO parent VALUES (2, 'b')");
  try {
    hewn::apply(lab.db, p);
    FAIL("it was applied");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::usage);
    CHECK(has(e.what(), "cannot run inside a transaction"));
  }
  CHECK(lab.db.executed.empty());
  CHECK(sqlite3_get_autocommit(lab.db.native()) == 0);
  lab.db.run("COMMIT");
  CHECK(lab.rows("SELECT * FROM parent") == list{"1|a", "2|b"});
  CHECK(lab.rows("SELECT * FROM child") == list{"1"});
  lab.apply(p);
  CHECK(lab.rows("SELECT * FROM child") == list{"1"});

  SECTION("what moves no rows is a part of it") {
    const hewn::plan native = lab.plan(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY,"
        " state TEXT NOT NULL, more TEXT)");
    lab.db.run("BEGIN");
    hewn::apply(lab.db, native);
    lab.db.run("ROLLBACK");
    CHECK(lab.rows("SELECT name FROM pragma_table_info('parent')") == list{"id", "state"});
  }
}

TEST_CASE("no table is rebuilt under a statement that reads it", "[s30]") {
  sync_lab lab("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)");
  const hewn::plan p = lab.plan("CREATE TABLE t (a INTEGER NOT NULL)");
  sqlite3_stmt* reading = nullptr;
  sqlite3_prepare_v2(lab.db.native(), "SELECT a FROM t", -1, &reading, nullptr);
  REQUIRE(sqlite3_step(reading) == SQLITE_ROW);
  CHECK(has(lab.refused(p), "while a statement is in the middle of its rows"));
  REQUIRE(sqlite3_step(reading) == SQLITE_ROW);
  sqlite3_finalize(reading);
  lab.apply(p);
}

TEST_CASE("a table that refers to itself survives its rebuild", "[s31]") {
  sync_lab lab(
      "CREATE TABLE tree (id INTEGER PRIMARY KEY,"
      " up INTEGER REFERENCES tree (id) ON DELETE CASCADE, name TEXT);"
      "INSERT INTO tree VALUES (1, NULL, 'root'), (2, 1, 'a'), (3, 2, 'b')");
  lab.sync(
      "CREATE TABLE tree (id INTEGER PRIMARY KEY,"
      " up INTEGER REFERENCES tree (id) ON DELETE CASCADE, name TEXT NOT NULL)");
  CHECK(lab.rows("SELECT * FROM tree") == list{"1|NULL|root", "2|1|a", "3|2|b"});
  CHECK(lab.rows("SELECT \"table\" FROM pragma_foreign_key_list('tree')") == list{"tree"});
  lab.db.run("DELETE FROM tree WHERE id = 2");
  CHECK(lab.rows("SELECT id FROM tree") == list{"1"});
}

TEST_CASE("three tables in a chain are rebuilt in one plan", "[s32]") {
  const std::string a = "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT";
  const std::string b =
      "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL"
      " REFERENCES a ON DELETE CASCADE, x TEXT";
  const std::string c =
      "CREATE TABLE c (id INTEGER PRIMARY KEY, b INTEGER NOT NULL"
      " REFERENCES b ON DELETE CASCADE, x TEXT";
  for (const bool reversed : {false, true}) {
    sync_lab lab(a + ");" + b + ");" + c +
                 "); INSERT INTO a VALUES (1, 'x'); INSERT INTO b VALUES (2, 1, 'x');"
                 "INSERT INTO c VALUES (3, 2, 'x')");
    const std::string no = " NOT NULL);";
    lab.sync(reversed ? c + no + b + no + a + no : a + no + b + no + c + no);
    CHECK(lab.rows("SELECT * FROM a") == list{"1|x"});
    CHECK(lab.rows("SELECT * FROM b") == list{"2|1|x"});
    CHECK(lab.rows("SELECT * FROM c") == list{"3|2|x"});
    lab.db.run("DELETE FROM a");
    CHECK(lab.rows("SELECT count(*) FROM c") == list{"0"});
  }
}

TEST_CASE("triggers survive and fire", "[s33]") {
  const std::string own =
      "CREATE TRIGGER own AFTER INSERT ON x WHEN NEW.a > 1 BEGIN"
      " INSERT INTO log VALUES ('x got ' || NEW.a); END";
  const std::string other =
      "CREATE TRIGGER other AFTER INSERT ON y BEGIN INSERT INTO x (a) VALUES (NEW.b); END";
  sync_lab lab(
      "CREATE TABLE log (what TEXT); CREATE TABLE x (a INTEGER, t TEXT);"
      "CREATE TABLE y (b INTEGER);" +
      own + ";" + other + ";");
  lab.db.run("INSERT INTO y VALUES (5)");
  lab.sync("CREATE TABLE x (a INTEGER NOT NULL, t TEXT)");
  CHECK(made(lab, "own") == list{own});
  CHECK(made(lab, "other") == list{other});
  lab.db.run("INSERT INTO y VALUES (7)");
  CHECK(lab.rows("SELECT what FROM log") == list{"x got 5", "x got 7"});
}

TEST_CASE("views, views on views and their triggers survive", "[s34]") {
  const std::string v = "CREATE VIEW v AS SELECT a, t FROM \"X\" WHERE a > 0";
  const std::string w = "CREATE VIEW w (n) AS SELECT count(*) FROM v -- how many\n";
  const std::string g =
      "CREATE TRIGGER g INSTEAD OF INSERT ON w BEGIN INSERT INTO x VALUES (NEW.n, 'by g'); END";
  sync_lab lab("CREATE TABLE x (a INTEGER, t TEXT);" + v + ";" + w + ";" + g + ";" +
               "INSERT INTO x VALUES (1, 'one');");
  lab.sync("CREATE TABLE x (a INTEGER NOT NULL, t TEXT)");
  CHECK(made(lab, "v") == list{v});
  CHECK(has(made(lab, "w").at(0), "SELECT count(*) FROM v"));
  CHECK(made(lab, "g") == list{g});
  lab.db.run("INSERT INTO w VALUES (2)");
  CHECK(lab.rows("SELECT * FROM v") == list{"1|one", "2|by g"});
  CHECK(lab.rows("SELECT n FROM w") == list{"2"});
}

TEST_CASE("a column that something reads does not go", "[s35]") {
  for (const std::string reader :
       {"CREATE VIEW r AS SELECT gone FROM x", "CREATE VIEW r AS SELECT \"gone\" FROM x",
        "CREATE TRIGGER r AFTER INSERT ON x BEGIN SELECT NEW.gone; END",
        "CREATE TRIGGER r AFTER INSERT ON y BEGIN UPDATE x SET gone = 1; END",
        "CREATE TRIGGER r AFTER UPDATE OF gone ON x BEGIN SELECT 1; END"}) {
    INFO(reader);
    sync_lab lab("CREATE TABLE x (a INTEGER, gone INTEGER); CREATE TABLE y (b);" + reader +
                 "; INSERT INTO x VALUES (1, NULL)");
    const hewn::plan p = lab.plan("CREATE TABLE x (a INTEGER)");
    CHECK(p.blocked());
    CHECK(has(hewn::report(p),
              reader.substr(7, reader[7] == 'V' ? 6 : 9) == "VIEW r" ? "view r" : "trigger r"));
    lab.refused(p);
  }
}

TEST_CASE("indexes come back to the letter", "[s36]") {
  const list texts = {"CREATE INDEX i1 ON x (a DESC, t COLLATE nocase)",
                      "CREATE UNIQUE INDEX i2 ON x(a)  WHERE  t IS NOT NULL",
                      "CREATE INDEX i3 ON x (a + 1, lower(t)) /* computed */",
                      "CREATE INDEX \"i 4\" ON \"X\" (\"t\")"};
  std::string all;
  for (const std::string& t : texts) all += t + ";";
  sync_lab lab("CREATE TABLE x (a INTEGER, t TEXT, gone TEXT);" + all +
               "CREATE INDEX on_gone ON x (gone); CREATE INDEX with_gone ON x (a, gone);"
               "CREATE INDEX where_gone ON x (a) WHERE gone > 'a';"
               "INSERT INTO x VALUES (1, 'one', NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE x (a INTEGER NOT NULL, t TEXT)");
  CHECK(changes_of(p) == list{"change nullability a", "drop column gone", "drop index on_gone",
                              "drop index with_gone", "drop index where_gone"});
  const list before = lab.rows("SELECT sql FROM sqlite_master WHERE name LIKE 'i%' ORDER BY name");
  lab.apply(p);
  CHECK(lab.rows("SELECT sql FROM sqlite_master WHERE name LIKE 'i%' ORDER BY name") == before);
  CHECK(lab.rows("SELECT name FROM sqlite_master WHERE name LIKE '%gone%'").empty());
  CHECK(lab.rows("SELECT cid FROM pragma_index_xinfo('i3') WHERE key") == list{"-2", "-2"});
}

TEST_CASE("a unique index goes with its column, but not unseen", "[s36]") {
  sync_lab lab(
      "CREATE TABLE x (a INTEGER, gone TEXT); CREATE UNIQUE INDEX u ON x (a, gone);"
      "INSERT INTO x VALUES (1, 'b')");
  const hewn::plan p = lab.plan("CREATE TABLE x (a INTEGER)");
  CHECK(change_in(p, change_kind::drop_index).verdict == verdict::needs_approval);
  lab.refused(p);
  lab.apply_approved(p);
  CHECK(lab.rows("SELECT * FROM x") == list{"1"});
}

TEST_CASE("a number that was given once is not given again", "[s37]") {
  for (const bool emptied : {false, true}) {
    sync_lab lab(
        "CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT);"
        "CREATE TABLE other (id INTEGER PRIMARY KEY AUTOINCREMENT);"
        "INSERT INTO other VALUES (40);"
        "INSERT INTO x (t) VALUES ('a'), ('b'), ('c'); DELETE FROM x WHERE id = 3");
    if (emptied) lab.db.run("DELETE FROM x");
    lab.sync("CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT NOT NULL)");
    lab.db.run("INSERT INTO x (t) VALUES ('d'); INSERT INTO other DEFAULT VALUES");
    CHECK(lab.rows("SELECT max(id) FROM x") == list{"4"});
    CHECK(lab.rows("SELECT max(id) FROM other") == list{"41"});
    CHECK(lab.rows("SELECT name, seq FROM sqlite_sequence ORDER BY name") ==
          list{"other|41", "x|4"});
  }
  SECTION("also when the table has got a new name") {
    sync_lab lab(
        "CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT);"
        "INSERT INTO x VALUES (9, 'a'); DELETE FROM x");
    lab.sync("CREATE TABLE y (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT NOT NULL)",
             {support::renamed_table("x", "y")});
    lab.db.run("INSERT INTO y (t) VALUES ('d')");
    CHECK(lab.rows("SELECT id FROM y") == list{"10"});
  }
  SECTION("nor when the table begins to count") {
    sync_lab lab("CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO x VALUES (9, 'a')");
    const hewn::plan p = lab.plan("CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)");
    if (p.pending().empty())
      lab.apply(p);
    else
      lab.apply_approved(p);
    lab.db.run("DELETE FROM x; INSERT INTO x (t) VALUES ('d')");
    CHECK(lab.rows("SELECT id FROM x") == list{"10"});
  }
  SECTION("ceasing to count needs a word") {
    sync_lab lab("CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO x VALUES (9)");
    const hewn::plan p = lab.plan("CREATE TABLE x (id INTEGER PRIMARY KEY)");
    CHECK(change_in(p, change_kind::change_autoincrement).verdict == verdict::needs_approval);
    lab.apply_approved(p);
    CHECK(lab.rows("SELECT id FROM x") == list{"9"});
    CHECK(lab.rows("SELECT name FROM sqlite_sequence").empty());
  }
}

TEST_CASE("rows keep their numbers", "[s38]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT); INSERT INTO x VALUES ('a'), ('b'), ('c');"
      "DELETE FROM x WHERE a = 'b';"
      "CREATE TABLE y (rowid TEXT, oid TEXT, a TEXT);"
      "INSERT INTO y (_rowid_, rowid) VALUES (-5, 'five'), (7, 'seven');"
      "CREATE TABLE k (a TEXT PRIMARY KEY, b INT); INSERT INTO k (rowid, a) VALUES (8, 'x')");
  lab.sync(
      "CREATE TABLE x (a TEXT NOT NULL); CREATE TABLE y (rowid TEXT NOT NULL, oid TEXT, a TEXT);"
      "CREATE TABLE k (a TEXT PRIMARY KEY, b INT DEFAULT 1)");
  CHECK(lab.rows("SELECT rowid, a FROM x") == list{"1|a", "3|c"});
  CHECK(lab.rows("SELECT _rowid_, rowid FROM y") == list{"-5|five", "7|seven"});
  CHECK(lab.rows("SELECT rowid, a FROM k") == list{"8|x"});
}

TEST_CASE("everything that a definition says is kept", "[s39]") {
  const std::string key = "PRIMARY KEY (b, a)";
  const std::string rest =
      " b TEXT COLLATE NOCASE CHECK (length(b) > 0) DEFAULT 'x', c REAL DEFAULT -1.5e3,"
      " e TEXT DEFAULT 'it''s', f BLOB DEFAULT x'00ff', g INTEGER DEFAULT (1 + 2),"
      " parent INTEGER, CONSTRAINT even CHECK (a % 2 = 0),"
      " CONSTRAINT pair UNIQUE (c, e COLLATE RTRIM),"
      " CONSTRAINT up FOREIGN KEY (parent) REFERENCES p (id) ON UPDATE CASCADE"
      " ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, ";
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY);"
      "CREATE TABLE x (a INTEGER NOT NULL, d TEXT," +
      rest + key + "); INSERT INTO x (a, b) VALUES (2, 'B')");
  const hewn::schema::database before = lab.db.introspect();
  lab.sync("CREATE TABLE x (a INTEGER NOT NULL, d TEXT DEFAULT 'd'," + rest + key + ")");
  const hewn::schema::database after = lab.db.introspect();
  hewn::schema::table expected = *before.find_table("x");
  expected.columns[1].default_text = "'d'";
  hewn::schema::table x = *after.find_table("x");
  // What was a key column could be NULL before.
  for (hewn::schema::column& c : x.columns)
    if (c.key_position != 0) c.not_null = true;
  for (hewn::schema::column& c : expected.columns)
    if (c.key_position != 0) c.not_null = true;
  CHECK(x == expected);
  CHECK(lab.rows("SELECT a, b, c, e, hex(f), g FROM x") == list{"2|B|-1500.0|it's|00FF|3"});
  CHECK_THROWS_AS(lab.db.run("INSERT INTO x (a, b) VALUES (4, '')"), hewn::error);
  CHECK_THROWS_AS(lab.db.run("INSERT INTO x (a, b, c) VALUES (2, 'b', 1)"), hewn::error);
  lab.db.run(
      "BEGIN; INSERT INTO x (a, b, c, parent) VALUES (6, 'c', 2, 7); INSERT INTO p VALUES (7); "
      "COMMIT");
}

TEST_CASE("a definition of which a part would be lost is not touched", "[s39]") {
  for (const std::string clause :
       {"a INTEGER PRIMARY KEY ON CONFLICT REPLACE", "a INTEGER UNIQUE ON CONFLICT IGNORE",
        "a INTEGER NOT NULL ON CONFLICT IGNORE", "a INTEGER PRIMARY KEY DESC"}) {
    INFO(clause);
    sync_lab lab("CREATE TABLE x (" + clause + ", t TEXT); INSERT INTO x VALUES (1, 't')");
    hewn::wanted_schema wanted;
    wanted.schema = lab.db.introspect();
    wanted.schema.others.clear();
    wanted.schema.sources.clear();
    wanted.schema.tables[0].columns[1].not_null = true;
    const hewn::plan p = lab.plan(wanted);
    CHECK(has(hewn::report(p), "would lose its clause"));
    lab.refused(p);
  }
}

TEST_CASE("the order of a key is a part of it", "[s40]") {
  sync_lab lab(
      "CREATE TABLE x (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b));"
      "INSERT INTO x VALUES (1, 2), (2, 1)");
  const hewn::plan p =
      lab.plan("CREATE TABLE x (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (b, a))");
  const hewn::change c = change_in(p, change_kind::change_primary_key);
  CHECK(c.before == "PRIMARY KEY (\"a\", \"b\")");
  CHECK(c.after == "PRIMARY KEY (\"b\", \"a\")");
  CHECK(c.verdict == verdict::needs_approval);
  lab.apply_approved(p);
  CHECK(lab.rows("SELECT a, b FROM x ORDER BY a") == list{"1|2", "2|1"});
  CHECK(lab.rows("SELECT name FROM pragma_table_info('x') WHERE pk ORDER BY pk") == list{"b", "a"});
}

TEST_CASE("a reference that was broken before stops nothing, a new one does", "[s41]") {
  sync_lab lab(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (p INTEGER REFERENCES p);"
      "CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT);"
      "CREATE TABLE y (x INTEGER REFERENCES x (id));"
      "PRAGMA foreign_keys = OFF; INSERT INTO q VALUES (77); PRAGMA foreign_keys = ON;"
      "INSERT INTO x VALUES (1, 'a'), (2, 'b'); INSERT INTO y VALUES (1), (2)");
  lab.sync("CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT NOT NULL)");
  CHECK(lab.rows("SELECT p FROM q") == list{"77"});
  SECTION("a new one is told by table and row, before anything") {
    lab.db.run("CREATE TABLE z (x INTEGER); INSERT INTO z VALUES (1), (9)");
    const hewn::plan p = lab.plan("CREATE TABLE z (x INTEGER REFERENCES x (id))");
    CHECK(has(hewn::report(p), "rowid=2"));
    lab.refused(p);
  }
  SECTION("one that a conversion would make is told before as well") {
    const hewn::plan p = lab.plan(
        "CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT NOT NULL);"
        "CREATE TABLE y (x TEXT REFERENCES x (id))",
        {converted("y", "x", "x + 1")});
    CHECK(change_in(p, change_kind::change_type).reason ==
          "1 row refers to a row that is not there: rowid=2");
    lab.refused(p);
    CHECK(lab.rows("SELECT x FROM y") == list{"1", "2"});
  }
  SECTION("one that appears while rows move is told by table, row and target, and rolled back") {
    const hewn::plan p = lab.plan("CREATE TABLE x (id INTEGER PRIMARY KEY, t TEXT)");
    REQUIRE(p.moves_rows());
    struct meddler : hewn::sqlite::native_executor {
      using native_executor::native_executor;
      void execute(std::string_view sql) override {
        if (sql.starts_with("DROP TABLE")) native_executor::execute("INSERT INTO y VALUES (99)");
        native_executor::execute(sql);
      }
    };
    meddler meddling(lab.db.native());
    CHECK(says(support::failure_of([&] { hewn::apply(meddling, p); }),
               "rolled back: y rowid 3 refers to a row of x that is not there"));
    CHECK(lab.rows("SELECT x FROM y") == list{"1", "2"});
  }
}

TEST_CASE("settings are as they were, whatever happens", "[s42]") {
  for (const char* enforced : {"1", "0"})
    for (const char* legacy : {"1", "0"}) {
      sync_lab lab("CREATE TABLE x (a TEXT); INSERT INTO x VALUES ('a')");
      lab.db.run("PRAGMA foreign_keys = " + std::string(enforced) +
                 "; PRAGMA legacy_alter_table = " + legacy +
                 "; PRAGMA ignore_check_constraints = " + legacy);
      const auto same = [&] {
        CHECK(lab.rows("PRAGMA foreign_keys") == list{enforced});
        CHECK(lab.rows("PRAGMA legacy_alter_table") == list{legacy});
        CHECK(lab.rows("PRAGMA ignore_check_constraints") == list{legacy});
      };
      const hewn::plan p = lab.plan("CREATE TABLE x (a TEXT NOT NULL)");
      same();
      struct stop {};
      const auto throwing = [](const hewn::sync_progress& at) {
        if (at.done + 1 == at.total) throw stop();
      };
      CHECK_THROWS_AS(hewn::apply(lab.db, p, {.progress = throwing}), stop);
      same();
      CHECK(lab.rows("SELECT \"notnull\" FROM pragma_table_info('x')") == list{"0"});
      lab.db.run("INSERT INTO x VALUES (NULL)");
      CHECK_THROWS_AS(hewn::apply(lab.db, p), hewn::error);
      same();
      lab.db.run("DELETE FROM x WHERE a IS NULL");
      lab.apply(p);
      same();
    }
}

TEST_CASE("a table that an interrupted tool left is not overwritten", "[s44]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT); INSERT INTO x VALUES ('a');"
      "CREATE TABLE HEWN_NEW_X (a TEXT); INSERT INTO hewn_new_x VALUES ('only here')");
  const hewn::plan p = lab.plan("CREATE TABLE x (a TEXT NOT NULL)");
  CHECK(has(hewn::report(p), "a table hewn_new_x is there"));
  lab.refused(p);
  CHECK(lab.rows("SELECT a FROM hewn_new_x") == list{"only here"});
  SECTION("whatever it is") {
    lab.db.run("DROP TABLE hewn_new_x; CREATE VIEW hewn_new_x AS SELECT 1");
    const hewn::plan view = lab.plan("CREATE TABLE x (a TEXT NOT NULL)");
    CHECK(view.blocked());
    lab.refused(view);
  }
}

TEST_CASE("any name survives a rebuild", "[s45]") {
  for (const std::string name : {"if", "select", "a b", "größe", "f(x)", "it's", "say \"\"hi\"\"",
                                 "[x]", "a;b", "--", "%", "名前", "1st", "main", "x.y", "\t"}) {
    INFO(name);
    const std::string table = "\"" + name + "\"";
    const std::string column = "\"c " + name + "\"";
    const auto definition = [&](const std::string& more) {
      return "CREATE TABLE " + table + " (" + column + " INTEGER PRIMARY KEY AUTOINCREMENT, " +
             table + " TEXT" + more + " CHECK (length(" + table + ") < 9), UNIQUE (" + table +
             ", " + column + "));";
    };
    sync_lab lab(definition("") + "CREATE INDEX \"i " + name + "\" ON " + table + " (" + table +
                 "); CREATE VIEW \"v " + name + "\" AS SELECT " + table + " AS x FROM " + table +
                 "; CREATE TRIGGER \"t " + name + "\" AFTER INSERT ON " + table + " BEGIN UPDATE " +
                 table + " SET " + table +
                 " = 'by t'; END;"
                 "INSERT INTO " +
                 table + " VALUES (7, 'x')");
    lab.sync(definition(" NOT NULL"));
    CHECK(lab.rows("SELECT " + column + ", " + table + " FROM " + table) == list{"7|by t"});
    CHECK(lab.rows("SELECT count(*) FROM sqlite_master WHERE type IN ('view', 'trigger', 'index')"
                   " AND name LIKE '_ %'") == list{"3"});
    lab.db.run("INSERT INTO " + table + " (" + table + ") VALUES ('y')");
    CHECK(lab.rows("SELECT " + column + " FROM " + table) == list{"7", "8"});
  }
}

TEST_CASE("to WITHOUT ROWID and back", "[s46]") {
  sync_lab lab(
      "CREATE TABLE x (k TEXT PRIMARY KEY, v INTEGER); INSERT INTO x VALUES ('b', 1), ('a', 2)");
  const hewn::plan there = lab.plan("CREATE TABLE x (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID");
  CHECK(change_in(there, change_kind::change_table_options).verdict == verdict::needs_approval);
  lab.apply_approved(there);
  CHECK(lab.rows("SELECT * FROM x") == list{"a|2", "b|1"});
  const hewn::plan back = lab.plan("CREATE TABLE x (k TEXT PRIMARY KEY, v INTEGER)");
  if (back.pending().empty())
    lab.apply(back);
  else
    lab.apply_approved(back);
  CHECK(lab.rows("SELECT rowid, * FROM x") == list{"1|a|2", "2|b|1"});
  SECTION("a key that is NULL is in the way") {
    sync_lab null("CREATE TABLE x (k TEXT PRIMARY KEY, v INTEGER); INSERT INTO x VALUES (NULL, 1)");
    const hewn::plan p = null.plan("CREATE TABLE x (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID");
    CHECK(change_in(p, change_kind::change_table_options).counted(fact_kind::no_value) == 1);
    null.refused(p);
  }
}

TEST_CASE("a key that is NULL stays so in a rebuild, unless it is to be NOT NULL", "[s46][p:A10]") {
  const std::string rows = "; INSERT INTO x VALUES (NULL, 'a'), ('k', 'b'), (NULL, 'c')";
  const std::string nullable = "CREATE TABLE x (k TEXT PRIMARY KEY, v TEXT NOT NULL)";
  const std::string strict = "CREATE TABLE x (k TEXT NOT NULL PRIMARY KEY, v TEXT)";
  sync_lab lab("CREATE TABLE x (k TEXT PRIMARY KEY, v TEXT)" + rows);
  SECTION("nothing is declared about it") {
    const hewn::plan p = lab.plan(nullable);
    CHECK(changes_of(p) == list{"change nullability v"});
    lab.apply(p);
    CHECK(lab.rows("SELECT * FROM x ORDER BY rowid") == list{"NULL|a", "k|b", "NULL|c"});
    lab.db.run("INSERT INTO x VALUES (NULL, 'd')");
  }
  SECTION("of several columns") {
    sync_lab two("CREATE TABLE x (k TEXT, l TEXT, v TEXT, PRIMARY KEY (k, l))" +
                 std::string("; INSERT INTO x VALUES (NULL, 'l', 'v')"));
    two.sync("CREATE TABLE x (k TEXT, l TEXT, v TEXT NOT NULL, PRIMARY KEY (k, l))");
    CHECK(two.rows("SELECT * FROM x") == list{"NULL|l|v"});
  }
  SECTION("it is to be NOT NULL") {
    const hewn::plan p = lab.plan(strict);
    INFO(hewn::report(p));
    CHECK(changes_of(p) == list{"wait: change nullability k"});
    CHECK(change_in(p, change_kind::change_nullability).counted(fact_kind::no_value) == 2);
    CHECK(has(hewn::report(p), "2 rows have no value for it: k=NULL; k=NULL"));
    CHECK(has(hewn::report(p), "repair: give these rows a primary key, or declare backfill"));
    lab.refused(p);
    const hewn::plan filled = lab.plan(strict, {backfilled("x", "k", "'no ' || v")});
    CHECK(changes_of(filled) == list{"fill column k", "change nullability k"});
    CHECK_FALSE(filled.blocked());
    lab.db.run("UPDATE x SET k = 'row ' || rowid WHERE k IS NULL");
    lab.sync(strict);
    CHECK(lab.rows("SELECT * FROM x ORDER BY rowid") == list{"row 1|a", "k|b", "row 3|c"});
    CHECK(support::changes_of(lab.plan(strict)).empty());
  }
  SECTION("a struct says so of its key") {
    hewn::schema::database wanted;
    wanted.tables.push_back(hewn::table_model(hewn::table_of<keyed>, hewn::dialect::sqlite));
    const hewn::plan p = lab.plan(hewn::wanted_schema{.schema = wanted});
    CHECK(changes_of(p) == list{"wait: change nullability k"});
    // What hewn made before has said it ever since.
    sync_lab own("CREATE TABLE \"x\" (\n  \"k\" TEXT NOT NULL PRIMARY KEY,\n  \"v\" TEXT\n)");
    CHECK(own.plan(hewn::wanted_schema{.schema = wanted}).empty());
  }
}

TEST_CASE("to STRICT and back", "[s46]") {
  const std::string loose = "CREATE TABLE x (i INTEGER, t TEXT, a ANY, r REAL, b BLOB)";
  sync_lab lab(loose + "; INSERT INTO x VALUES (1, 't', 'any', 1.5, x'00'), (2, '5', 5, 2, NULL)");
  SECTION("when every value fits") {
    lab.sync(loose + " STRICT");
    CHECK(lab.rows("SELECT i, t, a, typeof(a), r, hex(b) FROM x") ==
          list{"1|t|any|text|1.5|00", "2|5|5|integer|2.0|"});
    CHECK_THROWS_AS(lab.db.run("INSERT INTO x (i) VALUES ('no')"), hewn::error);
    // Elsewhere ANY converts; only no type at all keeps what it is given.
    lab.sync("CREATE TABLE x (i INTEGER, t TEXT, a, r REAL, b BLOB)");
    CHECK(lab.rows("SELECT i, t, a, typeof(a), r, hex(b) FROM x") ==
          list{"1|t|any|text|1.5|00", "2|5|5|integer|2.0|"});
    lab.db.run("INSERT INTO x (i) VALUES ('now')");
  }
  SECTION("not when one does not") {
    lab.db.run("INSERT INTO x (i) VALUES ('no'); INSERT INTO x (b) VALUES ('text')");
    const hewn::plan p = lab.plan(loose + " STRICT");
    CHECK(change_in(p, change_kind::change_table_options).counted(fact_kind::unconvertible) == 2);
    lab.refused(p);
  }
}

TEST_CASE("a table with no column in common is not taken for the same one", "[s47]") {
  sync_lab lab("CREATE TABLE x (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO x VALUES (1, 'a')");
  const hewn::plan p = lab.plan("CREATE TABLE x (c INTEGER PRIMARY KEY, d TEXT)");
  CHECK(p.blocked());
  lab.refused(p);
  const std::vector<hewn::intent> gone = {dropped_column("x", "a"), dropped_column("x", "b")};
  const hewn::plan said = lab.plan("CREATE TABLE x (c TEXT, d TEXT)", gone);
  INFO(hewn::report(said));
  lab.refused(said);
  lab.apply_approved(said);
  CHECK(lab.rows("SELECT rowid, c, d FROM x") == list{"1|NULL|NULL"});
  SECTION("without rowids there is nothing to go by") {
    sync_lab none(
        "CREATE TABLE x (a INTEGER PRIMARY KEY) WITHOUT ROWID; INSERT INTO x VALUES (1), (2)");
    const hewn::plan q = none.plan("CREATE TABLE x (c INTEGER PRIMARY KEY DEFAULT 5) WITHOUT ROWID",
                                   {dropped_column("x", "a")});
    INFO(hewn::report(q));
    CHECK(q.blocked());
    none.refused(q);
  }
}

TEST_CASE("what others refer to stays unique", "[s48]") {
  for (const char* unique : {"UNIQUE", "PRIMARY KEY"}) {
    sync_lab lab("CREATE TABLE p (code TEXT " + std::string(unique) +
                 ", t TEXT); CREATE TABLE c (p TEXT REFERENCES p (code));"
                 "INSERT INTO p VALUES ('a', 't'); INSERT INTO c VALUES ('a')");
    const hewn::plan p = lab.plan("CREATE TABLE p (code TEXT, t TEXT)");
    INFO(hewn::report(p));
    CHECK(p.blocked());
    CHECK(has(hewn::report(p), "foreign key mismatch"));
    lab.refused(p);
  }
  SECTION("also by an index") {
    sync_lab lab(
        "CREATE TABLE p (code TEXT, more TEXT); CREATE UNIQUE INDEX u ON p (code);"
        "CREATE TABLE c (p TEXT REFERENCES p (code));"
        "INSERT INTO p VALUES ('a', 'b'); INSERT INTO c VALUES ('a')");
    const hewn::plan p =
        lab.plan("CREATE TABLE p (code TEXT, more TEXT); CREATE UNIQUE INDEX u ON p (code, more)");
    INFO(hewn::report(p));
    CHECK(p.blocked());
    lab.refused(p);
  }
}

TEST_CASE("what this connection alone has hung on a table is not lost", "[s49]") {
  for (const std::string mine :
       {"CREATE TEMP TRIGGER mine AFTER INSERT ON x BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER mine AFTER INSERT ON main.y BEGIN DELETE FROM x; END",
        "CREATE TEMP VIEW mine AS SELECT a FROM x"}) {
    INFO(mine);
    sync_lab lab("CREATE TABLE x (a TEXT); CREATE TABLE y (b); INSERT INTO x VALUES ('a')");
    lab.db.run(mine);
    const hewn::plan p = lab.plan("CREATE TABLE x (a TEXT NOT NULL)");
    CHECK(has(hewn::report(p), "the temporary"));
    CHECK(has(hewn::report(p), "mine would be lost"));
    lab.refused(p);
    CHECK(lab.rows("SELECT name FROM sqlite_temp_master") == list{"mine"});
  }
}

TEST_CASE("a temporary table does not stand in for one that it hides", "[s49]") {
  sync_lab lab(
      "CREATE TABLE x (a TEXT, b TEXT); INSERT INTO x VALUES ('a', 'b');"
      "CREATE TEMP TABLE X (a TEXT)");
  for (const std::string wanted :
       {"CREATE TABLE x (a TEXT)", "CREATE TABLE x (a TEXT, b TEXT, c TEXT)",
        "CREATE TABLE x (a TEXT NOT NULL, b TEXT)"}) {
    INFO(wanted);
    const hewn::plan p = lab.plan(wanted);
    INFO(hewn::report(p));
    CHECK(p.blocked());
    CHECK(has(hewn::report(p), "the temporary table X hides it"));
    lab.refused(p);
  }
  CHECK(lab.rows("SELECT * FROM main.x") == list{"a|b"});
}

namespace {

/// SQLite as it was before it could drop a column.
class older_sqlite : public raw_sqlite {
 public:
  int version() const override { return 3034000; }
};

}  // namespace

TEST_CASE("an older SQLite gets to the same result by another route", "[s50]") {
  const std::string live =
      "CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT, gone TEXT, b INTEGER DEFAULT 4);"
      "CREATE TABLE y (x INTEGER REFERENCES x ON DELETE CASCADE);"
      "CREATE INDEX on_a ON x (a);"
      "INSERT INTO x VALUES (1, 'a', NULL, 2), (5, 'b', NULL, NULL); INSERT INTO y VALUES (5)";
  const std::string wanted =
      "CREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT, b INTEGER DEFAULT 4, c TEXT DEFAULT 'c')";
  raw_sqlite now;
  older_sqlite then;
  std::vector<std::string> fingerprints;
  for (raw_sqlite* db : {&now, static_cast<raw_sqlite*>(&then)}) {
    db->run(live);
    const hewn::wanted_schema goal = support::declared(wanted, {dropped_column("x", "gone")});
    const hewn::plan p = hewn::make_plan(*db, goal);
    CHECK(p.moves_rows() == (db == &then));
    CHECK(hewn::make_plan(*db, goal).fingerprint() == p.fingerprint());
    fingerprints.push_back(p.fingerprint());
    hewn::apply(*db, p);
    CHECK(hewn::make_plan(*db, goal).empty());
    CHECK(db->column("SELECT id || a || ifnull(b, '-') || c FROM x") == list{"1a2c", "5b-c"});
    CHECK(db->column("SELECT x FROM y") == list{"5"});
    CHECK(db->column("SELECT sql FROM sqlite_master WHERE name = 'on_a'") ==
          list{"CREATE INDEX on_a ON x (a)"});
  }
  CHECK(fingerprints[0] != fingerprints[1]);
  CHECK(hewn::fingerprint(now.introspect(), hewn::dialect::sqlite) ==
        hewn::fingerprint(then.introspect(), hewn::dialect::sqlite));
}
