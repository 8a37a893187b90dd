// tests/postgres/schema/alterations_test.cpp - changes of tables that have rows, on a server.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::change_kind;
using hewn::errc;
using hewn::fact_kind;
using support::backfilled;
using support::change_in;
using support::converted;
using support::dropped_column;
using support::failure_of;
using support::says;
using lab = support::postgres_lab;

namespace {

schema::column column(std::string name, std::string type, bool not_null = false,
                      std::string value = {}) {
  return support::postgres_column(std::move(name), std::move(type), not_null, std::move(value));
}

schema::table child_of_notes() {
  return {.name = "marks",
          .columns = {support::postgres_key(), column("note_id", "bigint")},
          .foreign_keys = {{.name = "marks_note_id_fkey",
                            .columns = {"note_id"},
                            .target_table = "notes",
                            .target_columns = {"id"}}}};
}

std::string file_of(lab& l, const std::string& table) {
  return l.text("SELECT pg_relation_filenode('" + table + "')::text");
}

}  // namespace

TEST_CASE("a column goes with an approval, and its values are kept", "[s11]") {
  lab l;
  l.db.script("INSERT INTO notes (text) VALUES (NULL)");
  l.notes.columns.pop_back();
  const auto planned = l.approve({l.notes}, {dropped_column("notes", "text")});
  CHECK(change_in(planned, change_kind::drop_column).counted(fact_kind::values_lost) == 2);
  CHECK(l.number("SELECT COUNT(*) FROM notes") == 3);
  REQUIRE(l.kept_schemas().size() == 1);
  const std::string kept = l.kept_schemas()[0] + ".notes_text";
  CHECK(l.text("SELECT string_agg(id || text, ',' ORDER BY id) FROM " + kept) == "1a,2b");
  CHECK(l.text("SELECT obj_description('" + kept + "'::regclass, 'pg_class')")
            .starts_with("values of column text of table notes, changed or dropped by hewn"));
  CHECK(hewn::audit::entries(l.executor).back().backup == "schema " + l.kept_schemas()[0]);
}

TEST_CASE("a column without values goes by itself, with what is on it", "[s12]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN more text CONSTRAINT short CHECK (length(more) < 9) "
      "CONSTRAINT one UNIQUE; CREATE INDEX notes_more ON notes (lower(more))");
  l.apply({l.notes}, {dropped_column("notes", "more")});
  CHECK(l.kept_schemas().empty());
}

TEST_CASE("values that come after they were counted are not lost", "[s12][M2]") {
  lab l;
  l.db.script("ALTER TABLE notes ADD COLUMN more text");
  const auto planned = l.plan({l.notes}, {dropped_column("notes", "more")});
  CHECK(planned.pending().empty());
  const auto other = l.where.open();
  bool written = false;
  hewn::sync_options options;
  options.progress = [&](const hewn::sync_progress&) {
    if (!std::exchange(written, true)) other.script("UPDATE notes SET more = 'late' WHERE id = 2");
  };
  hewn::apply(l.executor, planned, options);
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.text("SELECT id || more FROM " + l.kept_schemas()[0] + ".notes_more") == "2late");
}

TEST_CASE("values that row security hides from who applies are not lost unseen", "[M2]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN more text; UPDATE notes SET more = 'secret'; ALTER TABLE notes "
      "ENABLE ROW LEVEL SECURITY; ALTER TABLE notes FORCE ROW LEVEL SECURITY");
  const std::string role = "role_" + l.text("SELECT current_schema()::text");
  l.db.script("CREATE ROLE " + role + "; ALTER TABLE notes OWNER TO " + role + "; GRANT ALL ON " +
              "SCHEMA " + l.text("SELECT current_schema()::text") + " TO " + role + "; SET ROLE " +
              role);
  const auto planned = l.plan({l.notes}, {dropped_column("notes", "more")});
  CHECK(change_in(planned, change_kind::drop_column).counted(fact_kind::values_lost) == 0);
  CHECK(failure_of([&] { hewn::apply(l.executor, planned); }).code() == errc::cannot_open);
  l.db.script("RESET ROLE");
  CHECK(l.number("SELECT COUNT(more) FROM notes") == 2);
  l.db.script("ALTER TABLE notes OWNER TO CURRENT_USER; DROP OWNED BY " + role + "; DROP ROLE " +
              role);
}

