// tests/sqlite/written_types_test.cpp - writes to tables that are not what the struct says.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/restore.hpp>

#include <hewn/sqlite/listen.hpp>
#include <hewn/sqlite/pool.hpp>

#include <support/failure.hpp>
#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

struct part {
  std::int64_t id = 0;
  std::string code;
  std::int64_t stock = 0;
};

struct label {
  std::string code;
  std::int64_t stock = 0;
  static consteval auto table() { return hewn::table("label").primary_key<&label::code>(); }
};

struct event {
  std::int64_t id = 0;
  hewn::timestamp at{};
  hewn::date day{};
  double weight = 0;
  bool done = false;
};

hewn::sqlite::database open_with(const std::string& script) {
  auto db = hewn::sqlite::open(":memory:");
  db.script(script);
  return db;
}

/// The rows as they are stored, whatever the struct says.
template <class Database>
std::string stored(const Database& db) {
  return db.template one<std::string>(
      hewn::sql<"SELECT coalesce(group_concat(quote(code) || ' ' || stock), '') FROM part">);
}

}  // namespace

TEST_CASE("no write stores a value as something else", "[p:A12]") {
  for (const std::string type :
       {"NUMERIC", "INTEGER", "REAL", "DECIMAL(10, 2)", "STRING", "BOOL"}) {
    CAPTURE(type);
    const auto db = open_with("CREATE TABLE part (id INTEGER PRIMARY KEY, code " + type +
                              " NOT NULL, stock INTEGER NOT NULL); INSERT INTO part VALUES (1, "
                              "'seven', 7)");
    const auto refused = [&](auto write) {
      const hewn::error failure = failure_of(write);
      CHECK(failure.code() == errc::schema_mismatch);
      CHECK(failure.table() == "part");
      CHECK(support::says(failure, "column code is " + type + " but the field is text"));
      CHECK(stored(db) == "'seven' 7");
    };
    part p{.id = 1, .code = "007"};
    std::vector<part> rows{{.code = "007"}, {.code = "008"}};
    const std::string code = "007";
    for (int again = 0; again != 2; ++again) {
      refused([&] { db.insert(part{.code = "007"}); });
      refused([&] { db.insert_many(rows); });
      refused([&] { db.insert_many(std::as_const(rows)); });
      refused([&] { db.update(p); });
      refused([&] { db.upsert(p); });
      refused([&] { db.upsert_many(rows); });
      refused([&] { db.update_many(std::vector<part>{p}); });
      refused([&] { db.update<part>(1, col<& part::code> = "007"); });
      refused([&] { db.update(from<part>.where(col<&part::id> == 1), col<& part::code> = "007"); });
      refused([&] { db.update_all<part>(col<& part::code> = code); });
      refused(
          [&] { db.update(from<part>.where(col<&part::code> == "07"), col<& part::stock> = 1); });
      refused([&] { db.remove(from<part>.where(col<&part::code> == "07")); });
      refused([&] {
        db.update_returning(from<part>.where(col<&part::id> == 1), col<& part::code> = "007");
      });
      refused([&] { db.batch([&](auto& batch) { batch.insert(p); }); });
      refused([&] { db.batch([&](auto& batch) { batch.insert(&p); }); });
      refused([&] { db.batch([&](auto& batch) { batch.update(p); }); });
      refused([&] { db.batch([&](auto& batch) { batch.upsert(&p); }); });
      refused([&] {
        db.batch([&](auto& batch) { batch.template update<part>(1, col<& part::code> = "007"); });
      });
      CHECK(db.try_insert(p).error().code() == errc::schema_mismatch);
    }
    // What says nothing about the column goes on.
    db.update<part>(1, col<& part::stock> = 8);
    CHECK(db.update(from<part>.where(col<&part::stock> == 8), col<& part::stock> = 9) == 1);
    CHECK(db.remove(from<part>.where(col<&part::stock> == 10)) == 0);
    CHECK(db.remove<part>(1));
  }
  const auto db = open_with(
      "CREATE TABLE label (code NUMERIC PRIMARY KEY, stock INTEGER NOT NULL);"
      "INSERT INTO label VALUES (7, 1)");
  CHECK(failure_of([&] { db.remove<label>("007"); }).code() == errc::schema_mismatch);
  CHECK(failure_of([&] { db.remove(label{.code = "007"}); }).code() == errc::schema_mismatch);
  CHECK(failure_of([&] { db.update<label>("007", col<& label::stock> = 2); }).code() ==
        errc::schema_mismatch);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT stock FROM label">) == 1);
}

