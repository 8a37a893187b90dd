// tests/query/statements/render_test.cpp - the SQL text of queries, without a database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

using hewn::asc;
using hewn::col;
using hewn::desc;
using hewn::dialect;
using hewn::from;

namespace {

enum class status { idle, running };

struct task {
  std::int64_t id = 0;
  std::string name;
  status state = status::idle;
  std::optional<double> cost;
  bool done = false;
  hewn::timestamp made{}, changed{};
  static consteval auto table() {
    return hewn::table("tasks").created<&task::made>().updated<&task::changed>();
  }
};

struct cell {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::string text;
  std::string upper;
  static consteval auto table() {
    return hewn::table("ce\"lls").primary_key<&cell::y, &cell::x>().generated<&cell::upper>(
        "upper(text)");
  }
};

struct versioned {
  std::int64_t id = 0;
  std::int16_t version = 0;
  std::string text;
  static consteval auto table() {
    return hewn::table().version<&versioned::version>().column<&versioned::version>("v\"n");
  }
};

struct kept {
  std::int64_t a = 0;
  std::int64_t version = 0;
  std::int64_t b = 0;
  std::optional<hewn::timestamp> gone;
  hewn::timestamp changed;
  static consteval auto table() {
    return hewn::table()
        .primary_key<&kept::b, &kept::a>()
        .version<&kept::version>()
        .soft_delete<&kept::gone>()
        .updated<&kept::changed>();
  }
};

struct only_key {
  std::int64_t id = 0;
};

using what = hewn::detail::query_statement;

template <what What, class Query>
std::string text_of(const Query& query, dialect d) {
  std::string text;
  hewn::detail::sql_writer out{text, d};
  hewn::detail::write_query(out, hewn::table_of<typename Query::record_type>, What,
                            &hewn::detail::write_part<Query, What>, &query);
  return text;
}

constexpr std::string_view every = R"("id", "name", "state", "cost", "done", "made", "changed")";

// What follows `SELECT ... FROM "tasks"`.
template <dialect D, class Query>
std::string tail(const Query& query) {
  const std::string text = text_of<what::select>(query, D);
  const std::string head = "SELECT " + std::string(every) + " FROM \"tasks\"";
  REQUIRE(text.starts_with(head));
  return text.substr(head.size());
}

struct wanted {
  std::string sqlite;
  std::string postgres;
};

template <class Query>
void check_tail(const Query& query, const wanted& w) {
  CHECK(tail<dialect::sqlite>(query) == w.sqlite);
  CHECK(tail<dialect::postgres>(query) == w.postgres);
}

// The same condition typed and put together at run time must have the same text.
template <class Condition>
void check_where(const Condition& condition, const wanted& w) {
  const wanted whole{" WHERE " + w.sqlite, " WHERE " + w.postgres};
  check_tail(from<task>.where(condition), whole);
  check_tail(from<task>.where(hewn::condition<task>(condition)), whole);
}

template <dialect D, class Where, class... Set>
std::string update_text(const Where& where, bool returning, const Set&... set) {
  using request = hewn::detail::update_request<task, Where, Set...>;
  const request r{where, {set...}, {}, returning};
  return text_of<what::update>(r, D);
}

}  // namespace

TEST_CASE("a query without conditions") {
  check_tail(from<task>, {"", ""});
  check_tail(from<task>.order_by(col<&task::name>, desc<&task::id>, asc<&task::cost>),
             {R"( ORDER BY "name", "id" DESC, "cost")",
              R"( ORDER BY "name", "id" DESC, "cost" NULLS FIRST)"});
}

TEST_CASE("a condition is an operand in parentheses") {
  check_where(col<&task::done> == col<&task::cost>.is_null(),
              {R"("done" = ("cost" IS NULL))", R"("done" = ("cost" IS NULL))"});
  check_where(col<&task::done> != (col<&task::id> > 1),
              {R"("done" <> ("id" > ?))", R"("done" <> ("id" > $1))"});
  check_where(col<&task::done> == col<&task::name>.like("a%"),
              {R"("done" = ("name" LIKE ?))", R"("done" = ("name" LIKE $1))"});
  check_where(col<&task::done> == !(col<&task::id> == 1 && col<&task::id> < 2),
              {R"("done" = (NOT (("id" = ? AND "id" < ?))))",
               R"("done" = (NOT (("id" = $1 AND "id" < $2))))"});
}

TEST_CASE("limits and offsets are values") {
  check_tail(from<task>.limit(5), {" LIMIT ?", " LIMIT $1"});
  check_tail(from<task>.limit(5).offset(6), {" LIMIT ? OFFSET ?", " LIMIT $1 OFFSET $2"});
  check_tail(from<task>.offset(6), {" LIMIT -1 OFFSET ?", " OFFSET $1"});
  check_tail(from<task>.where(col<&task::id> > 1).order_by(desc<&task::id>).limit(2),
             {R"( WHERE "id" > ? ORDER BY "id" DESC LIMIT ?)",
              R"( WHERE "id" > $1 ORDER BY "id" DESC LIMIT $2)"});
}