TEST_CASE("what depends on a column keeps it, and is named", "[s35]") {
  lab l;
  l.db.script("CREATE VIEW titles AS SELECT upper(text) AS title FROM notes");
  schema::table other = l.notes;
  other.columns[1].type = "character varying(9)";
  l.refused(l.plan({other}), "view titles depends on it");
  other.columns.pop_back();
  l.refused(l.plan({other}, {dropped_column("notes", "text")}), "view titles depends on it");
  l.db.script(
      "DROP VIEW titles; CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN "
      "NEW; END'; CREATE TRIGGER loud BEFORE UPDATE OF text ON notes FOR EACH ROW EXECUTE FUNCTION "
      "shout()");
  l.refused(l.plan({other}, {dropped_column("notes", "text")}), "trigger loud on table notes");
}

TEST_CASE("NULL is forbidden once there is none, and allowed again", "[s61]") {
  lab l;
  l.db.script("INSERT INTO notes (text) VALUES (NULL)");
  l.notes.columns[1].not_null = true;
  const auto planned = l.plan({l.notes});
  l.refused(planned, "1 row has no value for it: id='3'");
  l.apply({l.notes}, {backfilled("notes", "text", "'none'")});
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE id = 3 AND text = 'none'") == 1);
  CHECK(failure_of([&] { l.db.script("INSERT INTO notes (text) VALUES (NULL)"); }).code() ==
        errc::not_null);
  l.notes.columns[1].not_null = false;
  l.apply({l.notes});
  l.db.script("INSERT INTO notes (text) VALUES (NULL)");
}

TEST_CASE("a column is filled though checks of its table wait for the end", "[s61]") {
  lab l;
  schema::table marks = child_of_notes();
  marks.foreign_keys[0].deferred = true;
  l.apply({l.notes, marks});
  l.db.script("INSERT INTO marks (note_id) VALUES (1), (NULL)");
  marks.columns[1].not_null = true;
  l.apply({l.notes, marks}, {backfilled("marks", "note_id", "2")});
  CHECK(l.number("SELECT COUNT(*) FROM marks WHERE note_id = 2") == 1);
}

TEST_CASE("a default comes, changes and goes, and no row changes", "[M2]") {
  lab l;
  const std::string file = file_of(l, "notes");
  for (const char* value : {"'x'", "'y'", ""}) {
    l.notes.columns[1].default_text = value;
    l.apply({l.notes});
  }
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE text IN ('a', 'b')") == 2);
  CHECK(file_of(l, "notes") == file);
}

TEST_CASE("a wider type is taken, and says whether the table is rewritten", "[M2]") {
  struct pair {
    const char* before;
    const char* after;
    bool in_place;
  };
  const pair pairs[] = {{"character varying(9)", "text", true},
                        {"character varying(9)", "character varying(10)", true},
                        {"character varying(9)", "character varying", true},
                        {"smallint", "integer", false},
                        {"integer", "bigint", false},
                        {"integer", "numeric", false},
                        {"real", "double precision", false},
                        {"numeric(9,2)", "numeric(12,2)", true},
                        {"numeric(9,2)", "numeric(12,4)", false},
                        {"numeric(9,2)", "numeric", true},
                        {"timestamp(3) without time zone", "timestamp without time zone", true},
                        {"timestamp(3) with time zone", "timestamp(6) with time zone", true},
                        {"time(3) without time zone", "time(5) without time zone", true}};
  lab l;
  for (const pair& p : pairs) {
    CAPTURE(p.before, p.after);
    schema::table t{.name = "wider",
                    .columns = {support::postgres_key(), column("value", p.before)}};
    l.apply({l.notes, t});
    l.db.script(std::string("INSERT INTO wider (value) VALUES (") +
                (std::string(p.before).starts_with("time") ? "'2024-01-02 03:04:05.123'" : "'7'") +
                ")");
    const std::string file = file_of(l, "wider");
    const std::string value = l.text("SELECT value::text FROM wider");
    t.columns[1].type = p.after;
    const auto planned = l.apply({l.notes, t});
    CHECK((file_of(l, "wider") == file) == p.in_place);
    const auto change = change_in(planned, change_kind::change_type);
    CHECK((change.risk.cost == hewn::change_cost::metadata) == p.in_place);
    CHECK(change.risk.effect == hewn::data_effect::none);
    CHECK(l.number("SELECT COUNT(*) FROM wider WHERE value = '" + value + "'") == 1);
    l.db.script("DROP TABLE wider");
  }
}

