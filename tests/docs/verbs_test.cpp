// tests/docs/verbs_test.cpp - the snippets of docs/verbs, each with the SQL that it runs.
// SPDX-License-Identifier: BSL-1.0
#include "model.hpp"
#include "recorder.hpp"

#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using hewn::col;

// [article]
struct article {
  std::int64_t id = 0;
  std::string title;
  std::int64_t words = 0;
  std::int64_t minutes = 0;

  static consteval auto table() {
    return hewn::table("articles").generated<&article::minutes>(col<&article::words> / 200);
  }
};
// [/article]

hewn::sqlite::database make_database() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<task, user, team_member, article>(db);
  return db;
}

// Ids 1 to 3; their priorities fall.
void add_tasks(hewn::sqlite::database& db) {
  db.insert(task{.title = "read", .priority = 3});
  db.insert(task{.title = "write", .state = status::running, .priority = 2});
  db.insert(task{.title = "rest", .priority = 1});
}

TEST_CASE("insert") {
  auto db = make_database();
  docs::recorder sql(db);
  {
    // [insert]
    task t{.title = "write the page"};
    db.insert(t);  // an lvalue is completed: t.id is the new key

    const task other = db.insert(task{.title = "check it"});  // an rvalue comes back as stored
    // [/insert]
    CHECK(t.id == 1);
    CHECK(other.id == 2);
    sql.forget();
  }
  db.insert(task{.title = "x"});
  sql.expect("insert");
  {
    // [insert_created]
    user u{.email = "ada@example.org", .name = "Ada"};
    db.insert(u);  // created_at and updated_at are the time of this call
    // [/insert_created]
    CHECK(u.created_at != hewn::timestamp{});
    CHECK(u.created_at == u.updated_at);
  }
  sql.expect("insert_created");
  {
    // [insert_generated]
    article a{.title = "Long", .words = 1000};
    db.insert(a);  // a.minutes is what the database has computed
    // [/insert_generated]
    CHECK(a.minutes == 5);
    CHECK(a.id == 1);
  }
  sql.expect("insert_generated");
}

TEST_CASE("insert_many") {
  auto db = make_database();
  docs::recorder sql(db);
  // [insert_many]
  std::vector<task> tasks = {{.title = "one"}, {.title = "two"}, {.title = "three"}};
  const std::int64_t count = db.insert_many(tasks);  // each of the three has its key now
  // [/insert_many]
  CHECK(count == 3);
  CHECK(tasks[2].id == 3);
  sql.expect("insert_many");

  const std::vector<task> again = {{.title = "four"}, tasks[0]};
  CHECK_THROWS_AS(db.insert_many(again), hewn::error);
  CHECK(db.count<task>() == 3);
  sql.forget();
  {
    // [insert_many_returning]
    const std::vector<task> more = {{.title = "five"}, {.title = "six"}};
    std::vector<std::int64_t> keys = db.insert_many(more, hewn::returning(col<&task::id>));
    // [/insert_many_returning]
    sql.expect("insert_many_returning");
    REQUIRE(keys.size() == 2);
    CHECK(db.get<task>(keys[1]).title == "six");
  }
}

TEST_CASE("get") {
  auto db = make_database();
  add_tasks(db);
  db.insert(team_member{.team = 7, .user = 3, .role = "owner"});
  docs::recorder sql(db);
  {
    // [get]
    const task t = db.get<task>(2);
    // [/get]
    CHECK(t.title == "write");
  }
  sql.expect("get");
  {
    // [get_composite]
    const team_member m = db.get<team_member>({7, 3});  // team 7, user 3: in key order
    // [/get_composite]
    CHECK(m.role == "owner");
  }
  sql.expect("get_composite");
  try {
    db.get<task>(99);
    FAIL("it was found");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::not_found);
    CHECK(e.table() == "task");
  }
}

