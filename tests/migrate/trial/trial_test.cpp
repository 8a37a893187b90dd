// tests/migrate/trial/trial_test.cpp - what a migration destroys is found, on a copy.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/pool.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using hewn::errc;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::says;

namespace {

using database = hewn::sqlite::database;
using driver = hewn::sqlite::driver;
using list = std::vector<std::string>;

constexpr std::string_view shop =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, secret TEXT);\n"
    "CREATE TABLE log (line TEXT);\n"
    "CREATE TABLE tags (name TEXT PRIMARY KEY, weight REAL) WITHOUT ROWID;\n"
    "INSERT INTO users VALUES (1, 'Ada', 'x'), (2, 'Bob', 'y'), (3, 'Eve', NULL);\n"
    "INSERT INTO log VALUES ('a'), ('b'), ('b');\n"
    "INSERT INTO tags VALUES ('red', 1), ('blue', 2.5);\n";

std::vector<hewn::migration_file> files(const std::string& second, std::string_view first = shop) {
  return hewn::read_migrations(std::vector<hewn::migration_text>{
      {"0001_shop.sql", std::string("-- up\n") + std::string(first)}, {"0002_next.sql", second}});
}

database filled(std::string_view first = shop, const std::string& path = ":memory:") {
  auto db = hewn::sqlite::open(path);
  migrator(db, files("-- up\nSELECT 1;", first)).up_to(1);
  return db;
}

list words_of(const std::vector<hewn::loss>& losses) {
  list out;
  for (const hewn::loss& l : losses) out.push_back(to_string(l));
  return out;
}

// What a run asks about; empty: nothing, so that it was applied.
list asked_about(database& db, const std::vector<hewn::migration_file>& all) {
  list out;
  try {
    migrator(db, all,
             {.approve =
                  [&](const hewn::destruction& d) {
                    out = words_of(d.losses);
                    return false;
                  }})
        .up();
    CHECK(out.empty());
  } catch (const hewn::error& refused) {
    INFO(refused.what());
    CHECK(refused.code() == errc::approval_required);
  }
  return out;
}

// `script` on the shop. A dry run sees the same, and so does the run when somebody agrees.
list lost_by(const std::string& script, std::string_view first = shop) {
  INFO(script);
  auto db = filled(first);
  const auto all = files("-- up\n" + script, first);
  const hewn::migration_report would = migrator(db, all).dry_run();
  REQUIRE(would.results.size() == 1);
  const list out = asked_about(db, all);
  CHECK(words_of(would.results[0].losses) == out);
  int asked = 0;
  const hewn::migration_report did = migrator(db, all,
                                              {.approve =
                                                   [&](const hewn::destruction&) {
                                                     ++asked;
                                                     return true;
                                                   }})
                                         .up();
  CHECK(asked == (out.empty() ? 0 : 1));
  for (const hewn::migration_result& r : did.results) CHECK(words_of(r.losses) == out);
  return out;
}

}  // namespace

TEST_CASE("rows and values are counted each for themselves", "[p:A3]") {
  CHECK(lost_by("DELETE FROM users WHERE id = 1; UPDATE users SET secret = NULL;") ==
        list{"1 row of the table users", "1 value of the column users.secret"});
  // As many rows as before, and other ones.
  CHECK(lost_by("DELETE FROM users WHERE id < 3; INSERT INTO users VALUES (8, 'x', 'x'), "
                "(9, 'y', 'y');") == list{"2 rows of the table users"});
  CHECK(lost_by("UPDATE users SET secret = 'gone', name = 'x' WHERE id < 3;") ==
        list{"2 values of the column users.name, overwritten",
             "2 values of the column users.secret, overwritten"});
  CHECK(lost_by("UPDATE users SET id = id + 10 WHERE id = 3;") == list{"1 row of the table users"});
  CHECK(lost_by("UPDATE tags SET weight = weight + 1 WHERE name = 'red';") ==
        list{"1 value of the column tags.weight, overwritten"});
  CHECK(lost_by("DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, secret "
                "TEXT); INSERT INTO users VALUES (1, 'a', 'b'), (2, 'a', 'b'), (3, 'a', 'b');") ==
        list{"3 values of the column users.name, overwritten",
             "2 values of the column users.secret, overwritten"});
  // Rows behind a key that was cascaded to, rows that a replacement pushed out.
  CHECK(lost_by("CREATE UNIQUE INDEX one ON users (secret); INSERT OR REPLACE INTO users VALUES "
                "(7, 'Mal', 'x');") == list{"1 row of the table users"});
}

TEST_CASE("a table without a key is known by its rows", "[p:A3]") {
  CHECK(lost_by("DELETE FROM log WHERE line = 'b';") == list{"2 rows of the table log"});
  CHECK(lost_by("UPDATE log SET line = NULL;") == list{"3 values of the column log.line"});
  CHECK(lost_by("DELETE FROM log; INSERT INTO log VALUES ('b'), ('a'), ('a');") ==
        list{"1 row of the table log"});
  // In another order, and with other rowids.
  CHECK(lost_by("CREATE TABLE fresh (line TEXT, more); INSERT INTO fresh SELECT line, 1 FROM log "
                "ORDER BY line DESC; DROP TABLE log; ALTER TABLE fresh RENAME TO log;")
            .empty());
  CHECK(lost_by("CREATE TABLE fresh (text TEXT); INSERT INTO fresh SELECT line FROM log ORDER BY "
                "line DESC; DROP TABLE log; ALTER TABLE fresh RENAME TO log;")
            .empty());
}

TEST_CASE("what keeps every value is not asked about", "[p:A3]") {
  for (const char* const script :
       {"UPDATE users SET secret = 'z' WHERE secret IS NULL;",  // a backfill
        "UPDATE users SET name = name || '';",
        "ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME COLUMN name TO full_name;",
        "ALTER TABLE users RENAME COLUMN id TO user_id; UPDATE users SET user_id = user_id;",
        "ALTER TABLE tags RENAME COLUMN name TO label; UPDATE tags SET weight = weight;",
        "ALTER TABLE users ADD COLUMN upper; UPDATE users SET upper = upper(name);",
        "CREATE TABLE gone AS SELECT * FROM users; DELETE FROM users;",
        "ALTER TABLE log RENAME TO old; CREATE TABLE log (line); DELETE FROM log;",
        // Another type that holds the same.
        "CREATE TABLE fresh (name TEXT PRIMARY KEY, weight TEXT); INSERT INTO fresh SELECT * FROM "
        "tags; DROP TABLE tags; ALTER TABLE fresh RENAME TO tags;"})
    CHECK(lost_by(script).empty());
  CHECK(lost_by("CREATE TABLE fresh (name TEXT PRIMARY KEY, weight INT); INSERT INTO fresh SELECT "
                "name, cast(weight AS INT) FROM tags; DROP TABLE tags; ALTER TABLE fresh RENAME TO "
                "tags;") == list{"1 value of the column tags.weight, overwritten"});
}

TEST_CASE("a new table stands for one old one with the same rows", "[p:A3]") {
  const std::string lists = std::string(shop) +
                            "CREATE TABLE flags (n INT); INSERT INTO flags VALUES (1), (2);\n"
                            "CREATE TABLE marks (n INT); INSERT INTO marks VALUES (1), (2);\n";
  const list flags = {"the table flags with 2 rows"};
  const list marks = {"the table marks with 2 rows"};
  // Numbers that contain the old ones by chance.
  CHECK(lost_by("DROP TABLE flags; CREATE TABLE numbers (n INT); INSERT INTO numbers VALUES (1), "
                "(2), (3);",
                lists) == flags);
  CHECK(lost_by("DELETE FROM users; CREATE TABLE people AS SELECT 1 AS id, 'Ada' AS name, 'x' AS "
                "secret UNION ALL SELECT 2, 'Bob', 'y' UNION ALL SELECT 3, 'Eve', NULL UNION ALL "
                "SELECT 4, 'Mal', NULL;") == list{"3 rows of the table users"});
  // One for two.
  CHECK(lost_by("CREATE TABLE kept AS SELECT * FROM flags; DROP TABLE flags; DROP TABLE marks;",
                lists) == marks);
  CHECK(lost_by("CREATE TABLE kept AS SELECT * FROM flags; CREATE TABLE too AS SELECT * FROM "
                "marks; DROP TABLE flags; DROP TABLE marks;",
                lists)
            .empty());
  // What was renamed is one and no other, whatever comes to it.
  CHECK(lost_by("ALTER TABLE marks RENAME TO kept; DROP TABLE flags;", lists) == flags);
  CHECK(lost_by("ALTER TABLE marks RENAME TO kept; INSERT INTO kept VALUES (3);", lists).empty());
  CHECK(lost_by("ALTER TABLE marks RENAME TO kept; CREATE TABLE marks (n INT); INSERT INTO kept "
                "VALUES (3);",
                lists)
            .empty());
  CHECK(lost_by("ALTER TABLE marks RENAME TO kept; DROP TABLE kept; CREATE TABLE numbers (n INT); "
                "INSERT INTO numbers VALUES (1), (2), (3);",
                lists) == marks);
  CHECK(lost_by("ALTER TABLE marks ADD COLUMN more; DROP TABLE marks; CREATE TABLE numbers (n INT);"
                " INSERT INTO numbers VALUES (1), (2), (3);",
                lists) == marks);
}

