// tests/docs/snippets_test.cpp - the snippets of README.md and docs/guide.
// SPDX-License-Identifier: BSL-1.0
#include "model.hpp"
#include "recorder.hpp"

#include <hewn/json.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/restore.hpp>

#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using hewn::col;
using support::temporary_file;

hewn::sqlite::database make_database() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<task, user, team_member>(db);
  return db;
}

// Ids 1 to 3; their priorities fall.
void add_tasks(hewn::sqlite::database& db) {
  db.insert(task{.title = "read", .priority = 3});
  db.insert(task{.title = "write", .state = status::running, .priority = 2});
  db.insert(task{.title = "rest", .priority = 1});
}

}  // namespace

// ---------------------------------------------------------------------------- README.md

// clang-format off: short structs on one line.
// [readme_model]
struct settings { std::string model; double temperature = 0.7; };
enum class phase { idle, running, failed };

struct environment {
  std::int64_t id = 0;  // a field called id is the primary key unless told otherwise
  std::string name;
  static consteval auto table() {
    return hewn::table("environments").unique<&environment::name>();
  }
};

struct agent {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string name;
  phase state = phase::idle;                      // stored as text, with a CHECK
  std::optional<std::string> cron_schedule = {};  // NULL or a text
  hewn::json<settings> configuration = {};        // a JSON column that holds a plain struct
  hewn::timestamp created_at = {}, updated_at = {};

  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>(hewn::on_delete::cascade)
        .index<&agent::environment_id, &agent::state>()
        .length<&agent::name>(1, 255)
        .created<&agent::created_at>().updated<&agent::updated_at>();
  }
};
// [/readme_model]
// clang-format on

namespace {

TEST_CASE("readme") {
  const temporary_file file("docs.db");
  const std::string& path = file.path;
  std::vector<std::string> seen;
  // [readme_program]
  auto db = hewn::sqlite::open(path);   // WAL, foreign keys on, a busy timeout
  hewn::sync<environment, agent>(db);   // creates and adds; what could lose data throws

  environment env{.name = "prod"};
  db.transaction([&](auto& tx) {        // commits on return, rolls back on throw
    tx.insert(env);                     // env.id is its key now
    tx.insert(agent{.environment_id = env.id, .name = "supervisor", .state = phase::running});
  });

  auto busy = db.all(hewn::from<agent>
                         .where(col<&agent::state> == phase::running &&
                                col<&agent::environment_id> == env.id)
                         .order_by(hewn::desc<&agent::created_at>)
                         .limit(50));

  for (const agent& a : db.each(hewn::from<agent>))  // one row in memory
    seen.push_back(a.name);

  struct load { std::string name; std::int64_t agents; };
  auto loads = db.all(hewn::from<environment>
                          .left_join<agent>()  // along the declared reference
                          .where(col<&environment::id> == env.id)
                          .group_by(col<&environment::id>)
                          .select<load>(col<&environment::name>, hewn::count(col<&agent::id>)));
  // [/readme_program]
  REQUIRE(busy.size() == 1);
  CHECK(busy[0].name == "supervisor");
  CHECK(seen == std::vector<std::string>{"supervisor"});
  REQUIRE(loads.size() == 1);
  CHECK(loads[0].agents == 1);
}

// ---------------------------------------------------------------------------- types.md

TEST_CASE("what is in a JSON column", "[p:C5]") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<environment, agent>(db);
  const environment env = db.insert(environment{.name = "prod"});
  // [json_accessors]
  agent a{.environment_id = env.id, .name = "supervisor", .configuration = {{.model = "large"}}};
  a.configuration->temperature = 0.2;                // a member, as of a pointer
  const settings whole = *a.configuration;           // all of it
  a.configuration.value.model = whole.model + "-2";  // the same object, by its name
  a.configuration = settings{.model = "small"};      // another one
  db.insert(a);
  // [/json_accessors]
  CHECK(whole.model == "large");
  CHECK(whole.temperature == 0.2);
  CHECK(db.get<agent>(a.id).configuration->model == "small");
}

// ----------------------------------------------------------------------------
// choosing-sqlite-settings.md

