// tests/live/watch_test.cpp - finding statements that repeat, and counting those that a test runs.
// SPDX-License-Identifier: BSL-1.0
#include <support/pool_place.hpp>

#include <support/failure.hpp>
#include <support/statement_log.hpp>

#include <hewn/pages.hpp>
#include <hewn/verify.hpp>
#include <hewn/watch.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using hewn::at_most;
using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::numbered;
using support::says;
using support::secret;
using support::statement_log;

namespace {

struct author {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("authors").unique<&author::name>(); }
};

struct post {
  std::int64_t id = 0;
  std::int64_t author_id = 0;
  std::string title;
  static consteval auto table() {
    return hewn::table("posts").references<&post::author_id, &author::id>();
  }
};

struct finding {
  std::string file;
  unsigned line = 0;
  std::string sql;
  std::int64_t count = 0;
  std::chrono::nanoseconds duration{};
};

/// What a watch reports to.
auto into(std::vector<finding>& findings) {
  return [&findings](const hewn::repeated_statement& r) {
    findings.push_back({r.site.file, r.site.line, std::string(r.sql), r.count, r.duration});
  };
}

/// Twenty posts, each by an author of its own.
void fill(const hewn::session<support::database::driver_type>& db) {
  std::vector<author> authors;
  for (int i = 1; i <= 20; ++i) authors.push_back({.name = "author " + std::to_string(i)});
  db.insert_many(authors);
  std::vector<post> posts;
  for (const author& a : authors) posts.push_back({.author_id = a.id, .title = "of " + a.name});
  db.insert_many(posts);
}

struct blog {
  support::database db = support::open_new();
  std::vector<finding> findings;

  blog() {
    hewn::sync<author, post>(db);
    fill(db);
  }
};

const std::string select_author = numbered(R"(SELECT "id", "name" FROM "authors" WHERE "id" = ?)");

constexpr unsigned author_line = __LINE__ + 3;
template <class Session>
author author_of(const Session& db, const post& p) {
  return db.template get<author>(p.author_id);
}

/// The mistake: a statement for every post.
template <class Session>
std::size_t read_one_by_one(const Session& db) {
  std::size_t letters = 0;
  for (const post& p : db.template all<post>()) letters += author_of(db, p).name.size();
  return letters;
}

}  // namespace

TEST_CASE_METHOD(blog, "a statement in a loop is reported once, with its line, text and count") {
  {
    const hewn::repeat_watch watch(db, {.most = 10}, into(findings));
    read_one_by_one(db);
    db.get<author>(1);  // another line
    CHECK(watch.statements() == 22);
    CHECK(findings.empty());
  }
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].file == __FILE__);
  CHECK(findings[0].line == author_line);
  CHECK(findings[0].sql == select_author);
  CHECK(findings[0].count == 20);
  CHECK(findings[0].duration.count() > 0);
  CHECK(findings[0].duration < std::chrono::minutes(10));
}

TEST_CASE_METHOD(blog, "what runs as often as it may is not reported") {
  {
    const hewn::repeat_watch watch(db, {.most = 20}, into(findings));
    read_one_by_one(db);
  }
  CHECK(findings.empty());
  {
    const hewn::repeat_watch watch(db, {.most = 19}, into(findings));
    read_one_by_one(db);
  }
  CHECK(findings.size() == 1);
}

TEST_CASE_METHOD(blog, "a report has no value, also of what failed") {
  {
    const hewn::repeat_watch watch(db, {.most = 1}, into(findings));
    for (int i = 0; i != 3; ++i)
      CHECK(failure_of([&] {
              db.all(from<author>.where(col<&author::name> == secret));
              db.insert(author{.id = 1, .name = secret});
            }).code() == errc::conflict);
  }
  REQUIRE(findings.size() == 2);
  for (const finding& f : findings) {
    CHECK(f.count == 3);
    CHECK(f.sql.find(secret) == std::string::npos);
  }
}