TEST_CASE("a new row stands for one old row at most", "[p:A3]") {
  const auto moved = [](const std::string& table, const std::string& from,
                        const std::string& values) {
    return "CREATE TABLE fresh " + table + "; INSERT OR IGNORE INTO fresh SELECT " + values +
           " FROM " + from + "; DROP TABLE " + from + "; ALTER TABLE fresh RENAME TO " + from + ";";
  };
  // By the collation of the new key.
  constexpr std::string_view users =
      "CREATE TABLE users (email TEXT PRIMARY KEY NOT NULL, plan TEXT);"
      "INSERT INTO users VALUES ('Ada@x', 'free'), ('ada@x', 'free'), ('bob@x', 'paid'),"
      " ('Eve@x', 'paid');";
  const std::string folded = "(email TEXT COLLATE NOCASE PRIMARY KEY NOT NULL, plan TEXT)";
  CHECK(lost_by(moved(folded, "users", "email, plan"), users) == list{"1 row of the table users"});
  CHECK(lost_by(moved(folded + " WITHOUT ROWID", "users", "email, plan"), users) ==
        list{"1 row of the table users"});
  CHECK(lost_by(moved(folded, "users", "lower(email), plan"), users) ==
        list{"1 row of the table users", "1 value of the column users.email, overwritten"});
  // What is declared says nothing about rows.
  CHECK(
      lost_by("-- overwrites: users.email\n" + moved(folded, "users", "lower(email), plan"), users)
          .front() == "1 row of the table users");
  // By its affinity, also where the key has another name.
  constexpr std::string_view seen =
      "CREATE TABLE seen (k PRIMARY KEY NOT NULL) WITHOUT ROWID;"
      "INSERT INTO seen VALUES (1), ('1'), (2), ('02'), ('2.0');";
  for (const char* const table :
       {"(k INTEGER PRIMARY KEY)", "(n NUMERIC PRIMARY KEY) WITHOUT ROWID"})
    CHECK(lost_by(moved(table, "seen", "k"), seen) == list{"3 rows of the table seen"});
  // By a part of several.
  CHECK(lost_by(moved("(a TEXT COLLATE NOCASE, b INTEGER, c, PRIMARY KEY (a, b)) WITHOUT ROWID",
                      "pairs", "*"),
                "CREATE TABLE pairs (a TEXT, b INTEGER, c, PRIMARY KEY (a, b)) WITHOUT ROWID;"
                "INSERT INTO pairs VALUES ('x', 1, 'p'), ('X', 1, 'q'), ('X', 2, 'r');") ==
        list{"1 row of the table pairs"});
  // The row that went is the one whose values are not there.
  CHECK(lost_by("CREATE TABLE fresh " + folded +
                    "; INSERT INTO fresh SELECT email, plan FROM users WHERE email <> 'Ada@x';"
                    "DROP TABLE users; ALTER TABLE fresh RENAME TO users;",
                "CREATE TABLE users (email TEXT PRIMARY KEY NOT NULL, plan TEXT);"
                "INSERT INTO users VALUES ('Ada@x', 'free'), ('ada@x', 'paid');") ==
        list{"1 row of the table users"});
}

TEST_CASE("an old row is one new row, whatever else has its key", "[p:A3]") {
  constexpr std::string_view tags =
      "CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL, n) WITHOUT ROWID;"
      "INSERT INTO tags VALUES ('a', 1), ('A', 2), ('b', 3);";
  const auto without_key = [](const std::string& more) {
    return "CREATE TABLE fresh (name TEXT COLLATE NOCASE, n); INSERT INTO fresh SELECT * FROM "
           "tags;" +
           more + "DROP TABLE tags; ALTER TABLE fresh RENAME TO tags;";
  };
  CHECK(lost_by(without_key(""), tags).empty());
  CHECK(
      lost_by(without_key("INSERT INTO fresh VALUES ('a', 9), ('b', 9), ('B', 9);"), tags).empty());
  CHECK(lost_by(without_key("UPDATE fresh SET n = 9 WHERE name = 'b';"), tags) ==
        list{"1 value of the column tags.n, overwritten"});
  CHECK(lost_by(without_key("DELETE FROM fresh WHERE n = 2;"), tags) ==
        list{"1 row of the table tags"});
  // The index of the key tells apart what the column takes for equal.
  constexpr std::string_view exact =
      "CREATE TABLE tags (name TEXT COLLATE NOCASE, n, PRIMARY KEY (name COLLATE BINARY));"
      "INSERT INTO tags VALUES ('a', 1), ('A', 2), ('b', 3);";
  CHECK(lost_by("UPDATE tags SET n = 3 WHERE n = 3; INSERT INTO tags VALUES ('B', 9);", exact)
            .empty());
  CHECK(lost_by("DELETE FROM tags WHERE n = 1;", exact) == list{"1 row of the table tags"});
}

TEST_CASE("an approval covers as many values as it says", "[p:A3]") {
  auto db = filled();
  const auto all = files(
      "-- up\nDELETE FROM users WHERE id = 1; UPDATE users SET name = 'x' WHERE secret = 'y';");
  migrator m(db, all);
  const hewn::approval a = m.approve(m.dry_run().results.at(0), "a test", {.approver = "ada"});
  REQUIRE(a.grants.size() == 2);
  CHECK(a.grants[0].rows_lost == 1);
  CHECK(a.grants[1].values_changed == 1);
  db.script("UPDATE users SET secret = 'y'");
  const hewn::error refused = failure_of([&] { migrator(db, all, {.approvals = {a}}).up(); });
  CHECK(says(refused,
             "overwrite values users.name: 2 values would change, and the approval allows 1"));
  CHECK(number(db, "SELECT count(*) FROM users WHERE name = 'x'") == 0);
  db.script("UPDATE users SET secret = NULL WHERE id = 3");
  CHECK(migrator(db, all, {.approvals = {a}}).up().results.size() == 1);
}

TEST_CASE("a migration says which values it overwrites", "[p:A3]") {
  const std::string text =
      "-- up\n-- overwrites: users.name, users.secret\nUPDATE users SET name = "
      "upper(name);\n";
  auto db = filled();
  const auto done = migrator(db, files(text)).up();
  REQUIRE(done.results.size() == 1);
  CHECK(words_of(done.results[0].losses) ==
        list{"3 values of the column users.name, overwritten as declared"});
  // Nothing else, neither rows nor values that would be NULL.
  db = filled();
  CHECK(asked_about(db, files(text + "DELETE FROM users WHERE id = 1;")).size() == 2);
  db = filled();
  CHECK(asked_about(db, files(text + "UPDATE users SET secret = NULL;")).size() == 2);
  db = filled();
  CHECK(asked_about(db, files(text + "UPDATE tags SET weight = 7;")).size() == 2);
  // A policy that asks about everything asks about this as well.
  db = filled();
  CHECK(failure_of([&] {
          migrator(db, files(text), {.rules = hewn::policy::production()}).up();
        }).code() == errc::approval_required);
  db = filled();
  CHECK(migrator(db, files(text), {.rules = hewn::policy::ci()}).up().results.size() == 1);
  for (const std::string none : {"users", "users.", ".name", "users .name", "users.name;",
                                 "users.name tags.weight", "\"users\"", "\"users.name", "\"\".name",
                                 "users.\"name\"s", "a, users.name", "'users'.name"})
    CHECK(says(failure_of([&] { files("-- up\n-- overwrites: " + none + "\nSELECT 1;"); }),
               "names something that is no column; write table.column, other.column, and a name"));

  db = filled();
  migrator m(db, {files(text)[0]});
  m.add({.version = 2,
         .name = "code",
         .id = "1",
         .up = [](auto& tx) { tx.script("UPDATE users SET name = upper(name)"); },
         .overwrites = {"users.name"}});
  CHECK(m.up().results.size() == 1);
}

