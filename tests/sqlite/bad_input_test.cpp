// tests/sqlite/bad_input_test.cpp - files that are no databases, values that no type holds back.
// SPDX-License-Identifier: BSL-1.0
//
// Every failure is looked at by support::failure_of: the grammar of its message, and that no bound
// value shows up in it.
#include <hewn/sqlite.hpp>

#include <hewn/sqlite/pool.hpp>

#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::raw_sqlite;
using support::says;
using support::secret;
using support::temporary_file;

namespace {

enum class mood { calm, angry };

struct person {
  std::int64_t id = 0;
  std::string name;
  std::int16_t age = 0;
  mood state = mood::calm;
  std::optional<double> score;
  hewn::timestamp since{};
  static consteval auto table() {
    return hewn::table("people")
        .unique<&person::name>()
        .length<&person::name>(1, 40)
        .range<&person::age>(0, 150)
        .check("not_the_devil", hewn::col<&person::score> != 666.0);
  }
};

using database = hewn::sqlite::database;

database open_people() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<person>(db);
  db.insert(person{.name = "Ann", .age = 30});
  db.insert(person{.name = "Bob", .age = 40});
  return db;
}

/// Fails as expected, loses nothing, and the connection goes on.
template <class Action>
hewn::error fails(const database& db, errc expected, Action action) {
  const auto before = db.count<person>();
  const hewn::error failure = failure_of(action);
  CHECK(failure.code() == expected);
  CHECK(db.count<person>() == before);
  CHECK(db.get<person>(1).name == "Ann");
  // And the same inside a transaction, which goes on as well.
  db.transaction([&](auto& tx) {
    CHECK(failure_of(action).code() == expected);
    CHECK(tx.template count<person>() == before);
  });
  CHECK(db.count<person>() == before);
  return failure;
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

// ---------------------------------------------------------------- files

TEST_CASE("a folder that does not exist", "[H2]") {
  const auto failure = failure_of([] { hewn::sqlite::open("no/such/folder/app.db"); });
  CHECK(failure.code() == errc::cannot_open);
  CHECK(says(failure, "no/such/folder/app.db"));
  CHECK_FALSE(std::filesystem::exists("no"));
  CHECK(hewn::sqlite::try_open("no/such/folder/app.db").error().code() == errc::cannot_open);
}

TEST_CASE("a file that does not exist and must", "[H2]") {
  const temporary_file file("bad_missing.db");
  CHECK(failure_of([&] { hewn::sqlite::open(file.path, {.create = false}); }).code() ==
        errc::cannot_open);
  CHECK(failure_of([&] { hewn::sqlite::open(file.path, {.read_only = true}); }).code() ==
        errc::cannot_open);
  CHECK_FALSE(std::filesystem::exists(file.path));
}

TEST_CASE("a directory", "[H2]") {
  const temporary_file file("bad_directory.db");
  std::filesystem::create_directory(file.path);
  for (const bool read_only : {false, true}) {
    const auto failure =
        failure_of([&] { hewn::sqlite::open(file.path, {.read_only = read_only}); });
    CHECK(failure.code() == errc::cannot_open);
    CHECK(says(failure, file.path + " is a directory"));
  }
  CHECK(std::filesystem::is_empty(file.path));
  std::filesystem::remove(file.path);
}

TEST_CASE("a file that is no database", "[H2]") {
  const temporary_file file("bad_text.db");
  const std::string text = "This is a letter, and it is long enough to be looked at.\n";
  std::string letter;
  for (int i = 0; i != 100; ++i) letter += text;
  write_file(file.path, letter);
  for (const bool read_only : {false, true}) {
    const auto failure =
        failure_of([&] { hewn::sqlite::open(file.path, {.read_only = read_only}); });
    CHECK(failure.code() == errc::corrupt);
    CHECK(says(failure, file.path));
  }
  CHECK(file.bytes() == letter);
}

TEST_CASE("an empty file is an empty database", "[H2]") {
  const temporary_file file("bad_empty.db");
  write_file(file.path, "");
  {
    const auto db = hewn::sqlite::open(file.path, {.read_only = true});
    CHECK(failure_of([&] { db.count<person>(); }).code() == errc::schema_mismatch);
  }
  auto db = hewn::sqlite::open(file.path);
  hewn::sync<person>(db);
  db.insert(person{.name = "Ann"});
}

TEST_CASE("a database that was cut off", "[H2]") {
  const temporary_file file("bad_truncated.db");
  {
    auto db = hewn::sqlite::open(file.path, {.write_ahead_log = false});
    hewn::sync<person>(db);
    db.transaction([](auto& tx) {
      for (int i = 0; i != 500; ++i) tx.insert(person{.name = secret + std::to_string(i)});
    });
  }
  const std::string whole = file.bytes();
  for (const std::size_t size : {std::size_t{50}, std::size_t{100}, std::size_t{1000},
                                 std::size_t{4096}, whole.size() / 2, whole.size() - 4096}) {
    CAPTURE(size);
    const std::string half = whole.substr(0, size);
    write_file(file.path, half);
    const auto failure = failure_of([&] {
      const auto db = hewn::sqlite::open(file.path, {.read_only = true});
      db.all<person>();
    });
    CHECK((failure.code() == errc::corrupt || failure.code() == errc::io));
    CHECK(file.bytes() == half);
  }
}

TEST_CASE("a read-only database refuses every write", "[H2]") {
  const temporary_file file("bad_read_only.db");
  {
    auto db = hewn::sqlite::open(file.path);
    hewn::sync<person>(db);
    db.insert(person{.name = "Ann"});
  }
  const auto db = hewn::sqlite::open(file.path, {.read_only = true});
  const auto refuses = [&](const auto& action) {
    CHECK(failure_of(action).code() == errc::read_only);
    CHECK(db.get<person>(1).name == "Ann");
  };
  refuses([&] { db.insert(person{.name = secret}); });
  refuses([&] { db.update<person>(1, col<& person::name> = secret); });
  refuses([&] { db.remove<person>(1); });
  refuses([&] { db.script("DROP TABLE people"); });
  refuses([&] { db.transaction([](auto& tx) { tx.insert(person{.name = secret}); }); });
  CHECK(db.count<person>() == 1);
}

TEST_CASE("a transaction that only reads is named where one that writes cannot begin", "[p:C4]") {
  const temporary_file file("bad_read_only.db");
  hewn::sync<person>(hewn::sqlite::open(file.path));
  const auto tells = [](const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::read_only);
    CHECK(says(failure, "use read() or begin(hewn::transaction_mode::read_only)"));
  };
  const auto check = [&](const auto& db) {
    tells([&] { db.transaction([](auto&) {}); });
    tells([&] { db.transaction({.mode = hewn::transaction_mode::exclusive}, [](auto&) {}); });
    tells([&] { auto tx = db.begin(); });
    CHECK(db.read([](auto& tx) { return tx.template count<person>(); }) == 0);
    CHECK(db.begin(hewn::transaction_mode::read_only).template count<person>() == 0);
    // A verb that has a transaction of its own is told of the database.
    const auto failure = failure_of([&] { db.insert_many({person{.name = "Ann"}}); });
    CHECK(failure.code() == errc::read_only);
    CHECK(says(failure, "open it for writing"));
    CHECK_FALSE(says(failure, "read()"));
  };
  check(hewn::sqlite::open(file.path, {.read_only = true}));
  const auto pool = hewn::sqlite::open_pool(file.path);
  const auto reader = pool.acquire_reader();
  check(reader);
}

