// tests/docs/query_writes_test.cpp - the snippets of docs/guide/writing-with-queries.md and of
// docs/guide/work-queues.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

using hewn::col;

// [writes_model]
struct visit {
  std::int64_t id = 0;
  std::string guest;
  std::int64_t minutes = 0;
};

struct guest_total {
  std::string guest;
  std::optional<std::int64_t> minutes;
  std::optional<std::string> note = {};
  hewn::timestamp changed_at = {};

  static consteval auto table() {
    return hewn::table("guest_totals")
        .primary_key<&guest_total::guest>()
        .updated<&guest_total::changed_at>();
  }
};
// [/writes_model]

// [returning_rows]
struct stay {
  std::string guest;
  std::int64_t seconds = 0;
};

struct total_of_guest {
  guest_total total;
  std::string label;
};
// [/returning_rows]

// [lock_model]
struct machine {
  std::int64_t id = 0;
  std::string name;
  bool busy = false;
};

struct order {
  std::int64_t id = 0;
  std::int64_t machine_id = 0;
  bool waiting = true;

  static consteval auto table() {
    return hewn::table("orders").references<&order::machine_id, &machine::id>();
  }
};
// [/lock_model]

// [queue_model]
enum class job_state { waiting, running, done };

struct job {
  std::int64_t id = 0;
  std::string task;
  std::int64_t priority = 0;
  job_state state = job_state::waiting;
  std::optional<hewn::timestamp> taken_at = {};

  static consteval auto table() { return hewn::table("jobs").index<&job::state, &job::priority>(); }
};
// [/queue_model]

// It takes the & of an assignment to col<&T::f> for an operator.
// clang-format off

TEST_CASE("the snippets about writing with queries") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<visit, guest_total>(db);
  db.insert_many({visit{0, "ann", 30}, visit{0, "ann", 15}, visit{0, "bob", 20}});
  docs::recorder sql(db);
  {
    // [insert_from]
    auto totals = hewn::from<visit>.group_by(col<&visit::guest>)
                      .select(col<&visit::guest>, hewn::sum(col<&visit::minutes>));
    std::int64_t inserted = db.insert_from<&guest_total::guest, &guest_total::minutes>(totals);
    // [/insert_from]
    sql.expect("insert_from");
    CHECK(inserted == 2);
  }
  {
    // [insert_from_whole]
    auto copies = hewn::from<visit>.where(col<&visit::guest> == "bob")
                      .select<visit>(col<&visit::id> + 100, col<&visit::guest>, col<&visit::minutes>);
    for (const visit& v : db.insert_from_returning<visit>(copies)) CHECK(v.id > 100);
    // [/insert_from_whole]
    sql.expect("insert_from_whole");
    CHECK(db.count<visit>() == 4);
    sql.forget();
  }
  {
    // [upsert_set]
    guest_total more{.guest = "ann", .minutes = 10};
    guest_total stored = db.upsert(
        more, hewn::set(col<&guest_total::minutes> = col<&guest_total::minutes> +
                                                     hewn::excluded<&guest_total::minutes>));
    // [/upsert_set]
    sql.expect("upsert_set");
    CHECK(stored.minutes == 55);
  }
  {
    const guest_total more{.guest = "ann", .minutes = 10, .note = "late"};
    // [upsert_where]
    std::optional<guest_total> larger = db.upsert(
        more, hewn::set(hewn::excluded<&guest_total::minutes>, hewn::excluded<&guest_total::note>)
                  .where(col<&guest_total::minutes> < hewn::excluded<&guest_total::minutes>));
    // [/upsert_where]
    sql.expect("upsert_where");
    CHECK(!larger);
  }
  {
    // [insert_or_ignore]
    std::optional<guest_total> added = db.insert_or_ignore(guest_total{.guest = "ann"});
    // [/insert_or_ignore]
    sql.expect("insert_or_ignore");
    CHECK(!added);
  }
  {
    // [update_changed]
    const guest_total before = db.get<guest_total>("bob");
    guest_total after = before;
    after.note = "by car";
    bool written = db.update(before, after);  // false where nothing differs
    // [/update_changed]
    sql.expect("update_changed");
    CHECK(written);
  }
}