TEST_CASE_METHOD(blog, "texts of one line count apart, and one text on two lines") {
  {
    const hewn::repeat_watch watch(db, {.most = 1}, into(findings));
    for (const char* sql : {"SELECT 1", "SELECT 2", "SELECT 1"})
      db.one<std::int64_t>(hewn::dynamic_sql(sql));
    db.one<std::int64_t>(hewn::sql<"SELECT 2">);
  }
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].sql == "SELECT 1");
  CHECK(findings[0].count == 2);
}

TEST_CASE_METHOD(blog, "what one call runs by design is no repetition, and the call in a loop is") {
  const auto insert = [&](int round) {
    std::vector<author> rows;
    for (int i = 0; i != 30; ++i)
      rows.push_back({.name = std::to_string(round) + " " + std::to_string(i)});
    db.insert_many(rows);
    for (author& a : rows) a.name += "!";
    db.update_many(rows);
    db.batch([&](auto& b) {
      for (const author& a : rows)
        b.template update<author>(a.id, col<& author::name> = "? " + a.name);
    });
    for (std::vector<author>& part : hewn::batches(db, from<author>, 2)) static_cast<void>(part);
    db.remove_many(rows);
  };
  {
    const hewn::repeat_watch watch(db, {.most = 2}, into(findings));
    insert(1);
  }
  CHECK(findings.empty());
  {
    const hewn::repeat_watch watch(db, {.most = 2}, into(findings));
    for (int i = 0; i != 3; ++i) insert(i);
  }
  CHECK(findings.size() >= 5);
  for (const finding& f : findings) CHECK(f.count == 3);
}

TEST_CASE_METHOD(blog, "a verb in a batch that is none of the batch's is counted") {
  {
    const hewn::repeat_watch watch(db, {.most = 10}, into(findings));
    const std::vector<post> posts = db.all<post>();
    db.batch([&](auto& b) {
      for (const post& p : posts) {
        author a = author_of(db, p);
        a.name += "!";
        b.update(a);
      }
    });
  }
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].line == author_line);
  CHECK(findings[0].count == 20);
}

TEST_CASE_METHOD(blog, "rows that a trigger may change are looked for without a report") {
  db.script(support::either(
      "CREATE TRIGGER longer AFTER INSERT ON authors BEGIN UPDATE authors SET name = name || '.' "
      "WHERE id = new.id; END",
      "CREATE FUNCTION longer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.name := new.name "
      "|| '.'; RETURN new; END $$; CREATE TRIGGER longer BEFORE INSERT ON authors FOR EACH ROW "
      "EXECUTE FUNCTION longer()"));
  std::vector<author> rows;
  for (int i = 0; i != 30; ++i) rows.push_back({.name = std::to_string(i)});
  {
    const hewn::repeat_watch watch(db, {.most = 1}, into(findings));
    db.insert_many(rows);
    CHECK(watch.statements() > 0);
  }
  CHECK(findings.empty());
  CHECK(rows.back().name == "29.");
}

TEST_CASE("a schema call is no repetition, and in a loop it is") {
  auto db = support::open_new();
  std::vector<finding> findings;
  const auto run = [&](int times) {
    const hewn::repeat_watch watch(db, {.most = 1}, into(findings));
    for (int i = 0; i != times; ++i) {
      hewn::sync<author, post>(db);
      CHECK(hewn::verify<from<author>, from<post>>(db).empty());
    }
  };
  run(1);
  CHECK(findings.empty());
  run(3);
  CHECK(findings.empty() == support::on_postgres);  // whose observers are told of none
  for (const finding& f : findings) CHECK(f.count == 3);
}

TEST_CASE_METHOD(blog, "transactions are not counted, and what is in them is") {
  {
    const hewn::repeat_watch watch(db, {.most = 2}, into(findings));
    for (int i = 0; i != 5; ++i) db.transaction([](auto& tx) { tx.transaction([](auto&) {}); });
    CHECK(watch.statements() == 0);
    for (int i = 0; i != 5; ++i) db.transaction([](auto& tx) { tx.template find<author>(1); });
    CHECK(watch.statements() == 5);
  }
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].sql == select_author);
  CHECK(findings[0].count == 5);
}

