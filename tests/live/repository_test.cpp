// tests/live/repository_test.cpp - repositories on databases, transactions and pools.
// SPDX-License-Identifier: BSL-1.0
#include <support/pool_place.hpp>

#include <support/failure.hpp>
#include <support/statement_log.hpp>

#include <hewn/repository.hpp>
#include <hewn/shapes.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using support::failure_of;
using support::says;

namespace {

using driver = support::database::driver_type;

enum class state { idle, running };

struct team {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("teams"); }
};

struct agent {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  std::string email;
  state status = state::idle;
  std::int32_t runs = 0;
  std::optional<double> score;
  hewn::timestamp updated_at = {};
  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::team_id, &team::id>()
        .unique<&agent::email>()
        .unique<&agent::team_id, &agent::name>()
        .updated<&agent::updated_at>();
  }
};

struct grant {
  std::int64_t agent_id = 0;
  std::int16_t right = 0;
  std::string reason;
  std::int64_t uses = 0;
  static consteval auto table() {
    return hewn::table("grants").primary_key<&grant::agent_id, &grant::right>();
  }
};

/// Nothing but a key.
struct label {
  std::int64_t team_id = 0;
  std::string word;
  static consteval auto table() {
    return hewn::table("labels").primary_key<&label::team_id, &label::word>();
  }
};

/// What the service below asks for beyond the verbs.
struct agent_interface : hewn::repository_interface<agent> {
  virtual std::vector<agent> running() const = 0;
};

class agents : public hewn::repository<agent, driver, agent_interface> {
 public:
  using repository::repository;

  std::vector<agent> running() const override {
    return all(
        hewn::from<agent>.where(col<&agent::status> == state::running).order_by(col<&agent::name>));
  }

  std::vector<std::string> names() const {
    return reading([](const session& db) {
      return db.all<std::string>(hewn::sql<"SELECT name FROM agents ORDER BY name">);
    });
  }

  /// Both or none.
  void exchange_names(std::int64_t a, std::int64_t b) {
    transaction([&](const auto& tx) {
      agents rows(tx);
      const agent first = rows.get(a), second = rows.get(b);
      rows.patch(a, col<& agent::name> = "");
      rows.patch(b, col<& agent::name> = first.name);
      rows.patch(a, col<& agent::name> = second.name);
    });
  }
};

using teams = hewn::repository<team, driver>;
using grants = hewn::repository<grant, driver>;

struct team_page {
  ::team team;
  std::vector<agent> members;
};

struct store {
  support::place place;
  support::database db = place.open();
  agents rows{db};
  team first;

  store() {
    hewn::sync<team, agent, grant, label>(db);
    first = db.insert(team{.name = "first"});
  }

  agent new_agent(const std::string& name) const {
    return {.team_id = first.id, .name = name, .email = name + "@example.com"};
  }
};

}  // namespace

TEST_CASE_METHOD(store, "a repository has the verbs of one struct") {
  const agent ada = rows.create(new_agent("ada"));
  const agent bob = rows.create(new_agent("bob"));
  CHECK(ada.id != 0);
  CHECK(ada.updated_at != hewn::timestamp());
  CHECK(rows.get(ada.id).name == "ada");
  CHECK(rows.find(bob.id)->name == "bob");
  CHECK(!rows.find(77));
  CHECK(failure_of([&] { rows.get(77); }).code() == errc::not_found);
  CHECK(rows.exists(ada.id));
  CHECK(!rows.exists(77));
  CHECK(rows.count() == 2);
  CHECK(rows.all().size() == 2);
  CHECK(rows.get_many({ada.id, bob.id, std::int64_t{77}}).size() == 2);

  CHECK(rows.find_by<&agent::email>("ada@example.com")->id == ada.id);
  CHECK(rows.find_by<&agent::id>(bob.id)->name == "bob");
  CHECK(!rows.find_by<&agent::email>("nobody"));
  CHECK(rows.find_by<&agent::team_id, &agent::name>(first.id, "bob")->id == bob.id);
  CHECK(rows.find_by<&agent::name, &agent::team_id>("bob", first.id)->id == bob.id);
  CHECK(rows.get_by<&agent::email>("bob@example.com").id == bob.id);
  CHECK(failure_of([&] { rows.get_by<&agent::email>("nobody"); }).code() == errc::not_found);

  const auto named = hewn::from<agent>.where(col<&agent::name> == "bob");
  CHECK(rows.all(named).size() == 1);
  CHECK(rows.first(named)->id == bob.id);
  CHECK(rows.one(named).id == bob.id);
  CHECK(rows.count(named) == 1);
  CHECK(rows.exists(named));
  std::string seen;
  rows.each(hewn::from<agent>.order_by(col<&agent::name>), [&](const agent& a) { seen += a.name; });
  CHECK(seen == "adabob");
}

