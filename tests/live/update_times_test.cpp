// tests/live/update_times_test.cpp - times that the database gives to rows which others update.
// SPDX-License-Identifier: BSL-1.0
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::from;
using support::place;

namespace {

template <class Duration>
using time_in = std::chrono::sys_time<Duration>;

struct note {
  std::int64_t id = 0;
  std::string text;
  hewn::timestamp at{};
  static consteval auto table() {
    return hewn::table("notes").updated<&note::at>(hewn::in_database).unique<&note::text>();
  }
};

struct note_of_program {
  std::int64_t id = 0;
  std::string text;
  hewn::timestamp at{};
  static consteval auto table() {
    return hewn::table("notes").updated<&note_of_program::at>().unique<&note_of_program::text>();
  }
};

// One struct for each unit; a column that may be NULL, and one with a name to be quoted.
template <class Duration>
struct measured {
  std::int64_t id = 0;
  std::string text;
  time_in<Duration> at{};
  static consteval auto table() {
    return hewn::table("measured").template updated<&measured::at>(hewn::in_database);
  }
};

struct stamps {
  std::optional<hewn::timestamp> changed;
  std::string by;
};

struct odd {
  std::string shelf;
  std::int64_t place = 0;
  std::string text;
  stamps last;
  static consteval auto table() {
    return hewn::table("odd \"table\"")
        .primary_key<&odd::shelf, &odd::place>()
        .column<&odd::place>("select")
        .column<&odd::last>("Last 'one' ")
        .updated<hewn::path<&odd::last, &stamps::changed>>(hewn::in_database)
        .without_rowid();
  }
};

struct versioned {
  std::int64_t id = 0;
  std::string text;
  std::int64_t revision = 0;
  hewn::timestamp at{};
  std::optional<hewn::timestamp> removed;
  static consteval auto table() {
    return hewn::table("versioned")
        .updated<&versioned::at>(hewn::in_database)
        .version<&versioned::revision>()
        .soft_delete<&versioned::removed>();
  }
};

constexpr hewn::timestamp long_ago{std::chrono::seconds(1'000'000)};

// Clocks of two computers may be a little apart.
bool is_near(hewn::timestamp t) {
  const auto now = std::chrono::system_clock::now();
  return t > now - std::chrono::minutes(5) && t < now + std::chrono::minutes(5);
}

template <class Database>
void turn_back(const Database& db, hewn::timestamp (*clock)()) {
  db.connection().native().set_clock(clock);
}

bool is_left_alone(const hewn::plan& p, std::string_view trigger) {
  for (const hewn::schema::other_object& o : p.unmanaged())
    if (o.kind == "trigger" && o.name == trigger) return true;
  return false;
}

hewn::timestamp past() { return long_ago; }
hewn::timestamp later() { return long_ago + std::chrono::microseconds(1'234'567); }

}  // namespace

TEST_CASE("a raw update sets the time of the rows that it changes") {
  const place where;
  const auto db = where.open();
  hewn::sync<note>(db);
  CHECK(hewn::plan_sync<note>(db).empty());
  turn_back(db, &past);
  for (const char* const text : {"a", "b", "c"}) db.insert(note{.text = text});
  REQUIRE(db.count(from<note>.where(col<&note::at> == long_ago)) == 3);
  db.execute(hewn::sql<"UPDATE notes SET text = 'changed' WHERE text = 'a'">);
  CHECK(is_near(db.one(from<note>.where(col<&note::text> == "changed")).at));
  CHECK(db.count(from<note>.where(col<&note::at> == long_ago)) == 2);
  // The form is the one that hewn writes, by which rows are found.
  const note changed = db.one(from<note>.where(col<&note::text> == "changed"));
  CHECK(db.exists(from<note>.where(col<&note::at> == changed.at)));
  // A time that the statement gives stays, and so does that of an insert.
  db.execute(hewn::sql<"UPDATE notes SET text = 'given', at = '2001-02-03 04:05:06+00' WHERE text "
                       "= 'b'">);
  CHECK(db.one(from<note>.where(col<&note::text> == "given")).at ==
        hewn::timestamp(std::chrono::sys_days(std::chrono::year(2001) / 2 / 3)) +
            std::chrono::hours(4) + std::chrono::minutes(5) + std::chrono::seconds(6));
  db.execute(hewn::sql<"INSERT INTO notes (text) VALUES ('raw')">);
  CHECK(is_near(db.one(from<note>.where(col<&note::text> == "raw")).at));
}

