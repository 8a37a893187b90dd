// tests/sync/sync_test.cpp - planning and applying on a database that others use too.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/apply/apply.hpp>

#include <support/plan_of.hpp>
#include <support/random_schema.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using hewn::wanted_schema;
using hewn::schema::database;
using support::declared;
using support::raw_sqlite;
using support::temporary_file;

namespace {

using list = std::vector<std::string>;

hewn::applied sync(raw_sqlite& db, const wanted_schema& wanted) {
  return hewn::apply(db, hewn::make_plan(db, wanted));
}

// Counts how often it was locked.
class transactional_sqlite : public raw_sqlite {
 public:
  using raw_sqlite::raw_sqlite;

  void transaction(const hewn::apply_scope& scope, const std::function<void()>& body) override {
    ++transactions;
    raw_sqlite::transaction(scope, body);
  }

  int transactions = 0;
};

// A database on which something happens between planning and locking.
class interrupted_sqlite : public raw_sqlite {
 public:
  void transaction(const hewn::apply_scope& scope, const std::function<void()>& body) override {
    run(std::exchange(before_lock, {}));
    raw_sqlite::transaction(scope, body);
  }

  std::string before_lock;
};

}  // namespace

TEST_CASE("an empty database gets the schema, and then nothing is left to do") {
  transactional_sqlite db;
  const wanted_schema wanted = declared(
      "CREATE TABLE env (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
      "CREATE TABLE agent (id INTEGER PRIMARY KEY, env_id INTEGER NOT NULL REFERENCES env (id) "
      "ON DELETE CASCADE, state TEXT NOT NULL DEFAULT 'idle' CHECK (state IN ('idle', 'busy')));"
      "CREATE INDEX agent_env ON agent (env_id, state)");
  const hewn::plan applied = sync(db, wanted);
  CHECK(applied.steps().size() == 3);
  CHECK(db.executed == support::steps_of(applied));
  CHECK(db.transactions == 1);
  db.executed.clear();
  CHECK(sync(db, wanted).empty());
  CHECK(db.executed.empty());
  CHECK(db.transactions == 1);
}

TEST_CASE("rows survive what is added") {
  raw_sqlite db;
  db.run("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t (a) VALUES ('x'), ('y')");
  sync(db, declared("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL DEFAULT 'd' "
                    "CHECK (b <> ''), c INTEGER REFERENCES t (id), d AS (a || b));"
                    "CREATE INDEX t_c ON t (c)"));
  CHECK(db.column("SELECT a || b || ifnull(c, '-') || d FROM t ORDER BY id") ==
        list{"xd-xd", "yd-yd"});
}

TEST_CASE("a change that waits stops everything, with the report") {
  raw_sqlite db;
  db.run("CREATE TABLE t (id INTEGER PRIMARY KEY, old TEXT); INSERT INTO t (old) VALUES ('kept')");
  const database before = db.introspect();
  const hewn::plan p = hewn::make_plan(
      db, declared("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE fresh (x)"));
  try {
    hewn::apply(db, p);
    FAIL("a destructive plan was applied");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::approval_required);
    CHECK(e.table() == "t");
    const std::string what = e.what();
    CHECK(
        what.starts_with("hewn: the schema of table t differs from its declaration in a way that "
                         "needs a decision; follow a repair below\n"));
    CHECK(what.find("  ? drop column \"old\" TEXT") != std::string::npos);
  }
  CHECK(db.executed.empty());
  CHECK(db.introspect() == before);
  CHECK(db.column("SELECT old FROM t") == list{"kept"});
}

TEST_CASE("finding no change leaves a foreign file byte-identical") {
  const temporary_file file("sync_test_foreign.db");
  {
    raw_sqlite maker(file.path);
    maker.run(
        "CREATE TABLE [Artist] ([ArtistId] INTEGER NOT NULL, [Name] NVARCHAR(120),"
        " CONSTRAINT [PK_Artist] PRIMARY KEY ([ArtistId]));"
        "INSERT INTO Artist VALUES (1, 'AC/DC')");
  }
  const std::string before = file.bytes();
  {
    transactional_sqlite db(file.path);
    CHECK(sync(db, declared("CREATE TABLE artist (artistid INTEGER PRIMARY KEY, name TEXT)"))
              .empty());
    CHECK(db.executed.empty());
    CHECK(db.transactions == 0);
    CHECK(sqlite3_total_changes(db.native()) == 0);
  }
  CHECK(file.bytes() == before);
}

