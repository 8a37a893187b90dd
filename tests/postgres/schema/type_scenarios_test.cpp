// tests/postgres/schema/type_scenarios_test.cpp - what a server makes of other types, indexes and
// proofs.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/online.hpp>

#include <support/failure.hpp>
#include <support/online_lab.hpp>
#include <support/plan_words.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::change_cost;
using hewn::change_kind;
using hewn::errc;
using hewn::fact_kind;
using support::converted;
using support::failure_of;
using support::postgres_column;
using support::says;

namespace {

/// `notes` with one column `c` more.
struct lab : support::online_lab {
  lab(std::string type, const std::string& value, std::string without = {}) {
    notes.columns.push_back(postgres_column("c", std::move(type), false, std::move(without)));
    apply({notes});
    db.script("UPDATE notes SET c = " + value);
    tables = {notes};
  }
  schema::column& column() { return tables[0].columns.back(); }
  std::string value() { return text("SELECT c::text FROM notes WHERE id = 1"); }
  std::int64_t file() { return number("SELECT pg_relation_filenode('notes')::bigint"); }
};

std::int64_t counted(const hewn::plan& p, fact_kind kind) {
  std::int64_t sum = 0;
  for (const hewn::change& c : p.changes()) sum += c.counted(kind);
  return sum;
}

}  // namespace

TEST_CASE("a wider type is one step that reads no row", "[s54]") {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"character varying(10)", "character varying(20)"},
           {"character varying(10)", "text"},
           {"numeric(10,2)", "numeric(12,2)"}}) {
    INFO(from << " to " << to);
    lab l(from, "'1.25'");
    const std::int64_t before = l.file();
    l.column().type = to;
    const hewn::plan p = l.planned();
    REQUIRE(p.steps().size() == 1);
    for (const hewn::table_use& u : p.steps()[0].uses) CHECK(u.cost == change_cost::metadata);
    l.apply(l.tables);
    CHECK(l.file() == before);
    CHECK(l.value() == "1.25");
  }
}

TEST_CASE("texts are cut off where that is wanted and approved", "[s55]") {
  lab l("character varying(50)", "'abcd'");
  l.column().type = "character varying(3)";
  const hewn::plan p = l.approve(l.tables);
  CHECK(counted(p, fact_kind::values_changed) == 2);
  CHECK(l.value() == "abc");
  CHECK(l.number("SELECT count(*) FROM hewn_kept WHERE column_name = 'c' AND rows = 2") == 1);
}

TEST_CASE("numbers that would be rounded are told from those that are too large", "[s56]") {
  lab l("numeric(9,3)", "1.125");
  l.db.script("UPDATE notes SET c = 1000 WHERE id = 2");
  l.column().type = "numeric(4,2)";
  const hewn::plan p = l.planned();
  INFO(hewn::report(p));
  CHECK(p.blocked());
  CHECK(counted(p, fact_kind::values_changed) == 1);
  CHECK(counted(p, fact_kind::unconvertible) == 1);
  l.db.script("DELETE FROM notes WHERE id = 2");
  l.approve(l.tables);
  CHECK(l.value() == "1.13");
}

TEST_CASE("a number that is too large for its type stays, and is named", "[s57]") {
  lab l("bigint", "3000000000");
  l.column().type = "integer";
  l.refused(l.planned(), "id='1'; id='2'");
  CHECK(l.value() == "3000000000");
}

TEST_CASE("what is no time becomes one as it is declared", "[s58]") {
  lab l("text", "'28.02.2026'");
  l.column().type = "date";
  l.refused(l.planned(), "id='1'; id='2'");
  l.intents = {converted("notes", "c", "to_date(c, 'DD.MM.YYYY')")};
  l.approve(l.tables, l.intents);
  CHECK(l.value() == "2026-02-28");
}

TEST_CASE("a default that is none of the new type makes room for the declared one", "[s59]") {
  lab l("text", "'7'", "'none'");
  l.column().type = "bigint";
  l.column().default_text = "5";
  l.apply(l.tables, {});
  l.db.script("INSERT INTO notes (text) VALUES ('c')");
  CHECK(l.number("SELECT c FROM notes WHERE text = 'c'") == 5);
}

TEST_CASE("a view keeps the type of its column, and is named", "[s60]") {
  lab l("integer", "7");
  l.db.script("CREATE VIEW sevens AS SELECT c FROM notes");
  l.column().type = "bigint";
  l.refused(l.planned(), "view sevens");
}