TEST_CASE("another type is counted value by value", "[s51][s52]") {
  struct pair {
    const char* before;
    const char* after;
    const char* values;
    std::int64_t unconvertible;
    std::int64_t changed;
  };
  const pair pairs[] = {
      {"text", "bigint", "('7'), ('007'), ('x'), ('1.5'), ('-3')", 2, 1},
      {"text", "bigint", "('7'), ('-3')", 0, 0},
      {"text", "character varying(3)", "('abc'), ('abcd')", 0, 1},
      {"text", "boolean", "('true'), ('t'), ('maybe')", 1, 1},
      {"text", "uuid", "('00000000-0000-0000-0000-00000000000a'), ('A')", 1, 0},
      {"text", "date", "('2024-02-29'), ('2023-02-29'), ('29.2.2024')", 2, 0},
      {"text", "jsonb", "('{\"a\": 1}'), ('{\"a\":1}'), ('{')", 1, 1},
      {"bigint", "integer", "(2147483647), (2147483648)", 1, 0},
      {"bigint", "double precision", "(9007199254740993), (100000000000000000)", 0, 1},
      {"bigint", "text", "(7)", 0, 0},
      {"double precision", "bigint", "(2), (2.5), ('NaN')", 1, 1},
      {"numeric(9,3)", "numeric(9,2)", "(1.230), (1.235)", 0, 1},
      {"numeric", "numeric(3,1)", "(99.9), (100), (1.25)", 1, 1},
      {"timestamp without time zone", "date", "('2024-01-01'), ('2024-01-01 10:00')", 0, 1},
      {"timestamp without time zone", "timestamp with time zone", "('2024-01-01 10:00')", 0, 0},
      {"timestamp(6) without time zone", "timestamp(3) without time zone",
       "('2024-01-01 10:00:00.123'), ('2024-01-01 10:00:00.123456')", 0, 1},
      {"json", "jsonb", "('{\"a\": 1}'), ('{\"a\":1}')", 0, 1},
      {"boolean", "integer", "(true), (false)", 0, 0},
      {"integer", "boolean", "(0), (1), (2)", 0, 1}};
  lab l;
  for (const pair& p : pairs) {
    CAPTURE(p.before, p.after, p.values);
    schema::table t{.name = "kinds",
                    .columns = {support::postgres_key(), column("value", p.before)}};
    l.apply({l.notes, t});
    l.db.script(std::string("INSERT INTO kinds (value) VALUES ") + p.values + ", (NULL)");
    t.columns[1].type = p.after;
    const auto planned = l.plan({l.notes, t});
    CAPTURE(hewn::report(planned));
    const auto change = change_in(planned, change_kind::change_type);
    CHECK(change.counted(fact_kind::unconvertible) == p.unconvertible);
    CHECK(change.counted(fact_kind::values_changed) == p.changed);
    CHECK(planned.blocked() == (p.unconvertible != 0));
    if (p.unconvertible == 0) {
      if (p.changed == 0)
        l.apply({l.notes, t});
      else
        l.approve({l.notes, t});
      CHECK(l.kept_schemas().size() == (p.changed == 0 ? 0U : 1U));
    }
    l.db.script("DROP TABLE kinds");
    for (const std::string& s : l.kept_schemas()) l.db.script("DROP SCHEMA " + s + " CASCADE");
  }
}

