// tests/any/any_test.cpp - a database that is chosen when the program runs.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/any.hpp>
#include <hewn/any/pool.hpp>

#include <hewn/migrate.hpp>
#include <hewn/sqlite/restore.hpp>

#include <support/failure.hpp>
#include <support/postgres_server.hpp>
#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

enum class state { on, off };

struct lamp {
  std::int64_t id = 0;
  std::string name;
  state now = state::off;
  std::optional<double> watts;
  hewn::timestamp created_at{};
  static consteval auto table() {
    return hewn::table("lamps").unique<&lamp::name>().created<&lamp::created_at>();
  }
};

/// The URL of a new schema in the server of this program.
std::string new_schema() {
  const auto& server = support::postgres_server::get();
  server.run("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public");
  return "postgresql://postgres@/postgres?host=" + server.folder();
}

/// One function for both, compiled once.
void light(const hewn::any::database& db) {
  CHECK_FALSE(hewn::sync<lamp>(db).empty());
  CHECK(hewn::sync<lamp>(db).empty());
  std::vector<lamp> lamps{{.name = "a", .watts = 1.5}, {.name = "b", .now = state::on}};
  CHECK(db.insert_many(lamps) == 2);
  CHECK(lamps[1].id == 2);
  CHECK(db.get<lamp>(1).watts == 1.5);
  CHECK(db.count(from<lamp>.where(col<&lamp::now>.in({state::on}))) == 1);
  CHECK(db.count(from<lamp>.where(col<&lamp::watts> == std::optional<double>())) == 1);
  CHECK(failure_of([&] { db.insert(lamp{.name = "a"}); }).is<&lamp::name>());
  db.transaction([](auto& tx) {
    tx.insert(lamp{.name = "c"});
    CHECK_FALSE(tx.try_transaction([](auto& inner) { inner.insert(lamp{.name = "c"}); }));
  });
  CHECK_FALSE(db.try_read([](auto& tx) { tx.insert(lamp{.name = "d"}); }));
  int rows = 0;
  for (const lamp& l : db.each(from<lamp>.order_by(col<&lamp::id>)))
    rows += db.get<lamp>(l.id).name == l.name;
  CHECK(rows == 3);
  CHECK(db.all(from<lamp>.order_by(col<&lamp::id>).offset(1))[0].name == "b");
  CHECK(db.one<double>(hewn::sql<"SELECT watts FROM lamps WHERE id = ?">, 1) == 1.5);
  CHECK(failure_of([&] {
          db.all<std::int64_t>(hewn::sql<"SELECT name AS x FROM lamps">);
        }).code() == errc::invalid_data);
}

}  // namespace

TEST_CASE("a URL chooses the database") {
  const support::temporary_file file("any.db");
  const auto in_memory = hewn::open("sqlite::memory:");
  CHECK(in_memory.connection().spoken() == hewn::dialect::sqlite);
  light(in_memory);
  light(hewn::open("sqlite:" + file.path));
  CHECK(hewn::open("sqlite:" + file.path).count<lamp>() == 3);
  const auto on_server = hewn::open(new_schema());
  CHECK(on_server.connection().spoken() == hewn::dialect::postgres);
  light(on_server);
}

