// tests/sync/sync_test.cpp - planning and applying on a database that others use too.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/sync.hpp>

#include <support/plan_of.hpp>
#include <support/random_schema.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using hewn::schema::database;
using support::raw_sqlite;
using support::schema_of;
using support::temporary_file;

namespace {

using list = std::vector<std::string>;

static_assert(hewn::schema_executor<raw_sqlite>);
static_assert(!hewn::schema_executor<int>);

database wanted_from(const std::string& sql) {
  database d = schema_of(sql);
  d.others.clear();
  return d;
}

hewn::plan sync(raw_sqlite& db, const database& wanted) {
  return hewn::apply(db, hewn::make_plan(db, wanted));
}

// Takes away what SQLite adds to a new table only.
void make_addable(hewn::schema::column& c) {
  if (!hewn::detail::is_constant_default(c.default_text)) c.default_text.clear();
  if (hewn::detail::is_null_default(c.default_text)) c.not_null = false;
  if (c.generated == hewn::schema::generated::stored)
    c.generated = hewn::schema::generated::on_read;
}

class transactional_sqlite : public raw_sqlite {
 public:
  template <class Action>
  void transaction(Action& action) {
    ++transactions;
    run("BEGIN IMMEDIATE");
    action();
    run("COMMIT");
  }

  int transactions = 0;
};

// A database on which something happens between planning and locking.
class interrupted_sqlite : public raw_sqlite {
 public:
  using raw_sqlite::raw_sqlite;

  void execute(std::string_view sql) {
    if (!std::exchange(done_, true)) run(before_lock);
    raw_sqlite::execute(sql);
  }

  std::string before_lock;

 private:
  bool done_ = false;
};

}  // namespace

TEST_CASE("an empty database gets the schema, and then nothing is left to do") {
  raw_sqlite db;
  const database wanted = wanted_from(
      "CREATE TABLE env (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
      "CREATE TABLE agent (id INTEGER PRIMARY KEY, env_id INTEGER NOT NULL REFERENCES env (id) "
      "ON DELETE CASCADE, state TEXT NOT NULL DEFAULT 'idle' CHECK (state IN ('idle', 'busy')));"
      "CREATE INDEX agent_env ON agent (env_id, state)");
  const hewn::plan applied = sync(db, wanted);
  CHECK(applied.steps().size() == 3);
  CHECK(db.executed.front() == "BEGIN IMMEDIATE");
  CHECK(db.executed.back() == "COMMIT");
  db.executed.clear();
  CHECK(sync(db, wanted).empty());
  CHECK(db.executed.empty());
}

TEST_CASE("rows survive what is added") {
  raw_sqlite db;
  db.run("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t (a) VALUES ('x'), ('y')");
  sync(db,
       wanted_from("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL DEFAULT 'd' "
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
      db, wanted_from("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE fresh (x)"));
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
    CHECK(what.find("  ! drop column \"old\" TEXT") != std::string::npos);
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
    raw_sqlite db(file.path);
    CHECK(sync(db, wanted_from("CREATE TABLE artist (artistid INTEGER PRIMARY KEY, name TEXT)"))
              .empty());
    CHECK(db.executed.empty());
    CHECK(sqlite3_total_changes(db.native()) == 0);
  }
  CHECK(file.bytes() == before);
}

TEST_CASE("no change is found while another connection holds the write lock") {
  const temporary_file file("sync_test_lock.db");
  raw_sqlite other(file.path);
  other.run("CREATE TABLE t (a); BEGIN IMMEDIATE");
  raw_sqlite db(file.path);
  CHECK(sync(db, wanted_from("CREATE TABLE t (a)")).empty());
}

TEST_CASE("a statement that fails takes everything before it back") {
  raw_sqlite db;
  db.run("CREATE TABLE t (a); INSERT INTO t VALUES (1), (1)");
  const database before = db.introspect();
  CHECK_THROWS_AS(sync(db, wanted_from("CREATE TABLE t (a, b); CREATE TABLE u (x);"
                                       "CREATE UNIQUE INDEX i ON t (a)")),
                  hewn::error);
  CHECK(db.introspect() == before);
  CHECK(sqlite3_get_autocommit(db.native()) == 1);
  CHECK_THROWS_AS(
      sync(db, wanted_from("CREATE TABLE t (a, b INT NOT NULL DEFAULT 0 CHECK (b > 0))")),
      hewn::error);
  CHECK(db.introspect() == before);
}

