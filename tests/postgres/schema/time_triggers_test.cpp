// tests/postgres/schema/time_triggers_test.cpp - the trigger of updated<> among what a server has.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

using hewn::change_kind;
using hewn::col;
using hewn::from;
using support::place;

namespace {

constexpr hewn::timestamp long_ago{std::chrono::seconds(1'000'000)};

struct note {
  std::int64_t id = 0;
  std::string text;
  std::optional<hewn::timestamp> at;
  static consteval auto table() {
    return hewn::table("notes").updated<&note::at>(hewn::in_database);
  }
};

struct plain {
  std::int64_t id = 0;
  std::string text;
  std::optional<hewn::timestamp> at;
  static consteval auto table() { return hewn::table("notes"); }
};

struct renamed {
  std::int64_t id = 0;
  std::string text;
  std::optional<hewn::timestamp> changed;
  static consteval auto table() {
    return hewn::table("notes").updated<&renamed::changed>(hewn::in_database);
  }
};

struct indexed {
  std::int64_t id = 0;
  std::string text;
  std::optional<hewn::timestamp> at;
  static consteval auto table() {
    return hewn::table("notes").index<&indexed::text>().updated<&indexed::at>(hewn::in_database);
  }
};

void make(const support::database& db) {
  hewn::sync<note>(db);
  db.connection().native().set_clock([] { return long_ago; });
  db.insert(note{.text = "a"});
}

bool is_dated(const support::database& db) { return db.one(from<note>).at != long_ago; }

std::string schema_of(const support::database& db) {
  return db.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
}

void run(const support::database& db, std::string text, std::string_view schema = {}) {
  for (std::size_t at; (at = text.find("{}")) != text.npos;) text.replace(at, 2, schema);
  db.script(text);
}

}  // namespace

TEST_CASE("each schema has a function of its own, wherever an UPDATE comes from") {
  const place first, second;
  const auto one = first.open();
  const auto two = second.open();
  make(one);
  make(two);
  // Two tenants, and a session that looks elsewhere for everything.
  run(two,
      "CREATE FUNCTION {}.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT "
      "NULL::timestamptz'; SET search_path = {}, pg_catalog; UPDATE {}.notes SET text = 'b'; SET "
      "search_path = {}; DROP FUNCTION {}.clock_timestamp()",
      schema_of(two));
  CHECK(is_dated(two));
  CHECK(two.one(from<note>).at.has_value());
  CHECK_FALSE(is_dated(one));
  hewn::apply_plan(two, hewn::plan_sync<plain>(two));
  run(one, "SET search_path = ''; UPDATE {}.notes SET text = 'b'; SET search_path = {}",
      schema_of(one));
  CHECK(is_dated(one));
  CHECK(hewn::plan_sync<note>(one).empty());
}

TEST_CASE("a trigger that is not as it was made is mended") {
  const place where;
  const auto db = where.open();
  make(db);
  for (const char* const change :
       {"ALTER TABLE notes DISABLE TRIGGER hewn_updated_notes_at",
        "ALTER TABLE notes ENABLE REPLICA TRIGGER hewn_updated_notes_at",
        "ALTER FUNCTION hewn_updated_notes_at() SECURITY DEFINER",
        "ALTER FUNCTION hewn_updated_notes_at() SET search_path = pg_temp",
        "DROP TRIGGER hewn_updated_notes_at ON notes; CREATE TRIGGER hewn_updated_notes_at BEFORE "
        "UPDATE OF text ON notes FOR EACH ROW EXECUTE FUNCTION hewn_updated_notes_at()",
        "DROP TRIGGER hewn_updated_notes_at ON notes; CREATE TRIGGER hewn_updated_notes_at BEFORE "
        "UPDATE ON notes FOR EACH ROW WHEN (NOT new.text IS DISTINCT FROM old.text) EXECUTE "
        "FUNCTION hewn_updated_notes_at()",
        "DROP TRIGGER hewn_updated_notes_at ON notes; CREATE TRIGGER hewn_updated_notes_at AFTER "
        "UPDATE ON notes FOR EACH ROW WHEN (NOT new.at IS DISTINCT FROM old.at) EXECUTE "
        "FUNCTION hewn_updated_notes_at()"}) {
    CAPTURE(change);
    run(db, change);
    const hewn::plan p = hewn::plan_sync<note>(db);
    CAPTURE(report(p));
    REQUIRE(p.changes().size() == 1);
    CHECK(p.changes()[0].kind == change_kind::change_trigger);
    hewn::apply_plan(db, p);
    CHECK(hewn::plan_sync<note>(db).empty());
  }
  db.execute(hewn::sql<"UPDATE notes SET text = 'b'">);
  CHECK(is_dated(db));
}

TEST_CASE("a column that a migration has renamed") {
  const place where;
  const auto db = where.open();
  make(db);
  db.execute(hewn::sql<"ALTER TABLE notes RENAME at TO changed">);
  CHECK_THROWS_AS(db.execute(hewn::sql<"UPDATE notes SET text = 'b'">), hewn::error);
  const hewn::plan p = hewn::plan_sync<renamed>(db);
  CAPTURE(report(p));
  CHECK(p.changes().size() == 2);
  hewn::apply_plan(db, p);
  CHECK(hewn::plan_sync<renamed>(db).empty());
  db.execute(hewn::sql<"UPDATE notes SET text = 'b'">);
  CHECK(db.one(from<renamed>).changed != long_ago);
}

TEST_CASE("a trigger that is added is tried without a lock on its table") {
  const place where;
  const auto db = where.open();
  hewn::sync<plain>(db);
  const auto other = where.open();
  other.transaction([&](auto& tx) {
    tx.insert(plain{.text = "a"});
    const hewn::plan p = hewn::plan_sync<indexed>(db);
    CAPTURE(report(p));
    CHECK(p.changes().size() == 3);  // with the default
    CHECK(p.problems().empty());
  });
  hewn::sync<indexed>(db);
  CHECK(hewn::plan_sync<indexed>(db).empty());
}

TEST_CASE("the time of an UPDATE is that of the statement and not of its transaction") {
  const place where;
  const auto db = where.open();
  hewn::sync<note>(db);
  db.transaction([](auto& tx) {
    tx.template one<hewn::timestamp>(hewn::sql<"SELECT CURRENT_TIMESTAMP">);
    const note n = tx.insert(note{.text = "a"});
    constexpr auto text = col<&note::text>;
    tx.template update_all<note>(text = "b");
    const auto by_program = tx.template get<note>(n.id).at;
    tx.execute(hewn::sql<"UPDATE notes SET text = 'c'">);
    CHECK(tx.template get<note>(n.id).at >= by_program);
  });
}

TEST_CASE("RETURNING shows the time that the trigger gives") {
  const place where;
  const auto db = where.open();
  make(db);
  CHECK(db.one<std::optional<hewn::timestamp>>(
            hewn::sql<"UPDATE notes SET text = 'b' RETURNING at">) != long_ago);
}