TEST_CASE("find") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  std::string title;
  // [find]
  if (const auto t = db.find<task>(2)) title = t->title;
  // [/find]
  CHECK(title == "write");
  sql.expect("find");
  CHECK_FALSE(db.find<task>(99));
}

TEST_CASE("all") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  {
    // [all]
    const std::vector<task> tasks = db.all<task>();
    // [/all]
    CHECK(tasks.size() == 3);
  }
  sql.expect("all");
  {
    // [all_query]
    const std::vector<task> next = db.all(hewn::from<task>
                                              .where(col<&task::state> == status::open)
                                              .order_by(hewn::desc<&task::priority>)
                                              .limit(20));
    // [/all_query]
    REQUIRE(next.size() == 2);
    CHECK(next[0].title == "read");
  }
  sql.expect("all_query");
}

TEST_CASE("each") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  std::int64_t total = 0;
  // [each]
  for (const task& t : db.each(hewn::from<task>.where(col<&task::priority> > 1)))
    total += t.priority;
  // [/each]
  CHECK(total == 5);
  sql.expect("each");

  std::size_t longest = 0;
  // [each_view]
  struct title_only {
    std::string_view title;  // points into SQLite's memory: no copy, valid until the next row
  };
  for (const title_only& row : db.each<title_only>(hewn::sql<"SELECT title FROM task">))
    if (row.title.size() > longest) longest = row.title.size();
  // [/each_view]
  CHECK(longest == 5);
}

TEST_CASE("first") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  // [first]
  const std::optional<task> next = db.first(
      hewn::from<task>.where(col<&task::state> == status::open).order_by(col<&task::priority>));
  // [/first]
  REQUIRE(next);
  CHECK(next->title == "rest");
  sql.expect("first");
}

TEST_CASE("one") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  {
    // [one]
    const task t = db.one(hewn::from<task>.where(col<&task::title> == "read"));
    // [/one]
    CHECK(t.id == 1);
  }
  sql.expect("one");
  {
    // [one_value]
    const auto highest = db.one<std::int64_t>(hewn::sql<"SELECT MAX(priority) FROM task">);
    // [/one_value]
    CHECK(highest == 3);
  }
  sql.expect("one_value");
  CHECK_THROWS_AS(db.one(hewn::from<task>.where(col<&task::priority> > 1)), hewn::error);
}

TEST_CASE("count") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  // [count]
  const std::int64_t every = db.count<task>();
  const std::int64_t open = db.count(hewn::from<task>.where(col<&task::state> == status::open));
  // [/count]
  CHECK(every == 3);
  CHECK(open == 2);
  sql.expect("count");
}

TEST_CASE("exists") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  // [exists]
  const bool busy = db.exists(hewn::from<task>.where(col<&task::state> == status::running));
  // [/exists]
  CHECK(busy);
  sql.expect("exists");
}

TEST_CASE("update") {
  auto db = make_database();
  add_tasks(db);
  db.insert(team_member{.team = 7, .user = 3, .role = "guest"});
  db.insert(user{.email = "ada@example.org", .name = "Ada"});
  docs::recorder sql(db);
  {
    // [update_row]
    task t = db.get<task>(1);
    t.state = status::done;
    db.update(t);
    // [/update_row]
  }
  CHECK(db.get<task>(1).state == status::done);
  sql.forget();
  db.update(task{.id = 1, .title = "read", .priority = 3});
  sql.expect("update_row");
  {
    // [update_key]
    db.update<task>(1, col<&task::state> = status::done, col<&task::output> = "all read");
    // [/update_key]
  }
  sql.expect("update_key");
  CHECK(db.get<task>(1).output == "all read");
  sql.forget();
  {
    // [update_composite]
    db.update<team_member>(hewn::key_of<team_member>{7, 3}, col<&team_member::role> = "owner");
    // [/update_composite]
  }
  sql.expect("update_composite");
  {
    // [update_query]
    const std::int64_t changed =
        db.update(hewn::from<task>.where(col<&task::state> != status::done),
                  col<&task::priority> = col<&task::priority> + 1,
                  col<&task::output> = std::nullopt);
    // [/update_query]
    CHECK(changed == 2);
  }
  sql.expect("update_query");
  {
    // [update_stamp]
    db.update<user>(1, col<&user::name> = "Ada L.");  // updated_at is set as well
    // [/update_stamp]
  }
  sql.expect("update_stamp");
  {
    // [update_returning]
    const std::vector<task> raised =
        db.update_returning(hewn::from<task>.where(col<&task::state> == status::open),
                            col<&task::state> = status::running);
    // [/update_returning]
    CHECK(raised.size() == 1);
    CHECK(raised[0].state == status::running);
  }
  sql.expect("update_returning");
  {
    // [update_all]
    const std::int64_t changed = db.update_all<task>(col<&task::state> = status::open);
    // [/update_all]
    CHECK(changed == 3);
  }
  sql.expect("update_all");
  const hewn::condition<task> nothing;
  CHECK_THROWS_AS(db.update(hewn::from<task>.where(nothing), col<&task::priority> = 1),
                  hewn::error);
  CHECK_THROWS_AS(db.update<task>(99, col<&task::priority> = 1), hewn::error);
}

