// tests/postgres/schema/row_proof_test.cpp - an apply that changes rows which it promised to leave
// alone is rolled back.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using support::backfilled;
using support::failure_of;
using support::says;

namespace {

schema::column column(std::string name, std::string type, bool not_null = false) {
  return support::postgres_column(std::move(name), std::move(type), not_null);
}

/// Takes other steps than the plan says.
class tampering_executor : public hewn::postgres::schema_executor {
 public:
  using hewn::postgres::schema_executor::schema_executor;

  void execute(std::string_view sql) override {
    if (!instead || !instead(sql)) hewn::postgres::schema_executor::execute(sql);
  }
  void plainly(std::string_view sql) { hewn::postgres::schema_executor::execute(sql); }
  std::vector<hewn::text_row> query(std::string_view sql,
                                    const hewn::text_row& parameters = {}) override {
    if (sql.find("hashtextextended((hewn_row") != sql.npos) ++passes;
    return hewn::postgres::schema_executor::query(sql, parameters);
  }

  std::function<bool(std::string_view)> instead = {};  ///< true: the step is done
  int passes = 0;                                      ///< over the rows of tables
};

/// `notes` with an integer key and a number beside.
struct lab : support::postgres_lab {
  lab() {
    db.script("ALTER TABLE notes ALTER COLUMN id TYPE integer, ADD COLUMN size integer");
    db.script("UPDATE notes SET size = id");
    notes.columns.push_back(column("size", "integer"));
    notes.columns[0].type = "integer";
  }
  ~lab() {
    for (const std::string& name : db.all<std::string>(
             hewn::sql<"SELECT evtname::text FROM pg_event_trigger WHERE evtname LIKE 'wicked%'">))
      db.script("DROP EVENT TRIGGER " + name);
  }

  hewn::plan widening() {
    schema::table t = notes;
    t.columns[2].type = "bigint";
    return plan({t});
  }
  hewn::plan filling() {
    schema::table t = notes;
    t.columns.push_back(column("more", "text", true));
    return plan({t}, {backfilled("notes", "more", "'m' || text")});
  }
  hewn::plan renaming_nothing() {
    schema::table t = notes;
    t.columns.push_back(column("more", "text"));
    return plan({t});
  }

  std::string rows() {
    return text("SELECT string_agg(concat_ws(' ', id, text, size), ',' ORDER BY id) FROM notes");
  }

  /// Does `sql` whenever a table is altered.
  void hear(const std::string& sql) {
    db.script("CREATE FUNCTION wicked() RETURNS event_trigger LANGUAGE plpgsql AS " +
              hewn::quote_literal("BEGIN " + sql + "; END"));
    db.script("CREATE EVENT TRIGGER wicked_" + text("SELECT current_schema()::text") +
              " ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION wicked()");
  }

  hewn::error refused(const hewn::plan& p, hewn::schema_executor& by) {
    const std::string before = rows();
    hewn::error failure = failure_of([&] { hewn::apply(by, p); });
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(failure.table() == "notes");
    CHECK(rows() == before);
    CHECK(hewn::report(plan({notes})).find("no changes") != std::string::npos);
    return failure;
  }

  tampering_executor tampering{db.connection()};
};

}  // namespace

TEST_CASE("a step that takes a row away besides is rolled back", "[M2]") {
  lab l;
  const auto p = l.widening();
  l.tampering.instead = [&](std::string_view sql) {
    if (sql.find(" TYPE bigint") != sql.npos) l.tampering.plainly("DELETE FROM notes WHERE id = 1");
    return false;
  };
  CHECK(says(l.refused(p, l.tampering),
             "the rows of table notes are not those that it had before the change: there were 2 "
             "and now there are 1"));
}

TEST_CASE("a step that changes another column is rolled back and names it", "[M2]") {
  lab l;
  const auto p = l.widening();
  std::string besides;
  SECTION("one value") { besides = "UPDATE notes SET text = 'x' WHERE id = 1"; }
  SECTION("a value that goes") { besides = "UPDATE notes SET text = NULL WHERE id = 1"; }
  SECTION("values that two rows exchange") {
    besides = "UPDATE notes SET text = CASE WHEN id = 1 THEN 'b' ELSE 'a' END";
  }
  l.tampering.instead = [&](std::string_view sql) {
    if (sql.find(" TYPE bigint") != sql.npos) l.tampering.plainly(besides);
    return false;
  };
  CHECK(says(l.refused(p, l.tampering), "values differ in text, so"));
}

TEST_CASE("a wider type that holds other values is rolled back", "[M2]") {
  lab l;
  const auto p = l.widening();
  l.tampering.instead = [&](std::string_view sql) {
    if (sql.find(" TYPE bigint") == sql.npos) return false;
    l.tampering.plainly("ALTER TABLE notes ALTER COLUMN size TYPE bigint USING size + 1");
    return true;
  };
  CHECK(says(l.refused(p, l.tampering), "values differ in size, so"));
}