TEST_CASE("a column that is said to be overwritten is there", "[p:C4]") {
  auto db = filled();
  for (const std::string name : {"users.nmae", "user.name", "main.users.name"}) {
    const auto all = files("-- up\n-- overwrites: " + name + "\nUPDATE users SET name = 'A';");
    const hewn::error refused = failure_of([&] { migrator(db, all).up(); });
    CHECK(refused.code() == errc::usage);
    CHECK(says(refused, "migration 2 (next) declares that it overwrites " + name + ", and there"));
    const hewn::migration_report would = migrator(db, all).dry_run();
    REQUIRE(would.failure);
    CHECK(std::string(would.failure->what()) == refused.what());
  }
  // Names are found as SQLite finds them, also when they go or come with the migration.
  const auto all = files(
      "-- up\n-- overwrites: Users.NAME, users.added\nUPDATE users SET name = 'A';\n"
      "ALTER TABLE users ADD COLUMN added TEXT;\nALTER TABLE users RENAME COLUMN name TO called;");
  CHECK(migrator(db, all, {.approve = [](const auto&) { return true; }}).up().results.size() == 1);
}

TEST_CASE("a column with any name can be said to be overwritten", "[p:A3]") {
  constexpr std::string_view odd =
      "CREATE TABLE \"my \"\"own\"\" table\" (id INTEGER PRIMARY KEY, \"a, b.c\" TEXT, plain TEXT);"
      "CREATE TABLE users (id INTEGER PRIMARY KEY, \"first name\" TEXT);"
      "INSERT INTO \"my \"\"own\"\" table\" VALUES (1, 'x', 'y'); INSERT INTO users VALUES (1, "
      "'Ada');";
  const std::string text =
      "-- up\n-- overwrites: \"my \"\"own\"\" table\".\"A, b.c\" , users.\"first name\",\"my "
      "\"\"own\"\" table\".plain\nUPDATE \"my \"\"own\"\" table\" SET \"a, b.c\" = 'z', plain = "
      "'z';"
      "UPDATE users SET \"first name\" = 'Bob';";
  auto db = filled(odd);
  const auto done = migrator(db, files(text, odd)).up();
  REQUIRE(done.results.size() == 1);
  CHECK(words_of(done.results[0].losses) ==
        list{"1 value of the column my \"own\" table.a, b.c, overwritten as declared",
             "1 value of the column my \"own\" table.plain, overwritten as declared",
             "1 value of the column users.first name, overwritten as declared"});
}

TEST_CASE("a deferred foreign key that fails at the end is the migration's", "[p:C4]") {
  constexpr std::string_view tree =
      "CREATE TABLE parent (id INTEGER PRIMARY KEY);\n"
      "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) "
      "DEFERRABLE INITIALLY DEFERRED);\n"
      "INSERT INTO parent VALUES (1), (2);\nINSERT INTO child VALUES (1, 1);";
  const auto check = [](const hewn::error& failure, const std::string& whose) {
    INFO(failure.what());
    CHECK(failure.code() == errc::foreign_key);
    CHECK(says(failure, whose));
    CHECK(!says(failure, "trigger"));
  };
  constexpr auto whose = "migration 2 (next) failed in the checks at the end of its transaction";
  for (const std::string statement :
       {"INSERT INTO child VALUES (2, 7);", "DELETE FROM parent WHERE id = 1;"}) {
    const auto all = files("-- up\n" + statement, tree);
    auto db = filled(tree);
    const hewn::migration_report would = migrator(db, all).dry_run();
    REQUIRE(would.failure);
    check(*would.failure, whose);
    check(failure_of([&] { migrator(db, all).up(); }), whose);
    auto fresh = hewn::sqlite::open(":memory:");
    check(failure_of([&] { migrator(fresh, all, {.all_or_nothing = true}).up(); }),
          statement.starts_with("INSERT") ? "the migrations from version 1 to 2" : whose);
  }
  auto db = filled(tree);
  check(failure_of([&] {
          migrator(db, files("-- no transaction\n-- up\nINSERT INTO child VALUES (2, 7);", tree))
              .up();
        }),
        "migration 2 (next) failed");
}

TEST_CASE("a migrator on a reader of a pool says where the writers are", "[p:C4]") {
  const support::temporary_folder folder("trial_test_reader");
  const auto pool = hewn::sqlite::open_pool(folder.path + "/app.db");
  pool.acquire();
  auto reader = pool.acquire_reader();
  const hewn::error refused = failure_of([&] { migrator(reader, files("-- up\nSELECT 1;")).up(); });
  CHECK(refused.code() == errc::read_only);
  CHECK(says(refused, "take a writer of a pool by acquire()"));
}

TEST_CASE("a new column that has the values of an old one by chance is not that one", "[p:A3]") {
  constexpr std::string_view flags =
      "CREATE TABLE users (id INTEGER PRIMARY KEY, blocked INTEGER, name TEXT, nick TEXT, "
      "admin INTEGER);\n"
      "INSERT INTO users VALUES (1, 0, 'a', 'a', 0), (2, 0, 'b', 'b', 0);\n";
  const std::string retries = "ALTER TABLE users ADD COLUMN retries INTEGER DEFAULT 0;";
  const std::string blocked = "the column users.blocked with 2 values";
  CHECK(lost_by("ALTER TABLE users DROP COLUMN blocked; " + retries, flags) == list{blocked});
  CHECK(lost_by("ALTER TABLE users DROP COLUMN blocked; ALTER TABLE users DROP COLUMN admin; " +
                    retries,
                flags) == list{blocked, "the column users.admin with 2 values"});
  // Values that are not all one are not there by chance, and are those of one column.
  const std::string copied =
      "ALTER TABLE users ADD COLUMN label TEXT; UPDATE users SET label = name; "
      "ALTER TABLE users DROP COLUMN name;";
  CHECK(lost_by(copied, flags).empty());
  CHECK(lost_by(copied + " ALTER TABLE users DROP COLUMN nick;", flags) ==
        list{"the column users.nick with 2 values"});
  CHECK(lost_by("ALTER TABLE users RENAME COLUMN blocked TO held; UPDATE users SET held = held;",
                flags)
            .empty());
}

TEST_CASE("an AUTOINCREMENT counter that falls is asked about", "[p:A3]") {
  // The keys up to 9 were given out, and 3 rows are left.
  constexpr std::string_view orders =
      "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);\n"
      "CREATE TABLE other (id INTEGER PRIMARY KEY AUTOINCREMENT);\n"
      "INSERT INTO other VALUES (5);\n"
      "INSERT INTO orders VALUES (1, 'a'), (2, 'b'), (3, 'c'), (9, 'd');\n"
      "DELETE FROM orders WHERE id = 9;\n";
  const std::string copied = "INSERT INTO fresh SELECT * FROM orders; DROP TABLE orders; ";
  const std::string counted = "CREATE TABLE fresh (id INTEGER PRIMARY KEY AUTOINCREMENT, what); ";
  const std::string renamed = "ALTER TABLE fresh RENAME TO orders;";
  const auto falls = [](const std::string& table = "orders") {
    return list{"what cannot be counted: the AUTOINCREMENT counter of the table " + table +
                " falls, so that keys which it has given out would be given out again"};
  };

  for (const std::string& script :
       list{"DELETE FROM sqlite_sequence WHERE name = 'orders';",
            "UPDATE sqlite_sequence SET seq = 8 WHERE name = 'orders';",
            "UPDATE sqlite_sequence SET seq = NULL WHERE name = 'orders';",
            "UPDATE sqlite_sequence SET seq = 'many' WHERE name = 'orders';",
            // Of two rows SQLite reads the first.
            "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'orders'; "
            "INSERT INTO sqlite_sequence VALUES ('orders', 9);",
            "INSERT INTO sqlite_sequence (rowid, name, seq) VALUES (-1, 'orders', 0);",
            "UPDATE sqlite_sequence SET name = 'Orders' WHERE name = 'orders';",
            counted + copied + renamed,
            "CREATE TABLE fresh (id INTEGER PRIMARY KEY, what); " + copied + renamed,
            // A counter that nobody reads.
            "CREATE TABLE fresh (id INTEGER PRIMARY KEY, what); " + copied + renamed +
                " INSERT INTO sqlite_sequence VALUES ('orders', 9);",
            "ALTER TABLE orders RENAME TO past; CREATE TABLE orders (id INTEGER PRIMARY KEY "
            "AUTOINCREMENT, what); INSERT INTO orders SELECT * FROM past;",
            // Under another name, or without a row.
            "DELETE FROM sqlite_sequence WHERE name = 'orders'; ALTER TABLE orders RENAME TO "
            "purchases;",
            counted + "INSERT INTO fresh SELECT * FROM orders; DROP TABLE orders;"})
    CHECK(lost_by(script, orders) == falls());
  CHECK(lost_by("DELETE FROM sqlite_sequence;", orders) == falls());
  CHECK(lost_by("DELETE FROM orders; DELETE FROM sqlite_sequence WHERE name = 'orders';", orders) ==
        list{"3 rows of the table orders", falls().front()});
  CHECK(lost_by("DELETE FROM other; DELETE FROM sqlite_sequence WHERE name = 'other';", orders) ==
        list{"1 row of the table other", falls("other").front()});

  for (const std::string& script :
       list{"UPDATE sqlite_sequence SET seq = 20;",
            // As many keys are taken, so that none is given out again.
            "DELETE FROM sqlite_sequence WHERE name = 'other';",
            "INSERT INTO orders VALUES (12, 'e'); UPDATE sqlite_sequence SET seq = 0 "
            "WHERE name = 'orders';",
            "ALTER TABLE orders RENAME TO purchases;",
            counted + "UPDATE sqlite_sequence SET seq = 1; " + copied + renamed +
                " UPDATE sqlite_sequence SET seq = 9 WHERE name = 'orders';",
            "INSERT OR REPLACE INTO orders VALUES (NULL, 'e');",
            // Whose keys the program gives.
            "CREATE TABLE fresh (id INT PRIMARY KEY, what); " + copied + renamed})
    CHECK(lost_by(script, orders).empty());
  CHECK(lost_by("DROP TABLE orders;", orders) == list{"the table orders with 3 rows"});
  CHECK(lost_by("DELETE FROM orders; DROP TABLE other;", orders) ==
        list{"3 rows of the table orders", "the table other with 1 row"});

  // In C++ likewise, and the consent is to this one loss alone.
  auto db = filled(orders);
  const auto add = [](migrator<driver>& m) -> migrator<driver>& {
    return m.add({.version = 2, .name = "renumber", .id = "1", .up = [](auto& tx) {
                    tx.execute(hewn::sql<"DELETE FROM sqlite_sequence WHERE name = 'orders'">);
                  }});
  };
  const std::vector<hewn::migration_file> first = {files("-- up\nSELECT 1;", orders).front()};
  migrator looked(db, first);
  const hewn::migration_report would = add(looked).dry_run();
  REQUIRE(would.results.size() == 1);
  CHECK(words_of(would.results[0].losses) == falls());
  migrator refused(db, first);
  CHECK(failure_of([&] { add(refused).up(); }).code() == errc::approval_required);
  const hewn::approval a = looked.approve(would.results[0], "a test", {.approver = "ada"});
  db.script("UPDATE orders SET what = 'x'");
  migrator allowed(db, first, {.approvals = {a}});
  CHECK(words_of(add(allowed).up().results.at(0).losses) == falls());
  CHECK(number(db, "SELECT count(*) FROM sqlite_sequence WHERE name = 'orders'") == 0);
}