TEST_CASE("the snippets about what writes return") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<visit, guest_total>(db);
  db.insert_many({visit{0, "ann", 30}, visit{0, "ann", 15}, visit{0, "bob", 20}});
  db.insert(guest_total{.guest = "ann", .minutes = 45});
  docs::recorder sql(db);
  {
    // [returning_update]
    std::vector<stay> longer =
        db.update(hewn::from<visit>.where(col<&visit::guest> == "ann"),
                  col<&visit::minutes> = col<&visit::minutes> + 5,
                  hewn::returning<stay>(col<&visit::guest>, col<&visit::minutes> * 60));
    // [/returning_update]
    sql.expect("returning_update");
    CHECK(longer.size() == 2);
    const auto change = hewn::update_of(
        hewn::from<visit>.where(col<&visit::guest> == "ann"),
        col<&visit::minutes> = col<&visit::minutes> + 5,
        hewn::returning<stay>(col<&visit::guest>, col<&visit::minutes> * 60));
    docs::check_region("returning_update_on_postgres",
                       hewn::to_sql(change, hewn::dialect::postgres) + ";\n");
  }
  {
    // [returning_one]
    std::int64_t minutes = db.update<visit>(3, col<&visit::minutes> = col<&visit::minutes> + 1,
                                            hewn::returning(col<&visit::minutes>));
    std::optional<std::string> gone = db.remove<visit>(1, hewn::returning(col<&visit::guest>));
    // [/returning_one]
    sql.expect("returning_one");
    CHECK(minutes == 21);
    CHECK(gone == "ann");
  }
  {
    // [returning_upsert]
    guest_total more{.guest = "ann", .minutes = 10};
    auto [guest, minutes] = db.upsert(
        more, hewn::set(col<&guest_total::minutes> = col<&guest_total::minutes> +
                                                     hewn::excluded<&guest_total::minutes>),
        hewn::returning(col<&guest_total::guest>, col<&guest_total::minutes>));
    // [/returning_upsert]
    sql.expect("returning_upsert");
    CHECK(minutes == 55);
    CHECK(guest == "ann");
  }
  {
    // [returning_insert_from]
    auto others = hewn::from<visit>.where(col<&visit::guest> != "ann")
                      .select(col<&visit::guest>, col<&visit::minutes>);
    std::vector<total_of_guest> totals =
        db.insert_from<&guest_total::guest, &guest_total::minutes>(
            others, hewn::returning<total_of_guest>(hewn::row_of<guest_total>,
                                                    hewn::upper(col<&guest_total::guest>)));
    // [/returning_insert_from]
    sql.expect("returning_insert_from");
    REQUIRE(totals.size() == 1);
    CHECK(totals[0].label == "BOB");
  }
}

// The same claim on the other database.
TEST_CASE("the statement of a claim on PostgreSQL") {
  const auto query = hewn::from<job>.where(col<&job::state> == job_state::waiting)
                         .order_by(hewn::desc<&job::priority>, col<&job::id>)
                         .limit(2);
  const auto claim = [&](const auto&... set) {
    const hewn::detail::claim_request<job, std::remove_cvref_t<decltype(query)>,
                                      std::remove_cvref_t<decltype(set)>...>
        request{query, {hewn::detail::all_claimed<job>, {set...}, {}, true}};
    std::string text;
    hewn::detail::sql_writer out{text, hewn::dialect::postgres};
    request.write(out);
    return text + ";\n";
  };
  docs::check_region("claim_on_postgres", claim(col<&job::state> = job_state::running,
                                                col<&job::taken_at> = hewn::timestamp()));
}

