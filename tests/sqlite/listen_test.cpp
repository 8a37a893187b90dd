// tests/sqlite/listen_test.cpp - committed changes are announced, and nothing else is.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/listen.hpp>
#include <hewn/sqlite/restore.hpp>

#include <support/failure.hpp>
#include <support/fault_vfs.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

using hewn::col;
using hewn::errc;
using hewn::listen;
using hewn::listener;
using hewn::notify;
using hewn::row_change;
using support::failure_of;
using support::says;
using support::temporary_file;

namespace {

struct shelf {
  std::int64_t id = 0;
  std::int64_t room = 0;
};

struct named {
  std::string id;
  std::int64_t value = 0;
};

namespace next {

struct shelf {
  std::int64_t id = 0;
  std::string room;
  static consteval auto table() {
    return hewn::table("shelf").convert<&shelf::room>(hewn::raw("'room ' || room"));
  }
};

}  // namespace next

hewn::sqlite::database make_database() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<shelf, named>(db);
  db.insert(shelf{.room = 1});
  return db;
}

/// What a listener was told of a table, as text: "insert 1".
template <class T>
struct told {
  explicit told(listener& l) : from(l) {
    l.on<T>([this](const row_change& c) {
      constexpr const char* words[] = {"insert", "update", "remove"};
      seen.push_back(std::string(words[static_cast<std::size_t>(c.action)]) + " " +
                     (c.key ? std::to_string(*c.key) : "-"));
    });
  }
  told(const told&) = delete;
  told& operator=(const told&) = delete;

  std::vector<std::string> now() {
    from.poll();
    return std::exchange(seen, {});
  }