TEST_CASE("a copy of a database in use", "[p:C5]") {
  const temporary_file file("docs.db");
  const temporary_file made("docs_copy.db");
  const std::string& copy = made.path;
  auto db = hewn::sqlite::open(file.path);
  hewn::sync<environment, agent>(db);
  db.insert(environment{.name = "prod"});
  // [vacuum_into]
  db.execute(hewn::sql<"VACUUM INTO ?">, copy);  // one consistent file; `copy` must not exist yet
  // [/vacuum_into]
  db.remove_all<environment>();
  // [restore_copy]
  hewn::sqlite::restore(db, copy);
  // [/restore_copy]
  CHECK(db.count<environment>() == 1);
}

// ---------------------------------------------------------------------------- getting-started.md

TEST_CASE("getting started") {
  const temporary_file file("docs.db");
  const std::string& path = file.path;
  // [start_open]
  auto db = hewn::sqlite::open(path);
  hewn::sync<task>(db);
  // [/start_open]

  // [start_rows]
  task t{.title = "write the page", .priority = 2};
  db.insert(t);                                                // t.id is its key

  t.state = status::running;
  db.update(t);                                                // every column
  db.update<task>(t.id, col<&task::output> = "half a page");   // one column

  const task again = db.get<task>(t.id);                       // throws when it is not there
  const auto urgent = db.all(hewn::from<task>.where(col<&task::priority> >= 2));

  db.remove<task>(t.id);
  // [/start_rows]
  CHECK(again.output == "half a page");
  CHECK(urgent.size() == 1);
  CHECK(db.count<task>() == 0);
}

// ---------------------------------------------------------------------------- queries.md

TEST_CASE("conditions") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  const auto expect = [&](std::string_view name, const auto& query, std::int64_t rows) {
    CHECK(static_cast<std::int64_t>(db.all(query).size()) == rows);
    sql.expect(name);
  };
  {
    // [where_and]
    auto query = hewn::from<task>.where(col<&task::priority> > 1 &&
                                        (col<&task::state> == status::open ||
                                         !(col<&task::title>.like("w%"))));
    // [/where_and]
    expect("where_and", query, 1);
  }
  {
    // [where_null]
    auto without = hewn::from<task>.where(col<&task::output>.is_null());
    auto also = hewn::from<task>.where(col<&task::output> == std::nullopt);
    // [/where_null]
    expect("where_null", without, 3);
    CHECK(db.all(also).size() == 3);
    sql.forget();
  }
  {
    // [where_optional]
    const std::optional<std::string> wanted;  // no value: finds the rows that hold NULL
    auto query = hewn::from<task>.where(col<&task::output> == wanted);
    // [/where_optional]
    expect("where_optional", query, 3);
  }
  {
    // [where_in]
    const std::vector<std::int64_t> ids = {1, 3, 5};
    auto query = hewn::from<task>.where(col<&task::id>.in(ids));
    // [/where_in]
    expect("where_in", query, 2);
  }
  {
    // [where_in_list]
    auto query = hewn::from<task>.where(col<&task::state>.not_in({status::done, status::running}));
    // [/where_in_list]
    expect("where_in_list", query, 2);
  }
  {
    // [where_between]
    auto query = hewn::from<task>.where(col<&task::priority>.between(2, 3));
    // [/where_between]
    expect("where_between", query, 2);
  }
  {
    // [where_columns]
    auto query = hewn::from<task>.where(col<&task::id> < col<&task::priority> * 2);
    // [/where_columns]
    expect("where_columns", query, 2);
  }
  {
    // [page]
    auto query = hewn::from<task>
                     .order_by(hewn::desc<&task::priority>, col<&task::id>)
                     .limit(20)
                     .offset(1);
    // [/page]
    expect("page", query, 2);
  }
  {
    // [extend]
    const auto open = hewn::from<task>.where(col<&task::state> == status::open);
    const auto urgent = open.where(col<&task::priority> > 2).limit(10);
    // [/extend]
    expect("extend", urgent, 1);
    CHECK(db.count(open) == 2);
  }
}

