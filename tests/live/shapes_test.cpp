// tests/live/shapes_test.cpp - rows with what belongs to them, as plain structs.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::shape;
using support::failure_of;
using support::message_of;

namespace {

enum class state { idle, running, failed };

struct environment {
  std::int64_t id = 0;
  std::string name;
};

struct team {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> parent_id;
  static consteval auto table() {
    return hewn::table("teams").references<&team::parent_id, &team::id>();
  }
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t environment_id = 0;
  std::optional<std::int64_t> boss_id;
  state now = state::idle;
  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>()
        .references<&agent::boss_id, &agent::id>()
        .index<&agent::environment_id>();
  }
};

struct team_member {
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  std::string role;
  static consteval auto table() {
    return hewn::table("team_members")
        .primary_key<&team_member::team_id, &team_member::agent_id>()
        .references<&team_member::team_id, &team::id>()
        .references<&team_member::agent_id, &agent::id>();
  }
};

struct run {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::int32_t steps = 0;
  static consteval auto table() {
    return hewn::table("runs").references<&run::agent_id, &agent::id>().index<&run::agent_id>();
  }
};

struct profile {
  std::string agent_name;
  std::int64_t agent_id = 0;
  std::string text;
  static consteval auto table() {
    return hewn::table("profiles")
        .primary_key<&profile::agent_name>()
        .unique<&profile::agent_id>()
        .references<&profile::agent_id, &agent::id>();
  }
};

struct environment_page {
  environment self;
  std::vector<agent> agents;
};

struct agent_page {
  agent self;
  environment home;
  std::optional<agent> boss;
  std::vector<agent> staff;
  std::vector<run> runs;
  std::optional<profile> about;
};

struct run_page {
  run self;
  agent by;
};

struct busy_agent {
  agent self;
  std::vector<run> runs;
};

struct member {
  team_member link;
  agent who;
};

struct team_page {
  team self;
  std::vector<member> members;
  std::vector<agent> agents;
};

struct environment_tree {
  environment self;
  std::vector<busy_agent> agents;
};

struct environment_numbers {
  environment self;
  std::int64_t agents = 0;
  std::int64_t running = 0;
  std::optional<std::int64_t> last;
};

struct team_numbers {
  team self;
  std::int64_t agents = 0;
  std::optional<std::int64_t> highest;
};

using ids = std::vector<std::int64_t>;

template <class Rows>
ids ids_of(const Rows& rows) {
  ids out;
  for (const auto& row : rows) {
    if constexpr (requires { row.self; })
      out.push_back(row.self.id);
    else
      out.push_back(row.id);
  }
  return out;
}

/// Environments 1 (agents 1, 2, 4), 2 (3) and 3; agent 1 leads 2 and 3.
support::database filled(support::place& place) {
  auto db = place.open();
  hewn::sync<environment, team, agent, team_member, run, profile>(db);
  db.insert_many(std::vector<environment>{{1, "dev"}, {2, "prod"}, {3, "empty"}});
  db.insert_many(std::vector<agent>{{1, "ada", 1, {}, state::running},
                                    {2, "bob", 1, 1, state::idle},
                                    {3, "cyd", 2, 1, state::running},
                                    {4, "dan", 1, {}, state::failed}});
  db.insert_many(std::vector<team>{{1, "ops", {}}, {2, "web", 1}, {3, "none", 1}});
  db.insert_many(std::vector<team_member>{{1, 3, "lead"}, {1, 1, "all"}, {2, 1, "lead"}});
  db.insert_many(
      std::vector<run>{{1, 1, 5}, {2, 2, 3}, {3, 1, 8}, {4, 3, 1}, {5, 1, 2}, {6, 2, 9}});
  db.insert_many(std::vector<profile>{{"ada", 1, "first"}});
  return db;
}

}  // namespace

TEST_CASE("a shape has the rows that refer to its root", "[R1]") {
  support::place place;
  auto db = filled(place);
  const support::statement_log log;
  db.observe(log);

  const auto all = db.all(shape<environment_page>.order_by(hewn::asc<&environment::id>));
  REQUIRE(ids_of(all) == ids{1, 2, 3});
  CHECK(ids_of(all[0].agents) == ids{1, 2, 4});
  CHECK(ids_of(all[1].agents) == ids{3});
  CHECK(all[2].agents.empty());
  CHECK(all[1].agents[0].name == "cyd");

  log.clear();
  const auto some = db.all(shape<environment_page>
                               .where(col<&environment::name> != "prod")
                               .with<&environment_page::agents>(
                                   from<agent>.where(col<&agent::now> == state::running ||
                                                     col<&agent::now> == state::failed)
                                       .order_by(hewn::desc<&agent::id>)));
  REQUIRE(some.size() == 2);
  CHECK(ids_of(some[0].agents) == ids{4, 1});
  CHECK(some[1].agents.empty());
}

