// tests/live/native_enums_test.cpp - enumerations as types of the server, and as text elsewhere.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using namespace support;

namespace {

enum class mood { calm, busy };

struct agent {
  std::int64_t id = 0;
  std::string name;
  mood state = mood::calm;
  std::optional<mood> wanted;

  bool operator==(const agent&) const = default;

  static consteval auto table() {
    return hewn::table("agents")
        .native_enum<&agent::state>()
        .native_enum<&agent::wanted>()
        .default_value<&agent::state>(mood::calm)
        .check("agents_rest", col<&agent::wanted> != mood::busy || col<&agent::wanted>.is_null())
        .index<&agent::state>();
  }
};

namespace grown {  // values at the front, between and behind

enum class mood { asleep, calm, bored, busy, angry };

struct agent {
  std::int64_t id = 0;
  std::string name;
  mood state = mood::calm;
  std::optional<mood> wanted;
  std::optional<mood> before;

  static consteval auto table() {
    return hewn::table("agents")
        .native_enum<&agent::state>()
        .native_enum<&agent::wanted>()
        .native_enum<&agent::before>()
        .default_value<&agent::state>(mood::calm)
        .check("agents_rest", col<&agent::wanted> != mood::busy || col<&agent::wanted>.is_null())
        .index<&agent::state>();
  }
};

}  // namespace grown

template <class Mood>
struct plain_agent {
  std::int64_t id = 0;
  Mood state{};

  static consteval auto table() {
    return hewn::table("agents").template native_enum<&plain_agent::state>("Mood of Agents");
  }
};

enum class renamed_mood { calm, occupied };
enum class shorter_mood { calm };
enum class reordered_mood { busy, calm };
enum class longer_mood { calm, busy, gone };

struct textual {
  std::int64_t id = 0;
  mood state = mood::calm;
  static consteval auto table() { return hewn::table("agents"); }
};

struct later {
  std::int64_t id = 0;
  mood state = mood::calm;
  static consteval auto table() { return hewn::table("agents").native_enum<&later::state>(); }
};

namespace with_rows {

struct team {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("teams"); }
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("agents"); }
};

struct agent_of_team {
  std::int64_t id = 0;
  std::string name;
  mood state = mood::calm;
  std::optional<mood> wanted;
  std::optional<std::int64_t> team_id;

  static consteval auto table() {
    return hewn::table("agents")
        .native_enum<&agent_of_team::state>()
        .native_enum<&agent_of_team::wanted>()
        .default_value<&agent_of_team::state>(mood::calm)
        .check("agents_rest",
               col<&agent_of_team::wanted> != mood::busy || col<&agent_of_team::wanted>.is_null())
        .unique_index<&agent_of_team::wanted>()
        .references<&agent_of_team::team_id, &team::id>();
  }
};

}  // namespace with_rows

std::string types_of(const database& db) {
  std::string out;
  for (const auto& label : db.all<std::string>(
           hewn::sql<
               "SELECT t.typname || '.' || e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid "
               "= e.enumtypid WHERE t.typnamespace = current_schema()::regnamespace ORDER BY "
               "t.typname, e.enumsortorder">))
    out += label + " ";
  return out;
}

}  // namespace

