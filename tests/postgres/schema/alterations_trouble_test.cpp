// tests/postgres/schema/alterations_trouble_test.cpp - changes of tables on a server in which
// something is in the way, or would be lost.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::change_kind;
using hewn::fact_kind;
using support::backfilled;
using support::change_in;
using support::converted;
using support::dropped_column;
using lab = support::postgres_lab;

namespace {

schema::column column(std::string name, std::string type, bool not_null = false,
                      std::string value = {}) {
  return support::postgres_column(std::move(name), std::move(type), not_null, std::move(value));
}

// A trigger of `notes` before each row that is updated.
void add_trigger(lab& l, const std::string& body) {
  l.db.script("CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql AS " +
              hewn::quote_literal("BEGIN " + body + " END") +
              "; CREATE TRIGGER answers BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION "
              "answer()");
}

}  // namespace

TEST_CASE("a key and other columns go together, and all values are kept with the key", "[s11]") {
  lab l;
  l.db.script("ALTER TABLE notes ADD COLUMN more text DEFAULT 'm'");
  l.approve({{.name = "notes", .columns = {column("more", "text", false, "'m'")}}},
            {dropped_column("notes", "id"), dropped_column("notes", "text")});
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.text("SELECT string_agg(id || text, ',' ORDER BY id) FROM " + l.kept_schemas()[0] +
               ".notes_text") == "1a,2b");
}

TEST_CASE("a composite value of which a part is NULL is a value", "[s12]") {
  lab l;
  l.db.script(
      "CREATE TYPE pair AS (x int, y int); ALTER TABLE notes ADD COLUMN p pair, ADD COLUMN q pair; "
      "UPDATE notes SET p = ROW(1, NULL), q = ROW(NULL, NULL) WHERE id = 1");
  schema::table t = l.notes;
  t.columns.push_back(column("q", "text"));
  const auto planned =
      l.approve({t}, {dropped_column("notes", "p"), converted("notes", "q", "NULL")});
  CHECK(change_in(planned, change_kind::drop_column).counted(fact_kind::values_lost) == 1);
  CHECK(change_in(planned, change_kind::change_type).counted(fact_kind::values_lost) == 1);
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.text("SELECT id || p::text FROM " + l.kept_schemas()[0] + ".notes_p") == "1(1,)");
  CHECK(l.text("SELECT id || q::text FROM " + l.kept_schemas()[0] + ".notes_q") == "1(,)");
}

TEST_CASE("filling a column changes no other one, whatever triggers and rules there are", "[s28]") {
  lab l;
  schema::table t = l.notes;
  t.columns.push_back(column("more", "text"));
  const std::vector<hewn::intent> filled = {backfilled("notes", "more", "'m' || text")};
  SECTION("a trigger that changes another column") {
    add_trigger(l, "NEW.text := 'changed'; RETURN NEW;");
  }
  SECTION("a trigger that keeps the row") {
    add_trigger(l, "RETURN NULL;");
    l.db.script("ALTER TABLE notes ENABLE ALWAYS TRIGGER answers");
  }
  SECTION("a rule") { l.db.script("CREATE RULE nothing AS ON UPDATE TO notes DO INSTEAD NOTHING"); }
  const std::string states =
      "SELECT concat((SELECT string_agg(tgname || tgenabled::text, ',') FROM pg_trigger WHERE "
      "tgrelid = 'notes'::regclass), (SELECT string_agg(rulename || ev_enabled::text, ',') FROM "
      "pg_rewrite WHERE ev_class = 'notes'::regclass))";
  const std::string before = l.text(states);
  l.apply({t}, filled);
  CHECK(l.text("SELECT string_agg(text || more, ',' ORDER BY id) FROM notes") == "ama,bmb");
  CHECK(l.text(states) == before);
}

