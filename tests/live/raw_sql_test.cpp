// tests/live/raw_sql_test.cpp - SQL that a person wrote.
// SPDX-License-Identifier: BSL-1.0
#include <support/place.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::dynamic_sql;
using hewn::errc;
using hewn::sql;
using support::either;
using support::failure_of;
using support::says;
using support::secret;

namespace {

enum class color { red, green };

struct item {
  std::int64_t id = 0;
  std::string name;
  std::optional<double> price;
  color shade = color::red;
};

struct summary {
  std::string name;
  std::int64_t total = 0;
  std::optional<double> average;
};

struct view_of_item {
  std::string_view name;
  std::int64_t id = 0;
};

using database = support::database;

database open_items() {
  auto db = support::open_new();
  hewn::sync<item>(db);
  db.insert_many(std::vector<item>{{.name = "a", .price = 1.5},
                                   {.name = "b", .price = 2.5, .shade = color::green},
                                   {.name = "a"}});
  return db;
}

constexpr std::string_view select_text =
    "SELECT name, COUNT(*) AS total, AVG(price) AS average "
    "FROM item GROUP BY name ORDER BY name";

}  // namespace

TEST_CASE("rows are read by the names of their columns, in any order") {
  const auto db = open_items();
  const auto in_order = db.all<summary>(dynamic_sql(select_text));
  const auto shuffled =
      db.all<summary>(sql<"SELECT AVG(price) AS average, name, COUNT(*) AS total FROM item "
                          "GROUP BY name ORDER BY name">);
  REQUIRE(in_order.size() == 2);
  REQUIRE(shuffled.size() == 2);
  for (std::size_t i = 0; i != 2; ++i) {
    CHECK(in_order[i].name == shuffled[i].name);
    CHECK(in_order[i].total == shuffled[i].total);
    CHECK(in_order[i].average == shuffled[i].average);
  }
  CHECK(in_order[0].total == 2);
  CHECK(in_order[0].average == 1.5);
  CHECK(db.all<item>(sql<"SELECT * FROM item">)[1].shade == color::green);
}

TEST_CASE("a result that does not fit the struct is reported in full") {
  const auto db = open_items();
  const auto failure = failure_of([&] {
    db.all<summary>(sql<"SELECT id AS total, id AS \"Name\", price AS x, id AS total FROM item">);
  });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure, "summary"));
  CHECK(says(failure, "lacks column name"));
  CHECK(says(failure, "lacks column average"));
  CHECK(says(failure, "has column total more than once"));
  CHECK(says(failure, "has column Name that is no field"));
  CHECK(says(failure, "has column x that is no field"));
  const auto types = failure_of(
      [&] { db.all<summary>(sql<"SELECT id AS name, name AS total, name AS average FROM item">); });
  CHECK(says(types, "column name is " + either("INTEGER", "bigint")));
  CHECK(says(types, "column total is " + either("TEXT", "text")));
  CHECK(says(types, "column average is " + either("TEXT", "text")));
  // Also when there is no row.
  CHECK(failure_of([&] { db.all<summary>(sql<"SELECT id FROM item WHERE id < 0">); }).code() ==
        errc::schema_mismatch);
}

TEST_CASE("expressions are judged by their values") {
  const auto db = open_items();
  const auto failure = failure_of(
      [&] { db.all<summary>(sql<"SELECT 'x' AS name, 'y' AS total, NULL AS average">); });
  // SQLite's expressions have no type of their own, so their values are judged.
  CHECK(failure.code() == (support::on_postgres ? errc::schema_mismatch : errc::invalid_data));
  CHECK(failure.column() == (support::on_postgres ? "" : "total"));
}

TEST_CASE("single values") {
  const auto db = open_items();
  CHECK(db.one<std::int64_t>(sql<"SELECT COUNT(*) FROM item">) == 3);
  CHECK(db.all<std::string>(sql<"SELECT name FROM item ORDER BY id">) ==
        std::vector<std::string>{"a", "b", "a"});
  CHECK(db.one<color>(sql<"SELECT shade FROM item WHERE id = ?">, 2) == color::green);
  CHECK(db.all<std::optional<double>>(sql<"SELECT price FROM item ORDER BY id">)[2] ==
        std::nullopt);
  CHECK(db.first<std::string>(sql<"SELECT name FROM item WHERE id = ?">, 9) == std::nullopt);
  CHECK(
      db.first<std::optional<double>>(sql<"SELECT price FROM item WHERE id = ?">, 3)->has_value() ==
      false);
  std::int64_t sum = 0;
  for (const std::int64_t& id : db.each<std::int64_t>(sql<"SELECT id FROM item">)) sum += id;
  CHECK(sum == 6);
  const auto null =
      failure_of([&] { db.one<std::int64_t>(sql<"SELECT MAX(id) FROM item WHERE id < 0">); });
  CHECK(null.code() == errc::invalid_data);
  CHECK(failure_of([&] { db.one<std::int64_t>(sql<"SELECT id, name FROM item">); }).code() ==
        errc::schema_mismatch);
}