TEST_CASE("comparisons") {
  check_where(col<&task::id> == 1, {R"("id" = ?)", R"("id" = $1)"});
  check_where(col<&task::id> != 1, {R"("id" <> ?)", R"("id" <> $1)"});
  check_where(col<&task::id> < 1, {R"("id" < ?)", R"("id" < $1)"});
  check_where(col<&task::id> <= 1, {R"("id" <= ?)", R"("id" <= $1)"});
  check_where(col<&task::id> > 1, {R"("id" > ?)", R"("id" > $1)"});
  check_where(col<&task::id> >= 1, {R"("id" >= ?)", R"("id" >= $1)"});
  check_where(col<&task::state> == status::running, {R"("state" = ?)", R"("state" = $1)"});
  check_where(col<&task::done> == true, {R"("done" = ?)", R"("done" = $1)"});
  check_where(col<&task::made> < col<&task::changed>,
              {R"("made" < "changed")", R"("made" < "changed")"});
  check_where(col<&task::name>.like("a%"), {R"("name" LIKE ?)", R"("name" LIKE $1)"});
  check_where(col<&task::name>.not_like("a%"), {R"("name" NOT LIKE ?)", R"("name" NOT LIKE $1)"});
  check_where(col<&task::id>.between(1, 2),
              {R"(("id" >= ? AND "id" <= ?))", R"(("id" >= $1 AND "id" <= $2))"});
}

TEST_CASE("NULL is asked for, and optional values compare with NULL as equal") {
  check_where(col<&task::cost>.is_null(), {R"("cost" IS NULL)", R"("cost" IS NULL)"});
  check_where(col<&task::cost>.is_not_null(), {R"("cost" IS NOT NULL)", R"("cost" IS NOT NULL)"});
  check_where(col<&task::cost> == std::nullopt, {R"("cost" IS NULL)", R"("cost" IS NULL)"});
  check_where(col<&task::cost> != std::nullopt, {R"("cost" IS NOT NULL)", R"("cost" IS NOT NULL)"});
  const std::optional<double> cost;
  check_where(col<&task::cost> == cost, {R"("cost" IS ?)", R"("cost" IS NOT DISTINCT FROM $1)"});
  check_where(col<&task::cost> != cost, {R"("cost" IS NOT ?)", R"("cost" IS DISTINCT FROM $1)"});
}

TEST_CASE("conditions join in the order in which they are written") {
  check_where(col<&task::id> == 1 && col<&task::done> == false,
              {R"(("id" = ? AND "done" = ?))", R"(("id" = $1 AND "done" = $2))"});
  check_where((col<&task::id> == 1 || col<&task::id> == 2) && !(col<&task::name> == "x"),
              {R"((("id" = ? OR "id" = ?) AND NOT ("name" = ?)))",
               R"((("id" = $1 OR "id" = $2) AND NOT ("name" = $3)))"});
}

TEST_CASE("an IN list is one value") {
  const wanted in{R"("id" IN (SELECT value FROM json_each(?)))", R"("id" = ANY($1))"};
  check_where(col<&task::id>.in({1, 2, 3}), in);
  check_where(col<&task::id>.in(std::vector<int>{}), in);
  check_where(col<&task::id>.not_in({1}),
              {R"(NOT ("id" IN (SELECT value FROM json_each(?))))", R"(NOT ("id" = ANY($1)))"});
}

TEST_CASE("the values of an IN list as JSON") {
  using hewn::detail::json_list;
  CHECK(json_list<std::int64_t>(std::vector<std::int64_t>{}) == "[]");
  CHECK(json_list<std::int64_t>(std::vector<std::int64_t>{INT64_MIN, 0, INT64_MAX}) ==
        "[-9223372036854775808,0,9223372036854775807]");
  CHECK(json_list<std::string>(std::vector<std::string>{"a\"b\\c", "\n\x1f", "\xc3\xa9"}) ==
        "[\"a\\\"b\\\\c\",\"\\u000a\\u001f\",\"\xc3\xa9\"]");
  CHECK(json_list<status>(std::vector{status::idle, status::running}) == R"(["idle","running"])");
  CHECK(json_list<bool>(std::vector{true, false}) == "[1,0]");
  CHECK(json_list<std::optional<std::int64_t>>(std::vector<std::int64_t>{7}) == "[7]");
}