TEST_CASE("a column is not filled where row security hides rows", "[s28]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; ALTER TABLE notes FORCE ROW LEVEL SECURITY");
  const std::string role = "role_" + l.text("SELECT current_schema()::text");
  l.db.script("CREATE ROLE " + role + "; ALTER TABLE notes OWNER TO " + role + "; GRANT ALL ON " +
              "SCHEMA " + l.text("SELECT current_schema()::text") + " TO " + role + "; SET ROLE " +
              role);
  schema::table t = l.notes;
  t.columns.push_back(column("more", "text"));
  const auto planned = l.plan({t}, {backfilled("notes", "more", "'m'")});
  CHECK(support::failure_of([&] { hewn::apply(l.executor, planned); }).code() ==
        hewn::errc::cannot_open);
  l.db.script("RESET ROLE; ALTER TABLE notes OWNER TO CURRENT_USER; DROP OWNED BY " + role +
              "; DROP ROLE " + role);
}

TEST_CASE("an apply leaves row_security of the caller's transaction alone", "[M2]") {
  lab l;
  l.db.script("ALTER TABLE notes ADD COLUMN old text");
  schema::table t = l.notes;
  t.columns.push_back(column("more", "text"));
  l.db.transaction([&](auto&) {
    hewn::apply(l.executor,
                l.plan({t}, {backfilled("notes", "more", "'m'"), dropped_column("notes", "old")}));
    CHECK(l.text("SELECT current_setting('row_security')") == "on");
  });
}

TEST_CASE("a domain says which values it takes", "[s44]") {
  lab l;
  l.db.script(
      "CREATE DOMAIN positive AS bigint CHECK (VALUE > 0); CREATE DOMAIN given AS bigint NOT NULL; "
      "CREATE TABLE numbers (id bigint PRIMARY KEY, n bigint, m bigint); INSERT INTO numbers "
      "VALUES "
      "(1, 5, 1), (2, -1, NULL)");
  schema::column key = column("id", "bigint", true);
  key.key_position = 1;
  schema::table t{.name = "numbers",
                  .columns = {key, column("n", "positive"), column("m", "given")}};
  const auto planned = l.plan({l.notes, t});
  for (const char* name : {"n", "m"}) {
    const auto change = change_in(planned, change_kind::change_type, name);
    CHECK(change.counted(fact_kind::unconvertible) == 1);
    CHECK(change.reason == "1 value does not fit the new type: id='2'");
  }
  l.db.script("DELETE FROM numbers WHERE id = 2");
  l.apply({l.notes, t});
}

TEST_CASE("what fills a column reads the others as they were", "[s28][s44]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN a integer, ADD COLUMN b integer; UPDATE notes SET a = 5 WHERE "
      "id = 1; UPDATE notes SET b = 6 WHERE id = 2");
  l.notes.columns.push_back(column("a", "bigint"));
  l.notes.columns.push_back(column("b", "integer", true));
  l.notes.columns.push_back(column("fresh", "integer"));
  l.approve({l.notes}, {converted("notes", "a", "a * 100"), backfilled("notes", "b", "a + 1"),
                        backfilled("notes", "fresh", "a + 2")});
  CHECK(l.text("SELECT string_agg(concat(a, '/', b, '/', fresh), ',' ORDER BY id) FROM notes") ==
        "500/6/7,/6/");
  // An expression of the type before.
  l.notes.columns[2].type = "text";
  l.notes.columns[3] = column("b", "integer");
  l.notes.columns[4] = column("fresh", "integer", true);
  l.apply({l.notes}, {backfilled("notes", "fresh", "coalesce(a, 1) + 0")});
  CHECK(l.number("SELECT fresh FROM notes WHERE id = 2") == 1);
}