TEST_CASE("tables of other programs that keep every value are written", "[p:A12]") {
  for (const std::string_view types :
       {"at DATETIME, day DATE, weight NUMERIC, done BOOLEAN",
        "at TIMESTAMP, day TEXT, weight FLOAT, done TINYINT(1)", "at, day, weight, done",
        "at VARCHAR(40), day VARCHAR(10), weight DECIMAL, done INT"}) {
    CAPTURE(types);
    const auto db =
        open_with("CREATE TABLE event (id INTEGER PRIMARY KEY, " + std::string(types) + ")");
    using namespace std::chrono;
    const event e{.at = sys_days(2024y / 2 / 29) + hours(5),
                  .day = sys_days(2024y / 2 / 29),
                  .weight = 2,
                  .done = true};
    const event back = db.get<event>(db.insert(e).id);
    CHECK(back.at == e.at);
    CHECK(back.day == e.day);
    CHECK(back.weight == 2);
    CHECK(back.done);
  }
}

TEST_CASE("a text that a column would make a number of is refused, and any other stays",
          "[p:A12]") {
  for (const std::string type : {"DATE", "TIME", "DATETIME", "TIMESTAMP", "JSON", "UUID",
                                 "uniqueidentifier", "timestamp with time zone"}) {
    CAPTURE(type);
    const auto db = open_with("CREATE TABLE part (id INTEGER PRIMARY KEY, code " + type +
                              " NOT NULL, stock INTEGER NOT NULL); INSERT INTO part VALUES (1, "
                              "'seven', 7), (2, 8, 8)");
    const std::string before = stored(db);
    const auto refused = [&](auto write) {
      const hewn::error failure = failure_of(write);
      support::check_grammar(failure);
      CHECK(failure.code() == errc::invalid_data);
      CHECK(failure.table() == "part");
      CHECK(failure.column() == "code");
      CHECK(support::says(failure, "part.code is declared " + type));
      CHECK(stored(db) == before);
    };
    part p{.id = 1, .code = "007"};
    const std::string code = "007";
    hewn::condition<part> found = col<&part::code> == code;
    for (int again = 0; again != 2; ++again) {
      refused([&] { db.insert(part{.code = "007"}); });
      refused([&] { db.insert_many(std::vector<part>{{.code = "x"}, {.code = " -1.5e3 "}}); });
      refused([&] { db.update(p); });
      refused([&] { db.upsert(p); });
      refused([&] { db.upsert_many(std::vector<part>{p}); });
      refused([&] { db.update_many(std::vector<part>{p}); });
      refused([&] { db.update<part>(1, col<& part::stock> = 1, col<& part::code> = "007"); });
      refused([&] { db.update_all<part>(col<& part::code> = code); });
      refused(
          [&] { db.update(from<part>.where(col<&part::code> == "08"), col<& part::stock> = 1); });
      refused([&] { db.update(from<part>.where(found), col<& part::stock> = 1); });
      refused([&] { db.remove(from<part>.where(found && col<&part::stock> == 8)); });
      refused([&] { db.remove(from<part>.where(col<&part::stock> == 8 || found)); });
      refused([&] { db.remove(from<part>.where(col<&part::code>.in({"x", "\t08"}))); });
      refused([&] { db.remove_returning(from<part>.where(col<&part::code> >= "08")); });
      refused([&] {
        db.update_returning(from<part>.where(col<&part::id> == 1), col<& part::code> = "007");
      });
      refused([&] { db.batch([&](auto& batch) { batch.insert(p); }); });
      refused([&] { db.batch([&](auto& batch) { batch.update(&p); }); });
      refused([&] { db.batch([&](auto& batch) { batch.upsert(&p); }); });
      refused([&] {
        db.batch([&](auto& batch) { batch.template update<part>(1, col<& part::code> = "007"); });
      });
      CHECK(db.try_insert(p).error().code() == errc::invalid_data);
    }
    // Numbers elsewhere, and texts that stay what they are.
    db.update<part>(1, col<& part::stock> = 9);
    CHECK(db.remove(from<part>.where(col<&part::code>.like("08") && col<&part::stock> == 9)) == 0);
    CHECK(db.remove(from<part>.where(col<&part::code>.in({"x", "\\u0008"}))) == 0);
    CHECK(db.remove<part>(2));
    for (const std::string_view text :
         {"2024-02-29", "12:30:00", "2024-02-29 12:30:00", "0x1f", "{\"a\": 1}", "", " ", "1 2",
          "1e", "1e+", ".", "-", "+-1", "1.2.3", "1,5", "Infinity", "nan", "1_000",
          "018f3c1e-0000-7000-8000-000000000000"}) {
      CAPTURE(text);
      part q{.code = std::string(text)};
      CHECK(db.get<part>(db.insert(q).id).code == text);
      db.update(q);
      CHECK(db.upsert(q).code == text);
      db.update<part>(q.id, col<& part::code> = text);
      CHECK(db.get<part>(q.id).code == text);
    }
  }
}