TEST_CASE("what hewn writes has the time that it gives") {
  const place where;
  const auto db = where.open();
  hewn::sync<note>(db);
  turn_back(db, &past);
  note n = db.insert(note{.text = "a"});
  const auto stored = [&] { return db.get<note>(n.id).at; };
  CHECK(stored() == long_ago);
  turn_back(db, &later);
  n.text = "b";
  db.update(n);
  CHECK(stored() == later());
  turn_back(db, &past);
  db.update(from<note>.where(col<&note::id> == n.id), col<& note::text> = "c");
  CHECK(stored() == long_ago);
  turn_back(db, &later);
  CHECK(db.upsert(note{.id = n.id, .text = "d"}).at == later());
  CHECK(stored() == later());
  turn_back(db, &past);
  std::vector<note> rows{n};
  rows[0].text = "e";
  db.update_many(rows);
  CHECK(stored() == long_ago);
  turn_back(db, &later);
  db.batch([&](auto& batch) {
    for (int i = 0; i != 200; ++i) batch.insert(note{.text = "row " + std::to_string(i)});
    batch.update(note{.id = n.id, .text = "f"});
  });
  CHECK(db.count(from<note>.where(col<&note::at> == later())) == 201);
  // All of them by one statement of somebody else.
  db.execute(hewn::sql<"UPDATE notes SET text = text || ' again'">);
  CHECK(db.count(from<note>.where(col<&note::at> > later() + std::chrono::hours(1))) == 201);
}

TEST_CASE("the time of an update is in the unit of the field") {
  const auto check = []<class Duration>(Duration) {
    using row = measured<Duration>;
    const place where;
    const auto db = where.open();
    hewn::sync<row>(db);
    CHECK(hewn::plan_sync<row>(db).empty());
    turn_back(db, &past);
    db.insert(row{.text = "a"});
    for (int i = 0; i != 20; ++i) {
      db.execute(hewn::sql<"UPDATE measured SET text = text || 'x'">);
      const row found = db.one(from<row>);  // what a field could not hold would be an error
      CHECK(is_near(found.at));
      CHECK(db.exists(from<row>.where(col<&row::at> == found.at)));
    }
  };
  check(std::chrono::microseconds());
  check(std::chrono::milliseconds());
  check(std::chrono::seconds());
  check(std::chrono::minutes());
}

TEST_CASE("names that have to be quoted, keys of several columns and NULL") {
  const place where;
  const auto db = where.open();
  hewn::sync<odd>(db);
  CHECK(hewn::plan_sync<odd>(db).empty());
  db.execute(hewn::sql<"INSERT INTO \"odd \"\"table\"\"\" (shelf, \"select\", text, \"Last 'one' "
                       "changed\", \"Last 'one' by\") VALUES ('a', 1, '', NULL, ''), ('a', 2, '', "
                       "NULL, ''), ('b', 1, '', NULL, '')">);
  db.execute(hewn::sql<"UPDATE \"odd \"\"table\"\"\" SET text = 'x', \"select\" = \"select\" + 10 "
                       "WHERE shelf = 'a'">);
  for (const odd& row : db.all(from<odd>.order_by(col<&odd::shelf>, col<&odd::place>))) {
    CHECK(row.last.changed.has_value() == (row.shelf == "a"));
    if (row.last.changed) CHECK(is_near(*row.last.changed));
  }
  // NULL is a time that a statement may give, where there was another.
  db.execute(hewn::sql<"UPDATE \"odd \"\"table\"\"\" SET \"Last 'one' changed\" = NULL">);
  for (const odd& row : db.all(from<odd>))
    CHECK(row.last.changed.has_value() == (row.shelf == "b"));
}