TEST_CASE("a column becomes an identity behind its keys, whatever it was before", "[s38]") {
  lab l;
  l.db.script(
      "CREATE TABLE old (id bigserial PRIMARY KEY, x bigint); ALTER TABLE old ALTER COLUMN id DROP "
      "DEFAULT; INSERT INTO old VALUES (41, 0); CREATE TABLE last (id smallint PRIMARY KEY, x "
      "bigint); INSERT INTO last VALUES (32767, 0); CREATE TABLE fresh (x bigint); INSERT INTO "
      "fresh VALUES (3), (5)");
  schema::table old{.name = "old", .columns = {support::postgres_key(), column("x", "bigint")}};
  schema::table last = old;
  last.name = "last";
  last.columns[0].type = "smallint";
  schema::table fresh{.name = "fresh", .columns = {column("x", "bigint"), support::postgres_key()}};
  l.approve({l.notes, old, last, fresh}, {backfilled("fresh", "id", "10 * x")});
  for (const char* table : {"old", "fresh"})
    l.db.script(std::string("INSERT INTO ") + table + " (x) VALUES (1)");
  CHECK(l.number("SELECT max(id) FROM old") == 42);
  CHECK(l.number("SELECT max(id) FROM fresh") == 51);
}

TEST_CASE("a numbered key becomes a text", "[s38][s44]") {
  lab l;
  l.db.script("CREATE TABLE old (id bigserial PRIMARY KEY); INSERT INTO old DEFAULT VALUES");
  schema::column key = column("id", "text", true);
  key.key_position = 1;
  l.notes.columns[0] = key;
  l.approve({l.notes, {.name = "old", .columns = {key}}});
  CHECK(l.text("SELECT string_agg(id || text, ',' ORDER BY id) FROM notes") == "1a,2b");
}

TEST_CASE("what elsewhere depends on a table keeps it, and the plan says so", "[s34]") {
  lab l;
  const std::string home = l.text("SELECT current_schema()::text");
  schema::column key = column("id", "bigint", true);
  key.key_position = 1;
  schema::table given{.name = "given",
                      .columns = {key, column("text", "text"), column("k", "bigint", true)},
                      .primary_key_name = "given_pkey",
                      .unique_keys = {{.name = "given_text_key", .columns = {"text"}}}};
  l.apply({l.notes, given});
  schema::table other = given;
  SECTION("a view that groups by the key") {
    l.db.script("CREATE VIEW grouped AS SELECT id, text, count(*) FROM given GROUP BY id");
    other.columns[0].key_position = 0;
    other.columns[2].key_position = 1;
    l.refused(l.plan({l.notes, other}), "view grouped depends on it");
  }
  SECTION("a view, where the collation changes") {
    l.db.script("CREATE VIEW texts AS SELECT text FROM given");
    other.columns[1].collation = "C";
    l.refused(l.plan({l.notes, other}), "view texts depends on it");
  }
  SECTION("a column of its rows, where a type changes") {
    l.db.script("CREATE TABLE history (id bigint, was given)");
    other.columns[1].type = "character varying(9)";
    l.refused(l.plan({l.notes, other}), "column was of table history depends on it");
    other = given;
    other.columns.push_back(column("more", "text"));
    l.apply({l.notes, other});
    l.apply({l.notes, given}, {dropped_column("given", "more")});
  }
  SECTION("references from another schema") {
    const std::string elsewhere = home + "_elsewhere";
    l.db.script("CREATE SCHEMA " + elsewhere + "; CREATE TABLE " + elsewhere +
                ".uses (given_id bigint CONSTRAINT uses_given REFERENCES given, text text "
                "CONSTRAINT uses_text REFERENCES given (text))");
    other.columns[0].key_position = 0;
    other.columns[2].key_position = 1;
    l.refused(l.plan({l.notes, other}), "uses_given");
    other = given;
    other.columns[0].type = "text";
    l.refused(l.plan({l.notes, other}), "cannot be implemented");
    other = given;
    other.unique_keys.clear();
    l.refused(l.plan({l.notes, other}), "uses_text");
    // What does not harm them goes on.
    other = given;
    other.columns[0].type = "numeric";
    l.apply({l.notes, other});
    l.db.script("DROP SCHEMA " + elsewhere + " CASCADE");
  }
  SECTION("references from a partitioned table") {
    l.db.script(
        "CREATE TABLE parts (given_id bigint CONSTRAINT parts_given REFERENCES given) PARTITION BY "
        "LIST (given_id); CREATE TABLE part PARTITION OF parts DEFAULT");
    other.columns[0].type = "text";
    l.refused(l.plan({l.notes, other}), "cannot be implemented");
  }
}

