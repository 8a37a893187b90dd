// tests/sync/apply_progress_test.cpp - what is told while a plan is carried out.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/schema_executor.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
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
