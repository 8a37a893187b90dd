// tests/sync/apply/apply_progress_test.cpp - what is told while a plan is carried out.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/schema/schema_executor.hpp>

#include <support/failure.hpp>
#include <support/raw_sqlite.hpp>
#include <support/temporary_folder.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct item {
  std::int64_t id = 0;
  std::string name;
  std::int64_t price = 0;
};

constexpr std::int64_t row_count = 60'000;

// NOT NULL comes, which takes a rebuild.
hewn::sqlite::database filled() {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price INTEGER NOT NULL);"
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60000)"
      "INSERT INTO item SELECT i, 'name ' || i, i FROM n");
  return db;
}

struct report {
  std::size_t done = 0;
  std::size_t total = 0;
  hewn::step_kind kind = {};
  std::string table;
  std::int64_t rows = 0;
  std::int64_t rows_total = 0;
};

}  // namespace

TEST_CASE("a long copy tells how many rows of how many are done") {
  auto db = filled();
  std::vector<report> all;
  const hewn::applied done =
      hewn::sync<item>(db, {.progress = [&](const hewn::sync_progress& now) {
                         all.push_back({now.done, now.total, now.next.kind, now.next.table,
                                        now.rows, now.rows_total});
                       }});
  std::vector<std::int64_t> rows;
  std::size_t begun = 0;
  for (const report& r : all) {
    CHECK(r.total == done.steps().size());
    if (r.kind != hewn::step_kind::copy) {
      CHECK(r.rows == 0);
      CHECK(r.rows_total == 0);
      CHECK(r.done == begun++);
      continue;
    }
    if (rows.empty()) CHECK(r.done == begun++);
    CHECK(r.table == "item");
    CHECK(r.rows_total == row_count);
    rows.push_back(r.rows);
  }
  CHECK(begun == done.steps().size());
  REQUIRE(rows.size() > 3);
  CHECK(rows.size() <= 1002);
  CHECK(rows.front() == 0);
  CHECK(rows.back() == row_count);
  for (std::size_t i = 1; i != rows.size(); ++i) CHECK(rows[i] > rows[i - 1]);
}

TEST_CASE("what is thrown in the middle of a copy rolls everything back") {
  auto db = filled();
  const auto stop = [](const hewn::sync_progress& now) {
    if (now.rows > 0) throw std::runtime_error("enough");
  };
  CHECK_THROWS_AS(hewn::sync<item>(db, {.progress = stop}), std::runtime_error);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM item">) == row_count);
  CHECK(hewn::plan_sync<item>(db).changes().size() == 1);
  // Nobody is told of later copies on this connection.
  hewn::sync<item>(db);
  CHECK(hewn::plan_sync<item>(db).empty());
}

TEST_CASE("a hook on the copies of an executor is put back") {
  auto db = filled();
  hewn::sqlite::schema_executor executor(db.connection());
  int own = 0;
  executor.watch_copies([&](std::string_view, std::int64_t) { ++own; });
  const hewn::plan p = hewn::make_plan(executor, hewn::schema_of<item>(hewn::dialect::sqlite));
  hewn::apply(executor, p, {.progress = [](const hewn::sync_progress&) {}});
  CHECK(own == 0);
  CHECK(executor.watch_copies({}));
}

TEST_CASE("a table without rows is told of, too") {
  auto db = hewn::sqlite::open(":memory:");
  db.script("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price INTEGER NOT NULL)");
  int copies = 0;
  hewn::sync<item>(db, {.progress = [&](const hewn::sync_progress& now) {
                     if (now.next.kind != hewn::step_kind::copy) return;
                     ++copies;
                     CHECK(now.rows_total == 0);
                     CHECK(now.rows == 0);
                   }});
  CHECK(copies >= 1);
}

namespace renamed {

struct product {
  std::int64_t id = 0;
  std::string name;
  std::int64_t price = 0;
};

}  // namespace renamed

