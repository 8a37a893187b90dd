// tests/live/transactions_test.cpp - all or nothing, whatever fails, on a real database.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <hewn/query/listener.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::database;
using support::failure_of;
using support::idle;
using support::says;

namespace {

struct entry {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("entries").unique<&entry::text>(); }
};

static_assert(std::is_nothrow_destructible_v<decltype(std::declval<database&>().begin())>);

database open_entries() {
  auto db = support::open_new();
  hewn::sync<entry>(db);
  return db;
}

std::int64_t count(const database& db) { return db.count<entry>(); }

/// Inserts what is there already, in the way that ends the transaction.
const std::string taken_and_abort =
    support::either("INSERT OR ROLLBACK INTO entries (text) VALUES ('taken')",
                    "INSERT INTO entries (text) VALUES ('taken')");

/// Nothing may run in a transaction that a failure has ended, and nothing alone.
template <class Action>
void check_aborts(database& db, Action failing) {
  db.insert(entry{.text = "taken"});
  support::statement_log log;
  db.observe(log);
  auto tx = db.begin();
  tx.insert(entry{.text = "before the failure"});
  const auto first = failure_of([&] { failing(tx); });
  CHECK(first.code() == errc::conflict);
  const auto sent = log.entries().size();
  const auto refused = [&](const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::transaction_aborted);
    CHECK(failure.native() == first.native());
    CHECK(support::says(failure, first.what()));
  };
  refused([&] { tx.insert(entry{.text = "after"}); });
  refused([&] { db.insert(entry{.text = "after, around the transaction"}); });
  refused([&] { tx.template all<entry>(); });
  refused([&] { tx.template count<entry>(); });
  refused([&] { tx.script("INSERT INTO entries (text) VALUES ('after, as a script')"); });
  refused([&] { tx.execute(hewn::sql<"DELETE FROM entries">); });
  refused([&] { (void)tx.begin(); });
  refused([&] { tx.transaction([](auto& inner) { inner.insert(entry{.text = "inner"}); }); });
  CHECK(log.entries().size() == sent);
  refused([&] { tx.commit(); });
  CHECK(idle(db));
  CHECK(count(db) == 1);
  db.insert(entry{.text = "a new beginning"});
}

}  // namespace

TEST_CASE("a transaction commits on return and returns what its action returns", "[T1]") {
  const auto db = open_entries();
  const entry stored = db.transaction([](auto& tx) { return tx.insert(entry{.text = "a"}); });
  CHECK(stored.id == 1);
  db.transaction([](auto& tx) { tx.insert(entry{.text = "b"}); });
  CHECK(count(db) == 2);
}

TEST_CASE("a transaction rolls back on every kind of exception", "[T1]") {
  const auto db = open_entries();
  const auto add = [](auto& tx) { tx.insert(entry{.text = "a"}); };
  CHECK_THROWS_AS(db.transaction([&](auto& tx) { add(tx), throw std::runtime_error("x"); }),
                  std::runtime_error);
  CHECK_THROWS_AS(db.transaction([&](auto& tx) { add(tx), throw 5; }), int);
  CHECK(failure_of([&] { db.transaction([&](auto& tx) { add(tx), add(tx); }); }).code() ==
        errc::conflict);
  CHECK(db.try_transaction([&](auto& tx) { add(tx), tx.template get<entry>(99); }).error().code() ==
        errc::not_found);
  CHECK(count(db) == 0);
  CHECK(idle(db));
}

TEST_CASE("a transaction ended by hand", "[T1]") {
  const auto db = open_entries();
  {
    auto tx = db.begin();
    tx.insert(entry{.text = "kept"});
    tx.commit();
    CHECK_FALSE(tx.active());
    // Nothing may be written alone through a transaction that is over.
    CHECK(failure_of([&] { tx.insert(entry{.text = "late"}); }).code() == errc::usage);
    CHECK(failure_of([&] { tx.template all<entry>(); }).code() == errc::usage);
    CHECK(failure_of([&] { tx.script("DELETE FROM entries"); }).code() == errc::usage);
    CHECK(failure_of([&] { (void)tx.begin(); }).code() == errc::usage);
    CHECK(failure_of([&] { tx.commit(); }).code() == errc::usage);
  }
  {
    auto tx = db.begin();
    tx.insert(entry{.text = "undone"});
    tx.rollback();
    tx.rollback();
    CHECK(failure_of([&] { tx.insert(entry{.text = "late"}); }).code() == errc::usage);
  }
  { db.begin().insert(entry{.text = "forgotten"}); }
  CHECK(count(db) == 1);
  CHECK(idle(db));
}

TEST_CASE("an action may end its transaction itself", "[T1]") {
  const auto db = open_entries();
  db.transaction([](auto& tx) {
    tx.insert(entry{.text = "undone"});
    tx.rollback();
  });
  CHECK(db.transaction([](auto& tx) {
    tx.insert(entry{.text = "kept"});
    tx.commit();
    return 1;
  }) == 1);
  CHECK(count(db) == 1);
}

TEST_CASE("a moved database keeps its transaction, and what it left refuses", "[T1]") {
  auto db = open_entries();
  auto tx = db.begin();
  tx.insert(entry{.text = "a"});
  auto moved = std::move(db);
  tx.commit();
  CHECK(count(moved) == 1);
  CHECK(failure_of([&] { db.count<entry>(); }).code() == errc::usage);
  db = std::move(moved);
  CHECK(count(db) == 1);
}

