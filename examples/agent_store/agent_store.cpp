// examples/agent_store/agent_store.cpp - a day on the platform, with made-up people and agents.
// SPDX-License-Identifier: BSL-1.0
//
// agent_store [--db URL]   sqlite:PATH or postgresql://...; default: in memory. A store that has
// data already is only looked at.
#include "store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace platform;
using namespace std::chrono_literals;

namespace {

int count_of(std::size_t n) { return static_cast<int>(n); }

template <class Enum>
std::string label(Enum value) {
  return std::string(hewn::codec<Enum>::encode(value));
}

/// Runs what must fail, and says how it did.
template <class Action>
void expect_refusal(const char* what, Action action) {
  const auto outcome = hewn::as_result(action);
  if (outcome) throw std::runtime_error(std::string(what) + " was not refused");
  const hewn::error& e = outcome.error();
  std::printf("  %s: %s\n    %s\n", what, std::string(hewn::to_string(e.code())).c_str(), e.what());
  if (e.is<&user::email>()) std::printf("    (a form would mark its e-mail field)\n");
}

struct example_data {
  environment env;
  std::vector<std::int64_t> tools;
  agent planner, writer, reviewer;
  conversation talk;
};

void add_tools(const session& db, std::int64_t environment_id, std::vector<std::int64_t>& keys) {
  const auto config = db.insert(mcp_config{.environment_id = environment_id,
                                           .name = "files",
                                           .endpoint = "file-server --root /srv/notes",
                                           .options = {{{"read_only", "false"}}}});
  for (const char* name : {"read_file", "write_file", "search"}) {
    const auto tool = db.insert(mcp_tool{.config_id = config.id,
                                         .name = name,
                                         .description = "made up",
                                         .parameters = nlohmann::json{{"type", "object"}}});
    keys.push_back(tool.id);
  }
}

example_data make_data(const session& db) {
  return db.transaction([&](auto& tx) {
    example_data d;
    const user ada = register_user(tx, "ada@example.org", "Ada", "correct horse");
    d.env = tx.insert(
        environment{.owner_id = ada.id, .name = "production", .metadata = {{{"region", "north"}}}});
    const auto notes = tx.insert(project{.environment_id = d.env.id, .name = "notes"});
    tx.insert(file_config{.project_id = notes.id,
                          .path = "agents.yaml",
                          .format = file_format::yaml,
                          .content = "retries: 3\n"});
    add_tools(tx, d.env.id, d.tools);

    d.planner = create_agent(tx,
                             {.environment_id = d.env.id,
                              .name = "planner",
                              .model = "large",
                              .can = {{.languages = {"en", "de"}, .budget = 2.5}},
                              .cron_schedule = "0 6 * * *"},
                             {d.tools[0], d.tools[2]});
    d.writer = create_agent(tx,
                            {.environment_id = d.env.id,
                             .project_id = notes.id,
                             .name = "writer",
                             .state = agent_state::running,
                             .model = "small",
                             .can = {{.languages = {"en"}, .may_write_files = true}}},
                            d.tools);
    d.reviewer = create_agent(tx, {.environment_id = d.env.id, .name = "reviewer"}, {});
    create_team(tx, {.environment_id = d.env.id, .name = "editors"},
                {{.agent_id = d.planner.id, .role = team_role::lead},
                 {.agent_id = d.writer.id},
                 {.agent_id = d.reviewer.id, .role = team_role::reviewer}});

    for (const auto duration : {120ms, 80ms, 400ms}) record_run(tx, d.planner.id, duration);
    const auto broken = record_run(tx, d.writer.id, 1500ms, "the disk was full");
    tx.insert(tool_execution{.run_id = broken.id,
                             .tool_id = d.tools[1],
                             .arguments = nlohmann::json{{"path", "draft.md"}},
                             .failed = true,
                             .duration_ms = 1400});

    const auto hook = tx.insert(webhook{.environment_id = d.env.id,
                                        .url = "https://example.org/hook",
                                        .event = webhook_event::run_failed});
    tx.insert(
        webhook_delivery{.webhook_id = hook.id, .payload = nlohmann::json{{"run", broken.id}}});

    for (const int n : {1, 2, 3})
      tx.insert(task{.agent_id = d.writer.id,
                     .title = "chapter " + std::to_string(n),
                     .priority = n == 2 ? 9 : 1,
                     .input = nlohmann::json{{"pages", 10 * n}}});

    d.talk = tx.insert(conversation{.environment_id = d.env.id, .title = "the second chapter"});
    std::vector<message> messages;
    for (int n = 1; n <= 120; ++n)
      messages.push_back({.conversation_id = d.talk.id,
                          .from = n % 2 == 0 ? sender::agent : sender::user,
                          .agent_id = n % 2 == 0 ? std::optional(d.writer.id) : std::nullopt,
                          .content = "message " + std::to_string(n)});
    tx.insert_many(messages);
    return d;
  });
}

void show_accounts(const session& db) {
  std::puts("Accounts");
  std::printf("  log in with the password: %s\n",
              log_in(db, "Ada@Example.org", "correct horse") ? "welcome" : "refused");
  std::printf("  log in with another one: %s\n",
              log_in(db, "ada@example.org", "wrong") ? "welcome" : "refused");
  std::printf("  log in as nobody: %s\n",
              log_in(db, "nobody@example.org", "wrong") ? "welcome" : "refused");
  const auto ada = db.one(hewn::from<user>.where(col<&user::email> == "ada@example.org"));
  std::printf("  last log-in of %s is %s\n", ada.name.c_str(),
              ada.last_login_at ? "recorded" : "missing");
}

void show_agents(const session& db, std::int64_t environment_id) {
  std::puts("Agents, newest first, two to a page");
  for (std::int64_t page = 0; page != 2; ++page)
    for (const agent& a : agents_of(db, environment_id, page, 2))
      std::printf("  page %d: %-8s %-7s tools %d, schedule %s\n", static_cast<int>(page) + 1,
                  a.name.c_str(), label(a.state).c_str(), count_of(tools_of(db, a.id).size()),
                  a.cron_schedule.value_or("none").c_str());
  std::puts("Runs");
  for (const run_statistics& s : statistics_of(db, environment_id))
    std::printf("  %-8s %lld runs, %lld failed, %.0f ms on average, slowest %lld ms\n",
                s.name.c_str(), static_cast<long long>(s.total_runs),
                static_cast<long long>(s.failed_runs), s.avg_ms.value_or(0),
                static_cast<long long>(s.slowest_ms.value_or(0)));
  std::puts("The editors");
  const auto editors = db.one(hewn::from<team>.where(col<&team::name> == "editors"));
  for (const member_of_team& m : members_of(db, editors.id))
    std::printf("  %-8s %s\n", m.name.c_str(), label(m.role).c_str());
}

void show_tasks(const session& db, std::int64_t writer_id) {
  std::puts("Tasks");
  if (const auto next = take_task(db, writer_id)) {
    std::printf("  the writer takes \"%s\", %d pages\n", next->title.c_str(),
                next->input->value("pages", 0));
    set_output(db, next->id, "half of it");
    std::printf("  ends it: %s\n",
                finish_task(db, next->id, task_state::done, "all of it") ? "yes" : "no");
    std::printf("  ends it again: %s\n",
                finish_task(db, next->id, task_state::failed, "") ? "yes" : "no");
  }
  for (const task& t : tasks_in(db, {task_state::waiting, task_state::done}, writer_id))
    std::printf("  %-7s %s: %s\n", label(t.state).c_str(), t.title.c_str(),
                t.output.value_or("no output").c_str());
}

void show_conversation(const session& db, std::int64_t id) {
  const auto page = open_conversation(db, id);
  std::printf("Conversation: %s\n", page.conversation.title.c_str());
  std::printf("  %d messages, from \"%s\" to \"%s\"\n", count_of(page.messages.size()),
              page.messages.front().content.c_str(), page.messages.back().content.c_str());
  const auto unread = unread_messages(db, id);
  std::printf("  %d unread\n", count_of(unread.size()));
  if (unread.size() < 10) return;
  const auto read = mark_read(db, id, unread[unread.size() - 10].id);
  std::printf("  %d read now, %d unread\n", static_cast<int>(read),
              count_of(unread_messages(db, id).size()));
}

void show_refusals(const session& db, const environment& env) {
  std::puts("What is refused");
  expect_refusal("a second account for an address",
                 [&] { register_user(db, "ada@EXAMPLE.org", "Eve", "x"); });
  expect_refusal("a second environment of a name",
                 [&] { db.insert(environment{.owner_id = env.owner_id, .name = env.name}); });
  expect_refusal("an agent without an environment",
                 [&] { create_agent(db, {.environment_id = 4711, .name = "lost"}, {}); });
  expect_refusal("an agent with a tool that is not there", [&] {
    create_agent(db, {.environment_id = env.id, .name = "half made"}, {4711});
  });
  std::printf("    (half an agent is left: %s)\n",
              db.exists(hewn::from<agent>.where(col<&agent::name> == "half made")) ? "yes" : "no");
  expect_refusal("an agent without a name", [&] { db.insert(agent{.environment_id = env.id}); });
  expect_refusal("an output for a task that is not there", [&] { set_output(db, 4711, "x"); });
  expect_refusal("removing a user who owns an environment", [&] { db.remove<user>(env.owner_id); });
}

void show_removal(const session& db, const environment& env) {
  auto tx = db.begin();
  tx.remove(env);  // everything in it goes with it, by the references
  std::printf("Without the environment: %d agents, %d messages, %d deliveries\n",
              static_cast<int>(tx.count<agent>()), static_cast<int>(tx.count<message>()),
              static_cast<int>(tx.count<webhook_delivery>()));
  tx.rollback();  // as would happen at the end of the scope
  std::printf("After the rollback: %d agents\n", static_cast<int>(db.count<agent>()));
}

std::string url_from(int argc, char** argv) {
  if (argc == 1) return "sqlite::memory:";
  if (argc == 3 && std::string_view(argv[1]) == "--db") return argv[2];
  throw std::runtime_error("usage: agent_store [--db URL]");
}

}  // namespace

int main(int argc, char** argv) try {
  auto db = open_store(url_from(argc, argv));
  if (!db.exists(hewn::from<user>)) make_data(db);
  const auto env = db.one(hewn::from<environment>.where(col<&environment::name> == "production"));
  const auto writer = db.one(hewn::from<agent>.where(col<&agent::name> == "writer"));
  const auto talk =
      db.one(hewn::from<conversation>.where(col<&conversation::environment_id> == env.id));

  show_accounts(db);
  show_agents(db, env.id);
  show_tasks(db, writer.id);
  show_conversation(db, talk.id);
  show_refusals(db, env);

  show_removal(db, env);
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