TEST_CASE("a shape has the rows to which its root refers", "[R1]") {
  support::place place;
  auto db = filled(place);
  const auto all = db.all(
      shape<agent_page>.order_by(hewn::asc<&agent::id>).with<&agent_page::runs>(from<run>.order_by(hewn::asc<&run::id>)));
  REQUIRE(ids_of(all) == ids{1, 2, 3, 4});
  CHECK(all[0].home.name == "dev");
  CHECK(all[1].home.name == "dev");
  CHECK(all[2].home.name == "prod");
  CHECK_FALSE(all[0].boss);
  REQUIRE(all[1].boss);
  CHECK(all[1].boss->name == "ada");
  CHECK(ids_of(all[0].staff) == ids{2, 3});
  CHECK(ids_of(all[0].runs) == ids{1, 3, 5});
  REQUIRE(all[0].about);
  CHECK(all[0].about->text == "first");
  CHECK_FALSE(all[1].about);

  const auto runs = db.all(shape<run_page>.order_by(hewn::asc<&run::id>));
  REQUIRE(runs.size() == 6);
  CHECK(runs[0].by.name == "ada");
  CHECK(runs[4].by.name == "ada");
  CHECK(runs[5].by.name == "bob");
}

TEST_CASE("shapes are found by key, first and alone", "[R1]") {
  support::place place;
  auto db = filled(place);
  const auto one = db.get(shape<environment_page>, 2);
  CHECK(one.self.name == "prod");
  CHECK(ids_of(one.agents) == ids{3});
  CHECK_FALSE(db.find(shape<environment_page>, 9));
  REQUIRE(db.find(shape<environment_page>, std::int64_t{1}));
  CHECK(failure_of([&] { db.get(shape<environment_page>, 9); }).code() == errc::not_found);
  const std::vector<std::int64_t> wanted{2, 1, 9};
  CHECK(db.get_many(shape<environment_page>, wanted).size() == 2);
  const auto first = db.first(shape<environment_page>.order_by(hewn::desc<&environment::id>));
  REQUIRE(first);
  CHECK(first->self.id == 3);
  CHECK(db.one(shape<environment_page>.where(col<&environment::name> == "dev")).agents.size() == 3);
  CHECK(failure_of([&] { db.one(shape<environment_page>); }).code() == errc::usage);
  CHECK(failure_of([&] {
          db.one(shape<environment_page>.where(col<&environment::id> == 77));
        }).code() == errc::not_found);
}

TEST_CASE("a limit is for each parent", "[R2]") {
  support::place place;
  auto db = filled(place);
  const auto all = db.all(shape<busy_agent>
                              .order_by(hewn::asc<&agent::id>)
                              .with<&busy_agent::runs>(
                                  from<run>.where(col<&run::steps> != 5)
                                      .order_by(hewn::desc<&run::steps>)
                                      .limit(1)));
  REQUIRE(all.size() == 4);
  CHECK(ids_of(all[0].runs) == ids{3});
  CHECK(ids_of(all[1].runs) == ids{6});
  CHECK(ids_of(all[2].runs) == ids{4});
  CHECK(all[3].runs.empty());
  const auto second = db.all(shape<busy_agent>
                              .order_by(hewn::asc<&agent::id>)
                              .with<&busy_agent::runs>(
                                  from<run>.order_by(hewn::desc<&run::steps>).limit(2).offset(1)));
  CHECK(ids_of(second[0].runs) == ids{1, 5});
  CHECK(ids_of(second[1].runs) == ids{2});
}