TEST_CASE("views while streaming") {
  const auto db = open_items();
  std::string names;
  for (const view_of_item& row :
       db.each<view_of_item>(sql<"SELECT id, name FROM item ORDER BY id">))
    names += row.name;
  CHECK(names == "aba");
  for (const std::string_view& name : db.each<std::string_view>(sql<"SELECT name FROM item">))
    CHECK(name.size() == 1);
}

TEST_CASE("values of every kind are bound") {
  const auto db = open_items();
  const std::string text = "t";
  const char* const pointer = "p";
  CHECK(db.one<std::string>(sql<"SELECT ? || ? || ? || ?">, text, "literal", pointer,
                            std::string_view("v")) == "tliteralpv");
  CHECK(db.one<bool>(sql<"SELECT CAST(? AS BOOLEAN)">, true));
  CHECK(db.one<double>(sql<"SELECT ? + 0.5">, 1) == 1.5);
  CHECK(db.one<std::string>(sql<"SELECT ?">, color::green) == "green");
  CHECK(db.one<std::optional<std::string>>(sql<"SELECT ?">, std::optional<std::string>()) ==
        std::nullopt);
  CHECK(db.one<std::int64_t>(sql<"SELECT COUNT(*) FROM item WHERE shade = ? AND price < ?">,
                             color::red, 2.0F) == 1);
}

TEST_CASE("a question mark in quotes or a comment is no value") {
  const auto db = open_items();
  CHECK(db.one<std::string>(sql<"SELECT '?' || /* ? */ ? -- ?\n || \"name\" FROM item "
                                "WHERE id = 1">,
                            "x") == "?xa");
}

TEST_CASE("another number of values than places") {
  const auto db = open_items();
  const dynamic_sql text("SELECT id FROM item WHERE id = ? AND name = ?");
  const auto fewer = failure_of([&] { db.all<std::int64_t>(text, 1); });
  CHECK(fewer.code() == errc::usage);
  CHECK(says(fewer, "2 places"));
  CHECK(says(fewer, "1 are given"));
  CHECK(failure_of([&] { db.all<std::int64_t>(text); }).code() == errc::usage);
  CHECK(failure_of([&] { db.all<std::int64_t>(text, 1, secret, secret); }).code() == errc::usage);
  CHECK(db.all<std::int64_t>(text, 1, "a").size() == 1);
}

TEST_CASE("a parameter that would get the value of another is refused before anything runs",
          "[p:C4]") {
  const auto db = open_items();
  const auto refused = [&](const std::string& text, const auto&... values) {
    CAPTURE(text);
    const auto failure = failure_of([&] { db.execute(dynamic_sql(text), values...); });
    CHECK(failure.code() == errc::usage);
    CHECK(says(failure, "write each parameter as ?"));
    CHECK(db.one<std::int64_t>(sql<"SELECT COUNT(*) FROM item WHERE name = 'b'">) == 1);
  };
  refused("UPDATE item SET name = ? WHERE id = $1", "x", 2);
  refused("UPDATE item SET name = $1 WHERE id = ?", "x", 2);
  refused("UPDATE item SET name = ?1 WHERE id = ?", "x", 2);
  refused("UPDATE item SET name = ? WHERE id = :id", "x", 2);
  refused("UPDATE item SET name = ?/**/ WHERE id =:id", "x", 2);
  if (support::on_postgres) {
    refused("UPDATE item SET name = ?1 WHERE id = ?2", "x", 2);
    refused("UPDATE item SET name = :name WHERE id = :id", "x", 2);
  } else {
    refused("UPDATE item SET name = $2 WHERE id = $1", 2, "x");
    refused("UPDATE item SET name = ? WHERE id = @id", "x", 2);
    refused("UPDATE item SET name = ? WHERE id = $id", "x", 2);
    refused("UPDATE item SET name = :name WHERE id = ?2", "x", 2);
    refused("UPDATE item SET name = $1 WHERE id = :1", "x", 2);
  }
}

TEST_CASE("what only looks like a parameter is none, and those of the database's own are its",
          "[p:C4]") {
  const auto db = open_items();
  const auto number = [&](const std::string& text, const auto&... values) {
    CAPTURE(text);
    return db.one<std::int64_t>(dynamic_sql(text), values...);
  };
  CHECK(number("SELECT id FROM item WHERE id = ? AND '?1 $1 :x' <> 'y' /* $1 :x */ -- ?1", 2) == 2);
  CHECK(number("SELECT id AS \"n $1 :x\" FROM item WHERE id = ?", 2) == 2);
  CHECK(number("SELECT i$1.id AS n$1 FROM item AS i$1 WHERE i$1.id = ?", 2) == 2);
  if (support::on_postgres) {
    CHECK(number("SELECT $2::bigint - $1::bigint", 1, 4) == 3);
    CHECK(number("SELECT ?::bigint - (ARRAY[5, 6])[?::int]", 9, 1) == 4);
    CHECK(number("SELECT array_length((ARRAY[5, 6, 7])[lo:hi], 1)::bigint FROM (SELECT 1 AS lo, "
                 "?::int AS hi) AS ends",
                 2) == 2);
    CHECK(number("SELECT id FROM item WHERE id = ? AND '{\"a\": 1}'::jsonb ?? 'a'", 2) == 2);
    CHECK(number("SELECT length($$?1 :x$$ || $a$ $1 ? $a$ || E'\\'$1 ?')::bigint + ?::bigint", 1) ==
          17);
    db.script("CREATE FUNCTION twice(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 2 * $1'");
    CHECK(
        db.execute(dynamic_sql("CREATE FUNCTION thrice(bigint) RETURNS bigint LANGUAGE sql RETURN "
                               "3 * $1")) == 0);
    CHECK(number("SELECT twice(?) + thrice(?)", 1, 1) == 5);
  } else {
    CHECK(number("SELECT ?2 - ?1", 1, 4) == 3);
    CHECK(number("SELECT $1 - $2 - $1", 1, 4) == -4);
    CHECK(number("SELECT :b - @a - :b", 1, 4) == -4);
    CHECK(number("SELECT id AS [n ? $1] FROM item AS `?1` WHERE id = ?", 2) == 2);
    CHECK(number("SELECT id FROM item WHERE id = ? AND json_extract('{\"a\": 1}', '$.a') = 1", 2) ==
          2);
  }
}