TEST_CASE_METHOD(blog, "watches stand in each other and beside an observer, and end in any order") {
  std::vector<finding> inner_findings;
  const statement_log before, during;
  db.observe(before);
  std::optional<hewn::repeat_watch> outer, inner;
  outer.emplace(db, hewn::repeat_limits{.most = 25}, into(findings));
  read_one_by_one(db);
  CHECK(before.entries().size() == 21);
  inner.emplace(db, hewn::repeat_limits{.most = 10}, into(inner_findings));
  db.observe(during);
  read_one_by_one(db);
  CHECK(before.entries().size() == 21);
  CHECK(during.entries().size() == 21);
  db.stop_observing();
  outer.reset();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].count == 40);
  read_one_by_one(db);
  CHECK(during.entries().size() == 21);
  inner->end();
  inner->end();
  read_one_by_one(db);
  inner.reset();
  REQUIRE(inner_findings.size() == 1);
  CHECK(inner_findings[0].count == 40);
  CHECK(findings.size() == 1);
}

TEST_CASE_METHOD(blog, "an observer that ends a watch, or begins one, is called to the end") {
  std::optional<hewn::repeat_watch> watch, begun;
  int told = 0;
  db.observe([&](const hewn::statement_event&) {
    if (++told == 15) watch.reset();
    if (told == 30) begun.emplace(db, hewn::repeat_limits{.most = 1}, into(findings));
  });
  watch.emplace(db, hewn::repeat_limits{.most = 10}, into(findings));
  read_one_by_one(db);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].count == 14);
  read_one_by_one(db);
  CHECK(told == 42);
  CHECK(begun->statements() == 12);
}

TEST_CASE_METHOD(blog, "a report that throws hides no other, and may use the database") {
  int reports = 0;
  {
    const hewn::repeat_watch watch(db, {.most = 1}, [&](const hewn::repeated_statement&) {
      ++reports;
      db.insert(author{.name = "reported " + std::to_string(reports)});
      throw std::runtime_error("report");
    });
    for (int i = 0; i != 2; ++i) {
      db.find<author>(i);
      db.count<author>();
    }
  }
  CHECK(reports == 2);
  CHECK(db.exists(from<author>.where(col<&author::name> == "reported 2")));
}

TEST_CASE_METHOD(blog, "a watch reports when the scope is left by an exception") {
  try {
    const hewn::repeat_watch watch(db, {.most = 10}, into(findings));
    read_one_by_one(db);
    throw std::runtime_error("x");
  } catch (const std::runtime_error&) {
  }
  CHECK(findings.size() == 1);
}

TEST_CASE_METHOD(blog,
                 "a watch goes with a database that is moved, and outlives one that is closed") {
  std::optional<hewn::repeat_watch> watch;
  watch.emplace(db, hewn::repeat_limits{.most = 30}, into(findings));
  read_one_by_one(db);
  {
    support::database moved = std::move(db);
    read_one_by_one(moved);
    CHECK(watch->statements() == 42);
    CHECK(failure_of([&] { const hewn::repeat_watch none(db, {}, into(findings)); }).code() ==
          errc::usage);
  }
  CHECK(watch->statements() == 42);
  CHECK(findings.empty());
  watch.reset();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].count == 40);
}

TEST_CASE_METHOD(blog, "a watch of a transaction counts on behind its end") {
  std::optional<hewn::repeat_watch> watch;
  auto tx = db.begin();
  watch.emplace(tx, hewn::repeat_limits{.most = 30}, into(findings));
  read_one_by_one(tx);
  tx.commit();
  read_one_by_one(db);
  CHECK(failure_of([&] { const hewn::repeat_watch none(tx, {}, into(findings)); }).code() ==
        errc::usage);
  watch.reset();
  CHECK(findings.size() == 1);
}

