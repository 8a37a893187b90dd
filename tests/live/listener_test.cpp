// tests/live/listener_test.cpp - committed changes and messages are heard, and nothing else is.
// SPDX-License-Identifier: BSL-1.0
#include <support/place.hpp>

#include <hewn/json.hpp>
#if defined HEWN_TEST_ANY
#  include <hewn/any/listen.hpp>
#elif defined HEWN_TEST_POSTGRES
#  include <hewn/postgres/listen.hpp>
#else
#  include <hewn/sqlite/listen.hpp>
#endif

#include <support/failure.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using hewn::col;
using hewn::errc;
using hewn::listener;
using hewn::notify;
using hewn::row_change;
using support::failure_of;
using support::says;

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

struct tag_of_a_book_with_a_name_that_is_longer_than_others {
  std::int32_t id = 0;
  std::string text;
};

enum class level { low, high };

struct move_order {
  std::int64_t book = 0;
  std::string to;
};

using texts = std::vector<std::string>;

struct library {
  support::database db = support::open_new();

  library() {
    hewn::sync<shelf, book, named, tag_of_a_book_with_a_name_that_is_longer_than_others>(db);
    hewn::announce_changes<shelf, book, named,
                           tag_of_a_book_with_a_name_that_is_longer_than_others>(db);
    db.insert(shelf{.room = 1});
  }
};

/// What a listener was told, as text: "insert 1".
class ears {
 public:
  explicit ears(const support::database& db) : heard(hewn::listen(db)), db_(&db) {
    heard.on<std::int64_t>("end of the test's question", [this](std::int64_t n) { reached_ = n; });
  }
  ears(const ears&) = delete;
  ears& operator=(const ears&) = delete;

  template <class T>
  void watch() {
    heard.on<T>([this](const row_change& c) {
      constexpr const char* words[] = {"insert", "update", "remove"};
      seen.push_back(std::string(words[static_cast<std::size_t>(c.action)]) + " " +
                     (c.key ? std::to_string(*c.key) : "-"));
    });
  }

  void watch(const std::string& channel) {
    heard.on(channel, [this](const std::string& m) { seen.push_back(m); });
  }

  /// Everything that was committed before.
  texts now() {
    notify(*db_, "end of the test's question", ++asked_);
    for (int i = 0; i != 60 && reached_ != asked_; ++i) heard.wait(1s);
    REQUIRE(reached_ == asked_);
    return std::exchange(seen, {});
  }

  listener heard;
  texts seen;

 private:
  const support::database* db_;
  std::int64_t asked_ = 0;
  std::int64_t reached_ = 0;
};

}  // namespace

TEST_CASE_METHOD(library, "changes are announced with their kind and key, in their order") {
  ears l(db);
  l.watch<shelf>();
  CHECK(l.now() == texts{});
  db.insert(shelf{.room = 2});
  db.update<shelf>(2, col<& shelf::room> = 3);
  db.remove<shelf>(2);
  CHECK(l.seen.empty());  // only poll() and wait() call back
  CHECK(l.now() == texts{"insert 2", "update 2", "remove 2"});
  CHECK(l.now() == texts{});
  db.upsert(shelf{.id = 1, .room = 9});
  std::vector<shelf> more(2);
  db.insert_many(more);
  const auto second = std::to_string(more[0].id);
  const auto third = std::to_string(more[1].id);
  CHECK(l.now() == texts{"update 1", "insert " + second, "insert " + third});
  db.script("UPDATE shelf SET room = 5 WHERE id = " + second +
            "; DELETE FROM shelf WHERE id = " + third);
  CHECK(l.now() == texts{"update " + second, "remove " + third});
  db.update_all<shelf>(col<& shelf::room> = 5);
  CHECK(l.now() == texts{"update 1", "update " + second});
  // Of a key that becomes another one, that one.
  db.script("UPDATE shelf SET id = 1000 WHERE id = 1");
  CHECK(l.now() == texts{"update 1000"});
}

