// tests/live/bad_input_test.cpp - files, schemas and values that are not as they should be.
// SPDX-License-Identifier: BSL-1.0
//
// Every failure is looked at by support::failure_of: the grammar of its message, and that no bound
// value shows up in it.
#include <hewn/sqlite.hpp>

#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

struct pet {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("pets").references<&pet::owner, &person::id>();
  }
};

using database = hewn::sqlite::database;

database open_people() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<person, pet>(db);
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
    hewn::sync<person, pet>(db);
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

TEST_CASE("a path with a NUL character", "[H2]") {
  CHECK(failure_of([] { hewn::sqlite::open(std::string("a\0b", 3)); }).code() == errc::usage);
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

// ---------------------------------------------------------------- schemas

TEST_CASE("a table that is missing", "[V1]") {
  const auto db = hewn::sqlite::open(":memory:");
  for (int i = 0; i != 2; ++i) {
    const auto failure = failure_of([&] { db.all<person>(); });
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(failure.table() == "people");
    CHECK(says(failure, "people"));
    CHECK(says(failure, "hewn::sync"));
  }
  CHECK(failure_of([&] { db.insert(person{.name = secret}); }).table() == "people");
}

TEST_CASE("columns that are missing are reported all at once", "[V1]") {
  const auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)");
  const auto read = failure_of([&] { db.all<person>(); });
  CHECK(read.code() == errc::schema_mismatch);
  CHECK(read.column() == "age");
  CHECK(says(read, "table people lacks age, state, score, since of struct person"));
  const auto written = failure_of([&] { db.insert(person{.name = secret}); });
  CHECK(written.code() == errc::schema_mismatch);
  CHECK(written.column() == "age");
  CHECK(written.table() == "people");
}

TEST_CASE("columns of other types are reported all at once", "[V1]") {
  const auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE people (id INTEGER PRIMARY KEY, name INTEGER, age TEXT, state TEXT, score "
      "BLOB, "
      "since TEXT)");
  const auto failure = failure_of([&] { db.all<person>(); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(failure.table() == "people");
  CHECK(says(failure, "column name is INTEGER"));
  CHECK(says(failure, "column age is TEXT"));
  CHECK(says(failure, "column score is BLOB"));
  CHECK_FALSE(says(failure, "column state"));
  CHECK(failure_of([&] { db.all<person>(); }).code() == errc::schema_mismatch);
}

// ---------------------------------------------------------------- rows that others wrote

TEST_CASE("stored values that do not fit are named and change nothing", "[V1][V3]") {
  const auto db = open_people();
  struct damage {
    const char* column;
    const char* value;
    const char* says;
  };
  const damage cases[] = {
      {"name", "NULL", "is NULL"},
      {"name", "x'00'", "blob"},
      {"age", "'twelve'", "text"},
      {"age", "'12abc'", "text"},
      {"age", "1.5", "real"},
      {"age", "100000", "range"},
      {"age", "NULL", "is NULL"},
      {"state", "'furious'", "enumerator"},
      {"state", "7", "enumerator"},
      {"score", "'a lot'", "text"},
      {"score", "x'01'", "blob"},
      {"since", "'yesterday'", "ISO 8601"},
      {"since", "99999999999999", "ISO 8601"},
  };
  db.script(
      "PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0;"
      "CREATE TABLE copy (id INTEGER PRIMARY KEY, name TEXT, age SMALLINT, state TEXT, "
      "score REAL, since TEXT); DROP TABLE people; ALTER TABLE copy RENAME TO people;"
      "INSERT INTO people VALUES (1, 'Ann', 1, 'calm', 1.5, '2024-01-01 00:00:00')");
  for (const damage& d : cases) {
    CAPTURE(d.column, d.value);
    db.script(
        "INSERT OR REPLACE INTO people VALUES (2, 'Bob', 2, 'angry', 2, 0);"
        "UPDATE people SET " +
        std::string(d.column) + " = " + d.value + " WHERE id = 2");
    for (int i = 0; i != 2; ++i) {
      const auto failure = failure_of([&] {
        if (i == 0)
          db.get<person>(2);
        else
          db.all<person>();
      });
      CHECK(failure.code() == errc::invalid_data);
      CHECK(failure.table() == "people");
      CHECK(failure.column() == d.column);
      CHECK(says(failure, std::string("people.") + d.column));
      CHECK(says(failure, d.says));
    }
    CHECK(db.get<person>(1).name == "Ann");
    CHECK(db.count<person>() == 2);
  }
}

TEST_CASE("rows that cannot be read are not removed or changed behind an error", "[V1]") {
  const auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INTEGER, name TEXT);"
      "INSERT INTO pets VALUES (1, 1, 'Rex'), (2, 'nobody', 'Tom')");
  const auto removing = [&] { db.remove_returning(from<pet>.where(col<&pet::id> > 0)); };
  CHECK(failure_of(removing).code() == errc::invalid_data);
  const auto updating = [&] {
    db.update_returning(from<pet>.where(col<&pet::id> > 0), col<& pet::name> = secret);
  };
  CHECK(failure_of(updating).code() == errc::invalid_data);
  CHECK(db.all<std::string>(hewn::sql<"SELECT name FROM pets ORDER BY id">) ==
        std::vector<std::string>{"Rex", "Tom"});
}