TEST_CASE("dynamic conditions") {
  auto db = make_database();
  add_tasks(db);
  docs::recorder sql(db);
  const std::optional<std::string> title = "read";
  const std::optional<std::int64_t> at_least;
  // [dynamic]
  hewn::condition<task> filter;  // empty: restricts nothing
  if (title) filter = filter && col<&task::title> == *title;
  if (at_least) filter = filter && col<&task::priority> >= *at_least;
  const auto found = db.all(hewn::from<task>.where(filter).order_by(col<&task::id>));
  // [/dynamic]
  REQUIRE(found.size() == 1);
  CHECK(found[0].title == "read");
  sql.expect("dynamic");

  CHECK(db.all(hewn::from<task>.where(hewn::condition<task>())).size() == 3);
}

// ---------------------------------------------------------------------------- transactions.md

TEST_CASE("transactions") {
  auto db = make_database();
  docs::recorder sql(db);
  {
    // [transaction]
    const std::int64_t id = db.transaction([](auto& tx) {
      const task t = tx.insert(task{.title = "plan"});
      tx.insert(team_member{.team = 1, .user = 1, .role = "owner"});
      return t.id;  // what the closure returns, transaction() returns
    });
    // [/transaction]
    CHECK(id == 1);
  }
  sql.expect("transaction");
  {
    // [savepoint]
    db.transaction([](auto& tx) {
      tx.insert(task{.title = "kept"});
      try {
        tx.transaction([](auto& inner) {
          inner.insert(task{.title = "undone"});
          inner.insert(team_member{.team = 1, .user = 1, .role = "again"});  // conflict
        });
      } catch (const hewn::error&) {
        // Only the inner part was rolled back.
      }
    });
    // [/savepoint]
  }
  sql.expect("savepoint");
  CHECK(db.count<task>() == 2);
  sql.forget();
  {
    // [read]
    const auto counts = db.read([](hewn::sqlite::transaction& tx) {
      return std::pair{tx.count<task>(), tx.count<user>()};  // both of one snapshot
    });
    // [/read]
    CHECK(counts == std::pair<std::int64_t, std::int64_t>{2, 0});
  }
  sql.expect("read");
  CHECK_THROWS_AS(db.read([](auto& tx) { tx.insert(task{.title = "no"}); }), hewn::error);
  sql.forget();
  {
    // [begin]
    auto tx = db.begin();
    tx.insert(task{.title = "by hand"});
    tx.commit();  // without it, the destructor rolls back
    // [/begin]
  }
  CHECK(db.count<task>() == 3);
  {
    int runs = 0;
    // [retry]
    db.transaction(hewn::retry{.attempts = 5}, [&](hewn::sqlite::transaction& tx) {
      ++runs;  // may run five times: whatever else it does must bear that
      tx.update_all<task>(col<&task::priority> = 1);
    });
    // [/retry]
    CHECK(runs == 1);
  }
  {
    // [options_mode]
    db.transaction({.mode = hewn::transaction_mode::exclusive, .retry = {.attempts = 3}},
                   [](auto& tx) { tx.insert(task{.title = "alone"}); });
    // [/options_mode]
    CHECK(db.count<task>() == 4);
  }
}

TEST_CASE("a transaction that the database rolled back") {
  auto db = make_database();
  db.insert(team_member{.team = 1, .user = 1, .role = "owner"});
  bool refused = false;
  try {
    // [aborted]
    db.transaction([&](auto& tx) {
      tx.insert(task{.title = "lost"});
      try {
        tx.execute(hewn::sql<"INSERT OR ROLLBACK INTO team_members VALUES (1, 1, 'x')">);
      } catch (const hewn::error&) {
        // SQLite has ended the whole transaction here.
      }
      tx.insert(task{.title = "not alone"});  // throws transaction_aborted
    });
    // [/aborted]
  } catch (const hewn::error& e) {
    refused = e.code() == hewn::errc::transaction_aborted;
  }
  CHECK(refused);
  CHECK(db.count<task>() == 0);
}

// ---------------------------------------------------------------------------- errors-in-code.md

