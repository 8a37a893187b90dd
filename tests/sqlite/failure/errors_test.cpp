// tests/sqlite/failure/errors_test.cpp - result codes of SQLite as hewn's errors.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/pool.hpp>
#include <hewn/sqlite/schema_source.hpp>

#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <fstream>
#include <string>

namespace {

struct parent {
  std::int64_t id = 0;
};

struct child {
  std::int64_t id = 0;
  std::int64_t parent_id = 0;
};

struct guarded_child {
  std::int64_t id = 0;
  std::int64_t parent_id = 0;

  static consteval auto table() {
    return hewn::table().references<&guarded_child::parent_id, &parent::id>(
        hewn::on_delete::restrict);
  }
};

struct document {
  std::int64_t id = 0;
  std::string body;
  std::string kind;

  static consteval auto table() {
    return hewn::table("document")
        .check("is_json", hewn::raw("json_valid(body)"))
        .generated<&document::kind>(hewn::raw("json_extract(body, '$.kind')"))
        .index_on(hewn::name("by_size"), hewn::raw("json_extract(body, '$.size')"));
  }
};

const char* const json_everywhere =
    "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL CHECK (json_valid(body)),"
    " tag TEXT AS (json_extract(body, '$.tag')));"
    "CREATE INDEX by_size ON note (json_extract(body, '$.size')) WHERE json_type(body) = 'object';"
    "CREATE TABLE audit (line TEXT DEFAULT (json_object('by', 'nobody')));"
    "CREATE TRIGGER record AFTER INSERT ON note BEGIN"
    " INSERT INTO audit VALUES (json_object('body', json(new.body))); END;"
    "CREATE VIEW tags AS SELECT note.id, each.value FROM note, json_each(note.body) AS each;"
    "CREATE VIRTUAL TABLE found USING fts5 (body, content='note', content_rowid='id');"
    "CREATE TRIGGER find AFTER INSERT ON note BEGIN"
    " INSERT INTO found (rowid, body) VALUES (new.id, new.body); END;"
    "CREATE TRIGGER lose AFTER DELETE ON note BEGIN"
    " INSERT INTO found (found, rowid, body) VALUES ('delete', old.id, old.body); END;"
    "INSERT INTO note (body) VALUES ('{\"tag\":\"a\",\"size\":1}')";

int called = 0;

void lend(sqlite3* db, int flags) {
  called = 0;
  sqlite3_create_function_v2(
      db, "send", 0, SQLITE_UTF8 | flags, nullptr,
      [](sqlite3_context* context, int, sqlite3_value**) {
        ++called;
        sqlite3_result_int(context, 1);
      },
      nullptr, nullptr, nullptr);
}

}  // namespace

TEST_CASE("a row that is restricted from removal is a foreign key error, not a check") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<parent, guarded_child>(db);
  const auto p = db.insert(parent{});
  db.insert(guarded_child{.parent_id = p.id});
  const auto outcome = hewn::as_result([&] { db.remove(p); });
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == hewn::errc::foreign_key);
  CHECK(db.count<parent>() == 1);
}

TEST_CASE("a trigger that refuses a row is a check") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<parent, child>(db);
  db.script(
      "CREATE TRIGGER guard BEFORE INSERT ON child BEGIN "
      "SELECT RAISE(ABORT, 'no more children'); END");
  const auto outcome = hewn::as_result([&] { db.insert(child{}); });
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == hewn::errc::check);
}

TEST_CASE("JSON in a declaration works on every SQLite", "[p:B1]") {
  const support::temporary_file file("errors_test_json.db");
  const auto db = hewn::sqlite::open(file.path);
  CHECK_FALSE(hewn::sync<document>(db).empty());
  CHECK(hewn::sync<document>(db).empty());
  CHECK(db.insert(document{.body = "{\"kind\":\"a\"}"}).kind == "a");
  CHECK_FALSE(
      support::says(support::failure_of([&] { db.insert(document{.body = "{"}); }), "damaged"));
  CHECK(hewn::sqlite::open(file.path).count<document>() == 1);
}