TEST_CASE("a deferred foreign key that fails at COMMIT leaves the connection idle", "[T1][T4]") {
  const auto db = open_entries();
  db.script(
      "CREATE TABLE child (parent BIGINT REFERENCES entries(id) DEFERRABLE INITIALLY DEFERRED)");
  const auto orphan = [](auto& tx) {
    tx.insert(entry{.text = "with it"});
    tx.execute(hewn::sql<"INSERT INTO child (parent) VALUES (?)">, 99);
  };
  CHECK(failure_of([&] { db.transaction(orphan); }).code() == errc::foreign_key);
  CHECK(idle(db));
  CHECK(count(db) == 0);
  {
    auto tx = db.begin();
    orphan(tx);
    CHECK(failure_of([&] { tx.commit(); }).code() == errc::foreign_key);
    CHECK(idle(db));
    CHECK_FALSE(tx.active());
  }
  // Releasing a savepoint is not the end, so the violation may still be mended.
  db.transaction([&](auto& tx) {
    tx.transaction(orphan);
    tx.execute(hewn::sql<"DELETE FROM child">);
  });
  CHECK(count(db) == 1);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM child">) == 0);
}

TEST_CASE("a failure that ends the transaction ends it for everybody", "[T2][T5]") {
  auto db = open_entries();
  check_aborts(db, [](auto& tx) { tx.execute(hewn::dynamic_sql(taken_and_abort)); });
}

TEST_CASE("a script that ends the transaction by a failure ends it for everybody", "[T2]") {
  auto db = open_entries();
  check_aborts(db, [](auto& tx) { tx.script(taken_and_abort); });
}

TEST_CASE("inner transactions of an aborted one end quietly", "[T2][T3]") {
  const auto db = open_entries();
  db.insert(entry{.text = "taken"});
  const auto failure = failure_of([&] {
    db.transaction([](auto& outer) {
      outer.insert(entry{.text = "outer"});
      outer.transaction([](auto& inner) {
        inner.insert(entry{.text = "inner"});
        inner.execute(hewn::dynamic_sql(taken_and_abort));
      });
    });
  });
  CHECK(failure.code() == errc::conflict);
  CHECK(count(db) == 1);
}

TEST_CASE("swallowing the failure that aborted a transaction does not commit it", "[T2]") {
  const auto db = open_entries();
  db.insert(entry{.text = "taken"});
  const auto failure = failure_of([&] {
    db.transaction([](auto& tx) {
      tx.insert(entry{.text = "lost"});
      try {
        tx.execute(hewn::dynamic_sql(taken_and_abort));
      } catch (const hewn::error&) {
      }
    });
  });
  CHECK(failure.code() == errc::transaction_aborted);
  CHECK(support::says(failure, "entries.text must be unique"));
  CHECK(count(db) == 1);
}

TEST_CASE("a failure in an inner transaction leaves the outer one alive", "[T2][T3]") {
  const auto db = open_entries();
  db.transaction([](auto& tx) {
    tx.insert(entry{.text = "a"});
    const auto failure =
        failure_of([&] { tx.transaction([](auto& inner) { inner.insert(entry{.text = "a"}); }); });
    CHECK(failure.code() == errc::conflict);
    CHECK(failure.template is<&entry::text>());
    tx.insert(entry{.text = "b"});
  });
  CHECK(count(db) == 2);
  // It takes along what was done before it, however deep it was.
  db.transaction([](auto& tx) {
    for (int i = 0; i != 3; ++i) {
      const auto inner = tx.try_transaction([](auto& savepoint) {
        savepoint.insert(entry{.text = "c"});
        savepoint.transaction([](auto& deeper) { deeper.insert(entry{.text = "a"}); });
      });
      CHECK(inner.error().code() == errc::conflict);
      tx.insert(entry{.text = "d" + std::to_string(i)});
    }
  });
  CHECK(count(db) == 5);
}

TEST_CASE("raw SQL cannot end the transaction behind the library's back", "[T2]") {
  const auto db = open_entries();
  auto tx = db.begin();
  tx.insert(entry{.text = "a"});
  CHECK(failure_of([&] { tx.execute(hewn::sql<"COMMIT">); }).code() == errc::usage);
  CHECK(failure_of([&] { tx.execute(hewn::dynamic_sql("rollback")); }).code() == errc::usage);
  tx.insert(entry{.text = "b"});
  CHECK(failure_of([&] { tx.script("COMMIT"); }).code() == errc::usage);
  tx.insert(entry{.text = "c"});
  tx.rollback();
  CHECK(count(db) == 0);
}