TEST_CASE("versions and removed rows go with it") {
  const place where;
  const auto db = where.open();
  hewn::sync<versioned>(db);
  turn_back(db, &past);
  versioned v = db.insert(versioned{.text = "a"});
  db.execute(hewn::sql<"UPDATE versioned SET text = 'raw'">);
  CHECK(is_near(db.get<versioned>(v.id).at));
  v.text = "b";
  db.update(v);
  CHECK(v.revision == 1);
  CHECK(db.get<versioned>(v.id).at == long_ago);
  turn_back(db, &later);
  db.remove<versioned>(v.id);
  CHECK(db.one(from<versioned>.with_removed()).at == later());
}

TEST_CASE("sync brings the trigger, mends it and takes it away") {
  const place where;
  const auto db = where.open();
  hewn::sync<note_of_program>(db);
  db.insert(note_of_program{.text = "a"});
  const auto time_is_set = [&] {
    db.execute(hewn::sql<"UPDATE notes SET at = '2001-02-03 04:05:06+00'">);
    db.execute(hewn::sql<"UPDATE notes SET text = text || 'x'">);
    return is_near(db.one(from<note_of_program>).at);
  };
  CHECK_FALSE(time_is_set());

  const auto bring = hewn::plan_sync<note>(db);
  CAPTURE(report(bring));
  REQUIRE_FALSE(bring.blocked());
  hewn::apply_plan(db, bring);
  CHECK(hewn::plan_sync<note>(db).empty());
  CHECK(time_is_set());

  SECTION("a body that somebody has changed") {
    if (support::on_postgres) {
      db.execute(hewn::sql<"CREATE OR REPLACE FUNCTION hewn_updated_notes_at() RETURNS trigger "
                           "LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'">);
    } else {
      db.execute(hewn::sql<"DROP TRIGGER hewn_updated_notes_at">);
      db.execute(
          hewn::sql<"CREATE TRIGGER hewn_updated_notes_at AFTER UPDATE ON notes BEGIN SELECT 1; "
                    "END">);
    }
    CHECK_FALSE(time_is_set());
    const auto mend = hewn::plan_sync<note>(db);
    REQUIRE(mend.changes().size() == 1);
    CHECK(mend.changes()[0].kind == hewn::change_kind::change_trigger);
    hewn::apply_plan(db, mend);
    CHECK(hewn::plan_sync<note>(db).empty());
    CHECK(time_is_set());
  }
  SECTION("a trigger that somebody has dropped") {
    if (support::on_postgres)
      db.execute(hewn::sql<"DROP TRIGGER hewn_updated_notes_at ON notes">);
    else
      db.execute(hewn::sql<"DROP TRIGGER hewn_updated_notes_at">);
    CHECK_FALSE(time_is_set());
    hewn::sync<note>(db);
    CHECK(hewn::plan_sync<note>(db).empty());
    CHECK(time_is_set());
  }
  SECTION("a trigger of the program's own") {
    if (support::on_postgres) {
      db.execute(hewn::sql<"CREATE FUNCTION notes_at_updated() RETURNS trigger LANGUAGE plpgsql AS "
                           "'BEGIN RETURN NEW; END'">);
      db.execute(
          hewn::sql<"CREATE TRIGGER notes_at_updated BEFORE UPDATE ON notes FOR EACH ROW EXECUTE "
                    "FUNCTION notes_at_updated()">);
    } else {
      db.execute(hewn::sql<"CREATE TRIGGER notes_at_updated AFTER UPDATE ON notes BEGIN SELECT 1; "
                           "END">);
    }
    const auto again = hewn::plan_sync<note>(db);
    CHECK(again.empty());
    CHECK(is_left_alone(again, "notes_at_updated"));
    CHECK_FALSE(is_left_alone(again, "hewn_updated_notes_at"));
    hewn::apply_plan(db, hewn::plan_sync<note_of_program>(db));
    CHECK(is_left_alone(hewn::plan_sync<note_of_program>(db), "notes_at_updated"));
  }
  const auto away = hewn::plan_sync<note_of_program>(db);
  CAPTURE(report(away));
  CHECK_FALSE(away.blocked());
  hewn::apply_plan(db, away);
  CHECK(hewn::plan_sync<note_of_program>(db).empty());
  CHECK_FALSE(time_is_set());
}
