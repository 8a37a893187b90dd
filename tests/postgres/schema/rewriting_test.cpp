// tests/postgres/schema/rewriting_test.cpp - what the server writes in its own words.
// SPDX-License-Identifier: BSL-1.0
//
// Every expression is made by sync, looked at by a second sync, taken out and put back from the
// catalog's text as pg_dump and a restore do, and looked at again.
#include <hewn/postgres/schema/schema_executor.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using support::failure_of;
using support::says;

namespace {

/// A table with a column of every kind.
schema::table sample() {
  const auto column = [](std::string name, std::string type) {
    return schema::column{.name = std::move(name), .type = std::move(type)};
  };
  schema::table t{.name = "samples"};
  t.columns = {column("id", "bigint"),       column("t", "text"),
               column("v", "varchar(20)"),   column("c", "char(4)"),
               column("i", "integer"),       column("b", "bigint"),
               column("s", "smallint"),      column("d", "double precision"),
               column("n", "numeric(12,2)"), column("f", "boolean"),
               column("at", "timestamptz"),  column("day", "date"),
               column("u", "uuid"),          column("j", "jsonb"),
               column("bin", "bytea"),       column("list", "text[]"),
               column("long", "interval")};
  t.columns[0].not_null = true;
  t.columns[0].key_position = 1;
  return t;
}

schema::column& column_of(schema::table& t, const std::string& name) {
  for (schema::column& c : t.columns)
    if (c.name == name) return c;
  throw std::runtime_error(name);
}

/// What pg_dump writes and a restore reads: every expression goes through the parser again.
constexpr const char* restore = R"(
DO $$ DECLARE r record; BEGIN
FOR r IN SELECT k.conrelid::regclass AS t, quote_ident(k.conname) AS name, pg_get_constraintdef(k.oid) AS def
    FROM pg_constraint k WHERE k.connamespace = current_schema()::regnamespace AND k.contype IN ('c', 'f') LOOP
  EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %s, ADD CONSTRAINT %s %s', r.t, r.name, r.name, r.def);
END LOOP;
FOR r IN SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS def FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) LOOP
  EXECUTE 'DROP INDEX ' || r.name;
  EXECUTE r.def;
END LOOP;
FOR r IN SELECT a.attrelid::regclass AS t, quote_ident(a.attname) AS name, a.attgenerated = 's' AS computed,
    format_type(a.atttypid, a.atttypmod) AS type, pg_get_expr(d.adbin, d.adrelid) AS def
    FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = current_schema()::regnamespace LOOP
  IF r.computed THEN
    EXECUTE format('ALTER TABLE %s DROP COLUMN %s', r.t, r.name);
    EXECUTE format('ALTER TABLE %s ADD COLUMN %s %s GENERATED ALWAYS AS (%s) STORED', r.t, r.name, r.type, r.def);
  ELSE
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s', r.t, r.name, r.def);
  END IF;
END LOOP; END $$)";

/// Makes the tables, and wants to find nothing to do from then on.
void check_settled(const support::place& where, const std::vector<schema::table>& tables) {
  const auto db = where.open();
  hewn::postgres::schema_executor executor(db.connection());
  const hewn::wanted_schema wanted{.schema = {.tables = tables}};
  hewn::apply(executor, hewn::make_plan(executor, wanted));
  const auto check_same = [&] {
    const auto again = hewn::make_plan(executor, wanted);
    CAPTURE(hewn::report(again));
    CHECK(again.empty());
  };
  check_same();
  for (int i = 0; i != 2; ++i) {
    db.script(restore);
    check_same();
  }
  // As the catalog has it, declared by somebody who copied it from there.
  schema::database live = executor.introspect();
  live.others.clear();
  const auto copied = hewn::make_plan(executor, {.schema = live});
  CAPTURE(hewn::report(copied));
  CHECK(copied.empty());
}

}  // namespace