TEST_CASE_METHOD(library, "only tables that are listened to are announced, by their names") {
  ears l(db);
  l.watch<book>();
  l.watch<tag_of_a_book_with_a_name_that_is_longer_than_others>();
  db.insert(shelf{.room = 2});
  db.insert(book{.shelf_id = 2});
  db.insert(tag_of_a_book_with_a_name_that_is_longer_than_others{.id = 7});
  CHECK(l.now() == texts{"insert 1", "insert 7"});
  l.heard.off<book>();
  db.insert(book{.shelf_id = 2});
  CHECK(l.now() == texts{});
}

TEST_CASE_METHOD(library, "a table whose key is no integer is announced without keys") {
  ears l(db);
  l.watch<named>();
  db.insert(named{.id = "a"});
  CHECK(l.now() == texts{"insert -"});
  db.remove(hewn::from<named>.where(col<&named::id> == "b"));
  CHECK(l.now() == texts{});
}

TEST_CASE_METHOD(library, "rows that go with their parents, and all at once, are announced") {
  ears l(db);
  l.watch<book>();
  std::vector<book> books{{.shelf_id = 1}, {.shelf_id = 1}};
  db.insert_many(books);
  l.now();
  db.remove<shelf>(1);
  CHECK(l.now() == texts{"remove 1", "remove 2"});
  const auto other = db.insert(shelf{}).id;
  for (book& b : books) b = {.shelf_id = other};
  db.insert_many(books);
  l.now();
  CHECK(db.remove_all<book>() == 2);
  CHECK(l.now() ==
        texts{"remove " + std::to_string(books[0].id), "remove " + std::to_string(books[1].id)});
}

TEST_CASE_METHOD(library, "nothing is announced before the commit, and nothing that was undone") {
  ears l(db);
  l.watch<shelf>();
  SECTION("committed") {
    db.transaction([&](auto& tx) {
      tx.insert(shelf{});
      tx.template all<shelf>();
      l.heard.poll();
      CHECK(l.seen == texts{});
    });
    CHECK(l.now() == texts{"insert 2"});
  }
  SECTION("rolled back") {
    CHECK_THROWS(db.transaction([&](auto& tx) {
      tx.insert(shelf{});
      throw std::runtime_error("no");
    }));
    db.insert(named{.id = "later"});
    CHECK(l.now() == texts{});
  }
  SECTION("a savepoint") {
    db.transaction([&](auto& tx) {
      tx.insert(shelf{.id = 2});
      tx.transaction([](auto& inner) { inner.insert(shelf{.id = 3}); });
      CHECK_THROWS(tx.transaction([](auto& inner) {
        inner.insert(shelf{.id = 4});
        inner.transaction([](auto& innermost) { innermost.insert(shelf{.id = 5}); });
        throw std::runtime_error("no");
      }));
      tx.template update<shelf>(1, col<& shelf::room> = 7);
    });
    CHECK(l.now() == texts{"insert 2", "insert 3", "update 1"});
  }
  SECTION("a statement that failed half-way") {
    db.script("CREATE UNIQUE INDEX rooms ON shelf (room)");
    CHECK(failure_of([&] {
            db.execute(hewn::sql<"INSERT INTO shelf (room) VALUES (10), (11), (1)">);
          }).code() == errc::conflict);
    CHECK(l.now() == texts{});
  }
}

TEST_CASE_METHOD(library, "what one transaction announces twice arrives once") {
  ears l(db);
  l.watch<shelf>();
  l.watch("m");
  db.transaction([](auto& tx) {
    for (int room = 0; room != 3; ++room) {
      tx.template update<shelf>(1, col<& shelf::room> = room);
      notify(tx, "m", "same");
      notify(tx, "m", "room " + std::to_string(room % 2));
    }
  });
  CHECK(l.now() == texts{"update 1", "same", "room 0", "room 1"});
  notify(db, "m", "same");
  notify(db, "m", "same");
  CHECK(l.now() == texts{"same", "same"});
}

