// tests/postgres/schema/comments_test.cpp - what somebody wrote by COMMENT ON outlives every
// change. SPDX-License-Identifier: BSL-1.0
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <vector>

using support::postgres_column;
using support::postgres_key;

namespace {

// A table with a comment on each of its parts, as it is and as it is to become.
struct lab : support::postgres_plans {
  hewn::schema::table shops{.name = "shops", .columns = {postgres_key()}};
  hewn::schema::table notes{
      .name = "notes",
      .columns = {postgres_key(), postgres_column("text", "text", true),
                  postgres_column("size", "integer"), postgres_column("shop", "bigint"),
                  postgres_column("mood", "mood")},
      .unique_keys = {{.name = "notes_once", .columns = {"text"}}},
      .checks = {{.name = "notes_short", .text = "length(text) < 100"},
                 {.name = "notes_size", .text = "size > 0"}},
      .foreign_keys = {{.name = "notes_shop",
                        .columns = {"shop"},
                        .target_table = "shops",
                        .target_columns = {"id"}}},
      .indexes = {{.name = "notes_by_size", .parts = {{.text = "size"}}},
                  {.name = "notes_by_mood", .parts = {{.text = "mood"}}}}};
  hewn::schema::database wanted{.enumerations = {{.name = "mood", .labels = {"glad", "sad"}}}};
  std::vector<hewn::intent> intents;

  lab() {
    notes.primary_key_name = "notes_pkey";
    apply();
    db.script(
        "INSERT INTO notes (text, size, mood) VALUES ('a', 1, 'glad'); COMMENT ON TABLE notes IS "
        "'the table'; COMMENT ON COLUMN notes.text IS 'what it says'; COMMENT ON COLUMN notes.size "
        "IS 'how large'; COMMENT ON COLUMN notes.mood IS 'of the day'; COMMENT ON CONSTRAINT "
        "notes_once ON notes IS 'once'; COMMENT ON CONSTRAINT notes_short ON notes IS 'short'; "
        "COMMENT ON CONSTRAINT notes_size ON notes IS 'some'; COMMENT ON CONSTRAINT notes_shop ON "
        "notes IS 'it''s where'; COMMENT ON CONSTRAINT notes_pkey ON notes IS 'key'; COMMENT ON "
        "INDEX notes_by_size IS 'large last'; COMMENT ON INDEX notes_by_mood IS 'by mood'; COMMENT "
        "ON TYPE mood IS 'how one is'");
  }

  void apply() {
    wanted.tables = {shops, notes};
    const hewn::plan p = hewn::make_plan(executor, {.schema = wanted, .intents = intents});
    CAPTURE(hewn::report(p));
    REQUIRE_FALSE(p.empty());
    if (p.pending().empty())
      hewn::apply(executor, p);
    else
      hewn::apply(executor, p, consent(p));
    intents.clear();
    CHECK(hewn::make_plan(executor, {.schema = wanted}).empty());
  }

  /// All of them, whatever they are on.
  std::string comments() {
    return text(
        "SELECT string_agg(description, ', ' ORDER BY description) FROM pg_description d WHERE "
        "(classoid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class c WHERE c.oid = objoid "
        "AND relnamespace = current_schema()::regnamespace)) OR (classoid = "
        "'pg_constraint'::regclass AND EXISTS (SELECT FROM pg_constraint c WHERE c.oid = objoid "
        "AND connamespace = current_schema()::regnamespace)) OR (classoid = 'pg_type'::regclass "
        "AND EXISTS (SELECT FROM pg_type c WHERE c.oid = objoid AND typnamespace = "
        "current_schema()::regnamespace))");
  }
};

}  // namespace

TEST_CASE("comments outlive a change of what they are on") {
  const struct {
    const char* what;
    std::function<void(lab&)> change;
  } changes[] = {
      {"a type", [](lab& l) { l.notes.columns[1].type = "character varying(50)"; }},
      {"a type with a check and an index", [](lab& l) { l.notes.columns[2].type = "bigint"; }},
      {"a default", [](lab& l) { l.notes.columns[2].default_text = "7"; }},
      {"NOT NULL", [](lab& l) { l.notes.columns[2].not_null = true; }},
      {"NULL", [](lab& l) { l.notes.columns[1].not_null = false; }},
      {"a check", [](lab& l) { l.notes.checks[0].text = "length(text) < 200"; }},
      {"a reference",
       [](lab& l) { l.notes.foreign_keys[0].on_delete = hewn::schema::action::cascade; }},
      {"an index", [](lab& l) { l.notes.indexes[0].parts[0].descending = true; }},
      {"an index with a condition", [](lab& l) { l.notes.indexes[0].where = "size > 3"; }},
      {"a unique key",
       [](lab& l) {
         l.notes.unique_keys[0].columns = {"text", "shop"};
       }},
      {"a primary key",
       [](lab& l) {
         l.notes.columns[1].key_position = 2;
         l.notes.columns[0].autoincrement = true;
       }},
      {"a further value",
       [](lab& l) {
         l.wanted.enumerations[0].labels = {"glad", "sad", "odd"};
       }},
      {"values of an enumeration",
       [](lab& l) {
         l.wanted.enumerations[0].labels = {"sad", "glad"};
       }},
      {"the name of a column",
       [](lab& l) {
         l.notes.columns[2].name = "width";
         l.notes.checks[1].text = "width > 0";
         l.notes.indexes[0].parts[0].text = "width";
         l.intents = {{.kind = hewn::intent_kind::rename_column,
                       .table = "notes",
                       .column = "width",
                       .former = "size"}};
       }},
      {"the name of a column, and its type and check",
       [](lab& l) {
         l.notes.columns[2].name = "width";
         l.notes.columns[2].type = "bigint";
         l.notes.checks[1].text = "width > -1";
         l.notes.indexes[0].parts = {{.text = "width", .descending = true}};
         l.intents = {{.kind = hewn::intent_kind::rename_column,
                       .table = "notes",
                       .column = "width",
                       .former = "size"}};
       }},
      {"the name of the table, and its parts",
       [](lab& l) {
         l.notes.name = "papers";
         l.notes.checks[0].text = "length(text) < 300";
         l.notes.foreign_keys[0].on_delete = hewn::schema::action::set_null;
         l.notes.indexes[0].where = "size > 3";
         l.intents = {
             {.kind = hewn::intent_kind::rename_table, .table = "papers", .former = "notes"}};
       }},
  };
  for (const auto& each : changes) {
    CAPTURE(each.what);
    lab l;
    const std::string before = l.comments();
    each.change(l);
    l.apply();
    CHECK(l.comments() == before);
  }
}
