// tests/live/written_shapes_test.cpp - shapes are stored, saved and linked as a whole.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::shape;
using support::failure_of;

namespace {

struct environment {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("environments").unique<&environment::name>(); }
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t environment_id = 0;
  std::optional<std::int64_t> boss_id;
  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>()
        .references<&agent::boss_id, &agent::id>()
        .unique<&agent::name>();
  }
};

struct run {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::int64_t steps = 0;
  static consteval auto table() {
    return hewn::table("runs").references<&run::agent_id, &agent::id>();
  }
};

// Of a run, in no shape.
struct remark {
  std::int64_t id = 0;
  std::int64_t run_id = 0;
  static consteval auto table() {
    return hewn::table("remarks").references<&remark::run_id, &run::id>(hewn::on_delete::cascade);
  }
};

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct team_member {
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  std::string role = "member";
  static consteval auto table() {
    return hewn::table("team_members")
        .primary_key<&team_member::team_id, &team_member::agent_id>()
        .references<&team_member::team_id, &team::id>()
        .references<&team_member::agent_id, &agent::id>();
  }
};

struct desk {
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  std::string place = "door";
  static consteval auto table() {
    return hewn::table("desks")
        .primary_key<&desk::team_id, &desk::agent_id>()
        .references<&desk::team_id, &team::id>()
        .references<&desk::agent_id, &agent::id>()
        .unique<&desk::team_id, &desk::place>();
  }
};

struct busy_agent {
  agent self;
  std::vector<run> runs;
};

struct agent_lists {
  agent self;
  std::vector<run> quick;
  std::vector<run> slow;
  std::vector<run> all;
};

struct environment_lists {
  environment self;
  std::vector<agent_lists> agents;
};

struct environment_tree {
  environment self;
  std::vector<busy_agent> agents;
};

struct agent_page {
  agent self;
  environment home;
  std::optional<agent> boss;
};

struct homed_agent {
  agent self;
  std::optional<environment> home;
};

struct desk_owner {
  desk self;
  agent who;
};

struct office {
  team self;
  std::vector<agent> agents;
};

struct team_page {
  team self;
  std::vector<agent> agents;
  std::int64_t size = 0;
};

struct member_page {
  team self;
  std::vector<team_member> members;
};

constexpr auto team_pages =
    shape<team_page>
        .with<&team_page::agents>(from<agent>.order_by(hewn::asc<&agent::id>),
                                  hewn::through<team_member>)
        .with<&team_page::size>(from<team_member>, hewn::count());

constexpr auto trees = shape<environment_tree>.with<&environment_tree::agents>(
    shape<busy_agent>.order_by(hewn::asc<&agent::id>).with<&busy_agent::runs>(from<run>.order_by(hewn::asc<&run::id>)));

constexpr auto lists = shape<environment_lists>.with<&environment_lists::agents>(
    shape<agent_lists>.order_by(hewn::asc<&agent::id>)
        .with<&agent_lists::quick>(from<run>.where(col<&run::steps> < 10).order_by(hewn::asc<&run::id>))
        .with<&agent_lists::slow>(from<run>.where(col<&run::steps> >= 10).order_by(hewn::asc<&run::id>)));

constexpr auto offices = shape<office>.with<&office::agents>(hewn::through<desk>);

support::database empty(support::place& place) {
  auto db = place.open();
  hewn::sync<environment, agent, run, remark, team, team_member, desk>(db);
  return db;
}

environment_tree small_tree() {
  return {.self = {0, "dev"},
          .agents = {{{0, "ada", 0, {}}, {{0, 0, 1}, {0, 0, 2}}},
                     {{0, "bob", 0, {}}, {}},
                     {{0, "cyd", 0, {}}, {{0, 0, 3}}}}};
}

std::size_t writes(const support::statement_log& log) {
  std::size_t n = 0;
  for (const std::string& sql : log.texts())
    n += sql.starts_with("INSERT") || sql.starts_with("UPDATE") || sql.starts_with("DELETE");
  return n;
}

}  // namespace

