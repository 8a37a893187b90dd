// tests/live/update_time_changes_test.cpp - what becomes of the trigger of updated<> when the
// schema changes. SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::change_kind;
using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::place;

namespace {

using stamp = std::optional<hewn::timestamp>;

struct plain {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() { return hewn::table("notes"); }
};

struct dated {
  std::int64_t id = 0;
  std::string text;
  stamp at;
  static consteval auto table() {
    return hewn::table("notes")
        .updated<&dated::at>(hewn::in_database)
        .index<&dated::at>()
        .index<&dated::text>();
  }
};

struct dated_by_program {
  std::int64_t id = 0;
  std::string text;
  stamp at;
  static consteval auto table() {
    return hewn::table("notes")
        .updated<&dated_by_program::at>()
        .index<&dated_by_program::at>()
        .index<&dated_by_program::text>();
  }
};

struct filled {
  std::int64_t id = 0;
  std::string text;
  stamp at;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("notes")
        .updated<&filled::at>(hewn::in_database)
        .backfill<&filled::number>(hewn::raw("CAST(text AS BIGINT)"))
        .index<&filled::at>()
        .index<&filled::text>();
  }
};

struct converted {
  std::int64_t id = 0;
  std::int64_t text = 0;
  stamp at;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("notes")
        .updated<&converted::at>(hewn::in_database)
        .index<&converted::at>()
        .index<&converted::text>();
  }
};

struct renamed_column {
  std::int64_t id = 0;
  std::string text;
  stamp changed;
  static consteval auto table() {
    return hewn::table("notes")
        .updated<&renamed_column::changed>(hewn::in_database)
        .renamed_from<&renamed_column::changed>("at")
        .index<&renamed_column::changed>()
        .index<&renamed_column::text>();
  }
};

struct renamed_key {
  std::int64_t number = 0;
  std::string text;
  stamp at;
  static consteval auto table() {
    return hewn::table("notes")
        .primary_key<&renamed_key::number>()
        .renamed_from<&renamed_key::number>("id")
        .updated<&renamed_key::at>(hewn::in_database)
        .index<&renamed_key::at>()
        .index<&renamed_key::text>();
  }
};

struct renamed_table {
  std::int64_t id = 0;
  std::string text;
  stamp at;
  static consteval auto table() {
    return hewn::table("pages")
        .renamed_from("notes")
        .updated<&renamed_table::at>(hewn::in_database)
        .index<&renamed_table::at>()
        .index<&renamed_table::text>();
  }
};

struct without_time {
  std::int64_t id = 0;
  std::string text;
  static consteval auto table() {
    return hewn::table("notes").dropped("at").index<&without_time::text>();
  }
};

struct gone {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("others"); }
};

// Longer than PostgreSQL's names.
struct long_name {
  std::int64_t id = 0;
  std::string text;
  stamp the_time_at_which_this_row_was_updated;
  static consteval auto table() {
    return hewn::table("a_table_with_a_name_that_is_rather_long")
        .updated<&long_name::the_time_at_which_this_row_was_updated>(hewn::in_database);
  }
};

struct a_b {
  std::int64_t id = 0;
  stamp c;
  static consteval auto table() { return hewn::table("a_b").updated<&a_b::c>(hewn::in_database); }
};
struct a {
  std::int64_t id = 0;
  stamp b_c;
  static consteval auto table() { return hewn::table("a").updated<&a::b_c>(hewn::in_database); }
};

constexpr hewn::timestamp long_ago{std::chrono::seconds(1'000'000)};

/// How many triggers and functions of this name there are.
template <class Database>
std::int64_t number_of(const Database& db, const std::string& name) {
  return db.template one<std::int64_t>(
      hewn::dynamic_sql(
          support::on_postgres
              ? "WITH here AS (SELECT current_schema()::regnamespace AS oid), name AS (SELECT "
                "$1::text AS like) SELECT (SELECT count(*) FROM here, name, pg_trigger t JOIN "
                "pg_class c ON c.oid = t.tgrelid WHERE tgname LIKE name.like AND c.relnamespace = "
                "here.oid) + (SELECT count(*) FROM here, name, pg_proc WHERE proname LIKE "
                "name.like AND pronamespace = here.oid)"
              : "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE ?1"),
      name);
}

constexpr std::int64_t one = support::on_postgres ? 2 : 1;  // with its function

/// Whether raw SQL that updates the only row of T, which is made, sets its time.
template <class T, auto Time, class Database>
bool time_is_set(const Database& db, const char* update) {
  db.template remove_all<T>();
  T row{.text = "a"};
  db.insert(row);
  db.connection().native().set_clock([] { return long_ago; });
  constexpr auto text = col<&T::text>;
  db.template update_all<T>(text = "b");
  CHECK(db.one(from<T>).*Time == long_ago);
  db.execute(hewn::dynamic_sql(update));
  return db.one(from<T>).*Time > long_ago + std::chrono::hours(1);
}

template <class T, class Database>
hewn::plan applied(const Database& db) {
  const hewn::plan p = hewn::plan_sync<T>(db);
  CAPTURE(report(p));
  REQUIRE(p.pending().empty());
  REQUIRE(p.problems().empty());
  hewn::apply_plan(db, p);
  const hewn::plan again = hewn::plan_sync<T>(db);
  CAPTURE(report(again));
  CHECK(again.empty());
  return p;
}