TEST_CASE("a script cannot end its transaction and begin another", "[p:A2]") {
  const auto db = open_entries();
  const std::string insert = "INSERT INTO entries (text) VALUES ('x'); ";
  std::vector<std::string> scripts = {
      "COMMIT; BEGIN",
      "ROLLBACK; BEGIN",
      "END; " + support::either("BEGIN IMMEDIATE", "START TRANSACTION"),
      ";; /* a */ COMMIT; BEGIN",
      "-- b\n;COMMIT",
      "BEGIN",
      "SAVEPOINT hewn_1",
      "RELEASE hewn_1",
      "ROLLBACK TO hewn_1",
      "ROLLBACK TO \"HEWN_1\"",
      "commit",
  };
  if (support::on_postgres) {
    scripts.insert(
        scripts.end(),
        {"COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "ABORT; BEGIN", "PREPARE TRANSACTION 'x'; BEGIN",
         "-- c\rCOMMIT; BEGIN", "/* /* */ */ COMMIT; BEGIN", "SELECT $a$;$a$; COMMIT; BEGIN",
         "SELECT E'a''\\''; COMMIT; BEGIN", "SELECT 1; COMMIT; SELECT 1/0"});
  } else {
    scripts.insert(scripts.end(), {"/* /* */ COMMIT; BEGIN",
                                   "\xEF\xBB\xBF"
                                   "COMMIT; BEGIN",
                                   "SELECT '\\'; COMMIT; BEGIN"});
  }
  for (const std::string& script : scripts) {
    INFO(script);
    auto outer = db.begin();
    outer.insert(entry{.text = "outer"});
    auto inner = outer.begin();
    inner.insert(entry{.text = "inner"});
    const auto refused = failure_of([&] { inner.script(insert + script); });
    CHECK(refused.code() == errc::usage);
    CHECK(support::says(refused, "hewn: the script begins or ends a transaction within the one"));
    CHECK(failure_of([&] { db.script(script); }).code() == errc::usage);
    CHECK(inner.try_script(script).error().code() == errc::usage);
    // Nothing has happened to either.
    inner.rollback();
    CHECK(count(db) == 1);
    outer.insert(entry{.text = "more"});
    outer.rollback();
    CHECK(idle(db));
    CHECK(count(db) == 0);
  }
}

TEST_CASE("a single statement cannot end its transaction under cover", "[p:A2]") {
  const auto db = open_entries();
  std::vector<std::string> texts = {"; COMMIT", ";;rollback", "/**/;-- x\n; END"};
  if (support::on_postgres)
    texts.insert(texts.end(), {"/* /* */ */ COMMIT", "-- x\rROLLBACK", "PREPARE TRANSACTION 'x'"});
  else
    texts.insert(texts.end(), {"/* /* */ COMMIT",
                               "\xEF\xBB\xBF"
                               "COMMIT",
                               "; \xEF\xBB\xBF;END"});
  for (const std::string& text : texts) {
    INFO(text);
    auto tx = db.begin();
    tx.insert(entry{.text = "a"});
    CHECK(failure_of([&] { tx.execute(hewn::dynamic_sql(text)); }).code() == errc::usage);
    CHECK(failure_of([&] { tx.template all<std::int64_t>(hewn::dynamic_sql(text)); }).code() ==
          errc::usage);
    CHECK(failure_of([&] { db.execute(hewn::dynamic_sql(text)); }).code() == errc::usage);
    tx.insert(entry{.text = "b"});
    tx.rollback();
    CHECK(idle(db));
    CHECK(count(db) == 0);
  }
}

TEST_CASE("the library's own statements are nobody else's", "[p:A2]") {
  const auto db = open_entries();
  // The texts that begin, nest and end transactions have been prepared on this connection.
  const auto nest = [](auto& tx) {
    tx.transaction([](auto& in) { in.insert(entry{.text = "in"}); });
  };
  db.transaction(nest);
  for (const std::string text : {"BEGIN IMMEDIATE", "BEGIN", "COMMIT", "ROLLBACK",
                                 "SAVEPOINT hewn_1", "RELEASE hewn_1", "ROLLBACK TO hewn_1"}) {
    INFO(text);
    const hewn::dynamic_sql sql(text);
    CHECK(failure_of([&] { db.execute(sql); }).code() == errc::usage);
    auto tx = db.begin();
    tx.insert(entry{.text = "out"});
    auto in = tx.begin();
    CHECK(failure_of([&] { in.execute(sql); }).code() == errc::usage);
    CHECK(failure_of([&] { in.batch([&](auto& b) { b.execute(sql); }); }).code() == errc::usage);
    in.rollback();
    tx.rollback();
    CHECK(idle(db));
    CHECK(count(db) == 1);
  }
}

TEST_CASE("what only looks like the end of a transaction is run in it", "[p:A2]") {
  const auto db = open_entries();
  std::vector<std::string> scripts = {"SELECT '; COMMIT; '", "SELECT 1 /* ; COMMIT; */; -- ; END\n",
                                      "SELECT 1 AS \"; COMMIT; \"", ";;", ""};
  if (support::on_postgres) {
    scripts.insert(
        scripts.end(),
        {"DO $x$ BEGIN PERFORM 1; END; $x$", "SELECT E'\\'; COMMIT; '", "SELECT U&'; END'",
         "SELECT 1 AS a$$, 2 AS b$$", "/* /* ; */ ; COMMIT; */ SELECT 1",
         "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE a "
         "WHEN "
         "1 THEN 2 END; END; SELECT 1",
         "CREATE RULE r AS ON DELETE TO entries DO ALSO (SELECT 1; SELECT 2); DROP RULE r ON "
         "entries",
         "PREPARE p AS SELECT 1; DEALLOCATE p", "SET LOCAL standard_conforming_strings = off"});
    scripts.emplace_back("SELECT 'it\\'s; COMMIT; '");
  } else {
    scripts.emplace_back(
        "CREATE TRIGGER t AFTER DELETE ON entries BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; "
        "END; DROP TRIGGER t");
    scripts.emplace_back("SELECT 1 AS [; COMMIT; ]; EXPLAIN COMMIT");
  }
  auto tx = db.begin();
  tx.insert(entry{.text = "a"});
  for (const std::string& script : scripts) {
    INFO(script);
    tx.script(script);
  }
  tx.commit();
  CHECK(count(db) == 1);
  // Outside a transaction a script has its own.
  db.script("BEGIN; INSERT INTO entries (text) VALUES ('b'); COMMIT; BEGIN; COMMIT");
  CHECK(count(db) == 2);
}