TEST_CASE("a new shape is stored with all that belongs to it", "[R8]") {
  support::place place;
  auto db = empty(place);
  const environment_tree stored = hewn::insert(db, small_tree());
  REQUIRE(stored.self.id != 0);
  CHECK(stored.agents[0].self.id != 0);
  CHECK(stored.agents[2].self.environment_id == stored.self.id);
  CHECK(stored.agents[2].runs[0].agent_id == stored.agents[2].self.id);
  const environment_tree read = db.get(trees, stored.self.id);
  REQUIRE(read.agents.size() == 3);
  CHECK(read.agents[0].runs.size() == 2);
  CHECK(read.agents[0].runs[1].steps == 2);
  CHECK(read.agents[2].runs[0].id == stored.agents[2].runs[0].id);

  std::vector<environment_tree> many{small_tree(), small_tree()};
  many[0].self.name = "one";
  many[1].self.name = "two";
  for (int i = 0; i != 2; ++i)
    for (busy_agent& a : many[static_cast<std::size_t>(i)].agents) a.self.name += std::to_string(i);
  const auto both = hewn::insert(db, many);
  CHECK(db.get(trees, both[1].self.id).agents[2].self.name == "cyd1");

  // All or nothing: the last name is taken.
  environment_tree twice = small_tree();
  twice.self.name = "three";
  CHECK(failure_of([&] { hewn::insert(db, twice); }).code() == errc::conflict);
  CHECK(db.count<environment>() == 3);
}

TEST_CASE("a row to which a new root refers is stored before it", "[R8]") {
  support::place place;
  auto db = empty(place);
  const agent_page first = hewn::insert(db, agent_page{{0, "ada", 0, {}}, {0, "dev"}, {}});
  CHECK(first.self.environment_id == first.home.id);
  const agent_page second = hewn::insert(
      db, agent_page{{0, "bob", 0, {}}, first.home, agent{0, "eve", first.home.id, {}}});
  CHECK(second.self.boss_id == second.boss->id);
  const agent_page third = hewn::insert(db, agent_page{{0, "cyd", 0, {}}, first.home, first.self});
  CHECK(third.self.boss_id == first.self.id);
  CHECK(db.count<environment>() == 1);
  CHECK(db.count<agent>() == 4);
}

TEST_CASE("of a shape what has changed is saved", "[R8]") {
  support::place place;
  auto db = empty(place);
  hewn::insert(db, small_tree());
  const environment_tree before = db.one(trees);
  environment_tree after = before;
  after.agents[0].self.name = "adele";
  after.agents[0].runs[0].steps = 10;
  after.agents[0].runs.push_back({0, 0, 11});
  after.agents.erase(after.agents.begin() + 2);  // with its run
  after.agents.push_back({{0, "cyd", 0, {}}, {{0, 0, 12}}});

  const support::statement_log log;
  db.observe(log);
  const environment_tree saved = hewn::save(db, before, after);
  // Of runs and agents: one removed, one changed, one new.
  CHECK(writes(log) <= 7);
  const environment_tree stored = db.one(trees);
  REQUIRE(stored.agents.size() == 3);
  CHECK(stored.agents[0].self.name == "adele");
  REQUIRE(stored.agents[0].runs.size() == 3);
  CHECK(stored.agents[0].runs[0].steps == 10);
  CHECK(stored.agents[0].runs[2].steps == 11);
  CHECK(stored.agents[2].self.id == saved.agents[2].self.id);
  CHECK(stored.agents[2].runs[0].steps == 12);
  CHECK(db.count<run>() == 4);

  log.clear();
  hewn::save(db, stored, stored);
  CHECK(writes(log) == 0);

  // What was not loaded is not touched.
  environment_tree bare{.self = stored.self, .agents = {}};
  environment_tree renamed = bare;
  renamed.self.name = "prod";
  hewn::save(db, bare, renamed);
  CHECK(db.one(trees).agents.size() == 3);
  CHECK(db.one(trees).self.name == "prod");

  environment_tree other = stored;
  other.self.id += 1;
  CHECK(failure_of([&] { hewn::save(db, stored, other); }).code() == errc::usage);
}

