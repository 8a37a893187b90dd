// tests/migrate/migrator_test.cpp - running migrations on real files.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/migrate/files/statement_splitter.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/pool.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using hewn::errc;
using hewn::migration_direction;
using hewn::migration_options;
using hewn::migration_report;
using hewn::migration_state;
using hewn::migrations_in;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::says;
using support::temporary_file;
using support::temporary_folder;

namespace {

using database = hewn::sqlite::database;
using versions = std::vector<std::int64_t>;
using states = std::vector<std::pair<std::int64_t, migration_state>>;

using enum hewn::migration_state;

versions of(const migration_report& report) {
  versions out;
  for (const auto& r : report.results) out.push_back(r.version);
  return out;
}

template <class Driver>
states states_of(const migrator<Driver>& m) {
  states out;
  for (const auto& s : m.status()) out.emplace_back(s.version, s.state);
  return out;
}

std::vector<std::string> tables(const database& db) {
  return db.all<std::string>(
      hewn::sql<"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'hewn%' "
                "AND name NOT LIKE 'sqlite%' ORDER BY name">);
}

// Five migrations, each with a table of its own.
void write_five(const temporary_folder& folder) {
  for (const char n : std::string("12345")) {
    const std::string table(1, static_cast<char>('a' + (n - '1')));
    folder.write(std::string("000") + n + "_make_" + table + ".sql",
                 "-- up\nCREATE TABLE " + table + " (x);\nINSERT INTO " + table +
                     " VALUES (1);\n-- down\nDROP TABLE " + table + ";\n");
  }
}

migration_options approving() {
  return {.approve = [](const hewn::destruction&) { return true; }};
}

}  // namespace

TEST_CASE("up runs what is pending once, and says what it did") {
  const temporary_folder folder("migrations");
  const temporary_file file("up.db");
  write_five(folder);
  auto db = hewn::sqlite::open(file.path);
  migrator m(db, migrations_in(folder.path));
  CHECK(states_of(m) ==
        states{{1, pending}, {2, pending}, {3, pending}, {4, pending}, {5, pending}});
  CHECK(of(m.up_by_one()) == versions{1});
  CHECK(of(m.up_to(3)) == versions{2, 3});
  CHECK(states_of(m) ==
        states{{1, applied}, {2, applied}, {3, applied}, {4, pending}, {5, pending}});
  const migration_report rest = m.up();
  CHECK(of(rest) == versions{4, 5});
  CHECK(rest.results[0].name == "make_d");
  CHECK(rest.results[0].direction == migration_direction::up);
  CHECK(rest.results[0].statements == 2);
  CHECK(rest.results[0].duration.count() > 0);
  CHECK(m.up().empty());
  CHECK(tables(db) == std::vector<std::string>{"a", "b", "c", "d", "e"});
  CHECK(number(db, "SELECT COUNT(*) FROM hewn_migrations") == 5);
  m.validate();
  m.require_current();
}

TEST_CASE("a migrator whose database was moved from refuses") {
  const temporary_folder folder("migrations");
  const temporary_file file("moved.db");
  write_five(folder);
  auto db = hewn::sqlite::open(file.path);
  migrator m(db, migrations_in(folder.path));
  const database moved = std::move(db);
  const auto refused = [](const auto& call) {
    CHECK(
        failure_of(call).what() ==
        std::string("hewn: the database object was moved from; use the one that it was moved to"));
  };
  refused([&] { m.up(); });
  refused([&] { m.down(); });
  refused([&] { m.dry_run(); });
  refused([&] { m.status(); });
  refused([&] { m.validate(); });
  refused([&] { m.require_current(); });
  refused([&] { m.baseline(1, "because"); });
  refused([&] { migrator(db, migrations_in(folder.path)); });  // NOLINT: it was moved from
  CHECK(tables(moved).empty());
}

TEST_CASE("nothing to do writes nothing") {
  const temporary_folder folder("migrations");
  const temporary_file file("idle.db");
  write_five(folder);
  auto db = hewn::sqlite::open(file.path, {.write_ahead_log = false});
  migrator m(db, migrations_in(folder.path));
  m.up();
  const std::string before = file.bytes();
  auto other = hewn::sqlite::open(file.path, {.write_ahead_log = false});
  // Not even the lock is needed: another connection holds it.
  auto tx = other.begin();
  CHECK(m.up().empty());
  tx.rollback();
  CHECK(file.bytes() == before);
}

TEST_CASE("down, down_to, redo and what they record") {
  const temporary_folder folder("migrations");
  write_five(folder);
  auto db = hewn::sqlite::open(":memory:");
  migrator m(db, migrations_in(folder.path), approving());
  CHECK(m.down().empty());
  m.up();
  const migration_report one = m.down();
  CHECK(of(one) == versions{5});
  CHECK(one.results[0].direction == migration_direction::down);
  CHECK(one.results[0].losses.size() == 1);
  CHECK(states_of(m).back() == std::pair<std::int64_t, migration_state>{5, reverted});
  CHECK(of(m.redo()) == versions{4, 4});
  CHECK(of(m.down_to(2)) == versions{4, 3});
  CHECK(tables(db) == std::vector<std::string>{"a", "b"});
  CHECK(of(m.up()) == versions{3, 4, 5});
  CHECK(of(m.down_to(0)) == versions{5, 4, 3, 2, 1});
  CHECK(tables(db).empty());
  CHECK(says(failure_of([&] { m.down_to(7); }), "there is no migration with version 7"));
  CHECK(says(failure_of([&] { m.up_to(7); }), "there is no migration with version 7"));
  CHECK(number(db, "SELECT COUNT(*) FROM hewn_migrations WHERE event = 'reverted'") == 9);
}

TEST_CASE("a late older version is refused, skipped or applied", "[s89]") {
  const temporary_folder folder("migrations");
  write_five(folder);
  const std::string late = folder.read("0003_make_c.sql");
  std::filesystem::remove(folder.path + "/0003_make_c.sql");
  auto db = hewn::sqlite::open(":memory:");
  migrator(db, migrations_in(folder.path), {.allow_gaps = true}).up();
  folder.write("0003_make_c.sql", late);

  migrator strict(db, migrations_in(folder.path));
  CHECK(states_of(strict)[2].second == out_of_order);
  const hewn::error failure = failure_of([&] { strict.up(); });
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure, "migration 3 (make_c) is older than version 5"));

  migrator skipping(db, migrations_in(folder.path), {.out_of_order = hewn::out_of_order::skip});
  CHECK(skipping.up().empty());
  CHECK(states_of(skipping)[2].second == out_of_order);

  migrator applying(db, migrations_in(folder.path), {.out_of_order = hewn::out_of_order::apply});
  const migration_report report = applying.up();
  CHECK(of(report) == versions{3});
  CHECK(report.results[0].out_of_order);
  CHECK(applying.status()[2].applied_out_of_order);
  CHECK(states_of(applying)[2].second == applied);
  // What was done last is undone first.
  migrator undoing(db, migrations_in(folder.path), approving());
  CHECK(of(undoing.down()) == versions{3});
}