TEST_CASE("values are converted as it is declared, each from the row as it was", "[s23]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN x text, ADD COLUMN y text; UPDATE notes SET x = '1 kg', y = '2 "
      "kg' WHERE id = 1");
  l.notes.columns.push_back(column("x", "bigint"));
  l.notes.columns.push_back(column("y", "bigint", false, "0"));
  l.refused(l.plan({l.notes}), "1 value does not fit the new type: id='1'");
  l.approve({l.notes}, {converted("notes", "x", "split_part(y, ' ', 1)::bigint"),
                        converted("notes", "y", "split_part(x, ' ', 1)::bigint")});
  CHECK(l.number("SELECT x FROM notes WHERE id = 1") == 2);
  CHECK(l.number("SELECT y FROM notes WHERE id = 1") == 1);
  l.db.script("INSERT INTO notes (text) VALUES ('c')");
  CHECK(l.number("SELECT y FROM notes WHERE text = 'c'") == 0);
}

TEST_CASE("a conversion to NULL stands in the way of a column that takes none", "[s44]") {
  lab l;
  l.notes.columns[1].not_null = true;
  l.apply({l.notes});
  l.notes.columns[1].type = "boolean";
  l.refused(l.plan({l.notes}, {converted("notes", "text", "nullif(text = 'a', false)")}),
            "1 row has no value for it: id='2'");
  l.approve({l.notes}, {converted("notes", "text", "text = 'a'")});
}

TEST_CASE("a value that does not fit is told where rows of other tables refer to its row",
          "[s44]") {
  lab l;
  schema::table marks = child_of_notes();
  l.apply({l.notes, marks});
  l.db.script("INSERT INTO marks (note_id) VALUES (1)");
  marks.columns.push_back(column("n", "bigint"));
  l.notes.columns[0].type = "integer";
  l.refused(l.plan({l.notes, marks}, {backfilled("marks", "n", "'0.5'")}),
            "a value does not fit its column");
}

TEST_CASE("what the server cannot compute of the rows is refused in words", "[s28][s32]") {
  lab l;
  schema::table limited = l.notes;
  limited.checks = {{.name = "limit", .text = "10 / (id - 1) > 0"}};
  l.refused(l.plan({limited}), "it cannot be computed for every row, because");
  l.db.script("ALTER TABLE notes ADD COLUMN n smallint DEFAULT 1");
  l.notes.columns.push_back(column("n", "smallint", true, "1"));
  l.refused(l.plan({l.notes}, {backfilled("notes", "n", "'40000'")}),
            "it cannot be computed for every row, because");
}

TEST_CASE("conditions are those of the new type of their column, in one go", "[s32][s44]") {
  struct pair {
    const char* before;
    const char* after;
    const char* condition;
    std::size_t changes;
  };
  // The server reads them again, and what it then says is not always what is declared.
  const pair pairs[] = {{"double precision", "integer", "n > -3", 3},
                        {"integer", "numeric(9,2)", "n > -3", 1},
                        {"integer", "bigint", "n > -3", 1},
                        {"character varying(9)", "text", "n <> 'x'", 1}};
  lab l;
  for (const pair& p : pairs) {
    CAPTURE(p.before, p.after);
    schema::table t{.name = "limited",
                    .columns = {support::postgres_key(), column("n", p.before)},
                    .checks = {{.name = "limit", .text = p.condition}},
                    .indexes = {{.name = "some", .parts = {{.text = "n"}}, .where = p.condition}}};
    l.apply({l.notes, t});
    t.columns[1].type = p.after;
    const auto planned = l.plan({l.notes, t});
    CAPTURE(hewn::report(planned));
    CHECK(planned.changes().size() == p.changes);
    if (planned.pending().empty())
      l.apply({l.notes, t});
    else
      l.approve({l.notes, t});
    l.db.script("DROP TABLE limited");
  }
}

TEST_CASE("a type that nothing converts to is refused in words", "[s51]") {
  lab l;
  l.db.script("ALTER TABLE notes ADD COLUMN n bigint");
  l.notes.columns.push_back(column("n", "uuid"));
  l.refused(l.plan({l.notes}), "cannot cast type bigint to uuid");
  l.refused(l.plan({l.notes}, {converted("notes", "n", "no_such_function(n)")}),
            "no_such_function");
}

