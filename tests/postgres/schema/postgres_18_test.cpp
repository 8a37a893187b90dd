// tests/postgres/schema/postgres_18_test.cpp - what servers know since PostgreSQL 18, in tables
// that are changed. SPDX-License-Identifier: BSL-1.0
#include <hewn/online.hpp>

#include <support/failure.hpp>
#include <support/online_lab.hpp>
#include <support/plan_words.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using schema::generated;
using support::failure_of;
using support::postgres_column;

namespace {

/// `notes` with what `sql` makes of it.
struct lab : support::online_lab {
  bool knows() { return executor.version() >= 180000; }

  void make(const std::string& sql) { db.script(sql); }

  std::string report() { return hewn::report(planned()); }
  /// By sync, and a further plan is empty.
  void sync() {
    tables = {notes};
    const hewn::plan p = planned();
    INFO(hewn::report(p));
    hewn::apply(executor, p, p.pending().empty() ? hewn::sync_options{} : consent(p));
    check_done();
  }
  /// All constraints of the table but its key's.
  static constexpr const char* constraints_of_notes =
      "SELECT coalesce(string_agg(conname || ' ' || pg_get_constraintdef(oid), '; ' ORDER BY "
      "conname), '') FROM pg_constraint WHERE conrelid = 'notes'::regclass AND conname NOT IN "
      "('notes_pkey', 'notes_id_not_null')";
  std::string constraints() { return text(constraints_of_notes); }
  std::string rows() { return text("SELECT string_agg(n::text, '' ORDER BY id) FROM notes n"); }
};

}  // namespace

TEST_CASE("NOT NULL keeps the name that somebody gave it", "[M3]") {
  lab l;
  if (!l.knows()) return;
  l.make("ALTER TABLE notes ADD CONSTRAINT mine NOT NULL text");
  l.notes.columns[1].not_null = true;
  l.sync();
  l.notes.columns[1].type = "character varying(20)";
  l.sync();
  l.notes.columns[1].name = "label";
  l.intents = {support::renamed_column("notes", "text", "label")};
  l.sync();
  CHECK(l.constraints() == "mine NOT NULL label");
  CHECK(l.rows() == "(1,a)(2,b)");
  l.notes.columns[1].not_null = false;
  l.sync();
  CHECK(l.constraints().empty());
  l.make("ALTER TABLE notes ADD CONSTRAINT mine NOT NULL label NO INHERIT");
  l.notes.columns[1].not_null = true;
  l.tables = {l.notes};
  CHECK(l.report().find("left alone: clause NO INHERIT of constraint mine of notes") !=
        std::string::npos);
  l.sync();
}

TEST_CASE("NOT NULL that is NOT VALID becomes valid once its rows are mended", "[M3]") {
  for (const bool online : {false, true}) {
    lab l;
    if (!l.knows()) return;
    INFO((online ? "online" : "sync"));
    l.make(
        "ALTER TABLE notes ADD COLUMN other text; UPDATE notes SET text = NULL, other = 'o' WHERE "
        "id "
        "= 1; ALTER TABLE notes ADD CONSTRAINT mine NOT NULL text NOT VALID, ADD CONSTRAINT others "
        "NOT NULL other NOT VALID");
    l.notes.columns.push_back(postgres_column("other", "text"));
    l.tables = {l.notes};
    CHECK(l.planned().empty());
    l.notes.columns[1].not_null = true;
    l.tables = {l.notes};
    CHECK(l.planned().blocked());
    CHECK(l.report().find("1 row has no value for it: id='1'") != std::string::npos);
    CHECK(failure_of([&] { hewn::apply(l.executor, l.planned()); }).code() ==
          errc::approval_required);
    if (online)
      l.intents = {support::backfilled("notes", "text", "'z'")};
    else
      l.make("UPDATE notes SET text = 'z' WHERE id = 1");
    if (online) {
      hewn::online_options options;
      // Then SET NOT NULL reads no row under its lock.
      std::string before;
      options.progress = [&](const hewn::online_progress& p) {
        if (p.number != p.total || p.share != 0) return;
        before = l.where.open().one<std::string>(hewn::dynamic_sql(lab::constraints_of_notes));
      };
      l.change(options);
      CHECK(before.find("mine NOT NULL text;") != std::string::npos);
      l.check_done();
    } else {
      l.sync();
    }
    CHECK(l.constraints() == "mine NOT NULL text; others NOT NULL other NOT VALID");
    CHECK(l.rows() == "(1,z,o)(2,b,)");
  }
}

TEST_CASE("a computed column changes between stored and virtual, and what it reads changes",
          "[M3]") {
  for (const generated wanted : {generated::stored, generated::on_read})
    for (const char* const kind : {"VIRTUAL", "STORED"}) {
      lab l;
      if (!l.knows()) return;
      INFO(kind << (wanted == generated::stored ? ", to be stored" : ", to be computed"));
      l.make("ALTER TABLE notes ADD COLUMN up text GENERATED ALWAYS AS (upper(text)) " +
             std::string(kind));
      l.notes.columns.push_back(
          {.name = "up", .type = "text", .generated = wanted, .generated_text = "upper(text)"});
      l.sync();
      CHECK(l.rows() == "(1,a,A)(2,b,B)");
      l.notes.columns[1].type = "character varying(30)";
      l.sync();
      l.notes.columns[1].name = "label";
      l.notes.columns[2].generated_text = "upper(label)";
      l.intents = {support::renamed_column("notes", "text", "label")};
      l.sync();
      CHECK(l.rows() == "(1,a,A)(2,b,B)");
      l.notes.columns[2].generated_text = "lower(label)";
      l.sync();
      l.notes.indexes = {{.name = "by_up", .parts = {{.text = "up"}}}};
      l.sync();
      // It stays with its values.
      l.notes.columns[2] = postgres_column("up", "text");
      l.sync();
      CHECK(l.rows() == "(1,a,a)(2,b,b)");
    }
}