TEST_CASE("what fires on a plain insert is found", "[p:A4]") {
  const std::string armed = std::string(shop) +
                            "CREATE TRIGGER cap AFTER INSERT ON log BEGIN DELETE FROM users WHERE "
                            "id < 3; UPDATE tags SET weight = NULL; END;\n"
                            "CREATE VIEW all_users AS SELECT * FROM users;\n"
                            "CREATE TRIGGER clear INSTEAD OF INSERT ON all_users BEGIN DELETE FROM "
                            "users; END;\n"
                            "CREATE TABLE one (k INTEGER PRIMARY KEY ON CONFLICT REPLACE, v);\n"
                            "INSERT INTO one VALUES (1, 'kept');\n";
  const list by_trigger = {"2 rows of the table users", "2 values of the column tags.weight"};
  CHECK(lost_by("INSERT INTO log VALUES ('c');", armed) == by_trigger);
  CHECK(lost_by("INSERT INTO all_users (id) VALUES (9);", armed) ==
        list{"3 rows of the table users"});
  CHECK(lost_by("INSERT INTO one VALUES (1, 'other');", armed) ==
        list{"1 value of the column one.v, overwritten"});
  CHECK(lost_by("INSERT INTO one VALUES (2, 'new');", armed).empty());
  // The migration brings what fires.
  CHECK(lost_by("CREATE TRIGGER own AFTER INSERT ON tags BEGIN DELETE FROM log; END; INSERT INTO "
                "tags VALUES ('green', 0);") == list{"3 rows of the table log"});
  CHECK(lost_by("WITH n(i) AS (SELECT 1) INSERT INTO users SELECT 1, 'x', 'y' FROM n WHERE true ON "
                "CONFLICT DO UPDATE SET secret = excluded.secret;") ==
        list{"1 value of the column users.secret, overwritten"});
  // One of several in one transaction makes what fires on the rows of another.
  auto db = filled();
  auto all = files("-- up\nCREATE TRIGGER own AFTER INSERT ON tags BEGIN DELETE FROM log; END;");
  for (auto& m :
       hewn::read_migrations({{"0003_x.sql", "-- up\nINSERT INTO tags VALUES ('g', 0);"}}))
    all.push_back(std::move(m));
  const hewn::error refused = failure_of([&] { migrator(db, all, {.all_or_nothing = true}).up(); });
  CHECK(says(refused, "migration 3 (x) would destroy"));
  CHECK(says(refused, "\n  3 rows of the table log"));
  CHECK(number(db, "SELECT count(*) FROM log") == 3);
}

TEST_CASE("a block of statements is judged by all of them", "[p:A4]") {
  CHECK(lost_by("-- +goose StatementBegin\nSELECT 1; DELETE FROM log;\n-- +goose StatementEnd\n") ==
        list{"3 rows of the table log"});
}

TEST_CASE("what a full-text index or another virtual table holds is compared", "[p:A4]") {
  auto any = filled();
  if (number(any,
             "SELECT count(*) FROM pragma_compile_options WHERE compile_options IN "
             "('ENABLE_FTS5', 'ENABLE_RTREE')") != 2)
    SKIP("this SQLite has no FTS5 or no R-trees");
  const std::string indexed =
      std::string(shop) +
      "CREATE VIRTUAL TABLE bare USING fts5(text, content = '');\n"
      "INSERT INTO bare (rowid, text) VALUES (1, 'one'), (2, 'two');\n"
      "CREATE VIRTUAL TABLE names USING fts5(name, content = 'users', content_rowid = 'id');\n"
      "INSERT INTO names (names) VALUES ('rebuild');\n"
      "CREATE VIRTUAL TABLE whole USING fts5(text);\n"
      "INSERT INTO whole VALUES ('one'), ('two'), ('three');\n"
      "CREATE VIRTUAL TABLE blind USING fts5(text, content = '', columnsize = 0);\n"
      "CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);\n"
      "INSERT INTO boxes VALUES (1, 0, 1), (2, 1, 2);\n";
  CHECK(lost_by("INSERT INTO bare (bare) VALUES ('delete-all');", indexed) ==
        list{"2 rows of the table bare"});
  CHECK(lost_by("INSERT INTO names (names) VALUES ('delete-all');", indexed) ==
        list{"3 rows of the table names"});
  CHECK(lost_by("INSERT INTO bare (bare, rowid, text) VALUES ('delete', 1, 'one');", indexed) ==
        list{"1 row of the table bare"});
  CHECK(
      lost_by("DELETE FROM whole WHERE text = 'one'; UPDATE whole SET text = 'x' WHERE rowid = 2;",
              indexed) ==
      list{"1 row of the table whole", "1 value of the column whole.text, overwritten"});
  CHECK(
      lost_by("UPDATE boxes SET high = 9 WHERE id = 2; DELETE FROM boxes WHERE id = 1;", indexed) ==
      list{"1 row of the table boxes", "1 value of the column boxes.high, overwritten"});
  CHECK(lost_by("DROP TABLE whole;", indexed) == list{"the table whole with 3 rows"});
  CHECK(lost_by("INSERT INTO blind (blind) VALUES ('delete-all');", indexed) ==
        list{"what cannot be counted: the table blind has no rows that could be counted"});
  // Ordinary use adds.
  CHECK(
      lost_by("INSERT INTO whole VALUES ('four'); INSERT INTO bare (rowid, text) VALUES (3, 'x'); "
              "INSERT INTO boxes VALUES (3, 1, 2); INSERT INTO whole (whole) VALUES ('optimize'); "
              "ALTER TABLE whole RENAME TO texts;",
              indexed)
          .empty());
}