const char* const update_notes = "UPDATE notes SET text = 'c'";

}  // namespace

TEST_CASE("a table that exists gets the column and the trigger, and loses both") {
  const place where;
  const auto db = where.open();
  applied<plain>(db);
  applied<dated>(db);
  CHECK(time_is_set<dated, &dated::at>(db, update_notes));
  CHECK(number_of(db, "hewn_updated_notes_at") == one);
  db.remove_all<dated>();
  applied<without_time>(db);
  CHECK(number_of(db, "hewn_updated_%") == 0);
}

TEST_CASE("what sync makes of rows is no update of theirs") {
  const place where;
  const auto db = where.open();
  applied<dated>(db);
  db.connection().native().set_clock([] { return long_ago; });
  db.insert(dated{.text = "7"});
  applied<filled>(db);
  CHECK(db.one(from<filled>).number == 7);
  CHECK(db.one(from<filled>).at == long_ago);
  applied<converted>(db);
  CHECK(db.one(from<converted>).text == 7);
  CHECK(db.one(from<converted>).at == long_ago);
  db.execute(hewn::dynamic_sql("UPDATE notes SET text = 8"));
  CHECK(db.one(from<converted>).at > long_ago + std::chrono::hours(1));
}

TEST_CASE("the trigger follows a column that is renamed") {
  const place where;
  const auto db = where.open();
  applied<dated>(db);
  applied<renamed_column>(db);
  CHECK(time_is_set<renamed_column, &renamed_column::changed>(db, update_notes));
  CHECK(number_of(db, "hewn_updated_notes_at") == 0);
  CHECK(number_of(db, "hewn_updated_notes_changed") == one);
}

TEST_CASE("the trigger follows a key that is renamed") {
  const place where;
  const auto db = where.open();
  applied<dated>(db);
  applied<renamed_key>(db);
  CHECK(time_is_set<renamed_key, &renamed_key::at>(db, update_notes));
}

TEST_CASE("the trigger follows a table that is renamed") {
  const place where;
  const auto db = where.open();
  applied<dated>(db);
  applied<renamed_table>(db);
  CHECK(time_is_set<renamed_table, &renamed_table::at>(db, "UPDATE pages SET text = 'c'"));
  CHECK(number_of(db, "hewn_updated_notes_at") == 0);
}

TEST_CASE("a table that goes takes the trigger along") {
  const place where;
  const auto db = where.open();
  applied<dated>(db);
  const hewn::sync_options drop{
      .intents = {{.kind = hewn::intent_kind::drop_table, .table = "notes"}}};
  hewn::sync<gone>(db, drop);
  CHECK(number_of(db, "hewn_updated_%") == 0);
  CHECK_FALSE(hewn::plan_sync<dated>(db).empty());
}

TEST_CASE("a plan with the trigger is undone and cut down like any other") {
  const place where;
  const auto db = where.open();
  applied<plain>(db);
  SECTION("undone") {
    applied<dated_by_program>(db);
    const hewn::plan done = applied<dated>(db);
    const hewn::plan back = hewn::plan_undo(db, done);
    CAPTURE(report(back));
    REQUIRE(back.pending().empty());
    hewn::apply_plan(db, back);
    CHECK(hewn::plan_sync<dated_by_program>(db).empty());
    CHECK(number_of(db, "hewn_updated_%") == 0);
  }
  SECTION("without the trigger") {
    const hewn::plan whole = hewn::plan_sync<dated>(db);
    std::string trigger;
    for (const hewn::change& c : whole.changes())
      if (c.kind == change_kind::create_trigger) trigger = c.id();
    const hewn::plan rest = hewn::plan_without(db, whole, {trigger});
    CHECK(rest.changes().size() + 1 == whole.changes().size());
    hewn::apply_plan(db, rest);
    const hewn::plan last = applied<dated>(db);
    REQUIRE(last.changes().size() == 1);
    CHECK(last.changes()[0].kind == change_kind::create_trigger);
    CHECK(last.changes()[0].id() == trigger);
  }
  SECTION("without the column") {
    const hewn::plan whole = hewn::plan_sync<dated>(db);
    std::vector<std::string> ids;
    for (const hewn::change& c : whole.changes())
      if (c.kind == change_kind::add_column || c.kind == change_kind::create_trigger ||
          c.object == "notes_at_idx")
        ids.push_back(c.id());
    REQUIRE(ids.size() == 3);
    CHECK(hewn::plan_without(db, whole, ids).changes().size() == 1);
  }
}

TEST_CASE("names that are too long become digits, and names that clash are refused") {
  const place where;
  const auto db = where.open();
  applied<long_name>(db);
  CHECK(number_of(db, "hewn_updated_________________________________") == one);
  CHECK(time_is_set<long_name, &long_name::the_time_at_which_this_row_was_updated>(
      db, "UPDATE a_table_with_a_name_that_is_rather_long SET text = 'c'"));
  const hewn::error failure = failure_of([&] { hewn::sync<a_b, a>(db); });
  CHECK(failure.code() == errc::usage);
  CHECK(std::string_view(failure.what()).find("hewn_updated_a_b_c") != std::string_view::npos);
}