TEST_CASE("defaults are recognised however they are written", "[M3][s70]") {
  const support::place where;
  where.open().script("CREATE SEQUENCE numbers");
  const std::pair<const char*, std::vector<const char*>> defaults[] = {
      {"t",
       {"'x'", "'it''s'", "''", "E'a\\nb'", "'5'", "'a' || 'b'", "upper('x')", "NULL",
        "current_user", "'x'::varchar", "CAST('x' AS text)", "('x')", "$q$y$q$"}},
      {"v", {"'x'", "'x'::text", "'x' || 'y'"}},
      {"c", {"'x'", "'abcd'"}},
      {"i",
       {"5", "'5'", "-1", "+1", "(1 + 2) * 3", "5::bigint", "1e2", "2147483647",
        "nextval('numbers')", "length('abc')", "NULL::integer"}},
      {"b", {"0", "-9223372036854775808", "9223372036854775807", "'7'"}},
      {"s", {"3", "-3", "'3'"}},
      {"d", {"0.5", "-1.5", "1", "'NaN'", "1e300", "'Infinity'", "pi()"}},
      {"n", {"0", "1.50", "-1.5", "'2.25'", "1.5::numeric(12,2)"}},
      {"f", {"true", "FALSE", "'t'", "'yes'", "1 = 1", "not false"}},
      {"at",
       {"CURRENT_TIMESTAMP", "now()", "'2024-01-01 00:00:00+00'", "'epoch'",
        "statement_timestamp()", "now() + interval '1 day'", "'infinity'"}},
      {"day", {"CURRENT_DATE", "'2024-02-29'", "DATE '2024-02-29'"}},
      {"u", {"gen_random_uuid()", "'00000000-0000-0000-0000-000000000000'"}},
      {"j", {"'{}'", "'{\"a\": [1, 2]}'::jsonb", "jsonb_build_object()"}},
      {"bin", {"'\\x00ff'", "''"}},
      {"list", {"'{}'", "ARRAY['a', 'b']", "ARRAY[]::text[]"}},
      {"long", {"'1 day'", "interval '2 hours'"}},
  };
  // One table with the first default of each column, one with the second, ...
  std::vector<schema::table> tables;
  for (std::size_t round = 0; round != 13; ++round) {
    schema::table t = sample();
    t.name = "samples_" + std::to_string(round);
    for (const auto& [name, texts] : defaults)
      if (round < texts.size()) column_of(t, name).default_text = texts[round];
    tables.push_back(std::move(t));
  }
  check_settled(where, tables);
  // Nobody has taken a number to compare with.
  CHECK_FALSE(where.open().one<bool>(hewn::sql<"SELECT is_called FROM numbers">));
}