TEST_CASE_METHOD(library, "messages of several types travel as text") {
  ears l(db);
  std::vector<std::int64_t> numbers;
  std::vector<level> levels;
  texts orders;
  l.heard.on<std::int64_t>("numbers", [&](std::int64_t n) { numbers.push_back(n); });
  l.heard.on<level>("levels", [&](level v) { levels.push_back(v); });
  l.heard.on<hewn::json<move_order>>("orders", [&](const hewn::json<move_order>& o) {
    orders.push_back(std::to_string(o->book) + " to " + o->to);
  });
  notify(db, "numbers", std::int64_t{-7});
  notify(db, "numbers", 8);
  notify(db, "levels", level::high);
  notify(db, "orders", hewn::json<move_order>{{.book = 3, .to = "l'attic \"2\"\\"}});
  l.now();
  CHECK(numbers == std::vector<std::int64_t>{-7, 8});
  CHECK(levels == std::vector{level::high});
  CHECK(orders == texts{"3 to l'attic \"2\"\\"});

  // A payload of another type is an error, and the ones after it still arrive.
  notify(db, "numbers", "s3cr3t-marker");
  notify(db, "numbers", "9 ");
  notify(db, "levels", "medium");
  notify(db, "orders", "{");
  notify(db, "numbers", 10);
  int refused = 0;
  while (numbers.back() != 10) {
    const auto heard = hewn::as_result([&] { return l.heard.wait(60s); });
    if (heard) continue;
    REQUIRE(heard.error().code() == errc::invalid_data);
    CHECK_FALSE(says(heard.error(), "s3cr3t"));
    ++refused;
  }
  CHECK(refused == 4);
  CHECK(failure_of([&] { notify(db, "levels", level(9)); }).code() == errc::invalid_data);
}

TEST_CASE_METHOD(library, "a message is announced when its transaction is committed") {
  ears l(db);
  l.watch("m");
  db.transaction([&](auto& tx) {
    notify(tx, "m", "kept");
    l.heard.poll();
    CHECK(l.seen.empty());
    CHECK_THROWS(tx.transaction([](auto& inner) {
      notify(inner, "m", "undone");
      throw std::runtime_error("no");
    }));
    notify(tx, "m", "kept as well");
  });
  CHECK_THROWS(db.transaction([](auto& tx) {
    notify(tx, "m", "rolled back");
    throw std::runtime_error("no");
  }));
  db.transaction({.mode = hewn::transaction_mode::deferred},
                 [](auto& tx) { notify(tx, "m", "nothing written"); });
  CHECK(failure_of([&] { db.read([](auto& tx) { notify(tx, "m", "no"); }); }).code() ==
        errc::read_only);
  CHECK(l.now() == texts{"kept", "kept as well", "nothing written"});
}

TEST_CASE_METHOD(library, "that changes are announced is no part of the schema, and said once") {
  const auto announce = [&] { hewn::announce_changes<shelf, named>(db); };
  announce();
  CHECK(hewn::sync<shelf, named>(db).empty());
  ears l(db);
  l.watch<shelf>();
  db.transaction([](auto& tx) { hewn::announce_changes<shelf>(tx); });
  db.insert(shelf{.room = 2});
  CHECK(l.now() == texts{"insert 2"});
}

TEST_CASE_METHOD(library, "every channel has a name that both databases keep") {
  ears l(db);
  const std::string longest(63, 'n');
  const texts good = {longest, "a\"b'; DROP TABLE shelf; --", "Ä ö", "%s $1 ?"};
  for (const std::string& name : good) l.watch(name);
  for (const std::string& name : good) notify(db, name, name);
  CHECK(l.now() == good);
  CHECK(db.count<shelf>() == 1);
  for (const std::string& name : {std::string(), longest + "n", std::string("a\0b", 3),
                                  std::string("\xff"), std::string("hewn:shelf")}) {
    CHECK(failure_of([&] { l.watch(name); }).code() == errc::usage);
    CHECK(failure_of([&] { notify(db, name, "x"); }).code() == errc::usage);
  }
  l.heard.off("never listened to");
  for (const std::string& name : good) l.heard.off(name);
  for (const std::string& name : good) notify(db, name, name);
  CHECK(l.now() == texts{});
}