TEST_CASE("a script that leaves its transaction open is rolled back", "[T2]") {
  const auto db = open_entries();
  CHECK(failure_of([&] { db.script("BEGIN; INSERT INTO entries (text) VALUES ('a')"); }).code() ==
        errc::usage);
  CHECK(failure_of([&] {
          db.script("BEGIN; INSERT INTO entries (text) VALUES ('a'); oops; COMMIT");
        }).code() == errc::syntax);
  CHECK(idle(db));
  CHECK(count(db) == 0);
  db.script("BEGIN; INSERT INTO entries (text) VALUES ('a'); COMMIT");
  CHECK(count(db) == 1);
}

TEST_CASE("random trees of transactions end as a model of them says", "[T3]") {
  struct model {
    std::vector<std::vector<std::string>> saved;
    std::vector<std::string> rows;
  };
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto db = open_entries();
    model m;
    int serial = 0;
    int operations = 0;

    struct unwind {};
    const auto insert = [&](const auto& where) {
      const std::string text = "row " + std::to_string(++serial);
      where.insert(entry{.text = text});
      m.rows.push_back(text);
    };
    // Each level does a few things and then commits, rolls back or throws.
    const std::function<void(const hewn::transactional<database::driver_type>&, int)> level =
        [&](const auto& where, int depth) {
          while (++operations < 1000) {
            const auto choice = random() % 10;
            if (choice < 4) {
              insert(where);
            } else if (choice < 6) {
              if (depth == 6) continue;
              m.saved.push_back(m.rows);
              const auto before = m.rows;
              try {
                where.transaction([&](auto& tx) {
                  level(tx, depth + 1);
                  if (random() % 4 == 0) {
                    tx.rollback();
                    m.rows = before;
                  }
                });
              } catch (const unwind&) {
                m.rows = before;
              }
              m.saved.pop_back();
            } else if (choice == 6) {
              if (depth == 6) continue;
              const auto before = m.rows;
              auto tx = where.begin();
              insert(tx);
              {
                auto forgotten = tx.begin();
                forgotten.insert(entry{.text = "forgotten"});
              }
              if (random() % 2)
                tx.commit();
              else
                m.rows = before;
            } else if (choice == 7 && depth > 0) {
              throw unwind{};
            } else if (choice == 8 && !m.rows.empty()) {
              // Alone, because a failure may end the transaction around it.
              CHECK(failure_of([&] {
                      where.transaction([&](auto& tx) {
                        tx.insert(entry{.text = "undone"});
                        tx.insert(entry{.text = m.rows[0]});
                      });
                    }).code() == errc::conflict);
            } else if (choice == 9 && depth > 0) {
              return;
            }
          }
        };
    level(db, 0);
    std::vector<std::string> rows =
        db.all<std::string>(hewn::sql<"SELECT text FROM entries ORDER BY id">);
    CHECK(rows == m.rows);
    CHECK(idle(db));
    CHECK(serial > 100);
  }
}

// ---- whose turn it is