TEST_CASE("a value larger than SQLite takes is told SQLite's limit", "[p:C4]") {
  struct document {
    std::int64_t id = 0;
    std::string title;
    hewn::bytes body;
  };
  const auto db = hewn::sqlite::open(":memory:");
  hewn::sync<document>(db);
  db.insert(document{.title = "a"});
  sqlite3_limit(db.native_handle(), SQLITE_LIMIT_LENGTH, 1000);
  const std::string text(1001, 'x');
  const hewn::bytes body(1001);
  const auto refused = [&](const std::string& column, const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::invalid_data);
    CHECK(failure.column() == column);
    CHECK(says(failure, "is larger than the database takes for one value"));
    CHECK(says(failure, "1000 bytes, SQLITE_LIMIT_LENGTH"));
    CHECK_FALSE(says(failure, "declaration"));
    CHECK(db.count<document>() == 1);
  };
  document kept = db.get<document>(1);
  refused("title", [&] { db.insert(document{.title = text}); });
  refused("body", [&] { db.insert(document{.body = body}); });
  refused("body", [&] { db.insert_many({document{.body = body}}); });
  kept.title = text;
  refused("title", [&] { db.update(kept); });
  refused("title", [&] { db.update<document>(1, col<& document::title> = text); });
  refused("parameter 1", [&] { db.all(from<document>.where(col<&document::title> == text)); });
  refused("parameter 1",
          [&] { db.execute(hewn::sql<"UPDATE document SET title = ?">, std::string_view(text)); });
  // Each fits, and both in one row, or put together by SQLite, do not.
  const auto too_big = [&](const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::invalid_data);
    CHECK(says(failure, "larger than SQLite takes, 1000 bytes (SQLITE_LIMIT_LENGTH)"));
  };
  too_big([&] { db.insert(document{.title = std::string(600, 'x'), .body = hewn::bytes(600)}); });
  too_big([&] { db.one<std::string>(hewn::sql<"SELECT hex(zeroblob(501))">); });
  sqlite3_limit(db.native_handle(), SQLITE_LIMIT_SQL_LENGTH, 100);
  const auto long_text =
      failure_of([&] { db.execute(hewn::dynamic_sql("SELECT '" + std::string(100, 'x') + "'")); });
  CHECK(long_text.code() == errc::usage);
  CHECK(says(long_text, "longer than SQLite takes, 100 bytes (SQLITE_LIMIT_SQL_LENGTH)"));
  CHECK(db.count<document>() == 1);
}