TEST_CASE("keys that would become numbers are refused", "[p:A12]") {
  const auto db = open_with(
      "CREATE TABLE label (code UUID PRIMARY KEY, stock INTEGER NOT NULL); INSERT INTO label "
      "VALUES (7, 1)");
  const auto refused = [&](auto write) {
    const hewn::error failure = failure_of(write);
    CHECK(failure.code() == errc::invalid_data);
    CHECK(failure.column() == "code");
    CHECK(db.one<std::int64_t>(hewn::sql<"SELECT stock FROM label">) == 1);
  };
  refused([&] { db.insert(label{.code = "7"}); });
  refused([&] { db.update(label{.code = "7"}); });
  refused([&] { db.remove<label>("007"); });
  refused([&] { db.remove(label{.code = "7"}); });
  refused([&] { db.update<label>("7", col<& label::stock> = 2); });
  refused([&] { db.batch([](auto& batch) { batch.template remove<label>("7"); }); });
  CHECK_FALSE(db.remove<label>("seven"));
}

TEST_CASE("what looks like a number is what SQLite takes for one", "[p:A12]") {
  const auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE t (v DATE)");
  constexpr std::string_view letters = "0179.eE+- \t\n\vx_,\"";
  std::uint64_t random = 1;
  int numbers = 0;
  const auto check = [&](const std::string& text) {
    CAPTURE(text);
    db.execute(hewn::sql<"DELETE FROM t">);
    db.execute(hewn::sql<"INSERT INTO t VALUES (?)">, text);
    const bool number = db.one<std::string>(hewn::sql<"SELECT typeof(v) FROM t">) != "text";
    CHECK(hewn::detail::looks_like_number(text) == number);
    std::string list = "[";
    hewn::detail::append_json_text(list, text);
    CHECK(hewn::detail::lists_number_text(list + ",\"x\"]") == number);
    numbers += number;
  };
  for (int i = 0; i != 5000; ++i) {
    std::string text;
    for (std::uint64_t n = hewn::detail::next_random(random) % 7; n != 0; --n)
      text += letters[hewn::detail::next_random(random) % letters.size()];
    check(text);
  }
  CHECK(numbers > 200);
  for (const std::string_view text :
       {"1e999", "9223372036854775808", "00000000000000000000000000000000000001", "-.5", "5.",
        "0x10", "1\0", "\0001",
        "\xc2\xa0"
        "1",
        "\xd9\xa1"})
    check(std::string(text));
}