TEST_CASE("an applied file that was edited is refused, with all others that were", "[s90]") {
  const temporary_folder folder("migrations");
  write_five(folder);
  auto db = hewn::sqlite::open(":memory:");
  migrator(db, migrations_in(folder.path)).up();

  std::string windows = "\xEF\xBB\xBF";
  for (const char c : folder.read("0001_make_a.sql"))
    windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  folder.write("0001_make_a.sql", windows + "\r\n\r\n");
  CHECK(migrator(db, migrations_in(folder.path)).up().empty());

  folder.write("0002_make_b.sql", folder.read("0002_make_b.sql") + "-- changed\n");
  folder.write("0004_make_d.sql", folder.read("0004_make_d.sql") + "-- changed\n");
  folder.write("0006_make_f.sql", "-- up\nCREATE TABLE f (x);");
  migrator m(db, migrations_in(folder.path));
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == errc::checksum);
  CHECK(says(failure, "\n  2 (make_b)\n  4 (make_d)"));
  CHECK_FALSE(says(failure, "1 (make_a)"));
  CHECK(tables(db).size() == 5);

  CHECK(failure_of([&] { m.repair(2, ""); }).code() == errc::usage);
  m.repair(2, "a comment was added by ops");
  CHECK(says(failure_of([&] { m.up(); }), "\n  4 (make_d)"));
  CHECK(failure_of([&] { m.repair(2, "again"); }).code() == errc::usage);
  m.repair(4, "likewise");
  CHECK(of(m.up()) == versions{6});
  CHECK(m.status()[1].reason == "a comment was added by ops");
}

TEST_CASE("missing migrations are named and can be forgotten") {
  const temporary_folder folder("migrations");
  write_five(folder);
  auto db = hewn::sqlite::open(":memory:");
  migrator(db, migrations_in(folder.path)).up();
  std::filesystem::remove(folder.path + "/0002_make_b.sql");
  migrator m(db, migrations_in(folder.path), {.allow_gaps = true});
  CHECK(states_of(m)[1].second == missing);
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure, "\n  2 (make_b)"));
  m.repair(2, "squashed into 1");
  CHECK(m.up().empty());
  CHECK(m.status().size() == 4);
}

TEST_CASE("the third of five fails: two stay, or none", "[s91]") {
  const temporary_folder folder("migrations");
  write_five(folder);
  folder.write("0003_make_c.sql",
               "-- up\nCREATE TABLE c (x);\nINSERT INTO c VALUES (1);\n\nINSERT INTO nowhere "
               "VALUES (1);\n");
  for (const bool together : {false, true}) {
    auto db = hewn::sqlite::open(":memory:");
    migrator m(db, migrations_in(folder.path), {.all_or_nothing = together});
    const hewn::error failure = failure_of([&] { m.up(); });
    INFO(failure.what());
    CHECK(says(failure, "migration 3 (make_c) failed in 0003_make_c.sql:5 and was rolled back"));
    CHECK(says(failure, "nowhere"));
    CHECK(failure.sql() == "INSERT INTO nowhere VALUES (1)");
    const auto expected =
        together ? std::vector<std::string>{} : std::vector<std::string>{"a", "b"};
    CHECK(tables(db) == expected);
    CHECK(states_of(m)[0].second == (together ? pending : applied));
    CHECK(states_of(m)[2].second == pending);
  }
}

TEST_CASE("all or nothing applies all") {
  const temporary_folder folder("migrations");
  write_five(folder);
  folder.write("0006_clear.sql", "-- up\nDELETE FROM a;");
  auto db = hewn::sqlite::open(":memory:");
  std::vector<hewn::loss> asked;
  migrator m(db, migrations_in(folder.path),
             {.all_or_nothing = true, .approve = [&](const hewn::destruction& d) {
                asked = d.losses;
                return true;
              }});
  CHECK(of(m.up()) == versions{1, 2, 3, 4, 5, 6});
  // Counted although the rows were never committed when the question was asked.
  CHECK(asked == std::vector<hewn::loss>{{hewn::loss_kind::rows, "a", "", 1}});
  folder.write("0007_alone.sql", "-- no transaction\n-- up\nVACUUM;");
  migrator with_vacuum(db, migrations_in(folder.path), {.all_or_nothing = true});
  CHECK(says(failure_of([&] { with_vacuum.up(); }), "cannot share a transaction"));
}

TEST_CASE("whatever a callback throws, the migration is undone and the lock is free", "[s95]") {
  const temporary_file file("throws.db");
  auto db = hewn::sqlite::open(file.path);
  bool fail = true;
  migrator<hewn::sqlite::driver> m(db);
  m.add({.version = 1, .name = "make_a", .id = "1", .up = [&](auto& tx) {
           tx.script("CREATE TABLE a (x)");
           if (fail) throw std::runtime_error("no hewn error");
         }});
  m.add({.version = 2, .name = "make_b", .id = "2", .up = [&](auto& tx) {
           tx.script("CREATE TABLE b (x)");
           tx.script("CREATE TABLE b (x)");
         }});
  CHECK_THROWS_AS(m.up(), std::runtime_error);
  CHECK(tables(db).empty());
  auto other = hewn::sqlite::open(file.path, {.busy_timeout = std::chrono::milliseconds(0)});
  other.script("CREATE TABLE from_elsewhere (x)");
  fail = false;
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(says(failure, "migration 2 (make_b) failed in its function and was rolled back"));
  CHECK(tables(db) == std::vector<std::string>{"a", "from_elsewhere"});
  CHECK(states_of(m) == states{{1, applied}, {2, pending}});

  // Also from the callbacks of the options.
  migrator<hewn::sqlite::driver> third(db, {}, {.progress = [](const hewn::migration_progress& p) {
                                         if (p.what == hewn::migration_progress::recorded)
                                           throw std::runtime_error("progress");
                                       }});
  third.add({.version = 1, .name = "make_a", .id = "1", .up = [](auto&) {}});
  third.add({.version = 2, .name = "make_c", .id = "c", .up = [](auto& tx) {
               tx.script("CREATE TABLE c (x)");
             }});
  CHECK_THROWS_AS(third.up(), std::runtime_error);
  CHECK(tables(db).size() == 2);
}