TEST_CASE("a root and 100 rows of which 3 changed take at most 4 statements", "[R8]") {
  support::place place;
  auto db = empty(place);
  busy_agent fresh{{0, "ada", 0, {}}, {}};
  environment home{0, "dev"};
  db.insert(home);
  fresh.self.environment_id = home.id;
  for (int i = 0; i != 100; ++i) fresh.runs.push_back({0, 0, i});
  const busy_agent before = hewn::insert(db, fresh);
  busy_agent after = before;
  for (std::size_t i : {3u, 50u, 99u}) after.runs[i].steps += 1000;
  const support::statement_log log;
  db.observe(log);
  hewn::save(db, before, after);
  CHECK(writes(log) <= 4);
  CHECK(db.count(from<run>.where(col<&run::steps> >= 1000)) == 3);
  after.runs[7].steps = 5000;
  log.clear();
  hewn::save<&busy_agent::runs>(db, after);
  std::size_t statements = writes(log);
  for (const std::string& sql : log.texts()) statements += sql.starts_with("SELECT");
  CHECK(statements <= 4);
  CHECK(db.count(from<run>.where(col<&run::steps> == 5000)) == 1);
  after.runs.resize(2);
  hewn::save<&busy_agent::runs>(db, after);
  CHECK(db.count<run>() == 2);
}

TEST_CASE("the row to which a root refers is saved, and the reference to another", "[R8]") {
  support::place place;
  auto db = empty(place);
  const agent_page before = hewn::insert(db, agent_page{{0, "bob", 0, {}}, {0, "dev"}, {}});
  agent_page after = before;
  after.home.name = "test";
  after.boss = agent{0, "eve", before.home.id, {}};
  const agent_page saved = hewn::save(db, before, after);
  REQUIRE(saved.self.boss_id);
  agent_page stored = db.get(shape<agent_page>, saved.self.id);
  CHECK(stored.home.name == "test");
  CHECK(stored.boss->name == "eve");
  agent_page moved = stored;
  moved.home = {0, "prod"};
  moved.boss.reset();
  hewn::save(db, stored, moved);
  stored = db.get(shape<agent_page>, saved.self.id);
  CHECK(stored.home.name == "prod");
  CHECK_FALSE(stored.boss);
  CHECK(db.count<environment>() == 2);
  // The reference alone.
  agent_page back = stored;
  back.self.environment_id = before.home.id;
  hewn::save(db, stored, back);
  CHECK(db.get(shape<agent_page>, saved.self.id).home.name == "test");
}

TEST_CASE("links are saved, and linked rows stay", "[R8]") {
  support::place place;
  auto db = empty(place);
  environment home{0, "dev"};
  db.insert(home);
  agent ada{0, "ada", home.id, {}};
  db.insert(ada);
  const team_page before =
      hewn::insert(db, team_page{{0, "ops"}, {ada, {0, "bob", home.id, {}}}, 0}, team_pages);
  CHECK(db.get(team_pages, before.self.id).agents.size() == 2);
  CHECK(db.get(team_pages, before.self.id).size == 2);
  team_page after = before;
  after.agents.erase(after.agents.begin());
  after.agents[0].name = "bert";
  after.agents.push_back({0, "cyd", home.id, {}});
  hewn::save(db, before, after, team_pages);
  const team_page stored = db.get(team_pages, before.self.id);
  REQUIRE(stored.agents.size() == 2);
  CHECK(stored.agents[0].name == "bert");
  CHECK(stored.agents[1].name == "cyd");
  CHECK(db.count<agent>() == 3);

  member_page members = db.get(shape<member_page>, before.self.id);
  REQUIRE(members.members.size() == 2);
  const member_page loaded = members;
  members.members[0].role = "lead";
  hewn::save(db, loaded, members);
  CHECK(db.exists(from<team_member>.where(col<&team_member::role> == "lead")));
}