TEST_CASE("a file with JSON and full text in its schema is sound", "[p:B1]") {
  const support::temporary_file file("errors_test_schema.db");
  support::raw_sqlite(file.path).run(json_everywhere);
  const auto db = hewn::sqlite::open(file.path);
  db.script("INSERT INTO note (body) VALUES ('{\"tag\":\"b\"}')");
  CHECK(db.all<std::string>(hewn::sql<"SELECT tag FROM note ORDER BY id">) ==
        std::vector<std::string>{"a", "b"});
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM audit">) == 2);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT rowid FROM found WHERE found MATCH 'b'">) == 2);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM tags">) == 3);
  db.script("DELETE FROM note WHERE id = 1");
  CHECK(db.one<std::string>(hewn::sql<"PRAGMA integrity_check">) == "ok");
  CHECK(hewn::sqlite::schema_from_file(file.path) ==
        hewn::sqlite::schema_from_sql(json_everywhere));
}

TEST_CASE("files from strangers call no function of the program", "[p:B1]") {
  const support::temporary_file file("errors_test_stranger.db");
  support::raw_sqlite(file.path).run(
      "CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT send() FROM t;"
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT send(); END");
  for (const bool trusted : {true, false}) {
    CAPTURE(trusted);
    const auto db = hewn::sqlite::open(file.path, {.trusted_schema = trusted});
    sqlite3* const native = db.connection().native().native();
    const auto refused = [&] {
      for (const char* sql : {"SELECT * FROM v", "INSERT INTO t VALUES (2)"}) {
        const auto failure = support::failure_of([&] { db.script(sql); });
        CHECK(failure.code() == hewn::errc::usage);
        CHECK(support::says(failure, "does not trust it with (unsafe use of send())"));
        CHECK_FALSE(support::says(failure, "damaged"));
      }
      CHECK(called == 0);
    };
    lend(native, SQLITE_DIRECTONLY);
    refused();
    lend(native, 0);
    if (trusted) {
      db.script("SELECT * FROM v");
      CHECK(called == 1);
    } else {
      refused();
    }
    lend(native, SQLITE_INNOCUOUS);
    db.script("SELECT * FROM v");
    CHECK(called == 1);
  }
  // What SQLite 3.38 to 3.40 lack is told, and is no damage.
  support::raw_sqlite(file.path).run(json_everywhere);
  const auto read = hewn::as_result([&] {
    const auto db = hewn::sqlite::open(file.path, {.trusted_schema = false});
    db.script("INSERT INTO note (body) VALUES ('{}')");
  });
  if (!read) {
    CHECK(read.error().code() == hewn::errc::usage);
    CHECK(support::says(read.error(), "drop what uses it"));
    CHECK(support::says(read.error(), ".trusted_schema = true if its author is trusted"));
  }
}

TEST_CASE("what SQLite has no code for is told from SQL that it does not understand", "[p:C4]") {
  const support::temporary_file file("errors_test_calls.db");
  const support::temporary_file copy("errors_test_calls.copy.db");
  const auto db = hewn::sqlite::open(file.path);
  db.script("CREATE TABLE t (x)");
  const auto into = hewn::sql<"VACUUM INTO ?">;
  db.execute(into, copy.path);
  const auto there = support::failure_of([&] { db.execute(into, copy.path); });
  CHECK(there.code() == hewn::errc::cannot_open);
  CHECK(support::says(there, "the file that VACUUM INTO would write exists already"));
  const auto nowhere = support::failure_of([&] { db.execute(into, file.path + ".no/copy.v2.db"); });
  CHECK(nowhere.code() == hewn::errc::cannot_open);
  CHECK(support::says(nowhere, "(unable to open database: ?)"));
  CHECK(nowhere.column().empty());
  db.transaction([&](auto& tx) {
    const auto inside = support::failure_of([&] { tx.execute(into, copy.path); });
    CHECK(inside.code() == hewn::errc::usage);
    CHECK(support::says(inside, "VACUUM does not run in a transaction; run it outside of one"));
  });
  for (const auto& row : db.each<std::string>(hewn::sql<"SELECT name FROM sqlite_schema">)) {
    const auto reading = support::failure_of([&] { db.script("VACUUM"); });
    CHECK(reading.code() == hewn::errc::usage);
    CHECK(support::says(reading, "end the loop over them first"));
    CHECK(row == "t");
  }
}

TEST_CASE("a savepoint that is gone is told, with what became of the rest", "[p:C4]") {
  const support::temporary_file file("errors_test_savepoint.db");
  const auto db = hewn::sqlite::open(file.path);
  db.script("CREATE TABLE t (x)");
  const auto lost = support::failure_of([&] {
    db.transaction([&](auto& tx) {
      tx.script("INSERT INTO t VALUES (1)");
      tx.transaction([&](auto& inner) {
        sqlite3_exec(inner.connection().native().native(), "RELEASE hewn_1", nullptr, nullptr,
                     nullptr);
      });
    });
  });
  CHECK(lost.code() == hewn::errc::usage);
  CHECK(support::says(lost, "has lost its savepoint"));
  CHECK(support::says(lost, "all of the transaction is rolled back"));
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM t">) == 0);
}

TEST_CASE("a write on a reader of a pool is told where writers are", "[p:C4]") {
  const support::temporary_file file("errors_test_reader.db");
  const auto pool = hewn::sqlite::open_pool(file.path);
  pool.acquire().script("CREATE TABLE t (x)");
  auto reader = pool.acquire_reader();
  const auto writing = support::failure_of([&] { reader.script("INSERT INTO t VALUES (1)"); });
  CHECK(writing.code() == hewn::errc::read_only);
  CHECK(support::says(writing, "take a writer of a pool by acquire()"));
}

TEST_CASE("damaged is a database of which SQLite says so", "[p:B1]") {
  const support::temporary_file file("errors_test_damage.db");
  const auto reading = [&] {
    return support::failure_of([&] {
      const auto db = hewn::sqlite::open(file.path, {.write_ahead_log = false});
      db.script("SELECT * FROM t WHERE t MATCH 'two'; PRAGMA quick_check");
    });
  };
  SECTION("a schema that this SQLite does not know") {
    support::raw_sqlite(file.path).run(
        "CREATE TABLE t (a); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = 'CREATE TABLE t (a) FUTURISTIC'");
    const auto failure = reading();
    CHECK(failure.code() == hewn::errc::corrupt);
    CHECK(support::says(failure, "this SQLite does not understand the schema"));
  }
  SECTION("a full-text index that has not been told of a change") {
    support::raw_sqlite(file.path).run(
        "CREATE TABLE text (id INTEGER PRIMARY KEY, a TEXT);"
        "INSERT INTO text VALUES (1, 'one'), (2, 'two');"
        "CREATE VIRTUAL TABLE t USING fts5 (a, content='text', content_rowid='id');"
        "INSERT INTO t (t) VALUES ('rebuild'); DELETE FROM text WHERE id = 2");
    const auto failure = reading();
    CHECK(failure.code() == hewn::errc::corrupt);
    CHECK(failure.native() == SQLITE_CORRUPT_VTAB);
    CHECK(support::says(failure, "make its content again"));
  }
  SECTION("pages that were overwritten") {
    support::raw_sqlite(file.path).run(
        "PRAGMA page_size = 512; CREATE VIRTUAL TABLE t USING fts5 (a);"
        "CREATE TABLE filler (a); INSERT INTO filler VALUES (zeroblob(20000))");
    std::fstream bytes(file.path, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(512);
    bytes << std::string(40 * 512, '\x7f');
    bytes.close();
    const auto failure = reading();
    CHECK(failure.code() == hewn::errc::corrupt);
    CHECK(support::says(failure, "the database is damaged"));
  }
}