// ---------------------------------------------------------------- values of the caller's

TEST_CASE("constraints name what they guard", "[S9]") {
  const auto db = open_people();
  const auto unique = fails(db, errc::conflict, [&] { db.insert(person{.name = "Bob"}); });
  CHECK(unique.table() == "people");
  CHECK(unique.column() == "name");
  CHECK(unique.is<&person::name>());
  CHECK_FALSE(unique.is<&person::id>());
  CHECK(unique.native() == SQLITE_CONSTRAINT_UNIQUE);

  const auto key = fails(db, errc::conflict, [&] { db.insert(person{.id = 1, .name = secret}); });
  CHECK(key.is<&person::id>());

  fails(db, errc::foreign_key, [&] { db.insert(pet{.owner = 99, .name = secret}); });
  db.insert(pet{.owner = 2, .name = "Rex"});
  fails(db, errc::foreign_key, [&] { db.remove<person>(2); });

  const auto check =
      fails(db, errc::check, [&] { db.insert(person{.name = secret, .score = 666.0}); });
  CHECK(check.constraint() == "not_the_devil");
  CHECK(check.table().empty());

  const auto length =
      fails(db, errc::check, [&] { db.insert(person{.name = secret + secret + secret + secret}); });
  CHECK(length.is<&person::name>());
  CHECK(fails(db, errc::check, [&] { db.insert(person{.name = ""}); }).is<&person::name>());
  CHECK(fails(db, errc::check, [&] {
          db.insert(person{.name = secret, .age = 151});
        }).is<&person::age>());

  const auto not_null = fails(db, errc::not_null, [&] {
    db.execute(hewn::sql<"UPDATE people SET name = ? WHERE id = 1">, std::optional<std::string>());
  });
  CHECK(not_null.is<&person::name>());
}

TEST_CASE("a CHECK whose text has dots and commas is not taken for a column", "[S9]") {
  const auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE t (a REAL, b TEXT, CHECK (a > 1.5), CHECK (b IN ('x.y', 'z')))");
  const auto number =
      failure_of([&] { db.execute(hewn::sql<"INSERT INTO t (a) VALUES (?)">, 1.0); });
  CHECK(number.code() == errc::check);
  CHECK(number.table().empty());
  CHECK(number.column().empty());
  CHECK(number.constraint() == "a > 1.5");
  const auto text =
      failure_of([&] { db.execute(hewn::sql<"INSERT INTO t (b) VALUES (?)">, secret); });
  CHECK(text.constraint() == "b IN ('x.y', 'z')");
}