TEST_CASE("a function that ends the transaction of its migration is told what it did") {
  auto db = hewn::sqlite::open(":memory:");
  const auto commit = [](sqlite3_context* c, int, sqlite3_value**) {
    sqlite3_exec(sqlite3_context_db_handle(c), "COMMIT", nullptr, nullptr, nullptr);
  };
  const auto prepare = [=](const hewn::sqlite::database& copy) {
    sqlite3_create_function_v2(copy.native_handle(), "end_it", 0, SQLITE_UTF8, nullptr, commit,
                               nullptr, nullptr, nullptr);
  };
  prepare(db);
  for (const bool rehearsed : {true, false}) {
    migrator<hewn::sqlite::driver> m(db);
    m.prepare_copies(prepare);
    m.add({.version = 1,
           .name = "commits",
           .id = "1",
           .up = [](auto& tx) { tx.script("CREATE TABLE a (x); SELECT end_it()"); },
           .rehearsed = rehearsed});
    const hewn::error failure = failure_of([&] { m.up(); });
    CHECK(says(failure, "failed in its function, which ended the transaction"));
    // Tried out on a copy, it is found before it has done anything in earnest.
    CHECK(tables(db).empty() == rehearsed);
    CHECK(states_of(m)[0].second == pending);
  }
}

TEST_CASE("a function cannot end the transaction of its migration by SQL", "[p:A2]") {
  auto db = hewn::sqlite::open(":memory:");
  for (const bool rehearsed : {true, false})
    for (const char* const end :
         {"COMMIT", "COMMIT; BEGIN", "; ROLLBACK; BEGIN", "SAVEPOINT hewn_1"}) {
      INFO(end);
      migrator<hewn::sqlite::driver> m(db);
      m.add({.version = 1,
             .name = "commits",
             .id = "1",
             .up = [=](auto& tx) { tx.script("CREATE TABLE a (x); " + std::string(end)); },
             .rehearsed = rehearsed});
      const hewn::error failure = failure_of([&] { m.up(); });
      CHECK(failure.code() == errc::usage);
      CHECK(says(failure, "failed in its function and was rolled back (the script begins or ends"));
      CHECK(tables(db).empty());
      CHECK(states_of(m)[0].second == pending);
    }
}

TEST_CASE("migrations in C++ and in files are one sequence") {
  const temporary_folder folder("migrations");
  folder.write("0001_users.sql", "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);");
  folder.write("0003_index.sql", "-- requires: 2\n-- up\nCREATE INDEX by_name ON users (name);");
  auto db = hewn::sqlite::open(":memory:");
  migrator m(db, migrations_in(folder.path));
  m.add({.version = 2,
         .name = "first_users",
         .id = "first_users-1",
         .up =
             [](auto& tx) {
               tx.execute(hewn::sql<"INSERT INTO users (name) VALUES (?)">, "Ada");
               try {
                 tx.transaction([](auto& inner) {  // a savepoint
                   inner.execute(hewn::sql<"INSERT INTO users (name) VALUES (?)">, "Eve");
                   throw std::runtime_error("not this one");
                 });
               } catch (const std::runtime_error&) {
               }
             },
         .down = [](auto& tx) { tx.script("DELETE FROM users"); }});
  CHECK(of(m.up()) == versions{1, 2, 3});
  CHECK(db.all<std::string>(hewn::sql<"SELECT name FROM users">) ==
        std::vector<std::string>{"Ada"});
  CHECK(db.one<std::string>(hewn::sql<"SELECT algorithm FROM hewn_migrations WHERE version = 2">) ==
        "sha256-id-1");

  migrator changed(db, migrations_in(folder.path));
  changed.add({.version = 2, .name = "first_users", .id = "first_users-2", .up = [](auto&) {}});
  CHECK(failure_of([&] { changed.up(); }).code() == errc::checksum);
}

TEST_CASE("C++ migrations that are incomplete or clash") {
  auto db = hewn::sqlite::open(":memory:");
  migrator<hewn::sqlite::driver> m(db);
  const auto up = [](auto&) {};
  const auto problem = [&](hewn::sqlite::migration bad) {
    return std::string(failure_of([&] { m.add(std::move(bad)); }).what());
  };
  CHECK(problem({.version = 1, .name = "a", .up = up}).find("has no id") != std::string::npos);
  CHECK(problem({.version = 1, .id = "1", .up = up}).find("has no name") != std::string::npos);
  CHECK(problem({.name = "a", .id = "1", .up = up}).find("no usable version") != std::string::npos);
  CHECK(problem({.version = 1, .name = "a", .id = "1"}).find("either up or batches") !=
        std::string::npos);
  CHECK(problem({.version = 1, .name = "a", .id = "1", .up = up, .down = up, .irreversible = "x"})
            .find("keep one of them") != std::string::npos);
  CHECK(problem({.version = 1,
                 .name = "a",
                 .id = "1",
                 .up = up,
                 .in_transaction = false,
                 .foreign_keys_off = true})
            .find("keep one of them") != std::string::npos);
  CHECK(problem({.version = 1, .name = "a", .id = "1", .batches = {{.table = "t"}}})
            .find("unusable batches") != std::string::npos);

  m.add({.version = 2, .name = "a", .id = "1", .up = up});
  m.add({.version = 2, .name = "b", .id = "2", .up = up});
  CHECK(says(failure_of([&] { m.up(); }), "has the same version"));
  migrator<hewn::sqlite::driver> gap(db);
  gap.add({.version = 2, .name = "a", .id = "1", .up = up});
  gap.add({.version = 4, .name = "b", .id = "2", .up = up});
  CHECK(says(failure_of([&] { gap.validate(); }), "the versions between are missing"));
  migrator<hewn::sqlite::driver> needing(db);
  needing.add({.version = 2, .name = "a", .id = "1", .up = up, .needs = {1}});
  CHECK(says(failure_of([&] { needing.up(); }), "requires version 1"));
  // Timestamps leave gaps by nature.
  migrator<hewn::sqlite::driver> timed(db);
  timed.add({.version = 20260102030405, .name = "a", .id = "1", .up = up});
  timed.add({.version = 20260202030405, .name = "b", .id = "2", .up = up});
  CHECK(timed.up().results.size() == 2);
}

TEST_CASE("requirements hold in both directions") {
  const temporary_folder folder("migrations");
  folder.write("0001_a.sql", "-- up\nCREATE TABLE a (x);\n-- down\nDROP TABLE a;");
  folder.write("0002_b.sql", "-- up\nCREATE TABLE b (x);\n-- down\nDROP TABLE b;");
  folder.write("0003_c.sql", "-- requires: 1\n-- up\nCREATE TABLE c (x);\n-- down\nDROP TABLE c;");
  const std::string first = folder.read("0001_a.sql");
  auto db = hewn::sqlite::open(":memory:");
  std::filesystem::remove(folder.path + "/0001_a.sql");
  std::filesystem::remove(folder.path + "/0003_c.sql");
  migrator(db, migrations_in(folder.path)).up();
  folder.write("0001_a.sql", first);
  folder.write("0003_c.sql", "-- requires: 1\n-- up\nCREATE TABLE c (x);\n");
  migrator m(db, migrations_in(folder.path), {.out_of_order = hewn::out_of_order::skip});
  CHECK(says(failure_of([&] { m.up(); }),
             "migration 3 (c) requires 1 (a), which comes late and is skipped"));
}