TEST_CASE("a kept statement does not write to a table that another connection has made anew",
          "[p:A12][C4]") {
  const support::temporary_file file("any.db");
  const auto db = hewn::open("sqlite:" + file.path);
  light(db);
  lamp kept = db.get<lamp>(1);
  db.update(kept);
  hewn::open("sqlite:" + file.path)
      .script(
          "CREATE TABLE anew (id INTEGER PRIMARY KEY, name NUMERIC NOT NULL UNIQUE, now TEXT NOT "
          "NULL, watts REAL, created_at TEXT NOT NULL); INSERT INTO anew SELECT id, name, now, "
          "watts, created_at FROM lamps; DROP TABLE lamps; "
          "ALTER TABLE anew RENAME TO lamps");
  kept.name = "007";
  const auto failure = failure_of([&] { db.update(kept); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(support::says(failure, "column name is NUMERIC but the field is text"));
  CHECK(db.one<std::string>(hewn::sql<"SELECT name FROM lamps WHERE id = 1">) != "007");
}

TEST_CASE("without a URL the environment chooses") {
  for (const char* name : {"PGHOST", "PGDATABASE", "PGSERVICE", "HEWN_URL"}) unsetenv(name);
  CHECK(failure_of([] { hewn::open(); }).code() == errc::usage);
  setenv("HEWN_URL", "sqlite::memory:", 1);
  CHECK(hewn::open().connection().spoken() == hewn::dialect::sqlite);
  setenv("HEWN_URL", "sqlite:", 1);
  CHECK(support::says(failure_of([] { hewn::open(); }), "the URL in HEWN_URL names no file"));
  // What is passed wins.
  CHECK(hewn::open("sqlite::memory:").connection().spoken() == hewn::dialect::sqlite);
  setenv("HEWN_URL", "", 1);
  setenv("PGHOST", support::postgres_server::get().folder().c_str(), 1);
  setenv("PGUSER", "postgres", 1);
  CHECK(hewn::open().connection().spoken() == hewn::dialect::postgres);
  // So does HEWN_URL over libpq's variables, which fill what a URL leaves out.
  setenv("HEWN_URL", "sqlite::memory:", 1);
  CHECK(hewn::open().connection().spoken() == hewn::dialect::sqlite);
  setenv("HEWN_URL", "postgresql:///postgres", 1);
  CHECK(hewn::open().connection().spoken() == hewn::dialect::postgres);
  unsetenv("HEWN_URL");
  unsetenv("PGHOST");
  unsetenv("PGUSER");
}

TEST_CASE("another URL is refused without being repeated", "[S3]") {
  struct refusal {
    const char* url;
    const char* says;
  };
  const refusal cases[] = {
      {"mysql://u:S3CR3T@h/d", "names no database that is known; write sqlite:PATH"},
      {"S3CR3T", "names no database that is known"},
      {"app.db", "names no database that is known"},
      {"SQLITE:app.db", "names no database that is known"},
      {"postgresql:u:S3CR3T@h/d", "names no database that is known"},
      {"host=h password=S3CR3T", "names no database that is known"},
      {" sqlite:app.db", "names no database that is known"},
      {"sqlite:", "names no file; write sqlite:PATH or sqlite::memory:"},
      {"sqlite:///S3CR3T.db", "write sqlite:PATH"},
      {"sqlite://S3CR3T.db", "write sqlite:PATH"},
      {"postgresql://u:S3CR3T@[h/d", "the connection URL cannot be read"},
      {"postgresql://u:S3CR3T@h:port/d", "cannot be opened"},
      {"postgresql://u:S3CR3T@h/d?nothing=S3CR3T", "the connection URL cannot be read"},
      {"postgresql://u:S3C%R3T@h/d", "the connection URL cannot be read"},
      {"postgres://u:S3CR3T@127.0.0.1:1/d?connect_timeout=2", "cannot be opened"},
      {"postgresql://u:S3CR3T@/d?host=/no/such/folder", "cannot be opened"},
  };
  for (const refusal& r : cases) {
    CAPTURE(r.url);
    const auto failure = failure_of([&] { hewn::open(r.url); });
    CHECK((failure.code() == errc::usage || failure.code() == errc::cannot_open));
    CHECK(support::says(failure, r.says));
    CHECK_FALSE(support::says(failure, "S3CR3T"));
    CHECK(hewn::try_open(r.url).error().code() == failure.code());
  }
}

TEST_CASE("a pool opens what its URL names, and refuses what open refuses") {
  const support::temporary_file file("any_pool.db");
  int opened = 0;
  for (const std::string& url : {"sqlite:" + file.path, new_schema()}) {
    const auto pool =
        hewn::open_pool(url, {.size = 2}, {}, [&](hewn::any::database&) { ++opened; });
    pool.write([](hewn::any::pooled& db) { hewn::sync<lamp>(db); });
    pool.transaction([](hewn::any::transaction& tx) { tx.insert(lamp{.name = "a"}); });
    CHECK(pool.read([](auto& tx) { return tx.template count<lamp>(); }) == 1);
  }
  CHECK(opened == 3);  // a writer and a reader, and one of the equals
  CHECK(failure_of([] { hewn::open_pool("sqlite::memory:"); }).code() == errc::usage);
  CHECK(failure_of([] { hewn::open_pool("sqlite:no/such/folder/x.db"); }).code() ==
        errc::cannot_open);
  const auto unknown = hewn::try_open_pool("mysql://u:S3CR3T@h/d").error();
  CHECK(unknown.code() == errc::usage);
  CHECK_FALSE(support::says(unknown, "S3CR3T"));
}

TEST_CASE("a backup is put back where the URL names SQLite") {
  const support::temporary_file file("any_restore");
  const support::temporary_file kept("any_restore_kept");
  hewn::sqlite::open(kept.path).script("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (7)");
  auto db = hewn::open("sqlite:" + file.path);
  db.script("CREATE TABLE u (y INTEGER)");
  const std::string identity = hewn::identity(db);
  hewn::sqlite::restore(db, kept.path);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT x FROM t">) == 7);
  CHECK(hewn::identity(db) != identity);
  auto server = hewn::open(new_schema());
  const hewn::error failure = failure_of([&] { hewn::sqlite::restore(server, kept.path); });
  CHECK(failure.code() == errc::usage);
  CHECK(std::string_view(failure.what()) ==
        "hewn: a backup of SQLite cannot be restored into PostgreSQL; use pg_restore with what "
        "pg_dump wrote");
}

TEST_CASE("what cannot be opened is named", "[S3][H2]") {
  const auto folder = failure_of([] { hewn::open("sqlite:no/such/folder/x.db"); });
  CHECK(folder.code() == errc::cannot_open);
  CHECK(support::says(folder, "no/such/folder/x.db"));
  const std::string here =
      "postgresql://postgres@/nobody?host=" + support::postgres_server::get().folder() +
      "&password=S3CR3T";
  const auto database = failure_of([&] { hewn::open(here); });
  CHECK(database.code() == errc::cannot_open);
  CHECK(support::says(database, "nobody"));
  CHECK_FALSE(support::says(database, "S3CR3T"));
}

TEST_CASE("a migrator works where the URL names SQLite", "[p:C3]") {
  const support::temporary_file file("migrated.db");
  const auto files = hewn::read_migrations(
      {{"0001_lamps.sql",
        "-- up\nCREATE TABLE lamps (id INTEGER PRIMARY KEY, name TEXT, watts REAL);\n"
        "INSERT INTO lamps VALUES (1, 'a', 40), (2, 'b', 60);\n-- down\nDROP TABLE lamps;"},
       {"0002_no_watts.sql",
        "-- up\nALTER TABLE lamps DROP COLUMN watts;\n-- down\nALTER TABLE lamps ADD COLUMN watts "
        "REAL;"}});
  const hewn::any::migration in_code{
      .version = 3,
      .name = "code",
      .id = "1",
      .up = [](const auto& tx) { tx.script("UPDATE lamps SET name = upper(name)"); },
      .overwrites = {"lamps.name"}};
  // Once by a database, once by a connection of a pool.
  const auto run = [&](auto& db) {
    hewn::migrator m(db, files);
    m.up_to(1);
    m.add(in_code);
    CHECK(failure_of([&] { m.up(); }).code() == errc::approval_required);
    const auto would = m.dry_run();
    REQUIRE(would.results.size() == 2);
    REQUIRE_FALSE(would.results[0].losses.empty());
    const auto approval = m.approve(would.results[0], "lamps are all alike", {.approver = "ada"});
    hewn::migrator again(db, files, {.approvals = {approval}});
    const auto done = again.up();
    REQUIRE(done.results.size() == 1);
    CHECK(std::filesystem::exists(done.results[0].backup));
    m.up();
    CHECK(m.status().size() == 3);
    CHECK(db.template all<std::string>(hewn::sql<"SELECT name FROM lamps ORDER BY id">) ==
          std::vector<std::string>{"A", "B"});
  };
  SECTION("a database") {
    auto db = hewn::open("sqlite:" + file.path);
    run(db);
  }
  SECTION("a connection of a pool") {
    const auto pool = hewn::open_pool("sqlite:" + file.path);
    auto db = pool.acquire();
    run(db);
  }
  SECTION("in memory") {
    auto db = hewn::open("sqlite::memory:");
    hewn::migrator m(db, files, {.approve = [](const hewn::destruction&) { return true; }});
    CHECK(m.up().results.size() == 2);
    CHECK(m.down().results.size() == 1);
    auto old = hewn::open("sqlite::memory:");
    old.script("CREATE TABLE lamps (id INTEGER PRIMARY KEY, name TEXT)");
    hewn::migrator adopting(old, files);
    adopting.baseline(2, "a test");
    CHECK(adopting.up().empty());
  }
}

TEST_CASE("migrations run on whichever database the URL names", "[p:C3]") {
  const auto files =
      hewn::read_migrations({{"0001_lamps.sql",
                              "-- up\nCREATE TABLE lamps (id INTEGER PRIMARY KEY, name TEXT);\n"
                              "INSERT INTO lamps VALUES (1, 'desk');\n-- down\nDROP TABLE lamps;"},
                             {"0002_fewer.sql", "-- no transaction\n-- up\nDELETE FROM lamps;"}});
  for (const std::string& url : {std::string("sqlite::memory:"), new_schema()}) {
    CAPTURE(url);
    auto db = hewn::open(url);
    hewn::migrator cautious(db, files);
    const auto failure = failure_of([&] { cautious.up(); });
    CHECK(failure.code() == errc::approval_required);
    CHECK(std::string(failure.what()).find("1 row of the table lamps") != std::string::npos);
    hewn::migrator m(db, files, {.approve = [](const hewn::destruction&) { return true; }});
    CHECK(m.dry_run().results.size() == 1);
    CHECK(m.up().results.size() == 1);
    m.require_current();
    CHECK(db.one<int>(hewn::sql<"SELECT CAST(count(*) AS INTEGER) FROM lamps">) == 0);
  }
}