TEST_CASE("no change is found while another connection holds the write lock") {
  const temporary_file file("sync_test_lock.db");
  raw_sqlite other(file.path);
  other.run("CREATE TABLE t (a); BEGIN IMMEDIATE");
  raw_sqlite db(file.path);
  CHECK(sync(db, declared("CREATE TABLE t (a)")).empty());
}

TEST_CASE("what the rows forbid is known before anything happens") {
  transactional_sqlite db;
  db.run("CREATE TABLE t (a); INSERT INTO t VALUES (1), (1)");
  const database before = db.introspect();
  for (const char* wanted :
       {"CREATE TABLE t (a, b); CREATE TABLE u (x); CREATE UNIQUE INDEX i ON t (a)",
        "CREATE TABLE t (a, b INT NOT NULL DEFAULT 0 CHECK (b > 0))"}) {
    try {
      sync(db, declared(wanted));
      FAIL("a plan was applied that the rows forbid");
    } catch (const hewn::error& e) {
      CHECK(e.code() == hewn::errc::approval_required);
      CHECK(e.table() == "t");
    }
    CHECK(db.introspect() == before);
    CHECK(db.transactions == 0);
  }
}

TEST_CASE("a statement that fails takes everything before it back") {
  // The disk is full when the index is made.
  struct full : raw_sqlite {
    void execute(std::string_view sql) override {
      if (sql.starts_with("CREATE INDEX")) throw hewn::error(hewn::errc::full, "full");
      raw_sqlite::execute(sql);
    }
  } db;
  db.run("CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (1)");
  const database before = db.introspect();
  CHECK_THROWS_AS(sync(db, declared("CREATE TABLE t (a INT NOT NULL, b); CREATE TABLE u (x);"
                                    "CREATE INDEX i ON t (a)")),
                  hewn::error);
  CHECK(db.introspect() == before);
  CHECK(db.column("SELECT a FROM t") == list{"1", "1"});
  CHECK(db.column("PRAGMA foreign_keys") == list{"1"});
  CHECK(sqlite3_get_autocommit(db.native()) == 1);
}

TEST_CASE("work that somebody else did in between is not done again") {
  interrupted_sqlite db;
  db.before_lock = "CREATE TABLE t (a); CREATE INDEX i ON t (a)";
  const wanted_schema wanted = declared("CREATE TABLE t (a); CREATE INDEX i ON t (a)");
  const hewn::plan proposed = hewn::make_plan(db, wanted);
  CHECK(proposed.steps().size() == 2);
  CHECK(hewn::apply(db, proposed).empty());
  CHECK(hewn::make_plan(db, wanted).empty());
}

TEST_CASE("a schema that moved in between is planned again") {
  interrupted_sqlite db;
  db.before_lock = "CREATE TABLE t (a)";
  const wanted_schema wanted = declared("CREATE TABLE t (a, b); CREATE TABLE u (x)");
  const hewn::plan proposed = hewn::make_plan(db, wanted);
  const hewn::plan applied = hewn::apply(db, proposed);
  CHECK(applied.fingerprint() != proposed.fingerprint());
  CHECK(support::changes_of(applied) == list{"add column b", "create table"});
  CHECK(hewn::make_plan(db, wanted).empty());
}

TEST_CASE("a schema that moved to where a decision is needed is left there") {
  interrupted_sqlite db;
  db.before_lock = "CREATE TABLE t (a TEXT, b); INSERT INTO t VALUES ('1', 2)";
  const hewn::plan proposed =
      hewn::make_plan(db, declared("CREATE TABLE t (a TEXT); CREATE TABLE u (x)"));
  try {
    hewn::apply(db, proposed);
    FAIL("a destructive plan was applied");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::approval_required);
  }
  CHECK(db.column("SELECT name FROM sqlite_master") == list{"t"});
  CHECK(sqlite3_get_autocommit(db.native()) == 1);
}