TEST_CASE("conditions are recognised however they are written", "[M3][s69]") {
  const char* const conditions[] = {"t IN ('a', 'b')",
                                    "t in ('b')",
                                    "t NOT IN ('a', 'b')",
                                    "v IN ('a', 'b')",
                                    "v NOT IN ('a')",
                                    "v = 'x'",
                                    "c IN ('a', 'b')",
                                    "i IN (1, 2, 3)",
                                    "i BETWEEN 1 AND 5",
                                    "i NOT BETWEEN 1 AND 5",
                                    "b IN (1, 2)",
                                    "s BETWEEN -1 AND 5",
                                    "s IN (1, 2)",
                                    "d > 0.1",
                                    "d BETWEEN 0 AND 1",
                                    "n >= 0.01",
                                    "n IN (1, 2.5)",
                                    "n BETWEEN 0 AND 100",
                                    "f",
                                    "f = true",
                                    "f IS NOT FALSE",
                                    "NOT f",
                                    "t <> ''",
                                    "t != ''",
                                    "t LIKE 'a%'",
                                    "t NOT LIKE '%b'",
                                    "t ILIKE 'a_'",
                                    "v LIKE 'x%'",
                                    "t ~ '^[a-z]+$'",
                                    "t !~* 'x'",
                                    "t SIMILAR TO '(a|b)+'",
                                    "length(t) <= 10",
                                    "length(v) BETWEEN 1 AND 20",
                                    "char_length(t) > 0",
                                    "t || v <> 'ab'",
                                    "v || 'x' = 'yx'",
                                    "t || i <> 'a1'",
                                    "coalesce(t, v, 'x') = 'x'",
                                    "nullif(t, '') IS NOT NULL",
                                    "CASE WHEN f THEN i > 0 ELSE i < 0 END",
                                    "CASE t WHEN 'a' THEN true ELSE false END",
                                    "i > 0 AND (d < 1 OR n > 2) AND NOT (b = 3)",
                                    "i::text <> '5'",
                                    "CAST(t AS integer) > 0",
                                    "i + b * 2 - s / 3 < 100",
                                    "-i < 5",
                                    "i % 2 = 0",
                                    "at > '2024-01-01'",
                                    "at > '2024-01-01 00:00:00+00'::timestamptz",
                                    "day BETWEEN '2024-01-01' AND '2024-12-31'",
                                    "day > DATE '2000-01-01'",
                                    "at >= day",
                                    "extract(year FROM day) > 2000",
                                    "date_part('year', day) > 2000",
                                    "at AT TIME ZONE 'UTC' > '2000-01-01'",
                                    "at + interval '1 day' > at",
                                    "substring(t FROM 1 FOR 2) = 'ab'",
                                    "position('a' IN t) > 0",
                                    "trim(t) = t",
                                    "trim(BOTH 'x' FROM t) <> ''",
                                    "overlay(t PLACING 'x' FROM 1) <> ''",
                                    "lower(t) = t",
                                    "t = ANY (ARRAY['a', 'b'])",
                                    "'a' = ANY (list)",
                                    "list <> '{}'",
                                    "array_length(list, 1) < 5",
                                    "list[1] = 'a'",
                                    "j ? 'a'",
                                    "j ->> 'a' = 'b'",
                                    "j -> 'a' IS NOT NULL",
                                    "jsonb_typeof(j) = 'object'",
                                    "u <> '00000000-0000-0000-0000-000000000000'",
                                    "t IS NULL",
                                    "t IS NOT NULL OR v IS NOT NULL",
                                    "t IS DISTINCT FROM v",
                                    "(i, s) <> (1, 2)",
                                    "i > ALL (ARRAY[1, 2])",
                                    "greatest(i, s) < 10",
                                    "abs(d) < 5",
                                    "t COLLATE \"C\" < 'z'",
                                    "t = 'it''s' OR t = E'a\\\\b'",
                                    "i = 1 IS TRUE",
                                    "long < '1 day'",
                                    "bin <> '\\x00'",
                                    "i & 3 = 0",
                                    "d = 'NaN'",
                                    "octet_length(bin) < 10",
                                    "i /* why */ > 3 -- so\n"};
  schema::table t = sample();
  schema::table named = sample();
  named.name = "named";
  int number = 0;
  for (const char* const text : conditions) {
    t.checks.push_back({.name = {}, .text = text});
    named.checks.push_back({.name = "rule_" + std::to_string(++number), .text = text});
  }
  check_settled(support::place(), {t, named});
}

TEST_CASE("generated columns are recognised however they are written", "[M3]") {
  const std::pair<const char*, const char*> columns[] = {
      {"text", "t || '-' || v"},
      {"text", "coalesce(t, '') || coalesce(v, '')"},
      {"text", "upper(trim(t))"},
      {"varchar(30)", "v || 'x'"},
      {"integer", "i * 2 + s"},
      {"bigint", "i + 1"},
      {"boolean", "t IN ('a', 'b')"},
      {"boolean", "v IN ('a', 'b')"},
      {"boolean", "i BETWEEN 1 AND 3"},
      {"text", "CASE WHEN i > 0 THEN 'p' ELSE 'n' END"},
      {"numeric(12,2)", "n * 1.2"},
      {"text", "j ->> 'name'"},
      {"date", "day + 1"}};
  schema::table t = sample();
  int number = 0;
  for (const auto& [type, text] : columns)
    t.columns.push_back({.name = "g" + std::to_string(++number),
                         .type = type,
                         .generated = schema::generated::stored,
                         .generated_text = text});
  check_settled(support::place(), {t});
}