TEST_CASE("an intent can be said in the call, for this time") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<item>(db);
  db.insert(item{.name = "cup", .price = 3});
  db.script("CREATE TABLE old (a); CREATE TABLE product2 (a)");
  const std::vector<hewn::intent> meant = {
      {.kind = hewn::intent_kind::rename_table, .table = "product", .former = "item"},
      {.kind = hewn::intent_kind::drop_table, .table = "old"}};
  CHECK(hewn::plan_sync<renamed::product>(db).changes().size() == 1);  // a new table
  CHECK(hewn::plan_sync<renamed::product>(db, {.intents = meant}).changes().size() == 2);
  hewn::sync<renamed::product>(db, {.intents = meant});
  CHECK(db.get<renamed::product>(1).name == "cup");
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM sqlite_master WHERE name IN "
                                       "('old', 'item')">) == 0);
  // Said once more it means nothing, and does no harm.
  CHECK(hewn::plan_sync<renamed::product>(db, {.intents = meant}).empty());
}

namespace {

struct point {
  std::int64_t id = 0;
  std::int64_t x = 0;
  std::int64_t y = 0;
};

}  // namespace

TEST_CASE("two columns exchange their names in one call") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<point>(db);
  db.insert(point{.x = 1, .y = 2});
  hewn::sync<point>(db, {.intents = {{.kind = hewn::intent_kind::rename_column,
                                      .table = "point",
                                      .column = "x",
                                      .former = "y"},
                                     {.kind = hewn::intent_kind::rename_column,
                                      .table = "point",
                                      .column = "y",
                                      .former = "x"}}});
  CHECK(db.get<point>(1).x == 2);
  CHECK(db.get<point>(1).y == 1);
}

TEST_CASE("values for a new column are said in the call") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
      "INSERT INTO item VALUES (1, 'cup')");
  CHECK(hewn::plan_sync<item>(db).blocked());
  hewn::sync<item>(db, {.intents = {{.kind = hewn::intent_kind::backfill,
                                     .table = "item",
                                     .column = "price",
                                     .expression = "length(name)"}}});
  CHECK(db.get<item>(1).price == 3);
}

// ---- callbacks in the middle of an apply

namespace {

struct note {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("notes").dropped("secret"); }
};

const char* const two_secrets =
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL, secret TEXT);"
    "INSERT INTO notes VALUES (1, 'a', 'x'), (2, 'b', 'y')";

}  // namespace

TEST_CASE("no callback of an apply gets more past its approval", "[p:A11]") {
  const support::temporary_folder folder("callbacks");
  const std::string file = folder.path + "/app.db";
  auto db = hewn::sqlite::open(file);
  db.script(two_secrets);
  const hewn::plan p = hewn::plan_sync<note>(db);
  hewn::approval a = hewn::approve(db, p, "nobody reads them", {.approver = "ada"});
  a.signature = "s";
  hewn::sync_options options{.approvals = {a}};
  int called = 0;
  const auto write = [&] {
    ++called;
    db.execute(hewn::sql<"INSERT INTO notes VALUES (3, 'c', 'z')">);
  };
  SECTION("progress writes by a verb") {
    options.progress = [&](const hewn::sync_progress&) { write(); };
  }
  SECTION("progress writes by a script") {
    options.progress = [&](const hewn::sync_progress&) {
      ++called;
      db.script("INSERT INTO notes VALUES (3, 'c', 'z')");
    };
  }
  SECTION("progress begins a transaction") {
    options.progress = [&](const hewn::sync_progress&) {
      ++called;
      auto tx = db.begin();
      tx.commit();
    };
  }
  SECTION("progress drops the refusal") {
    options.progress = [&](const hewn::sync_progress&) {
      ++called;
      CHECK_FALSE(db.try_execute(hewn::sql<"INSERT INTO notes VALUES (3, 'c', 'z')">));
      throw hewn::error(hewn::errc::usage, "hewn: a test; go on with it");
    };
  }
  SECTION("progress uses the handle") {
    sqlite3* const handle = db.connection().native().native();
    options.progress = [&called, handle](const hewn::sync_progress&) {
      ++called;
      sqlite3_exec(handle, "INSERT INTO notes VALUES (3, 'c', 'z')", nullptr, nullptr, nullptr);
    };
  }
  SECTION("the policy writes when it decides") {
    options.policy = options.policy.tightened([&](const hewn::change&) {
      if (db.connection().state().depth() != 0) write();
      return hewn::decision::allow;
    });
  }
  SECTION("the verifier writes when it looks at the signature") {
    options.policy.verifier = [&](const hewn::approval&) {
      write();
      return true;
    };
  }
  const hewn::error failure = support::failure_of([&] { hewn::apply_plan(db, p, options); });
  CHECK(called == 1);
  CHECK(failure.code() == hewn::errc::usage);
  CHECK(db.all<std::string>(hewn::sql<"SELECT secret FROM notes">) ==
        std::vector<std::string>{"x", "y"});
  // The connection is as it was, and so is the approval.
  hewn::apply_plan(db, p, {.approvals = {a}});
  CHECK(db.count<note>() == 2);
}

