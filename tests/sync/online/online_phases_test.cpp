// tests/sync/online/online_phases_test.cpp - how the steps of a plan are taken apart.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/online.hpp>
#include <hewn/sync/online/online_phases.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

using hewn::change_cost;
using hewn::online_phases;
using hewn::step;
using hewn::table_lock;
using list = std::vector<std::string>;

namespace {

/// A step on the table `t`, by its footprint there.
step on_t(std::string sql, change_cost cost, table_lock lock = table_lock::access_exclusive) {
  return {
      .sql = std::move(sql), .table = "t", .uses = {{.table = "t", .lock = lock, .cost = cost}}};
}
step scan(std::string sql) { return on_t(std::move(sql), change_cost::scan); }
step moment(std::string sql) { return on_t(std::move(sql), change_cost::metadata); }

online_phases phases_of(std::vector<step> steps, std::vector<hewn::intent> intents = {}) {
  hewn::schema::table t{.name = "t",
                        .columns = {{.name = "a", .type = "integer", .default_text = "7"},
                                    {.name = "b", .type = "integer"}},
                        .checks = {{.name = "old", .text = "a > 0", .terms = {"NOT VALID"}}}};
  return hewn::phases_of(
      hewn::plan({.dialect = hewn::dialect::postgres,
                  .wanted = {.schema = {.tables = {t}}, .intents = std::move(intents)},
                  .before = {.tables = {t}},
                  .steps = std::move(steps)}));
}

/// All statements, with the kind of their phase and `!` where it is breaking.
list lines(const online_phases& phases) {
  list out;
  for (const hewn::online_phase& p : phases.phases)
    for (const std::string& sql : p.statements)
      out.push_back(std::string(to_string(p.kind)) + (p.breaking ? "! " : ": ") + sql);
  for (const std::string& each : phases.obstacles) out.push_back(each);
  return out;
}

list undone(const online_phases& phases) {
  list out;
  for (const hewn::online_phase& p : phases.phases)
    out.insert(out.end(), p.undo.begin(), p.undo.end());
  return out;
}

}  // namespace

TEST_CASE("an index is built beside those who write") {
  const online_phases plain = phases_of({scan("CREATE INDEX \"i\" ON \"t\" (\"a\")")});
  CHECK(lines(plain) == list{"alone: CREATE INDEX CONCURRENTLY \"i\" ON \"t\" (\"a\")"});
  CHECK(undone(plain) == list{"DROP INDEX CONCURRENTLY IF EXISTS \"i\""});
  // What it refuses, the previous release may write.
  CHECK(lines(phases_of({scan("CREATE UNIQUE INDEX \"a b\" ON \"t\" (\"a\") WHERE b")})) ==
        list{"alone! CREATE UNIQUE INDEX CONCURRENTLY \"a b\" ON \"t\" (\"a\") WHERE b"});
  // Of a table that the plan makes.
  step fresh{.sql = "CREATE INDEX \"i\" ON \"n\" (\"a\")", .table = "n"};
  CHECK(lines(phases_of({fresh})) == list{"together: CREATE INDEX \"i\" ON \"n\" (\"a\")"});
}

TEST_CASE("a unique constraint takes an index that was built before") {
  const online_phases all = phases_of(
      {scan("ALTER TABLE \"t\" ADD CONSTRAINT \"u\" UNIQUE NULLS NOT DISTINCT (\"a\", \"b\") "
            "INCLUDE (\"c\") DEFERRABLE INITIALLY DEFERRED")});
  CHECK(
      lines(all) ==
      list{"alone! CREATE UNIQUE INDEX CONCURRENTLY \"u\" ON \"t\" (\"a\", \"b\") INCLUDE (\"c\") "
           "NULLS NOT DISTINCT",
           "together! ALTER TABLE \"t\" ADD CONSTRAINT \"u\" UNIQUE USING INDEX \"u\" DEFERRABLE "
           "INITIALLY DEFERRED"});
  CHECK(undone(all) == list{"DROP INDEX CONCURRENTLY IF EXISTS \"u\"",
                            "ALTER TABLE \"t\" DROP CONSTRAINT IF EXISTS \"u\""});
  CHECK(phases_of({scan("ALTER TABLE \"t\" ADD UNIQUE (\"a\")")}).obstacles.size() == 1);
  CHECK(phases_of({scan("ALTER TABLE \"t\" ADD CONSTRAINT \"u\" UNIQUE (\"a\") WITH (fillfactor = "
                        "70)")})
            .obstacles.size() == 1);
}

TEST_CASE("a check and a reference are held against the rows behind their coming") {
  const online_phases all = phases_of(
      {scan("ALTER TABLE \"t\" ADD CONSTRAINT \"k\" CHECK (a < 9)"),
       scan("ALTER TABLE \"t\" ADD CONSTRAINT \"f\" FOREIGN KEY (\"a\") REFERENCES \"u\"")});
  CHECK(
      lines(all) ==
      list{"together! ALTER TABLE \"t\" ADD CONSTRAINT \"k\" CHECK (a < 9) NOT VALID",
           "validate! old", "validate! old",
           "together! ALTER TABLE \"t\" ADD CONSTRAINT \"f\" FOREIGN KEY (\"a\") REFERENCES \"u\" "
           "NOT VALID",
           "validate! old", "validate! old"});
  // One that is wanted NOT VALID stays so.
  CHECK(lines(phases_of(
            {moment("ALTER TABLE \"t\" ADD CONSTRAINT \"k\" CHECK (a < 9) NOT VALID")})) ==
        list{"together! ALTER TABLE \"t\" ADD CONSTRAINT \"k\" CHECK (a < 9) NOT VALID"});
}