TEST_CASE("undoing a column with values needs approval, and some things cannot be undone",
          "[s97]") {
  const temporary_folder folder("migrations");
  folder.write("0001_users.sql",
               "-- irreversible: the users came from elsewhere\n-- up\nCREATE TABLE users (id "
               "INTEGER PRIMARY KEY);\nINSERT INTO users VALUES (1), (2), (3);");
  folder.write("0002_name.sql",
               "-- up\nALTER TABLE users ADD COLUMN name TEXT;\n-- down\nALTER TABLE users DROP "
               "COLUMN name;");
  auto db = hewn::sqlite::open(":memory:");
  migrator m(db, migrations_in(folder.path));
  m.up();
  db.script("UPDATE users SET name = 'Ada' WHERE id = 2");
  const hewn::error failure = failure_of([&] { m.down(); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "\n  the column users.name with 1 value"));
  CHECK(number(db, "SELECT COUNT(name) FROM users") == 1);

  hewn::destruction asked;
  migrator approved(db, migrations_in(folder.path), {.approve = [&](const hewn::destruction& d) {
                      asked = d;
                      return true;
                    }});
  const migration_report report = approved.down();
  CHECK(asked.version == 2);
  CHECK(asked.name == "name");
  CHECK(asked.direction == migration_direction::down);
  CHECK(asked.declared.empty());
  CHECK(asked.losses == std::vector<hewn::loss>{{hewn::loss_kind::column, "users", "name", 1}});
  CHECK(report.results.at(0).losses == asked.losses);
  // A column without values is nobody's loss.
  m.up();
  CHECK(of(m.down()) == versions{2});

  const hewn::error never = failure_of([&] { approved.down(); });
  CHECK(says(never, "migration 1 (users) is irreversible (the users came from elsewhere)"));
  folder.write("0003_no_down.sql", "-- up\nSELECT 1;");
  migrator third(db, migrations_in(folder.path));
  third.up();
  CHECK(says(failure_of([&] { third.down(); }), "migration 3 (no_down) has no down section"));
}

TEST_CASE("destruction that nobody declared is found before anything happens") {
  const temporary_folder folder("migrations");
  folder.write("0001_shop.sql",
               "-- up\n"
               "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT);\n"
               "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES "
               "customers (id) ON DELETE CASCADE);\n"
               "INSERT INTO customers VALUES (1, 'Ada', 'London'), (2, 'Bob', NULL);\n"
               "INSERT INTO orders VALUES (1, 1), (2, 1), (3, 2);\n");
  const auto attempt = [&](const std::string& text) {
    folder.write("0002_attempt.sql", text);
    auto db = hewn::sqlite::open(":memory:");
    migrator(db, migrations_in(folder.path)).up_to(1);
    std::vector<std::string> found;
    migrator m(db, migrations_in(folder.path), {.approve = [&](const hewn::destruction& d) {
                 for (const hewn::loss& l : d.losses) found.push_back(to_string(l));
                 return false;
               }});
    if (found.empty()) {
      try {
        m.up();
      } catch (const hewn::error& failure) {
        CHECK(failure.code() == errc::approval_required);
        CHECK(number(db, "SELECT COUNT(city) FROM customers") == 1);
        CHECK(number(db, "SELECT COUNT(*) FROM orders") == 3);
        CHECK(states_of(m)[1].second == pending);
      }
    }
    return found;
  };
  using list = std::vector<std::string>;
  CHECK(attempt("-- up\nDROP TABLE orders;") == list{"the table orders with 3 rows"});
  CHECK(attempt("-- up\nALTER TABLE customers DROP COLUMN city;") ==
        list{"the column customers.city with 1 value"});
  CHECK(attempt("-- up\nDELETE FROM orders WHERE id > 1;") == list{"2 rows of the table orders"});
  CHECK(attempt("-- up\nUPDATE customers SET name = NULL WHERE id = 1;") ==
        list{"1 value of the column customers.name"});
  // The rebuild that every tool has shipped once: the old table's DROP deletes the orders.
  CHECK(
      attempt("-- up\nCREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);\n"
              "INSERT INTO fresh SELECT * FROM customers;\nDROP TABLE customers;\n"
              "ALTER TABLE fresh RENAME TO customers;") == list{"3 rows of the table orders"});
  // The same with a column forgotten in the copy.
  CHECK(attempt("-- foreign keys off\n-- up\n"
                "CREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);\n"
                "INSERT INTO fresh SELECT id, name, NULL FROM customers;\nDROP TABLE customers;\n"
                "ALTER TABLE fresh RENAME TO customers;") ==
        list{"1 value of the column customers.city"});
  // Harmless: new names, in one step or by hand, and rebuilds that keep everything.
  CHECK(attempt("-- up\nALTER TABLE customers RENAME COLUMN city TO town;").empty());
  CHECK(
      attempt("-- up\nALTER TABLE orders RENAME TO purchases; DROP TABLE IF EXISTS none;").empty());
  CHECK(
      attempt("-- up\nALTER TABLE customers ADD COLUMN town TEXT; UPDATE customers SET town = city;"
              "ALTER TABLE customers DROP COLUMN city;")
          .empty());
  CHECK(attempt("-- foreign keys off\n-- up\n"
                "CREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);\n"
                "INSERT INTO fresh SELECT * FROM customers;\nDROP TABLE customers;\n"
                "ALTER TABLE fresh RENAME TO customers;")
            .empty());
}

TEST_CASE("what foreign keys and triggers do to tables that nobody mentions is found too") {
  const auto files = hewn::read_migrations(
      {{"0001_shop.sql",
        "-- up\n"
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);\n"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id) "
        "ON "
        "DELETE SET NULL);\n"
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);\n"
        "CREATE TABLE log (x);\n"
        "CREATE TRIGGER forget AFTER INSERT ON log BEGIN UPDATE notes SET text = NULL; END;\n"
        "INSERT INTO customers VALUES (1, 'Ada');\nINSERT INTO orders VALUES (1, 1), (2, 1);\n"
        "INSERT INTO notes VALUES (1, 'kept');\n"},
       {"0002_rebuild.sql",
        "-- up\nCREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"
        "INSERT INTO fresh SELECT * FROM customers;\nDROP TABLE customers;\n"
        "ALTER TABLE fresh RENAME TO customers;\n"}});
  auto db = hewn::sqlite::open(":memory:");
  const hewn::error failure = failure_of([&] { migrator(db, files).up(); });
  CHECK(says(failure, "\n  2 values of the column orders.customer"));

  auto other = hewn::sqlite::open(":memory:");
  auto trigger = files;
  trigger[1] = hewn::read_migrations({{"0002_log.sql", "-- up\nREPLACE INTO log VALUES (1);"}})[0];
  CHECK(says(failure_of([&] { migrator(other, trigger).up(); }),
             "\n  1 value of the column notes.text"));
}