namespace {

const std::string insert_another = "INSERT INTO entries (text) VALUES ('another') RETURNING text";
const std::string is_over =
    "hewn: the transaction is over; use the database, or begin another transaction";
const std::string has_inner =
    "hewn: a transaction inside this one is open; use the inner one, or end it first";

/// What every verb of the session throws, each under its name; empty: it threw nothing.
template <class Session>
std::vector<std::pair<std::string, std::string>> what_verbs_throw(const Session& s) {
  std::vector<std::pair<std::string, std::string>> said;
  const auto run = [&](const char* name, const auto& verb) {
    said.emplace_back(name, "");
    try {
      verb();
    } catch (const hewn::error& failure) {
      said.back().second = failure.what();
    }
  };
  const auto try_run = [&](const char* name, const auto& verb) {
    const auto outcome = verb();
    said.emplace_back(name, outcome ? "" : outcome.error().what());
  };
  const auto set = col<& entry::text> = "changed";
  const auto first_row = from<entry>.where(col<&entry::id> == 1);
  const auto texts = from<entry>.template select<std::string>(col<&entry::text>);
  const auto pairs = from<entry>.template cross_join<hewn::alias<entry, "other">>();
  const auto nothing = [](auto&&) {};
  const entry changed{.id = 1, .text = "changed"};
  const std::vector<entry> several{{.text = "x"}, {.text = "y"}};
  const std::vector<entry> stored{changed};
  const std::vector<std::int64_t> keys{1};
  constexpr auto number = hewn::sql<"SELECT id FROM entries WHERE id = 1">;
  constexpr auto write = hewn::sql<"INSERT INTO entries (text) VALUES ('raw')">;

  run("insert", [&] { s.insert(entry{.text = "late"}); });
  run("insert_many", [&] { s.insert_many(several); });
  run("update", [&] { s.update(changed); });
  run("update<T>", [&] { s.template update<entry>(1, set); });
  run("update(query)", [&] { s.update(first_row, set); });
  run("update_returning", [&] { s.update_returning(first_row, set); });
  run("update_all", [&] { s.template update_all<entry>(set); });
  run("update_many", [&] { s.update_many(stored); });
  run("update(before, after)", [&] { s.update(entry{.id = 1, .text = "x"}, changed); });
  run("insert_from", [&] { s.template insert_from<&entry::text>(texts); });
  run("insert_from_returning", [&] { s.template insert_from_returning<&entry::text>(texts); });
  run("insert_or_ignore", [&] { s.insert_or_ignore(entry{.text = "late"}); });
  run("claim", [&] { s.claim(first_row.limit(1), set); });
  run("upsert", [&] { s.upsert(changed); });
  run("upsert(set)", [&] { s.upsert(changed, hewn::set(set)); });
  run("upsert_many", [&] { s.upsert_many(stored); });
  run("get", [&] { s.template get<entry>(1); });
  run("find", [&] { s.template find<entry>(1); });
  run("get_many", [&] { s.template get_many<entry>(keys); });
  run("all", [&] { s.template all<entry>(); });
  run("all(select)", [&] { s.all(texts); });
  run("all(join)", [&] { s.all(pairs); });
  run("all(sql)", [&] { s.template all<std::int64_t>(number); });
  run("each", [&] { s.template each<entry>(); });
  run("each(select)", [&] { s.each(texts); });
  run("each(sql)", [&] { s.template each<std::int64_t>(number); });
  run("first", [&] { s.first(first_row); });
  run("first(select)", [&] { s.first(texts); });
  run("first(sql)", [&] { s.template first<std::int64_t>(number); });
  run("one", [&] { s.one(first_row); });
  run("one(select)", [&] { s.one(texts); });
  run("one(sql)", [&] { s.template one<std::int64_t>(number); });
  run("count", [&] { s.template count<entry>(); });
  run("count(query)", [&] { s.count(first_row); });
  run("count(select)", [&] { s.count(texts); });
  run("count(join)", [&] { s.count(pairs); });
  run("exists", [&] { s.exists(first_row); });
  run("exists(select)", [&] { s.exists(texts); });
  run("exists(join)", [&] { s.exists(pairs); });
  run("batch", [&] { s.batch(nothing); });
  run("execute", [&] { s.execute(write); });
  run("script", [&] { s.script("INSERT INTO entries (text) VALUES ('script')"); });
  run("notify", [&] { hewn::notify(s, "news", "late"); });
  run("begin", [&] { (void)s.begin(); });
  run("transaction", [&] { s.transaction(nothing); });
  run("read", [&] { s.read(nothing); });
  run("remove", [&] { s.remove(changed); });
  run("remove<T>", [&] { s.template remove<entry>(1); });
  run("remove(query)", [&] { s.remove(first_row); });
  run("remove_returning", [&] { s.remove_returning(first_row); });
  run("remove_many", [&] { s.remove_many(stored); });
  run("remove_all", [&] { s.template remove_all<entry>(); });

  try_run("try_insert", [&] { return s.try_insert(entry{.text = "late"}); });
  try_run("try_update", [&] { return s.try_update(changed); });
  try_run("try_upsert", [&] { return s.try_upsert(changed); });
  try_run("try_upsert(set)", [&] { return s.try_upsert(changed, hewn::set(set)); });
  try_run("try_insert_or_ignore", [&] { return s.try_insert_or_ignore(changed); });
  try_run("try_insert_from", [&] { return s.template try_insert_from<&entry::text>(texts); });
  try_run("try_insert_from_returning",
          [&] { return s.template try_insert_from_returning<&entry::text>(texts); });
  try_run("try_claim", [&] { return s.try_claim(first_row.limit(1), set); });
  try_run("try_all(join)", [&] { return s.try_all(pairs); });
  try_run("try_count(select)", [&] { return s.try_count(texts); });
  try_run("try_get", [&] { return s.template try_get<entry>(1); });
  try_run("try_all", [&] { return s.template try_all<entry>(); });
  try_run("try_batch", [&] { return s.try_batch(nothing); });
  try_run("try_script", [&] { return s.try_script("DELETE FROM entries"); });
  try_run("try_begin", [&] { return s.try_begin(); });
  try_run("try_transaction", [&] { return s.try_transaction(nothing); });
  return said;
}

template <class Session>
void check_refuses(const Session& s, const std::string& sentence) {
  for (const auto& [verb, said] : what_verbs_throw(s)) {
    CAPTURE(verb);
    CHECK(said == sentence);
  }
}

}  // namespace

TEST_CASE("an inner transaction is over when the outer one is", "[p:A2]") {
  const auto db = open_entries();
  db.insert(entry{.text = "first"});
  auto outer = db.begin();
  auto inner = outer.begin();
  inner.insert(entry{.text = "inner"});
  CHECK(inner.active());
  outer.rollback();
  CHECK_FALSE(inner.active());
  check_refuses(inner, is_over);
  check_refuses(outer, is_over);
  CHECK(failure_of([&] { inner.commit(); }).code() == errc::usage);
  inner.rollback();
  CHECK(idle(db));
  CHECK(db.all<std::string>(hewn::sql<"SELECT text FROM entries">) ==
        std::vector<std::string>{"first"});
}

TEST_CASE("what is left of an earlier transaction has no part in a later one", "[p:A2]") {
  const auto db = open_entries();
  db.insert(entry{.text = "first"});
  auto outer = db.begin();
  auto inner = outer.begin();
  auto innermost = inner.begin();
  outer.rollback();
  auto later = db.begin();
  auto inside = later.begin();
  auto at_its_place = inside.begin();
  check_refuses(innermost, is_over);
  check_refuses(inner, is_over);
  at_its_place.insert(entry{.text = "later"});
  at_its_place.commit();
  inside.commit();
  innermost.rollback();
  later.commit();
  CHECK(count(db) == 2);
}