TEST_CASE("what a full-text index without texts has lost is found by its words", "[p:A4]") {
  auto any = filled();
  if (number(any,
             "SELECT count(*) FROM pragma_compile_options WHERE compile_options IN "
             "('ENABLE_FTS5', 'ENABLE_FTS4')") != 2)
    SKIP("this SQLite has no FTS5 or no FTS4");
  const std::string indexed =
      std::string(shop) +
      "CREATE VIRTUAL TABLE bare USING fts5(title, text, content = '');\n"
      "INSERT INTO bare (rowid, title, text) VALUES (1, 'one', 'red blue'), (2, 'two', 'red');\n"
      "CREATE VIRTUAL TABLE \"it's\" USING FTS5(Con=\"\", text, detail = column);\n"
      "INSERT INTO \"it's\" (rowid, text) VALUES (1, 'red blue'), (2, '');\n"
      "CREATE VIRTUAL TABLE plain USING fts5(text, content=, detail = none);\n"
      "INSERT INTO plain (rowid, text) VALUES (1, 'red');\n"
      "CREATE VIRTUAL TABLE old USING fts4(content=\"\", text);\n"
      "INSERT INTO old (docid, text) VALUES (1, 'red blue');\n"
      "CREATE VIRTUAL TABLE names USING fts5(name, content = 'users', content_rowid = 'id');\n"
      "INSERT INTO names (names) VALUES ('rebuild');\n";
  const std::string first =
      "INSERT INTO bare (bare, rowid, title, text) VALUES ('delete', 1, 'one', "
      "'red blue'); INSERT INTO bare (rowid, title, text) VALUES (1, ";
  // One document for another: as many words, more words, words in another order or column.
  CHECK(lost_by(first + "'one', 'red green');", indexed) ==
        list{"1 value of the column bare.text, overwritten"});
  CHECK(lost_by(first + "'one', 'blue red');", indexed) ==
        list{"1 value of the column bare.text, overwritten"});
  CHECK(lost_by(first + "'red', 'one blue green');", indexed) ==
        list{"1 value of the column bare.text, overwritten",
             "1 value of the column bare.title, overwritten"});
  CHECK(lost_by(first + "NULL, '');", indexed).size() == 2);
  CHECK(lost_by("INSERT INTO bare (bare, rowid, title, text) VALUES ('delete', 2, 'two', 'red'); " +
                    first + "'one', 'green');",
                indexed) ==
        list{"1 row of the table bare", "1 value of the column bare.text, overwritten"});
  CHECK(lost_by("INSERT INTO \"it's\" (\"it's\", rowid, text) VALUES ('delete', 1, 'red blue'); "
                "INSERT INTO \"it's\" (rowid, text) VALUES (1, 'red green');",
                indexed) == list{"1 value of the column it's.text, overwritten"});
  const auto unclear = [](const std::string& table) {
    return list{"what cannot be counted: the table " + table +
                " has other words in the place of some that cannot be told"};
  };
  CHECK(lost_by("INSERT INTO plain (plain, rowid, text) VALUES ('delete', 1, 'red'); INSERT INTO "
                "plain (rowid, text) VALUES (1, 'blue');",
                indexed) == unclear("plain"));
  // A number that is there already: the entry of the document is another one.
  CHECK(lost_by("INSERT INTO bare (rowid, title, text) VALUES (1, 'a', 'b');", indexed) ==
        unclear("bare"));
  CHECK(lost_by("INSERT INTO old (docid, text) VALUES (1, 'green');", indexed) == unclear("old"));
  // The tables of the index by hand, where the program permits it.
  auto db = filled(indexed);
  sqlite3_db_config(db.native_handle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  CHECK(asked_about(db, files("-- up\nDELETE FROM bare_data WHERE id > 10;", indexed)) ==
        list{"what cannot be counted: the table bare cannot be read on a copy"});
  // What is put back is there, what is added takes nothing away, and neither does a new name.
  CHECK(lost_by(first + "'one', 'red blue');", indexed).empty());
  CHECK(lost_by(
            "INSERT INTO bare (rowid, text) VALUES (3, 'red'); INSERT INTO \"it's\" (rowid, text) "
            "VALUES (3, 'x'); INSERT INTO plain (rowid, text) VALUES (2, 'red'); INSERT INTO old "
            "(docid, text) VALUES (2, 'red'); INSERT INTO bare (bare) VALUES ('optimize'); ALTER "
            "TABLE bare RENAME TO words;",
            indexed)
            .empty());
  // The texts of the other kind are in their own table.
  CHECK(lost_by("INSERT INTO names (names, rowid, name) VALUES ('delete', 1, 'Ada'); INSERT INTO "
                "names (rowid, name) VALUES (1, 'Ada L');",
                indexed)
            .empty());
}

namespace {

// What many programs register: runs the text that it is given.
void run_text(sqlite3_context* c, int, sqlite3_value** values) {
  const auto* const sql = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  sqlite3_exec(sqlite3_context_db_handle(c), sql, nullptr, nullptr, nullptr);
}
void run_and_answer(sqlite3_context* c, int n, sqlite3_value** values) {
  run_text(c, n, values);
  sqlite3_result_int(c, 1);
}
void answer(sqlite3_context* c) { sqlite3_result_int(c, 1); }

// A table-valued function that runs a text, too, when it is read.
struct wipes : sqlite3_vtab_cursor {
  bool over = false;
};
const sqlite3_module wipe_module = [] {
  sqlite3_module m{};
  m.xConnect = [](sqlite3* db, void*, int, const char* const*, sqlite3_vtab** out, char**) {
    struct table : sqlite3_vtab {
      sqlite3* db;
    };
    *out = new table{{}, db};
    return sqlite3_declare_vtab(db, "CREATE TABLE x (a)");
  };
  m.xDisconnect = [](sqlite3_vtab* t) {
    struct table : sqlite3_vtab {
      sqlite3* db;
    };
    delete static_cast<table*>(t);
    return SQLITE_OK;
  };
  m.xBestIndex = [](sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; };
  m.xOpen = [](sqlite3_vtab*, sqlite3_vtab_cursor** out) {
    *out = new wipes{};
    return SQLITE_OK;
  };
  m.xClose = [](sqlite3_vtab_cursor* c) {
    delete static_cast<wipes*>(c);
    return SQLITE_OK;
  };
  m.xFilter = [](sqlite3_vtab_cursor* c, int, const char*, int, sqlite3_value**) {
    struct table : sqlite3_vtab {
      sqlite3* db;
    };
    return sqlite3_exec(static_cast<table*>(c->pVtab)->db, "DELETE FROM users", nullptr, nullptr,
                        nullptr);
  };
  m.xNext = [](sqlite3_vtab_cursor* c) {
    static_cast<wipes*>(c)->over = true;
    return SQLITE_OK;
  };
  m.xEof = [](sqlite3_vtab_cursor* c) { return int{static_cast<wipes*>(c)->over}; };
  m.xColumn = [](sqlite3_vtab_cursor*, sqlite3_context* c, int) { return answer(c), SQLITE_OK; };
  m.xRowid = [](sqlite3_vtab_cursor*, sqlite3_int64* out) { return *out = 1, SQLITE_OK; };
  return m;
}();

void register_program(const database& db) {
  sqlite3* const to = db.native_handle();
  for (const char* const name : {"eval", "regexp", "upper"})
    sqlite3_create_function(to, name, name[0] == 'r' ? 2 : 1, SQLITE_UTF8, nullptr, &run_and_answer,
                            nullptr, nullptr);
  sqlite3_create_function(to, "eval_all", 1, SQLITE_UTF8, nullptr, nullptr, &run_text, &answer);
  sqlite3_create_window_function(to, "eval_here", 1, SQLITE_UTF8, nullptr, &run_text, &answer,
                                 &answer, &run_text, nullptr);
  sqlite3_create_module_v2(to, "wipe", &wipe_module, nullptr, nullptr);
}

const std::string not_registered =
    ", a function of the program that prepare_copies has not registered on the copy";

list unregistered(const std::string& name) {
  return {"what cannot be counted: it calls " + name + not_registered};
}

}  // namespace

TEST_CASE("what calls a function of the program that may write is tried or asked about", "[p:A4]") {
  const std::string call = "eval('DELETE FROM users')";
  struct sample {
    std::string script;
    std::string called = "eval";
  };
  const std::vector<sample> all = {
      {"SELECT " + call + ";"},
      {"VALUES (" + call + ");"},
      {"WITH x(a) AS (SELECT " + call + ") SELECT a FROM x;"},
      {"SELECT \"EVAL\"('DELETE FROM users');"},
      {"INSERT INTO log SELECT " + call + ";"},
      {"INSERT INTO log VALUES (" + call + ");"},
      {"CREATE TABLE x AS SELECT " + call + " AS y;"},
      {"CREATE TABLE x (y CHECK (" + call + ")); INSERT INTO x VALUES (1);"},
      {"CREATE TABLE x (y, z DEFAULT (" + call + ")); INSERT INTO x (y) VALUES (1);"},
      {"CREATE VIEW v AS SELECT " + call + " AS y; CREATE TABLE x AS SELECT y FROM v;"},
      {"CREATE TRIGGER t AFTER INSERT ON log BEGIN SELECT " + call +
       "; END; INSERT INTO log VALUES ('c');"},
      {"ALTER TABLE log ADD COLUMN x CHECK (" + call + ") DEFAULT 1;"},
      {"-- no transaction\nSELECT " + call + ";"},
      {"-- +goose StatementBegin\nSELECT 1; SELECT " + call + ";\n-- +goose StatementEnd\n"},
      {"SELECT 'x' REGEXP 'DELETE FROM users';", "regexp"},
      {"CREATE TABLE x AS SELECT upper('DELETE FROM users') AS y;", "upper"},
      {"SELECT eval_all('DELETE FROM users');", "eval_all"},
      {"SELECT eval_here('DELETE FROM users') OVER ();", "eval_here"}};
  for (const auto& [script, called] : all)
    for (const bool registered : {false, true}) {
      INFO(script << registered);
      auto db = filled();
      register_program(db);
      std::vector<list> asked;
      bool agrees = false;
      migrator m(db, files("-- up\n" + script), {.approve = [&](const hewn::destruction& d) {
                   asked.push_back(words_of(d.losses));
                   return agrees;
                 }});
      if (registered) m.prepare_copies(&register_program);
      const list lost = registered ? list{"3 rows of the table users"} : unregistered(called);
      CHECK(failure_of([&] { m.up(); }).code() == errc::approval_required);
      CHECK(asked == std::vector<list>{lost});
      CHECK(number(db, "SELECT count(*) FROM users") == 3);
      const hewn::migration_report would = m.dry_run();
      REQUIRE(would.results.size() == 1);
      CHECK(words_of(would.results[0].losses) == lost);
      CHECK(would.failure.has_value() == !registered);
      if (would.failure) CHECK(says(*would.failure, "because it calls " + called));
      CHECK(number(db, "SELECT count(*) FROM users") == 3);
      agrees = true;
      CHECK(words_of(m.up().results.at(0).losses) == lost);
      CHECK(number(db, "SELECT count(*) FROM users") == 0);
    }
}

TEST_CASE("a schema that calls a function of the program is tried or asked about", "[p:A4]") {
  const std::string call = "eval('DELETE FROM users')";
  for (const auto& [made, script] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE VIEW v AS SELECT " + call + " AS y", "CREATE TABLE x AS SELECT y FROM v;"},
           {"CREATE TEMP VIEW v AS SELECT " + call + " AS y", "CREATE TABLE x AS SELECT y FROM v;"},
           {"CREATE TABLE x (y CHECK (" + call + "))", "INSERT INTO x VALUES (1);"}}) {
    INFO(made);
    auto db = filled();
    register_program(db);
    db.script(made);
    CHECK_FALSE(asked_about(db, files("-- up\n" + script)).empty());
    CHECK(number(db, "SELECT count(*) FROM users") == 3);
  }
}

