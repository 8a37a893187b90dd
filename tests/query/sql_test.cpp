// tests/query/sql_test.cpp - counting the places for values in SQL text.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/db/control_text.hpp>
#include <hewn/query/sql.hpp>

#include <catch2/catch_test_macros.hpp>

using hewn::detail::controls_transaction;
using hewn::detail::count_parameters;
using hewn::detail::names_parameters;

TEST_CASE("a question mark is a place for a value, unless it is quoted or commented out") {
  static_assert(count_parameters("") == 0);
  static_assert(count_parameters("?") == 1);
  static_assert(count_parameters("a = ? AND b IN (?,?)") == 3);
  static_assert(count_parameters("'?' \"?\" `?` [?] ?") == 1);
  static_assert(count_parameters("'it''s ?' ?") == 1);
  static_assert(count_parameters("-- ?\n?") == 1);
  static_assert(count_parameters("/* ? */ ? /**/ ? /*/ ? */ ?") == 3);
  static_assert(count_parameters("? -- ?") == 1);
  static_assert(count_parameters("? /* ?") == 1);
  static_assert(count_parameters("? '?") == 1);
  static_assert(count_parameters("? [?") == 1);
  static_assert(count_parameters("1 - ? / ? -- ?") == 2);
  SUCCEED();
}

TEST_CASE("named and numbered parameters are seen") {
  static_assert(names_parameters("a = ?1"));
  static_assert(names_parameters("a = $1"));
  static_assert(names_parameters("a = :name"));
  static_assert(!names_parameters("a = ? AND b = '?1 $1 :x'"));
  static_assert(!names_parameters("a::text = ?"));
  static_assert(!names_parameters("-- :name\n?"));
  SUCCEED();
}

TEST_CASE("statements that control transactions are told from others") {
  static_assert(controls_transaction("BEGIN"));
  static_assert(controls_transaction("\t/* a */ -- b\n commit;"));
  static_assert(controls_transaction("Rollback TO x"));
  static_assert(controls_transaction("SAVEPOINT \"x\""));
  static_assert(controls_transaction("release x"));
  static_assert(controls_transaction("END TRANSACTION"));
  static_assert(!controls_transaction(""));
  static_assert(!controls_transaction("/* BEGIN"));
  static_assert(!controls_transaction("-- COMMIT"));
  static_assert(!controls_transaction("SELECT 1; COMMIT"));
  static_assert(!controls_transaction("ending"));
  SUCCEED();
}