TEST_CASE("what is left of a transaction that only read does not write", "[p:A2]") {
  const auto db = open_entries();
  db.insert(entry{.text = "first"});
  auto outer = db.begin({hewn::transaction_mode::read_only});
  auto inner = outer.begin();
  CHECK(inner.count<entry>() == 1);
  outer.rollback();
  check_refuses(inner, is_over);
  CHECK(count(db) == 1);
}

TEST_CASE("an action that ends its transaction cannot go on with an inner one", "[p:A2]") {
  const auto db = open_entries();
  db.insert(entry{.text = "first"});
  db.transaction([](auto& tx) {
    auto inner = tx.begin();
    tx.rollback();
    check_refuses(inner, is_over);
  });
  // The inner action cannot have been committed, so its transaction() says so.
  const auto failure = failure_of([&] {
    db.transaction([](auto& tx) {
      tx.transaction([&](auto& inner) {
        inner.insert(entry{.text = "undone"});
        tx.rollback();
      });
    });
  });
  CHECK(failure.code() == errc::usage);
  CHECK(count(db) == 1);
  CHECK(idle(db));
}

TEST_CASE("a transaction that was moved from refuses", "[p:A2]") {
  const auto db = open_entries();
  db.insert(entry{.text = "first"});
  auto left = db.begin();
  auto tx = std::move(left);
  CHECK_FALSE(left.active());  // NOLINT: what was moved from is what this is about
  check_refuses(left, is_over);
  tx.insert(entry{.text = "second"});
  tx.commit();
  check_refuses(left, is_over);
  left.rollback();
  CHECK(count(db) == 2);
}

TEST_CASE("a transaction whose database is closed is rolled back and refuses", "[p:A2]") {
  const std::string is_closed =
      "hewn: the database of this transaction was closed, which rolled it back; keep the database "
      "object alive until the transaction ends";
  const auto check_closed = [&](auto& outer, auto& inner) {
    for (auto* const left : {&inner, &outer}) {
      CHECK_FALSE(left->active());
      check_refuses(*left, is_closed);
      CHECK(failure_of([&] { left->commit(); }).what() == is_closed);
      left->rollback();
      check_refuses(*left, is_closed);
    }
  };
  SECTION("destroyed") {
    const support::place where;
    auto db = std::make_unique<database>(where.open());
    hewn::sync<entry>(*db);
    auto outer = db->begin();
    outer.insert(entry{.text = "undone"});
    auto begun = outer.begin();
    auto inner = std::move(begun);
    db.reset();
    check_closed(outer, inner);
    check_refuses(begun, is_over);  // NOLINT: it was moved from
    if (where.is_shared()) CHECK(count(where.open()) == 0);
  }
  SECTION("assigned over") {
    auto db = open_entries();
    auto outer = db.begin();
    auto inner = outer.begin();
    auto over = inner.begin();
    over.commit();
    db = open_entries();
    check_closed(outer, inner);
    check_refuses(over, is_over);
    db.insert(entry{.text = "in the new one"});
    CHECK(count(db) == 1);
    CHECK(idle(db));
  }
  SECTION("by the action") {
    auto db = open_entries();
    CHECK(failure_of([&] {
            db.transaction([&](auto& tx) {
              tx.insert(entry{.text = "undone"});
              db = open_entries();
            });
          }).what() == is_closed);
    CHECK(failure_of([&] {
            db.transaction([&](auto& tx) {
              db = open_entries();
              tx.insert(entry{.text = "never"});
            });
          }).what() == is_closed);
    entry late{.text = "never"};
    CHECK(says(failure_of([&] {
                 db.batch([&](auto& batch) {
                   batch.insert(entry{.text = "undone"});
                   db = open_entries();
                   batch.insert(&late);
                 });
               }),
               "the database of this transaction was closed"));
    CHECK(late.id == 0);
    CHECK(failure_of([&] {
            db.batch([&](auto& batch) {
              batch.insert(entry{.text = "undone"});
              db = open_entries();
            });
          }).what() == is_closed);
    CHECK_THROWS_AS(db.batch([&](auto& batch) {
      batch.insert(entry{.text = "undone"});
      db = open_entries();
      throw std::runtime_error("of the action");
    }),
                    std::runtime_error);
    CHECK(count(db) == 0);
  }
}

TEST_CASE("a transaction goes on when its database is moved", "[p:A2]") {
  auto db = open_entries();
  auto tx = db.begin();
  const database moved = std::move(db);
  tx.insert(entry{.text = "kept"});
  tx.commit();
  CHECK(count(moved) == 1);
}

TEST_CASE("a database that was moved from refuses", "[p:A2]") {
  const std::string is_moved =
      "hewn: the database object was moved from; use the one that it was moved to";
  auto db = open_entries();
  db.insert(entry{.text = "first"});
  database moved = std::move(db);
  const auto check_moved = [&] {
    check_refuses(db, is_moved);  // NOLINT: what was moved from is what this is about
    const auto refused = [&](const auto& call) { CHECK(failure_of(call).what() == is_moved); };
    refused([&] { hewn::sync<entry>(db); });
    refused([&] { (void)hewn::plan_sync<entry>(db); });
    refused([&] { hewn::listen(db); });
    refused([&] { db.observe([](const hewn::statement_event&) {}); });
    refused([&] { db.stop_observing(); });
    refused([&] { db.set_statement_cache_capacity(3); });
    refused([&] { (void)db.interrupter(); });
#ifndef HEWN_TEST_ANY
    refused([&] { (void)db.native_handle(); });
#endif
  };
  check_moved();
  database later = open_entries();
  later = std::move(db);
  CHECK(failure_of([&] { later.count<entry>(); }).what() == is_moved);
  db = std::move(moved);
  CHECK(count(db) == 1);
  static_cast<void>(std::move(db).release());
  check_moved();
}