TEST_CASE("declared destruction needs the same approval, and shows its reason") {
  const temporary_folder folder("migrations");
  folder.write("0001_a.sql", "-- up\nCREATE TABLE a (x);");
  folder.write("0002_gone.sql", "-- up\n-- destructive: nobody reads it\nDROP TABLE a;");
  {
    // On a new database there is nothing to lose, so nobody is asked.
    auto fresh = hewn::sqlite::open(":memory:");
    CHECK(of(migrator(fresh, migrations_in(folder.path)).up()) == versions{1, 2});
  }
  auto db = hewn::sqlite::open(":memory:");
  migrator m(db, migrations_in(folder.path));
  m.up_to(1);
  db.script("INSERT INTO a VALUES (1)");
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "\n  declared: nobody reads it\n  the table a with 1 row"));
  std::string declared;
  migrator approved(db, migrations_in(folder.path), {.approve = [&](const hewn::destruction& d) {
                      declared = d.declared;
                      return true;
                    }});
  CHECK(of(approved.up()) == versions{2});
  CHECK(declared == "nobody reads it");
  CHECK(approved.status()[1].reason == "nobody reads it");
}

TEST_CASE("the rows are counted under the lock, on a file that others write to") {
  const temporary_folder folder("migrations");
  for (const bool write_ahead_log : {true, false}) {
    const temporary_file file("counted.db");
    folder.write("0001_a.sql", "-- up\nCREATE TABLE a (x);");
    folder.write("0002_clear.sql", "-- up\nDELETE FROM a;");
    auto db = hewn::sqlite::open(file.path, {.write_ahead_log = write_ahead_log});
    migrator(db, migrations_in(folder.path)).up_to(1);
    auto other = hewn::sqlite::open(file.path, {.write_ahead_log = write_ahead_log,
                                                .busy_timeout = std::chrono::milliseconds(0)});
    other.script("INSERT INTO a VALUES (1), (2)");
    bool locked = false;
    migrator m(db, migrations_in(folder.path),
               {.rules = hewn::policy::dev(),  // no backup
                .approve = [&](const hewn::destruction& d) {
                  CHECK(d.losses.at(0).count == 2);
                  locked = failure_of([&] { other.script("INSERT INTO a VALUES (3)"); }).code() ==
                           errc::busy;
                  return true;
                }});
    m.up();
    CHECK(locked);
    CHECK(number(db, "SELECT COUNT(*) FROM a") == 0);
  }
}

TEST_CASE("functions and collations of the program are registered on copies too") {
  auto db = hewn::sqlite::open(":memory:");
  const auto add_function = [](const database& each) {
    sqlite3_create_function(
        each.native_handle(), "seven", 0, SQLITE_UTF8, nullptr,
        [](sqlite3_context* c, int, sqlite3_value**) { sqlite3_result_int(c, 7); }, nullptr,
        nullptr);
  };
  add_function(db);
  const auto files = hewn::read_migrations(
      {{"0001_a.sql",
        "-- up\nCREATE TABLE a (x); INSERT INTO a VALUES (1); UPDATE a SET x = seven();"}});
  CHECK(says(failure_of([&] { migrator(db, files).up(); }),
             "it calls seven, a function of the program that prepare_copies has not registered"));
  migrator m(db, files);
  m.prepare_copies(add_function);
  m.up();
  CHECK(number(db, "SELECT x FROM a") == 7);
}

TEST_CASE("foreign keys off: for a rebuild by hand, checked before COMMIT") {
  const temporary_folder folder("migrations");
  folder.write("0001_shop.sql",
               "-- up\nCREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);\n"
               "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES "
               "customers (id) ON DELETE CASCADE);\n"
               "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob');\n"
               "INSERT INTO orders VALUES (1, 1), (2, 2);\n");
  const std::string rebuild =
      "CREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"
      "INSERT INTO fresh SELECT * FROM customers;\nDROP TABLE customers;\n"
      "ALTER TABLE fresh RENAME TO customers;\n";
  folder.write("0002_not_null.sql", "-- foreign keys off\n-- up\n" + rebuild);
  const temporary_file file("rebuild.db");
  auto db = hewn::sqlite::open(file.path);
  CHECK(of(migrator(db, migrations_in(folder.path)).up()) == versions{1, 2});
  CHECK(number(db, "SELECT COUNT(*) FROM orders") == 2);
  CHECK(number(db, "PRAGMA foreign_keys") == 1);

  folder.write("0003_lost.sql",
               "-- foreign keys off\n-- up\n" + rebuild + "INSERT INTO orders VALUES (3, 77);\n");
  const hewn::error failure = failure_of([&] { migrator(db, migrations_in(folder.path)).up(); });
  CHECK(failure.code() == errc::foreign_key);
  CHECK(says(failure, "orders refers to a row that customers lacks, 1 times"));
  CHECK(number(db, "PRAGMA foreign_keys") == 1);
  CHECK(number(db, "SELECT COUNT(*) FROM orders") == 2);

  // Where they were off before, they stay off.
  auto loose = hewn::sqlite::open(file.path, {.foreign_keys = false});
  folder.write("0003_lost.sql", "-- foreign keys off\n-- up\n" + rebuild);
  migrator(loose, migrations_in(folder.path)).up();
  CHECK(number(loose, "PRAGMA foreign_keys") == 0);
}

TEST_CASE("a program older than the database refuses to write", "[s98]") {
  const temporary_folder folder("migrations");
  write_five(folder);
  auto db = hewn::sqlite::open(":memory:");
  migrator(db, migrations_in(folder.path)).up();
  std::filesystem::remove(folder.path + "/0005_make_e.sql");
  migrator old(db, migrations_in(folder.path), approving());
  CHECK(states_of(old).back() == std::pair<std::int64_t, migration_state>{5, future});
  for (const auto& action : std::vector<std::function<void()>>{
           [&] { old.up(); }, [&] { old.down(); }, [&] { old.validate(); },
           [&] { old.require_current(); }}) {
    const hewn::error failure = failure_of(action);
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(says(failure, "was migrated by a newer program"));
    CHECK(says(failure, "\n  5 (make_e)"));
  }
  CHECK(tables(db).size() == 5);
}

TEST_CASE("a program that does not migrate can demand that all is applied") {
  const temporary_folder folder("migrations");
  write_five(folder);
  auto db = hewn::sqlite::open(":memory:");
  migrator m(db, migrations_in(folder.path));
  CHECK(says(failure_of([&] { m.require_current(); }), "migration 1 (make_a) is pending"));
  m.up();
  m.require_current();
}