TEST_CASE_METHOD(blog, "a loop over rows that was begun before counts when it ends") {
  {
    const hewn::repeat_watch watch = [&] {
      auto rows = db.each<post>();
      auto row = rows.begin();
      hewn::repeat_watch begun(db, {.most = 0}, into(findings));
      CHECK(row->id == 1);
      CHECK(begun.statements() == 0);
      return begun;
    }();
    CHECK(watch.statements() == 1);
  }
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].duration.count() >= 0);
  CHECK(findings[0].duration < std::chrono::minutes(10));
}

TEST_CASE_METHOD(blog, "no more statements are told apart than was asked for") {
  {
    const hewn::repeat_watch watch(db, {.most = 1, .shapes = 3}, into(findings));
    for (int round = 0; round != 2; ++round)
      for (int i = 0; i != 50; ++i)
        db.one<std::int64_t>(hewn::dynamic_sql("SELECT " + std::to_string(i)));
    CHECK(watch.statements() == 100);
  }
  CHECK(findings.size() == 3);
  findings.clear();
  {
    const hewn::repeat_watch watch(db, {.most = 0}, into(findings));
    for (int i = 0; i != 20; ++i)
      db.script("SELECT " + std::to_string(i) + std::string(100'000, ' '));
    CHECK(watch.statements() == 20);
  }
  CHECK(findings.size() == 10);  // 1 MiB of text
}

TEST_CASE("each thread watches the connection that it has from a pool") {
  const support::pool_place place;
  const support::pool pool = place.open({.size = 4});
  pool.write([](auto& db) {
    hewn::sync<author, post>(db);
    fill(db);
  });
  constexpr std::size_t threads = 4;
  std::vector<std::vector<finding>> findings(threads);
  std::vector<std::thread> running;
  for (std::size_t t = 0; t != threads; ++t)
    running.emplace_back([&, t] {
      for (int request = 0; request != 10; ++request) {
        const auto db = pool.acquire_reader();
        const hewn::repeat_watch watch(db, {.most = 10}, into(findings[t]));
        read_one_by_one(db);
      }
    });
  for (std::thread& t : running) t.join();
  for (const auto& found : findings) {
    CHECK(found.size() == 10);
    for (const finding& f : found) CHECK(f.count == 20);
  }
}

TEST_CASE("a watch stops to count when its connection goes back to the pool") {
  const support::pool_place place;
  const support::pool pool = place.open({.size = support::one_writer});
  std::vector<finding> findings;
  auto db = pool.acquire();
  hewn::sync<author, post>(db);
  fill(db);
  {
    const hewn::repeat_watch watch(db, {.most = 10}, into(findings));
    read_one_by_one(db);
    db.give_back();
    const auto again = pool.acquire();
    read_one_by_one(again);
    CHECK(watch.statements() == 21);
    CHECK(failure_of([&] { const hewn::repeat_watch none(db, {}, into(findings)); }).code() ==
          errc::usage);
  }
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].count == 20);
}

TEST_CASE("a watch of a pool reports of each holder when the connection is back") {
  const support::pool_place place;
  const support::pool pool = place.open({.size = 4});
  pool.write([](auto& db) {
    hewn::sync<author, post>(db);
    fill(db);
  });
  std::vector<finding> findings;
  auto earlier = pool.acquire_reader();
  {
    const hewn::repeat_watch watch(pool, {.most = 10}, into(findings));
    std::vector<std::thread> running;
    for (int t = 0; t != 4; ++t)
      running.emplace_back([&] {
        for (int request = 0; request != 5; ++request)
          pool.read([](auto& tx) { read_one_by_one(tx); });
        for (int request = 0; request != 20; ++request)
          pool.read([](auto& tx) { tx.template count<author>(); });
      });
    for (std::thread& t : running) t.join();
    CHECK(findings.size() == 20);
    for (const finding& f : findings) CHECK(f.count == 20);
    CHECK(watch.statements() == 4 * (5 * 21 + 20));
    read_one_by_one(earlier);
    earlier.give_back();
    CHECK(findings.size() == 20);
    earlier = pool.acquire_reader();
    read_one_by_one(earlier);
    CHECK(watch.statements() == 4 * (5 * 21 + 20));
  }
  earlier.give_back();
  pool.read([](auto& tx) { read_one_by_one(tx); });
  CHECK(findings.size() == 20);
}