TEST_CASE("indexes are recognised however they are written", "[M3]") {
  schema::table t = sample();
  const auto add = [&](std::vector<schema::index_part> parts, std::string where, bool unique) {
    t.indexes.push_back({.name = "samples_" + std::to_string(t.indexes.size()),
                         .unique = unique,
                         .parts = std::move(parts),
                         .where = std::move(where)});
  };
  const auto column = [](const char* name) { return schema::index_part{.text = name}; };
  const auto expression = [](const char* text) {
    return schema::index_part{.text = text, .expression = true};
  };
  add({column("t")}, {}, false);
  add({column("t"), {.text = "i", .descending = true}}, {}, true);
  add({{.text = "t", .collation = "C"}}, {}, false);
  add({{.text = "v", .collation = "C"}, column("s")}, {}, true);
  add({{.text = "lower(t)", .expression = true, .descending = true, .collation = "C"}}, {}, false);
  for (const char* const text :
       {"lower(t)", "lower(v)", "t || v", "i + 1", "(i + 1) * 2", "coalesce(t, 'x')",
        "(t IN ('a', 'b'))", "(v IN ('a', 'b'))", "i::text", "(j ->> 'a')", "(j -> 'a' -> 'b')",
        "extract(day FROM day)", "CASE WHEN f THEN t END", "substring(v FROM 1 FOR 3)", "list[1]",
        "abs(d)", "(at AT TIME ZONE 'UTC')"}) {
    add({expression(text)}, {}, false);
    add({column("s"), expression(text)}, {}, true);
  }
  for (const char* const where :
       {"t IS NOT NULL", "t = 'x'", "v = 'x'", "t IN ('a', 'b')", "v IN ('a', 'b')",
        "i BETWEEN 1 AND 5", "f", "NOT f", "f AND t <> ''", "v LIKE 'a%'", "at > '2024-01-01+00'",
        "i = 5::bigint", "n > 1.5", "d > 0", "lower(v) = 'x'", "day < '2030-01-01'"}) {
    add({column("b")}, where, false);
    add({column("i"), expression("lower(t)")}, where, true);
  }
  check_settled(support::place(), {t});
}

TEST_CASE("references are recognised whatever they do", "[M3]") {
  schema::table parent{.name = "parents"};
  parent.columns = {{.name = "a", .type = "bigint", .not_null = true, .key_position = 2},
                    {.name = "b", .type = "text", .not_null = true, .key_position = 1},
                    {.name = "code", .type = "text"}};
  parent.unique_keys = {{.name = {}, .columns = {"code"}}};
  std::vector<schema::table> tables{parent};
  int number = 0;
  using enum schema::action;
  const schema::action actions[] = {no_action, restrict, cascade, set_null, set_default};
  for (std::size_t i = 0; i != 5; ++i) {
    const schema::action deleted = actions[i];
    const schema::action updated = actions[(2 * i + 1) % 5];
    schema::table child{.name = "child_" + std::to_string(++number)};
    child.columns = {{.name = "id", .type = "bigint", .not_null = true, .key_position = 1},
                     {.name = "a", .type = "bigint"},
                     {.name = "b", .type = "text"},
                     {.name = "code", .type = "text"},
                     {.name = "other", .type = "bigint"}};
    child.foreign_keys = {{.columns = {"b", "a"},
                           .target_table = "parents",
                           .target_columns = {"b", "a"},
                           .on_delete = deleted,
                           .on_update = updated,
                           .deferred = number % 2 == 0},
                          {.columns = {"code"},
                           .target_table = "parents",
                           .target_columns = {"code"},
                           .on_delete = updated},
                          {.columns = {"other"},
                           .target_table = child.name,
                           .target_columns = {"id"},
                           .on_update = deleted}};
    tables.push_back(std::move(child));
  }
  check_settled(support::place(), tables);
}