TEST_CASE("a virtual column becomes an ordinary one by way of a stored one", "[M3]") {
  lab l;
  if (!l.knows()) return;
  l.make("ALTER TABLE notes ADD COLUMN up text GENERATED ALWAYS AS (upper(text)) VIRTUAL");
  l.notes.columns.push_back(postgres_column("up", "text"));
  l.tables = {l.notes};
  CHECK(l.planned().blocked());
  CHECK(l.report().find("declare it computed and stored first") != std::string::npos);
  l.notes.columns[2].generated = generated::stored;
  l.notes.columns[2].generated_text = "upper(text)";
  l.sync();
  l.notes.columns[2] = postgres_column("up", "text");
  l.sync();
  CHECK(l.rows() == "(1,a,A)(2,b,B)");
}

TEST_CASE("a constraint that is NOT ENFORCED goes with an approval, or comes to hold", "[M3]") {
  const std::string made =
      "ALTER TABLE notes ADD COLUMN up bigint, ADD CONSTRAINT hope CHECK (text <> 'a') NOT "
      "ENFORCED, ADD CONSTRAINT wish FOREIGN KEY (up) REFERENCES notes NOT ENFORCED; UPDATE notes "
      "SET up = 99 WHERE id = 1";
  lab l;
  if (!l.knows()) return;
  l.make(made);
  l.notes.columns.push_back(postgres_column("up", "bigint"));
  l.tables = {l.notes};
  CHECK_FALSE(l.planned().pending().empty());
  l.notes.checks = {{.name = "hope", .text = "text <> 'a'"}};
  l.notes.foreign_keys = {
      {.name = "wish", .columns = {"up"}, .target_table = "notes", .target_columns = {"id"}}};
  l.tables = {l.notes};
  CHECK(l.planned().blocked());
  CHECK(l.report().find("1 row violates the condition: id='1'") != std::string::npos);
  CHECK(l.report().find("1 row refers to a row that is not there: id='1'") != std::string::npos);
  CHECK(failure_of([&] { hewn::apply(l.executor, l.planned()); }).code() ==
        errc::approval_required);
  CHECK(l.rows() == "(1,a,99)(2,b,)");
  // Declared as it is, it stays so.
  lab as_is;
  as_is.make(made);
  as_is.notes = *as_is.executor.introspect().find_table("notes");
  as_is.sync();
  as_is.notes.columns[1].type = "character varying(9)";
  as_is.sync();
  CHECK(as_is.constraints().find("NOT ENFORCED; wish FOREIGN KEY (up) REFERENCES notes(id) NOT "
                                 "ENFORCED") != std::string::npos);
  CHECK(as_is.rows() == "(1,a,99)(2,b,)");

  l.make("UPDATE notes SET up = NULL, text = 'b'");
  l.sync();
  CHECK(l.constraints() ==
        "hope CHECK ((text <> 'a'::text)); wish FOREIGN KEY (up) REFERENCES notes(id)");
}

TEST_CASE("a key over periods and what refers to it survive the changes of their table", "[M3]") {
  lab l;
  if (!l.knows()) return;
  l.make(
      "ALTER TABLE notes ADD COLUMN room int4range, ADD COLUMN span int4range, ADD CONSTRAINT once "
      "UNIQUE (room, span WITHOUT OVERLAPS); UPDATE notes SET room = int4range(id::int, id::int + "
      "1), span = '[1,5)'; CREATE TABLE meals (room int4range, span int4range, CONSTRAINT during "
      "FOREIGN KEY (room, PERIOD span) REFERENCES notes (room, PERIOD span)); INSERT INTO meals "
      "SELECT room, '[2,3)' FROM notes");
  l.notes.columns.push_back(postgres_column("room", "int4range"));
  l.notes.columns.push_back(postgres_column("span", "int4range"));
  // What others refer to is not dropped.
  l.tables = {l.notes};
  CHECK(l.planned().blocked());
  CHECK(l.report().find("constraint during on table meals depends on index once") !=
        std::string::npos);
  CHECK_THROWS_AS(hewn::apply(l.executor, l.planned()), hewn::error);

  l.notes.unique_keys = {
      {.name = "once", .columns = {"room", "span"}, .terms = "WITHOUT OVERLAPS"}};
  l.sync();
  l.notes.columns[3].name = "period";
  l.notes.unique_keys[0].columns[1] = "period";
  l.intents = {support::renamed_column("notes", "span", "period")};
  l.sync();
  l.notes.columns.push_back(postgres_column("size", "bigint", true));
  l.intents = {support::backfilled("notes", "size", "length(text)")};
  l.tables = {l.notes};
  l.change();
  l.check_done();
  CHECK(l.constraints().find("once UNIQUE (room, period WITHOUT OVERLAPS)") != std::string::npos);
  CHECK(l.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'during'") ==
        "FOREIGN KEY (room, PERIOD span) REFERENCES notes(room, PERIOD period)");
  CHECK(l.rows() == "(1,a,\"[1,2)\",\"[1,5)\",1)(2,b,\"[2,3)\",\"[1,5)\",1)");
  CHECK(l.number("SELECT count(*) FROM meals") == 2);
}
