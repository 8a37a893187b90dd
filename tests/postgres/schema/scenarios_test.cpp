// tests/postgres/schema/scenarios_test.cpp - changes of a schema, and what a server makes of them.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
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
using support::failure_of;
using support::says;

namespace {

using lab = support::postgres_lab;
const auto key = support::postgres_key;
schema::column column(std::string name, std::string type, bool not_null = false,
                      std::string value = {}) {
  return support::postgres_column(std::move(name), std::move(type), not_null, std::move(value));
}

}  // namespace

TEST_CASE("nothing to do stays nothing to do", "[s1]") {
  lab l;
  for (int i = 0; i != 3; ++i) CHECK(l.plan({l.notes}).empty());
}

TEST_CASE("tables that refer to each other in a circle are created", "[s2]") {
  lab l;
  const auto table = [](const char* name, const char* target) {
    return schema::table{
        .name = name,
        .columns = {key(), column("other", "bigint")},
        .foreign_keys = {{.columns = {"other"}, .target_table = target, .target_columns = {"id"}}}};
  };
  l.apply({table("a", "b"), table("b", "c"), table("c", "a")});
}

TEST_CASE("a column that may be NULL is added", "[s3]") {
  lab l;
  l.notes.columns.push_back(column("more", "text"));
  l.apply({l.notes});
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE more IS NULL") == 2);
}

TEST_CASE("a column with a default is added, whatever its type", "[s4]") {
  lab l;
  const std::pair<const char*, const char*> columns[] = {
      {"bigint", "5"},          {"integer", "-1"},
      {"smallint", "'3'"},      {"text", "'x'"},
      {"varchar(9)", "'x'"},    {"double precision", "-0.5"},
      {"numeric(9,2)", "1.25"}, {"boolean", "true"},
      {"jsonb", "'{}'"},        {"text[]", "'{}'"},
      {"date", "'2024-02-29'"}, {"timestamptz", "'2024-01-01 00:00:00+00'"},
      {"bytea", "'\\x00'"},     {"uuid", "'00000000-0000-0000-0000-000000000000'"}};
  int number = 0;
  for (const auto& [type, value] : columns)
    l.notes.columns.push_back(column("c" + std::to_string(++number), type, true, value));
  l.apply({l.notes});
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE c1 = 5 AND c2 = -1 AND c4 = 'x' AND c8") == 2);
}

TEST_CASE("a column that needs a value is refused while there are rows", "[s5]") {
  lab l;
  l.notes.columns.push_back(column("more", "text", true));
  l.refused(l.plan({l.notes}), "2 rows have no value for it: id='1'; id='2'");
}

TEST_CASE("a column that needs a value is added while there are none", "[s6]") {
  lab l;
  l.db.script("DELETE FROM notes");
  l.notes.columns.push_back(column("more", "text", true));
  l.apply({l.notes});
}

TEST_CASE("rows that come after they were counted keep their table as it was", "[s6][M5]") {
  lab l;
  l.db.script("DELETE FROM notes");
  l.notes.columns.push_back(column("more", "text", true));
  const auto planned = l.plan({l.notes});
  const auto other = l.where.open();
  hewn::sync_options options;
  options.progress = [&](const hewn::sync_progress&) {
    other.script("INSERT INTO notes (text) VALUES ('late')");
  };
  CHECK(failure_of([&] { hewn::apply(l.executor, planned, options); }).code() == errc::not_null);
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE text = 'late'") == 1);
  CHECK_FALSE(l.plan({l.notes}).empty());
}

TEST_CASE("a default that differs from row to row is not added", "[s8]") {
  lab l;
  l.notes.columns.push_back(column("token", "uuid", true, "gen_random_uuid()"));
  l.refused(l.plan({l.notes}),
            "sync gives existing rows constants only, and its default is computed");
}

TEST_CASE("a default of the current time is added while there are no rows") {
  lab l;
  l.notes.columns.push_back(column("written", "timestamptz", true, "now()"));
  l.refused(
      l.plan({l.notes}),
      "declare backfill for it, because its default is the time of an insert, and these rows are "
      "older");
  l.db.script("DELETE FROM notes");
  l.apply({l.notes});
}

TEST_CASE("an array of constants is a constant default") {
  lab l;
  l.notes.columns.push_back(column("tags", "text[]", true, "ARRAY[]::text[]"));
  l.notes.columns.push_back(column("more", "text[]", true, "ARRAY['a', 'b,c']"));
  l.apply({l.notes});
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE tags = '{}' AND more[2] = 'b,c'") == 2);
}