TEST_CASE("a row that stands twice in a list is not saved, nor anything else", "[R8]") {
  support::place place;
  auto db = empty(place);
  const environment_tree before = hewn::insert(db, small_tree());
  const support::statement_log log;
  db.observe(log);
  const auto refused = [&](const auto& save, std::string_view list, std::string_view table) {
    log.clear();
    const hewn::error e = failure_of(save);
    CHECK(e.code() == errc::invalid_data);
    CHECK(e.table() == table);
    CHECK(std::string_view(e.what()).find("hewn: " + std::string(list) + " holds a row of " +
                                          std::string(table) + " twice") == 0);
    CHECK(log.texts().empty());
  };

  environment_tree after = before;
  after.self.name = "changed";
  after.agents.push_back(after.agents[0]);
  after.agents.back().self.name = "not ada";
  refused([&] { hewn::save(db, before, after, trees); }, "environment_tree::agents", "agents");
  refused([&] { hewn::save<&environment_tree::agents>(db, after, trees); },
          "environment_tree::agents", "agents");
  after = before;
  after.agents[0].runs.push_back(after.agents[0].runs[0]);
  refused([&] { hewn::save(db, before, after, trees); }, "busy_agent::runs", "runs");

  // Several new rows are no row twice, and neither is a row that moves.
  after = before;
  after.agents.push_back({{0, "new", 0, {}}, {{}, {}}});
  after.agents.push_back({{0, "newer", 0, {}}, {after.agents[0].runs[0]}});
  after.agents[0].runs.erase(after.agents[0].runs.begin());
  CHECK(hewn::save(db, before, after, trees).agents.size() == 5);

  const team_page team_before =
      hewn::insert(db, team_page{{0, "ops"}, {before.agents[0].self}, 0}, team_pages);
  team_page team_after = team_before;
  team_after.agents.push_back(before.agents[0].self);
  team_after.agents.back().name = "another";
  refused([&] { hewn::save(db, team_before, team_after, team_pages); }, "team_page::agents",
          "agents");

  // Keys that the program gives: a part of them is that of the root.
  member_page members{{0, "web"}, {{0, before.agents[0].self.id, "lead"}}};
  members = hewn::insert(db, members);
  member_page twice = members;
  twice.members.push_back({0, before.agents[0].self.id, "all"});
  refused([&] { hewn::save(db, members, twice); }, "member_page::members", "team_members");
  CHECK(db.get<environment>(before.self.id).name == "dev");
}

TEST_CASE("a row that is gone meanwhile fails the save, of which nothing is left", "[R8]") {
  support::place place;
  auto db = empty(place);
  hewn::insert(db, small_tree());
  const environment_tree before = db.one(trees);
  db.remove<run>(before.agents[2].runs[0].id);
  environment_tree after = before;
  after.self.name = "test";
  after.agents[0].self.name = "adele";
  after.agents[2].runs[0].steps = 9;
  CHECK(failure_of([&] { hewn::save(db, before, after); }).code() == errc::not_found);
  CHECK(db.one(trees).self.name == "dev");
  CHECK(db.one(trees).agents[0].self.name == "ada");

  // The same where it was to be removed.
  after = before;
  after.self.name = "test";
  after.agents.pop_back();
  CHECK(failure_of([&] { hewn::save(db, before, after); }).code() == errc::not_found);
  CHECK(db.one(trees).agents.size() == 3);
}

TEST_CASE("a row that moves to another parent keeps its key", "[R8]") {
  support::place place;
  auto db = empty(place);
  hewn::insert(db, small_tree());
  const environment_tree before = db.one(trees);
  environment_tree after = before;
  after.agents[1].runs.push_back(after.agents[0].runs[0]);  // from one that stays
  after.agents[0].runs.erase(after.agents[0].runs.begin());
  after.agents[1].runs.push_back(after.agents[2].runs[0]);  // from one that goes
  after.agents.pop_back();
  hewn::save(db, before, after);
  const environment_tree stored = db.one(trees);
  REQUIRE(stored.agents.size() == 2);
  REQUIRE(stored.agents[1].runs.size() == 2);
  CHECK(stored.agents[1].runs[0].id == before.agents[0].runs[0].id);
  CHECK(stored.agents[1].runs[1].id == before.agents[2].runs[0].id);
  CHECK(db.count<run>() == 3);
}

