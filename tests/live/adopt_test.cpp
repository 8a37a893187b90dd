// tests/live/adopt_test.cpp - histories that other migration tools have left, on both databases.
// SPDX-License-Identifier: BSL-1.0
//
// The tables and rows are those that the tools themselves made of three migrations, two of them
// applied where nothing else is said: goose 3.14.0, golang-migrate 4.17.1, Flyway 10.22.0, TypeORM
// 1.1.1, Alembic 1.19.1. Those of sqlx and Diesel are made by the statements in the sources of sqlx
// 0.9.0-alpha.1 and Diesel 2.3.12, and their rows are written by hand.
#include <hewn/migrate.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using hewn::errc;
using hewn::migrator;
using support::failure_of;
using support::on_postgres;
using support::open_new;
using support::says;

namespace {

using versions = std::vector<std::int64_t>;
using texts = std::vector<std::string>;

/// Migrations with these file names, each of which makes a table t1, t2, ...
std::vector<hewn::migration_file> files(const texts& names) {
  texts bodies;
  for (std::size_t i = 0; i != names.size(); ++i)
    bodies.push_back("-- up\nCREATE TABLE t" + std::to_string(i + 1) +
                     " (id INTEGER);\n-- down\nDROP TABLE t" + std::to_string(i + 1) + ";");
  std::vector<hewn::migration_text> sources;
  for (std::size_t i = 0; i != names.size(); ++i) sources.push_back({names[i], bodies[i]});
  return hewn::read_migrations(sources);
}

std::vector<hewn::migration_file> three() {
  return files({"0001_create_users.sql", "0002_create_teams.sql", "0003_create_roles.sql"});
}

versions applied(const support::database& db) {
  return db.all<std::int64_t>(hewn::dynamic_sql("SELECT version FROM hewn_migrations ORDER BY id"));
}

texts reasons(const support::database& db) {
  return db.all<std::string>(hewn::dynamic_sql("SELECT reason FROM hewn_migrations ORDER BY id"));
}

texts times(const support::database& db) {
  return db.all<std::string>(
      hewn::dynamic_sql(on_postgres ? "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD "
                                      "HH24:MI:SS') FROM hewn_migrations ORDER BY id"
                                    : "SELECT substr(at, 1, 19) FROM hewn_migrations ORDER BY id"));
}

versions run_of(const hewn::migration_report& report) {
  versions out;
  for (const auto& r : report.results) out.push_back(r.version);
  return out;
}

/// The same table on both databases.
struct history_table {
  std::string_view sqlite;
  std::string_view postgres;
};

support::database database_with(const history_table& table, std::string_view rows) {
  auto db = open_new();
  db.script(on_postgres ? table.postgres : table.sqlite);
  db.script(rows);
  return db;
}

/// The sentence of what cannot be adopted, of which nothing is recorded.
template <class Migrator>
hewn::error refused(const support::database& db, Migrator& m, std::string_view table) {
  hewn::error failure = failure_of([&] { m.adopt(table); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(db.connection().native().column_names("hewn_migrations").empty());
  return failure;
}

constexpr history_table goose{
    "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT "
    "NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))",
    "CREATE TABLE goose_db_version (id serial NOT NULL, version_id bigint NOT NULL, is_applied "
    "boolean NOT NULL, tstamp timestamp NULL default now(), PRIMARY KEY (id))"};

constexpr std::string_view goose_rows =
    "INSERT INTO goose_db_version VALUES (1, 0, TRUE, '2026-12-01 02:39:38.794642'), (2, 1, TRUE, "
    "'2026-12-01 02:39:38.800252'), (3, 2, TRUE, '2026-12-01 02:39:38.807951')";

constexpr history_table golang_migrate{
    "CREATE TABLE schema_migrations (version uint64,dirty bool); CREATE UNIQUE INDEX "
    "version_unique ON schema_migrations (version)",
    "CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)"};

constexpr history_table flyway{
    "CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version "
    "VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script "
    "VARCHAR(1000) NOT NULL, checksum INT, installed_by VARCHAR(100) NOT NULL, installed_on TEXT "
    "NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), execution_time INT NOT NULL, success "
    "BOOLEAN NOT NULL)",
    "CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version "
    "VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script "
    "VARCHAR(1000) NOT NULL, checksum INTEGER, installed_by VARCHAR(100) NOT NULL, installed_on "
    "TIMESTAMP NOT NULL DEFAULT now(), execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL)"};

constexpr std::string_view flyway_baseline_rows =
    "INSERT INTO flyway_schema_history VALUES (0, NULL, '<< Flyway Schema Creation >>', "
    "'SCHEMA', '\"app\"', NULL, 'app', '2026-12-01 02:49:47', 0, TRUE), (1, '2', '<< Flyway "
    "Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL, 'app', '2026-12-01 02:49:47.477', "
    "0, TRUE), (2, '3', 'another name', 'SQL', 'V3__another_name.sql', 1875095601, 'app', "
    "'2026-12-01 02:49:48', 12, TRUE)";

constexpr history_table sqlx{
    "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, "
    "installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum "
    "BLOB NOT NULL, execution_time BIGINT NOT NULL)",
    "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, "
    "installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT "
    "NULL, execution_time BIGINT NOT NULL)"};

constexpr history_table diesel{
    "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on "
    "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on "
    "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"};

constexpr history_table typeorm{
    "CREATE TABLE migrations (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, \"timestamp\" bigint "
    "NOT NULL, name varchar NOT NULL)",
    "CREATE TABLE migrations (id SERIAL NOT NULL PRIMARY KEY, \"timestamp\" bigint NOT NULL, name "
    "character varying NOT NULL)"};

constexpr std::string_view typeorm_rows =
    "INSERT INTO migrations VALUES (1, 1699999999999, 'CreateUsers1699999999999'), (2, "
    "1700000000000, 'CreateTeams1700000000000')";

constexpr history_table alembic{
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT "
    "alembic_version_pkc PRIMARY KEY (version_num))",
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT "
    "alembic_version_pkc PRIMARY KEY (version_num))"};

}  // namespace

TEST_CASE("the history of goose is taken over", "[adopt]") {
  auto db = database_with(goose, goose_rows);
  migrator m(db, three());
  CHECK(m.adopt("goose_db_version") == 2);
  CHECK(m.adopt("goose_db_version") == 0);
  CHECK(applied(db) == versions{1, 2});
  CHECK(times(db) == texts{"2026-12-01 02:39:38", "2026-12-01 02:39:38"});
  CHECK(reasons(db) == texts(2, "adopted from goose_db_version"));
  CHECK(run_of(m.up()) == versions{3});
  m.require_current();
}

TEST_CASE("the last row of a version of goose tells whether it is applied", "[adopt]") {
  auto db = database_with(goose, goose_rows);
  // goose's predecessors added such rows where it deletes the ones that there are.
  db.script(
      "INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (4, 3, TRUE), (5, 2, "
      "FALSE), (6, 3, FALSE), (7, 3, TRUE)");
  migrator m(db, three());
  CHECK(m.adopt("goose_db_version") == 2);
  CHECK(applied(db) == versions{1, 3});
  CHECK(failure_of([&] { m.up(); }).code() == errc::usage);  // 2 is out of order
}

TEST_CASE("an empty history is one, and nothing is applied", "[adopt]") {
  auto db = database_with(goose, "INSERT INTO goose_db_version VALUES (1, 0, TRUE, NULL)");
  db.script(on_postgres ? golang_migrate.postgres : golang_migrate.sqlite);
  migrator m(db, three());
  CHECK(m.adopt("goose_db_version") == 0);
  CHECK(m.adopt("schema_migrations") == 0);
  CHECK(run_of(m.up()) == versions{1, 2, 3});
}

TEST_CASE("the one row of golang-migrate stands for all versions up to it", "[adopt]") {
  auto db = database_with(golang_migrate, "INSERT INTO schema_migrations VALUES (2, FALSE)");
  migrator m(db, three());
  CHECK(m.adopt("schema_migrations") == 2);
  CHECK(reasons(db) == texts{"adopted from schema_migrations, covered by its 2",
                             "adopted from schema_migrations"});
  CHECK(run_of(m.up()) == versions{3});
}

TEST_CASE("a dirty database of golang-migrate is not taken over", "[adopt]") {
  auto db = database_with(golang_migrate, "INSERT INTO schema_migrations VALUES (3, TRUE)");
  migrator m(db, three());
  CHECK(says(refused(db, m, "schema_migrations"),
             "schema_migrations is dirty at version 3, because a migration failed there"));
  // What it writes when the way back of the first one fails.
  db.script("UPDATE schema_migrations SET version = -1");
  CHECK(says(refused(db, m, "schema_migrations"), "is dirty at version -1"));
  db.script("UPDATE schema_migrations SET version = 7, dirty = FALSE");
  CHECK(says(refused(db, m, "schema_migrations"), "that are not there (7)"));
  db.script("INSERT INTO schema_migrations VALUES (1, FALSE)");
  CHECK(says(refused(db, m, "schema_migrations"), "several rows where golang-migrate keeps one"));
}

TEST_CASE("the history of Flyway is taken over by names where versions have dots", "[adopt]") {
  auto db = database_with(
      flyway,
      "INSERT INTO flyway_schema_history VALUES (1, '1', 'create users', 'SQL', "
      "'V1__create_users.sql', -1623917818, 'postgres', '2026-12-01 02:49:20.429915', 24, TRUE), "
      "(2, '1.2', 'create teams', 'SQL', 'V1.2__create_teams.sql', 1875095601, 'postgres', "
      "'2026-12-01 02:49:20.502176', 12, TRUE), (3, '20240102.03', 'create roles', 'SQL', "
      "'V20240102.03__create_roles.sql', -510309851, 'postgres', '2026-12-01 02:49:20.542191', 10, "
      "TRUE), (4, NULL, 'everyone', 'SQL', 'R__everyone.sql', 1133201262, 'postgres', '2026-12-01 "
      "02:49:20.570205', 10, TRUE)");
  const texts names = {"0001_create_users.sql", "0002_create_teams.sql", "0003_create_roles.sql"};
  {
    migrator m(db, files({names[0], names[1], "0003_make_roles.sql"}));
    CHECK(says(refused(db, m, "flyway_schema_history"), "that are not there (20240102.03)"));
    migrator same(db,
                  files({names[0], names[1], "0003_create_roles.sql", "0004_create_roles.sql"}));
    CHECK(says(refused(db, same, "flyway_schema_history"), "have the name (20240102.03)"));
  }
  SECTION("what runs again whenever it changes is left out") {
    migrator m(db, three());
    CHECK(m.adopt("flyway_schema_history") == 3);
    CHECK(applied(db) == versions{1, 2, 3});
    CHECK(reasons(db) == texts{"adopted from flyway_schema_history, checksum there -1623917818",
                               "adopted from flyway_schema_history, checksum there 1875095601",
                               "adopted from flyway_schema_history, checksum there -510309851"});
    CHECK(times(db) == texts(3, "2026-12-01 02:49:20"));
    CHECK(m.up().empty());
  }
  SECTION("unless a migration has its name") {
    migrator m(db, files({names[0], names[1], names[2], "0004_everyone.sql"}));
    CHECK(m.adopt("flyway_schema_history") == 4);
    m.require_current();
  }
}

TEST_CASE("the history of Flyway is taken over by numbers where all are whole", "[adopt]") {
  auto db = database_with(flyway, flyway_baseline_rows);
  SECTION("a baseline covers what comes before it") {
    migrator m(db, three());
    CHECK(m.adopt("flyway_schema_history") == 3);
    CHECK(reasons(db) == texts{"adopted from flyway_schema_history, covered by its 2",
                               "adopted from flyway_schema_history, covered by its 2",
                               "adopted from flyway_schema_history, checksum there 1875095601"});
    m.require_current();
  }
  SECTION("what was undone or deleted is pending, and may be applied again") {
    const std::string type = GENERATE("UNDO_SQL", "DELETE");
    db.script("INSERT INTO flyway_schema_history VALUES (3, '3', 'another name', '" + type +
              "', 'U3__another_name.sql', 1, 'app', '2026-12-01', 12, TRUE)");
    migrator m(db, three());
    CHECK(m.adopt("flyway_schema_history") == 2);
    db.script(
        "INSERT INTO flyway_schema_history VALUES (4, '3', 'another name', 'SQL', 'V3.sql', 5, "
        "'app', '2026-12-02', 12, TRUE)");
    CHECK(m.adopt("flyway_schema_history") == 1);
  }
  SECTION("a baseline among versions with dots covers nobody knows what") {
    db.script("UPDATE flyway_schema_history SET version = '3.1' WHERE version = '3'");
    migrator m(db, files({"0001_a.sql", "0002_another_name.sql"}));
    CHECK(says(refused(db, m, "flyway_schema_history"), "call baseline()"));
  }
  SECTION("a migration that failed stands in the way") {
    db.script(
        "INSERT INTO flyway_schema_history VALUES (3, '20240102.04', 'nonsense', 'SQL', "
        "'V20240102.04__nonsense.sql', -1092534041, '', '2026-12-01 02:49:45.943', 35, FALSE)");
    migrator m(db, three());
    CHECK(says(refused(db, m, "flyway_schema_history"),
               "records migrations that failed (20240102.04); undo what they left"));
  }
}

TEST_CASE("the history of sqlx is taken over", "[adopt]") {
  const std::string first =
      "bf56d804b4fa9e24aa2a3c122aaf2a88eea1e9f13d33cb772d90e0e8fa668bdf8f1ebb8de95be124e4681305e616"
      "e8f7";
  const std::string blob = on_postgres ? "decode('" + first + "', 'hex')" : "x'" + first + "'";
  auto db = database_with(sqlx,
                          "INSERT INTO _sqlx_migrations VALUES (20240101120000, 'create users', "
                          "'2024-01-02 03:04:05', TRUE, " +
                              blob +
                              ", 1500000), (20240102120000, 'create teams', '2024-01-02 "
                              "03:04:06', TRUE, " +
                              blob + ", -1)");
  const auto known = files({"20240101120000_create_users.sql", "20240102120000_create_teams.sql",
                            "20240103120000_create_roles.sql"});
  migrator m(db, known);
  SECTION("with the checksums") {
    CHECK(m.adopt("_sqlx_migrations") == 2);
    CHECK(applied(db) == versions{20240101120000, 20240102120000});
    CHECK(reasons(db) == texts(2, "adopted from _sqlx_migrations, checksum there " + first));
    CHECK(run_of(m.up()) == versions{20240103120000});
  }
  SECTION("unless one failed") {
    db.script("UPDATE _sqlx_migrations SET success = FALSE WHERE version = 20240102120000");
    CHECK(says(refused(db, m, "_sqlx_migrations"), "that failed (20240102120000)"));
  }
  SECTION("unless its version is none of hewn's") {
    db.script("UPDATE _sqlx_migrations SET version = 0 WHERE version = 20240101120000");
    CHECK(says(refused(db, m, "_sqlx_migrations"), "that are not there (0)"));
  }
}

TEST_CASE("the history of Diesel is taken over", "[adopt]") {
  auto db = database_with(
      diesel,
      "INSERT INTO __diesel_schema_migrations VALUES ('00000000000000', '2024-01-02 03:04:05'), "
      "('20240101120000', '2024-01-02 03:04:06'), ('20240102120000', '2024-01-02 03:04:07')");
  const auto known = files({"20240101120000_create_users.sql", "20240102120000_create_teams.sql",
                            "20240103120000_create_roles.sql"});
  migrator m(db, known);
  SECTION("without its own entry") {
    CHECK(m.adopt("__diesel_schema_migrations") == 2);
    CHECK(times(db) == texts{"2024-01-02 03:04:06", "2024-01-02 03:04:07"});
    CHECK(run_of(m.up()) == versions{20240103120000});
  }
  SECTION("unless a version is no number, or nobody's") {
    db.script("INSERT INTO __diesel_schema_migrations (version) VALUES ('20240103120000a'), ('9')");
    CHECK(says(refused(db, m, "__diesel_schema_migrations"),
               "that are not there (20240103120000a, 9)"));
  }
}

TEST_CASE("the history of TypeORM is taken over by numbers or names", "[adopt]") {
  auto db = database_with(typeorm, typeorm_rows);
  SECTION("by its timestamps") {
    migrator m(db, files({"1699999999999_users.sql", "1700000000000_teams.sql",
                          "1700000100000_roles.sql"}));
    CHECK(m.adopt("migrations") == 2);
    CHECK(applied(db) == versions{1699999999999, 1700000000000});
    CHECK(reasons(db) == texts(2, "adopted from migrations"));
    CHECK(run_of(m.up()) == versions{1700000100000});
  }
  SECTION("by the names of its classes") {
    migrator m(db, three());
    CHECK(m.adopt("migrations") == 2);
    CHECK(applied(db) == versions{1, 2});
  }
  SECTION("unless one is there twice") {
    db.script("INSERT INTO migrations VALUES (3, 1700000000000, 'CreateTeams1700000000000')");
    migrator m(db, three());
    CHECK(says(refused(db, m, "migrations"), "records migrations twice (1700000000000)"));
  }
}

TEST_CASE("the head of Alembic stands for all revisions up to it", "[adopt]") {
  auto db = database_with(alembic, "INSERT INTO alembic_version VALUES ('1975ea83b712')");
  SECTION("by a file that begins with the revision") {
    migrator m(db, files({"0001_8d3f0c2b1a47_users.sql", "0002_1975ea83b712_teams.sql",
                          "0003_ae1027a6acf0_roles.sql"}));
    CHECK(m.adopt("alembic_version") == 2);
    CHECK(reasons(db) == texts{"adopted from alembic_version, covered by its 1975ea83b712",
                               "adopted from alembic_version"});
    CHECK(run_of(m.up()) == versions{3});
  }
  SECTION("by a file that ends with it, of which there is one") {
    migrator m(db, files({"0001_users.sql", "0002_teams_1975ea83b712.sql", "0003_roles.sql"}));
    CHECK(m.adopt("alembic_version") == 2);
  }
  SECTION("unless no file or several have it, or there are several heads") {
    migrator none(db, three());
    CHECK(says(refused(db, none, "alembic_version"), "that are not there (1975ea83b712)"));
    migrator two(db, files({"0001_1975ea83b712_users.sql", "0002_1975ea83b712_teams.sql"}));
    CHECK(says(refused(db, two, "alembic_version"), "have the name (1975ea83b712)"));
    db.script("INSERT INTO alembic_version VALUES ('bb00bb00bb00')");
    CHECK(says(refused(db, none, "alembic_version"), "alembic_version has several heads"));
  }
}

TEST_CASE("a history is found in another schema and under any name", "[adopt]") {
  auto db = open_new();
  const std::string schema = on_postgres ? "o\"p s?" : "main";
  const std::string name = "the \"goose\" ?.table";
  if (on_postgres) {
    db.script("DROP SCHEMA IF EXISTS \"o\"\"p s?\" CASCADE");
    db.script("CREATE SCHEMA \"o\"\"p s?\"");
  }
  const std::string quoted = hewn::quote_identifier(schema) + "." + hewn::quote_identifier(name);
  db.script("CREATE TABLE " + quoted +
            " (id INTEGER PRIMARY KEY, version_id BIGINT, is_applied BOOLEAN)");
  db.script("INSERT INTO " + quoted + " VALUES (1, 1, TRUE)");
  migrator m(db, three());
  CHECK(m.adopt(schema + "." + name) == 1);
  CHECK(reasons(db) == texts{"adopted from " + schema + "." + name});
  CHECK(says(failure_of([&] { m.adopt(schema + ".none"); }), "there is no table " + schema));
  CHECK(says(failure_of([&] { m.adopt("nowhere.none"); }), "there is no table nowhere.none"));
  CHECK(says(failure_of([&] { m.adopt("."); }), "there is no table . to adopt"));
}

TEST_CASE("what hewn has undone since is not taken over again", "[adopt]") {
  auto db = database_with(goose, goose_rows);
  db.script("CREATE TABLE t1 (id INTEGER); CREATE TABLE t2 (id INTEGER)");
  migrator m(db, three());
  CHECK(m.adopt("goose_db_version") == 2);
  m.down();
  CHECK(m.adopt("goose_db_version") == 0);
  CHECK(run_of(m.up()) == versions{2, 3});
}

TEST_CASE("a table that is no history is refused in one sentence", "[adopt]") {
  auto db = open_new();
  db.script(
      "CREATE TABLE people (id INTEGER, name TEXT); CREATE TABLE visits (id INTEGER, "
      "\"timestamp\" BIGINT, name TEXT)");
  for (int i = 1; i <= 25; ++i)
    db.script("INSERT INTO visits VALUES (" + std::to_string(i) + ", " + std::to_string(1000 + i) +
              ", 'Ada')");
  migrator m(db, three());
  CHECK(says(refused(db, m, "people"), "people is no migration history that can be adopted"));
  CHECK(says(refused(db, m, "visits"), "1019, 1020 and 5 more)"));
  CHECK(says(refused(db, m, "none"), "there is no table none to adopt"));
}