TEST_CASE("native enumerations go through every verb") {
  auto db = open_new();
  hewn::sync<agent>(db);
  CHECK(hewn::sync<agent>(db).empty());
  if (on_postgres) CHECK(types_of(db) == "mood.calm mood.busy ");

  agent first = db.insert(agent{.name = "a", .state = mood::busy, .wanted = mood::calm});
  CHECK(db.template get<agent>(first.id) == first);
  first.state = mood::calm;
  first.wanted.reset();
  db.update(first);
  CHECK(db.template get<agent>(first.id) == first);
  CHECK(db.upsert(first) == first);
  CHECK(failure_of([&] { db.insert(agent{.name = "x", .wanted = mood::busy}); }).code() ==
        errc::check);
  CHECK(failure_of([&] { db.insert(agent{.state = static_cast<mood>(9)}); }).column() == "state");

  // Those that are completed go as arrays, the others are copied.
  std::vector<agent> many;
  for (int i = 0; i != 40; ++i)
    many.push_back({.name = std::to_string(i),
                    .state = i % 2 == 0 ? mood::calm : mood::busy,
                    .wanted = i % 3 == 0 ? std::optional(mood::calm) : std::nullopt});
  std::vector<agent> completed = many;
  db.insert_many(completed);
  for (const agent& a : completed) CHECK(db.template get<agent>(a.id) == a);
  db.insert_many(std::as_const(many));
  CHECK(db.count(hewn::from<agent>.where(col<&agent::state> == mood::busy)) == 40);
  CHECK(db.count(hewn::from<agent>.where(col<&agent::state>.in({mood::busy, mood::calm}))) == 81);
  hewn::condition<agent> w = col<&agent::wanted> == mood::calm;
  CHECK(db.count(hewn::from<agent>.where(w)) == 28);
  db.update(hewn::from<agent>.where(col<&agent::state> == mood::busy),
            col<& agent::state> = mood::calm);
  CHECK(db.count(hewn::from<agent>.where(col<&agent::state> == mood::calm)) == 81);
  // Others read it as text, and the order is that of the enumeration.
  db.insert(agent{.name = "last", .state = mood::busy});
  struct row {
    std::string state;
  };
  CHECK(db.template all<row>(hewn::sql<"SELECT state FROM agents ORDER BY state DESC">)
            .front()
            .state == (on_postgres ? "busy" : "calm"));
}

TEST_CASE("what the database refuses of a native enumeration is reported") {
  auto db = open_new();
  hewn::sync<agent>(db);
  CHECK_THROWS_AS(db.script("INSERT INTO agents (name, state) VALUES ('a', 'mauve')"), hewn::error);
  db.script("INSERT INTO agents (name) VALUES ('a')");
  CHECK(db.one(hewn::from<agent>).state == mood::calm);
}

TEST_CASE("values that are new are added to the type at their place") {
  auto db = open_new();
  hewn::sync<agent>(db);
  db.insert(agent{.name = "a", .state = mood::busy});
  if (!on_postgres) return;
  const hewn::plan planned = hewn::plan_sync<grown::agent>(db);
  CAPTURE(hewn::report(planned));
  CHECK(planned.changes().size() == 4);
  CHECK(planned.pending().empty());
  CHECK(types_of(db) == "mood.calm mood.busy ");
  hewn::sync<grown::agent>(db);
  CHECK(types_of(db) == "mood.asleep mood.calm mood.bored mood.busy mood.angry ");
  CHECK(hewn::sync<grown::agent>(db).empty());
  db.insert(grown::agent{.state = grown::mood::angry, .before = grown::mood::asleep});
  CHECK(db.template get<grown::agent>(1).state == grown::mood::busy);
  // A value that this program does not know is no value of its own.
  CHECK(failure_of([&] { db.template get<agent>(2); }).code() == errc::invalid_data);
  // In the caller's transaction too.
  auto other = open_new();
  hewn::sync<agent>(other);
  other.transaction([&](auto&) { hewn::sync<grown::agent>(other); });
  CHECK(hewn::sync<grown::agent>(other).empty());
}

TEST_CASE("a type comes with columns of a table that has rows, beside what is asked of them") {
  auto db = open_new();
  hewn::sync<with_rows::team, with_rows::agent>(db);
  db.insert(with_rows::agent{.name = "a"});
  db.insert(with_rows::agent{.name = "b"});
  hewn::sync<with_rows::team, with_rows::agent_of_team>(db);
  CHECK(hewn::sync<with_rows::team, with_rows::agent_of_team>(db).empty());
  const auto both = db.all<with_rows::agent_of_team>();
  REQUIRE(both.size() == 2);
  CHECK(both[1].name == "b");
  CHECK(both[1].state == mood::calm);
  CHECK(both[1].wanted == std::nullopt);
}

