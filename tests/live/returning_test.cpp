// tests/live/returning_test.cpp - columns and expressions of the rows that a write changes.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>
#include <hewn/verify.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::returning;
using support::failure_of;

namespace {

enum class state { waiting, running, done };

struct job {
  std::int64_t id = 0;
  std::string task;
  std::int64_t priority = 0;
  state now = state::waiting;
  std::optional<std::string> worker;
  hewn::timestamp changed;
  static consteval auto table() {
    return hewn::table("jobs").unique<&job::task>().updated<&job::changed>();
  }
};

/// Two values are a key.
struct seat {
  std::int64_t row = 0;
  std::string letter;
  bool taken = false;
  static consteval auto table() {
    return hewn::table("seats").primary_key<&seat::row, &seat::letter>();
  }
};

struct tried {
  std::int64_t id = 0;
  std::int64_t twice = 0;
  std::optional<std::string> worker;
  bool operator==(const tried&) const = default;
};

struct job_and_label {
  job whole;
  std::string label;
};

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<job, seat>(db);
  db.insert_many({job{.task = "a", .priority = 1, .worker = "ann"}, job{.task = "b", .priority = 2},
                  job{.task = "c", .priority = 3}});
  db.insert_many({seat{1, "a"}, seat{1, "b"}, seat{2, "a"}});
  return db;
}

template <class Rows>
Rows sorted(Rows rows) {
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    if constexpr (requires { a.id; })
      return a.id < b.id;
    else
      return a < b;
  });
  return rows;
}

auto twice_of_job() {
  return returning<tried>(col<&job::id>, col<&job::priority> * 2, col<&job::worker>);
}

}  // namespace

TEST_CASE("an update of a query returns what is named of its rows, as they are afterwards") {
  auto db = open_sample();
  const std::string but = "c";
  const auto rows = db.update(from<job>.where(col<&job::task> != but),
                              col<& job::priority> = col<&job::priority> + 10, twice_of_job());
  static_assert(std::is_same_v<decltype(rows), const std::vector<tried>>);
  CHECK(sorted(rows) == std::vector<tried>{{1, 22, "ann"}, {2, 24, std::nullopt}});
  CHECK(db.update(from<job>.where(col<&job::id> == 99), col<& job::priority> = 1,
                  returning(col<&job::id>))
            .empty());
  // A value of the program behind those of the assignments and the condition.
  const std::string suffix = "!";
  const auto texts = db.update(
      from<job>.where(col<&job::id>.in({1, 2}) && col<&job::priority> > 11),
      col<& job::now> = state::running,
      returning(hewn::concat(col<&job::task>, suffix), col<&job::now>, 7 * col<&job::id>));
  static_assert(std::is_same_v<decltype(texts),
                               const std::vector<std::tuple<std::string, state, std::int64_t>>>);
  REQUIRE(texts.size() == 1);
  CHECK(texts[0] == std::tuple("b!", state::running, 14));
  CHECK(db.get<job>(2).now == state::running);
}

TEST_CASE("whole rows stand beside values, and all rows of a table are returned") {
  auto db = open_sample();
  const auto rows =
      db.update_all<job>(col<& job::now> = state::done,
                         returning<job_and_label>(hewn::row_of<job>, hewn::upper(col<&job::task>)));
  REQUIRE(rows.size() == 3);
  for (const job_and_label& r : rows) {
    CHECK(r.whole.now == state::done);
    CHECK(r.whole.changed == db.get<job>(r.whole.id).changed);
    CHECK(r.label == (r.whole.task == "a" ? "A" : r.whole.task == "b" ? "B" : "C"));
  }
  CHECK(db.update_all<job>(col<& job::now> = state::waiting, returning(hewn::row_of<job>)).size() ==
        3);
}

TEST_CASE("an update of one row returns its value, and a row that is not there is not found") {
  auto db = open_sample();
  const std::int64_t next = db.update<job>(1, col<& job::priority> = col<&job::priority> + 1,
                                           returning(col<&job::priority>));
  CHECK(next == 2);
  CHECK(db.update<seat>(hewn::key_of<seat>{1, "b"}, col<& seat::taken> = true,
                        returning(col<&seat::letter>, col<&seat::taken>)) ==
        std::tuple(std::string("b"), true));
  CHECK(failure_of([&] {
          db.update<job>(9, col<& job::priority> = 1, returning(col<&job::priority>));
        }).code() == errc::not_found);
  // A value of the program behind those of the key.
  CHECK(db.update<job>(1, col<& job::priority> = 5, returning(col<&job::priority> + 100)) == 105);
  CHECK(db.update<seat>(hewn::key_of<seat>{2, "a"}, col<&seat::taken> = true,
                        returning(col<&seat::row> * 10, col<&seat::row> + 5)) ==
        std::tuple(20, 7));
  // A number that no key holds, by values of another type.
  CHECK(db.try_update<job>(~std::uint64_t{0}, col<& job::priority> = 1,
                           returning(col<&job::priority>))
            .error()
            .code() == errc::not_found);
}