TEST_CASE("errors") {
  auto db = make_database();
  db.insert(user{.email = "ada@example.org", .name = "Ada"});
  std::string said;
  // [catch]
  try {
    db.insert(user{.email = "ada@example.org", .name = "Another Ada"});
  } catch (const hewn::error& e) {
    if (e.code() == hewn::errc::conflict && e.is<&user::email>()) said = "this address is taken";
    else throw;
  }
  // [/catch]
  CHECK(said == "this address is taken");

  // [try_verb]
  const auto stored = db.try_insert(user{.email = "a", .name = "A"});
  if (!stored) said = stored.error().what();
  // [/try_verb]
  CHECK(said.starts_with("hewn: users.email must have 3 to 254 characters"));

  // [as_result]
  const auto both = hewn::as_result([&] {
    for (const task& t : db.each(hewn::from<task>)) said += t.title;
    return db.count<task>();
  });
  // [/as_result]
  CHECK(both.value() == 0);

  // [try]
  auto opened = hewn::sqlite::try_open("no/such/folder/app.db");
  if (!opened) said = to_string(opened.error().code());
  // [/try]
  CHECK(said == "cannot_open");

  // [try_transaction]
  const auto done = db.try_transaction([](auto& tx) {
    tx.insert(task{.title = "first"});
    return tx.insert(task{.title = "second"}).id;
  });
  const std::int64_t id = done ? *done : 0;
  // [/try_transaction]
  CHECK(id == 2);
}

// ---------------------------------------------------------------------------- raw-sql.md

TEST_CASE("raw SQL") {
  auto db = make_database();
  add_tasks(db);
  {
    // [raw_rows]
    struct backlog {
      status state;
      std::int64_t tasks;
      std::optional<double> priority;  // an expression may be NULL
    };
    const auto rows = db.all<backlog>(
        hewn::sql<"SELECT state, COUNT(*) AS tasks, AVG(priority) AS priority "
                  "FROM task WHERE priority > ? GROUP BY state ORDER BY state">,
        0);
    // [/raw_rows]
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].state == status::open);
    CHECK(rows[0].priority == 2.0);
  }
  {
    // [raw_values]
    const std::vector<std::string> titles =
        db.all<std::string>(hewn::sql<"SELECT title FROM task ORDER BY id">);
    const std::optional<std::int64_t> best =
        db.first<std::int64_t>(hewn::sql<"SELECT id FROM task WHERE state = ?">, status::running);
    // [/raw_values]
    CHECK(titles.size() == 3);
    CHECK(best == 2);
  }
  {
    const bool descending = true;
    // [raw_dynamic]
    std::string text = "SELECT id, title, state, priority, output FROM task ORDER BY priority";
    if (descending) text += " DESC";
    const auto tasks = db.all<task>(hewn::dynamic_sql(text));
    // [/raw_dynamic]
    REQUIRE(tasks.size() == 3);
    CHECK(tasks[0].title == "read");
  }
  struct narrow {
    std::int64_t id;
    std::string name;
  };
  try {
    db.all<narrow>(hewn::sql<"SELECT id, title FROM task">);
    FAIL("it was read");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::schema_mismatch);
    CHECK(std::string(e.what()) ==
          "hewn: the result for struct narrow: lacks column name, has column title that is no "
          "field; select exactly the fields, with AS where the name differs");
  }
}

// ---------------------------------------------------------------------------- statement-cache...

TEST_CASE("observer") {
  auto db = make_database();
  std::map<std::string, std::int64_t> slow;
  {
    // [observe]
    db.observe([&slow](const hewn::statement_event& e) {
      using namespace std::chrono_literals;
      if (e.failure != nullptr || e.duration > 50ms)
        slow[std::string(e.site.file) + ":" + std::to_string(e.site.line)] += e.rows;
    });
    // [/observe]
    try {
      db.get<task>(99);
    } catch (const hewn::error&) {
    }
    CHECK(slow.size() == 1);
    CHECK(slow.begin()->first.find("snippets_test.cpp") != std::string::npos);
    // [stop_observing]
    db.stop_observing();
    // [/stop_observing]
  }
  // [cache]
  db.set_statement_cache_capacity(200);
  // [/cache]
  CHECK(db.connection().cache().capacity() == 200);
}

// ---------------------------------------------------------------------------- choosing-sqlite-...

