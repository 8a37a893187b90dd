// tests/query/expressions/sql_test.cpp - counting the places for values in SQL text.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/db/connection/transaction_script.hpp>
#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/query/expressions/sql.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string_view>

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
  static_assert(names_parameters("a = :_name"));
  static_assert(!names_parameters("a$1 = ?"));
  static_assert(count_parameters("a$$ = ? AND b$$ = ?") == 2);
  SUCCEED();
}

TEST_CASE("PostgreSQL's own quotes and comments are told from places for values") {
  constexpr auto places = [](std::string_view sql) {
    return count_parameters(sql, hewn::detail::bracket::subscript);
  };
  static_assert(places("E'it''s \\' ?' ?") == 1);
  static_assert(places("E'\\' ?") == 0);
  static_assert(places("/* /* ? */ ? */ ?") == 1);
  static_assert(places("-- ?\r?") == 1);
  static_assert(places("a[?] ` ? `") == 2);
  static_assert(places("$a$ ? $a$ ?") == 1);
  SUCCEED();
}

TEST_CASE("statements that control transactions are told from others") {
  constexpr auto controls = [](std::string_view sql) {
    const bool sqlite = controls_transaction(sql, hewn::dialect::sqlite);
    return sqlite && controls_transaction(sql, hewn::dialect::postgres);
  };
  constexpr auto may_control = [](std::string_view sql) {
    const bool sqlite = controls_transaction(sql, hewn::dialect::sqlite);
    return sqlite || controls_transaction(sql, hewn::dialect::postgres);
  };
  static_assert(controls("BEGIN"));
  static_assert(controls("\t/* a */ -- b\n commit;"));
  static_assert(controls("Rollback TO x"));
  static_assert(controls("SAVEPOINT \"x\""));
  static_assert(controls("release x"));
  static_assert(controls("END TRANSACTION"));
  static_assert(controls(";; /**/; ABORT"));
  static_assert(controls("PREPARE /**/ transaction 'x'"));
  static_assert(!may_control(""));
  static_assert(!may_control("/* BEGIN"));
  static_assert(!may_control("-- COMMIT"));
  static_assert(!may_control("SELECT 1; COMMIT"));
  static_assert(!may_control("ending"));
  static_assert(!may_control("PREPARE p AS SELECT 1"));
  // As each of them reads it.
  static_assert(controls_transaction("/* /* */ END", hewn::dialect::sqlite));
  static_assert(!controls_transaction("/* /* */ END", hewn::dialect::postgres));
  static_assert(!controls_transaction("/* /* */ */ END", hewn::dialect::sqlite));
  static_assert(controls_transaction("/* /* */ */ END", hewn::dialect::postgres));
  static_assert(!controls_transaction("--\rEND", hewn::dialect::sqlite));
  static_assert(controls_transaction("--\rEND", hewn::dialect::postgres));
  static_assert(
      controls_transaction("\xEF\xBB\xBF"
                           "END",
                           hewn::dialect::sqlite));
  SUCCEED();
}

TEST_CASE("a script for PostgreSQL is read for what controls transactions") {
  constexpr auto controls = [](std::string_view script, bool backslashes = false) {
    return hewn::detail::script_reader(script, backslashes).controls_transaction();
  };
  static_assert(controls("SELECT 1; COMMIT; BEGIN"));
  static_assert(controls("SELECT ';'; /* ; */ SELECT $$;$$;\nend"));
  static_assert(controls("SELECT '\\'; COMMIT"));
  static_assert(!controls("SELECT '\\'; COMMIT'", true));
  static_assert(controls("SELECT '\\''; COMMIT", true));
  static_assert(!controls("SELECT '; COMMIT'; SELECT \"; COMMIT\"; SELECT $x$; COMMIT; $x$"));
  static_assert(controls("SELECT a$x$; COMMIT; SELECT b$x$"));
  static_assert(!controls("CREATE RULE r AS ON DELETE TO t DO ALSO (SELECT 1; END)"));
  constexpr std::string_view function =
      "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true "
      "THEN "
      "1 END; END; SELECT 2";
  static_assert(!controls(function));
  static_assert(controls("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; END"));
  static_assert(controls("CREATE TABLE atomic (begin int); COMMIT"));
  static_assert(!controls("(; END"));
  SUCCEED();
}