TEST_CASE("an inherited column is changed where it comes from", "[s34]") {
  lab l;
  l.db.script(
      "CREATE TABLE parent (id bigint NOT NULL, text text, more text); CREATE TABLE child (own "
      "text, PRIMARY KEY (id)) INHERITS (parent); INSERT INTO child VALUES (1, 'abc', NULL, 'o')");
  schema::column key = column("id", "bigint", true);
  key.key_position = 1;
  schema::table child{
      .name = "child",
      .columns = {key, column("text", "text"), column("more", "text"), column("own", "text")}};
  CHECK(l.plan({l.notes, child}).empty());
  schema::table other = child;
  other.columns[1].type = "character varying(9)";
  l.refused(l.plan({l.notes, other}), "it is inherited");
  other = child;
  other.columns.erase(other.columns.begin() + 2);
  l.refused(l.plan({l.notes, other}, {dropped_column("child", "more")}), "it is inherited");
  child.columns[3].type = "character varying(9)";
  l.apply({l.notes, child});
}

TEST_CASE("both sides of a reference get another type", "[s33][s44]") {
  lab l;
  schema::column code = column("code", "bigint", true);
  code.key_position = 1;
  schema::table goods{.name = "goods", .columns = {code}, .primary_key_name = "goods_pkey"};
  schema::table sales{.name = "sales",
                      .columns = {support::postgres_key(), column("code", "bigint")},
                      .foreign_keys = {{.name = "sales_code_fkey",
                                        .columns = {"code"},
                                        .target_table = "goods",
                                        .target_columns = {"code"},
                                        .on_delete = schema::action::cascade}}};
  l.apply({l.notes, goods, sales});
  l.db.script("INSERT INTO goods VALUES (1), (2); INSERT INTO sales (code) VALUES (2), (NULL)");
  goods.columns[0].type = "text";
  sales.columns[1].type = "text";
  l.apply({l.notes, goods, sales});
  goods.columns[0].type = "integer";
  sales.columns[1].type = "integer";
  l.approve({l.notes, goods, sales}, {converted("goods", "code", "code::integer * 10"),
                                      converted("sales", "code", "code::integer * 10")});
  CHECK(l.number("SELECT code FROM sales WHERE code IS NOT NULL") == 20);
  l.db.script("DELETE FROM goods WHERE code = 20");
  CHECK(l.number("SELECT count(*) FROM sales") == 1);
  // One that would then refer to nothing is counted.
  l.db.script("INSERT INTO sales (code) VALUES (10)");
  goods.columns[0].type = "text";
  sales.columns[1].type = "text";
  l.refused(l.plan({l.notes, goods, sales}, {converted("goods", "code", "'g' || code")}),
            "sales id='3'");
}