TEST_CASE("the counter of a key grows with the key", "[M2]") {
  lab l;
  l.db.script(
      "CREATE TABLE old (id serial PRIMARY KEY, x bigint); SELECT setval('old_id_seq', 2147483647);"
      "CREATE TABLE numbered (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, x bigint); "
      "SELECT setval(pg_get_serial_sequence('numbered', 'id'), 2147483647)");
  schema::table old{.name = "old", .columns = {support::postgres_key(), column("x", "bigint")}};
  schema::table numbered = old;
  numbered.name = "numbered";
  l.apply({l.notes, old, numbered});
  for (const char* table : {"old", "numbered"}) {
    l.db.script(std::string("INSERT INTO ") + table + " (x) VALUES (1)");
    CHECK(l.number(std::string("SELECT id FROM ") + table) == 2147483648);
  }
}

TEST_CASE("constraints come when the rows keep them, and go with an approval",
          "[s63][s66][s67][s68]") {
  lab l;
  schema::table marks = child_of_notes();
  l.apply({l.notes, marks});
  l.db.script("INSERT INTO marks (note_id) VALUES (1), (1)");

  SECTION("a check") {
    l.notes.checks = {{.name = "short", .text = "length(text) < 1"}};
    l.refused(l.plan({l.notes, marks}), "2 rows violate the condition: id='1'; id='2'");
    l.notes.checks[0].text = "length(text) < 5";
    l.apply({l.notes, marks});
    const std::string file = file_of(l, "notes");
    l.notes.checks[0].text = "length(text) < 9";
    l.apply({l.notes, marks});
    CHECK(file_of(l, "notes") == file);
    l.db.script("INSERT INTO notes (text) VALUES ('12345678')");
    CHECK(failure_of([&] {
            l.db.script("INSERT INTO notes (text) VALUES ('123456789')");
          }).code() == errc::check);
    l.notes.checks.clear();
    l.approve({l.notes, marks});
    l.db.script("INSERT INTO notes (text) VALUES ('123456789')");
  }
  SECTION("a unique constraint, to which others come to refer") {
    l.notes.unique_keys = {{.name = "notes_text_key", .columns = {"text"}}};
    l.db.script("INSERT INTO notes (text) VALUES ('a')");
    l.refused(l.plan({l.notes, marks}), "id='1' and id='3'");
    l.db.script("DELETE FROM notes WHERE id = 3");
    schema::table uses{.name = "uses",
                       .columns = {support::postgres_key(), column("text", "text")},
                       .foreign_keys = {{.name = "uses_text_fkey",
                                         .columns = {"text"},
                                         .target_table = "notes",
                                         .target_columns = {"text"}}}};
    schema::table without = uses;
    without.foreign_keys.clear();
    schema::table others = uses;
    others.name = "others";
    others.foreign_keys[0].name = "others_text_fkey";
    l.apply({l.notes, marks, without, others});  // a new table waits for the constraint as well
    l.apply({l.notes, marks, uses, others});
    l.db.script("DROP TABLE others");
    CHECK(failure_of([&] { l.db.script("INSERT INTO uses (text) VALUES ('z')"); }).code() ==
          errc::foreign_key);
    // Both go at once, the reference first.
    l.notes.unique_keys.clear();
    l.approve({l.notes, marks, without});
  }
  SECTION("a unique constraint that another table needs stays") {
    l.notes.unique_keys = {{.name = "notes_text_key", .columns = {"text"}}};
    l.apply({l.notes, marks});
    l.db.script("CREATE TABLE others (text text REFERENCES notes (text))");
    l.notes.unique_keys.clear();
    const auto planned = l.plan({l.notes, marks});
    CAPTURE(hewn::report(planned));
    CHECK(planned.blocked());
    CHECK(hewn::report(planned).find("others_text_fkey") != std::string::npos);
  }
  SECTION("a foreign key") {
    marks.foreign_keys[0].on_delete = schema::action::cascade;
    const auto armed = l.plan({l.notes, marks});
    REQUIRE(armed.pending().size() == 1);
    CHECK(armed.pending()[0].loosens);
    l.approve({l.notes, marks});
    l.db.script("DELETE FROM notes WHERE id = 1");
    CHECK(l.number("SELECT COUNT(*) FROM marks") == 0);
    marks.foreign_keys.clear();
    l.approve({l.notes, marks});
    l.db.script("INSERT INTO marks (note_id) VALUES (99)");
    l.refused(l.plan({l.notes, child_of_notes()}), "1 row refers to a row that is not there");
    l.db.script("DELETE FROM marks WHERE note_id = 99");
    l.apply({l.notes, child_of_notes()});
  }
  SECTION("one that nobody checked becomes one that holds") {
    l.db.script(
        "ALTER TABLE marks DROP CONSTRAINT marks_note_id_fkey, ADD CONSTRAINT marks_note_id_fkey "
        "FOREIGN KEY (note_id) REFERENCES notes (id) NOT VALID");
    l.apply({l.notes, marks});
    CHECK(l.number("SELECT COUNT(*) FROM pg_constraint WHERE conname = 'marks_note_id_fkey' AND "
                   "convalidated AND connamespace = current_schema()::regnamespace") == 1);
  }
}