TEST_CASE("upsert") {
  auto db = make_database();
  docs::recorder sql(db);
  {
    // [upsert]
    db.upsert(team_member{.team = 7, .user = 3, .role = "guest"});
    db.upsert(team_member{.team = 7, .user = 3, .role = "owner"});  // the same key: updated
    // [/upsert]
    CHECK(db.count<team_member>() == 1);
    CHECK(db.get<team_member>({7, 3}).role == "owner");
  }
  sql.forget();
  db.upsert(team_member{.team = 7, .user = 3, .role = "owner"});
  sql.expect("upsert");
  {
    // [upsert_unique]
    const user u = db.upsert<&user::email>(user{.email = "ada@example.org", .name = "Ada"});
    const user v = db.upsert<&user::email>(user{.email = "ada@example.org", .name = "Ada L."});
    // [/upsert_unique]
    CHECK(u.id == v.id);
    CHECK(u.created_at == v.created_at);
    CHECK(v.name == "Ada L.");
  }
  sql.forget();
  db.upsert<&user::email>(user{.email = "ada@example.org", .name = "Ada"});
  sql.expect("upsert_unique");
}

TEST_CASE("remove") {
  auto db = make_database();
  add_tasks(db);
  db.insert(team_member{.team = 7, .user = 3, .role = "guest"});
  docs::recorder sql(db);
  {
    const task t = db.get<task>(1);
    sql.forget();
    // [remove_row]
    db.remove(t);  // not_found when it is gone already
    // [/remove_row]
    sql.expect("remove_row");
    CHECK_THROWS_AS(db.remove(t), hewn::error);
    sql.forget();
  }
  {
    // [remove_key]
    const bool was_there = db.remove<task>(2);
    const bool left = db.remove<team_member>({7, 3});
    // [/remove_key]
    CHECK(was_there);
    CHECK(left);
  }
  sql.expect("remove_key");
  {
    // [remove_query]
    const std::int64_t gone = db.remove(hewn::from<task>.where(col<&task::priority> < 2));
    // [/remove_query]
    CHECK(gone == 1);
  }
  sql.expect("remove_query");
  add_tasks(db);
  sql.forget();
  {
    // [remove_returning]
    const std::vector<task> gone =
        db.remove_returning(hewn::from<task>.where(col<&task::state> == status::running));
    // [/remove_returning]
    REQUIRE(gone.size() == 1);
    CHECK(gone[0].title == "write");
  }
  sql.expect("remove_returning");
  {
    // [remove_all]
    const std::int64_t gone = db.remove_all<task>();
    // [/remove_all]
    CHECK(gone == 2);
  }
  sql.expect("remove_all");
}