TEST_CASE("a path with a NUL character", "[H2]") {
  CHECK(failure_of([] { hewn::sqlite::open(std::string("a\0b", 3)); }).code() == errc::usage);
}

TEST_CASE("the URL of a server is no path, and its password is not repeated", "[p:C1]") {
  for (const char* url : {"postgresql://u:s3cr3t@h/d", "postgres://u:s3cr3t@h/d",
                          "Postgresql://u:s3cr3t@h/d", "mysql://u:s3cr3t@h/d"}) {
    const auto failure = failure_of([&] { hewn::sqlite::open(url); });
    CHECK(failure.code() == errc::usage);
    CHECK_FALSE(says(failure, "s3cr3t"));
  }
  const auto missing = failure_of([] { hewn::sqlite::open("file:/no/such/file?key=s3cr3t"); });
  CHECK(missing.code() == errc::cannot_open);
  CHECK(says(missing, "file:/no/such/file"));
  CHECK_FALSE(says(missing, "s3cr3t"));
}

TEST_CASE("a database that another connection has locked", "[L3]") {
  const temporary_file file("bad_locked.db");
  auto db = hewn::sqlite::open(file.path, {.busy_timeout = std::chrono::milliseconds(0)});
  hewn::sync<person>(db);
  raw_sqlite other(file.path);
  other.run("BEGIN IMMEDIATE");
  const auto failure = failure_of([&] { db.insert(person{.name = secret}); });
  CHECK(failure.code() == errc::busy);
  CHECK(failure.retryable());
  CHECK(says(failure, "busy_timeout"));
  other.run("ROLLBACK");
  db.insert(person{.name = "Ann"});
}

TEST_CASE("a database that is full", "[T2]") {
  const auto db = open_people();
  db.script("PRAGMA max_page_count = 1");  // SQLite raises it to what there is
  const auto failure = failure_of([&] {
    for (int i = 0; i != 1000; ++i) db.insert(person{.name = secret + std::to_string(i)});
  });
  CHECK(failure.code() == errc::full);
  CHECK(db.one<std::string>(hewn::sql<"PRAGMA integrity_check">) == "ok");
  db.remove(from<person>.where(col<&person::id> > 2));
  db.insert(person{.name = "Cid"});
}

// ---------------------------------------------------------------- schemas and values

TEST_CASE("a CHECK whose text has dots and commas is not taken for a column", "[S9]") {
  const auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE t (a REAL, b TEXT, CHECK (a > 1.5), CHECK (b IN ('x.y', 'z')))");
  const auto number =
      failure_of([&] { db.execute(hewn::sql<"INSERT INTO t (a) VALUES (?)">, 1.0); });
  CHECK(number.code() == errc::check);
  CHECK(number.table() == "t");
  CHECK(number.column().empty());
  CHECK(number.constraint() == "a > 1.5");
  const auto text =
      failure_of([&] { db.execute(hewn::sql<"INSERT INTO t (b) VALUES (?)">, secret); });
  CHECK(text.constraint() == "b IN ('x.y', 'z')");
}