TEST_CASE("a column comes at once, and its constraints later") {
  const online_phases all =
      phases_of({scan("ALTER TABLE \"t\" ADD COLUMN \"c\" integer DEFAULT 1 CONSTRAINT \"k\" CHECK "
                      "((c > 0)) CONSTRAINT \"f\" REFERENCES \"u\" (\"id\") ON DELETE CASCADE")});
  CHECK(all.obstacles.empty());
  CHECK(
      lines(all) ==
      list{"together: ALTER TABLE \"t\" ADD COLUMN \"c\" integer DEFAULT 1",
           "together: ALTER TABLE \"t\" ADD CONSTRAINT \"k\" CHECK ((c > 0)) NOT VALID",
           "together: ALTER TABLE \"t\" ADD CONSTRAINT \"f\" FOREIGN KEY (\"c\") REFERENCES \"u\" "
           "(\"id\") ON DELETE CASCADE NOT VALID",
           "validate: old", "validate: old"});
  CHECK(undone(all).back() == "ALTER TABLE \"t\" DROP COLUMN IF EXISTS \"c\"");
  CHECK(lines(phases_of({on_t("ALTER TABLE \"t\" ADD COLUMN \"c\" uuid DEFAULT gen_random_uuid()",
                              change_cost::rewrite)})) ==
        list{"table t would be locked by ALTER TABLE \"t\" ADD COLUMN \"c\" uuid DEFAULT "
             "gen_random_uuid()"});
}

TEST_CASE("NOT NULL is proved by a check, before the previous release fails where it can be") {
  const online_phases bare = phases_of({scan("ALTER TABLE \"t\" ALTER COLUMN \"a\" SET NOT NULL")});
  CHECK(lines(bare) ==
        list{"together! ALTER TABLE \"t\" ADD CONSTRAINT \"hewn_online_1_t_a\" CHECK (\"a\" IS NOT "
             "NULL) NOT VALID",
             "validate! old", "validate! old",
             "together! ALTER TABLE \"t\" ALTER COLUMN \"a\" SET NOT NULL",
             "together! ALTER TABLE \"t\" DROP CONSTRAINT \"hewn_online_1_t_a\""});
  step fill{
      .kind = hewn::step_kind::copy,
      .sql = "UPDATE \"t\" SET \"a\" = (b + 1) WHERE \"a\" IS NULL",
      .table = "t",
      .uses = {{.table = "t", .lock = table_lock::row_exclusive, .cost = change_cost::rewrite}}};
  const online_phases filled = phases_of(
      {{.sql = "DO 'BEGIN EXECUTE ''SET CONSTRAINTS '' || names; END'", .table = "t"},
       fill,
       scan("ALTER TABLE \"t\" ALTER COLUMN \"a\" SET NOT NULL")},
      {{.kind = hewn::intent_kind::backfill, .table = "t", .column = "a", .expression = "b + 1"}});
  list kinds;
  for (const hewn::online_phase& p : filled.phases)
    kinds.push_back(std::string(to_string(p.kind)) + (p.breaking ? "!" : ""));
  CHECK(kinds == list{"together", "batches", "together", "validate", "together!"});
  CHECK(filled.phases.back().statements.size() == 4);
  CHECK(
      report(filled).find("phase 2: t, rows get a value of a\n    UPDATE \"t\" SET \"a\" = (b + 1) "
                          "WHERE \"a\" IS NULL\n") != std::string::npos);
}

TEST_CASE("what cannot be taken apart is named, and what is over in a moment is taken back") {
  CHECK(undone(phases_of({moment("ALTER TABLE \"t\" ALTER COLUMN \"a\" SET DEFAULT 9")})) ==
        list{"ALTER TABLE \"t\" ALTER COLUMN \"a\" SET DEFAULT 7"});
  CHECK(undone(phases_of({moment("ALTER TABLE \"t\" ALTER COLUMN \"b\" SET DEFAULT 9")})) ==
        list{"ALTER TABLE \"t\" ALTER COLUMN \"b\" DROP DEFAULT"});
  const step more{.sql = "ALTER TYPE \"mood\" ADD VALUE 'x'"};
  CHECK(lines(phases_of({more})) == list{"together: ALTER TYPE \"mood\" ADD VALUE 'x'"});
  for (const char* sql :
       {"ALTER TABLE \"t\" ALTER COLUMN \"a\" TYPE bigint", "ALTER TABLE \"t\" DROP COLUMN \"a\"",
        "DROP TABLE \"t\"", "ALTER TABLE \"t\" RENAME TO \"u\"", "VACUUM"})
    CHECK(phases_of({scan(sql)}).obstacles ==
          list{std::string("table t would be locked by ") + sql});
  CHECK(phases_of({}).phases.empty());
}