namespace {

/// The table of `part`, with the rows that it had.
std::string part_made_anew(const std::string& code, const std::string& more = "") {
  return "CREATE TABLE anew (id INTEGER PRIMARY KEY, code " + code +
         " NOT NULL UNIQUE, stock INTEGER NOT NULL" + more +
         "); INSERT INTO anew (id, code, stock) SELECT id, code, stock FROM part; DROP TABLE part; "
         "ALTER TABLE anew RENAME TO part";
}

struct unique_part {
  std::int64_t id = 0;
  std::string code;
  std::int64_t stock = 0;
  static consteval auto table() { return hewn::table("part").unique<&unique_part::code>(); }
};

/// The writes of a connection, each by a statement that it keeps.
template <class Session>
struct kept_write {
  const char* what;
  void (*run)(const Session& db, std::string code);
};

template <class Session>
std::vector<kept_write<Session>> kept_writes() {
  using row = unique_part;
  const auto in_range = [](const Session& db, std::string code) {
    db.insert_many(std::vector<row>{{.code = code, .stock = 1}});
  };
  return {
      {"insert", [](const Session& db, std::string code) { db.insert(row{.code = code}); }},
      {"insert_many", in_range},
      {"update",
       [](const Session& db, std::string code) { db.update(row{.id = 1, .code = code}); }},
      {"update of a column",
       [](const Session& db, std::string code) {
         db.template update<row>(1, col<& row::code> = code);
       }},
      {"update of a query",
       [](const Session& db, std::string code) {
         db.update(from<row>.where(col<&row::id> == 1), col<& row::code> = code);
       }},
      {"upsert by the key",
       [](const Session& db, std::string code) { db.upsert(row{.id = 1, .code = code}); }},
      {"upsert by another field",
       [](const Session& db, std::string code) {
         db.template upsert<&row::code>(row{.code = code, .stock = 2});
       }},
      {"remove of a query",
       [](const Session& db, std::string code) {
         db.remove(from<row>.where(col<&row::code> == code));
       }},
      {"batch", [](const Session& db,
                   std::string code) { db.batch([&](auto& b) { b.insert(row{.code = code}); }); }},
  };
}

/// Has every write on `db` meet a table that another connection has made anew since.
template <class Database>
void meet_tables_made_anew(const Database& db, const std::string& path) {
  const auto other = hewn::sqlite::open(path);
  const auto rows = [&] {
    return other.one<std::string>(
        hewn::sql<
            "SELECT group_concat(quote(code) || stock) FROM (SELECT * FROM part ORDER BY id)">);
  };
  for (const auto& write : kept_writes<Database>()) {
    CAPTURE(write.what);
    for (const bool within : {false, true}) {
      CAPTURE(within);
      const auto run = [&](const std::string& code) {
        if (!within) return write.run(db, code);
        db.transaction([&](auto&) { write.run(db, code); });
      };
      other.script(
          "DROP TABLE IF EXISTS part; CREATE TABLE part (id INTEGER PRIMARY KEY, code TEXT "
          "NOT NULL UNIQUE, stock INTEGER NOT NULL); INSERT INTO part VALUES (1, 'a', 0)");
      run("b");
      const std::string before = rows();
      other.script(part_made_anew("NUMERIC"));
      for (int again = 0; again != 2; ++again) {
        const hewn::error failure = failure_of([&] { run("007"); });
        CHECK(failure.code() == errc::schema_mismatch);
        CHECK(support::says(failure, "column code is NUMERIC but the field is text"));
        CHECK(rows() == before);
      }
      // What changes nothing for the write is no reason to refuse it.
      other.script(part_made_anew("TEXT", ", note TEXT"));
      run("007");
      other.script("CREATE INDEX by_stock ON part (stock)");
      run("008");
      db.script("CREATE INDEX by_both ON part (stock, code)");
      run("009");
    }
  }
}

}  // namespace