TEST_CASE("a table between links rows", "[R3]") {
  support::place place;
  auto db = filled(place);
  constexpr auto query =
      shape<team_page>.order_by(hewn::asc<&team::id>)
          .with<&team_page::members>(
              shape<member>.order_by(hewn::asc<&team_member::agent_id>))
          .with<&team_page::agents>(from<agent>.order_by(hewn::asc<&agent::id>),
                                    hewn::through<team_member>);
  const support::statement_log log;
  db.observe(log);
  const auto all = db.all(query);
  REQUIRE(ids_of(all) == ids{1, 2, 3});
  REQUIRE(all[0].members.size() == 2);
  CHECK(all[0].members[0].link.role == "all");
  CHECK(all[0].members[0].who.name == "ada");
  CHECK(all[0].members[1].who.name == "cyd");
  CHECK(ids_of(all[0].agents) == ids{1, 3});
  CHECK(ids_of(all[1].agents) == ids{1});
  CHECK(all[2].agents.empty());

  const auto limited = db.all(shape<team_page>.order_by(hewn::asc<&team::id>)
          .with<&team_page::agents>(
              from<agent>.where(col<&agent::name> != "zoe").order_by(hewn::desc<&agent::id>).limit(1),
                                    hewn::through<team_member>));
  CHECK(ids_of(limited[0].agents) == ids{3});
  CHECK(ids_of(limited[1].agents) == ids{1});
  const auto filtered = db.all(
      shape<team_page>.where(col<&team::id> == 1).with<&team_page::agents>(from<agent>.where(col<&agent::name> == "ada"), hewn::through<team_member>));
  CHECK(ids_of(filtered[0].agents) == ids{1});
}

TEST_CASE("shapes hold shapes", "[R1]") {
  support::place place;
  auto db = filled(place);
  const auto all = db.all(shape<environment_tree>.order_by(hewn::asc<&environment::id>)
                              .with<&environment_tree::agents>(
                                  shape<busy_agent>.order_by(hewn::desc<&agent::id>)
                                      .with<&busy_agent::runs>(
                                          from<run>.order_by(hewn::desc<&run::id>))));
  REQUIRE(all.size() == 3);
  CHECK(ids_of(all[0].agents) == ids{4, 2, 1});
  CHECK(ids_of(all[0].agents[2].runs) == ids{5, 3, 1});
  CHECK(ids_of(all[0].agents[1].runs) == ids{6, 2});
  CHECK(all[0].agents[0].runs.empty());
  CHECK(all[2].agents.empty());
}

TEST_CASE("a field of a shape holds an aggregate", "[R4]") {
  support::place place;
  auto db = filled(place);
  const auto query = shape<environment_numbers>
                         .order_by(hewn::asc<&environment::id>)
                         .with<&environment_numbers::agents>(from<agent>, hewn::count())
                         .with<&environment_numbers::running>(
                             from<agent>.where(col<&agent::now> == state::running), hewn::count())
                         .with<&environment_numbers::last>(from<agent>,
                                                           hewn::max(col<&agent::id>));
  const auto all = db.all(query);
  REQUIRE(all.size() == 3);
  CHECK(all[0].agents == 3);
  CHECK(all[0].running == 1);
  CHECK(all[0].last == 4);
  CHECK(all[2].agents == 0);
  CHECK_FALSE(all[2].last);
  CHECK(db.get(query, 2).agents == 1);

  const auto linked =
      db.all(shape<team_numbers>.where(col<&team::id> < 3)
                 .order_by(hewn::asc<&team::id>)
                 .with<&team_numbers::agents>(from<agent>, hewn::through<team_member>,
                                              hewn::count())
                 .with<&team_numbers::highest>(from<agent>, hewn::through<team_member>,
                                               hewn::max(col<&agent::id>)));
  REQUIRE(linked.size() == 2);
  CHECK(linked[0].agents == 2);
  CHECK(linked[0].highest == 3);
  CHECK(linked[1].agents == 1);
}

TEST_CASE("one field of shapes is loaded later", "[R5]") {
  support::place place;
  auto db = filled(place);
  std::vector<environment_page> pages(2);
  pages[0].self.id = 2;
  pages[1].self.id = 1;
  hewn::load<&environment_page::agents>(db, pages);
  CHECK(ids_of(pages[0].agents) == ids{3});
  CHECK(pages[1].agents.size() == 3);
  hewn::load<&environment_page::agents>(db, pages,
                                        shape<environment_page>.with<&environment_page::agents>(
                                            from<agent>.where(col<&agent::id> > 3)));
  CHECK(pages[0].agents.empty());
  CHECK(ids_of(pages[1].agents) == ids{4});
  hewn::load<&environment_page::agents>(db, pages,
                                        from<agent>.order_by(hewn::desc<&agent::id>).limit(1));
  CHECK(ids_of(pages[0].agents) == ids{3});
  CHECK(ids_of(pages[1].agents) == ids{4});
  environment_page one{.self = pages[1].self, .agents = {}};
  hewn::load<&environment_page::agents>(db, one);
  CHECK(one.agents.size() == 3);
  environment_tree tree{.self = one.self, .agents = {}};
  hewn::load<&environment_tree::agents>(db, tree, shape<busy_agent>.where(col<&agent::id> < 3));
  CHECK(tree.agents.size() == 2);
}

