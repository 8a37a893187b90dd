// tests/docs/repositories_test.cpp - the snippets of docs/guide/repositories.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

// [includes]
#include <hewn/any/pool.hpp>
#include <hewn/repository.hpp>
// [/includes]
#include <hewn/pages.hpp>

#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using hewn::col;

// [model]
enum class agent_state { idle, running };

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::string email;
  agent_state state = agent_state::idle;
  std::int64_t runs = 0;

  static consteval auto table() { return hewn::table("agents").unique<&agent::email>(); }
};

struct task {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::string title;

  static consteval auto table() {
    return hewn::table("tasks").references<&task::agent_id, &agent::id>();
  }
};
// [/model]

// [agents]
class agents : public hewn::repository<agent> {
 public:
  using repository::repository;  // makes one of a database, a transaction or a pool

  std::vector<agent> running() const {
    return all(
        hewn::from<agent>.where(col<&agent::state> == agent_state::running).order_by(col<&agent::name>));
  }
};

using tasks = hewn::repository<task>;
// [/agents]

// [reading]
class busy_agents : public hewn::repository<agent> {
 public:
  using repository::repository;

  std::vector<std::string> names(std::int64_t least_runs) const {
    return reading([&](const session& db) {
      return db.all<std::string>(hewn::sql<"SELECT name FROM agents WHERE runs >= ?">, least_runs);
    });
  }

  /// Both or neither.
  void move_runs(std::int64_t from, std::int64_t to, std::int64_t count) {
    transaction([&](const session& tx) {
      busy_agents rows(tx);
      rows.increment<&agent::runs>(from, -count);
      rows.increment<&agent::runs>(to, count);
    });
  }
};
// [/reading]

// [service]
class agent_service {
 public:
  explicit agent_service(hewn::repository_interface<agent>& rows) : rows_(rows) {}

  bool start(std::int64_t id) {
    std::optional<agent> found = rows_.find(id);
    if (!found || found->state == agent_state::running) return false;
    found->state = agent_state::running;
    rows_.update(*found);
    return true;
  }

 private:
  hewn::repository_interface<agent>& rows_;
};
// [/service]

// [fake]
struct fake_agents : hewn::repository_interface<agent> {
  std::map<std::int64_t, agent> rows;

  std::optional<agent> find(const std::int64_t& id, hewn::call_site) const override {
    const auto found = rows.find(id);
    return found == rows.end() ? std::nullopt : std::optional(found->second);
  }
  agent update(agent row, hewn::call_site) override { return rows[row.id] = row; }
};
// [/fake]

// [whole_fake]
struct remembered_agents : hewn::repository_interface<agent> {
  std::map<std::int64_t, agent> rows;

  agent create(agent row, hewn::call_site) override {
    row.id = static_cast<std::int64_t>(rows.size()) + 1;
    return rows[row.id] = row;
  }
  agent get(const std::int64_t& id, hewn::call_site) const override { return rows.at(id); }
  std::optional<agent> find(const std::int64_t& id, hewn::call_site) const override {
    return exists(id) ? std::optional(rows.at(id)) : std::nullopt;
  }
  bool exists(const std::int64_t& id, hewn::call_site = {}) const override {
    return rows.contains(id);
  }
  std::int64_t count(hewn::call_site) const override {
    return static_cast<std::int64_t>(rows.size());
  }
  std::vector<agent> all(hewn::call_site) const override {
    std::vector<agent> found;
    for (const auto& [id, row] : rows) found.push_back(row);
    return found;
  }
  hewn::page<agent> list(const hewn::page_request<agent>&, hewn::call_site site) const override {
    return {.rows = all(site)};
  }
  agent update(agent row, hewn::call_site) override { return rows.at(row.id) = row; }
  agent upsert(agent row, hewn::call_site) override { return rows[row.id] = row; }
  bool remove(const std::int64_t& id, hewn::call_site) override { return rows.erase(id) != 0; }
};
// [/whole_fake]

// [own_interface]
struct agent_queries : hewn::repository_interface<agent> {
  virtual std::vector<agent> running() const = 0;
};

class stored_agents : public hewn::any::repository<agent, agent_queries> {
 public:
  using repository::repository;

  std::vector<agent> running() const override {
    return all(hewn::from<agent>.where(col<&agent::state> == agent_state::running));
  }
};
// [/own_interface]