TEST_CASE("one statement, not two, and not none") {
  const auto db = open_items();
  for (const char* text : {"SELECT 1; DELETE FROM item", "DELETE FROM item; SELECT 1",
                           "SELECT 1;;x", "", " ", ";", "-- only a comment"}) {
    CAPTURE(text);
    const errc code = failure_of([&] { db.execute(dynamic_sql(text)); }).code();
    // PostgreSQL reads all of the text before it counts statements.
    CHECK((code == errc::usage || (support::on_postgres && code == errc::syntax)));
  }
  CHECK(db.one<std::int64_t>(dynamic_sql("SELECT 1;")) == 1);
  CHECK(db.one<std::int64_t>(dynamic_sql("SELECT 1 ; -- done\n /* really */ ;")) == 1);
  CHECK(failure_of([&] {
          db.execute(dynamic_sql(std::string_view("SELECT 1\0; DELETE FROM item", 26)));
        }).code() == errc::usage);
  CHECK(db.count<item>() == 3);
}

TEST_CASE("execute tells how many rows it changed") {
  const auto db = open_items();
  CHECK(db.execute(sql<"UPDATE item SET price = ? WHERE name = ?">, 9.0, "a") == 2);
  CHECK(db.execute(sql<"UPDATE item SET price = 1 WHERE name = 'nobody'">) == 0);
  CHECK(db.execute(sql<"INSERT INTO item (name, shade) VALUES ('c', 'red')">) == 1);
  CHECK(db.execute(sql<"CREATE TABLE other (x BIGINT)">) == 0);
  CHECK(db.execute(sql<"SELECT * FROM item">) == 0);
  CHECK(db.execute(sql<"INSERT INTO other SELECT id FROM item RETURNING x">) == 4);
  CHECK(db.execute(sql<"DELETE FROM other WHERE x > ?">, 1) == 3);
  CHECK(db.execute(sql<"DROP TABLE other">) == 0);
}

TEST_CASE("scripts run every statement") {
  const auto db = open_items();
  db.script(
      std::string("CREATE TABLE a (x TEXT);\n"
                  "-- a comment with ; in it\n"
                  "INSERT INTO a VALUES ('semi;colon'), ('quo''te');;\n") +
      either("CREATE TRIGGER t AFTER INSERT ON a BEGIN "
             "INSERT INTO a VALUES ('1'); SELECT 2; END;\n",
             "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
             "IF pg_trigger_depth() = 1 THEN INSERT INTO a VALUES ('1'); END IF; RETURN NULL; "
             "END $$; CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();\n") +
      "INSERT INTO a VALUES ('last') -- no semicolon");
  CHECK(db.one<std::int64_t>(sql<"SELECT COUNT(*) FROM a">) == 4);
  db.script("");
  db.script(" \n;; -- nothing");
}

TEST_CASE("a script stops at its first failure") {
  const auto db = open_items();
  const auto failure = failure_of([&] {
    db.script("DELETE FROM item WHERE id = 1; INSERT INTO nowhere VALUES (1); DELETE FROM item");
  });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(failure.table() == "nowhere");
  // PostgreSQL runs a script as one transaction.
  const std::int64_t left = support::on_postgres ? 3 : 2;
  CHECK(db.count<item>() == left);
  CHECK(failure_of([&] {
          db.script(std::string_view("DELETE FROM item\0 WHERE id = 1", 30));
        }).code() == errc::usage);
  CHECK(db.count<item>() == left);
}

TEST_CASE("a text of run time is kept by its text, not by where it lies") {
  const auto db = open_items();
  std::string text = "SELECT COUNT(*) FROM item WHERE id > ?";
  CHECK(db.one<std::int64_t>(dynamic_sql(text), 1) == 2);
  text = "SELECT COUNT(*) FROM item WHERE id < ?";
  CHECK(db.one<std::int64_t>(dynamic_sql(text), 3) == 2);
  text.back() = '3';
  CHECK(db.one<std::int64_t>(dynamic_sql(text)) == 2);
}