TEST_CASE("values that are gone, renamed or moved are counted and never guessed") {
  if (!on_postgres) return;
  auto db = open_new();
  hewn::sync<plain_agent<mood>>(db);
  CHECK(types_of(db) == "Mood of Agents.calm Mood of Agents.busy ");
  CHECK(hewn::sync<plain_agent<mood>>(db).empty());
  db.insert(plain_agent<mood>{.state = mood::busy});
  const auto refused = [&](auto type) {
    const auto failure = failure_of([&] { hewn::sync<decltype(type)>(db); });
    CHECK(failure.code() == errc::approval_required);
    CHECK(failure.table() == "agents");
    return std::string(failure.what());
  };
  const std::string report = refused(plain_agent<renamed_mood>());
  CAPTURE(report);
  CHECK(report.find("change values Mood of Agents from 'calm', 'busy' to 'calm', 'occupied'") !=
        report.npos);
  CHECK(report.find("1 value does not fit the new type: id='1'") != report.npos);
  refused(plain_agent<shorter_mood>());
  CHECK(refused(plain_agent<reordered_mood>())
            .find("1 value would compare and sort in another order") != std::string::npos);
  CHECK(types_of(db) == "Mood of Agents.calm Mood of Agents.busy ");
  hewn::sync<plain_agent<longer_mood>>(db);
  CHECK(types_of(db) == "Mood of Agents.calm Mood of Agents.busy Mood of Agents.gone ");
  // A value that no row has goes by itself.
  hewn::sync<plain_agent<mood>>(db);
  CHECK(types_of(db) == "Mood of Agents.calm Mood of Agents.busy ");
  CHECK(db.template get<plain_agent<mood>>(1).state == mood::busy);
  const hewn::plan moved = hewn::plan_sync<plain_agent<reordered_mood>>(db);
  hewn::apply_plan(db, moved,
                   {.approvals = {hewn::approve(db, moved, "as declared", {.approver = "ada"})}});
  CHECK(types_of(db) == "Mood of Agents.busy Mood of Agents.calm ");
  CHECK(db.template get<plain_agent<reordered_mood>>(1).state == reordered_mood::busy);
}

TEST_CASE("what somebody else has added to the type meanwhile is not added again") {
  if (!on_postgres) return;
  auto db = open_new();
  hewn::sync<agent>(db);
  const hewn::plan planned = hewn::plan_sync<grown::agent>(db);
  db.script("ALTER TYPE mood ADD VALUE 'asleep' BEFORE 'calm'");
  CHECK(hewn::plan_sync<agent>(db).fingerprint() != planned.fingerprint());
  CHECK(hewn::apply_plan(db, planned).changes().size() == 3);
  CHECK(types_of(db) == "mood.asleep mood.calm mood.bored mood.busy mood.angry ");
}

TEST_CASE("text becomes a type only by a migration, and a type that is there is used") {
  if (!on_postgres) return;
  auto db = open_new();
  hewn::sync<textual>(db);
  const auto failure = failure_of([&] { hewn::sync<later>(db); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "change type state from text to mood"));
  db.script(
      "CREATE TYPE mood AS ENUM ('calm', 'busy'); ALTER TABLE agents DROP CONSTRAINT "
      "agents_state_check; ALTER TABLE agents ALTER state TYPE mood USING state::mood");
  CHECK(hewn::sync<later>(db).empty());
}

TEST_CASE("a type that is made anew is found by the same connection") {
  if (!on_postgres) return;
  auto db = open_new();
  hewn::sync<later>(db);
  const auto count = [&] {
    return db.count(hewn::from<later>.where(col<&later::state>.in({mood::busy})));
  };
  db.insert(later{.state = mood::busy});
  std::vector<later> many(3, later{.state = mood::busy});
  db.insert_many(many);
  CHECK(count() == 4);
  db.script(
      "ALTER TYPE mood RENAME TO old_mood; CREATE TYPE mood AS ENUM ('calm', 'busy'); ALTER TABLE "
      "agents ALTER state TYPE mood USING state::text::mood; DROP TYPE old_mood");
  CHECK(count() == 4);
  db.insert(later{.state = mood::busy});
  // Inside a transaction the statement has failed before it can be prepared again.
  const auto again = [](auto insert) {
    const auto outcome = hewn::as_result(insert);
    if (outcome) return;
    CHECK(outcome.error().retryable());
    insert();
  };
  for (later& each : many) each.id = 0;
  again([&] { db.insert_many(many); });
  again([&] { db.insert_many(std::vector<later>(2, later{.state = mood::busy})); });
  CHECK(count() == 10);
  CHECK(db.template get<later>(1).state == mood::busy);
}