TEST_CASE("conditions of run time") {
  hewn::condition<task> w;
  check_tail(from<task>.where(w), {"", ""});
  check_tail(from<task>.where(!w).limit(1), {" LIMIT ?", " LIMIT $1"});
  check_tail(from<task>.where((w && w) || w), {"", ""});
  w = w && col<&task::id> > 1;
  check_tail(from<task>.where(w), {R"( WHERE "id" > ?)", R"( WHERE "id" > $1)"});
  w = w && col<&task::name> == "x";
  w = w || col<&task::done> == true;
  check_tail(from<task>.where(w).limit(1),
             {R"( WHERE (("id" > ? AND "name" = ?) OR "done" = ?) LIMIT ?)",
              R"( WHERE (("id" > $1 AND "name" = $2) OR "done" = $3) LIMIT $4)"});
  check_tail(from<task>.where(!w),
             {R"( WHERE NOT ((("id" > ? AND "name" = ?) OR "done" = ?)))",
              R"( WHERE NOT ((("id" > $1 AND "name" = $2) OR "done" = $3)))"});
}

TEST_CASE("a second where() narrows the first") {
  const hewn::condition<task> empty;
  const auto narrowed = from<task>.where(col<&task::id> > 1).where(col<&task::id> < 9);
  check_tail(narrowed,
             {R"( WHERE ("id" > ? AND "id" < ?))", R"( WHERE ("id" > $1 AND "id" < $2))"});
  const wanted one{R"( WHERE "id" > ?)", R"( WHERE "id" > $1)"};
  check_tail(from<task>.where(col<&task::id> > 1).where(empty), one);
  check_tail(from<task>.where(empty).where(col<&task::id> > 1), one);
  check_tail(from<task>.where(empty).where(empty), {"", ""});
}

TEST_CASE("queries of one type have one text, and are static unless a part is not") {
  const auto a = from<task>.where(col<&task::id> == 1 && col<&task::name> == "x");
  const auto b = from<task>.where(col<&task::id> == 2 && col<&task::name> == "y");
  static_assert(std::is_same_v<decltype(a), decltype(b)>);
  static_assert(!decltype(a)::is_dynamic);
  static_assert(decltype(from<task>.where(hewn::condition<task>()))::is_dynamic);
  static_assert(decltype(a.where(hewn::condition<task>()))::is_dynamic);
}

TEST_CASE("count, exists and remove") {
  const auto query = from<task>.where(col<&task::id> > 1);
  CHECK(text_of<what::count>(query, dialect::sqlite) ==
        R"(SELECT COUNT(*) FROM "tasks" WHERE "id" > ?)");
  CHECK(text_of<what::exists>(query, dialect::postgres) ==
        R"(SELECT EXISTS (SELECT 1 FROM "tasks" WHERE "id" > $1))");
  CHECK(text_of<what::remove>(query, dialect::sqlite) == R"(DELETE FROM "tasks" WHERE "id" > ?)");
  CHECK(text_of<what::remove_returning>(query, dialect::postgres) ==
        R"(DELETE FROM "tasks" WHERE "id" > $1 RETURNING )" + std::string(every));
}

TEST_CASE("updates set what is assigned, then the time of the change") {
  const auto where = from<task>.where(col<&task::id> == 1);
  CHECK(update_text<dialect::sqlite>(where, false, col<& task::name> = "x",
                                     col<& task::cost> = std::nullopt) ==
        R"(UPDATE "tasks" SET "name" = ?, "cost" = ?, "changed" = ? WHERE "id" = ?)");
  CHECK(update_text<dialect::postgres>(where, true, col<& task::name> = "x",
                                       col<& task::cost> = col<&task::cost> + 1) ==
        R"(UPDATE "tasks" SET "name" = $1, "cost" = ("cost" + $2), "changed" = $3 WHERE "id" = $4 )"
        R"(RETURNING )" +
            std::string(every));
  CHECK(update_text<dialect::sqlite>(where, false, col<& task::changed> = hewn::timestamp{}) ==
        R"(UPDATE "tasks" SET "changed" = ? WHERE "id" = ?)");
  const hewn::detail::key_condition<task> by_key{1};
  CHECK(update_text<dialect::postgres>(by_key, false, col<& task::done> = true) ==
        R"(UPDATE "tasks" SET "done" = $1, "changed" = $2 WHERE "id" = $3)");
}