TEST_CASE("a kept statement does not write to a table that was made anew before it is looked at",
          "[p:A12][C4]") {
  const support::temporary_file file("written_types.db");
  meet_tables_made_anew(hewn::sqlite::open(file.path), file.path);
}

TEST_CASE("nor does one of a connection that is listened to, or of a pool", "[p:A12][C4]") {
  const support::temporary_file file("written_types.db");
  const auto db = hewn::sqlite::open(file.path);
  const auto heard = hewn::listen(db);
  meet_tables_made_anew(db, file.path);
  const auto pool = hewn::sqlite::open_pool(file.path);
  pool.write([&](auto& writer) { meet_tables_made_anew(writer, file.path); });
}

TEST_CASE("a table that changes under a bound write has it begin again where it must",
          "[p:A6][p:A12]") {
  const support::temporary_file file("written_types.db");
  const auto db = hewn::sqlite::open(file.path);
  const auto other = hewn::sqlite::open(file.path);
  other.script("CREATE TABLE part (id INTEGER PRIMARY KEY, code TEXT NOT NULL, stock INTEGER)");
  const auto begins_again = [&](const std::string& change, const part& row) {
    CAPTURE(change);
    for (int kept = 0; kept != 2; ++kept) db.insert(part{.code = "x"});
    other.script(change);
    const std::int64_t rows = other.count<part>();
    const hewn::error failure = failure_of([&] { db.insert(part(row)); });
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(support::says(failure, "part has changed since the statement was prepared"));
    CHECK(other.count<part>() == rows);
    return failure_of([&] { db.insert(part(row)); });
  };
  // A trigger that takes the row back, a column that makes numbers of texts, a key nobody numbers.
  CHECK(begins_again("CREATE TRIGGER gone AFTER INSERT ON part BEGIN DELETE FROM part WHERE id = "
                     "new.id AND code = 'y'; END",
                     part{.code = "y"})
            .code() == errc::skipped);
  other.script("DROP TRIGGER gone");
  CHECK(begins_again("DROP TABLE part; CREATE TABLE part (id INTEGER PRIMARY KEY, code UUID NOT "
                     "NULL, stock INTEGER)",
                     part{.code = "007"})
            .code() == errc::invalid_data);
  CHECK(begins_again("DROP TABLE part; CREATE TABLE part (id INT PRIMARY KEY, code TEXT NOT NULL, "
                     "stock INTEGER)",
                     part{.code = "z"})
            .code() == errc::schema_mismatch);
}

TEST_CASE("a table that is back as it was is looked at again", "[p:A12]") {
  const support::temporary_file file("written_types.db"), saved("written_types.backup");
  auto db = hewn::sqlite::open(file.path);
  const auto refused = [](const auto& on) {
    CHECK(failure_of([&] { on.insert(part{.code = "007"}); }).code() == errc::schema_mismatch);
    CHECK(on.template count<part>() == 0);
  };
  const auto make_text_of_it = [](const auto& on) {
    on.script(
        "DROP TABLE part; CREATE TABLE part (id INTEGER PRIMARY KEY, code TEXT, stock INTEGER)");
    for (int again = 0; again != 3; ++again) on.insert(part{.code = "007"});
  };
  db.script("CREATE TABLE part (id INTEGER PRIMARY KEY, code NUMERIC NOT NULL, stock INTEGER)");
  refused(db);
  {
    auto tx = db.begin();
    make_text_of_it(tx);
    tx.rollback();
  }
  refused(db);
  db.transaction([&](auto& tx) {
    {
      auto inner = tx.begin();
      make_text_of_it(inner);
    }
    refused(tx);
  });
  refused(db);
  db.script("VACUUM INTO '" + saved.path + "'");
  make_text_of_it(db);
  hewn::sqlite::restore(db, saved.path);
  refused(db);
}

