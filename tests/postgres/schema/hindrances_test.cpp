// tests/postgres/schema/hindrances_test.cpp - what is in the way of a change and no part of it.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace schema = hewn::schema;
using hewn::change_kind;
using hewn::errc;
using hewn::fact_kind;
using support::backfilled;
using support::change_in;
using support::failure_of;
using support::postgres_column;
using lab = support::postgres_lab;

TEST_CASE("a unique constraint becomes the primary key of its name, under what refers to it") {
  lab l;
  l.db.script(
      "CREATE TABLE teams (code integer NOT NULL CONSTRAINT teams_pkey UNIQUE); INSERT INTO teams "
      "VALUES (1); CREATE TABLE members (team integer REFERENCES teams (code) ON DELETE CASCADE); "
      "INSERT INTO members VALUES (1)");
  schema::table teams{.name = "teams", .columns = {postgres_column("code", "integer", true)}};
  teams.columns[0].key_position = 1;
  l.approve({teams});
  CHECK(l.text("SELECT contype::text FROM pg_constraint WHERE conname = 'teams_pkey' AND "
               "connamespace = current_schema()::regnamespace") == "p");
  l.db.script("DELETE FROM teams");
  CHECK(l.number("SELECT count(*) FROM members") == 0);
}

TEST_CASE("a check that is NOT VALID lets types change, and is named where it refuses a fill") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN n integer, ADD COLUMN m integer; UPDATE notes SET n = id, m = "
      "n; ALTER TABLE notes ADD CONSTRAINT few CHECK (n > 1) NOT VALID");
  l.notes.columns.push_back(postgres_column("n", "bigint"));
  l.notes.columns.push_back(postgres_column("m", "integer"));
  l.notes.checks = {{"few", "n > 1", "NOT VALID"}};
  l.apply({l.notes});
  l.notes.columns.push_back(postgres_column("k", "integer", true));
  l.refused(
      l.plan({l.notes}, {backfilled("notes", "k", "7")}),
      "check few is NOT VALID, and a row that gets a value has to keep it; 1 row violates the "
      "condition: id='1'");
  l.notes.columns.pop_back();
  l.notes.columns.back().not_null = true;
  l.refused(l.plan({l.notes}, {backfilled("notes", "m", "7")}), "check few is NOT VALID");
  // A row that has a value is left alone.
  l.db.script(
      "ALTER TABLE notes DROP CONSTRAINT few; UPDATE notes SET m = 1 WHERE id = 1; ALTER TABLE "
      "notes ADD CONSTRAINT few CHECK (n > 1) NOT VALID");
  l.apply({l.notes}, {backfilled("notes", "m", "7")});
  CHECK(l.text("SELECT string_agg(m::text, ' ' ORDER BY id) FROM notes") == "1 7");
  // A check that comes to be valid is counted by itself.
  l.notes.checks[0].terms.clear();
  l.notes.columns[2].type = "integer";
  const hewn::plan p = l.plan({l.notes});
  CHECK(change_in(p, change_kind::change_check).waits());
  CHECK_FALSE(change_in(p, change_kind::change_type).waits());
}

TEST_CASE("a new column of a domain has what the domain says of NULL and defaults") {
  lab l;
  l.db.script(
      "CREATE DOMAIN word AS text NOT NULL CHECK (value <> ''); CREATE DOMAIN longer AS word; "
      "CREATE "
      "DOMAIN told AS text NOT NULL DEFAULT 'd'");
  l.notes.columns.push_back(postgres_column("w", "longer"));
  l.refused(l.plan({l.notes}), "2 rows have no value for it: id='1'; id='2'");
  l.apply({l.notes}, {backfilled("notes", "w", "text || 'x'")});
  CHECK(l.text("SELECT string_agg(w, ' ' ORDER BY id) FROM notes") == "ax bx");
  CHECK(failure_of([&] { l.db.script("UPDATE notes SET w = ''"); }).code() == errc::check);
  CHECK(failure_of([&] { l.db.script("UPDATE notes SET w = NULL"); }).code() == errc::not_null);
  l.notes.columns.push_back(postgres_column("t", "told", true));
  CHECK(l.apply({l.notes}).pending().empty());
  CHECK(l.text("SELECT string_agg(t, ' ' ORDER BY id) FROM notes") == "d d");
  l.notes.columns.push_back(postgres_column("u", "word", true));
  l.notes.checks = {{"some", "u <> 'x'"}};
  l.refused(l.plan({l.notes}, {backfilled("notes", "u", "'y'")}),
            "its type word takes no NULL, so that it cannot come empty with its constraints");
}

TEST_CASE("a fill leaves the transaction of the caller with its deferred constraints") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN of bigint CONSTRAINT notes_of_fkey REFERENCES notes (id) "
      "DEFERRABLE INITIALLY DEFERRED");
  l.notes.columns.push_back(postgres_column("of", "bigint"));
  l.notes.foreign_keys = {{.name = "notes_of_fkey",
                           .columns = {"of"},
                           .target_table = "notes",
                           .target_columns = {"id"},
                           .deferred = true}};
  l.notes.columns.push_back(postgres_column("k", "integer", true));
  l.db.transaction([&](auto&) {
    l.db.script("INSERT INTO notes (id, of) VALUES (8, 9); INSERT INTO notes (id) VALUES (9)");
    hewn::apply(l.executor, l.plan({l.notes}, {backfilled("notes", "k", "7")}));
    l.db.script("INSERT INTO notes (id, of, k) VALUES (10, 11, 0)");
    l.db.script("INSERT INTO notes (id, k) VALUES (11, 0)");
  });
  CHECK(l.number("SELECT count(*) FROM notes WHERE k = 7") == 4);
}

TEST_CASE("a column does not take an EXCLUDE constraint along") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN more text, ADD CONSTRAINT apart EXCLUDE USING btree "
      "(lower(more) WITH =, id WITH =)");
  l.refused(l.plan({l.notes}, {support::dropped_column("notes", "more")}),
            "constraint apart depends on it");
  l.db.script("ALTER TABLE notes DROP CONSTRAINT apart");
  l.apply({l.notes}, {support::dropped_column("notes", "more")});
}

TEST_CASE("a temporary table that hides another one is named") {
  lab l;
  l.db.script("CREATE TEMPORARY TABLE notes (x integer); CREATE TEMPORARY TABLE other (x integer)");
  l.notes.columns.push_back(postgres_column("w", "text"));
  const hewn::error failure = failure_of([&] { l.plan({l.notes}); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(support::says(failure, "a temporary table of this connection hides notes"));
  l.db.script("DROP TABLE pg_temp.notes");
  l.apply({l.notes});
}
