// tests/sqlite/many_keys_test.cpp - what SQLite reads to find the rows of many keys.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/write/many_keys_select.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>

namespace {

struct line {
  std::string paper;
  std::int64_t number = 0;
  std::string text;
  static consteval auto table() {
    return hewn::table("lines").primary_key<&line::paper, &line::number>();
  }
};

struct turned_line {
  std::string paper;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("turned").primary_key<&turned_line::number, &turned_line::paper>();
  }
};

struct numbered_line {
  std::int64_t paper = 0;
  std::int64_t number = 0;
  bool even = false;
  static consteval auto table() {
    return hewn::table("numbered")
        .primary_key<&numbered_line::paper, &numbered_line::number, &numbered_line::even>();
  }
};

struct step_of_plan {
  std::int64_t id = 0, parent = 0, notused = 0;
  std::string detail;
};

/// Whether every column of the key is looked up in its index.
template <class T>
bool finds_by_whole_key(const hewn::sqlite::database& db) {
  const hewn::table_info& table = hewn::table_of<T>;
  std::string plan;
  for (const step_of_plan& step : db.all<step_of_plan>(
           hewn::dynamic_sql("EXPLAIN QUERY PLAN " +
                             hewn::select_by_keys_sql(table, hewn::dialect::sqlite)),
           "[]"))
    plan += step.detail + '\n';
  CAPTURE(plan);
  std::string all;
  for (const std::uint8_t k : table.key)
    all += (all.empty() ? "(" : " AND ") + std::string(table.columns[k].name) + "=?";
  const bool found = plan.find(all + ")") != plan.npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("rows of many keys of several columns are found by the whole index") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<line, turned_line, numbered_line>(db);
  CHECK(finds_by_whole_key<line>(db));
  CHECK(finds_by_whole_key<turned_line>(db));
  CHECK(finds_by_whole_key<numbered_line>(db));
  for (std::int64_t i = 0; i != 9; ++i) {
    db.insert(line{.paper = "p", .number = i, .text = std::to_string(i)});
    db.insert(turned_line{.paper = std::to_string(i), .number = 7});
  }
  CHECK(db.get_many<line>({{"p", 3}, {"p", 3}, {"p", 5}, {"q", 3}}).size() == 2);
  CHECK(db.get_many<turned_line>({{7, "3"}, {7, "03"}, {3, "7"}}).size() == 1);
}