TEST_CASE("a shape takes as many statements as it has relations", "[R6]") {
  support::place place;
  auto db = filled(place);
  const support::statement_log log;
  db.observe(log);
  const auto statements = [&](const auto& query) {
    log.clear();
    db.all(query);
    std::size_t reads = 0;
    for (const std::string& sql : log.texts()) reads += sql.starts_with("SELECT");
    return reads;
  };
  CHECK(statements(shape<environment_page>) == 2);
  CHECK(statements(shape<environment_tree>) == 3);
  CHECK(statements(shape<agent_page>) == 6);
  for (std::int64_t id = 10; id != 60; ++id) {
    db.insert(environment{id, "e"});
    db.insert(agent{id, "a", id, 1, state::idle});
    db.insert(run{id, id, 1});
  }
  CHECK(statements(shape<environment_page>) == 2);
  CHECK(statements(shape<environment_tree>) == 3);
  CHECK(statements(shape<agent_page>) == 6);
}

TEST_CASE("shapes come page by page, in batches and one by one", "[R7]") {
  support::place place;
  auto db = filled(place);
  const auto query = shape<environment_page>.order_by(hewn::desc<&environment::name>);
  const auto first = hewn::find_page(db, query, {.size = 2});
  REQUIRE(ids_of(first.rows) == ids{2, 3});
  CHECK(ids_of(first.rows[0].agents) == ids{3});
  REQUIRE(first.next);
  const auto second = hewn::find_page(db, query, {.size = 2, .after = first.next});
  REQUIRE(ids_of(second.rows) == ids{1});
  CHECK(second.rows[0].agents.size() == 3);
  CHECK_FALSE(second.next);

  const auto numbered =
      hewn::find_numbered_page(db, query, {.number = 2, .size = 2, .count = true});
  REQUIRE(ids_of(numbered.rows) == ids{1});
  CHECK(numbered.rows[0].agents.size() == 3);
  CHECK(numbered.total == 3);
  const auto counted = hewn::find_and_count(db, query.limit(1));
  REQUIRE(ids_of(counted.rows) == ids{2});
  CHECK(counted.rows[0].agents.size() == 1);
  CHECK(counted.count == 3);

  std::vector<ids> batches;
  for (const std::vector<environment_page>& some : hewn::batches(db, shape<environment_page>, 2)) {
    batches.push_back(ids_of(some));
    CHECK(some[0].agents.size() == (batches.size() == 1 ? 3u : 0u));
  }
  CHECK(batches == std::vector<ids>{{1, 2}, {3}});

  for (std::int64_t id = 100; id != 700; ++id) db.insert(environment{id, "many"});
  std::size_t seen = 0, agents = 0;
  for (const environment_page& page : db.each(shape<environment_page>)) {
    ++seen;
    agents += page.agents.size();
  }
  CHECK(seen == 603);
  CHECK(agents == 4);
  CHECK(db.count(shape<environment_page>.where(col<&environment::name> == "many")) == 600);
  CHECK(db.exists(shape<environment_page>));
  for ([[maybe_unused]] const auto& page :
       db.each(shape<environment_page>.where(col<&environment::id> == 7)))
    FAIL("there is none");
}

TEST_CASE("shapes have twins that return their errors", "[R1]") {
  support::place place;
  auto db = filled(place);
  CHECK(db.try_all(shape<environment_page>).value().size() == 3);
  CHECK(db.try_get(shape<environment_page>, 1).value().agents.size() == 3);
  CHECK(db.try_get(shape<environment_page>, 8).error().code() == errc::not_found);
  CHECK_FALSE(db.try_find(shape<environment_page>, 8).value());
  CHECK(db.transaction([](auto& tx) {
    tx.insert(agent{50, "new", 3, {}, state::idle});
    return tx.get(shape<environment_page>, 3).agents.size();
  }) == 1);
}