TEST_CASE("texts become those of an enumeration of the same plan", "[s44]") {
  lab l;
  l.notes.columns[1] = column("text", "grade", true, "'b'");
  l.notes.columns.push_back(column("more", "grade"));
  l.notes.checks = {{.name = "positive", .text = "id > 0"}};
  const auto plan = [&](const std::vector<hewn::intent>& intents) {
    return hewn::make_plan(
        l.executor, {.schema = {.tables = {l.notes},
                                .enumerations = {{.name = "grade", .labels = {"a", "b", "it's"}}}},
                     .intents = intents});
  };
  l.db.script("INSERT INTO notes (text) VALUES ('c')");
  l.refused(plan({}), "1 value does not fit the new type: id='3'");
  l.db.script("UPDATE notes SET text = NULL WHERE id = 3");
  l.refused(plan({}), "1 row has no value");
  l.refused(plan({backfilled("notes", "text", "'c'")}), "1 value does not fit the new type");
  const std::vector<hewn::intent> filled = {backfilled("notes", "text", "'b'"),
                                            backfilled("notes", "more", "'it''s'")};
  const auto planned = plan(filled);
  CAPTURE(hewn::report(planned));
  CHECK(planned.pending().empty());
  hewn::apply(l.executor, planned);
  CHECK(plan(filled).empty());
  CHECK(l.text("SELECT string_agg(text::text || more, ',' ORDER BY id) FROM notes") ==
        "ait's,bit's,bit's");
  CHECK(l.kept_schemas().empty());
}

TEST_CASE("columns that are computed come and go around the changes of others", "[s9][s44]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN a integer, ADD COLUMN b integer; UPDATE notes SET a = id, b = "
      "10 * id; ALTER TABLE notes ADD COLUMN gone integer GENERATED ALWAYS AS (a + 1) STORED, ADD "
      "COLUMN own integer GENERATED ALWAYS AS (a + b) STORED");
  schema::column fresh = column("fresh", "text");
  fresh.generated = schema::generated::stored;
  fresh.generated_text = "a || '!'";
  l.notes.columns.push_back(column("a", "text"));
  l.notes.columns.push_back(column("own", "integer"));
  l.notes.columns.push_back(fresh);
  l.approve({l.notes}, {dropped_column("notes", "gone"), dropped_column("notes", "b")});
  CHECK(l.text("SELECT string_agg(a || own || fresh, ',' ORDER BY id) FROM notes") ==
        "1111!,2222!");
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.text("SELECT string_agg(id || '/' || b, ',' ORDER BY id) FROM " + l.kept_schemas()[0] +
               ".notes_b") == "1/10,2/20");
}

TEST_CASE("references to what the plan makes unique or of another type wait for it", "[s33]") {
  lab l;
  schema::column code = column("code", "text", true);
  code.key_position = 1;
  l.db.script(
      "CREATE TABLE goods (code integer PRIMARY KEY, n bigint); INSERT INTO goods VALUES (7, 8); "
      "CREATE TABLE bare (n bigint); INSERT INTO bare VALUES (8)");
  schema::table goods{.name = "goods",
                      .columns = {code, column("n", "bigint")},
                      .unique_keys = {{.name = "goods_n_key", .columns = {"n"}}}};
  schema::column n = column("n", "bigint", true);
  n.key_position = 1;
  const schema::table bare{.name = "bare", .columns = {n}, .primary_key_name = "bare_pkey"};
  const auto reference = [](std::string name, std::string column, std::string target,
                            std::string target_column) {
    return schema::foreign_key{.name = std::move(name),
                               .columns = {std::move(column)},
                               .target_table = std::move(target),
                               .target_columns = {std::move(target_column)}};
  };
  l.notes.columns.push_back(column("code", "text"));
  l.notes.columns.push_back(column("n", "bigint", true));
  l.notes.foreign_keys = {reference("notes_code", "code", "goods", "code"),
                          reference("notes_n", "n", "goods", "n")};
  const schema::table fresh{
      .name = "fresh",
      .columns = {support::postgres_key(), column("code", "text"), column("n", "bigint")},
      .foreign_keys = {reference("fresh_code", "code", "goods", "code"),
                       reference("fresh_n", "n", "bare", "n")}};
  l.approve({l.notes, goods, bare, fresh}, {backfilled("notes", "n", "8")});
  CHECK(l.number("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = "
                 "current_schema()::regnamespace") == 4);
}