TEST_CASE("a callback that writes in the middle of a copy, on a handle, changes nothing",
          "[p:A11]") {
  support::raw_sqlite db;
  db.run(
      "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price INTEGER NOT NULL);"
      "CREATE TABLE other (x);"
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60000)"
      "INSERT INTO item SELECT i, 'name ' || i, i FROM n");
  const hewn::plan p = hewn::make_plan(db, hewn::schema_of<item>(hewn::dialect::sqlite));
  bool late = false;
  const hewn::error failure = support::failure_of([&] {
    hewn::apply(db, p, {.progress = [&](const hewn::sync_progress& now) {
                  late |= now.rows > 0;
                  if (late) db.run("INSERT INTO other VALUES (1)");
                }});
  });
  CHECK(late);
  CHECK(failure.code() == hewn::errc::usage);
  CHECK(db.column("SELECT count(*) FROM other") == std::vector<std::string>{"0"});
  CHECK(db.column("SELECT count(*) FROM item") == std::vector<std::string>{"60000"});
}

TEST_CASE("a callback cannot end the transaction around an apply", "[p:A11]") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(two_secrets);
  const hewn::plan p = hewn::plan_sync<note>(db);
  const hewn::approval a = hewn::approve(db, p, "nobody reads them", {.approver = "ada"});
  for (const bool inner : {false, true}) {
    auto outer = db.begin();
    auto around = outer.begin();
    const hewn::error failure = support::failure_of([&] {
      hewn::apply_plan(db, p, {.approvals = {a}, .progress = [&](const hewn::sync_progress&) {
                                 inner ? around.rollback() : outer.rollback();
                               }});
    });
    CHECK(failure.code() == hewn::errc::transaction_aborted);
    outer.rollback();
    CHECK(hewn::plan_sync<note>(db).fingerprint() == p.fingerprint());
  }
}

// ---- the backup of an apply in the caller's transaction

TEST_CASE("the backup has what the caller's transaction wrote before the apply", "[p:A11]") {
  for (const char* mode : {"wal", "delete"}) {
    const support::temporary_folder folder("own_rows");
    const std::string file = folder.path + "/app.db";
    auto db = hewn::sqlite::open(file);
    db.script("PRAGMA journal_mode = " + std::string(mode));
    db.script(two_secrets);
    CAPTURE(mode);
    auto tx = db.begin();
    tx.execute(hewn::sql<"INSERT INTO notes VALUES (3, 'c', 'z')">);
    tx.execute(hewn::sql<"UPDATE notes SET secret = 'w' WHERE id = 1">);
    const hewn::plan p = hewn::plan_sync<note>(db);
    const hewn::approval a = hewn::approve(db, p, "nobody reads them", {.approver = "ada"});
    const hewn::applied done = hewn::apply_plan(db, p, {.approvals = {a}});
    tx.commit();
    REQUIRE(std::filesystem::exists(done.backup));
    const auto saved = hewn::sqlite::open(done.backup);
    CHECK(saved.all<std::string>(hewn::sql<"SELECT secret FROM notes ORDER BY id">) ==
          std::vector<std::string>{"w", "y", "z"});
    CHECK(saved.one<std::string>(hewn::sql<"PRAGMA integrity_check">) == "ok");
    CHECK(db.count<note>() == 3);
  }
}

TEST_CASE("the backup of a handle in a transaction has its rows as well", "[p:A11]") {
  const support::temporary_folder folder("own_rows_of_handle");
  support::raw_sqlite db(folder.path + "/app.db");
  db.run(two_secrets);
  db.run("BEGIN; INSERT INTO notes VALUES (3, 'c', 'z')");
  const hewn::plan p = hewn::make_plan(db, hewn::schema_of<note>(hewn::dialect::sqlite));
  const hewn::approval a = hewn::approve(db, p, "nobody reads them", {.approver = "ada"});
  const hewn::applied done = hewn::apply(db, p, {.approvals = {a}});
  db.run("COMMIT");
  support::raw_sqlite saved(done.backup);
  CHECK(saved.column("SELECT secret FROM notes ORDER BY id") ==
        std::vector<std::string>{"x", "y", "z"});
}