TEST_CASE("a key that the table does not number is not made up", "[p:A6]") {
  for (const std::string_view table :
       {"CREATE TABLE part (id INT PRIMARY KEY, code TEXT NOT NULL, stock INTEGER NOT NULL)",
        "CREATE TABLE part (id INTEGER PRIMARY KEY DESC, code TEXT NOT NULL, stock INTEGER)",
        "CREATE TABLE part (id INTEGER, code TEXT NOT NULL, stock INTEGER, PRIMARY KEY (id, code))",
        "CREATE TABLE base (id INTEGER PRIMARY KEY, code TEXT, stock INTEGER); CREATE VIEW part AS "
        "SELECT id, code, stock FROM base; CREATE TRIGGER t INSTEAD OF INSERT ON part BEGIN INSERT "
        "INTO base VALUES (NEW.id, NEW.code, NEW.stock); END"}) {
    CAPTURE(table);
    const auto db = open_with(std::string(table));
    const auto refused = [&](auto write) {
      const hewn::error failure = failure_of(write);
      support::check_grammar(failure);
      CHECK(failure.code() == errc::schema_mismatch);
      CHECK(failure.table() == "part");
      CHECK(failure.column() == "id");
      CHECK(db.count<part>() == 0);
    };
    part p{.code = "a"};
    refused([&] { db.insert(p); });
    refused([&] { db.insert_many(std::vector<part>{p}); });
    if (table.find("KEY (") == table.npos && table.find("VIEW") == table.npos)
      refused([&] { db.upsert(p); });
    refused([&] { db.batch([&](auto& batch) { batch.insert(&p); }); });
    CHECK(p.id == 0);
    p.id = 5;
    db.insert(p);
    db.insert_many(std::vector<part>{{.id = 6, .code = "b"}, {.id = 7, .code = "c"}});
    db.batch([&](auto& batch) { batch.insert(part{.id = 8, .code = "d"}); });
    CHECK(db.get<part>(5).code == "a");
    CHECK(db.count<part>() == 4);
  }
  // AUTOINCREMENT and a name in other letters are as good.
  for (const std::string_view key : {"\"ID\" INTEGER PRIMARY KEY",
                                     "id integer PRIMARY KEY "
                                     "AUTOINCREMENT"}) {
    const auto db =
        open_with("CREATE TABLE part (" + std::string(key) + ", code TEXT, stock INTEGER)");
    CHECK(db.insert(part{.code = "a"}).id == 1);
  }
}

TEST_CASE("a view stores what its trigger stores, or is said to store nothing", "[p:A6]") {
  const auto db = open_with(
      "CREATE TABLE base (id INTEGER PRIMARY KEY, code TEXT, stock INTEGER); CREATE VIEW part AS "
      "SELECT id, code, stock FROM base; CREATE TRIGGER t INSTEAD OF INSERT ON part WHEN NEW.stock "
      "> 0 BEGIN INSERT INTO base VALUES (NEW.id, NEW.code, NEW.stock); END");
  db.insert(part{.id = 1, .code = "a", .stock = 1});
  CHECK(failure_of([&] { db.insert(part{.id = 2, .code = "b"}); }).code() == errc::skipped);
  CHECK(failure_of([&] {
          db.insert_many(std::vector<part>{{.id = 3, .stock = 1}, {.id = 4, .stock = 0}});
        }).code() == errc::skipped);
  CHECK(db.count<part>() == 1);
}

TEST_CASE("a whole number that a column keeps as an integer is read as it was written", "[p:A12]") {
  struct reading {
    std::int64_t id = 0;
    double weight = 0;
  };
  for (const std::string type : {"NUMERIC", "INTEGER", "DECIMAL(10, 2)", "DATE", "REAL"}) {
    INFO(type);
    auto db =
        open_with("CREATE TABLE reading (id INTEGER PRIMARY KEY, weight " + type + " NOT NULL)");
    for (const double d : {0x1p53, 0x1p53 + 2, 1e17, -1e17, 0x1p62, -0x1p63, 0x1p63, 1e300}) {
      const reading r = db.insert(reading{.weight = d});
      CHECK(db.get<reading>(r.id).weight == d);
      CHECK(db.upsert(r).weight == d);
    }
  }
}
