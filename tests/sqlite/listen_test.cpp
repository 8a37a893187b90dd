// tests/sqlite/listen_test.cpp - committed changes are announced, and nothing else is.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/json.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/listen.hpp>

#include <support/failure.hpp>
#include <support/fault_vfs.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

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
using hewn::listener;
using hewn::notify;
using hewn::row_change;
using hewn::sqlite::listen;
using support::failure_of;
using support::says;
using support::temporary_file;

namespace {

struct shelf {
  std::int64_t id = 0;
  std::int64_t room = 0;
};

struct book {
  std::int64_t id = 0;
  std::int64_t shelf_id = 0;
  static consteval auto table() {
    return hewn::table("books").references<&book::shelf_id, &shelf::id>(hewn::on_delete::cascade);
  }
};

struct named {
  std::string id;
  std::int64_t value = 0;
};

enum class level { low, high };

struct move_order {
  std::int64_t book = 0;
  std::string to;
};

hewn::sqlite::database make_database() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<shelf, book, named>(db);
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

TEST_CASE("changes are announced with their kind and key, in their order") {
  const auto db = make_database();
  listener l = listen(db);
  told<shelf> shelves(l);
  CHECK(shelves.now() == texts{});
  db.insert(shelf{.room = 2});
  db.update<shelf>(2, col<& shelf::room> = 3);
  db.remove<shelf>(2);
  CHECK(shelves.seen.empty());  // only poll() and wait() call back
  CHECK(shelves.now() == texts{"insert 2", "update 2", "remove 2"});
  CHECK(shelves.now() == texts{});
  db.upsert(shelf{.id = 1, .room = 9});
  db.insert_many(std::vector<shelf>(2));
  CHECK(shelves.now() == texts{"update 1", "insert 2", "insert 3"});
  db.script("UPDATE shelf SET room = 5 WHERE id = 2; DELETE FROM shelf WHERE id = 3");
  CHECK(shelves.now() == texts{"update 2", "remove 3"});
}

TEST_CASE("only tables that are listened to are announced, by their names in the database") {
  const auto db = make_database();
  listener l = listen(db);
  told<book> books(l);
  db.insert(shelf{.room = 2});
  db.insert(book{.shelf_id = 2});
  CHECK(books.now() == texts{"insert 1"});
  l.off<book>();
  db.insert(book{.shelf_id = 2});
  CHECK(l.poll() == 0);
}

TEST_CASE("a table whose key is no integer is announced without keys") {
  const auto db = make_database();
  listener l = listen(db);
  told<named> rows(l);
  db.insert(named{.id = "a"});
  CHECK(rows.now() == texts{"insert -"});
}

TEST_CASE("rows that go with their parents, and all at once, are announced") {
  const auto db = make_database();
  listener l = listen(db);
  told<book> books(l);
  db.insert_many(std::vector<book>{{.shelf_id = 1}, {.shelf_id = 1}});
  books.now();
  db.remove<shelf>(1);
  CHECK(books.now() == texts{"remove 1", "remove 2"});
  db.insert(shelf{.id = 1});
  db.insert_many(std::vector<book>{{.shelf_id = 1}, {.shelf_id = 1}});
  books.now();
  CHECK(db.remove_all<book>() == 2);  // which SQLite would not tell of
  CHECK(books.now() == texts{"remove 1", "remove 2"});
}

TEST_CASE("nothing is announced before the commit, and nothing that was undone") {
  const auto db = make_database();
  listener l = listen(db);
  told<shelf> shelves(l);
  SECTION("committed") {
    db.transaction([&](auto& tx) {
      tx.insert(shelf{});
      tx.template all<shelf>();
      CHECK(shelves.now() == texts{});
    });
    CHECK(shelves.now() == texts{"insert 2"});
  }
  SECTION("rolled back") {
    CHECK_THROWS(db.transaction([&](auto& tx) {
      tx.insert(shelf{});
      throw std::runtime_error("no");
    }));
    db.insert(named{.id = "later"});
    CHECK(shelves.now() == texts{});
  }
  SECTION("a savepoint") {
    db.transaction([&](auto& tx) {
      tx.insert(shelf{.room = 1});
      tx.transaction([](auto& inner) { inner.insert(shelf{.room = 2}); });
      CHECK_THROWS(tx.transaction([](auto& inner) {
        inner.insert(shelf{.room = 3});
        inner.transaction([](auto& innermost) { innermost.insert(shelf{.room = 4}); });
        throw std::runtime_error("no");
      }));
      tx.template update<shelf>(1, col<& shelf::room> = 7);
    });
    CHECK(shelves.now() == texts{"insert 2", "insert 3", "update 1"});
  }
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

TEST_CASE("what one transaction announces twice arrives once") {
  const auto db = make_database();
  listener l = listen(db);
  told<shelf> shelves(l);
  texts messages;
  l.on("m", [&](const std::string& m) { messages.push_back(m); });
  db.transaction([](auto& tx) {
    for (int room = 0; room != 3; ++room) {
      tx.template update<shelf>(1, col<& shelf::room> = room);
      notify(tx, "m", "same");
      notify(tx, "m", "room " + std::to_string(room % 2));
    }
  });
  CHECK(shelves.now() == texts{"update 1"});
  CHECK(messages == texts{"same", "room 0", "room 1"});
  notify(db, "m", "same");
  notify(db, "m", "same");
  l.poll();
  CHECK(messages.size() == 5);
}

TEST_CASE("messages of several types travel as text") {
  const auto db = make_database();
  listener l = listen(db);
  std::vector<std::int64_t> numbers;
  std::vector<level> levels;
  std::vector<std::string> orders;
  l.on<std::int64_t>("numbers", [&](std::int64_t n) { numbers.push_back(n); });
  l.on<level>("levels", [&](level v) { levels.push_back(v); });
  l.on<hewn::json<move_order>>("orders", [&](const hewn::json<move_order>& o) {
    orders.push_back(std::to_string(o->book) + " to " + o->to);
  });
  notify(db, "numbers", std::int64_t{-7});
  notify(db, "numbers", 8);
  notify(db, "levels", level::high);
  notify(db, "orders", hewn::json<move_order>{{.book = 3, .to = "attic"}});
  CHECK(l.poll() == 4);
  CHECK(numbers == std::vector<std::int64_t>{-7, 8});
  CHECK(levels == std::vector{level::high});
  CHECK(orders == texts{"3 to attic"});

  // A payload of another type is an error, and the ones after it still arrive.
  notify(db, "numbers", "s3cr3t-marker");
  notify(db, "numbers", "9 ");
  notify(db, "levels", "medium");
  notify(db, "orders", "{");
  notify(db, "numbers", 10);
  for (int i = 0; i != 4; ++i) CHECK(failure_of([&] { l.poll(); }).code() == errc::invalid_data);
  CHECK(l.poll() == 1);
  CHECK(numbers.back() == 10);
  CHECK(failure_of([&] { notify(db, "levels", level(9)); }).code() == errc::invalid_data);
}

TEST_CASE("a message is announced when its transaction is committed, written to or not", "[Y3]") {
  const auto db = make_database();
  listener l = listen(db);
  texts messages;
  l.on("m", [&](const std::string& m) { messages.push_back(m); });
  db.transaction([&](auto& tx) {
    notify(tx, "m", "kept");
    l.poll();
    CHECK(messages.empty());
    CHECK_THROWS(tx.transaction([](auto& inner) {
      notify(inner, "m", "undone");
      throw std::runtime_error("no");
    }));
    // A failing statement takes back its own changes only.
    CHECK_THROWS_AS(tx.execute(hewn::sql<"INSERT INTO shelf (id, room) VALUES (1, 1)">),
                    hewn::error);
    CHECK_THROWS_AS(tx.execute(hewn::sql<"INSERT INTO nowhere VALUES (1)">), hewn::error);
  });
  CHECK_THROWS(db.transaction([](auto& tx) {
    notify(tx, "m", "rolled back");
    throw std::runtime_error("no");
  }));
  db.transaction({.mode = hewn::transaction_mode::deferred},
                 [](auto& tx) { notify(tx, "m", "nothing written"); });
  l.poll();
  CHECK(messages == texts{"kept", "nothing written"});
  CHECK(failure_of([&] { db.read([](auto& tx) { notify(tx, "m", "no"); }); }).code() ==
        errc::read_only);
}

TEST_CASE("callbacks may throw, poll, and change the listener") {
  const auto db = make_database();
  listener l = listen(db);
  texts seen;
  bool throws = true;
  l.on("a", [&](const std::string& m) {
    seen.push_back("first " + m);
    if (std::exchange(throws, false)) throw std::runtime_error("callback");
    l.off("a");
    l.on("b", [&](const std::string& n) { seen.push_back("second " + n); });
    l.poll();
  });
  for (const char* m : {"1", "2", "3"}) notify(db, "a", m);
  CHECK_THROWS_AS(l.poll(), std::runtime_error);
  CHECK(seen == texts{"first 1"});
  l.poll();
  notify(db, "b", "4");
  l.poll();
  CHECK(seen == texts{"first 1", "first 2", "second 4"});
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
    CHECK(failure_of([&] { l.poll(); }).code() == errc::full);
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

TEST_CASE("waiting ends when another thread commits", "[C9]") {
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

TEST_CASE("a listener in a child process is refused", "[P5]") {
  const auto db = make_database();
  std::optional<listener> l = listen(db);
  told<shelf> shelves(*l);
  const pid_t child = fork();
  if (child == 0) {
    int wrong = 1;
    try {
      l->wait(1h);
    } catch (const hewn::error& failure) {
      if (failure.code() == errc::usage && says(failure, "forked")) wrong = 0;
    }
    l.reset();
    _exit(wrong);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  db.insert(shelf{});
  CHECK(shelves.now() == texts{"insert 2"});
}
