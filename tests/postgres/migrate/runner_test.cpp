// tests/postgres/migrate/runner_test.cpp - runners of migrations on a server that meet, are killed
// or are refused.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/postgres.hpp>
#include <hewn/postgres/migrate/migration_executor.hpp>
#include <hewn/postgres/migrate/migration_lock.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/pgbouncer.hpp>
#include <support/place.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

using hewn::errc;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::place;
using support::says;

namespace {

using namespace std::chrono_literals;

std::vector<hewn::migration_file> several() {
  return hewn::read_migrations(
      {{"0001_a.sql",
        "-- up\nCREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1), (2);"},
       {"0002_b.sql",
        "-- no transaction\n-- up\nCREATE TABLE b (id int);\nINSERT INTO b SELECT id FROM a;\n"
        "CREATE INDEX CONCURRENTLY b_id ON b (id);\nVACUUM b;\nINSERT INTO b VALUES (3);"},
       {"0003_c.sql", "-- up\nCREATE TABLE c (id int);\nINSERT INTO c SELECT count(*) FROM b;"}});
}

// All is as it is meant to be, and was done once.
void check_done(const hewn::postgres::database& db) {
  CHECK(number(db, "SELECT count(*) FROM hewn_migrations") == 3);
  CHECK(number(db, "SELECT count(*) FROM hewn_migration_steps") == 0);
  CHECK(number(db, "SELECT count(*) FROM b") == 3);
  CHECK(number(db, "SELECT sum(id) FROM c") == 3);
  CHECK(number(db,
               "SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indrelid = "
               "'b'::regclass") == 0);
}

// Those that are left when sessions have had time to end.
std::int64_t locks(const hewn::postgres::database& db) {
  std::int64_t left = 1;
  for (int i = 0; i != 300 && left != 0; ++i) {
    left = number(db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'");
    if (left != 0) usleep(10'000);
  }
  return left;
}

// How many events a run tells of.
int events_of_a_run() {
  int count = 0;
  auto db = support::open_new();
  migrator(db, several(), {.progress = [&](const auto&) { ++count; }}).up();
  return count;
}

template <class Action>
int in_child(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    int code = 1;
    try {
      action();
      code = 0;
    } catch (const std::exception&) {
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("runners that start together apply each migration once", "[s88]") {
  const place where;
  std::vector<pid_t> children;
  for (int i = 0; i != 4; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      try {
        auto db = where.open();
        migrator(db, several()).up();
        _exit(0);
      } catch (const std::exception&) {
        _exit(1);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  check_done(where.open());
}

TEST_CASE("a runner waits for another one, and not for ever") {
  const place where;
  auto db = where.open();
  auto other = where.open();
  hewn::postgres::migration_executor holder(other.connection());
  REQUIRE(holder.try_lock());
  migrator m(db, several(), {.lock_timeout = 100ms});
  for (const auto& refused : {failure_of([&] { m.up(); }), failure_of([&] { m.dry_run(); }),
                              failure_of([&] { m.baseline(1, "a test"); })}) {
    CHECK(refused.code() == errc::busy);
    CHECK(refused.retryable());
    CHECK(says(refused, "another process has been migrating the database"));
  }
  CHECK(m.status().size() == 3);  // to look needs no lock
  holder.unlock();
  m.up();
  CHECK(locks(db) == 0);
  CHECK(support::idle(db));
}

TEST_CASE("a lock that is lost is noticed before the commit") {
  const place where;
  auto db = where.open();
  auto other = where.open();
  migrator m(db, several());
  m.add({.version = 4, .name = "loses", .id = "1", .up = [&](auto& tx) {
           tx.script("CREATE TABLE lost (x int)");
           other.script(
               "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
               "application_name = 'hewn migration lock'");
           CHECK(locks(other) == 0);
         }});
  const auto failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == errc::connection_lost);
  CHECK(says(failure, "the connection that holds the lock of the migrations is lost"));
  CHECK(m.status().at(3).state == hewn::migration_state::pending);
  CHECK(db.connection().native().column_names("lost").empty());
}

TEST_CASE("a process that is killed at any point neither repeats nor loses a migration", "[s92]") {
  const int events = events_of_a_run();
  REQUIRE(events > 10);
  for (int last = 1; last <= events; ++last) {
    CAPTURE(last);
    const place where;
    const int status = in_child([&] {
      auto db = where.open();
      int count = 0;
      migrator(db, several(),
               {.progress =
                    [&](const auto&) {
                      if (++count == last) kill(getpid(), SIGKILL);
                    }})
          .up();
    });
    CHECK(WIFSIGNALED(status));
    auto db = where.open();
    migrator(db, several()).up();
    check_done(db);
    CHECK(locks(db) == 0);
  }
}

TEST_CASE("a connection that is ended at any point leaves a state to go on from", "[s92]") {
  const int events = events_of_a_run();
  for (int last = 1; last <= events; ++last) {
    CAPTURE(last);
    const place where;
    auto other = where.open();
    auto db = where.open();
    const auto pid = number(db, "SELECT pg_backend_pid()");
    int count = 0;
    try {
      migrator(
          db, several(),
          {.progress =
               [&](const auto&) {
                 if (++count != last) return;
                 other.script("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 5000)");
               }})
          .up();
    } catch (const hewn::error& failure) {
      CHECK((failure.code() == errc::connection_lost || failure.code() == errc::commit_in_doubt));
    }
    auto again = where.open();
    migrator(again, several()).up();
    check_done(again);
    CHECK(locks(again) == 0);
  }
}

TEST_CASE("a server that crashes in the middle leaves a state to go on from", "[s92]") {
  support::postgres_server server;
  int events = events_of_a_run();
  for (int last = 1; last <= events; last += 2) {
    CAPTURE(last);
    const std::string schema = support::postgres_server::fresh_name();
    server.run("CREATE SCHEMA " + schema);
    const auto open = [&] { return hewn::postgres::open(server.url(), {.search_path = {schema}}); };
    {
      auto db = open();
      int count = 0;
      try {
        migrator(db, several(),
                 {.progress =
                      [&](const auto&) {
                        if (++count == last) server.stop();
                      }})
            .up();
      } catch (const hewn::error& failure) {
        CHECK((failure.code() == errc::connection_lost || failure.code() == errc::commit_in_doubt));
      }
    }
    server.start();
    auto again = open();
    migrator(again, several()).up();
    check_done(again);
  }
}

TEST_CASE("an index that an interrupted attempt has left is built anew") {
  const place where;
  auto db = where.open();
  db.script("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (1)");
  for (const std::string words : {"", "IF NOT EXISTS "}) {
    CAPTURE(words);
    const auto files = hewn::read_migrations(
        {{"0001_index.sql", "-- no transaction\n-- up\nCREATE UNIQUE INDEX CONCURRENTLY " + words +
                                "t_x ON t (x);\nINSERT INTO t VALUES (2);\n-- down\nDELETE FROM t "
                                "WHERE x = 2;\nDROP INDEX t_x;"}});
    hewn::migration_options all;
    all.approve = [](const hewn::destruction&) { return true; };
    migrator m(db, files, all);
    CHECK(failure_of([&] { m.up(); }).code() == errc::conflict);
    CHECK(
        number(db,
               "SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indrelid = 't'::regclass") ==
        1);
    CHECK(failure_of([&] { m.up(); }).code() == errc::conflict);
    db.script("DELETE FROM t; INSERT INTO t VALUES (1)");
    m.up();
    CHECK(
        number(db,
               "SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indrelid = 't'::regclass") ==
        0);
    CHECK(number(db, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 1);
    CHECK(number(db, "SELECT count(*) FROM t") == 2);
    m.down();
    db.script("DELETE FROM t; INSERT INTO t VALUES (1), (1)");
  }
}

TEST_CASE("an index that was built and not recorded is taken for built") {
  const place where;
  auto db = where.open();
  const std::string sql = "CREATE INDEX CONCURRENTLY b_id ON b (id)";
  migrator m(db, several());
  bool begun = false;
  const auto file = several();
  migrator interrupted(db, file, {.progress = [&](const hewn::migration_progress& p) {
                         if (p.version == 2 && p.done == 3 && !begun) begun = true, throw 1;
                       }});
  CHECK_THROWS_AS(interrupted.up(), int);
  db.script("UPDATE hewn_migration_steps SET done = false WHERE step = 3");
  m.up();
  check_done(db);
}

TEST_CASE("an index is found by the name that the server makes of a long one") {
  const place where;
  auto db = where.open();
  db.script("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (1)");
  migrator m(db,
             hewn::read_migrations(
                 {{"0001_index.sql", "-- no transaction\n-- up\nCREATE UNIQUE INDEX CONCURRENTLY " +
                                         std::string(70, 'i') + " ON t (x);"}}));
  CHECK(failure_of([&] { m.up(); }).code() == errc::conflict);
  db.script("DELETE FROM t");
  m.up();
  CHECK(number(db, "SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid = 't'::regclass") ==
        1);
}

TEST_CASE("what an interrupted reindexing has left is cleared away") {
  for (const std::string what : {"TABLE CONCURRENTLY t", "INDEX CONCURRENTLY t_x"}) {
    CAPTURE(what);
    const place where;
    auto db = where.open();
    db.script("CREATE TABLE t (x int); CREATE INDEX t_x ON t (x)");
    const auto files = hewn::read_migrations(
        {{"0001_a.sql", "-- no transaction\n-- up\nREINDEX " + what + ";\nSELECT 1;"}});
    migrator interrupted(db, files, {.progress = [](const hewn::migration_progress& p) {
                           if (p.what == hewn::migration_progress::statement) throw 1;
                         }});
    CHECK_THROWS_AS(interrupted.up(), int);
    db.script("UPDATE hewn_migration_steps SET done = false; INSERT INTO t VALUES (1), (1)");
    failure_of([&] { db.script("CREATE UNIQUE INDEX CONCURRENTLY t_x_ccnew ON t (x)"); });
    CHECK(number(db, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 2);
    migrator(db, files).up();
    CHECK(number(db, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 1);
  }
}

TEST_CASE("a runner whose own connection has died while it waited is told so") {
  const place where;
  auto db = where.open();
  auto& native = db.connection().native();
  hewn::postgres::detail::migration_lock lock;
  REQUIRE(lock.try_lock(native));
  lock.unlock();
  const auto backend = db.one<std::string>(hewn::sql<"SELECT pg_backend_pid()::text">);
  where.open().script("SELECT pg_terminate_backend(" + backend + ", 5000)");
  CHECK(failure_of([&] { lock.try_lock(native); }).code() == errc::connection_lost);
}

TEST_CASE("what others have made is not taken for the migration's own") {
  const place where;
  auto db = where.open();
  db.script("CREATE TABLE t (x int, y int); CREATE INDEX t_x ON t (y)");
  migrator m(db, hewn::read_migrations({{"0001_index.sql",
                                         "-- no transaction\n-- up\nCREATE INDEX CONCURRENTLY t_x "
                                         "ON t (x);"}}));
  failure_of([&] { m.up(); });
  failure_of([&] { m.up(); });
  migrator unnamed(db, hewn::read_migrations({{"0001_index.sql",
                                               "-- no transaction\n-- up\nCREATE INDEX "
                                               "CONCURRENTLY ON t (x);"}}));
  CHECK(says(failure_of([&] { unnamed.up(); }), "has no name by which an interrupted attempt"));
}

TEST_CASE("what runs in no transaction and may destroy is asked about unseen") {
  auto db = support::open_new();
  const std::string name = support::postgres_server::fresh_name();
  db.script("CREATE TABLE t (x int); INSERT INTO t VALUES (1)");
  db.script("CREATE DATABASE " + name);
  const std::string text =
      "-- no transaction\n-- up\nDELETE FROM t;\nDROP DATABASE " + name + ";\nVACUUM t;";
  const auto files = hewn::read_migrations({{"0001_drop.sql", text}});
  migrator m(db, files);
  const auto dry = m.dry_run();
  REQUIRE(dry.failure.has_value());
  CHECK(says(*dry.failure,
             "cannot be tried out in a transaction, because the statement at 0001_drop.sql:4 runs "
             "outside of transactions"));
  REQUIRE(dry.results.size() == 1);
  CHECK(dry.results[0].losses.size() == 2);
  const std::string there = "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'";
  CHECK(failure_of([&] { m.up(); }).code() == errc::approval_required);
  CHECK(number(db, there) == 1);
  CHECK(number(db, "SELECT count(*) FROM t") == 1);
  migrator allowed(
      db, files,
      {.approvals = {m.approve(dry.results[0], "a test wants it", {.approver = "ada"})}});
  CHECK(allowed.up().results.at(0).losses.size() == 2);
  CHECK(number(db, there) == 0);
}

TEST_CASE("a value of an enumeration is used by a later step") {
  auto db = support::open_new();
  const std::string text =
      "-- up\nALTER TYPE mood ADD VALUE 'fine';\nINSERT INTO t VALUES ('fine');";
  db.script("CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (m mood)");
  migrator together(db, hewn::read_migrations({{"0001_fine.sql", text}}));
  CHECK(says(failure_of([&] { together.up(); }), "use it in the next transaction"));
  migrator(db, hewn::read_migrations({{"0001_fine.sql", "-- no transaction\n" + text}})).up();
  CHECK(number(db, "SELECT count(*) FROM t") == 1);
}

TEST_CASE("a statement that runs in no transaction says which line is missing") {
  auto db = support::open_new();
  migrator m(db, hewn::read_migrations({{"0001_v.sql", "-- up\nVACUUM;"}}));
  CHECK(says(failure_of([&] { m.up(); }), "-- no transaction"));
}

TEST_CASE("a session is as it was behind a migration") {
  const place where;
  auto db = where.open();
  db.script("CREATE TEMP TABLE mine (x int); SET work_mem = '5MB'; LISTEN mine");
  const std::string leaves =
      "SET work_mem = '6MB';\nSET search_path = pg_catalog;\nSET ROLE pg_monitor;\nRESET ROLE;\n"
      "CREATE TEMP TABLE theirs (x int);\nPREPARE theirs AS SELECT 1;\nLISTEN theirs;\nSELECT "
      "pg_advisory_lock(42), pg_advisory_lock_shared(42) FROM generate_series(1, 9);\nSET "
      "lock_timeout = '3s';\n";
  for (const std::string head : {"", "-- no transaction\n"}) {
    CAPTURE(head);
    migrator m(db, hewn::read_migrations(
                       {{"0001_leaves.sql", head + "-- up\n" + leaves + "-- down\nSELECT 1;"}}));
    m.up();
    CHECK(db.one<std::string>(hewn::sql<"SHOW work_mem">) == "5MB");
    CHECK(db.one<std::string>(hewn::sql<"SHOW lock_timeout">) == "0");
    CHECK(db.one<std::string>(hewn::sql<"SELECT current_user::text">) == "postgres");
    CHECK(db.one<std::string>(hewn::sql<"SHOW search_path">).find("pg_catalog") ==
          std::string::npos);
    CHECK(number(db, "SELECT count(*) FROM mine") == 0);
    CHECK(number(db, "SELECT count(*) FROM pg_class WHERE relname = 'theirs'") == 0);
    CHECK(number(db, "SELECT count(*) FROM pg_prepared_statements WHERE name = 'theirs'") == 0);
    CHECK(db.all<std::string>(hewn::sql<"SELECT c FROM pg_listening_channels() AS c">) ==
          std::vector<std::string>{"mine"});
    CHECK(locks(db) == 0);
    m.down();
  }
}

TEST_CASE("deferred foreign keys are checked at the end, in a dry run too") {
  auto db = support::open_new();
  db.script(
      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE "
      "INITIALLY DEFERRED)");
  migrator m(db, hewn::read_migrations({{"0001_good.sql",
                                         "-- up\nINSERT INTO c VALUES (1);\nINSERT INTO p VALUES "
                                         "(1);"},
                                        {"0002_bad.sql", "-- up\nINSERT INTO c VALUES (2);"}}));
  const auto dry = m.dry_run();
  CHECK(dry.results.size() == 1);
  REQUIRE(dry.failure.has_value());
  CHECK(says(*dry.failure, "migration 2 (bad) failed in the checks at the end of its transaction"));
  const auto failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == errc::foreign_key);
  CHECK(says(failure, "migration 2 (bad) failed in the checks at the end of its transaction"));
  CHECK(number(db, "SELECT count(*) FROM c") == 1);
}

TEST_CASE("what no migration on PostgreSQL can do is refused with a sentence") {
  auto db = support::open_new();
  const auto refused = [&](const std::string& text) {
    return failure_of([&] {
      migrator m(db, hewn::read_migrations({{"0001_x.sql", text}}));
      m.up();
    });
  };
  CHECK(says(refused("-- foreign keys off\n-- up\nSELECT 1;"),
             "PostgreSQL does not switch foreign keys off"));
  CHECK(says(refused("-- up\nCREATE TABLE t (x int);\nCOPY t FROM STDIN;\n1\n\\.\n"),
             "0001_x.sql:3 copies rows from the client"));
  CHECK(says(refused("-- up\nBEGIN;\nSELECT 1;\nCOMMIT;"), "begins or ends a transaction"));
  CHECK(says(refused("-- up\nDO $$ BEGIN COMMIT; END $$;"), "failed in 0001_x.sql:2"));
}

namespace {

struct user {
  std::int64_t id = 0;
  std::string name;
};

}  // namespace

TEST_CASE("migrations are compared with structs") {
  auto db = support::open_new();
  const std::string text =
      "-- up\nCREATE TABLE \"user\" (id bigint GENERATED BY DEFAULT AS IDENTITY "
      "PRIMARY KEY, name text";
  const auto files = [&](const std::string& end) {
    const std::string whole = text + end;
    return hewn::read_migrations({{"0001_user.sql", whole}});
  };
  migrator right(db, files(" NOT NULL);"));
  hewn::expect_migrations_reach<user>(db, right);
  auto other = support::open_new();
  migrator wrong(other, files(");"));
  CHECK(failure_of([&] { hewn::expect_migrations_reach<user>(other, wrong); }).code() ==
        errc::schema_mismatch);
}

TEST_CASE("the history is no part of anybody's schema, and lies in the schema of the tables") {
  const place where;
  auto db = where.open();
  migrator(db, several()).up();
  CHECK(number(db,
               "SELECT count(*) FROM pg_tables WHERE tablename IN ('hewn_migrations', "
               "'hewn_migration_steps') AND schemaname = current_schema()") == 2);
  struct a {
    int id = 0;
  };
  CHECK(report(hewn::plan_sync<a>(db)).find("hewn_migration") == std::string::npos);
}

TEST_CASE("behind pgbouncer migrations have two connections, or say so") {
  const std::string name = support::postgres_server::fresh_name();
  support::postgres_server::get().run("CREATE DATABASE " + name);
  {
    const support::pgbouncer two(2);
    auto db = hewn::postgres::open(two.url(name), {.transaction_pooling = true});
    migrator(db, several()).up();
    check_done(db);
  }
  const support::pgbouncer one(1);
  auto db = hewn::postgres::open(one.url(name), {.transaction_pooling = true});
  auto files = several();
  files.push_back(hewn::read_migrations({{"0004_d.sql", "-- up\nSELECT 1;"}}).at(0));
  migrator m(db, files);
  const auto failure = failure_of([&] { m.up(); });
  CHECK(says(failure, "let the proxy open at least two server connections"));
  CHECK(number(db, "SELECT 1") == 1);
}

TEST_CASE("the lock outlives the server's patience with idle transactions") {
  const place where;
  auto db = where.open({.idle_in_transaction_timeout = 100ms});
  migrator m(db, hewn::read_migrations(
                     {{"0001_long.sql", "-- up\nSELECT pg_sleep(0.5);\nCREATE TABLE t (x int);"}}));
  CHECK(m.up().results.size() == 1);
}

TEST_CASE("a role that may have no second connection is told so") {
  const place where;
  const std::string role = support::postgres_server::fresh_name();
  support::postgres_server::get().run("CREATE ROLE " + role + " LOGIN CONNECTION LIMIT 1");
  auto db = where.open({.user = role});
  migrator m(db, several());
  CHECK(says(failure_of([&] { m.up(); }),
             "migrations are locked by a second connection, which cannot be opened"));
}

namespace {

// Waits until `sql` is true.
bool becomes_true(const hewn::postgres::database& db, const std::string& sql) {
  for (int i = 0; i != 1000; ++i, usleep(10'000))
    if (number(db, "SELECT (" + sql + ")::int") == 1) return true;
  return false;
}

// A process that builds an index concurrently and is killed while the server waits for `tx`.
void kill_in_the_middle(const place& where, const hewn::postgres::database& db,
                        const std::vector<hewn::migration_file>& files) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      auto own = where.open();
      migrator(own, files).up();
    } catch (const std::exception&) {
    }
    _exit(0);
  }
  CHECK(becomes_true(db,
                     "SELECT count(*) = 1 FROM pg_stat_progress_create_index WHERE phase LIKE "
                     "'waiting%'"));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace

TEST_CASE("a process that is killed while the server builds an index leaves no broken one") {
  const place where;
  auto db = where.open();
  auto other = where.open();
  db.script("CREATE TABLE t (x int); INSERT INTO t VALUES (1)");
  const auto files = hewn::read_migrations({{"0001_index.sql",
                                             "-- no transaction\n-- up\nCREATE INDEX CONCURRENTLY "
                                             "t_x ON t (x);\nINSERT INTO t VALUES (2);"}});
  migrator m(db, files);
  SECTION("the server goes on") {
    {
      auto tx = other.begin();
      tx.script("INSERT INTO t VALUES (3)");
      kill_in_the_middle(where, db, files);
      const auto busy = failure_of([&] { m.up(); });
      CHECK(busy.code() == errc::busy);
      CHECK(busy.retryable());
      CHECK(says(busy, "the server is still building the index t_x"));
    }
    CHECK(becomes_true(db, "SELECT count(*) = 0 FROM pg_stat_progress_create_index"));
  }
  SECTION("the server is stopped, too") {
    auto tx = other.begin();
    tx.script("INSERT INTO t VALUES (3)");
    kill_in_the_middle(where, db, files);
    db.script("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_progress_create_index");
    CHECK(
        number(db,
               "SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indrelid = 't'::regclass") ==
        1);
  }
  CHECK(m.up().results.size() == 1);
  CHECK(number(db,
               "SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indrelid = 't'::regclass") ==
        0);
  CHECK(number(db, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 1);
  CHECK(number(db, "SELECT count(*) FROM t WHERE x = 2") == 1);
  CHECK(locks(db) == 0);
}