TEST_CASE("a transaction waits while one inside it is open", "[p:A2]") {
  const auto db = open_entries();
  db.insert(entry{.text = "first"});
  auto outer = db.begin();
  {
    auto inner = outer.begin();
    auto innermost = inner.begin();
    check_refuses(outer, has_inner);
    check_refuses(inner, has_inner);
    innermost.insert(entry{.text = "innermost"});
    innermost.commit();
    inner.insert(entry{.text = "inner"});
    inner.commit();
  }
  outer.insert(entry{.text = "outer"});
  outer.commit();
  CHECK(count(db) == 4);
}

TEST_CASE("a statement of the database is part of the innermost transaction", "[p:A2]") {
  const auto db = open_entries();
  auto outer = db.begin();
  db.insert(entry{.text = "kept"});
  {
    auto inner = outer.begin();
    db.insert(entry{.text = "undone"});
  }
  outer.commit();
  CHECK(db.all<std::string>(hewn::sql<"SELECT text FROM entries">) ==
        std::vector<std::string>{"kept"});
  for (const auto& [verb, said] : what_verbs_throw(db)) {
    CAPTURE(verb);
    CHECK(said != is_over);
    CHECK(said != has_inner);
  }
}

TEST_CASE("rows are asked for and read within the transaction of each()", "[p:A2]") {
  const auto db = open_entries();
  for (const char* text : {"a", "b", "c"}) db.insert(entry{.text = text});
  const auto over = [](const auto& loop) {
    const auto failure = failure_of(loop);
    CHECK(failure.code() == errc::usage);
    return std::string(failure.what());
  };
  const auto run = [](auto& rows) {
    return [&rows] {
      for (const auto& row : rows) static_cast<void>(row);
    };
  };
  {
    // The statement runs when the loop begins.
    auto outer = db.begin();
    auto inner = outer.begin();
    auto written = inner.each<std::string>(hewn::dynamic_sql(insert_another));
    outer.rollback();
    CHECK(over(run(written)) == is_over);
  }
  {
    auto outer = db.begin();
    auto written = outer.each<std::string>(hewn::dynamic_sql(insert_another));
    auto inner = outer.begin();
    CHECK(over(run(written)) == has_inner);
  }
  {
    // Allowed to write when it was asked for, and no longer.
    auto written = db.each<std::string>(hewn::dynamic_sql(insert_another));
    const auto tx = db.begin({hewn::transaction_mode::read_only});
    CHECK(failure_of(run(written)).code() == errc::read_only);
  }
  CHECK(count(db) == 3);
  {
    int seen = 0;
    auto tx = db.begin();
    CHECK(over([&] {
            for (const entry& e : tx.each<entry>()) {
              CHECK(e.text == "a");
              if (++seen == 1) tx.commit();
              CHECK(e.text == "a");  // still there
            }
          }) ==
          "hewn: the transaction ended while its rows were being read; read them to the end first, "
          "or by the database");
    CHECK(seen == 1);
  }
  {
    // Inner transactions come and go inside the loop, and so they do around one of the database.
    int seen = 0;
    db.transaction([&](auto& tx) {
      for (const entry& e : tx.template each<entry>())
        tx.transaction([&](auto& inner) { seen += inner.template get<entry>(e.id).id == e.id; });
    });
    for (const entry& e : db.each<entry>())
      db.transaction([&](auto& tx) { seen += tx.template get<entry>(e.id).id == e.id; });
    auto inner_rows = db.begin();
    for (const entry& e : inner_rows.each<entry>()) {
      auto inner = inner_rows.begin();
      seen += inner.get<entry>(e.id).id == e.id;
      inner.commit();
    }
    CHECK(seen == 9);
  }
  CHECK(idle(db));
}

TEST_CASE("a verb that holds a transaction of its own does not shut its session out", "[p:A2]") {
  const auto db = open_entries();
  db.transaction([](auto& tx) {
    const auto read = [&](int i) {
      return entry{.text = "row " + std::to_string(tx.template count<entry>() * 0 + i)};
    };
    tx.batch([&](auto& batch) {
      batch.insert(read(1));
      tx.insert(read(2));
      batch.insert(read(3));
    });
    CHECK(tx.template count<entry>() == 3);
  });
  CHECK(count(db) == 3);
}

namespace {

/// Three new rows; `look(i)` is called when row `i` is looked at.
struct computed_rows {
  std::function<void(int)> look;

  struct iterator {
    const computed_rows* rows;
    int i;
    entry operator*() const {
      rows->look(i);
      return {.text = "row " + std::to_string(i)};
    }
    iterator& operator++() {
      ++i;
      return *this;
    }
    bool operator==(const iterator& other) const { return i == other.i; }
  };

  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, 3}; }
};

}  // namespace

