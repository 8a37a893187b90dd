// tests/postgres/schema/table_uses_test.cpp - what a plan says of locks and of the work under them.
// SPDX-License-Identifier: BSL-1.0
//
// That it is what the server does is tested over generated plans, in properties_test.cpp.
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::change_cost;
using hewn::table_lock;
using hewn::table_use;
using support::backfilled;
using support::postgres_column;
using lab = support::postgres_lab;

namespace {

/// What the step with these words does to a table; nothing where it does not lock it.
table_use use_of(const hewn::plan& p, const std::string& words, const std::string& table) {
  for (const hewn::step& s : p.steps())
    if (s.sql.find(words) != std::string::npos)
      for (const table_use& u : s.uses)
        if (u.table == table) return u;
  return {};
}

bool reports(const hewn::plan& p, const std::string& line) {
  return hewn::report(p).find(line) != std::string::npos;
}

schema::table marks() {
  return {.name = "marks",
          .columns = {support::postgres_key(), postgres_column("note_id", "bigint")}};
}

}  // namespace

TEST_CASE("a plan tells a change of the catalogue from a pass over the rows and a new file") {
  lab l;
  l.db.script("ALTER TABLE notes ALTER text TYPE varchar(5), ADD n integer");
  l.notes.columns = {support::postgres_key(), postgres_column("text", "character varying(9)", true),
                     postgres_column("n", "bigint")};
  l.notes.indexes = {{.name = "by_text", .parts = {{.text = "text"}}}};
  const hewn::plan p = l.plan({l.notes});
  CAPTURE(hewn::report(p));
  const table_use types = use_of(p, " TYPE ", "notes");
  CHECK(types.lock == table_lock::access_exclusive);
  CHECK(types.cost == change_cost::rewrite);
  CHECK(types.rows == 2);
  CHECK(types.bytes == l.number("SELECT pg_relation_size('notes') + pg_indexes_size('notes')"));
  CHECK(use_of(p, "SET NOT NULL", "notes").cost == change_cost::scan);
  const table_use index = use_of(p, "CREATE INDEX", "notes");
  CHECK(index.lock == table_lock::share);
  CHECK(index.cost == change_cost::scan);
  CHECK(reports(
      p,
      "lock on notes: ACCESS EXCLUSIVE, others wait to read and write; about 2 rows (24 kB) "
      "are written and read 2 times\n"));

  l.notes.columns[1].not_null = false;
  l.notes.columns[2].type = "integer";
  l.notes.indexes.clear();
  const hewn::plan wider = l.plan({l.notes});
  CAPTURE(hewn::report(wider));
  CHECK(use_of(wider, " TYPE ", "notes").cost == change_cost::metadata);
  CHECK(reports(
      wider, "lock on notes: ACCESS EXCLUSIVE, others wait to read and write, no row is read\n"));
}

TEST_CASE("NOT NULL reads no row where a check has proved it") {
  lab l;
  l.db.script("ALTER TABLE notes ADD CONSTRAINT proof CHECK (text IS NOT NULL)");
  l.notes.columns[1].not_null = true;
  l.notes.checks = {{.name = "proof", .text = "text IS NOT NULL"}};
  const hewn::plan p = l.plan({l.notes});
  CHECK(use_of(p, "SET NOT NULL", "notes").lock == table_lock::access_exclusive);
  CHECK(use_of(p, "SET NOT NULL", "notes").cost == change_cost::metadata);
}