TEST_CASE("NOT NULL is taken from a check that is valid, and one that is not is validated",
          "[s62]") {
  for (const bool valid : {true, false}) {
    INFO((valid ? "valid" : "not valid"));
    lab l("integer", "7");
    l.db.script(std::string("ALTER TABLE notes ADD CONSTRAINT there CHECK (c IS NOT NULL)") +
                (valid ? "" : " NOT VALID"));
    l.tables[0].checks = {
        {.name = "there", .text = "c IS NOT NULL", .terms = valid ? "" : "NOT VALID"}};
    l.column().not_null = true;
    const hewn::plan p = l.planned();
    INFO(hewn::report(p));
    bool validates = false;
    for (const hewn::online_phase& each : l.phases(p).phases)
      validates = validates || each.kind == hewn::phase_kind::validate;
    CHECK(validates == !valid);
    CHECK(l.change().finished);
    l.check_done();
    CHECK(failure_of([&] { l.db.script("INSERT INTO notes (c) VALUES (NULL)"); }).code() ==
          errc::not_null);
  }
}

TEST_CASE("one value for all rows of a unique column is refused from the second row on", "[s65]") {
  support::postgres_lab l;
  l.notes.columns.push_back(postgres_column("c", "integer", true, "5"));
  l.notes.unique_keys = {{.name = "one_c", .columns = {"c"}}};
  l.refused(l.plan({l.notes}), "id='1'");
  l.db.script("DELETE FROM notes WHERE id = 2");
  l.apply({l.notes});
}

TEST_CASE("an index stands until the one that takes its place is built", "[s71]") {
  lab l("integer", "id");
  l.tables[0].indexes = {{.name = "by c", .parts = {{.text = "c"}}}};
  l.apply(l.tables);
  l.tables[0].indexes[0].parts.push_back({.text = "text"});
  const hewn::plan p = l.planned();
  INFO(hewn::report(p));
  const auto columns = [&] {
    return l.number("SELECT indnatts FROM pg_index WHERE indexrelid = '\"by c\"'::regclass");
  };
  hewn::online_options options;
  options.progress = [&](const hewn::online_progress& now) {
    if (now.state == "done" && now.phase.kind == hewn::phase_kind::alone)
      throw std::string("enough");
  };
  CHECK_THROWS_AS(hewn::change_online(l.executor, p, p, options), std::string);
  CHECK(l.number("SELECT count(*) FROM pg_index WHERE indrelid = 'notes'::regclass") == 3);
  hewn::abandon_online(l.executor);
  CHECK(l.number("SELECT count(*) FROM pg_index WHERE indrelid = 'notes'::regclass") == 2);
  l.check_nothing_left();
  CHECK(l.change().finished);
  l.check_done();
  CHECK(columns() == 2);
}

TEST_CASE("what replaces something waits with it", "[s73]") {
  lab l("integer", "7");
  l.tables[0].foreign_keys = {
      {.name = "to_itself", .columns = {"c"}, .target_table = "notes", .target_columns = {"id"}}};
  l.db.script("UPDATE notes SET c = 1");
  l.apply(l.tables);
  l.tables[0].foreign_keys[0].on_delete = schema::action::cascade;
  const hewn::plan p = l.planned();
  INFO(hewn::report(p));
  REQUIRE(p.pending().size() == 1);
  CHECK(failure_of([&] { hewn::apply(l.executor, p); }).code() == errc::approval_required);
  CHECK(failure_of([&] { l.db.script("DELETE FROM notes WHERE id = 1"); }).code() ==
        errc::foreign_key);
  // Left out, neither half of it is done.
  CHECK(hewn::plan_without(l.executor, p, {p.changes()[0].id()}).empty());
  l.approve(l.tables);
  l.db.script("DELETE FROM notes WHERE id = 1");
  CHECK(l.number("SELECT count(*) FROM notes") == 0);
}

TEST_CASE("releases are skipped on a server", "[s26]") {
  support::postgres_lab l;
  schema::table memos = l.notes;
  memos.name = "memos";
  memos.columns[1].name = "content";
  const std::vector<hewn::intent> intents = {support::renamed_column("memos", "text", "content"),
                                             support::renamed_column("memos", "body", "content"),
                                             support::renamed_table("notes", "memos"),
                                             support::renamed_table("pages", "memos")};
  l.apply({memos}, intents);
  l.db.script("ALTER TABLE memos RENAME TO pages; ALTER TABLE pages RENAME content TO body");
  l.apply({memos}, intents);
  CHECK(l.number("SELECT count(*) FROM memos WHERE content IN ('a', 'b')") == 2);
}