TEST_CASE("a dry run writes nothing, and says what would happen", "[s84]") {
  const temporary_folder folder("migrations");
  write_five(folder);
  const temporary_file file("dry.db");
  auto db = hewn::sqlite::open(file.path, {.write_ahead_log = false});
  db.script("CREATE TABLE old (x); INSERT INTO old VALUES (1)");
  const std::string before = file.bytes();
  migrator m(db, migrations_in(folder.path));
  const migration_report report = m.dry_run();
  CHECK(of(report) == versions{1, 2, 3, 4, 5});
  CHECK(report.results[0].statements == 2);
  CHECK_FALSE(report.failure);
  CHECK(file.bytes() == before);
  CHECK(tables(db) == std::vector<std::string>{"old"});
  CHECK(number(db, "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'hewn%'") == 0);

  folder.write("0003_make_c.sql", "-- up\nDELETE FROM old;");
  folder.write("0004_make_d.sql", "-- up\nSELECT * FROM nowhere;");
  const migration_report failing = migrator(db, migrations_in(folder.path)).dry_run();
  CHECK(of(failing) == versions{1, 2, 3});
  CHECK(failing.results[2].losses.size() == 1);
  REQUIRE(failing.failure);
  CHECK(says(*failing.failure, "0004_make_d.sql:2"));
  CHECK(file.bytes() == before);
}

TEST_CASE("reset is denied in production and asks in development", "[s100]") {
  const temporary_folder folder("migrations");
  write_five(folder);
  auto db = hewn::sqlite::open(":memory:");
  migrator production(db, migrations_in(folder.path), approving());
  production.up();
  CHECK(says(failure_of([&] { production.reset(); }), "reset() is denied in production"));
  CHECK(tables(db).size() == 5);
  migrator development(db, migrations_in(folder.path),
                       {.policy = hewn::migration_policy::development});
  CHECK(failure_of([&] { development.reset(); }).code() == errc::approval_required);
  CHECK(tables(db).size() == 5);
  migration_options both = approving();
  both.policy = hewn::migration_policy::development;
  CHECK(of(migrator(db, migrations_in(folder.path), both).reset()) == versions{5, 4, 3, 2, 1});
  CHECK(tables(db).empty());
}

TEST_CASE("a baseline is accepted only where the schema is what the migrations make", "[s96]") {
  const temporary_folder folder("migrations");
  folder.write("0001_users.sql", "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);");
  folder.write("0002_index.sql", "-- up\nCREATE UNIQUE INDEX by_name ON users (name);");
  folder.write("0003_city.sql",
               "-- up\nALTER TABLE users ADD COLUMN city TEXT;\n-- down\nALTER TABLE users DROP "
               "COLUMN city;");
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE users (\"id\" integer PRIMARY KEY, name text); INSERT INTO users VALUES (1, "
      "'Ada'); CREATE TABLE of_others (x)");
  migrator m(db, migrations_in(folder.path), approving());
  const hewn::error failure = failure_of([&] { m.baseline(2, "shipped before hewn"); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure, "by_name"));
  CHECK(number(db, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'hewn_migrations'") == 0);
  CHECK(failure_of([&] { m.baseline(2, ""); }).code() == errc::usage);

  db.script("CREATE UNIQUE INDEX by_name ON users (name)");
  m.baseline(2, "shipped before hewn");
  CHECK(states_of(m) == states{{1, baseline}, {2, baseline}, {3, pending}});
  CHECK(m.status()[0].reason == "shipped before hewn");
  CHECK(db.one<std::string>(hewn::sql<"SELECT schema FROM hewn_migrations WHERE version = 1">)
            .size() == 64);
  CHECK(of(m.up()) == versions{3});
  CHECK(of(m.down()) == versions{3});
  CHECK(says(failure_of([&] { m.down(); }), "belongs to the baseline"));
  CHECK(says(failure_of([&] { m.baseline(3, "twice"); }), "needs no baseline"));
  CHECK(number(db, "SELECT COUNT(*) FROM users") == 1);
}

TEST_CASE("a squashed migration makes what the originals made, and is proved to", "[s96]") {
  const temporary_folder before("before");
  write_five(before);
  const temporary_folder after("after");
  std::string squashed = "-- replaces: 1, 2, 3, 4, 5\n-- up\n";
  for (const char* table : {"a", "b", "c", "d", "e"})
    squashed += std::string("CREATE TABLE ") + table + " (x);\n";
  after.write("0006_all.sql", squashed);
  after.write("0007_next.sql", "-- up\nCREATE TABLE f (x);");

  {
    auto fresh = hewn::sqlite::open(":memory:");
    migrator m(fresh, migrations_in(after.path));
    CHECK(of(m.up()) == versions{6, 7});
    CHECK(tables(fresh).size() == 6);
  }
  for (const bool together : {false, true}) {
    auto db = hewn::sqlite::open(":memory:");
    migrator(db, migrations_in(before.path)).up();
    migrator m(db, migrations_in(after.path), {.all_or_nothing = together});
    const migration_report report = m.up();
    CHECK(of(report) == versions{6, 7});
    CHECK(report.results[0].statements == 0);
    CHECK(states_of(m) == states{{6, baseline}, {7, applied}});
    CHECK(m.status()[0].reason == "replaces 1 2 3 4 5");
    CHECK(number(db, "SELECT COUNT(*) FROM a") == 1);
    CHECK(m.up().empty());
  }
  {
    auto half = hewn::sqlite::open(":memory:");
    migrator(half, migrations_in(before.path)).up_to(3);
    CHECK(says(failure_of([&] { migrator(half, migrations_in(after.path)).up(); }),
               "replaces migrations of which only some are applied"));
  }
  auto other = hewn::sqlite::open(":memory:");
  migrator(other, migrations_in(before.path)).up();
  after.write("0006_all.sql", squashed + "CREATE TABLE too_many (x);\n");
  const hewn::error failure = failure_of([&] { migrator(other, migrations_in(after.path)).up(); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure, "too_many"));
  before.write("0006_all.sql", squashed);
  CHECK(says(failure_of([&] { migrator(other, migrations_in(before.path)).up(); }),
             "replaces 1 (make_a), which is still there"));
}

TEST_CASE("a run inside a transaction is refused") {
  auto db = hewn::sqlite::open(":memory:");
  migrator m(db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x);"}}));
  auto tx = db.begin();
  CHECK(says(failure_of([&] { m.up(); }), "cannot run inside a transaction"));
  CHECK(says(failure_of([&] { m.dry_run(); }), "cannot run inside a transaction"));
}

TEST_CASE("progress is told in order") {
  auto db = hewn::sqlite::open(":memory:");
  std::string told;
  migrator m(db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x); SELECT 1;"}}),
             {.progress = [&](const hewn::migration_progress& p) {
               told += std::to_string(p.version) + std::string(p.name);
               told += " " + std::to_string(p.what) + " " + std::to_string(p.done) + "/" +
                       std::to_string(p.total) + "\n";
             }});
  m.up();
  CHECK(told == "1a 0 0/0\n1a 1 1/2\n1a 1 2/2\n1a 3 0/0\n1a 4 0/0\n");
}

TEST_CASE("a history of a newer hewn is not guessed at") {
  auto db = hewn::sqlite::open(":memory:");
  migrator m(db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x);"}}));
  m.up();
  db.script("UPDATE hewn_migrations SET event = 'teleported'");
  CHECK(failure_of([&] { m.status(); }).code() == errc::schema_mismatch);
}

// ---- callbacks in the middle of a run

TEST_CASE("no callback of a run gets more past what was counted", "[p:A11]") {
  const auto files =
      hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x); INSERT INTO a VALUES (1);"},
                             {"0002_b.sql", "-- up\nDELETE FROM a;"}});
  auto db = hewn::sqlite::open(":memory:");
  migrator(db, files).up_to(1);
  int called = 0;
  const auto write = [&] {
    ++called;
    db.script("INSERT INTO a VALUES (2), (3)");
  };
  migration_options options{.approve = [](const hewn::destruction&) { return true; }};
  SECTION("progress") {
    options.progress = [&](const hewn::migration_progress&) { write(); };
  }
  SECTION("approve") {
    options.approve = [&](const hewn::destruction&) {
      write();
      return true;
    };
  }
  SECTION("the policy") {
    options.approve = {};
    options.rules = options.rules.tightened([&](const hewn::change&) {
      write();
      return hewn::decision::allow;
    });
  }
  CHECK(failure_of([&] { migrator(db, files, options).up(); }).code() == errc::usage);
  CHECK(called == 1);
  CHECK(db.all<int>(hewn::sql<"SELECT x FROM a">) == std::vector<int>{1});
  migrator(db, files, {.approve = [](const hewn::destruction&) { return true; }}).up();
  CHECK(db.one<int>(hewn::sql<"SELECT COUNT(*) FROM a">) == 0);
}