TEST_CASE("a reference locks both of its tables, when it comes and when it goes") {
  lab l;
  schema::table child = marks();
  l.apply({l.notes, child});
  child.foreign_keys = {{.name = "marks_note",
                         .columns = {"note_id"},
                         .target_table = "notes",
                         .target_columns = {"id"}}};
  const hewn::plan comes = l.plan({l.notes, child});
  CHECK(use_of(comes, "FOREIGN KEY", "marks").lock == table_lock::share_row_exclusive);
  CHECK(use_of(comes, "FOREIGN KEY", "notes").lock == table_lock::share_row_exclusive);
  CHECK(reports(
      comes,
      "lock on notes: SHARE ROW EXCLUSIVE, others wait to write; about 2 rows (24 kB) are read\n"));
  l.apply({l.notes, child});
  const hewn::plan goes = l.plan({l.notes, marks()});
  CHECK(use_of(goes, "DROP CONSTRAINT", "marks").lock == table_lock::access_exclusive);
  CHECK(use_of(goes, "DROP CONSTRAINT", "notes").lock == table_lock::access_exclusive);
}

TEST_CASE("what a plan makes is locked by nobody, and an empty plan locks nothing") {
  lab l;
  const hewn::plan p = l.plan({l.notes, marks()});
  for (const hewn::step& s : p.steps()) CHECK(s.uses.empty());
  CHECK_FALSE(reports(p, "lock on"));
  CHECK_FALSE(reports(l.plan({l.notes}), "lock on"));
}

TEST_CASE("a column that is filled is written row by row") {
  lab l;
  l.notes.columns.push_back(postgres_column("more", "text", true));
  const hewn::plan p = l.plan({l.notes}, {backfilled("notes", "more", "text || '!'")});
  CAPTURE(hewn::report(p));
  CHECK(use_of(p, "UPDATE", "notes").lock == table_lock::row_exclusive);
  CHECK(use_of(p, "UPDATE", "notes").cost == change_cost::rewrite);
  CHECK(use_of(p, "ADD COLUMN", "notes").cost == change_cost::metadata);
}

TEST_CASE("rows of a large table are estimated, the same way twice") {
  lab l;
  l.db.script("INSERT INTO notes (text) SELECT repeat('x', 100) FROM generate_series(1, 200000)");
  l.notes.columns[1].type = "character varying(200)";
  const hewn::plan p = l.plan({l.notes});
  const table_use types = use_of(p, " TYPE ", "notes");
  CHECK(types.cost == change_cost::rewrite);
  CHECK(types.rows > 160'000);
  CHECK(types.rows < 240'000);
  CHECK(use_of(l.plan({l.notes}), " TYPE ", "notes").rows == types.rows);
}

TEST_CASE("a policy says how many rows may be read or written while others wait") {
  lab l;
  hewn::sync_policy few = hewn::policy::standard();
  few.rows_under_lock = 1;
  const auto planned = [&](const hewn::sync_policy& policy,
                           std::vector<hewn::intent> intents = {}) {
    return hewn::make_plan(
        l.executor, {.schema = {.tables = {l.notes}}, .intents = std::move(intents)}, policy);
  };
  l.notes.indexes = {{.name = "by_text", .parts = {{.text = "text"}}}};
  l.notes.columns.push_back(postgres_column("n", "bigint"));
  const hewn::plan index = planned(few);
  CAPTURE(hewn::report(index));
  CHECK(index.blocked());
  CHECK(reports(index,
                "waits: about 2 rows are read while others wait to write, and the policy standard "
                "allows 1\n      repair: change it by sync_online()\n"));
  CHECK(index.pending().size() == 1);
  few.rows_under_lock = 2;
  CHECK(planned(few).pending().empty());

  // The lock of the new column is held while it is filled.
  few.rows_under_lock = 1;
  l.notes.indexes.clear();
  CHECK(planned(few).pending().empty());
  const hewn::plan filled = planned(few, {backfilled("notes", "n", "1")});
  CHECK(filled.blocked());
  CHECK(reports(filled, "about 2 rows are written while others wait to write"));
  CHECK(hewn::policy::production().rows_under_lock == 100'000);

  l.notes.columns.pop_back();
  l.notes.columns[1].type = "character varying(20)";
  CHECK(reports(planned(few), "with a larger sync_policy::rows_under_lock\n"));
}