TEST_CASE("an index becomes another one of its name", "[s36]") {
  lab l;
  l.notes.indexes = {{.name = "by_text", .parts = {{.text = "text"}}}};
  l.apply({l.notes});
  l.notes.indexes[0].unique = true;
  l.apply({l.notes});
  l.notes.indexes[0].unique = false;
  l.notes.indexes[0].parts[0].descending = true;
  l.approve({l.notes});
}

TEST_CASE("a computed column becomes one that is written, with the values that it has", "[s13]") {
  lab l;
  schema::table t = l.notes;
  schema::column computed = column("loud", "text");
  computed.generated = schema::generated::stored;
  computed.generated_text = "upper(text)";
  l.db.script("ALTER TABLE notes ADD COLUMN loud text GENERATED ALWAYS AS (upper(text)) STORED");
  t.columns.push_back(computed);
  CHECK(l.plan({t}).empty());
  t.columns[2] = column("loud", "text", false, "'X'");
  const std::string file = file_of(l, "notes");
  l.apply({t});
  CHECK(file_of(l, "notes") == file);
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE loud IN ('A', 'B')") == 2);
  // What is computed from others is no loss.
  l.db.script(
      "ALTER TABLE notes DROP COLUMN loud, ADD COLUMN loud text GENERATED ALWAYS AS (upper(text)) "
      "STORED");
  l.apply({l.notes}, {dropped_column("notes", "loud")});
  CHECK(l.kept_schemas().empty());
}

TEST_CASE("a column that the database computes or numbers is added for all rows", "[s9]") {
  lab l;
  schema::column loud = column("loud", "text");
  loud.generated = schema::generated::stored;
  loud.generated_text = "upper(text)";
  schema::column number = column("number", "bigint", true);
  number.autoincrement = true;
  l.notes.columns.push_back(loud);
  l.notes.columns.push_back(number);
  const auto planned = l.apply({l.notes});
  for (const char* name : {"loud", "number"})
    CHECK(change_in(planned, change_kind::add_column, name).risk.cost ==
          hewn::change_cost::rewrite);
  CHECK(l.text("SELECT string_agg(loud || number, ',' ORDER BY id) FROM notes") == "A1,B2");
  schema::column bad = column("bad", "bigint");
  bad.generated = schema::generated::stored;
  bad.generated_text = "10 / (id - 1)";
  l.notes.columns.push_back(bad);
  l.refused(l.plan({l.notes}), "it cannot be computed for every row, because");
}