TEST_CASE("a function that uses the database itself does not write there while it is tried",
          "[p:A11]") {
  auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE a (x)");
  migrator m(db);
  m.add({.version = 1, .name = "outer", .id = "1", .up = [&db](const auto&) {
           db.script("INSERT INTO a VALUES (1)");
         }});
  SECTION("in a dry run") {
    const migration_report would = m.dry_run();
    REQUIRE(would.failure);
    CHECK(would.failure->code() == errc::usage);
  }
  SECTION("before it runs") {
    CHECK(failure_of([&] { m.up(); }).code() == errc::usage);
  }
  SECTION("in a baseline") {
    CHECK(failure_of([&] { m.baseline(1, "a test"); }).code() == errc::usage);
  }
  CHECK(db.one<int>(hewn::sql<"SELECT COUNT(*) FROM a">) == 0);
}

TEST_CASE("statements end where SQLite ends them", "[p:B6]") {
  const std::string script =
      "CREATE TABLE begin (trigger TEXT, begin INTEGER, end TEXT);\n"
      "CREATE TABLE trigger (begin INTEGER CHECK (begin > 0));\n"
      "CREATE TRIGGER begin AFTER UPDATE OF begin, end ON begin WHEN new.begin > 1 BEGIN\n"
      "  UPDATE begin SET end = CASE WHEN new.end IS NULL THEN 1 END; DELETE FROM trigger;\n"
      "END;\n"
      "CREATE TEMP TRIGGER IF NOT EXISTS trigger INSTEAD OF INSERT ON v BEGIN SELECT begin FROM\n"
      "  begin; END;\n"
      "CREATE TRIGGER \"t;t\" BEFORE DELETE ON main.\"begin\" FOR EACH ROW BEGIN SELECT 1; END;\n"
      "INSERT INTO begin (begin) VALUES (1); SELECT begin AS trigger FROM begin;";
  auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE VIEW v AS SELECT 1 AS begin");
  std::vector<std::string> expected;
  for (const char* at = script.c_str(); *at != '\0';) {
    sqlite3_stmt* statement = nullptr;
    const char* end = nullptr;
    REQUIRE(sqlite3_prepare_v2(db.connection().native().native(), at, -1, &statement, &end) ==
            SQLITE_OK);
    std::string text(at, end);
    while (!text.empty() && (text.back() == ';' || text.back() == '\n')) text.pop_back();
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.erase(0, 1);
    expected.push_back(text);
    sqlite3_step(statement);
    sqlite3_finalize(statement);
    at = end;
  }
  std::vector<std::string> found;
  for (const auto& s : hewn::split_statements(script)) found.push_back(s.text);
  CHECK(found.size() == 7);
  CHECK(found == expected);
}

// ---- connections of a pool

TEST_CASE("a migrator works on a connection of a pool", "[p:C3]") {
  const temporary_file file("pooled.db");
  const auto pool = hewn::sqlite::open_pool(file.path);
  const auto files = hewn::read_migrations(
      {{"0001_a.sql",
        "-- up\nCREATE TABLE a (x); INSERT INTO a VALUES (1);\n-- down\nDROP TABLE a;"},
       {"0002_b.sql", "-- up\nDELETE FROM a;\n-- down\nSELECT 1;"}});
  {
    auto db = pool.acquire();
    migrator m(db, files, {.approve = [](const hewn::destruction&) { return true; }});
    m.add({.version = 3, .name = "code", .id = "1", .up = [](const auto& tx) {
             tx.script("INSERT INTO a VALUES (2)");
           }});
    CHECK(of(m.dry_run()) == versions{1, 2, 3});
    CHECK(of(m.up()) == versions{1, 2, 3});
    m.require_current();
    CHECK(db.one<int>(hewn::sql<"SELECT x FROM a">) == 2);
  }
  // What was set for a migration does not stay with the connection.
  CHECK(pool.acquire().one<int>(hewn::sql<"PRAGMA foreign_keys">) == 1);
  auto gone = pool.acquire();
  migrator late(gone, files);
  gone.give_back();
  CHECK(failure_of([&] { late.up(); }).code() == errc::usage);
  CHECK(failure_of([&] { late.dry_run(); }).code() == errc::usage);
  CHECK(failure_of([&] { late.status(); }).code() == errc::usage);
  CHECK(failure_of([&] { migrator again(gone, files); }).code() == errc::usage);
  // Readers write nothing.
  auto reader = pool.acquire_reader();
  migrator reading(reader, files, {.approve = [](const hewn::destruction&) { return true; }});
  CHECK(reading.status().size() == 3);
}