TEST_CASE("a row that moves to another parent keeps what belongs to it in no shape", "[R8]") {
  support::place place;
  auto db = empty(place);
  hewn::insert(db, small_tree());
  const environment_tree before = db.one(trees);
  db.insert(remark{0, before.agents[0].runs[0].id});
  db.insert(remark{0, before.agents[2].runs[0].id});
  environment_tree after = before;
  after.agents[1].runs.push_back(after.agents[2].runs[0]);           // from one that goes
  after.agents[2] = {{0, "new", 0, {}}, {after.agents[0].runs[0]}};  // to a new one
  after.agents[2].runs[0].steps = 7;
  after.agents[0].runs.erase(after.agents[0].runs.begin());
  hewn::save(db, before, after);
  const environment_tree stored = db.one(trees);
  REQUIRE(stored.agents.size() == 3);
  CHECK(stored.agents[1].runs[0].id == before.agents[2].runs[0].id);
  REQUIRE(stored.agents[2].runs.size() == 1);
  CHECK(stored.agents[2].runs[0].id == before.agents[0].runs[0].id);
  CHECK(stored.agents[2].runs[0].steps == 7);
  CHECK(db.count<remark>() == 2);
  CHECK(db.count<agent>() == 3);
}

TEST_CASE("random changes of a tree are saved as they are, and rows that stay are never removed",
          "[R8]") {
  support::place place;
  auto db = empty(place);
  std::mt19937 random(20261130);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  environment_tree now = hewn::insert(db, small_tree());
  int names = 0;
  for (int round = 0; round != 60; ++round) {
    INFO("round " << round);
    environment_tree after = now;
    std::vector<run> runs;
    for (busy_agent& a : after.agents) {
      runs.insert(runs.end(), a.runs.begin(), a.runs.end());
      a.runs.clear();
    }
    for (std::size_t i = 0; i != after.agents.size();)
      if (below(4) == 0)
        after.agents.erase(after.agents.begin() + static_cast<std::ptrdiff_t>(i));
      else
        ++i;
    for (std::size_t n = below(3) + (after.agents.empty() ? 1 : 0); n != 0; --n)
      after.agents.push_back({{0, "agent " + std::to_string(++names), 0, {}}, {}});
    if (below(2) == 0)
      after.agents[below(after.agents.size())].self.name = "named " + std::to_string(++names);
    for (std::size_t n = below(4); n != 0; --n) runs.push_back({});
    std::set<std::int64_t> stay;
    for (run& r : runs) {
      if (below(5) == 0) continue;
      if (below(3) == 0) ++r.steps;
      if (r.id != 0) stay.insert(r.id);
      after.agents[below(after.agents.size())].runs.push_back(r);
    }
    const auto remarks = [&] {
      std::set<std::int64_t> of;
      for (const remark& r : db.all<remark>()) of.insert(r.run_id);
      return of;
    };
    for (const std::int64_t id : stay)
      if (!remarks().contains(id)) db.insert(remark{0, id});
    after = hewn::save(db, now, after);
    now = db.one(trees);
    REQUIRE(now.agents.size() == after.agents.size());
    for (const busy_agent& a : after.agents) {
      const auto found =
          std::find_if(now.agents.begin(), now.agents.end(), [&](const busy_agent& b) {
            return b.self.id == a.self.id && b.self.name == a.self.name;
          });
      REQUIRE(found != now.agents.end());
      std::map<std::int64_t, std::int64_t> steps, stored;
      for (const run& r : a.runs) steps[r.id] = r.steps;
      for (const run& r : found->runs) stored[r.id] = r.steps;
      CHECK(steps == stored);
    }
    for (const std::int64_t id : stay) CHECK(remarks().contains(id));
  }
}