TEST_CASE("batch") {
  auto db = make_database();
  add_tasks(db);
  db.insert(team_member{.team = 7, .user = 3, .role = "owner"});
  docs::recorder sql(db);
  {
    // [batch]
    const std::vector<std::int64_t> changed = db.batch([](auto& batch) {
      batch.insert(task{.title = "sleep"});
      batch.template update<task>(1, col<&task::state> = status::done);
      batch.upsert(team_member{.team = 7, .user = 3, .role = "guest"});
      batch.remove(hewn::from<task>.where(col<&task::priority> < 2));
    });  // changed: how many rows each of the four inserted, updated or removed
    // [/batch]
    CHECK(changed == std::vector<std::int64_t>{1, 1, 1, 2});
  }
  sql.expect("batch");
  {
    // [batch_address]
    task t{.title = "dream"};
    db.batch([&](auto& batch) { batch.insert(&t); });  // t.id is the new key
    // [/batch_address]
    CHECK(t.id != 0);
    CHECK(db.get<task>(t.id).title == "dream");
  }
  {
    task first = db.get<task>(1), second{.id = 99};
    // [batch_failure]
    const auto done = db.try_batch([&](auto& batch) {
      batch.update(first);
      batch.update(second);
    });
    if (!done && done.error().element() == 1) second = db.insert(second);  // it was not there
    // [/batch_failure]
    CHECK_FALSE(done);
    CHECK(db.get<task>(99).id == second.id);
  }
}

TEST_CASE("update_many, upsert_many, remove_many") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  {
    // [update_many]
    std::vector<task> tasks = db.all<task>();
    for (task& t : tasks) t.priority += 1;
    const std::int64_t count = db.update_many(tasks);
    // [/update_many]
    CHECK(count == 3);
    sql.forget();
    db.update_many(std::vector<task>(tasks.begin(), tasks.begin() + 2));
    sql.expect("update_many");
  }
  {
    // [upsert_many]
    std::vector<user> users = {{.email = "ada@example.org", .name = "Ada"},
                               {.email = "alan@example.org", .name = "Alan"}};
    db.upsert_many<&user::email>(users);  // each has its key now, the old or a new one
    // [/upsert_many]
    CHECK(users[1].id == 2);
  }
  sql.expect("upsert_many");
  {
    // [remove_many]
    const std::vector<task> finished =
        db.all(hewn::from<task>.where(col<&task::priority> > 2).order_by(col<&task::id>));
    const std::int64_t count = db.remove_many(finished);
    // [/remove_many]
    CHECK(count == 2);
    CHECK(db.count<task>() == 1);
  }
  {
    std::vector<task> tasks = db.all<task>();
    sql.forget();
    // [update_many_returning]
    for (task& t : tasks) t.priority += 10;
    auto told = db.update_many(tasks, hewn::returning(col<&task::id>, col<&task::priority> * 2));
    // [/update_many_returning]
    CHECK(told == std::vector<std::tuple<std::int64_t, std::int64_t>>{{tasks[0].id, 24}});
  }
  sql.expect("update_many_returning");
}

TEST_CASE("execute") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  // [execute]
  const std::int64_t changed =
      db.execute(hewn::sql<"UPDATE task SET output = upper(title) WHERE priority >= ?">, 2);
  // [/execute]
  CHECK(changed == 2);
  sql.expect("execute");

  // [execute_dynamic]
  const std::string statement = "PRAGMA user_version = 4";
  db.execute(hewn::dynamic_sql(statement));
  // [/execute_dynamic]
  CHECK(db.one<std::int64_t>(hewn::sql<"PRAGMA user_version">) == 4);

  CHECK_THROWS_AS(db.execute(hewn::sql<"COMMIT">), hewn::error);
}

TEST_CASE("script") {
  auto db = make_database();
  add_tasks(db);
  // [script]
  db.transaction([](auto& tx) {
    tx.script(
        "CREATE VIEW open_tasks AS SELECT id, title FROM task WHERE state = 'open';"
        "ANALYZE;");
  });
  // [/script]
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM open_tasks">) == 2);
}

}  // namespace