TEST_CASE("a key that the program gave is numbered behind its keys from now on", "[M2]") {
  lab l;
  l.db.script(
      "CREATE TABLE given (id bigint PRIMARY KEY, x bigint); INSERT INTO given VALUES (41)");
  schema::table given{.name = "given", .columns = {support::postgres_key(), column("x", "bigint")}};
  const std::string file = file_of(l, "given");
  l.apply({l.notes, given});
  CHECK(file_of(l, "given") == file);
  l.db.script("INSERT INTO given (x) VALUES (1)");
  CHECK(l.number("SELECT max(id) FROM given") == 42);
  // One that takes keys of a program may stay what it is, and one that takes none may not.
  given.columns[0].autoincrement = false;
  CHECK(l.plan({l.notes, given}).empty());
  l.db.script("ALTER TABLE given ALTER COLUMN id SET GENERATED ALWAYS");
  l.approve({l.notes, given});
  CHECK(failure_of([&] { l.db.script("INSERT INTO given (x) VALUES (1)"); }).code() ==
        errc::not_null);
}

TEST_CASE("another primary key is approved, and counted", "[s40]") {
  lab l;
  l.db.script(
      "CREATE TABLE pairs (a bigint, b bigint, CONSTRAINT pairs_pkey PRIMARY KEY (a)); INSERT INTO "
      "pairs VALUES (1, 1), (2, 1), (3, NULL)");
  schema::column a = column("a", "bigint", true), b = column("b", "bigint", true);
  a.key_position = 1;
  b.key_position = 2;
  schema::table pairs{.name = "pairs", .columns = {a, b}, .primary_key_name = "pairs_pkey"};
  l.refused(l.plan({l.notes, pairs}), "1 row has no value for it: a='3'");
  l.db.script("DELETE FROM pairs WHERE a = 3");
  const auto planned = l.approve({l.notes, pairs});
  CHECK(change_in(planned, change_kind::change_primary_key).counted(fact_kind::values_changed) ==
        2);
  l.db.script("INSERT INTO pairs VALUES (1, 2)");
  // To what others refer to stays.
  l.db.script(
      "CREATE TABLE uses (a bigint, b bigint, FOREIGN KEY (a, b) REFERENCES pairs); DELETE FROM "
      "pairs WHERE b = 2");
  pairs.columns[1].key_position = 0;
  const auto blocked = l.plan({l.notes, pairs});
  CAPTURE(hewn::report(blocked));
  CHECK(blocked.blocked());
  CHECK(hewn::report(blocked).find("uses_a_b_fkey") != std::string::npos);
}

TEST_CASE("a table without a key gets one", "[s40]") {
  lab l;
  l.db.script("CREATE TABLE bare (x bigint); INSERT INTO bare VALUES (5), (6)");
  schema::table bare{.name = "bare",
                     .columns = {column("x", "bigint"), support::postgres_key()},
                     .primary_key_name = "bare_pkey"};
  l.approve({l.notes, bare});
  CHECK(l.number("SELECT count(DISTINCT id) FROM bare") == 2);
  l.db.script("INSERT INTO bare (x) VALUES (7)");
  CHECK(l.number("SELECT id FROM bare WHERE x = 7") == 3);
}

TEST_CASE("texts are compared by another rule once that is approved", "[M2]") {
  lab l;
  const std::string file = file_of(l, "notes");
  l.notes.columns[1].collation = "C";
  const auto planned = l.plan({l.notes});
  CAPTURE(hewn::report(planned));
  l.approve({l.notes});
  l.notes.columns[1].collation.clear();
  l.approve({l.notes});
  CHECK(file_of(l, "notes") == file);
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE text IN ('a', 'b')") == 2);
}

TEST_CASE("many changes of one table go together", "[s23]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN a integer, ADD COLUMN b integer, ADD COLUMN old text; UPDATE "
      "notes SET a = id, b = 10 * id, old = 'o' || id; CREATE INDEX notes_a ON notes (a)");
  schema::table t{.name = "memos",
                  .columns = {support::postgres_key(), column("body", "text", true),
                              column("a", "bigint", true), column("b", "bigint"),
                              column("fresh", "text", true)},
                  .checks = {{.name = "positive", .text = "a > 0"}},
                  .indexes = {{.name = "notes_a", .unique = true, .parts = {{.text = "a"}}}}};
  const std::vector<hewn::intent> intents = {
      support::renamed_table("notes", "memos"), support::renamed_column("memos", "text", "body"),
      dropped_column("memos", "old"), backfilled("memos", "fresh", "old || '+' || a")};
  const auto planned = l.approve({t}, intents);
  CHECK(l.text("SELECT string_agg(body || a || b || fresh, ',' ORDER BY id) FROM memos") ==
        "a110o1+1,b220o2+2");
  // One pass over the rows for both types.
  CHECK(std::count_if(planned.steps().begin(), planned.steps().end(), [](const hewn::step& s) {
          return s.sql.find(" TYPE ") != std::string::npos;
        }) == 1);
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.number("SELECT COUNT(*) FROM " + l.kept_schemas()[0] + ".memos_old") == 2);
}