TEST_CASE("rows that end their transaction while they are computed are not stored", "[p:A2]") {
  const auto db = open_entries();
  for (const int last : {0, 1, 2}) {
    auto outer = db.begin();
    auto tx = outer.begin();
    const auto failure = failure_of([&] {
      tx.insert_many(computed_rows{[&](int i) {
        if (i == last) outer.rollback();
      }});
    });
    CHECK(failure.code() == errc::usage);
    CHECK(support::says(failure, is_over));
    CHECK(count(db) == 0);
    CHECK(idle(db));
  }
  db.transaction([](auto& tx) {
    CHECK(tx.insert_many(computed_rows{[&](int) { tx.template count<entry>(); }}) == 3);
  });
  CHECK(count(db) == 3);
}

TEST_CASE("a batch whose transaction its action has ended writes no more", "[p:A2]") {
  const auto db = open_entries();
  {
    auto tx = db.begin();
    const auto failure = failure_of([&] {
      tx.batch([&](auto& batch) {
        batch.insert(entry{.text = "undone"});
        tx.rollback();
        batch.insert(entry{.text = "alone"});
      });
    });
    CHECK(failure.code() == errc::usage);
    CHECK(support::says(failure, is_over));
  }
  CHECK(count(db) == 0);
  CHECK(idle(db));
  {
    auto tx = db.begin();
    CHECK(failure_of([&] {
            tx.batch([&](auto& batch) {
              auto inner = tx.begin();
              batch.insert(entry{.text = "in the other"});
            });
          }).code() == errc::usage);
    tx.commit();
  }
  CHECK(count(db) == 0);
}

// ---- running the whole closure again

namespace {

std::vector<std::chrono::microseconds> pauses;

hewn::retry policy(int attempts) {
  return {.attempts = attempts,
          .first_delay = std::chrono::milliseconds(5),
          .longest_delay = std::chrono::milliseconds(15),
          .sleep = [](std::chrono::microseconds pause) { pauses.push_back(pause); }};
}

[[noreturn]] void fail_with(errc code, bool retryable) {
  throw hewn::error(hewn::error_details{
      .code = code, .message = "hewn: injected; ignore it", .retryable = retryable});
}

}  // namespace

TEST_CASE("a retryable failure runs the closure again, with a wait between", "[Y1]") {
  const auto db = open_entries();
  pauses.clear();
  int runs = 0;
  db.transaction(policy(5), [&](auto& tx) {
    tx.insert(entry{.text = "once"});  // would conflict if the first runs were not rolled back
    if (++runs < 4) fail_with(errc::serialization, true);
  });
  CHECK(runs == 4);
  CHECK(count(db) == 1);
  REQUIRE(pauses.size() == 3);
  for (std::size_t i = 0; i != 3; ++i)
    CHECK(pauses[i] <= policy(5).bound_after(static_cast<int>(i) + 1));
}

TEST_CASE("attempts end, without a wait after the last", "[Y1]") {
  const auto db = open_entries();
  for (const int attempts : {0, 1, 2, 5}) {
    CAPTURE(attempts);
    pauses.clear();
    int runs = 0;
    const auto failure = failure_of([&] {
      db.transaction(policy(attempts), [&](auto&) {
        ++runs;
        fail_with(runs % 2 ? errc::busy : errc::serialization, true);
      });
    });
    CHECK(runs == std::max(attempts, 1));
    CHECK(pauses.size() == static_cast<std::size_t>(std::max(attempts - 1, 0)));
    CHECK(failure.code() == (runs % 2 ? errc::busy : errc::serialization));  // the last one
  }
}

TEST_CASE("only retryable failures are retried, and by default none", "[Y1]") {
  const auto db = open_entries();
  int runs = 0;
  for (const errc code : {errc::conflict, errc::full, errc::io, errc::corrupt, errc::interrupted,
                          errc::read_only, errc::commit_in_doubt, errc::out_of_memory})
    CHECK(failure_of([&] {
            db.transaction(policy(5), [&](auto&) { ++runs, fail_with(code, false); });
          }).code() == code);
  CHECK(runs == 8);
  CHECK_THROWS_AS(db.transaction(policy(5), [&](auto&) { ++runs, throw std::runtime_error(""); }),
                  std::runtime_error);
  CHECK(runs == 9);
  CHECK(failure_of([&] {
          db.transaction([&](auto&) { ++runs, fail_with(errc::busy, true); });
        }).retryable());
  CHECK(runs == 10);
}

TEST_CASE("nothing is retried inside a transaction", "[Y2]") {
  const auto db = open_entries();
  pauses.clear();
  int outer_runs = 0;
  int inner_runs = 0;
  failure_of([&] {
    db.transaction([&](auto& tx) {
      ++outer_runs;
      tx.transaction(policy(5), [&](auto&) { ++inner_runs, fail_with(errc::busy, true); });
    });
  });
  CHECK(outer_runs == 1);
  CHECK(inner_runs == 1);
  failure_of([&] {
    db.transaction([&](auto&) {
      db.transaction(policy(5), [&](auto&) { ++inner_runs, fail_with(errc::busy, true); });
    });
  });
  CHECK(inner_runs == 2);
  // The outer one runs again, and with it the inner.
  failure_of([&] {
    db.transaction(policy(3), [&](auto& tx) {
      ++outer_runs;
      tx.transaction(policy(5), [&](auto&) { ++inner_runs, fail_with(errc::busy, true); });
    });
  });
  CHECK(outer_runs == 4);
  CHECK(inner_runs == 5);
  CHECK(pauses.size() == 2);
}
