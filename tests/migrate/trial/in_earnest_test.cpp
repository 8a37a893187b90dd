// tests/migrate/trial/in_earnest_test.cpp - a migration destroys no more than on the copy.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace audit = hewn::audit;
using hewn::errc;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::says;
using support::temporary_folder;

namespace {

using database = hewn::sqlite::database;
using driver = hewn::sqlite::driver;
using list = std::vector<std::string>;

// What is so on a connection that has been used, and is never so on a copy.
const list only_in_earnest = {"(SELECT file FROM pragma_database_list WHERE name = 'main') <> ''",
                              "(SELECT journal_mode FROM pragma_journal_mode) = 'wal'",
                              "last_insert_rowid() <> 0", "total_changes() > 5", "changes() <> 0"};

const std::string users =
    "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, secret TEXT);\n"
    "CREATE TABLE log (line TEXT);\n"
    "INSERT INTO users VALUES (1, 'Ada', 'x'), (2, 'Bob', 'y'), (3, 'Eve', 'z');\n"
    "INSERT INTO log VALUES ('a'), ('b'), ('b');\n"
    "-- down\nDROP TABLE users; DROP TABLE log;";

std::vector<hewn::migration_file> files(const list& later) {
  const list names = {"0002_next.sql", "0003_next.sql", "0004_next.sql"};
  std::vector<hewn::migration_text> texts = {{"0001_users.sql", users}};
  for (std::size_t i = 0; i != later.size(); ++i) texts.push_back({names.at(i), later[i]});
  return hewn::read_migrations(texts);
}

database filled(const std::string& path = ":memory:") {
  auto db = hewn::sqlite::open(path);
  migrator(db, files({})).up();
  db.script("UPDATE users SET name = name");
  return db;
}

std::int64_t count(const database& db) { return number(db, "SELECT count(*) FROM users"); }

list words_of(const std::vector<hewn::loss>& losses) {
  list out;
  for (const hewn::loss& l : losses) out.push_back(to_string(l));
  return out;
}

hewn::migration_options agreeing(int& asked) {
  return {.approve = [&asked](const hewn::destruction&) {
    ++asked;
    return true;
  }};
}

struct file_database {
  temporary_folder folder{"in_earnest"};
  database db = filled(folder.path + "/app.db");
};

}  // namespace

TEST_CASE("what is lost in earnest alone is asked about", "[p:A3]") {
  for (const std::string& condition : only_in_earnest)
    for (const auto& [statement, lost] :
         {std::pair<std::string, std::string>("DELETE FROM users WHERE ",
                                              "3 rows of the table users"),
          {"UPDATE users SET secret = NULL WHERE ", "3 values of the column users.secret"},
          {"UPDATE users SET secret = 'gone' WHERE ",
           "3 values of the column users.secret, overwritten"},
          {"INSERT OR REPLACE INTO users SELECT id, name, NULL FROM users WHERE ",
           "3 values of the column users.secret"},
          {"DELETE FROM log WHERE ", "3 rows of the table log"}}) {
      file_database file;
      database& db = file.db;
      const auto all = files({"-- up\n" + statement + condition + ";"});
      INFO(statement << condition);
      const hewn::error refused = failure_of([&] { migrator(db, all).up(); });
      CHECK(refused.code() == errc::approval_required);
      CHECK(says(refused,
                 "hewn: migration 2 (next) destroyed more in earnest than when tried out "
                 "on a copy, and was rolled back"));
      CHECK(says(refused, ("\n  " + lost + ", on the copy none").c_str()));
      CHECK(count(db) == 3);
      CHECK(number(db, "SELECT count(secret) FROM users WHERE secret <> 'gone'") == 3);
      CHECK(number(db, "SELECT count(*) FROM log") == 3);
      CHECK(migrator(db, all).status().at(1).state == hewn::migration_state::pending);

      // Whoever agrees is asked about what is really lost.
      int asked = 0;
      const hewn::migration_report did = migrator(db, all, agreeing(asked)).up();
      CHECK(asked == 1);
      REQUIRE(did.results.size() == 1);
      CHECK(words_of(did.results[0].losses) == list{lost});
      CHECK_FALSE(did.results[0].plan.empty());
      // The rows as they were.
      REQUIRE(std::filesystem::exists(did.results[0].backup));
      auto saved = hewn::sqlite::open(did.results[0].backup);
      CHECK(count(saved) == 3);
      CHECK(number(saved, "SELECT count(secret) FROM users WHERE secret <> 'gone'") == 3);
      CHECK(audit::entries(db).back().detail.find(lost) != std::string::npos);
    }
}