std::string texts_of(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& sql : texts) all += sql + ";\n";
  return all;
}

}  // namespace

TEST_CASE("repositories") {
  const support::temporary_file file("docs_repositories.db");
  const std::string url = "sqlite:" + file.path;
  // [open]
  auto db = hewn::open(url);
  hewn::sync<agent, task>(db);

  agents rows(db);
  const agent ada = rows.create({.name = "Ada", .email = "ada@example.com"});
  // [/open]

  std::vector<std::string> ran;
  db.observe([&](const hewn::statement_event& e) { ran.emplace_back(e.sql); });
  // [verbs]
  rows.get(ada.id);                                   // throws not_found
  rows.find(ada.id);                                  // an std::optional
  rows.exists(ada.id);                                // reads no row
  rows.find_by<&agent::email>("ada@example.com");     // an std::optional, by a unique field
  rows.patch(ada.id, col<& agent::name> = "Ada L.");  // the columns that are named
  rows.increment<&agent::runs>(ada.id);               // returns the new value
  rows.upsert<&agent::email>({.name = "Ada", .email = "ada@example.com"});
  // [/verbs]
  docs::check_region("repository_verbs", texts_of(ran));
  ran.clear();
  db.stop_observing();
  CHECK(rows.get(ada.id).runs == 0);

  // [queries]
  const auto idle = hewn::from<agent>.where(col<&agent::state> == agent_state::idle);
  rows.all(idle.order_by(col<&agent::name>));
  rows.first(idle);
  rows.count(idle);
  rows.patch(idle, col<& agent::state> = agent_state::running);
  hewn::page<agent> page = rows.list({.size = 20});  // by key; rows.list(query, ...) for another
  // [/queries]
  CHECK(page.rows.size() == 1);
  CHECK(rows.running().size() == 1);

  // [unit_of_work]
  const agent bob = db.transaction([](auto& tx) {
    const agent made = agents(tx).create({.name = "Bob", .email = "bob@example.com"});
    tasks(tx).create({.agent_id = made.id, .title = "say hello"});
    return made;
  });
  // [/unit_of_work]
  CHECK(tasks(db).count() == 1);

  // [tried]
  const auto made = hewn::as_result([&] { return rows.create({.email = "bob@example.com"}); });
  const bool taken = !made && made.error().is<&agent::email>();
  // [/tried]
  CHECK(taken);

  busy_agents busy(db);
  busy.move_runs(ada.id, bob.id, 2);
  CHECK(busy.names(2) == std::vector<std::string>{"Bob"});

  // [pool]
  auto pool = hewn::open_pool(url);
  agents shared(pool);  // for all threads; each call borrows a connection
  shared.increment<&agent::runs>(ada.id);
  // [/pool]
  CHECK(shared.get(ada.id).runs == -1);
}

TEST_CASE("a service is tested with a fake") {
  // [with_fake]
  fake_agents fake;
  fake.rows[1] = {.id = 1, .name = "Ada"};
  agent_service service(fake);
  CHECK(service.start(1));
  CHECK(!service.start(1));
  CHECK(!service.start(2));
  // [/with_fake]
  remembered_agents remembered;
  hewn::repository_interface<agent>& all = remembered;
  const agent ada = all.create({.name = "Ada"});
  CHECK(agent_service(all).start(ada.id));
  CHECK(all.get(ada.id).state == agent_state::running);
  CHECK(all.upsert({.id = 7, .name = "Bob"}).id == 7);
  CHECK(all.count() == 2);
  CHECK(all.all().size() == 2);
  CHECK(all.list({.size = 5}).rows.size() == 2);
  CHECK(all.exists(7));
  CHECK(all.remove(7));
  CHECK_FALSE(all.find(7));
}

TEST_CASE("a service is tested in memory") {
  // [in_memory]
  const auto db = hewn::open("sqlite::memory:");
  hewn::sync<agent>(db);
  agents rows(db);
  const auto id = rows.create({.name = "Ada", .email = "ada@example.com"}).id;
  agent_service service(rows);
  CHECK(service.start(id));
  CHECK(rows.get(id).state == agent_state::running);
  // [/in_memory]
  CHECK(stored_agents(db).running().size() == 1);
}