TEST_CASE("names are recognised whatever their letters", "[M3][S2]") {
  std::vector<schema::table> tables;
  for (const char* const name :
       {"select", "Group", "order by", "with \"quotes\"", "it's", "\xc3\xa9t\xc3\xa9", "semi;colon",
        "dot.ted", "back\\slash", "null"}) {
    schema::table t{.name = name};
    t.columns = {{.name = "id", .type = "bigint", .not_null = true, .key_position = 1},
                 {.name = name, .type = "text"},
                 {.name = "check", .type = "text", .default_text = "'x'"},
                 {.name = "Default", .type = "bigint"}};
    const std::string quoted = hewn::quote_identifier(name);
    t.checks = {{.name = std::string(name) + " rule", .text = quoted + " <> \"check\""}};
    t.unique_keys = {{.name = {}, .columns = {name, "check"}}};
    t.indexes = {{.name = std::string(name) + " index",
                  .parts = {{.text = name}, {.text = "lower(" + quoted + ")", .expression = true}},
                  .where = quoted + " IS NOT NULL"}};
    t.foreign_keys = {{.columns = {"Default"}, .target_table = name, .target_columns = {"id"}}};
    tables.push_back(std::move(t));
  }
  check_settled(support::place(), tables);
}

TEST_CASE("names that the server makes and cuts are recognised", "[M3]") {
  std::vector<schema::table> tables;
  for (const char* const last : {"a", "b"}) {
    const std::string name = std::string(60, 'n') + last;
    schema::table t{.name = name};
    t.columns = {{.name = name, .type = "bigint", .not_null = true, .key_position = 1},
                 {.name = name + "2", .type = "bigint"},
                 {.name = name + "3", .type = "text"}};
    t.checks = {{.name = {}, .text = name + "2 > 1"},
                {.name = {}, .text = name + "2 < 9"},
                {.name = {}, .text = name + "3 IN ('a', 'b')"}};
    t.unique_keys = {{.name = {}, .columns = {name + "2"}}, {.name = {}, .columns = {name + "3"}}};
    t.foreign_keys = {{.columns = {name + "2"}, .target_table = name, .target_columns = {name}}};
    tables.push_back(std::move(t));
  }
  check_settled(support::place(), tables);
}

TEST_CASE("names that the server would cut are refused", "[M3]") {
  const auto db = support::open_new();
  hewn::postgres::schema_executor executor(db.connection());
  schema::table t{.name = std::string(62, 'x') + "\xc3\xa9"};
  t.columns = {{.name = "id", .type = "bigint", .not_null = true, .key_position = 1}};
  const auto failure =
      failure_of([&] { (void)hewn::make_plan(executor, {.schema = {.tables = {t}}}); });
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure, "64 bytes and PostgreSQL keeps 63"));
}