TEST_CASE("a database in memory is compared likewise", "[p:A3]") {
  for (const std::string condition : {"last_insert_rowid() <> 0", "total_changes() > 5"}) {
    INFO(condition);
    auto db = filled();
    const auto all = files({"-- up\nDELETE FROM users WHERE " + condition + ";"});
    CHECK(failure_of([&] { migrator(db, all).up(); }).code() == errc::approval_required);
    CHECK(count(db) == 3);
    // A policy that asks nobody does not ask about this.
    hewn::sync_policy everything = hewn::policy::dev();
    everything.decide = [](const hewn::change&) { return hewn::decision::allow; };
    CHECK(migrator(db, all, {.rules = everything}).up().results.size() == 1);
    CHECK(count(db) == 0);
  }
}

TEST_CASE("random losses never go beyond what was agreed to", "[p:A3]") {
  int refused = 0;
  for (int i = 0; i != 40; ++i) {
    auto db = filled();
    db.script(
        "WITH RECURSIVE n (i) AS (VALUES (4) UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT "
        "INTO users SELECT i, 'x', 'x' FROM n");
    std::int64_t agreed = -1;
    const hewn::migration_options options = {.approve = [&](const hewn::destruction& d) {
      if (agreed < 0) {
        agreed = d.losses.at(0).count;
        return true;
      }
      CHECK(d.losses.at(0).count > agreed);
      return false;
    }};
    try {
      const auto did =
          migrator(db, files({"-- up\nDELETE FROM users WHERE random() % 2 = 0;"}), options).up();
      CHECK(did.results.at(0).losses.at(0).count == 200 - count(db));  // those in earnest
      CHECK(count(db) >= 200 - agreed);
    } catch (const hewn::error& e) {
      CHECK(e.code() == errc::approval_required);
      CHECK(count(db) == 200);
      ++refused;
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("an approval may have room for more than the copy lost", "[p:A3]") {
  file_database file;
  database& db = file.db;
  const auto all = files({"-- up\nDELETE FROM users WHERE id = 1 OR " + only_in_earnest[1] + ";"});
  migrator m(db, all);
  const hewn::migration_report would = m.dry_run();
  CHECK_FALSE(would.failure);
  REQUIRE(would.results.size() == 1);
  CHECK(words_of(would.results[0].losses) == list{"1 row of the table users"});
  hewn::approval a = m.approve(would.results[0], "a test", {.approver = "ada"});

  const hewn::error refused = failure_of([&] { migrator(db, all, {.approvals = {a}}).up(); });
  CHECK(refused.code() == errc::approval_required);
  CHECK(says(refused, "\n  3 rows of the table users, on the copy 1"));
  CHECK(count(db) == 3);
  CHECK_FALSE(audit::used(*hewn::detail::executor_of(db), a.nonce));
  // Nobody needs the backup of what was undone.
  for (const auto& entry : std::filesystem::directory_iterator(file.folder.path))
    CHECK(entry.path().extension() != ".backup");

  a.grants.at(0).rows_lost = 3;
  const hewn::migration_report did = migrator(db, all, {.approvals = {a}}).up();
  CHECK(words_of(did.results.at(0).losses) == list{"3 rows of the table users"});
  CHECK(audit::used(*hewn::detail::executor_of(db), a.nonce));
  CHECK(audit::verify(db).empty());
}

TEST_CASE("what a function does each time is compared everywhere", "[p:A3]") {
  auto db = filled();
  int calls = 0;
  const auto add = [&](migrator<driver>& m) -> migrator<driver>& {
    return m.add({.version = 2, .name = "count", .id = "1", .up = [&](auto& tx) {
                    if (++calls % 2 == 0)
                      tx.execute(hewn::sql<"DELETE FROM log">);
                    else
                      tx.execute(hewn::sql<"UPDATE users SET name = name">);
                  }});
  };
  migrator m(db, files({}));
  const hewn::error refused = failure_of([&] { add(m).up(); });
  CHECK(says(refused, "3 rows of the table log, on the copy none"));
  CHECK(calls == 2);
  CHECK(number(db, "SELECT count(*) FROM log") == 3);
}

TEST_CASE("less in earnest than on the copy is what is reported", "[p:A3]") {
  file_database file;
  database& db = file.db;
  int asked = 0;
  const hewn::migration_report did =
      migrator(db,
               files({"-- up\nDELETE FROM users WHERE id = 1 OR NOT " + only_in_earnest[0] + ";"}),
               agreeing(asked))
          .up();
  CHECK(asked == 1);
  CHECK(words_of(did.results.at(0).losses) == list{"1 row of the table users"});
  CHECK(audit::entries(db).back().detail.find("1 row of the table users") != std::string::npos);
}

TEST_CASE("the way back, and back again", "[p:A3]") {
  file_database file;
  database& db = file.db;
  const auto all =
      files({"-- up\nSELECT 1;\n-- down\nDELETE FROM users WHERE " + only_in_earnest[0] + ";"});
  migrator m(db, all);
  m.up();
  const hewn::error down = failure_of([&] { m.down(); });
  CHECK(says(down, "migration 2 (next), when it is undone, destroyed more"));
  CHECK(failure_of([&] { m.redo(); }).code() == errc::approval_required);
  CHECK(count(db) == 3);
  const hewn::migration_report would = m.dry_run_down();
  CHECK_FALSE(would.failure);
  CHECK(would.results.at(0).losses.empty());
  // Likewise up in a redo.
  const auto again = files({"-- up\nDELETE FROM users WHERE id > 3 AND " + only_in_earnest[0] +
                            ";\n-- down\nINSERT INTO users VALUES (4, 'x', 'x');"});
  file_database other;
  migrator n(other.db, again);
  n.up();
  CHECK(failure_of([&] { n.redo(); }).code() == errc::approval_required);
  CHECK(count(other.db) == 4);
}

TEST_CASE("values that are declared to change may be others each time", "[p:A3]") {
  file_database file;
  database& db = file.db;
  const auto did =
      migrator(db, files({"-- up\n-- overwrites: users.secret\nUPDATE users SET secret "
                          "= CASE WHEN " +
                          only_in_earnest[0] + " THEN hex(randomblob(8)) ELSE secret END;"}))
          .up();
  CHECK(words_of(did.results.at(0).losses) ==
        list{"3 values of the column users.secret, overwritten as declared"});
}

TEST_CASE("several in one transaction are compared at its end", "[p:A3]") {
  file_database file;
  database& db = file.db;
  const std::string cut = "-- up\nDELETE FROM users WHERE " + only_in_earnest[0] + ";";
  const auto run = [&](const list& later, bool agree = false) {
    return migrator(
               db, files(later),
               {.all_or_nothing = true, .approve = [=](const hewn::destruction&) { return agree; }})
        .up();
  };
  for (const list& later : {list{cut, "-- up\nDELETE FROM log WHERE line = 'c';"},
                            list{"-- up\nDELETE FROM log WHERE line = 'c';", cut},
                            list{"-- up\nCREATE TABLE more (x);", cut}}) {
    const hewn::error refused = failure_of([&] { run(later, true); });
    CHECK(refused.code() == errc::approval_required);
    CHECK(says(refused,
               "one of the migrations 2, 3 destroyed more in earnest than when tried out "
               "on a copy, and all were rolled back"));
    CHECK(says(refused, "3 rows of the table users, on the copy none"));
    CHECK(count(db) == 3);
  }
  // What one has made at random another one may destroy.
  CHECK(run({"-- up\nCREATE TABLE tokens (token TEXT PRIMARY KEY); INSERT INTO tokens SELECT "
             "hex(randomblob(8)) FROM users;",
             "-- up\n-- overwrites: users.secret\nUPDATE users SET secret = (SELECT token FROM "
             "tokens LIMIT 1) WHERE " +
                 only_in_earnest[0] + ";",
             "-- up\nDELETE FROM tokens WHERE token <> '';"},
            true)
            .results.size() == 3);
  CHECK(count(db) == 3);
}

TEST_CASE("a step that destroys more is undone, and what came before stays", "[p:A3]") {
  for (const bool memory : {false, true}) {
    const temporary_folder folder("in_earnest_steps");
    auto db = filled(memory ? ":memory:" : folder.path + "/app.db");
    const auto all =
        files({"-- no transaction\n-- up\nINSERT INTO log VALUES ('c');\nDELETE FROM "
               "users WHERE total_changes() > 5;\nINSERT INTO log VALUES ('d');"});
    const hewn::error refused = failure_of([&] { migrator(db, all).up(); });
    CHECK(refused.code() == errc::approval_required);
    CHECK(says(refused, "a step of the migration 2 (next) destroyed more in earnest"));
    CHECK(says(refused, "3 rows of the table users, on the copy none"));
    CHECK(count(db) == 3);
    CHECK(number(db, "SELECT count(*) FROM log") == 4);
    CHECK(migrator(db, all).status().at(1).state == hewn::migration_state::interrupted);
    // It goes on there, and is asked about again.
    CHECK(failure_of([&] { migrator(db, all).up(); }).code() == errc::approval_required);
    CHECK(count(db) == 3);
    int asked = 0;
    CHECK(migrator(db, all, agreeing(asked)).up().results.size() == 1);
    CHECK(asked == 1);
    CHECK(count(db) == 0);
    CHECK(number(db, "SELECT count(*) FROM log") == 5);
  }
}

TEST_CASE("the first batch is compared", "[p:A3]") {
  file_database file;
  database& db = file.db;
  const auto add = [&](migrator<driver>& m) -> migrator<driver>& {
    return m.add({.version = 2,
                  .name = "batches",
                  .id = "1",
                  .batches = {{.table = "users",
                               .size = 2,
                               .change = [](auto& tx, std::int64_t first, std::int64_t last) {
                                 tx.execute(hewn::sql<"DELETE FROM users WHERE id BETWEEN ? AND ? "
                                                      "AND (SELECT journal_mode FROM "
                                                      "pragma_journal_mode) = 'wal'">,
                                            first, last);
                               }}}});
  };
  migrator m(db, files({}));
  const hewn::error refused = failure_of([&] { add(m).up(); });
  CHECK(refused.code() == errc::approval_required);
  CHECK(says(refused, "2 rows of the table users, on the copy none"));
  CHECK(count(db) == 3);
  int asked = 0;
  migrator agreed(db, files({}), agreeing(asked));
  add(agreed).up();
  CHECK(asked == 1);
  CHECK(count(db) == 0);
}

TEST_CASE("a comparison leaves nothing on the connection", "[p:A3]") {
  file_database file;
  database& db = file.db;
  // As it might be called in a program.
  db.script("CREATE TABLE hewn_was (c0); INSERT INTO hewn_was VALUES (1), (2)");
  int asked = 0;
  migrator(db, files({"-- up\nDELETE FROM users WHERE id = 1; DELETE FROM hewn_was WHERE c0 = 1;"}),
           agreeing(asked))
      .up();
  CHECK(asked == 1);
  CHECK(number(db, "SELECT count(*) FROM pragma_function_list WHERE name LIKE 'hewn%'") == 0);
  CHECK(number(db, "SELECT count(*) FROM pragma_module_list WHERE name LIKE 'hewn%'") == 0);
  CHECK(number(db, "SELECT count(*) FROM temp.sqlite_master") == 0);
  CHECK(number(db, "SELECT count(*) FROM hewn_was") == 1);
}