TEST_CASE("the snippets about work queues") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<job>(db);
  db.insert_many({job{.task = "a"}, job{.task = "b", .priority = 1}, job{.task = "c"}});
  const hewn::timestamp now = db.connection().native().now();
  docs::recorder sql(db);
  {
    // [claim]
    std::vector<job> mine = db.claim(hewn::from<job>.where(col<&job::state> == job_state::waiting)
                                         .order_by(hewn::desc<&job::priority>, col<&job::id>)
                                         .limit(2),
                                     col<&job::state> = job_state::running,
                                     col<&job::taken_at> = now);
    for (const job& j : mine) {
      // ... do the work ...
      db.update<job>(j.id, col<&job::state> = job_state::done);
    }
    // [/claim]
    sql.expect("claim");
    CHECK(mine.size() == 2);
  }
  {
    // [claim_returning]
    std::vector<std::string> tasks =
        db.claim(hewn::from<job>.where(col<&job::state> == job_state::waiting).limit(1),
                 col<&job::state> = job_state::running, col<&job::taken_at> = now,
                 hewn::returning(col<&job::task>));
    // [/claim_returning]
    sql.expect("claim_returning");
    CHECK(tasks.size() == 1);
    db.update(hewn::from<job>.where(col<&job::state> == job_state::running),
              col<&job::state> = job_state::waiting);
    sql.forget();
  }
  {
    const auto limit = now;
    // [requeue]
    db.update(hewn::from<job>.where(col<&job::state> == job_state::running &&
                                    col<&job::taken_at> < limit),
              col<&job::state> = job_state::waiting, col<&job::taken_at> = std::nullopt);
    // [/requeue]
    sql.expect("requeue");
  }
  {
    // [for_update]
    db.transaction([](auto& tx) {
      auto next = tx.first(hewn::from<job>.where(col<&job::state> == job_state::waiting)
                               .order_by(col<&job::id>)
                               .limit(1)
                               .for_update()
                               .skip_locked());
      if (next) tx.template update<job>(next->id, col<&job::state> = job_state::done);
    });
    // [/for_update]
    sql.expect("for_update");
    CHECK(db.count(hewn::from<job>.where(col<&job::state> == job_state::done)) == 3);
    sql.forget();
  }
}

TEST_CASE("the snippets about locks of joined rows") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<machine, order>(db);
  db.insert(machine{.name = "press"});
  db.insert(order{.machine_id = 1});
  docs::recorder sql(db);
  {
    // [lock_joined]
    const auto next = hewn::from<order>.join<machine>()
                          .where(col<&order::waiting> == true && col<&machine::busy> == false)
                          .order_by(col<&order::id>)
                          .limit(1)
                          .for_update()
                          .skip_locked()
                          .select(col<&order::id>, col<&machine::id>);
    db.transaction([&](auto& tx) {
      if (const auto found = tx.first(next)) {
        const auto [order_id, machine_id] = *found;
        tx.template update<order>(order_id, col<&order::waiting> = false);
        tx.template update<machine>(machine_id, col<&machine::busy> = true);
      }
    });
    // [/lock_joined]
    sql.expect("lock_joined");
    docs::check_region("lock_joined_on_postgres",
                       hewn::to_sql(next, hewn::dialect::postgres) + ";\n");
    CHECK(db.get<machine>(1).busy);
    sql.forget();
  }
  {
    // [lock_named]
    const auto mine = hewn::from<order>.join<machine>()
                          .where(col<&machine::name> == "press")
                          .for_update<order>()
                          .select(col<&order::id>);
    // [/lock_named]
    docs::check_region("lock_named_on_postgres",
                       hewn::to_sql(mine, hewn::dialect::postgres) + ";\n");
  }
}

// clang-format on

TEST_CASE("the clock as a column holds it") {
  // [clock]
  const hewn::timestamp now =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  // [/clock]
  CHECK(now > hewn::timestamp());
}