TEST_CASE("a virtual table that is code of the program is tried or asked about", "[p:A4]") {
  for (const std::string script :
       {"SELECT * FROM wipe;", "INSERT INTO log SELECT a FROM \"wipe\";",
        "CREATE VIRTUAL TABLE w USING wipe; CREATE TABLE x AS SELECT a FROM w;"}) {
    INFO(script);
    auto db = filled();
    register_program(db);
    const auto all = files("-- up\n" + script);
    CHECK(asked_about(db, all) == list{"what cannot be counted: it fails on a copy, where "
                                       "prepare_copies has not registered wipe"});
    CHECK(number(db, "SELECT count(*) FROM users") == 3);
    const hewn::migration_report would = migrator(db, all).dry_run();
    REQUIRE(would.failure);
    INFO(would.failure->what());
    CHECK(says(*would.failure, "has not registered wipe"));
  }
  auto db = filled();
  register_program(db);
  migrator m(db, files("-- up\nSELECT * FROM wipe;"));
  m.prepare_copies(&register_program);
  CHECK(says(failure_of([&] { m.up(); }), "\n  3 rows of the table users"));
}

TEST_CASE("what a function of the program does is compared everywhere", "[p:A3]") {
  // In earnest it writes another table than on the copy.
  auto db = filled();
  const auto add = [](const database& to, const char* table) {
    sqlite3_create_function(
        to.native_handle(), "tidy", 0, SQLITE_UTF8, const_cast<char*>(table),
        [](sqlite3_context* c, int, sqlite3_value**) {
          sqlite3_exec(
              sqlite3_context_db_handle(c),
              ("DELETE FROM " + std::string(static_cast<char*>(sqlite3_user_data(c)))).c_str(),
              nullptr, nullptr, nullptr);
        },
        nullptr, nullptr);
  };
  add(db, "users");
  migrator m(db, files("-- up\nSELECT tidy();"));
  m.prepare_copies([&](const database& copy) { add(copy, "log WHERE false"); });
  const hewn::error refused = failure_of([&] { m.up(); });
  CHECK(refused.code() == errc::approval_required);
  CHECK(says(refused, "\n  3 rows of the table users, on the copy none"));
  CHECK(number(db, "SELECT count(*) FROM users") == 3);
}

TEST_CASE("a function that only computes makes nothing be tried", "[p:A4]") {
  const std::string texts = std::string(shop) + "CREATE VIRTUAL TABLE words USING fts5(word);\n" +
                            "CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);\n";
  auto db = filled(texts);
  for (const int flag : {SQLITE_DETERMINISTIC, SQLITE_INNOCUOUS})
    sqlite3_create_function(db.native_handle(), flag == SQLITE_INNOCUOUS ? "slug" : "lower", 1,
                            SQLITE_UTF8 | flag, nullptr, &run_and_answer, nullptr, nullptr);
  auto all = files(
      "-- up\nCREATE TABLE x AS SELECT slug(name) AS a FROM users;\n"
      "SELECT lower(name) FROM users;\n"
      "SELECT highlight(words, 0, '', '') FROM words WHERE words MATCH 'x';\n"
      "SELECT rtreecheck('boxes'), json_extract('[1]', '$[0]'), 'a' LIKE 'A';\n"
      "ALTER TABLE log ADD COLUMN y;",
      texts);
  // One that may write concerns only what can call it.
  for (auto& next : hewn::read_migrations({{"0003_x.sql", "-- up\nCREATE TABLE z (y);"}}))
    all.push_back(std::move(next));
  int copies = 0;
  migrator m(db, all);
  m.prepare_copies([&](const database&) { ++copies; });
  m.up_to(2);
  register_program(db);
  m.up();
  CHECK(number(db, "SELECT count(*) FROM z") == 0);
  CHECK(copies == 0);
}

TEST_CASE("a copy that lacks what a program has registered says how it gets it", "[p:A5]") {
  auto db = filled();
  sqlite3_create_function(db.native_handle(), "slug", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                          nullptr, &run_and_answer, nullptr, nullptr);
  sqlite3_create_collation(db.native_handle(), "de", SQLITE_UTF8, nullptr,
                           [](void*, int, const void*, int, const void*) { return 0; });
  CHECK(asked_about(db, files("-- up\nUPDATE log SET line = slug(line);")) == unregistered("slug"));
  // To name it is not to call it.
  CHECK(asked_about(db, files("-- up\nCREATE TABLE x (y CHECK (slug(y))); DELETE FROM log;")) ==
        list{"3 rows of the table log"});
  const auto sorted = files("-- up\nDELETE FROM log WHERE line = 'a' COLLATE de;");
  CHECK(asked_about(db, sorted) == list{"what cannot be counted: it fails on a copy, where "
                                        "prepare_copies has not registered de"});
  // Another mistake stays one.
  CHECK(says(failure_of([&] { migrator(db, files("-- up\nDELETE FROM nowhere;")).up(); }),
             "no such table: nowhere"));
  // Who catches the failure hides nothing.
  register_program(db);
  migrator m(db, {files("-- up\nSELECT 1;")[0]});
  m.add({.version = 2, .name = "hides", .id = "1", .up = [](auto& tx) {
           try {
             tx.script("SELECT eval('DELETE FROM users')");
           } catch (const hewn::error&) {
           }
         }});
  CHECK(says(failure_of([&] { m.up(); }), "it calls eval" + not_registered));
  CHECK(number(db, "SELECT count(*) FROM users") == 3);
}

TEST_CASE("a trigger that no copy has is asked about", "[p:A4]") {
  auto db = filled();
  db.script("CREATE TEMP TRIGGER t AFTER INSERT ON main.log BEGIN DELETE FROM users; END");
  CHECK(asked_about(db, files("-- up\nINSERT INTO log VALUES ('c');")) ==
        list{"what cannot be counted: the temporary trigger t fires, which no copy has"});
  CHECK(number(db, "SELECT count(*) FROM users") == 3);
}