TEST_CASE("a migration that leaves a table unreadable is refused", "[p:A3]") {
  const std::string computed = " AS (json_extract(body, '$.n'))";
  const auto filled = [&] {
    auto db = hewn::sqlite::open(":memory:");
    db.script(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);"
        "INSERT INTO notes (body) VALUES ('{}'), ('no JSON');"
        "CREATE TABLE docs (id INTEGER PRIMARY KEY, body TEXT, \"the n\" AS (length(body)));"
        "INSERT INTO docs (body) VALUES ('[');"
        // This one is unreadable anyway.
        "CREATE TABLE old (id INTEGER PRIMARY KEY, body TEXT, x);"
        "INSERT INTO old (body) VALUES ('{'), ('['); ALTER TABLE old ADD COLUMN n" +
        computed + ";");
    return db;
  };
  const auto schema_of = [](const database& db) {
    return db.all<std::string>(
        hewn::sql<"SELECT sql FROM sqlite_master WHERE name NOT LIKE 'hewn%' AND sql <> ''">);
  };
  const auto code = [](const std::string& text, bool in_transaction) {
    return hewn::sqlite::migration{.version = 1,
                                   .name = "code",
                                   .id = "code",
                                   .up = [text](auto& session) { session.script(text); },
                                   .in_transaction = in_transaction};
  };
  for (const auto& [written, named] : std::vector<std::pair<std::string, std::string>>{
           {"ALTER TABLE notes ADD COLUMN n" + computed + ";", "notes.n"},
           {"ALTER TABLE docs ADD COLUMN \"an n\"" + computed + "; SELECT 1;", "docs.an n"},
           {"ALTER TABLE docs DROP COLUMN \"the n\"; ALTER TABLE docs ADD COLUMN \"the n\"" +
                computed + ";",
            "docs.the n"},
           {"ALTER TABLE notes RENAME TO papers; ALTER TABLE papers ADD COLUMN n" + computed + ";",
            "papers.n"}}) {
    // Named anew, because clang 14 captures no structured binding.
    const std::string& text = written;
    const std::string& column = named;
    INFO(text);
    const auto files = [&](const std::string& head) {
      return hewn::read_migrations({{"0001_next.sql", head + text}});
    };
    auto db = filled();
    const std::vector<std::string> before = schema_of(db);
    const hewn::error refused = failure_of([&] { migrator(db, files("-- up\n")).up(); });
    CHECK(refused.code() == errc::invalid_data);
    CHECK(says(refused, "failed in the checks at the end of its transaction and was rolled back (" +
                            column + " cannot be computed for every row, because "));
    CHECK(says(refused, "malformed JSON"));
    CHECK(schema_of(db) == before);
    CHECK(db.all<std::string>(hewn::sql<"SELECT body FROM notes">).size() == 2);
    const migration_report would = migrator(db, files("-- up\n")).dry_run();
    REQUIRE(would.failure);
    CHECK(std::string(would.failure->what()) == refused.what());
    const hewn::error together =
        failure_of([&] { migrator(db, files("-- up\n"), {.all_or_nothing = true}).up(); });
    CHECK(std::string(together.what()) == refused.what());
    for (const bool in_transaction : {true, false}) {
      auto other = filled();
      migrator m(other, std::vector<hewn::migration_file>(),
                 {.approve = [](const auto&) { return true; }});
      m.add(code(text, in_transaction));
      CHECK(says(failure_of([&] { m.up(); }), column + " cannot be computed for every row"));
    }
    auto stepped = filled();
    CHECK(says(failure_of([&] { migrator(stepped, files("-- no transaction\n-- up\n")).up(); }),
               "failed in 0001_next.sql:3, and what came before it stays done (" + column +
                   " cannot be computed for every row"));
    CHECK(stepped.all<std::string>(hewn::sql<"SELECT body FROM docs">).size() == 1);
  }
  SECTION("but not for what was unreadable before, nor for what can be read") {
    for (const char* const text :
         {"CREATE TABLE other (x);", "UPDATE old SET body = '{}';",
          "ALTER TABLE docs ADD COLUMN more AS (length(body));", "ALTER TABLE old ADD COLUMN y;",
          "ALTER TABLE old RENAME COLUMN x TO y;", "ALTER TABLE old DROP COLUMN n;"}) {
      INFO(text);
      auto db = filled();
      migrator m(db, hewn::read_migrations({{"0001_next.sql", "-- up\n" + std::string(text)}}),
                 {.approve = [](const auto&) { return true; }});
      CHECK(m.up().results.size() == 1);
    }
  }
  SECTION("and one that calls a function of the program can be tried") {
    auto db = filled();
    const auto half = [](sqlite3_context* c, int, sqlite3_value** v) {
      sqlite3_value_int(v[0]) < 0 ? sqlite3_result_error(c, "too small", -1)
                                  : sqlite3_result_int(c, sqlite3_value_int(v[0]) / 2);
    };
    sqlite3_create_function(db.connection().native().native(), "half", 1,
                            SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, half, nullptr, nullptr);
    const auto up = [&](const char* argument) {
      return migrator(db, hewn::read_migrations(
                              {{"0001_next.sql", "-- up\nALTER TABLE notes ADD COLUMN h AS (half(" +
                                                     std::string(argument) + "));"}}));
    };
    CHECK_FALSE(up("id").dry_run().failure);
    CHECK(says(failure_of([&] { up("-id").up(); }), "notes.h cannot be computed for every row"));
    CHECK(up("id").up().results.size() == 1);
  }
}

TEST_CASE("views and triggers that a migration breaks are told", "[p:C4]") {
  const std::vector<std::string> broken = {
      "view ages does not compile: no such table: main.users",
      "view adults does not compile: no such table: main.users",
      "trigger welcome does not compile: no such table: main.users"};
  for (const std::string head : {"-- up\n", "-- no transaction\n-- up\n"}) {
    auto db = hewn::sqlite::open(":memory:");
    db.script(
        "CREATE TABLE users (age INTEGER); CREATE TABLE log (line TEXT);"
        "CREATE VIEW ages AS SELECT age FROM users;"
        "CREATE VIEW adults AS SELECT age FROM ages WHERE age > 17;"
        "CREATE TRIGGER welcome AFTER INSERT ON log BEGIN UPDATE users SET age = age + 1; END;"
        "CREATE VIEW was_broken AS SELECT x FROM nowhere");
    migrator m(db, hewn::read_migrations({{"0001_drop.sql", head + "DROP TABLE users;"},
                                          {"0002_more.sql", head + "CREATE TABLE more (x);"},
                                          {"0003_back.sql", head + "CREATE TABLE users (age);"}}));
    const migration_report would = m.dry_run();
    REQUIRE(would.results.size() == 3);
    CHECK(would.results[0].broken == broken);
    const migration_report done = m.up();
    REQUIRE(done.results.size() == 3);
    CHECK(done.results[0].broken == broken);
    CHECK(done.results[1].broken.empty());
    CHECK(done.results[2].broken.empty());
    db.script("INSERT INTO log VALUES ('works')");
  }
}