TEST_CASE("what is removed comes back as it was") {
  auto db = open_sample();
  const auto rows = db.remove(from<job>.where(col<&job::priority> < 3), twice_of_job());
  CHECK(sorted(rows) == std::vector<tried>{{1, 2, "ann"}, {2, 4, std::nullopt}});
  CHECK(db.remove<job>(3, returning(col<&job::task>)) == "c");
  CHECK(db.remove<job>(3, returning(col<&job::task>)) == std::nullopt);
  CHECK(db.remove<seat>({1, "b"}, returning(col<&seat::row> + 50)) == 51);
  CHECK(db.remove_all<seat>(returning(col<&seat::row>, col<&seat::letter>)).size() == 2);
  CHECK(db.count<seat>() == 0);
  CHECK(db.count<job>() == 0);
}

TEST_CASE("a claim returns what is named of the rows that it takes") {
  auto db = open_sample();
  const auto taken =
      db.claim(from<job>.where(col<&job::now> == state::waiting && col<&job::task> != "c")
                   .order_by(hewn::desc<&job::priority>)
                   .limit(1),
               col<& job::now> = state::running, col<& job::worker> = "bob",
               returning<tried>(col<&job::id>, col<&job::priority> * 3, col<&job::worker>));
  REQUIRE(taken.size() == 1);
  CHECK(taken[0] == tried{2, 6, "bob"});
  CHECK(failure_of([&] {
          db.claim(from<job>.where(hewn::condition<job>()).limit(1), col<& job::priority> = 9,
                   returning(col<&job::id>));
        }).code() == errc::usage);
}

TEST_CASE("an insert from a query returns what is named of the rows as they are stored") {
  auto db = open_sample();
  const std::string suffix = "-2";
  const auto copies =
      from<job>.where(col<&job::id> < 3).select(hewn::concat(col<&job::task>, suffix), col<&job::priority>, col<&job::now>);
  const auto rows = db.insert_from<&job::task, &job::priority, &job::now>(
      copies, returning<tried>(col<&job::id>, col<&job::priority> * 5, col<&job::worker>));
  REQUIRE(rows.size() == 2);
  for (const tried& r : rows) CHECK(r.twice == 5 * db.get<job>(r.id).priority);
  const auto seats = db.insert_from<seat>(
      from<seat>.select<seat>(col<&seat::row> + 10, col<&seat::letter>, col<&seat::taken>),
      returning(col<&seat::row>));
  CHECK(sorted(seats) == std::vector<std::int64_t>{11, 11, 12});
  CHECK(db.count<seat>() == 6);
}

TEST_CASE("rows that are given return what is named of them as it is stored") {
  auto db = open_sample();
  const job fresh{.task = "d", .priority = 4};
  const auto id = db.insert(fresh, returning(col<&job::id>));
  CHECK(db.get<job>(id).task == "d");
  CHECK(failure_of([&] { db.insert(fresh, returning(col<&job::id>)); }).code() == errc::conflict);

  const job more{.task = "a", .priority = 5, .worker = "cid"};
  const auto sum =
      hewn::set(col<& job::priority> = col<&job::priority> + hewn::excluded<&job::priority>);
  CHECK(db.upsert<&job::task>(more, sum, twice_of_job()) == tried{1, 12, "ann"});
  CHECK(db.upsert<&job::task>(more, twice_of_job()) == tried{1, 10, "cid"});
  CHECK(db.upsert(job{.task = "e"}, returning(col<&job::task>)) == "e");
  const auto larger = hewn::set(hewn::excluded<&job::priority>)
                          .where(col<&job::priority> < hewn::excluded<&job::priority>);
  const auto named = returning(col<&job::priority> + 100, col<&job::task>);
  const auto left = db.upsert<&job::task>(more, larger, named);
  static_assert(
      std::is_same_v<decltype(left), const std::optional<std::tuple<std::int64_t, std::string>>>);
  CHECK(!left);
  CHECK(db.upsert<&job::task>(job{.task = "a", .priority = 9}, larger, named) ==
        std::tuple(109, "a"));
  CHECK(db.insert_or_ignore<&job::task>(more, named) == std::nullopt);
  CHECK(db.insert_or_ignore<&job::task>(job{.task = "f", .priority = 1}, named) ==
        std::tuple(101, "f"));
}

TEST_CASE("what triggers change of a new row is told") {
  auto db = open_sample();
  if (support::on_postgres)
    db.script(
        "CREATE FUNCTION raise_it() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN UPDATE jobs SET "
        "priority = priority + 50 WHERE id = NEW.id; RETURN NULL; END $$; CREATE TRIGGER raised "
        "AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION raise_it()");
  else
    db.script(
        "CREATE TRIGGER raised AFTER INSERT ON jobs BEGIN UPDATE jobs SET priority = priority + 50 "
        "WHERE id = NEW.id; END");
  CHECK(db.insert(job{.task = "x", .priority = 1}, returning(col<&job::priority> * 2)) == 102);
  CHECK(db.upsert<&job::task>(job{.task = "y", .priority = 2}, returning(col<&job::priority>)) ==
        52);
  CHECK(db.insert_or_ignore<&job::task>(job{.task = "z", .priority = 3},
                                        returning(col<&job::priority>)) == 53);
  CHECK(db.insert_or_ignore<&job::task>(job{.task = "z", .priority = 3},
                                        returning(col<&job::priority>)) == std::nullopt);
}