TEST_CASE("nothing is recorded where that would set off a trigger that writes", "[p:A4]") {
  const std::string trigger =
      "CREATE TRIGGER x AFTER INSERT ON Hewn_Migrations BEGIN DELETE FROM "
      "log; END;";
  const auto refused = [](database& db, const std::vector<hewn::migration_file>& all) {
    const hewn::error e = failure_of([&] { migrator(db, all).up(); });
    INFO(e.what());
    CHECK(e.code() == errc::usage);
    CHECK(says(e, "hewn: the trigger x on the table "));
    CHECK(says(e, " may write whenever hewn records something there; drop it"));
    CHECK(number(db, "SELECT count(*) FROM log") == 3);
    CHECK(number(db, "SELECT count(*) FROM hewn_migrations") == 1);
  };
  // Made by hand, by this connection alone, by the migration itself.
  auto db = filled();
  db.script(trigger);
  const auto plain = files("-- up\nCREATE TABLE more (n);");
  refused(db, plain);
  db.script(
      "DROP TRIGGER x; CREATE TEMP TRIGGER x AFTER INSERT ON main.hewn_migrations BEGIN "
      "UPDATE log SET line = NULL; END;");
  refused(db, plain);
  db.script("DROP TRIGGER x");
  refused(db, files("-- up\n" + trigger));
  refused(db, files("-- up\n" + trigger + "\nDELETE FROM users WHERE id > 9;"));
  db.script(trigger);
  refused(db, files("-- up\n-- no transaction\nCREATE TABLE steps (n);"));
  // One that is dropped on the way, and one that only refuses.
  CHECK(lost_by("CREATE TRIGGER no BEFORE DELETE ON hewn_migrations BEGIN SELECT RAISE(ABORT, "
                "'delete'); END;")
            .empty());
  migrator(db, files("-- up\nDROP TRIGGER x;")).up();
  CHECK(number(db, "SELECT count(*) FROM hewn_migrations") == 2);
  CHECK(number(db, "SELECT count(*) FROM log") == 3);
}

TEST_CASE("a dry run is refused where nothing could be recorded", "[p:A4]") {
  const std::string trigger = "AFTER INSERT ON hewn_migrations BEGIN DELETE FROM log; END";
  const auto plain = files("-- up\nCREATE TABLE more (n);\n-- down\nCREATE TABLE less (n);");
  const list traps = {
      "CREATE TRIGGER x " + trigger, "CREATE TRIGGER begin " + trigger,
      "CREATE TEMP TRIGGER x AFTER INSERT ON main.hewn_migrations BEGIN DELETE FROM log; END",
      "CREATE TABLE child (v REFERENCES hewn_migrations ON DELETE CASCADE)",
      "CREATE TEMP TRIGGER x BEFORE INSERT ON main.hewn_audit BEGIN DELETE FROM log; END"};
  for (const std::string& trap : traps) {
    INFO(trap);
    auto db = filled();
    db.script("CREATE TABLE IF NOT EXISTS hewn_audit (seq); " + trap);
    const hewn::migration_report would = migrator(db, plain).dry_run();
    const hewn::error up = failure_of([&] { migrator(db, plain).up(); });
    CHECK(up.code() == errc::usage);
    CHECK(says(up, " may write whenever hewn records something there; drop it"));
    REQUIRE(would.failure);
    CHECK(std::string(would.failure->what()) == up.what());
    CHECK(would.results.empty());
    const hewn::error function = failure_of([&] { migrator(db, plain).baseline(2, "why"); });
    CHECK(function.code() == errc::usage);
    CHECK(number(db, "SELECT count(*) FROM log") == 3);
    CHECK(number(db, "SELECT count(*) FROM hewn_migrations") == 1);
  }
  // On the way back likewise.
  auto db = filled();
  migrator(db, plain).up();
  db.script(
      "CREATE TEMP TRIGGER x AFTER INSERT ON main.hewn_migrations BEGIN DELETE FROM log; END");
  const hewn::migration_report back = migrator(db, plain).dry_run_down();
  REQUIRE(back.failure);
  CHECK(std::string(back.failure->what()) ==
        failure_of([&] { migrator(db, plain).down(); }).what());
  CHECK(number(db, "SELECT count(*) FROM log") == 3);
  // Nothing to do, nothing to record.
  CHECK_FALSE(migrator(db, plain).dry_run().failure);
}