TEST_CASE("work that somebody else did in between is not done again") {
  interrupted_sqlite db;
  db.before_lock = "CREATE TABLE t (a); CREATE INDEX i ON t (a)";
  const database wanted = wanted_from("CREATE TABLE t (a); CREATE INDEX i ON t (a)");
  const hewn::plan proposed = hewn::make_plan(db, wanted);
  CHECK(proposed.steps().size() == 2);
  CHECK(hewn::apply(db, proposed).empty());
  CHECK(hewn::make_plan(db, wanted).empty());
}

TEST_CASE("a schema that moved in between is planned again") {
  interrupted_sqlite db;
  db.before_lock = "CREATE TABLE t (a)";
  const database wanted = wanted_from("CREATE TABLE t (a, b); CREATE TABLE u (x)");
  const hewn::plan proposed = hewn::make_plan(db, wanted);
  const hewn::plan applied = hewn::apply(db, proposed);
  CHECK(applied.fingerprint() != proposed.fingerprint());
  CHECK(support::changes_of(applied) == list{"add column b", "create table"});
  CHECK(hewn::make_plan(db, wanted).empty());
}

TEST_CASE("a schema that moved to where a decision is needed is left there") {
  interrupted_sqlite db;
  db.before_lock = "CREATE TABLE t (a TEXT)";
  const hewn::plan proposed =
      hewn::make_plan(db, wanted_from("CREATE TABLE t (a INTEGER); CREATE TABLE u (x)"));
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
  const database wanted = wanted_from(
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
    void execute(std::string_view sql) {
      if (!sql.starts_with("CREATE INDEX")) raw_sqlite::execute(sql);
    }
  } db;
  const hewn::plan p =
      hewn::make_plan(db, wanted_from("CREATE TABLE t (a); CREATE INDEX i ON t (a)"));
  try {
    hewn::apply(db, p);
    FAIL("an incomplete schema was committed");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::schema_mismatch);
    CHECK(e.table() == "t");
  }
  CHECK(db.introspect().tables.empty());
}

TEST_CASE("an executor's own transaction is used if it has one") {
  transactional_sqlite db;
  const hewn::plan p = hewn::make_plan(db, wanted_from("CREATE TABLE t (a)"));
  hewn::apply(db, p);
  CHECK(db.transactions == 1);
  CHECK(db.executed == p.steps());
}

TEST_CASE("impossible names are refused before any SQL") {
  raw_sqlite db;
  CHECK_THROWS_AS(hewn::make_plan(db, {{{.name = "t", .columns = {{.name = ""}}}}}), hewn::error);
}

TEST_CASE("any schema can be made, is then as wanted, and stays so") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  support::random_schema random(seed);
  for (int round = 0; round != 100; ++round) {
    CAPTURE(round);
    raw_sqlite db;
    const database wanted = random.database();
    CHECK(sync(db, wanted).steps().size() >= wanted.tables.size());
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
    database wanted = random.database();
    // Keys, checks and indexes of a random schema concern the first two columns.
    for (hewn::schema::table& t : wanted.tables)
      for (std::size_t i = 2; i != t.columns.size(); ++i) make_addable(t.columns[i]);
    database before = wanted;
    for (hewn::schema::table& t : before.tables) t.columns.resize(2);
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
  const database wanted = [&] {
    raw_sqlite other;
    sqlite3_db_config(other.native(), SQLITE_DBCONFIG_DQS_DDL, 1, nullptr);
    other.run("CREATE TABLE t (a TEXT DEFAULT 'x', b INT, CHECK (a <> \"none\"))");
    return other.introspect();
  }();
  const hewn::plan p(db.introspect(), wanted, hewn::dialect::sqlite);
  CHECK(support::changes_of(p) == list{"add column b"});
  CHECK(hewn::apply(db, p).steps().size() == 1);
}