TEST_CASE_METHOD(store, "a repository changes what it is told to change") {
  agent ada = rows.create(new_agent("ada"));
  ada.name = "Ada";
  const agent stored = rows.update(ada);
  CHECK(stored.name == "Ada");
  CHECK(stored.updated_at >= ada.updated_at);
  CHECK(!rows.update(stored, stored));
  agent next = stored;
  next.runs = 5;
  CHECK(rows.update(stored, next));

  rows.patch(ada.id, col<& agent::name> = "ada", col<& agent::status> = state::running);
  CHECK(rows.get(ada.id).status == state::running);
  CHECK(rows.get(ada.id).email == "ada@example.com");
  CHECK(rows.patch(ada.id, col<& agent::score> = 1.5, hewn::returning(col<&agent::name>)) == "ada");
  CHECK(failure_of([&] { rows.patch(77, col<& agent::name> = "x"); }).code() == errc::not_found);
  CHECK(rows.patch(hewn::from<agent>.where(col<&agent::name> == "ada"),
                   col<& agent::status> = state::idle) == 1);

  CHECK(rows.increment<&agent::runs>(ada.id) == 6);
  CHECK(rows.increment<&agent::runs>(ada.id, -2) == 4);
  CHECK(rows.increment<&agent::score>(ada.id, 0.5) == 2.0);
  CHECK(failure_of([&] { rows.increment<&agent::runs>(77); }).code() == errc::not_found);
  rows.patch(ada.id, col<& agent::score> = std::nullopt);
  CHECK(rows.increment<&agent::score>(ada.id) == std::nullopt);

  agent other = new_agent("eve");
  other.email = "ada@example.com";
  CHECK(rows.upsert<&agent::email>(other).id == ada.id);
  CHECK(rows.get(ada.id).name == "eve");
  CHECK(rows.upsert<&agent::email>(other, hewn::set(col<& agent::runs> = 9)).runs == 9);
  agent again = rows.get(ada.id);
  again.runs = 10;
  CHECK(rows.upsert(again).runs == 10);
  CHECK(rows.count() == 1);

  other.name = "another";
  CHECK(failure_of([&] { rows.create(other); }).is<&agent::email>());
  CHECK(rows.create_many({new_agent("a"), new_agent("b"), new_agent("c")}) == 3);
  CHECK(rows.remove(hewn::from<agent>.where(col<&agent::name> == "a")) == 1);
  rows.remove(rows.get_by<&agent::email>("b@example.com"));
  CHECK(rows.remove(ada.id));
  CHECK(!rows.remove(ada.id));
  CHECK(rows.count() == 1);
  CHECK(hewn::as_result([&] { return rows.get(ada.id); }).error().code() == errc::not_found);
}

TEST_CASE_METHOD(store, "an increment beyond its field is refused and changes nothing", "[V2]") {
  agent ada = new_agent("ada");
  ada.runs = 2147483647;
  ada = rows.create(ada);
  CHECK(failure_of([&] { rows.increment<&agent::runs>(ada.id); }).code() == errc::invalid_data);
  CHECK(rows.get(ada.id).runs == 2147483647);
}

TEST_CASE_METHOD(store, "keys of several columns are given in braces, and never another's") {
  grants given(db);
  given.create({.agent_id = 1, .right = 2, .reason = "asked"});
  CHECK(given.get({1, 2}).reason == "asked");
  CHECK(given.find(std::tuple(std::int64_t{1}, std::int16_t{2})));
  CHECK(!given.find({1, 65538}));  // 2 in an std::int16_t
  CHECK(!given.exists({1, 65538}));
  CHECK(given.exists({1, 2}));
  given.patch({1, 2}, col<& grant::reason> = "needed");
  CHECK(given.get({1, 2}).reason == "needed");
  CHECK(given.increment<&grant::uses>({1, 2}) == 1);
  CHECK(!given.remove({1, 65538}));
  CHECK(given.remove({1, 2}));
  CHECK(given.count() == 0);
}