TEST_CASE_METHOD(library, "callbacks may throw, poll, and change the listener") {
  ears l(db);
  bool throws = true;
  l.heard.on("a", [&](const std::string& m) {
    l.seen.push_back("first " + m);
    if (std::exchange(throws, false)) throw std::runtime_error("callback");
    l.heard.off("a");
    l.heard.on("b", [&](const std::string& n) { l.seen.push_back("second " + n); });
    l.heard.poll();
  });
  db.transaction([](auto& tx) {  // all at once, so that all are there when the first is heard
    for (const char* m : {"1", "2", "3"}) notify(tx, "a", m);
  });
  CHECK_THROWS_AS(l.heard.wait(60s), std::runtime_error);
  CHECK(l.seen == texts{"first 1"});
  l.now();
  notify(db, "b", "4");
  CHECK(l.now() == texts{"second 4"});
}

TEST_CASE_METHOD(library, "each listener hears everything") {
  ears first(db);
  ears second(db);
  first.watch<shelf>();
  second.watch<shelf>();
  { listener gone = hewn::listen(db); }
  db.insert(shelf{});
  CHECK(first.now() == texts{"insert 2"});
  CHECK(second.now() == texts{"insert 2"});
}

TEST_CASE_METHOD(library,
                 "waiting ends when another thread announces, is interrupted, or in time") {
  ears l(db);
  CHECK(l.heard.wait(1ms) == 0);
  CHECK(l.heard.poll() == 0);
  const auto stop = l.heard.interrupter();
  SECTION("announced") {
    l.watch("m");
    std::jthread other([&] { notify(db, "m", "from there"); });
    while (l.seen.empty()) REQUIRE(l.heard.wait(60s) > 0);
  }
  SECTION("interrupted while waiting, or before") {
    for (int i = 0; i != 20; ++i) {
      std::jthread other([&] { stop.interrupt(); });
      CHECK(l.heard.wait(1h) == 0);
    }
    CHECK(l.now() == texts{});
    CHECK(l.heard.wait(1ms) == 0);
  }
  SECTION("interrupted when there is no listener any more") {
    std::optional<listener> gone = hewn::listen(db);
    const auto late = gone->interrupter();
    gone.reset();
    late.interrupt();
  }
}

TEST_CASE_METHOD(library, "a listener that was moved from refuses") {
  listener left = hewn::listen(db);
  listener heard = std::move(left);
  const auto refused = [](const auto& call) {
    CHECK(failure_of(call).what() ==
          std::string("hewn: the listener was moved from; use the one that it was moved to"));
  };
  // NOLINTBEGIN: what was moved from is what this is about
  refused([&] { left.poll(); });
  refused([&] { left.wait(1ms); });
  refused([&] { left.on<shelf>([](const row_change&) {}); });
  refused([&] { left.on("m", [](const std::string&) {}); });
  refused([&] { left.off<shelf>(); });
  refused([&] { left.off("m"); });
  left.interrupter().interrupt();
  // NOLINTEND
  CHECK(heard.poll() == 0);
  left = std::move(heard);
  CHECK(left.poll() == 0);
}

TEST_CASE_METHOD(library, "a listener in a child process is refused, and the parent's goes on",
                 "[P5]") {
  std::optional<ears> l(std::in_place, db);
  l->watch<shelf>();
  const auto stop = l->heard.interrupter();
  const pid_t child = fork();
  if (child == 0) {
    int wrong = 0;
    const auto refused = [&](const auto& action) {
      try {
        action();
        ++wrong;
      } catch (const hewn::error& failure) {
        if (failure.code() != errc::usage || !says(failure, "forked")) ++wrong;
      }
    };
    refused([&] { l->heard.wait(1h); });
    refused([&] { l->heard.on("m", [](const std::string&) {}); });
    refused([&] { hewn::listen(db); });
    stop.interrupt();
    l.reset();
    _exit(wrong);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  db.insert(shelf{});
  CHECK(l->heard.wait(60s) == 1);  // not interrupted by the child
  CHECK(l->now() == texts{"insert 2"});
}