TEST_CASE("values that cannot be stored name their column", "[V2][V4]") {
  const auto db = open_people();
  const auto nan = fails(db, errc::invalid_data, [&] {
    db.insert(person{.name = secret, .score = std::numeric_limits<double>::quiet_NaN()});
  });
  CHECK(nan.is<&person::score>());
  const auto label = fails(db, errc::invalid_data, [&] {
    db.insert(person{.name = secret, .state = static_cast<mood>(9)});
  });
  CHECK(label.is<&person::state>());
  const auto year = fails(db, errc::invalid_data, [&] {
    db.insert(person{.name = secret, .since = hewn::timestamp::max()});
  });
  CHECK(year.is<&person::since>());
  fails(db, errc::invalid_data,
        [&] { db.execute(hewn::sql<"UPDATE people SET age = ?">, std::uint64_t{1} << 63); });
  fails(db, errc::invalid_data,
        [&] { db.all(from<person>.where(col<&person::state> == static_cast<mood>(9))); });
  fails(db, errc::invalid_data,
        [&] { db.all(from<person>.where(col<&person::state>.in({static_cast<mood>(9)}))); });
  fails(db, errc::invalid_data, [&] {
    hewn::condition<person> w = col<&person::state> == static_cast<mood>(9);
    db.all(from<person>.where(w));
  });
}

TEST_CASE("a row that is not there", "[S9]") {
  const auto db = open_people();
  fails(db, errc::not_found, [&] { db.get<person>(99); });
  fails(db, errc::not_found, [&] { db.update(person{.id = 99, .name = secret}); });
  fails(db, errc::not_found, [&] { db.update<person>(99, col<& person::name> = secret); });
  fails(db, errc::not_found, [&] { db.remove(person{.id = 99}); });
  fails(db, errc::not_found, [&] { db.one(from<person>.where(col<&person::name> == secret)); });
  fails(db, errc::not_found,
        [&] { db.one<std::int64_t>(hewn::sql<"SELECT id FROM people WHERE name = ?">, secret); });
  fails(db, errc::usage, [&] { db.one(from<person>); });
}

TEST_CASE("negative limits and offsets", "[S9]") {
  const auto db = open_people();
  fails(db, errc::usage, [&] { db.all(from<person>.limit(-1)); });
  fails(db, errc::usage, [&] { db.all(from<person>.offset(-1)); });
  fails(db, errc::usage,
        [&] { db.first(from<person>.limit(std::numeric_limits<std::int64_t>::min())); });
  CHECK(db.all(from<person>.limit(0)).empty());
  CHECK(db.all(from<person>.limit(std::numeric_limits<std::int64_t>::max())).size() == 2);
}

TEST_CASE("a write whose condition came out empty changes nothing", "[S9]") {
  const auto db = open_people();
  const hewn::condition<person> nothing;
  fails(db, errc::usage, [&] { db.remove(from<person>.where(nothing)); });
  fails(db, errc::usage, [&] { db.remove_returning(from<person>.where(nothing && nothing)); });
  fails(db, errc::usage, [&] { db.update(from<person>.where(!nothing), col<& person::age> = 1); });
  fails(db, errc::usage,
        [&] { db.update_returning(from<person>.where(nothing), col<& person::age> = 1); });
  CHECK(db.all(from<person>.where(nothing)).size() == 2);
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
}

TEST_CASE("names with quotes, keywords and other scripts", "[S2]") {
  struct odd {
    std::int64_t id = 0;
    std::string group;
    static consteval auto table() {
      return hewn::table("o'dd \"table\" ; --").column<&odd::group>("gr\"ou'p \xc3\xa9[]`");
    }
  };
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<odd>(db);
  db.insert(odd{.group = "a'b\"c"});
  CHECK(db.all(from<odd>.where(col<&odd::group> == "a'b\"c")).size() == 1);
  db.update<odd>(1, col<& odd::group> = "x");
  CHECK(db.get<odd>(1).group == "x");
  CHECK(db.count(from<odd>.where(col<&odd::group>.in({std::string("x"), std::string("'")}))) == 1);
  CHECK(db.upsert(odd{.id = 1, .group = "y"}).group == "y");
  CHECK(db.remove<odd>(1));
}