TEST_CASE("kept values have the name of their column, also where that is not ASCII", "[s11]") {
  lab l;
  const std::string longest =
      "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
      "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
      "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
      "\xC3\xA4"
      "z";
  l.db.script("ALTER TABLE notes ADD COLUMN \xC3\xA9 text DEFAULT 'e', ADD COLUMN " + longest +
              " text DEFAULT 'l'");
  l.approve({l.notes}, {dropped_column("notes", "\xC3\xA9"), dropped_column("notes", longest)});
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.number("SELECT count(*) FROM " + l.kept_schemas()[0] + ".notes_\xC3\xA9") == 2);
  CHECK(l.number("SELECT count(*) FROM " + l.kept_schemas()[0] + ".notes_" +
                 longest.substr(0, 50)) == 2);
}

TEST_CASE("a check goes along with the type of its column", "[s31][s43]") {
  lab l;
  l.notes.columns[1].type = "character varying(9)";
  l.notes.checks = {{.name = "later", .text = "text >= 'a'"}};
  l.approve({{.name = "notes", .columns = {support::postgres_key()}}},
            {dropped_column("notes", "text")});
  l.apply({l.notes});
  for (const char* type : {"text", "character varying(20)", "text"}) {
    l.notes.columns[1].type = type;
    l.apply({l.notes});
  }
  CHECK(support::failure_of([&] { l.db.script("INSERT INTO notes (text) VALUES ('A')"); }).code() ==
        hewn::errc::check);
}

TEST_CASE("a table that refers to another schema changes like others", "[s33]") {
  lab l;
  const std::string elsewhere = l.text("SELECT current_schema()::text") + "_elsewhere";
  l.db.script("CREATE SCHEMA " + elsewhere + "; CREATE TABLE " + elsewhere +
              ".base (id bigint PRIMARY KEY, n bigint); ALTER TABLE notes ADD COLUMN base integer "
              "CONSTRAINT notes_base REFERENCES " +
              elsewhere + ".base");
  l.notes.columns.push_back(column("base", "bigint"));
  l.approve({l.notes});
  CHECK(l.number("SELECT count(*) FROM pg_constraint WHERE conname = 'notes_base'") == 0);
  l.db.script("ALTER TABLE notes ADD CONSTRAINT notes_base FOREIGN KEY (base) REFERENCES " +
              elsewhere + ".base");
  // As what another table refers to.
  schema::table marks{.name = "marks",
                      .columns = {support::postgres_key(), column("note_id", "bigint")},
                      .foreign_keys = {{.name = "marks_note_id_fkey",
                                        .columns = {"note_id"},
                                        .target_table = "notes",
                                        .target_columns = {"id"}}}};
  l.apply({marks});
  marks.columns.push_back(column("more", "text"));
  marks.foreign_keys[0].on_delete = schema::action::cascade;
  l.approve({marks});
  CHECK(l.number("SELECT count(*) FROM pg_constraint WHERE conname = 'notes_base'") == 1);
  l.db.script("DROP SCHEMA " + elsewhere + " CASCADE");
}

TEST_CASE("a key whose counter is too far does not become a shorter one", "[s43]") {
  lab l;
  l.db.script(
      "CREATE TABLE old (id bigserial PRIMARY KEY); SELECT setval('old_id_seq', 2147483648); "
      "SELECT "
      "setval(pg_get_serial_sequence('notes', 'id'), 2147483648)");
  schema::table old{.name = "old", .columns = {support::postgres_key()}};
  old.columns[0].type = "integer";
  schema::table t = l.notes;
  t.columns[0].type = "integer";
  l.refused(l.plan({l.notes, old}), "its counter has passed the last number of the new type");
  l.refused(l.plan({t}), "its counter has passed the last number of the new type");
  l.db.script(
      "SELECT setval('old_id_seq', 7); SELECT setval(pg_get_serial_sequence('notes', 'id'), 7)");
  l.apply({t, old});
  l.db.script("INSERT INTO old DEFAULT VALUES");
  CHECK(l.number("SELECT id FROM old") == 8);
}