TEST_CASE("SQLite's own messages do not carry bound values out", "[S9]") {
  const auto db = open_people();
  fails(db, errc::syntax,
        [&] { db.one<std::int64_t>(hewn::sql<"SELECT json_extract('{}', ?)">, secret); });
  fails(db, errc::syntax, [&] { db.one<std::int64_t>(hewn::sql<"SELECT json(?)">, "{" + secret); });
  fails(db, errc::cannot_open,
        [&] { db.execute(hewn::sql<"ATTACH ? AS other">, "no/such/" + secret + ".db"); });
  if (sqlite3_compileoption_used("ENABLE_FTS5")) {
    db.script("CREATE VIRTUAL TABLE search USING fts5(words)");
    for (const std::string& query :
         {"\"" + secret, secret + " : x", secret + " AND", "(" + secret}) {
      CAPTURE(query);
      failure_of([&] {
        db.all<std::string>(hewn::sql<"SELECT words FROM search WHERE search MATCH ?">, query);
      });
    }
  }
  const auto kept = fails(db, errc::schema_mismatch, [&] {
    db.all<std::int64_t>(hewn::sql<"SELECT p.agee FROM people p WHERE name = ?">, secret);
  });
  CHECK(says(kept, "p.agee"));
  CHECK(says(fails(db, errc::syntax, [&] { db.script("SELEC 1"); }), "SELEC"));
  // Without quotes, whole or in part.
  if (sqlite3_compileoption_used("ENABLE_FTS3"))
    fails(db, errc::syntax,
          [&] { db.one<hewn::bytes>(hewn::sql<"SELECT fts3_tokenizer(?)">, secret); });
  if (sqlite3_compileoption_used("ENABLE_FTS5"))
    for (const std::string& rank : {secret + "(1)", secret + "()", secret + " " + secret})
      failure_of([&] {
        db.all<std::string>(
            hewn::sql<"SELECT words FROM search WHERE search MATCH 'a' AND rank MATCH ?">, rank);
      });
}

TEST_CASE("what a message has of a value is left out, and nothing else", "[S9]") {
  const auto shown = [](const char* message, const char* sql, const char* expanded) {
    return hewn::sqlite::detail::without_bound_values(message, sql, expanded);
  };
  CHECK(shown("unknown tokenizer: merlin", "SELECT f(?)", "SELECT f('merlin')") ==
        "unknown tokenizer: ?");
  CHECK(shown("no such function: bm", "SELECT ?, ?2", "SELECT 'bm(7)', NULL") ==
        "no such function: ?");
  CHECK(shown("x merlin.so: gone", "SELECT f(?)", "SELECT f('merlin')") == "x ?.so: gone");
  CHECK(shown("it's o'neill, 12!", "SELECT ? + ?", "SELECT 'o''neill' + -12") == "it's ?, ?!");
  // The text of the statement says it, or it is but a part of another word.
  CHECK(shown("no such table: merlin", "SELECT ? FROM merlin", "SELECT 'merlin' FROM merlin") ==
        "no such table: merlin");
  CHECK(shown("no such table: t", "SELECT ? /* ? */", "SELECT 'nobody' /* ? */") ==
        "no such table: t");
  CHECK(shown("", "SELECT ?", "SELECT ''").empty());
  CHECK(shown("a b", "SELECT ?", "SELECT x'00'") == "a b");
}

TEST_CASE("what a trigger says is shown as far as its author wrote it", "[S9]") {
  const auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE t (a TEXT, b TEXT);"
      "CREATE TRIGGER r BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'the name is taken'); END");
  const auto failure =
      failure_of([&] { db.execute(hewn::sql<"INSERT INTO t VALUES (?, ?)">, "the name", secret); });
  CHECK(failure.code() == errc::check);
  CHECK(says(failure, "the name is taken"));
}

TEST_CASE("a long script costs by its length, not by the square of it", "[p:A9]") {
  const auto seconds_for = [](int statements) {
    const auto db = hewn::sqlite::open(":memory:");
    std::string script = "BEGIN; CREATE TABLE t (a, b);";
    for (int i = 0; i != statements; ++i)
      script +=
          "INSERT INTO t VALUES (" + std::to_string(i) + ", '" + std::string(60, 'x') + "');\n";
    script += "COMMIT";
    const std::clock_t before = std::clock();  // of this process alone, whatever else runs
    db.script(script);
    const std::clock_t after = std::clock();
    CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM t">) == statements);
    return static_cast<double>(after - before) / CLOCKS_PER_SEC;
  };
  const double few = seconds_for(2'000);
  CHECK(seconds_for(32'000) < 16 * 3 * few + 0.5);
}
