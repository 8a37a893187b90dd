// tests/postgres/client/cache_test.cpp - prepared statements between their uses, on a server.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::dynamic_sql;
using hewn::from;

namespace {

struct item {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> note;
  static consteval auto table() { return hewn::table("items").unique<&item::name>(); }
};

support::database open_items(const support::place& where) {
  auto db = where.open();
  hewn::sync<item>(db);
  for (const char* name : {"a", "b", "c"}) db.insert(item{.name = name});
  return db;
}

std::int64_t prepared_on_server(const support::database& db) {
  // Not counting itself.
  return db.one<std::int64_t>(
      hewn::sql<"SELECT COUNT(*) FROM pg_prepared_statements WHERE statement NOT LIKE "
                "'%pg_prepared_statements%'">);
}

}  // namespace

TEST_CASE("run-time statements are kept up to the capacity, none and one included", "[C3]") {
  const support::place where;
  auto db = open_items(where);
  const auto kept_of_ten = [&](std::size_t capacity) {
    db.set_statement_cache_capacity(capacity);
    for (int i = 0; i != 10; ++i)
      CHECK(db.one<int>(dynamic_sql("SELECT " + std::to_string(i) + " + 0 * ?"), 1) == i);
    db.one<int>(dynamic_sql("SELECT -1"));  // the next to be prepared tells the server
    return db.one<std::int64_t>(
        hewn::sql<"SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE '%0 * $1'">);
  };
  CHECK(kept_of_ten(20) == 10);
  CHECK(kept_of_ten(1) <= 1);
  CHECK(kept_of_ten(0) <= 1);
  // What is in use is not evicted.
  std::vector<std::int64_t> ids;
  for (const std::int64_t& id :
       db.each<std::int64_t>(dynamic_sql("SELECT id FROM items ORDER BY id"))) {
    ids.push_back(id);
    kept_of_ten(ids.size() % 2);
  }
  CHECK(ids == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("a thousand texts keep the server's memory bounded", "[C8]") {
  const support::place where;
  const auto db = open_items(where);
  const auto before = prepared_on_server(db);
  for (int i = 0; i != 1000; ++i)
    db.one<std::int64_t>(dynamic_sql("SELECT " + std::to_string(i) + "::bigint"));
  // The capacity, and what waits for the next to be prepared.
  CHECK(prepared_on_server(db) <= before + 64 + 2);
  // Many rows are one text, however many.
  const auto sizes = [&](int from_count, int to_count) {
    for (int n = from_count; n != to_count; ++n) {
      std::vector<item> rows;
      for (int i = 0; i != n; ++i)
        rows.push_back({.name = std::to_string(n) + "." + std::to_string(i)});
      db.insert_many(rows);
      db.insert_many(std::vector<item>{});
    }
  };
  sizes(1, 2);
  sizes(30, 31);
  const auto with_bulk = prepared_on_server(db);
  sizes(2, 30);
  CHECK(prepared_on_server(db) <= with_bulk + 1);
}

TEST_CASE("no value becomes text, and names come back as they were given", "[S1][S2]") {
  const support::place where;
  const auto db = open_items(where);
  const std::string hostile = "'); DROP TABLE items; --";
  db.insert(item{.name = hostile, .note = "$1 ? \\ \" $$ ' \xe2\x80\x99"});
  CHECK(db.one(from<item>.where(col<&item::name> == hostile)).note ==
        "$1 ? \\ \" $$ ' \xe2\x80\x99");
  std::vector<item> many(20);
  for (std::size_t i = 0; i != many.size(); ++i) many[i].name = hostile + std::to_string(i);
  db.insert_many(many);
  CHECK(db.count<item>() == 24);
  // Any bytes that are a name at all.
  std::uint64_t random = 7;
  int created = 0;
  const char* const pieces[] = {"a", "\"", "'", "\\",       ";",  "\n",
                                " ", "$1", "?", "\xc3\xa9", "--", "."};
  for (int i = 0; i != 200; ++i) {
    std::string name;
    for (auto n = hewn::detail::next_random(random) % 40; n != 0; --n)
      name += pieces[hewn::detail::next_random(random) % std::size(pieces)];
    if (i % 20 == 0) name += i % 40 == 0 ? std::string(1, '\0') : "\xff";
    std::string quoted;
    try {
      quoted = hewn::quote_identifier(name, hewn::dialect::postgres);
    } catch (const hewn::error& e) {
      support::check_grammar(e);
      continue;
    }
    db.script("CREATE TABLE " + quoted + " (x int)");
    CHECK(db.one<std::int64_t>(
              hewn::sql<
                  "SELECT COUNT(*) FROM pg_class WHERE relname = ? AND pg_table_is_visible(oid)">,
              name) == 1);
    db.script("DROP TABLE " + quoted);
    ++created;
  }
  CHECK(created > 100);
}