TEST_CASE("a trigger that fires while a column is filled is noticed", "[M2]") {
  lab l;
  const auto p = l.filling();
  const auto add = [&](const std::string& name, const std::string& body) {
    l.db.script("CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql AS " +
                hewn::quote_literal("BEGIN " + body + " END") + "; CREATE TRIGGER " + name +
                " BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION answer()");
  };
  SECTION("under the name of one that only announces") {
    add("hewn_announce_notes", "NEW.size := 7; RETURN NEW;");
    CHECK(says(l.refused(p, l.executor), "values differ in size, so"));
  }
  SECTION("that was not put to sleep") {
    add("answers", "NEW.size := 7; RETURN NEW;");
    l.tampering.instead = [](std::string_view sql) { return sql.find("DISABLE") != sql.npos; };
    CHECK(says(l.refused(p, l.tampering), "values differ in size, so"));
  }
  SECTION("a rule that was not put to sleep") {
    l.db.script(
        "CREATE RULE answers AS ON UPDATE TO notes DO ALSO DELETE FROM notes WHERE id = OLD.id "
        "AND id = 1");
    l.tampering.instead = [](std::string_view sql) { return sql.find("DISABLE") != sql.npos; };
    CHECK(says(l.refused(p, l.tampering), "there were 2 and now there are"));
  }
}

TEST_CASE("an event trigger that writes to a table is noticed", "[M2]") {
  lab l;
  SECTION("while only its definition changes") {
    const auto p = l.renaming_nothing();
    l.hear("UPDATE notes SET text = 'x' WHERE id = 1");
    CHECK(says(l.refused(p, l.tampering),
               "rows of table notes were written while only its definition was to change"));
    CHECK(l.tampering.passes == 0);
  }
  SECTION("by TRUNCATE") {
    const auto p = l.renaming_nothing();
    l.hear("IF EXISTS (SELECT FROM notes) THEN TRUNCATE notes; END IF");
    CHECK(says(l.refused(p, l.executor), "rows of table notes were written"));
  }
  SECTION("where the server counts nothing") {
    const auto p = l.renaming_nothing();
    l.hear("UPDATE notes SET text = 'x' WHERE id = 1");
    l.db.script("SET track_counts = off");
    CHECK(says(l.refused(p, l.tampering), "values differ in text, so"));
    CHECK(l.tampering.passes == 2);
  }
  SECTION("while it is rewritten") {
    const auto p = l.widening();
    l.hear("DELETE FROM notes WHERE id = 1");
    CHECK(says(l.refused(p, l.executor), "there were 2 and now there are 1"));
  }
}

TEST_CASE("a constraint that is not as valid as the plan promises is rolled back", "[M2]") {
  lab l;
  schema::table t = l.notes;
  t.checks.push_back({.name = "small", .text = "size < 100"});
  const auto p = l.plan({t});
  // Not while it is rehearsed on a copy.
  const std::string table = l.text("SELECT current_schema()::text") + ".notes";
  l.hear(
      "IF EXISTS (SELECT FROM pg_constraint WHERE conname = 'small' AND convalidated AND conrelid "
      "= '" +
      table + "'::regclass) THEN ALTER TABLE " + table +
      " DROP CONSTRAINT small; ALTER "
      "TABLE " +
      table + " ADD CONSTRAINT small CHECK (size < 100) NOT VALID; END IF");
  CHECK(says(l.refused(p, l.executor), "the schema still differs after all steps"));
}

TEST_CASE("what only changes a definition reads no row", "[M2]") {
  lab l;
  schema::table t = l.notes;
  t.columns.push_back(column("more", "text"));
  t.columns[2].default_text = "7";
  const auto p = l.plan({t});
  hewn::apply(l.tampering, p);
  CHECK(l.tampering.passes == 0);
  CHECK(l.rows() == "1 a 1,2 b 2");
}

TEST_CASE("a value that reads as the name of a table is the same when that table moves", "[M2]") {
  lab l;
  l.db.script(
      "CREATE TABLE other (id bigint PRIMARY KEY); INSERT INTO other VALUES (1); ALTER TABLE notes "
      "ADD COLUMN about regclass; UPDATE notes SET about = 'other'::regclass");
  schema::table t = l.notes;
  t.columns[2].type = "bigint";
  t.columns.push_back(column("about", "regclass"));
  const auto p = l.plan({t}, {support::dropped_table("other")});
  hewn::apply(l.executor, p, l.consent(p));
  CHECK(l.text("SELECT min(about::text) FROM notes").starts_with("hewn_dropped_"));
}

TEST_CASE("each table that is rewritten is read twice, whatever it holds", "[M2]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN ratio double precision, ADD COLUMN data json, ADD COLUMN tags "
      "text[], ADD COLUMN \"Od d\" varchar(3), ADD COLUMN raw bytea; "
      "UPDATE notes SET ratio = 'NaN', data = '{\"a\": 1}', tags = '{x,NULL}', \"Od d\" = 'o', raw "
      "= '\\x00ff' WHERE id = 1; INSERT INTO notes (text) VALUES (NULL)");
  schema::table t = l.notes;
  t.name = "remarks";
  t.columns[0].type = "bigint";
  t.columns.push_back(column("ratio", "double precision"));
  t.columns.push_back(column("data", "json"));
  t.columns.push_back(column("tags", "text[]"));
  t.columns.push_back(column("Even", "character varying(9)"));
  t.columns.push_back(column("raw", "bytea"));
  t.columns.push_back(column("more", "text", true));
  const auto p = l.plan({t}, {support::renamed_table("notes", "remarks"),
                              support::renamed_column("remarks", "Od d", "Even"),
                              backfilled("remarks", "more", "coalesce(text, '-')")});
  CAPTURE(hewn::report(p));
  hewn::apply(l.tampering, p);
  CHECK(l.tampering.passes == 2);
  CHECK(l.text("SELECT string_agg(concat_ws(' ', id, more, size, \"Even\"), ',' ORDER BY id) FROM "
               "remarks") == "1 a 1 o,2 b 2,3 -");
}
