// examples/quickstart/quickstart.cpp - structs to tables and rows, with the SQL that runs.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/json.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

enum class status { idle, running, failed };
struct settings { std::string model = "small"; double temperature = 0.7; };

struct environment {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("environments").unique<&environment::name>();
  }
};

struct agent {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string name;
  status state = status::idle;
  hewn::json<settings> configuration = {};
  hewn::timestamp updated_at = {};
  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>(hewn::on_delete::cascade)
        .index<&agent::environment_id, &agent::state>()
        .updated<&agent::updated_at>();
  }
};

int main() try {
  using hewn::col;
  auto db = hewn::sqlite::open(":memory:");
  for (const hewn::step& step : hewn::sync<environment, agent>(db).steps())
    std::printf("%s;\n", step.sql.c_str());
  db.observe([](const auto& event) { std::printf("%s;\n", std::string(event.sql).c_str()); });

  const auto prod = db.transaction([](auto& tx) {
    auto added = tx.insert(environment{.name = "prod"});
    tx.insert(agent{.environment_id = added.id, .name = "supervisor"});
    tx.insert(agent{.environment_id = added.id, .name = "writer",
                    .configuration = settings{.model = "large"}});
    return added;
  });
  db.update(hewn::from<agent>.where(col<&agent::name> == "writer"),
            col<&agent::state> = status::running);
  for (const agent& a : db.all(hewn::from<agent>.where(col<&agent::state> == status::running &&
                                                       col<&agent::environment_id> == prod.id)))
    std::printf("-- %s runs on the %s model\n", a.name.c_str(), a.configuration->model.c_str());
  const auto again = hewn::as_result([&] { db.insert(environment{.name = "prod"}); });
  if (!again) std::printf("-- %s\n", again.error().what());
} catch (const hewn::error& e) {
  return std::fprintf(stderr, "%s\n", e.what()), 1;
}