TEST_CASE("tables that others made by another spelling are recognised", "[M3]") {
  const auto db = support::open_new();
  db.script(
      "CREATE TABLE things (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "
      "v varchar(20) DEFAULT 'x'::text, i integer DEFAULT '5', "
      "g boolean GENERATED ALWAYS AS (v IN ('a', 'b')) STORED, "
      "CONSTRAINT anything CHECK (v IN ('a', 'b')), CHECK (i >= 1 AND i <= 5));"
      "CREATE INDEX few ON things (i) WHERE v = 'a' OR v IN ('b', 'c');"
      // What the model does not know enough of to make it again.
      "CREATE INDEX near ON things USING gist (point(i, i))");
  hewn::postgres::schema_executor executor(db.connection());
  schema::table t{.name = "things"};
  t.columns = {
      {.name = "id", .type = "int8", .not_null = true, .key_position = 1, .autoincrement = true},
      {.name = "v", .type = "varchar(20)", .default_text = "'x'::text"},
      {.name = "i", .type = "int", .default_text = "5"},
      {.name = "g",
       .type = "bool",
       .generated = schema::generated::stored,
       .generated_text = "v::text = ANY (ARRAY['a'::varchar, 'b'::varchar]::text[])"}};
  t.checks = {{.name = "kinds", .text = "v in ('a','b')"},
              {.name = {}, .text = "i BETWEEN 1 AND 5"}};
  t.indexes = {
      {.name = "few", .parts = {{.text = "i"}}, .where = "(v = 'a') or (v in ('b', 'c'))"}};
  const auto planned = hewn::make_plan(executor, {.schema = {.tables = {t}}});
  CAPTURE(hewn::report(planned));
  CHECK(planned.empty());
}

TEST_CASE("what really differs is not taken for a spelling", "[M3]") {
  const support::place where;
  const auto db = where.open();
  hewn::postgres::schema_executor executor(db.connection());
  schema::table t = sample();
  column_of(t, "v").default_text = "'x'";
  t.checks = {{.name = "rule", .text = "v IN ('a', 'b')"}};
  t.indexes = {{.name = "few", .parts = {{.text = "t"}}, .where = "v IN ('a', 'b')"}};
  hewn::apply(executor, hewn::make_plan(executor, {.schema = {.tables = {t}}}));
  db.script(restore);
  const auto differs = [&](const schema::table& wanted, hewn::change_kind kind) {
    const auto p = hewn::make_plan(executor, {.schema = {.tables = {wanted}}});
    REQUIRE(p.changes().size() == 1);
    CHECK(p.changes()[0].kind == kind);
  };
  schema::table other = t;
  column_of(other, "v").default_text = "'y'";
  differs(other, hewn::change_kind::change_default);
  other = t;
  other.checks[0].text = "v IN ('a', 'c')";
  differs(other, hewn::change_kind::change_check);
  other = t;
  other.indexes[0].where = "v IN ('a', 'c')";
  differs(other, hewn::change_kind::change_index);
}

TEST_CASE("a plan takes as many statements for many tables as for one", "[M3]") {
  const support::place where;
  const auto db = where.open();
  hewn::postgres::schema_executor executor(db.connection());
  const auto statements_of = [&](const std::vector<schema::table>& tables) {
    // Each is a transaction of its own.
    const auto count = [&] {
      executor.query("SELECT pg_stat_force_next_flush()");
      return std::stoll(*executor
                             .query("SELECT xact_commit FROM pg_stat_database WHERE datname = "
                                    "current_database()")
                             .at(0)
                             .at(0));
    };
    const auto before = count();
    const auto of_counting = count() - before;
    const auto start = count();
    CHECK(hewn::make_plan(executor, {.schema = {.tables = tables}}).empty());
    return count() - start - of_counting;
  };
  std::vector<schema::table> tables;
  for (int i = 0; i != 12; ++i) {
    schema::table t = sample();
    t.name = "many_" + std::to_string(i);
    column_of(t, "d").default_text = "1.50";
    column_of(t, "at").default_text = "now()";
    t.checks = {{.name = "one_of_" + std::to_string(i), .text = "v IN ('a', 'b')"}};
    t.indexes = {
        {.name = "some_" + std::to_string(i), .parts = {{.text = "t"}}, .where = "i > 1.0"}};
    tables.push_back(std::move(t));
  }
  hewn::apply(executor, hewn::make_plan(executor, {.schema = {.tables = tables}}));
  const auto of_many = statements_of(tables);
  CHECK(of_many == statements_of({tables[0]}));
  CHECK(of_many <= 12);
}