TEST_CASE("a copy is tried with the settings of the connection", "[p:A4]") {
  const auto lost_with = [](std::string_view settings, const std::string& script,
                            std::string_view more) {
    INFO(settings);
    const std::string first = std::string(shop) + std::string(more);
    auto db = filled(first);
    if (settings == "no triggers")
      sqlite3_db_config(db.connection().native().native(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
                        nullptr);
    else
      db.script(settings);
    return asked_about(db, files("-- up\n" + script, first));
  };
  CHECK(lost_with("PRAGMA recursive_triggers = ON", "REPLACE INTO u VALUES (1, 1);",
                  "CREATE TABLE u (a UNIQUE, b); INSERT INTO u VALUES (1, 1);\n"
                  "CREATE TRIGGER x AFTER DELETE ON u BEGIN DELETE FROM log; END;") ==
        list{"3 rows of the table log"});
  CHECK(lost_with("PRAGMA ignore_check_constraints = ON", "UPDATE OR IGNORE c SET n = -n;",
                  "CREATE TABLE c (n INT CHECK (n > 0)); INSERT INTO c VALUES (1);") ==
        list{"1 value of the column c.n, overwritten"});
  CHECK(lost_with("PRAGMA case_sensitive_like = ON", "DELETE FROM log WHERE line NOT LIKE 'A';",
                  "") == list{"3 rows of the table log"});
  CHECK(lost_with("PRAGMA reverse_unordered_selects = ON",
                  "DELETE FROM users WHERE id > (SELECT id FROM users LIMIT 1);", "")
            .empty());
  CHECK(
      lost_with("no triggers", "DELETE FROM log;",
                "CREATE TRIGGER keep AFTER DELETE ON log BEGIN INSERT INTO log VALUES (old.line); "
                "END;") == list{"3 rows of the table log"});
}

TEST_CASE("a verb on the copy fails with the code that it fails with in earnest", "[p:C4]") {
  constexpr std::string_view family =
      "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
      " age INTEGER CHECK (age < 100)); INSERT INTO parents VALUES (1, 'a', 2);\n";
  struct mistake {
    std::string script;
    errc code;
    int native;
    std::string column;
  };
  for (const mistake& wrong :
       {mistake{"INSERT INTO parents (name) VALUES ('a')", errc::conflict, SQLITE_CONSTRAINT_UNIQUE,
                "name"},
        {"INSERT INTO parents VALUES (1, 'b', 2)", errc::conflict, SQLITE_CONSTRAINT_PRIMARYKEY,
         "id"},
        {"INSERT INTO parents (name) VALUES (NULL)", errc::not_null, SQLITE_CONSTRAINT_NOTNULL,
         "name"},
        {"INSERT INTO parents VALUES (2, 'b', 200)", errc::check, SQLITE_CONSTRAINT_CHECK, ""}})
    for (const bool rehearsed : {true, false}) {
      INFO(wrong.script << (rehearsed ? ", tried out" : ", not tried out"));
      auto db = hewn::sqlite::open(":memory:");
      db.script(family);
      int caught = 0;
      migrator m(db, {});
      m.add({.version = 1,
             .name = "m",
             .id = "m",
             .up =
                 [&](auto& session) {
                   const auto failed = failure_of([&] {
                     session.transaction(
                         [&](auto& inner) { inner.execute(hewn::dynamic_sql(wrong.script)); });
                   });
                   ++caught;
                   CHECK(failed.code() == wrong.code);
                   CHECK(failed.native() == wrong.native);
                   CHECK(failed.table() == "parents");
                   CHECK(failed.column() == wrong.column);
                 },
             .rehearsed = rehearsed});
      CHECK(m.up().results.size() == 1);
      CHECK(caught >= (rehearsed ? 2 : 1));
    }
}

TEST_CASE("nothing that is tried gets out of the copy", "[p:A5]") {
  const support::temporary_folder folder("sealed");
  const std::string outside = folder.path + "/outside.db";
  {
    auto db = hewn::sqlite::open(outside);
    db.script("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  }
  const std::string copied = folder.path + "/copied.db";
  const std::string head = "-- no transaction\n-- up\n";
  const std::string beyond = "what cannot be counted: it would open another database";
  for (const std::string& script :
       {head + "ATTACH '" + outside + "' AS o; DELETE FROM o.t; DETACH o;",
        head + "ATTACH '" + folder.path + "/' || 'outside.db' AS o; DELETE FROM o.t; DETACH o;",
        "-- up\nATTACH '" + outside + "' AS o; DELETE FROM o.t;",
        head + "VACUUM INTO '" + copied + "';",
        head + "DELETE FROM log; VACUUM INTO '" + copied + "';"}) {
    INFO(script);
    auto db = filled(shop, folder.path + "/app.db");
    const auto all = files(script);
    migrator m(db, all);
    const hewn::migration_report would = m.dry_run();
    REQUIRE(would.results.size() == 1);
    CHECK(words_of(would.results[0].losses).back() == beyond);
    REQUIRE(would.failure);
    CHECK(says(*would.failure,
               "hewn: migration 2 (next) cannot be tried out on a copy, because it would open "
               "another database; approve it unseen, or leave that out"));
    CHECK(asked_about(db, all).back() == beyond);
    CHECK(number(hewn::sqlite::open(outside), "SELECT count(*) FROM t") == 1);
    CHECK_FALSE(std::filesystem::exists(copied));
    // Approved, it runs, and for good.
    const hewn::approval a = m.approve(would.results[0], "seen by ada", {.approver = "ada"});
    CHECK(migrator(db, all, {.approvals = {a}}).up().results.size() == 1);
    CHECK(migrator(db, all).up().empty());
    const bool copies = script.find("VACUUM") != script.npos;
    CHECK(std::filesystem::exists(copied) == copies);
    auto other = hewn::sqlite::open(outside);
    CHECK(number(other, "SELECT count(*) FROM t") == (copies ? 1 : 0));
    other.script("DELETE FROM t; INSERT INTO t VALUES (1)");
    std::filesystem::remove(copied);
    db = hewn::sqlite::open(":memory:");
    for (const std::string& name : folder.files())
      if (name.starts_with("app.db")) std::filesystem::remove(folder.path + "/" + name);
  }
}

TEST_CASE("what stays in the copy is tried as ever", "[p:A5]") {
  const std::string head = "-- no transaction\n-- up\n";
  for (const std::string& script :
       {head + "ATTACH ':memory:' AS o; CREATE TABLE o.t (x); INSERT INTO o.t VALUES (1); "
               "DELETE FROM o.t; DETACH o;",
        head + "VACUUM; PRAGMA journal_mode = DELETE; PRAGMA user_version = 7; ANALYZE;",
        std::string("-- up\nCREATE TEMP TABLE t AS SELECT * FROM users; DELETE FROM t; DROP TABLE "
                    "temp.t; PRAGMA foreign_key_check;")}) {
    INFO(script);
    auto db = filled();
    CHECK(migrator(db, files(script)).dry_run().results.size() == 1);
    CHECK_FALSE(migrator(db, files(script)).dry_run().failure);
    CHECK(asked_about(db, files(script)).empty());
  }
  auto db = filled();
  for (const char* const name :
       {"hard_heap_limit = 1000000000", "temp_store_directory = '/tmp'", "count_changes = 1"}) {
    INFO(name);
    const list asked =
        asked_about(db, files(head + "PRAGMA " + name + "; DELETE FROM log WHERE false;"));
    CHECK(asked ==
          list{"what cannot be counted: it sets a pragma whose effect does not stay in the "
               "database"});
  }
}

TEST_CASE("a function that hides what was refused is asked about all the same", "[p:A5]") {
  const support::temporary_folder folder("sealed_code");
  const std::string outside = folder.path + "/outside.db";
  auto db = filled();
  migrator m(db, {files("-- up\nSELECT 1;")[0]}, {.approve = {}});
  m.add({.version = 2, .name = "hides", .id = "1", .up = [&](auto& tx) {
           tx.script("UPDATE users SET secret = NULL WHERE id = 1");
           try {
             tx.script("ATTACH '" + outside + "' AS o");
           } catch (const hewn::error&) {
           }
         }});
  const hewn::error refused = failure_of([&] { m.up(); });
  CHECK(says(refused, "\n  1 value of the column users.secret"));
  CHECK(says(refused, "\n  what cannot be counted: it would open another database"));
  CHECK_FALSE(std::filesystem::exists(outside));
  const hewn::migration_report would = m.dry_run();
  REQUIRE(would.results.size() == 1);
  CHECK(would.results[0].losses.size() == 2);
  CHECK_FALSE(std::filesystem::exists(outside));
}

TEST_CASE("behind what cannot be tried out nothing is known", "[p:A5]") {
  const support::temporary_folder folder("sealed_together");
  const std::string outside = folder.path + "/outside.db";
  auto db = filled();
  auto all = files("-- up\nATTACH '" + outside + "' AS o; CREATE TABLE o.x (y); DELETE FROM log;");
  for (auto& m : hewn::read_migrations({{"0003_x.sql", "-- up\nDELETE FROM users;"}}))
    all.push_back(std::move(m));
  std::vector<list> asked;
  migrator m(db, all, {.all_or_nothing = true, .approve = [&](const hewn::destruction& d) {
                         asked.push_back(words_of(d.losses));
                         return true;
                       }});
  m.up();
  CHECK(asked == std::vector<list>{
                     {"what cannot be counted: it would open another database"},
                     {"what cannot be counted: a migration before it could not be tried out on a "
                      "copy"}});
}

TEST_CASE("what fails only for want of an attached database is asked about", "[p:A5]") {
  const support::temporary_folder folder("sealed_attached");
  auto db = filled(shop, folder.path + "/app.db");
  db.script("ATTACH '" + folder.path + "/archive.db' AS archive; CREATE TABLE archive.log (line)");
  const auto all = files("-- up\nINSERT INTO archive.log SELECT line FROM log; DELETE FROM log;");
  const list unknown = {
      "what cannot be counted: it fails on a copy, which lacks the attached database archive"};
  CHECK(asked_about(db, all) == unknown);
  migrator m(db, all);
  const hewn::migration_report would = m.dry_run();
  REQUIRE(would.results.size() == 1);
  CHECK(words_of(would.results[0].losses) == unknown);
  CHECK(would.failure);
  const hewn::approval a = m.approve(would.results[0], "seen by ada", {.approver = "ada"});
  for (const bool together : {false, true}) {
    INFO(together);
    hewn::migration_options options{.all_or_nothing = together, .approvals = {a}};
    if (together) options = {.all_or_nothing = true, .approve = [](const auto&) { return true; }};
    auto rest = all;
    for (auto& more : hewn::read_migrations({{"0003_x.sql", "-- up\nDELETE FROM archive.log;"}}))
      if (together) rest.push_back(std::move(more));
    migrator(db, rest, options).up();
    CHECK(number(db, "SELECT count(*) FROM archive.log") == (together ? 0 : 3));
  }
}

TEST_CASE("a database that copies were given is read and not written", "[p:A5]") {
  const support::temporary_folder folder("sealed_given");
  auto db = filled();
  const std::string attach = "ATTACH '" + folder.path + "/archive.db' AS archive";
  db.script(attach + "; CREATE TABLE archive.old (line); INSERT INTO archive.old VALUES ('a')");
  for (const std::string& script :
       {std::string("DELETE FROM log WHERE line IN (SELECT line FROM archive.old);"),
        std::string("INSERT INTO archive.old SELECT line FROM log; DELETE FROM log;"),
        std::string("DROP TABLE archive.old;"), std::string("PRAGMA archive.user_version = 3;"),
        std::string("ALTER TABLE archive.old ADD COLUMN x; DELETE FROM log;")}) {
    INFO(script);
    list asked;
    migrator m(db, files("-- up\n" + script), {.approve = [&](const hewn::destruction& d) {
                 asked = words_of(d.losses);
                 return false;
               }});
    m.prepare_copies([&](const auto& copy) { copy.script(attach); });
    CHECK(failure_of([&] { m.up(); }).code() == errc::approval_required);
    CHECK(asked == (script.starts_with("DELETE")
                        ? list{"1 row of the table log"}
                        : list{"what cannot be counted: it would write to another database"}));
    CHECK(number(db, "SELECT count(*) FROM archive.old") == 1);
    CHECK(number(db, "SELECT count(*) FROM pragma_table_info('old', 'archive')") == 1);
  }
}

TEST_CASE("a dry run names the migration that it cannot try out", "[p:A5]") {
  auto db = filled();
  auto all = files("-- up\nDELETE FROM log;");
  for (auto& m : hewn::read_migrations(
           {{"0003_x.sql", "-- up\nCREATE VIRTUAL TABLE t USING csv(filename = 'x');"}}))
    all.push_back(std::move(m));
  const hewn::migration_report would = migrator(db, all).dry_run();
  CHECK(would.results.size() == 1);
  REQUIRE(would.failure);
  CHECK(says(*would.failure,
             "migration 3 (x) cannot be tried out on a copy, because it makes a virtual table"));
}

TEST_CASE("a baseline is proved in a sealed database", "[p:A5]") {
  const support::temporary_folder folder("sealed_baseline");
  const std::string copied = folder.path + "/copied.db";
  auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE a (x)");
  migrator m(db, hewn::read_migrations(
                     {{"0001_a.sql",
                       std::string("-- no transaction\n-- up\nCREATE TABLE a (x); VACUUM INTO '") +
                           copied + "';"}}));
  CHECK(says(failure_of([&] { m.baseline(1, "made by hand"); }),
             "migration 1 (a) cannot be tried out on a copy, because it would open another"));
  CHECK_FALSE(std::filesystem::exists(copied));
}