TEST_CASE_METHOD(store, "a repository of rows that are nothing but keys has all but updates") {
  hewn::repository<label, driver> labels(db);
  labels.create({1, "red"});
  CHECK(labels.upsert({1, "red"}).word == "red");
  CHECK(labels.upsert({1, "blue"}).word == "blue");
  CHECK(labels.create_many({{2, "red"}, {2, "green"}}) == 2);
  CHECK(failure_of([&] { labels.create({1, "red"}); }).code() == errc::conflict);
  CHECK(labels.get({1, "blue"}).team_id == 1);
  CHECK_FALSE(labels.find({3, "blue"}));
  CHECK(labels.exists({2, "green"}));
  CHECK(labels.list({.size = 3}).rows.size() == 3);
  CHECK(labels.count() == 4);
  CHECK(labels.remove({2, "red"}));
  labels.remove(label{2, "green"});
  const hewn::repository_interface<label>& asked = labels;
  CHECK(asked.all().size() == 2);
}

TEST_CASE_METHOD(store, "a repository lists page by page") {
  for (const std::string name : {"a", "b", "c", "d", "e"}) rows.create(new_agent(name));
  const auto page = rows.list({.size = 2});
  CHECK(page.rows.size() == 2);
  CHECK(rows.list({.size = 2, .after = page.next}).rows[0].name == "c");
  const auto last = rows.list(hewn::from<agent>.order_by(hewn::desc<&agent::name>), {.size = 1});
  CHECK(last.rows[0].name == "e");
  const auto numbered = rows.list(hewn::page_number{.number = 3, .size = 2, .count = true});
  CHECK(numbered.rows.size() == 1);
  CHECK(numbered.total == 5);
  const auto some = hewn::from<agent>.where(col<&agent::name> < "c");
  CHECK(rows.list(some, hewn::page_number{.size = 5}).rows.size() == 2);
}

TEST_CASE_METHOD(store, "a repository reads shapes and what a query selects") {
  rows.create_many({new_agent("a"), new_agent("b")});
  const teams all_teams(db);
  CHECK(all_teams.all(hewn::shape<team_page>)[0].members.size() == 2);
  CHECK(all_teams.get(hewn::shape<team_page>, first.id).members.size() == 2);
  CHECK(all_teams.list(hewn::shape<team_page>, {.size = 5}).rows[0].members.size() == 2);
  CHECK(rows.all(hewn::from<agent>.order_by(col<&agent::name>).select(col<&agent::name>)) ==
        std::vector<std::string>{"a", "b"});
  CHECK(rows.names() == std::vector<std::string>{"a", "b"});
}

TEST_CASE_METHOD(store, "several repositories share a transaction") {
  CHECK_THROWS_AS(db.transaction([&](auto& tx) {
    const team made = teams(tx).create({.name = "second"});
    agents(tx).create({.team_id = made.id, .name = "x", .email = "x"});
    throw std::runtime_error("undo");
  }),
                  std::runtime_error);
  CHECK(teams(db).count() == 1);
  CHECK(rows.count() == 0);
  db.transaction([&](auto& tx) {
    const team made = teams(tx).create({.name = "second"});
    agents(tx).create({.team_id = made.id, .name = "x", .email = "x"});
  });
  CHECK(rows.count() == 1);

  const auto a = rows.create(new_agent("a")), b = rows.create(new_agent("b"));
  rows.exchange_names(a.id, b.id);
  CHECK(rows.get(a.id).name == "b");
  CHECK_THROWS(rows.exchange_names(a.id, 77));
  CHECK(rows.get(a.id).name == "b");
}

TEST_CASE_METHOD(store, "a repository of a transaction that is over is refused", "[p:A2]") {
  std::optional<agents> kept;
  db.transaction([&](auto& tx) { kept.emplace(tx); });
  CHECK(failure_of([&] { kept->count(); }).code() == errc::usage);
  CHECK(rows.count() == 0);
}