TEST_CASE("many start together, and one schema comes out") {
  const temporary_file file("sync_test_race.db");
  const wanted_schema wanted = declared(
      "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (x REFERENCES a); "
      "CREATE INDEX b_x ON b (x)");
  std::vector<std::string> problems(6);
  std::vector<std::thread> threads;
  for (std::string& problem : problems)
    threads.emplace_back([&] {
      try {
        raw_sqlite db(file.path);
        sqlite3_busy_timeout(db.native(), 20'000);
        sync(db, wanted);
      } catch (const std::exception& e) {
        problem = e.what();
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(problems == std::vector<std::string>(6));
  raw_sqlite db(file.path);
  CHECK(hewn::make_plan(db, wanted).empty());
}

TEST_CASE("steps that do not lead to the wanted schema are taken back") {
  // Executes, but loses the indexes.
  struct forgetful : raw_sqlite {
    void execute(std::string_view sql) override {
      if (!sql.starts_with("CREATE INDEX")) raw_sqlite::execute(sql);
    }
  } db;
  const hewn::plan p = hewn::make_plan(db, declared("CREATE TABLE t (a); CREATE INDEX i ON t (a)"));
  try {
    hewn::apply(db, p);
    FAIL("an incomplete schema was committed");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::schema_mismatch);
    CHECK(e.table() == "t");
  }
  CHECK(db.introspect().tables.empty());
}

TEST_CASE("a schema that moved while a table was to be rebuilt is left alone") {
  interrupted_sqlite db;
  db.run("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)");
  db.before_lock = "ALTER TABLE t ADD COLUMN b";
  const hewn::plan proposed = hewn::make_plan(db, declared("CREATE TABLE t (a INT NOT NULL)"));
  try {
    hewn::apply(db, proposed);
    FAIL("a plan was applied to another schema");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::schema_mismatch);
    CHECK(std::string(e.what()).starts_with(
        "hewn: the schema moved since the plan was made: table t is another one; nothing was "
        "applied, plan again and look at what follows\n"));
  }
  CHECK(db.column("SELECT name FROM pragma_table_info('t')") == list{"a", "b"});
}

TEST_CASE("impossible names are refused before any SQL") {
  raw_sqlite db;
  CHECK_THROWS_AS(hewn::make_plan(db, {.schema = {{{.name = "t", .columns = {{.name = ""}}}}}}),
                  hewn::error);
}

TEST_CASE("any schema can be made, is then as wanted, and stays so") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  support::random_schema random(seed);
  for (int round = 0; round != 100; ++round) {
    CAPTURE(round);
    raw_sqlite db;
    const wanted_schema wanted{.schema = random.database()};
    CHECK(sync(db, wanted).steps().size() >= wanted.schema.tables.size());
    CHECK(hewn::make_plan(db, wanted).empty());
    db.run("VACUUM");
    CHECK(hewn::make_plan(db, wanted).empty());
  }
}

TEST_CASE("columns that a schema has gained are added") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  support::random_schema random(seed);
  for (int round = 0; round != 150; ++round) {
    CAPTURE(round);
    const wanted_schema wanted{.schema = random.database()};
    wanted_schema before = wanted;
    // Keys, checks and indexes of a random schema concern the first two columns.
    for (hewn::schema::table& t : before.schema.tables) t.columns.resize(2);
    raw_sqlite db;
    sync(db, before);
    const hewn::plan p = hewn::make_plan(db, wanted);
    for (const hewn::change& c : p.changes()) CHECK(c.kind == hewn::change_kind::add_column);
    hewn::apply(db, p);
    CHECK(hewn::make_plan(db, wanted).empty());
  }
}

TEST_CASE("a foreign database with a broken view and a dubious index is added to") {
  raw_sqlite db;
  sqlite3_db_config(db.native(), SQLITE_DBCONFIG_DQS_DDL, 1, nullptr);
  db.run(
      "CREATE TABLE t (a TEXT DEFAULT \"x\", CHECK (a <> \"none\"));"
      "CREATE INDEX odd ON t (\"no such column\");"
      "CREATE VIEW broken AS SELECT missing FROM nowhere;"
      "CREATE TRIGGER lost AFTER INSERT ON t BEGIN SELECT missing FROM nowhere; END;");
  wanted_schema wanted{.schema = db.introspect()};
  wanted.schema.tables[0].columns.push_back({.name = "b", .type = "INT"});
  const hewn::plan p = hewn::make_plan(db, wanted);
  CHECK(support::changes_of(p) == list{"add column b"});
  CHECK(hewn::apply(db, p).steps().size() == 1);
}