TEST_CASE("a column that needs a value is added with the one that is declared for it", "[s61]") {
  lab l;
  l.notes.columns.push_back(column("more", "text", true, "'new'"));
  const hewn::intent fill{.kind = hewn::intent_kind::backfill,
                          .table = "notes",
                          .column = "more",
                          .expression = "text || '!'"};
  l.apply({l.notes}, {fill});
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE more = text || '!'") == 2);
  l.db.script("INSERT INTO notes (text) VALUES ('c')");
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE more = 'new'") == 1);
}

TEST_CASE("an approval covers the rows that were counted, and no more", "[s15]") {
  lab l;
  const auto planned = l.plan({}, {{.kind = hewn::intent_kind::drop_table, .table = "notes"}});
  REQUIRE(planned.pending().size() == 1);
  CHECK(planned.pending()[0].counted(hewn::fact_kind::rows_lost) == 2);
  hewn::sync_options options;
  options.approvals = {hewn::approve({.plan = planned.fingerprint(),
                                      .from = planned.from(),
                                      .database = hewn::audit::ensure_identity(l.executor),
                                      .changes = planned.pending(),
                                      .approver = "ada",
                                      .reason = "not used"})};
  l.db.script("INSERT INTO notes (text) VALUES ('c')");
  const auto failure = failure_of([&] { hewn::apply(l.executor, planned, options); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "3 rows would be lost"));
  CHECK(l.number("SELECT COUNT(*) FROM notes") == 3);
}

TEST_CASE("tables that nobody declares are left alone", "[s17]") {
  lab l;
  l.db.script("CREATE TABLE others (x int); INSERT INTO others VALUES (1)");
  l.apply({l.notes});
  CHECK(l.number("SELECT x::bigint FROM others") == 1);
}

TEST_CASE("renames keep the values, also of a table and its columns at once", "[s18][s19][s24]") {
  lab l;
  schema::table memos = l.notes;
  memos.name = "memos";
  memos.columns[1].name = "content";
  memos.columns.push_back(column("more", "text"));
  const std::vector<hewn::intent> intents = {
      {.kind = hewn::intent_kind::rename_table, .table = "memos", .former = "notes"},
      {.kind = hewn::intent_kind::rename_column,
       .table = "memos",
       .column = "content",
       .former = "text"}};
  l.apply({memos}, intents);
  CHECK(l.number("SELECT COUNT(*) FROM memos WHERE content IN ('a', 'b')") == 2);
  // The intents may stay.
  CHECK(l.plan({memos}, intents).empty());
}

TEST_CASE("a rename whose both names are there is refused", "[s20]") {
  lab l;
  l.db.script("ALTER TABLE notes ADD COLUMN content text");
  l.notes.columns[1].name = "content";
  l.refused(l.plan({l.notes}, {{.kind = hewn::intent_kind::rename_column,
                                .table = "notes",
                                .column = "content",
                                .former = "text"}}),
            "both content and text exist");
}

TEST_CASE("a column that goes while another comes may be a rename, and both wait", "[s21][s22]") {
  lab l;
  l.notes.columns[1] = column("mail", "text");
  l.refused(l.plan({l.notes}), "it may be a new name of text");
}

TEST_CASE("names are exchanged with their values", "[s25]") {
  lab l;
  l.db.script("ALTER TABLE notes ADD COLUMN other text; UPDATE notes SET other = text || text");
  l.notes.columns.push_back(column("other", "text"));
  const auto intent = [](const char* now, const char* former) {
    return hewn::intent{.kind = hewn::intent_kind::rename_column,
                        .table = "notes",
                        .column = now,
                        .former = former,
                        .once = true};
  };
  const auto planned = l.plan({l.notes}, {intent("text", "other"), intent("other", "text")});
  CAPTURE(hewn::report(planned));
  hewn::apply(l.executor, planned);
  CHECK(l.number("SELECT COUNT(*) FROM notes WHERE text = other || other") == 2);
}

TEST_CASE("a unique index is refused while values are there twice", "[s63][s64]") {
  lab l;
  l.notes.indexes = {{.name = "one", .unique = true, .parts = {{.text = "text"}}}};
  l.db.script("INSERT INTO notes (text) VALUES ('a'), (NULL), (NULL)");
  const auto planned = l.plan({l.notes});
  CHECK(planned.blocked());
  CHECK(hewn::report(planned).find("id='1' and id='3'") != std::string::npos);
  l.db.script("DELETE FROM notes WHERE id = 3");
  l.apply({l.notes});  // NULLs are no values
}