TEST_CASE("planning a change keeps nobody waiting", "[M5]") {
  lab l;
  l.apply({l.notes, child_of_notes()});
  const auto writing = l.where.open({.lock_timeout = std::chrono::milliseconds(2000)});
  writing.transaction([&](auto& tx) {
    tx.execute(hewn::sql<"INSERT INTO notes (text) VALUES ('z')">);
    l.notes.columns[1] = column("text", "character varying(20)", true, "'x'");
    l.notes.checks = {{.name = "short", .text = "length(text) < 9"}};
    schema::table marks = child_of_notes();
    marks.foreign_keys[0].on_delete = schema::action::cascade;
    const auto planned = l.plan({l.notes, marks});
    CAPTURE(hewn::report(planned));
    CHECK(planned.changes().size() == 5);
    CHECK_FALSE(planned.blocked());
  });
}

TEST_CASE("a change that fails leaves everything as it was", "[M2]") {
  lab l;
  schema::table other = l.notes;
  other.columns[1].not_null = true;
  other.columns.push_back(column("more", "text", false, "'m'"));
  const auto planned = l.plan({other});
  const auto late = l.where.open();
  bool written = false;
  hewn::sync_options options;
  options.progress = [&](const hewn::sync_progress&) {
    if (!std::exchange(written, true)) late.script("INSERT INTO notes (text) VALUES (NULL)");
  };
  CHECK(failure_of([&] { hewn::apply(l.executor, planned, options); }).code() == errc::not_null);
  CHECK(l.plan({l.notes}).empty());
  CHECK(l.number("SELECT COUNT(*) FROM notes") == 3);
}

TEST_CASE("a question that fails for a row leaves the caller's transaction as it is", "[M2]") {
  lab l;
  auto tx = l.db.begin();
  schema::table limited = l.notes;
  limited.checks = {{.name = "ratio", .text = "10 / (id - 1) > 0"}};
  const auto blocked = l.plan({limited});
  CHECK(blocked.blocked());
  CHECK(hewn::report(blocked).find("it cannot be computed for every row") != std::string::npos);
  limited.checks.clear();
  limited.columns[1].not_null = true;
  l.apply({limited});
  tx.commit();
  CHECK(l.plan({limited}).empty());
}

TEST_CASE("a plan on a server is undone", "[M2]") {
  lab l;
  schema::table before = l.notes;
  l.notes.columns[1] = column("text", "character varying(20)", true, "'x'");
  l.notes.checks = {{.name = "short", .text = "length(text) < 9"}};
  const auto done = l.apply({l.notes});
  const auto back = hewn::plan_undo(l.executor, done);
  CAPTURE(hewn::report(back));
  CHECK_FALSE(back.blocked());
  hewn::apply(l.executor, back, l.consent(back));
  CHECK(l.plan({before}).empty());
}

TEST_CASE("a renamed table to which others refer gets its name back", "[s97]") {
  lab l;
  l.apply({l.notes, child_of_notes()});
  schema::table memos = l.notes;
  memos.name = "memos";
  memos.columns[0].name = "key";
  const auto done = l.apply({memos}, {support::renamed_table("notes", "memos"),
                                      support::renamed_column("memos", "id", "key")});
  const auto back = hewn::plan_undo(l.executor, done);
  CAPTURE(hewn::report(back));
  CHECK(back.pending().empty());
  hewn::apply(l.executor, back);
  CHECK(l.plan({l.notes, child_of_notes()}).empty());
}