TEST_CASE("rows with a version") {
  const hewn::table_info& rows = hewn::table_of<versioned>;
  CHECK(hewn::insert_sql(rows, false, dialect::sqlite) ==
        R"(INSERT INTO "versioned" ("id", "v""n", "text") VALUES (?, ?, ?))");
  CHECK(hewn::update_sql(rows, false, dialect::postgres) ==
        R"(UPDATE "versioned" SET "text" = $1, "v""n" = "v""n" + 1 WHERE "id" = $2 AND )"
        R"("v""n" = $3)");
  CHECK(hewn::remove_by_key_sql(rows, dialect::sqlite) ==
        R"(DELETE FROM "versioned" WHERE "id" = ?)");
  CHECK(hewn::remove_held_sql(rows, dialect::sqlite) ==
        R"(DELETE FROM "versioned" WHERE "id" = ? AND "v""n" = ?)");
  CHECK(
      hewn::upsert_sql(rows, rows.key, dialect::sqlite, hewn::detail::row_write::upsert, false) ==
      R"(INSERT INTO "versioned" ("id", "v""n", "text") VALUES (?, ?, ?) ON CONFLICT ("id") DO )"
      R"(UPDATE SET "text" = excluded."text", "v""n" = CASE WHEN "versioned"."v""n" < 32767 THEN )"
      R"("versioned"."v""n" + 1 ELSE abs(-9223372036854775807 - ("versioned"."v""n" > 0)) END)");
  CHECK(
      hewn::upsert_sql(rows, rows.key, dialect::postgres, hewn::detail::row_write::upsert, false) ==
      R"(INSERT INTO "versioned" ("id", "v""n", "text") VALUES ($1, $2, $3) ON CONFLICT ("id") )"
      R"(DO UPDATE SET "text" = excluded."text", "v""n" = "versioned"."v""n" + 1)");
}

TEST_CASE("rows with a version that are kept when they are removed") {
  const hewn::table_info& rows = hewn::table_of<kept>;
  CHECK(hewn::update_sql(rows, false, dialect::postgres) ==
        R"(UPDATE "kept" SET "changed" = $1, "version" = "version" + 1 WHERE "b" = $2 AND )"
        R"("a" = $3 AND "version" = $4 AND "gone" IS NULL)");
  CHECK(hewn::remove_held_sql(rows, dialect::postgres) ==
        R"(UPDATE "kept" SET "gone" = $3, "changed" = $4, "version" = "version" + 1 WHERE )"
        R"("b" = $1 AND "a" = $2 AND "version" = $5 AND "gone" IS NULL)");
  CHECK(hewn::remove_held_sql(rows, dialect::sqlite) ==
        R"(UPDATE "kept" SET "gone" = ?3, "changed" = ?4, "version" = "version" + 1 WHERE )"
        R"("b" = ?1 AND "a" = ?2 AND "version" = ? AND "gone" IS NULL)");
  CHECK(hewn::remove_by_key_sql(rows, dialect::postgres) ==
        R"(UPDATE "kept" SET "gone" = $3, "changed" = $4, "version" = "version" + 1 WHERE )"
        R"("b" = $1 AND "a" = $2 AND "gone" IS NULL)");
  CHECK(
      hewn::remove_by_key_sql(rows, dialect::sqlite) ==
      R"(UPDATE "kept" SET "gone" = ?3, "changed" = ?4, "version" = CASE WHEN "version" < )"
      R"(9223372036854775807 THEN "version" + 1 ELSE abs(-9223372036854775807 - ("version" > 0)) )"
      R"(END WHERE "b" = ?1 AND "a" = ?2 AND "gone" IS NULL)");
}

TEST_CASE("whole rows") {
  const hewn::table_info& cells = hewn::table_of<cell>;
  CHECK(hewn::select_by_key_sql(cells, dialect::sqlite) ==
        R"(SELECT "x", "y", "text", "upper" FROM "ce""lls" WHERE "y" = ? AND "x" = ?)");
  CHECK(
      hewn::insert_sql(cells, true, dialect::postgres) ==
      R"(INSERT INTO "ce""lls" ("x", "y", "text") VALUES ($1, $2, $3) RETURNING "x", "y", "text", )"
      R"("upper")");
  CHECK(hewn::update_sql(cells, false, dialect::postgres) ==
        R"(UPDATE "ce""lls" SET "text" = $1 WHERE "y" = $2 AND "x" = $3)");
  CHECK(hewn::remove_by_key_sql(cells, dialect::sqlite) ==
        R"(DELETE FROM "ce""lls" WHERE "y" = ? AND "x" = ?)");
  CHECK(hewn::upsert_sql(cells, cells.key, dialect::sqlite) ==
        R"(INSERT INTO "ce""lls" ("x", "y", "text") VALUES (?, ?, ?) ON CONFLICT ("y", "x") DO )"
        R"(UPDATE SET "text" = excluded."text" RETURNING "x", "y", "text", "upper")");
  const hewn::table_info& keys = hewn::table_of<only_key>;
  CHECK(hewn::upsert_sql(keys, keys.key, dialect::sqlite) ==
        R"(INSERT INTO "only_key" ("id") VALUES (?) ON CONFLICT ("id") DO UPDATE SET "id" = )"
        R"(excluded."id" RETURNING "id")");
}