TEST_CASE("a result that cannot be read leaves the rows as they were") {
  auto db = support::open_new();
  db.script(
      "CREATE TABLE jobs (id integer PRIMARY KEY, task text, priority bigint, now text NOT "
      "NULL, worker text, changed " +
      std::string(support::on_postgres ? "timestamptz" : "text") + " NOT NULL)");
  db.execute(hewn::sql<"INSERT INTO jobs VALUES (1, NULL, NULL, 'waiting', NULL, "
                       "'2024-01-01 00:00:00')">);
  const auto failure = failure_of([&] {
    db.update(from<job>.where(col<&job::id> == 1), col<& job::worker> = "ann",
              returning(col<&job::priority>));
  });
  CHECK(failure.code() == errc::invalid_data);
  CHECK(failure_of([&] {
          db.remove(from<job>.where(col<&job::id> == 1), returning(col<&job::task>));
        }).code() == errc::invalid_data);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM jobs WHERE worker IS NULL">) == 1);
}

TEST_CASE("conditions that are put together at run time take part, and twins return results") {
  auto db = open_sample();
  hewn::condition<job> w;
  CHECK(failure_of([&] { db.remove(from<job>.where(w), returning(col<&job::id>)); }).code() ==
        errc::usage);
  w = w && col<&job::priority> == 2;
  CHECK(db.update(from<job>.where(w), col<& job::worker> = "ann",
                  returning(col<&job::id>, hewn::value(5))) ==
        std::vector<std::tuple<std::int64_t, std::int64_t>>{{2, 5}});
  CHECK(db.try_remove(from<job>.where(w), returning(col<&job::id>)).value() ==
        std::vector<std::int64_t>{2});
  CHECK(db.try_insert(job{.task = "a"}, returning(col<&job::id>)).error().code() == errc::conflict);
  CHECK(db.try_upsert<&job::task>(job{.task = "a"}, returning(col<&job::id>)).value() == 1);
  CHECK(db.try_insert_or_ignore<&job::task>(job{.task = "a"}, returning(col<&job::id>)).value() ==
        std::nullopt);
  CHECK(db.try_remove<job>(1, returning(col<&job::id>)).value() == 1);
  CHECK(db.try_update_all<job>(col<& job::priority> = 1, returning(col<&job::id>)).value().size() ==
        1);
  CHECK(db.try_remove_all<job>(returning(col<&job::id>)).value().size() == 1);
}

namespace {

inline constexpr auto finish = hewn::many<"finish">([](std::int64_t from_id) {
  return hewn::update_of(
      from<job>.where(col<&job::id> >= from_id), col<&job::now> = state::done,
      returning<tried>(col<&job::id>, col<&job::priority> * 2, col<&job::worker>));
});

inline constexpr auto raise_one = hewn::one<"raise_one">([](std::string_view task) {
  return hewn::update_of(from<job>.where(col<&job::task> >= task),
                         col<&job::priority> = col<&job::priority> + 1,
                         returning(col<&job::priority>));
});

inline constexpr auto drop = hewn::optional<"drop">([](std::int64_t id) {
  return hewn::remove_of(from<job>.where(col<&job::id> == id), returning(col<&job::task>));
});

}  // namespace

TEST_CASE("changes that return rows have names, and are explained and verified") {
  auto db = open_sample();
  CHECK(sorted(finish(db, 2)) == std::vector<tried>{{2, 4, std::nullopt}, {3, 6, std::nullopt}});
  const hewn::timestamp changed = db.get<job>(2).changed;
  CHECK(changed > hewn::timestamp());
  CHECK(raise_one(db, "c") == 4);
  // More rows than one are undone, and none is told.
  CHECK(failure_of([&] { raise_one(db, "b"); }).code() == errc::usage);
  CHECK(db.get<job>(2).priority == 2);
  CHECK(db.get<job>(3).priority == 4);
  CHECK(failure_of([&] { raise_one(db, "z"); }).code() == errc::not_found);
  CHECK(drop(db, 3) == "c");
  CHECK(drop(db, 3) == std::nullopt);
  CHECK(hewn::to_sql(drop, hewn::dialect::postgres) ==
        R"(DELETE FROM "jobs" WHERE "id" = $1 RETURNING "task")");
  CHECK(!hewn::explain(db, finish).lines.empty());
  CHECK(hewn::verify<finish, raise_one, drop>(db).empty());
  db.script("DROP TABLE jobs");
  db.script(
      "CREATE TABLE jobs (id integer PRIMARY KEY, task text, priority bigint NOT NULL, now "
      "text NOT NULL, worker text, changed " +
      std::string(support::on_postgres ? "timestamptz" : "text") + " NOT NULL)");
  const auto problems = hewn::verify<finish, drop>(db);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].query == "drop");
}