TEST_CASE("options") {
  const temporary_file file("docs.db");
  const std::string& path = file.path;
  hewn::sqlite::open(path);
  {
    // [open_service]
    auto db = hewn::sqlite::open(path, {.synchronous = hewn::sqlite::synchronous::normal,
                                        .busy_timeout = std::chrono::seconds(30)});
    // [/open_service]
    CHECK(db.one<std::int64_t>(hewn::sql<"PRAGMA synchronous">) == 1);
    CHECK(db.one<std::string>(hewn::sql<"PRAGMA journal_mode">) == "wal");
    CHECK(db.one<std::int64_t>(hewn::sql<"PRAGMA foreign_keys">) == 1);
  }
  {
    // [open_reader]
    auto db = hewn::sqlite::open(path, {.read_only = true});
    // [/open_reader]
    CHECK_THROWS_AS(db.execute(hewn::sql<"CREATE TABLE t (x)">), hewn::error);
  }
  {
    // [open_existing]
    auto db = hewn::sqlite::open(path, {.create = false});
    // [/open_existing]
    CHECK(db.one<std::int64_t>(hewn::sql<"PRAGMA synchronous">) == 2);
    CHECK(db.one<std::int64_t>(hewn::sql<"PRAGMA trusted_schema">) == 1);
  }
  {
    // [open_stranger]
    auto db = hewn::sqlite::open(path, {.trusted_schema = false});
    // [/open_stranger]
    CHECK(db.one<std::int64_t>(hewn::sql<"PRAGMA trusted_schema">) == 0);
  }
}

// ---------------------------------------------------------------------------- sync.md

TEST_CASE("sync") {
  auto db = hewn::sqlite::open(":memory:");
  {
    // [sync]
    const hewn::plan applied = hewn::sync<task, user>(db);
    // [/sync]
    CHECK(applied.steps().size() == 2);
    CHECK(hewn::sync<task, user>(db).empty());
  }
}

}  // namespace

namespace before {

// [sync_before]
struct person {
  std::int64_t id = 0;
  std::string name;
  std::string fax;
};
// [/sync_before]

}  // namespace before

namespace after {

// [sync_after]
struct person {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> mail;
  std::int64_t logins = 0;

  static consteval auto table() {
    return hewn::table("person").default_value<&person::logins>(0).index<&person::mail>();
  }
};
// [/sync_after]

}  // namespace after

namespace wider {

struct person {
  std::int64_t id = 0;
  std::string name;
  std::string fax;
  std::optional<std::string> mail;
  std::int64_t logins = 0;

  static consteval auto table() {
    return hewn::table("person").default_value<&person::logins>(0).index<&person::mail>();
  }
};

}  // namespace wider

namespace {

TEST_CASE("sync says how far it is") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE task (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO task VALUES (1, 'a')");
  struct task {
    std::int64_t id = 0;
    std::string name;
  };
  std::string last;
  const auto print = [&last](const std::string& line) { last = line; };
  // [sync_progress]
  hewn::sync<task>(db, {.progress = [&](const hewn::sync_progress& now) {
    print("step " + std::to_string(now.done + 1) + " of " + std::to_string(now.total));
    if (now.rows_total != 0)
      print(std::to_string(now.rows * 100 / now.rows_total) + " % of " + now.next.table);
  }});
  // [/sync_progress]
  CHECK(last.starts_with("step "));
}

TEST_CASE("sync reports what waits") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<before::person>(db);
  {
    using after::person;
    std::string text;
    // [sync_report]
    const hewn::plan plan = hewn::plan_sync<person>(db);  // reads only
    if (!plan.pending().empty()) text = hewn::report(plan);
    // [/sync_report]
    docs::check_region("sync_report", text, "reports.txt");
    bool refused = false;
    try {
      hewn::sync<person>(db);
    } catch (const hewn::error& e) {
      refused = e.code() == hewn::errc::approval_required;
      CHECK(std::string(e.what()).find("repair: ") != std::string::npos);
    }
    CHECK(refused);
  }
  docs::check_region("sync_additive", hewn::report(hewn::plan_sync<wider::person>(db)),
                     "reports.txt");
  std::string steps;
  for (const hewn::step& step : hewn::sync<wider::person>(db).steps()) steps += step.sql + ";\n";
  docs::check_region("sync_steps", steps);
}

}  // namespace