  listener& from;
  std::vector<std::string> seen;
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("what SQLite undoes by itself is not announced, and what it keeps is") {
  const auto db = make_database();
  listener l = listen(db);
  told<shelf> shelves(l);
  SECTION("a statement that failed half-way") {
    db.script("CREATE UNIQUE INDEX rooms ON shelf (room)");
    db.insert(shelf{.room = 2});
    shelves.now();
    const auto fail_half_way = [](const auto& session) {
      CHECK(failure_of([&] {
              session.script("INSERT INTO shelf (room) VALUES (10), (11), (1)");
            }).code() == errc::conflict);
      CHECK(failure_of([&] {
              session.execute(hewn::sql<"INSERT INTO shelf (room) VALUES (10), (11), (1)">);
            }).code() == errc::conflict);
    };
    fail_half_way(db);
    CHECK(shelves.now() == texts{});
    db.transaction([&](auto& tx) {
      tx.insert(shelf{.room = 3});
      fail_half_way(tx);
      tx.insert(shelf{.room = 4});
    });
    CHECK(shelves.now() == texts{"insert 3", "insert 4"});
    // A failing statement takes back its own changes only, and no message.
    int messages = 0;
    l.on("m", [&](const std::string&) { ++messages; });
    db.transaction([&](auto& tx) {
      notify(tx, "m", "kept");
      fail_half_way(tx);
      CHECK_THROWS_AS(tx.execute(hewn::sql<"INSERT INTO nowhere VALUES (1)">), hewn::error);
    });
    CHECK(shelves.now() == texts{});
    CHECK(messages == 1);
    // What a failing statement keeps is announced.
    CHECK_THROWS_AS(
        db.execute(hewn::sql<"INSERT OR FAIL INTO shelf (room) VALUES (10), (11), (1)">),
        hewn::error);
    CHECK(shelves.now() == texts{"insert 5", "insert 6"});
    // So is what a failing script has committed.
    CHECK_THROWS_AS(db.script("INSERT INTO shelf (room) VALUES (20); SELECT * FROM nowhere"),
                    hewn::error);
    CHECK_THROWS_AS(
        db.script("INSERT INTO shelf (room) VALUES (21); INSERT INTO shelf (room) VALUES (1)"),
        hewn::error);
    CHECK(shelves.now() == texts{"insert 7", "insert 8"});
  }
  SECTION("a transaction that the database has ended") {
    CHECK_THROWS_AS(db.transaction([&](auto& tx) {
      tx.insert(shelf{.room = 5});
      tx.execute(hewn::sql<"INSERT OR ROLLBACK INTO shelf (id, room) VALUES (1, 1)">);
    }),
                    hewn::error);
    CHECK(shelves.now() == texts{});
  }
  SECTION("a statement that is still returning rows") {
    {
      auto rows =
          db.each<std::int64_t>(hewn::sql<"INSERT INTO shelf (room) VALUES (5), (6) RETURNING id">);
      auto first = rows.begin();
      CHECK(*first == 2);
      db.all<shelf>();
      CHECK(shelves.now() == texts{});
    }
    CHECK(shelves.now() == texts{"insert 2", "insert 3"});
  }
}

TEST_CASE("a commit that fails announces nothing", "[D2][Y3]") {
  const temporary_file file("listen_doubt.db");
  support::fault_vfs vfs;
  const auto db = hewn::sqlite::open(file.path);
  hewn::sync<shelf>(db);
  listener l = listen(db);
  told<shelf> shelves(l);
  SECTION("its outcome is in doubt") {
    vfs.decide = [](const support::file_operation& o) {
      return o.what == support::file_operation::kind::sync && o.wal ? SQLITE_IOERR_FSYNC
                                                                    : SQLITE_OK;
    };
    CHECK(failure_of([&] { db.transaction([](auto& tx) { tx.insert(shelf{}); }); }).code() ==
          errc::commit_in_doubt);
    vfs.decide = nullptr;
  }
  SECTION("a deferred foreign key is violated") {
    db.script(
        "CREATE TABLE part (id INTEGER PRIMARY KEY, of INTEGER REFERENCES shelf (id) "
        "DEFERRABLE INITIALLY DEFERRED)");
    CHECK(failure_of([&] {
            db.transaction([](auto& tx) {
              tx.insert(shelf{});
              tx.script("INSERT INTO part (of) VALUES (77)");
            });
          }).code() == errc::foreign_key);
  }
  CHECK(shelves.now() == texts{});
}

TEST_CASE("each listener hears everything, until the database is closed") {
  std::optional<hewn::sqlite::database> db = make_database();
  listener first = listen(*db);
  listener second = listen(*db);
  told<shelf> by_first(first);
  told<shelf> by_second(second);
  { listener gone = listen(*db); }
  db->insert(shelf{});
  CHECK(by_first.now() == texts{"insert 2"});
  db.reset();
  CHECK(by_second.now() == texts{"insert 2"});  // what was announced still arrives
  CHECK(failure_of([&] { second.poll(); }).code() == errc::connection_lost);
  CHECK(failure_of([&] { first.wait(1h); }).code() == errc::connection_lost);
}

TEST_CASE("a listener that is not asked does not take all memory") {
  const auto db = make_database();
  listener l = listen(db);
  told<shelf> shelves(l);
  int messages = 0;
  l.on("m", [&](const std::string&) { ++messages; });
  SECTION("many transactions") {
    for (int i = 0; i != 70'000; ++i) notify(db, "m", i);
    std::optional<errc> told_why;
    SECTION("an exception tells") {
      told_why = failure_of([&] { l.poll(); }).code();
    }
    SECTION("a callback tells") {
      l.on_missed([&](const hewn::error& why) { told_why = why.code(); });
      CHECK(l.poll() == 0);
    }
    CHECK(told_why == errc::full);
    CHECK(l.poll() == 65'536);
    CHECK(messages == 65'536);
  }
  SECTION("one transaction") {
    const auto insert = [&] {
      db.execute(
          hewn::sql<"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                    "70000) INSERT INTO shelf (room) SELECT i FROM n">);
    };
    insert();
    CHECK(failure_of([&] { l.poll(); }).code() == errc::full);
    l.poll();
    CHECK(shelves.seen.size() == 65'536);
    // A table that nobody listens to disturbs nobody.
    l.off<shelf>();
    insert();
    CHECK(l.poll() == 0);
  }
  notify(db, "m", "on");
  CHECK(l.poll() == 1);
}

TEST_CASE("listening is refused where nothing would be heard") {
  const auto db = make_database();
  db.transaction([](auto& tx) { CHECK(failure_of([&] { listen(tx); }).code() == errc::usage); });
  const temporary_file file("listen_refused.db");
  const auto p = hewn::sqlite::open_pool(file.path);
  const auto reader = p.acquire_reader();
  CHECK(failure_of([&] { listen(reader); }).code() == errc::read_only);
  CHECK(failure_of([&] { notify(reader, "m", "x"); }).code() == errc::read_only);
}

TEST_CASE("a pool announces what its writer commits, also after it was opened again", "[P7]") {
  const temporary_file file("listen_pool.db");
  const auto p = hewn::sqlite::open_pool(file.path);
  p.write([](auto& db) { hewn::sync<shelf>(db); });
  listener l = listen(p);
  told<shelf> shelves(l);
  p.transaction([](auto& tx) { tx.insert(shelf{}); });
  CHECK(shelves.now() == texts{"insert 1"});
  {
    // A connection that comes back while rows are being read is closed.
    auto rows = p.acquire().each(hewn::from<shelf>);
  }
  p.transaction([](auto& tx) { tx.insert(shelf{}); });
  CHECK(p.statistics().opened == 2);
  CHECK(shelves.now() == texts{"insert 2"});
}

TEST_CASE("waiting ends when another thread commits") {
  const temporary_file file("listen_threads.db");
  auto p = std::make_optional(hewn::sqlite::open_pool(file.path));
  p->write([](auto& db) { hewn::sync<shelf>(db); });
  listener l = listen(*p);
  std::int64_t sum = 0;
  int count = 0;
  l.on<shelf>([&](const row_change& c) {
    sum += c.key.value_or(0);
    ++count;
  });
  CHECK(l.wait(1ms) == 0);
  std::vector<std::jthread> writers;
  for (int t = 0; t != 3; ++t)
    writers.emplace_back([&] {
      for (int i = 0; i != 50; ++i) p->transaction([](auto& tx) { tx.insert(shelf{}); });
    });
  while (count != 150) REQUIRE(l.wait(60s) > 0);
  CHECK(sum == 150 * 151 / 2);
  writers.clear();
  p.reset();
  CHECK(failure_of([&] { l.wait(60s); }).code() == errc::connection_lost);
}

TEST_CASE("a listener changes nothing of what is done, also when it is gone", "[p:A1]") {
  // Everything in which SQLite deletes, in a database with and in one without a listener.
  constexpr const char* steps[] = {
      "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)",
      "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id REFERENCES parent ON DELETE CASCADE)",
      "CREATE TABLE log (text TEXT)",
      "CREATE TABLE \"Odd \"\" name\" (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID",
      "CREATE INDEX child_parent ON child (parent_id)",
      "CREATE VIEW children AS SELECT * FROM child",
      "CREATE TRIGGER child_gone AFTER DELETE ON child BEGIN INSERT INTO log VALUES ('gone'); END",
      "CREATE TRIGGER emptied INSTEAD OF DELETE ON children BEGIN DELETE FROM log; END",
      "CREATE TEMP TABLE scratch (a)",
      "CREATE TEMP VIEW glance AS SELECT 1",
      "CREATE VIRTUAL TABLE words USING fts5(word)",
      "INSERT INTO words VALUES ('a'), ('b')",
      "DELETE FROM words",
      "INSERT INTO parent (name) VALUES ('a'), ('b'), ('c')",
      "INSERT INTO child (parent_id) SELECT id FROM parent",
      "INSERT INTO \"Odd \"\" name\" VALUES (1, 2)",
      "INSERT INTO scratch VALUES (1), (2)",
      "ANALYZE",
      "DELETE FROM scratch",
      "DELETE FROM parent WHERE name = 'a'",
      "INSERT OR REPLACE INTO parent VALUES (9, 'b')",
      "DELETE FROM children WHERE id = 3",
      "DELETE FROM child",
      "DELETE FROM \"Odd \"\" name\"",
      "INSERT INTO child (parent_id) VALUES (9)",
      "DROP TRIGGER child_gone",
      "DROP VIEW children",
      "DROP INDEX child_parent",
      "ALTER TABLE log ADD COLUMN more",
      "ALTER TABLE log DROP COLUMN more",
      "ALTER TABLE log RENAME TO journal",
      "DROP TABLE parent",
      "DROP TABLE child",
      "DROP TABLE \"Odd \"\" name\"",
      "DROP TABLE words",
      "DROP TABLE temp.scratch",
      "DROP VIEW glance",
      "DELETE FROM sqlite_sequence",
      "DELETE FROM sqlite_stat1",
      "VACUUM",
      "DROP TABLE journal",
  };
  const bool in_script = GENERATE(true, false);
  const bool is_gone = GENERATE(true, false);
  const auto plain = hewn::sqlite::open(":memory:");
  const auto watched = hewn::sqlite::open(":memory:");
  std::optional<listener> l = listen(watched);
  if (is_gone) l.reset();
  const auto after = [&](const hewn::sqlite::database& db, const char* step) {
    if (in_script)
      db.script(step);
    else
      db.execute(hewn::dynamic_sql(step));
    sqlite3* const handle = db.native_handle();
    texts out = db.all<std::string>(
        hewn::sql<"SELECT type || name || rootpage || coalesce(sql, '') FROM sqlite_schema UNION "
                  "ALL SELECT type || name || rootpage || sql FROM sqlite_temp_schema">);
    out.push_back(std::to_string(sqlite3_changes64(handle)) + ' ' +
                  std::to_string(sqlite3_total_changes64(handle)) + ' ' +
                  std::to_string(sqlite3_last_insert_rowid(handle)));
    return out;
  };
  for (const char* const step : steps) {
    INFO(step);
    CHECK(after(plain, step) == after(watched, step));
  }
  CHECK(watched.one<int>(hewn::sql<"SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE "
                                   "'sqlite_%'">) == 0);
}

TEST_CASE("rows that a DELETE without condition removes are announced, before a DROP and after one",
          "[p:A1]") {
  const auto db = make_database();
  listener l = listen(db);
  told<shelf> shelves(l);
  db.script("CREATE TABLE other (id INTEGER PRIMARY KEY); DROP TABLE other; DELETE FROM shelf");
  CHECK(shelves.now() == texts{"remove 1"});
  db.script("INSERT INTO shelf VALUES (2, 2); CREATE TEMP VIEW shelf AS SELECT 1; DROP VIEW shelf");
  shelves.now();
  db.script("DELETE FROM main.shelf");
  CHECK(shelves.now() == texts{"remove 2"});
  db.script("INSERT INTO shelf VALUES (3, 2); DROP TABLE shelf");
  CHECK(db.one<int>(hewn::sql<"SELECT count(*) FROM sqlite_schema WHERE name = 'shelf'">) == 0);
}

TEST_CASE("rows that are replaced all at once are missed by whoever listens to them") {
  const temporary_file file("listen_replaced.db");
  const temporary_file saved("listen_replaced.copy");
  const bool pooled = GENERATE(false, true);
  CAPTURE(pooled);
  hewn::sqlite::open(file.path).script("PRAGMA journal_mode = WAL");
  const auto pool = hewn::sqlite::open_pool(file.path, {.size = 2});
  const auto own = hewn::sqlite::open(file.path);
  listener l = pooled ? listen(pool) : listen(own);
  listener of_messages = pooled ? listen(pool) : listen(own);
  of_messages.on("m", [](const std::string&) {});
  const auto with_writer = [&](const auto& action) {
    if (pooled)
      action(pool.acquire());
    else
      action(own);
  };
  told<shelf> shelves(l);
  std::optional<hewn::error> missed;
  l.on_missed([&](const hewn::error& why) { missed = why; });
  const auto why_missed = [&] {
    l.poll();
    const auto why = std::exchange(missed, std::nullopt);
    return why ? std::string(why->what()) : std::string();
  };
  const std::string replaced = "hewn: rows were replaced all at once";
  with_writer([&](const auto& db) {
    hewn::sync<shelf, named>(db);
    db.insert(shelf{.room = 1});
    db.execute(hewn::sql<"VACUUM INTO ?">, saved.path);
    CHECK(shelves.now() == texts{"insert 1"});

    // Nothing is told of a backup that is not restored.
    CHECK_THROWS_AS(hewn::sqlite::restore(db, saved.path + ".nowhere"), hewn::error);
    CHECK(why_missed().empty());
    hewn::sqlite::restore(db, saved.path);
    CHECK(says(hewn::error(errc::other, why_missed()), replaced));
    CHECK(why_missed().empty());
    CHECK(shelves.now() == texts{});

    const hewn::plan p = hewn::plan_sync<next::shelf>(db);
    const hewn::sync_options agreed = {
        .approvals = {hewn::approve(db, p, "a test", {.approver = "ada"})}};
    // Nor of a copy of the rows that is rolled back.
    const auto copy_and_fail = [](const auto& session) {
      CHECK_THROWS_AS(session.transaction([](auto& tx) {
        tx.script(
            "CREATE TABLE hewn_new_shelf (id INTEGER PRIMARY KEY);"
            "INSERT INTO hewn_new_shelf VALUES (1)");
        throw 1;
      }),
                      int);
    };
    copy_and_fail(db);
    db.transaction([&](auto& tx) {
      copy_and_fail(tx);
      tx.insert(named{.id = "b"});
    });
    CHECK(why_missed().empty());
    hewn::apply_plan(db, p, agreed);
    CHECK(db.template get<next::shelf>(1).room == "room 1");
    CHECK(says(hewn::error(errc::other, why_missed()), replaced));

    // Whoever does not listen to the table misses nothing.
    l.off<shelf>();
    told<named> names(l);
    db.script("DROP TABLE shelf");
    hewn::sync<shelf>(db);
    db.insert(shelf{.room = 1});
    const hewn::plan again = hewn::plan_sync<next::shelf>(db);
    hewn::apply_plan(db, again,
                     {.approvals = {hewn::approve(db, again, "a test", {.approver = "ada"})}});
    CHECK(why_missed().empty());
    db.insert(named{.id = "a"});
    CHECK(names.now() == texts{"insert -"});
  });
  CHECK(of_messages.poll() == 0);
}