TEST_CASE("a report of a pool may borrow a connection, end the watch, and throw") {
  const support::pool_place place;
  const support::pool pool = place.open({.size = support::one_writer});
  pool.write([](auto& db) {
    hewn::sync<author, post>(db);
    fill(db);
  });
  int reports = 0;
  std::optional<hewn::repeat_watch> watch;
  watch.emplace(pool, hewn::repeat_limits{.most = 1}, [&](const hewn::repeated_statement&) {
    ++reports;
    pool.write([](auto& db) { db.template count<author>(); });
    if (reports == 2) watch.reset();
    throw std::runtime_error("report");
  });
  for (int i = 0; i != 3; ++i) pool.write([](auto& db) { read_one_by_one(db); });
  CHECK(reports == 2);
  CHECK_FALSE(watch);
}

TEST_CASE("what a report holds is let go with the watch of its pool and the last connection") {
  const support::pool_place place;
  const support::pool pool = place.open({.size = support::one_writer});
  const auto held = std::make_shared<int>(0);
  {
    const hewn::repeat_watch watch(pool, {}, [held](const hewn::repeated_statement&) {});
    pool.write([](auto&) {});
  }
  CHECK(held.use_count() == 1);
  auto db = [&] {
    const hewn::repeat_watch watch(pool, {}, [held](const hewn::repeated_statement&) {});
    return pool.acquire();
  }();
  CHECK(held.use_count() == 2);
  db.give_back();
  CHECK(held.use_count() == 1);
}

TEST_CASE("a watch of a pool may outlive it") {
  std::vector<finding> findings;
  std::optional<hewn::repeat_watch> watch;
  {
    const support::pool_place place;
    support::pool pool = place.open({.size = support::one_writer});
    watch.emplace(pool, hewn::repeat_limits{.most = 1}, into(findings));
    const auto db = pool.acquire();
    const support::pool moved = std::move(pool);
    for (int i = 0; i != 2; ++i) db.one<std::int64_t>(hewn::sql<"SELECT 1">);
    CHECK(failure_of([&] { const hewn::repeat_watch none(pool, {}, into(findings)); }).code() ==
          errc::usage);
  }
  CHECK(findings.size() == 1);
  CHECK(watch->statements() == 2);
}

TEST_CASE("a test counts what runs on all connections of a pool") {
  const support::pool_place place;
  const support::pool pool = place.open({.size = 4});
  pool.write([](auto& db) {
    hewn::sync<author, post>(db);
    fill(db);
  });
  const auto in_threads = [&] {
    std::vector<std::thread> running;
    for (int t = 0; t != 4; ++t)
      running.emplace_back([&] { pool.read([](auto& tx) { read_one_by_one(tx); }); });
    for (std::thread& t : running) t.join();
    return 7;
  };
  CHECK(hewn::expect_statements(pool, 84, in_threads) == 7);
  CHECK(says(failure_of([&] { hewn::expect_statements(pool, at_most(80), in_threads); }),
             "hewn: 84 statements ran where at most 80 were expected (4 at "));
  hewn::expect_no_repeats(pool, [&] { pool.read([](auto& tx) { tx.template find<author>(1); }); });
  const auto borrowed_each_time = [&] {
    for (int i = 0; i != 3; ++i) pool.read([&](auto& tx) { tx.template find<author>(i); });
  };
  CHECK(says(failure_of([&] { hewn::expect_no_repeats(pool, borrowed_each_time); }), "(3 at "));
  CHECK_THROWS_AS(hewn::expect_statements(pool, 0, [] { throw std::runtime_error("x"); }),
                  std::runtime_error);
}