TEST_CASE_METHOD(store, "a repository stays with a database that is moved") {
  const support::database moved = std::move(db);
  CHECK(rows.count() == 0);
  const agents copy = rows;
  CHECK(copy.count() == 0);
}

TEST_CASE_METHOD(store, "an error of a repository names the line of its caller") {
  const unsigned line = __LINE__ + 1;
  CHECK(failure_of([&] { rows.get(77); }).site().line == line);
  CHECK(failure_of([&] { rows.patch(77, col<& agent::runs> = 1); }).site().line == line + 1);
  CHECK(failure_of([&] { rows.get_by<&agent::email>("x"); }).site().line == line + 2);
  CHECK(failure_of([&] { rows.increment<&agent::runs>(77); }).site().line == line + 3);
  CHECK(failure_of([&] { rows.create({.team_id = 77}); }).site().line == line + 4);
  const agent_interface& service = rows;
  CHECK(failure_of([&] { service.get(77); }).site().line == line + 6);
}

TEST_CASE_METHOD(store, "each verb of a repository is one statement") {
  const agent ada = rows.create(new_agent("ada"));
  const support::statement_log log;
  db.observe(log);
  rows.increment<&agent::runs>(ada.id);
  rows.find_by<&agent::email>("ada@example.com");
  rows.exists(ada.id);
  rows.patch(ada.id, col<& agent::name> = "Ada");
  std::size_t statements = 0;
  for (const std::string& sql : log.texts())
    statements += sql != "COMMIT" && !sql.starts_with("BEGIN");
  CHECK(statements == 4);  // an update that returns something is in a transaction
}

TEST_CASE("a repository of a pool borrows a connection for each call", "[P2]") {
  const support::pool_place place;
  const support::pool pool = place.open({.size = support::one_writer});
  pool.write([](auto& db) { hewn::sync<team, agent, grant, label>(db); });
  teams all_teams(pool);
  agents rows(pool);
  const team t = all_teams.create({.name = "t"});
  const agent a = rows.create({.team_id = t.id, .name = "a", .email = "a"});
  CHECK(rows.get(a.id).name == "a");
  CHECK(rows.running().empty());
  CHECK(rows.list().rows.size() == 1);
  CHECK(rows.names().size() == 1);
  CHECK(rows.find_by<&agent::email>("a")->id == a.id);
  rows.patch(a.id, col<& agent::name> = "b");
  std::vector<std::jthread> workers;
  for (int i = 0; i != 4; ++i)
    workers.emplace_back([&] {
      for (int n = 0; n != 10; ++n) rows.increment<&agent::runs>(a.id);
    });
  workers.clear();
  CHECK(rows.get(a.id).runs == 40);
  CHECK(pool.statistics().in_use == 0);
  pool.transaction([&](auto& tx) {
    CHECK(agents(tx).count() == 1);
    CHECK(failure_of([&] { rows.create({}); }).code() == errc::usage);  // it waits for itself
  });
  CHECK(failure_of([&] { rows.get(77); }).code() == errc::not_found);
}

namespace {

/// Stops what runs, as a service that knows no database.
std::size_t stop_all(agent_interface& rows) {
  const std::vector<agent> found = rows.running();
  for (agent a : found) {
    a.status = state::idle;
    rows.update(a);
  }
  return found.size();
}

struct fake_agents : agent_interface {
  std::map<std::int64_t, agent> rows;

  std::vector<agent> running() const override {
    std::vector<agent> found;
    for (const auto& [id, a] : rows)
      if (a.status == state::running) found.push_back(a);
    return found;
  }
  agent update(agent a, hewn::call_site) override { return rows[a.id] = a; }
};

}  // namespace

TEST_CASE_METHOD(store, "a service takes a repository or what stands in for it") {
  fake_agents fake;
  fake.rows[1] = {.id = 1, .status = state::running};
  CHECK(stop_all(fake) == 1);
  CHECK(fake.rows[1].status == state::idle);
  const auto failure = failure_of([&] { fake.create({}); });
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure,
             "hewn: this repository has no create(); override it in the class that stands "
             "in for the database"));

  agent a = new_agent("a");
  a.status = state::running;
  a = rows.create(a);
  CHECK(stop_all(rows) == 1);
  CHECK(rows.get(a.id).status == state::idle);
}