namespace {

enum class path { in, out };

struct road {
  std::int64_t id = 0;
  path way = path::in;
  static consteval auto table() { return hewn::table("roads").native_enum<&road::way>(); }
};

struct two_moods {
  std::int64_t id = 0;
  mood state = mood::calm;
  longer_mood other = longer_mood::calm;
  static consteval auto table() {
    return hewn::table("both")
        .native_enum<&two_moods::state>("mood")
        .native_enum<&two_moods::other>("mood");
  }
};

struct named_as_table {
  std::int64_t id = 0;
  mood state = mood::calm;
  static consteval auto table() {
    return hewn::table("mood").native_enum<&named_as_table::state>();
  }
};

}  // namespace

TEST_CASE("names that a type cannot have are refused with what to do") {
  if (!on_postgres) return;
  auto db = open_new();
  const auto built_in = failure_of([&] { hewn::sync<road>(db); });
  CHECK(built_in.code() == errc::usage);
  CHECK(says(built_in, "PostgreSQL has a type path of its own; give native_enum<> another name"));
  const auto twice = failure_of([&] { hewn::sync<two_moods>(db); });
  CHECK(twice.code() == errc::usage);
  CHECK(says(twice, "the type mood of both.other has other values elsewhere"));
  const auto table = failure_of([&] { hewn::sync<named_as_table>(db); });
  CHECK(table.code() == errc::usage);
  CHECK(says(table, "two objects called mood"));
  CHECK(types_of(db).empty());
}

namespace {

struct eager {
  std::int64_t id = 0;
  std::string name;
  grown::mood state = grown::mood::calm;
  std::optional<grown::mood> wanted;
  grown::mood next = grown::mood::angry;

  static consteval auto table() {
    return hewn::table("agents")
        .native_enum<&eager::state>()
        .native_enum<&eager::wanted>()
        .native_enum<&eager::next>()
        .default_value<&eager::state>(grown::mood::calm)
        .default_value<&eager::next>(grown::mood::angry)
        .check("agents_rest",
               col<&eager::wanted> != grown::mood::busy || col<&eager::wanted>.is_null())
        .index<&eager::state>();
  }
};

}  // namespace

TEST_CASE("a value cannot be a default in the transaction that adds it, and the plan says so") {
  if (!on_postgres) return;
  auto db = open_new();
  hewn::sync<agent>(db);
  const hewn::plan planned = hewn::plan_sync<eager>(db);
  CAPTURE(hewn::report(planned));
  REQUIRE(planned.problems().size() == 1);
  CHECK(planned.problems()[0].find("is new, and PostgreSQL lets no statement of the transaction") !=
        std::string::npos);
  CHECK(planned.blocked());
  CHECK(types_of(db) == "mood.calm mood.busy ");
  hewn::sync<grown::agent>(db);
  db.script("ALTER TABLE agents DROP before");
  hewn::sync<eager>(db);
  CHECK(hewn::sync<eager>(db).empty());
}

namespace {

struct converted_agent {
  std::int64_t id = 0;
  renamed_mood state{};

  static consteval auto table() {
    return hewn::table("agents")
        .native_enum<&converted_agent::state>("Mood of Agents")
        .convert<&converted_agent::state>(
            hewn::raw("CASE state WHEN 'busy' THEN 'occupied' ELSE state::text END"));
  }
};

}  // namespace

TEST_CASE("an enumerator that goes becomes another one, or is only called otherwise") {
  if (!on_postgres) return;
  auto db = open_new();
  hewn::sync<plain_agent<mood>>(db);
  db.insert(plain_agent<mood>{.state = mood::busy});
  const hewn::plan p = hewn::plan_sync<converted_agent>(db);
  CAPTURE(hewn::report(p));
  REQUIRE_FALSE(p.blocked());
  hewn::apply_plan(db, p, {.approvals = {hewn::approve(db, p, "a test", {.approver = "ada"})}});
  CHECK(hewn::sync<converted_agent>(db).empty());
  CHECK(db.template get<converted_agent>(1).state == renamed_mood::occupied);

  const hewn::sync_options back{.intents = {{.kind = hewn::intent_kind::rename_value,
                                             .table = "agents",
                                             .column = "state",
                                             .former = "occupied",
                                             .expression = "busy"}}};
  CHECK(hewn::sync<plain_agent<mood>>(db, back).changes().size() == 1);
  CHECK(db.template get<plain_agent<mood>>(1).state == mood::busy);
  CHECK(hewn::sync<plain_agent<mood>>(db, back).empty());
}