TEST_CASE("a row may be in several lists of a shape, and go from one to another", "[R8]") {
  support::place place;
  auto db = empty(place);
  hewn::insert(db, environment_lists{{0, "dev"},
                                     {{{0, "ada", 0, {}}, {{0, 0, 1}, {0, 0, 2}}, {{0, 0, 20}}, {}},
                                      {{0, "bob", 0, {}}, {}, {}, {}}}});
  for (const run& r : db.all<run>()) db.insert(remark{0, r.id});
  environment_lists before = db.one(lists);
  const auto ada = [&]() -> const agent_lists& { return before.agents[0]; };
  REQUIRE(ada().all.size() == 3);
  const auto save = [&](const environment_lists& after) {
    hewn::save(db, before, after, lists);
    before = db.one(lists);
  };
  // From the first list to the second, and back.
  environment_lists after = before;
  after.agents[0].slow.push_back(after.agents[0].quick[0]);
  after.agents[0].slow[1].steps = 30;
  after.agents[0].quick.erase(after.agents[0].quick.begin());
  save(after);
  CHECK(ada().quick.size() == 1);
  CHECK(ada().slow.size() == 2);
  after = before;
  after.agents[0].quick.push_back(after.agents[0].slow[0]);
  after.agents[0].quick[1].steps = 3;
  after.agents[0].slow.erase(after.agents[0].slow.begin());
  save(after);
  CHECK(ada().quick.size() == 2);
  CHECK(ada().slow.size() == 1);
  CHECK(ada().all.size() == 3);
  CHECK(db.count<remark>() == 3);
  // Out of all lists of one parent, and into another list of another.
  after = before;
  after.agents[1].slow.push_back(after.agents[0].quick[0]);
  after.agents[1].slow[0].steps = 40;
  std::erase_if(after.agents[0].all, [&](const run& r) { return r.id == ada().quick[0].id; });
  after.agents[0].quick.erase(after.agents[0].quick.begin());
  save(after);
  CHECK(before.agents[1].slow.size() == 1);
  CHECK(ada().all.size() == 2);
  CHECK(db.count<remark>() == 3);
  // Out of all of them, which removes it once, and with a parent that leaves.
  after = before;
  std::erase_if(after.agents[0].all, [&](const run& r) { return r.id == ada().slow[0].id; });
  after.agents[0].slow.clear();
  save(after);
  CHECK(db.count<run>() == 2);
  after = before;
  after.agents[1].quick.push_back(ada().quick[0]);  // from the one that leaves
  after.agents.erase(after.agents.begin());
  save(after);
  CHECK(db.count<run>() == 2);
  CHECK(db.count<remark>() == 2);
  after = before;
  after.agents.clear();
  save(after);
  CHECK(db.count<run>() == 0);
}

TEST_CASE("a save of one field writes of the root nothing but its reference", "[R8]") {
  support::place place;
  auto db = empty(place);
  const agent_page made = hewn::insert(db, agent_page{{0, "bob", 0, {}}, {0, "dev"}, {}});
  agent_page page = made;
  db.update<agent>(made.self.id, col<& agent::name> = "bert");  // meanwhile
  page.self.name = "mine";
  page.boss = agent{0, "eve", made.home.id, {}};
  page = hewn::save<&agent_page::boss>(db, page);
  agent_page stored = db.get(shape<agent_page>, made.self.id);
  CHECK(stored.self.name == "bert");
  REQUIRE(stored.boss);
  CHECK(stored.boss->name == "eve");
  CHECK(page.self.boss_id == stored.self.boss_id);
  // Rows that refer to the root leave it alone.
  environment_tree tree = db.one(trees);
  db.update<environment>(tree.self.id, col<& environment::name> = "meanwhile");
  tree.agents[0].runs.push_back({});
  hewn::save<&environment_tree::agents>(db, tree);
  CHECK(db.one(trees).self.name == "meanwhile");
}

TEST_CASE("a reference that is never NULL, or is part of a key, is not taken away", "[R8]") {
  support::place place;
  auto db = empty(place);
  const agent_page made = hewn::insert(db, agent_page{{0, "bob", 0, {}}, {0, "dev"}, {}});
  const homed_agent homed = db.get(shape<homed_agent>, made.self.id);
  homed_agent homeless = homed;
  homeless.home.reset();
  const hewn::error failure = failure_of([&] { hewn::save(db, homed, homeless); });
  CHECK(failure.code() == errc::not_null);
  CHECK(failure.is<&agent::environment_id>());

  const agent eve = db.insert(agent{0, "eve", made.home.id, {}});
  const team ops = db.insert(team{0, "ops"});
  db.insert(desk{ops.id, made.self.id, "window"});
  db.insert(desk{ops.id, eve.id, "door"});
  const desk_owner before = db.one(shape<desk_owner>.where(col<&desk::place> == "window"));
  desk_owner after = before;
  after.who = eve;
  after.self.place = "stairs";
  CHECK(failure_of([&] { hewn::save(db, before, after); }).code() == errc::usage);
  CHECK(db.one(shape<desk_owner>.where(col<&desk::place> == "door")).who.id == eve.id);
  CHECK(db.exists(from<desk>.where(col<&desk::place> == "window")));
}