TEST_CASE_METHOD(blog, "a test expects a number of statements, and has what its code returns") {
  CHECK(hewn::expect_statements(db, 1, [&] { return db.get<author>(2); }).id == 2);
  hewn::expect_statements(db, 0, [] {});
  hewn::expect_statements(db, at_most(21), [&] { read_one_by_one(db); });
  hewn::expect_statements(db, at_most(30), [&] { read_one_by_one(db); });
  std::vector<post> posts = db.all<post>();
  std::vector<post>& same = hewn::expect_statements(
      db, 0, [&]() -> auto& { return posts; });
  CHECK(&same == &posts);
  const std::vector<post> taken = hewn::expect_statements(
      db, 0, [&]() -> auto&& { return std::move(posts); });
  CHECK(taken.size() == 20);
  CHECK(posts.empty());
  db.transaction([](auto& tx) {
    hewn::expect_statements(tx, 2, [&] {
      tx.transaction([](auto& inner) {
        inner.template count<author>();
        inner.template count<post>();
      });
    });
  });
}

TEST_CASE_METHOD(blog, "a test is told how many statements ran, which, where and how often") {
  const unsigned line = __LINE__ + 2;
  const hewn::error failure =
      failure_of([&] { hewn::expect_statements(db, 2, [&] { read_one_by_one(db); }); });
  CHECK(failure.code() == errc::usage);
  CHECK(failure.site().line == line);
  CHECK(std::string(failure.site().file) == __FILE__);
  const std::string here = std::string(__FILE__) + ":";
  CHECK(std::string(failure.what()) ==
        "hewn: 21 statements ran where 2 were expected (1 at " + here +
            std::to_string(author_line + 8 - 1) +
            R"(: SELECT "id", "author_id", "title" FROM "posts", 20 at )" + here +
            std::to_string(author_line) + ": " + select_author +
            "); change the code that runs them, or the number");
  CHECK(says(failure_of([&] { hewn::expect_statements(db, 1, [] {}); }),
             "hewn: 0 statements ran where 1 was expected; change"));
  CHECK(says(failure_of([&] {
               hewn::expect_statements(db, at_most(1), [&] {
                 db.count<author>();
                 db.count<post>();
               });
             }),
             "hewn: 2 statements ran where at most 1 was expected (1 at "));
  const hewn::error many = failure_of([&] {
    hewn::expect_statements(db, 0, [&] {
      for (int i = 0; i != 15; ++i)
        db.one<std::int64_t>(hewn::dynamic_sql("SELECT " + std::to_string(i)));
    });
  });
  CHECK(says(many, "SELECT 9, and 5 others); change"));
}

TEST_CASE_METHOD(blog, "a test expects that no statement repeats") {
  CHECK(hewn::expect_no_repeats(db, [&] {
          const auto posts = db.all<post>();
          std::vector<std::int64_t> ids;
          for (const post& p : posts) ids.push_back(p.author_id);
          return db.get_many<author>(ids).size();
        }) == 20);
  hewn::expect_no_repeats(db, {.most = 20}, [&] { read_one_by_one(db); });
  const unsigned line = __LINE__ + 2;
  const hewn::error failure =
      failure_of([&] { hewn::expect_no_repeats(db, [&] { read_one_by_one(db); }); });
  CHECK(failure.code() == errc::usage);
  CHECK(failure.site().line == line);
  CHECK(std::string(failure.what()) ==
        "hewn: a statement ran more than once from one call site (20 at " + std::string(__FILE__) +
            ":" + std::to_string(author_line) + ": " + select_author +
            "); handle all its rows by one call, such as a join, get_many() or insert_many()");
  CHECK(says(
      failure_of([&] { hewn::expect_no_repeats(db, {.most = 19}, [&] { read_one_by_one(db); }); }),
      "hewn: a statement ran more than 19 times from one call site (20 at "));
}

TEST_CASE_METHOD(blog, "what the code of a test throws comes out, and nothing else") {
  CHECK_THROWS_AS(hewn::expect_statements(db, 5, [] { throw std::runtime_error("x"); }),
                  std::runtime_error);
  CHECK(failure_of([&] {
          hewn::expect_no_repeats(db, [&] {
            read_one_by_one(db);
            db.get<author>(99);
          });
        }).code() == errc::not_found);
  hewn::expect_statements(
      db, 1, [&] { CHECK(failure_of([&] { db.get<author>(99); }).code() == errc::not_found); });
}
