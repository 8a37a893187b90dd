// tests/query/inspect/statement_tally_test.cpp - what counting statements costs, and what it keeps.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/query/inspect/statement_tally.hpp>

#include <support/own_memory.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

using hewn::detail::statement_observers;
using hewn::detail::statement_tally;
using support::own_memory;

namespace {

/// A connection that has run a statement of this text on this line.
struct teller {
  statement_observers connection;

  void operator()(const std::string& sql, unsigned line, const char* file = "shop.cpp",
                  const hewn::detail::statement_origin& origin = {}) {
    connection.tell({.sql = sql, .site = {file, "f", line}}, std::chrono::steady_clock::now(),
                    origin);
  }
};

/// How many allocations `action` makes of which the one with this number fails.
template <class Action>
std::int64_t allocations(Action&& action, std::int64_t failing = -1) {
  own_memory = {.count = 0, .at = failing, .counts = true};
  action();
  own_memory.counts = false;
  return own_memory.count;
}

}  // namespace

TEST_CASE("a statement that is known costs no allocation") {
  teller ran;
  statement_tally tally(1000);
  ran.connection.add(tally);
  std::string texts[100];
  for (unsigned i = 0; i != 100; ++i) {
    texts[i] = "SELECT a_column FROM a_table WHERE another_column = " + std::to_string(i);
    ran(texts[i], i % 7);
  }
  CHECK(allocations([&] {
          for (int round = 0; round != 1000; ++round)
            for (unsigned i = 0; i != 100; ++i) ran(texts[i], i % 7);
        }) == 0);
  CHECK(tally.statements() == 100'100);
  REQUIRE(tally.shapes().size() == 100);
  for (const statement_tally::shape& s : tally.shapes()) CHECK(s.ran == 1001);
}

TEST_CASE("a statement for which there is no memory is counted in the sum alone") {
  const std::string text = "SELECT a_column FROM a_table WHERE another_column = 1";
  for (std::int64_t failing = 0; failing != 2; ++failing) {
    teller ran;
    statement_tally tally(1000);
    ran.connection.add(tally);
    allocations([&] { ran(text, 1); }, failing);
    CHECK(tally.statements() == 1);
    CHECK(tally.shapes().size() == 0);
    CHECK(allocations([&] { ran(text, 1); }) == 2);
    CHECK(tally.statements() == 2);
    REQUIRE(tally.shapes().size() == 1);
    CHECK(tally.shapes()[0].ran == 1);
  }
}

TEST_CASE("a line of a header is one call site in every file that includes it") {
  teller ran;
  statement_tally tally(1000);
  ran.connection.add(tally);
  const std::string copies[] = {"model.hpp", "model.hpp"};
  for (const std::string& file : copies) ran("SELECT 1", 7, file.c_str());
  ran("SELECT 1", 8, copies[0].c_str());
  ran("SELECT 1", 7, "other.hpp");
  REQUIRE(tally.shapes().size() == 3);
  CHECK(tally.shapes()[0].ran == 2);
}

TEST_CASE("a call that runs many statements counts once for each text") {
  teller ran;
  statement_tally tally(1000);
  ran.connection.add(tally);
  for (const std::uint64_t call : std::initializer_list<std::uint64_t>{1, 1, 1, 2, 0, 0})
    for (const char* sql : {"SELECT 1", "SELECT 2"}) ran(sql, 1, "shop.cpp", {.bulk_call = call});
  ran("BEGIN", 1, "shop.cpp", {.control = true});
  CHECK(tally.statements() == 12);
  REQUIRE(tally.shapes().size() == 2);
  for (const statement_tally::shape& s : tally.shapes()) {
    CHECK(s.ran == 6);
    CHECK(s.calls == 4);
  }
}

TEST_CASE("counts of several add up, as far as there is room") {
  teller ran;
  statement_tally sum(2), one(1000);
  for (int round = 0; round != 2; ++round) {
    ran.connection.add(one);
    for (unsigned line = 1; line != 4; ++line) ran("SELECT 1", line);
    one.detach();
    one.detach();
    ran("SELECT 1", 1);
  }
  sum.add(one);
  sum.add(one);
  CHECK(sum.statements() == 12);
  REQUIRE(sum.shapes().size() == 2);
  CHECK(sum.shapes()[1].site.line == 2);
  CHECK(sum.shapes()[1].calls == 4);
}

TEST_CASE("a watch may outlive the connection, and go from one to another") {
  statement_tally tally(1000);
  teller next;
  {
    teller ran;
    ran.connection.add(tally);
    CHECK(ran.connection.any());
    ran("SELECT 1", 1);
    next.connection.add(tally);
    CHECK_FALSE(ran.connection.any());
    ran("SELECT 1", 1);
    ran.connection.add(tally);
  }
  CHECK_FALSE(next.connection.any());
  CHECK(tally.statements() == 1);
}