TEST_CASE("a link that another unique value keeps out is an error", "[R9]") {
  support::place place;
  auto db = empty(place);
  const environment home = db.insert(environment{0, "dev"});
  const std::vector<agent> agents{db.insert(agent{0, "ada", home.id, {}}),
                                  db.insert(agent{0, "bob", home.id, {}})};
  const std::vector<std::int64_t> two{agents[0].id, agents[1].id};
  CHECK(failure_of([&] {
          hewn::insert(db, office{{0, "ops"}, agents}, offices);
        }).code() == errc::conflict);
  CHECK(db.count<team>() == 0);
  const team ops = db.insert(team{0, "ops"});
  const auto refused = [&](auto action) {
    const hewn::error failure = failure_of(action);
    CHECK(failure.code() == errc::conflict);
    CHECK(failure.is<&desk::place>());
    CHECK(db.count<desk>() == 0);
  };
  refused([&] { hewn::link<&desk::team_id, &desk::agent_id>(db, ops.id, two); });
  refused([&] { hewn::set_links<&desk::team_id, &desk::agent_id>(db, ops.id, two); });
  const office before = db.get(offices, ops.id);
  office after = before;
  after.agents = agents;
  refused([&] { hewn::save(db, before, after, offices); });
  // One that is there twice, or that was not loaded, is no error.
  after.agents = {agents[0], agents[0]};
  hewn::save(db, before, after, offices);
  hewn::save(db, before, after, offices);
  CHECK(db.count<desk>() == 1);
}

TEST_CASE("links are added, removed and set, however often", "[R9]") {
  support::place place;
  auto db = empty(place);
  environment home{0, "dev"};
  db.insert(home);
  std::vector<agent> agents;
  for (const char* name : {"ada", "bob", "cyd", "dan"}) agents.push_back({0, name, home.id, {}});
  db.insert_many(agents);
  team ops{0, "ops"};
  db.insert(ops);
  const std::vector<std::int64_t> two{agents[0].id, agents[1].id};
  CHECK(hewn::link<&team_member::team_id, &team_member::agent_id>(db, ops.id, two) == 2);
  CHECK(hewn::link<&team_member::team_id, &team_member::agent_id>(db, ops.id, two) == 0);
  db.update_all<team_member>(col<& team_member::role> = "lead");
  CHECK(hewn::link<&team_member::team_id, &team_member::agent_id>(
            db, ops.id, {agents[1].id, agents[2].id, agents[2].id}) == 1);
  CHECK(db.count(from<team_member>.where(col<&team_member::role> == "lead")) == 2);
  // From the other side.
  CHECK(hewn::link<&team_member::agent_id, &team_member::team_id>(db, agents[3].id, {ops.id}) == 1);
  CHECK(hewn::unlink<&team_member::team_id, &team_member::agent_id>(
            db, ops.id, {agents[3].id, agents[2].id}) == 2);
  CHECK(hewn::unlink<&team_member::team_id, &team_member::agent_id>(
            db, ops.id, {agents[3].id, agents[2].id}) == 0);
  const auto set = hewn::set_links<&team_member::team_id, &team_member::agent_id>(
      db, ops.id, {agents[0].id, agents[3].id});
  CHECK(set.added == 1);
  CHECK(set.removed == 1);
  CHECK(db.count(from<team_member>.where(col<&team_member::role> == "lead")) == 1);
  CHECK(failure_of([&] {
          hewn::set_links<&team_member::team_id, &team_member::agent_id>(
              db, ops.id, {agents[1].id, std::int64_t{9999}});
        }).code() == errc::foreign_key);
  CHECK(db.count<team_member>() == 2);
  CHECK(hewn::set_links<&team_member::team_id, &team_member::agent_id>(db, ops.id,
                                                                       std::vector<std::int64_t>{})
            .removed == 2);
}
