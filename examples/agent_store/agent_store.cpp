// examples/agent_store/agent_store.cpp - a day on the platform, with made-up people and agents.
// SPDX-License-Identifier: BSL-1.0
//
// agent_store [--db URL]   sqlite:PATH or postgresql://...; default: in memory. A store that has
// data already gets no more.
#include "store.hpp"

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace platform;

namespace {

void say(const auto&... values) { (std::cout << ... << values) << '\n'; }

/// An enumerator as its column holds it.
auto label(auto value) { return hewn::codec<decltype(value)>::encode(value); }

/// Runs what must fail, and says how it did.
void refused(const char* what, auto action) {
  const auto outcome = hewn::as_result(action);
  if (outcome) throw std::runtime_error(std::string(what) + " was not refused");
  const hewn::error& e = outcome.error();
  say("  ", what, ": ", hewn::to_string(e.code()), "\n    ", e.what());
  if (e.is<&user::email>()) say("    (a form would mark its e-mail field)");
}

void make_data(const session& db) {
  const auto ada = users(db).sign_up("ada@example.org", "Ada", "correct horse");
  const auto env = db.insert(
      environment{.owner_id = ada, .name = "production", .metadata = {{{"region", "north"}}}});
  const auto book = db.insert(project{.environment_id = env, .name = "book"});
  db.insert(file_config{.project_id = book, .path = "book.yaml", .content = "chapters: 3"});
  const auto files = db.insert(
      mcp_config{.environment_id = env, .name = "files", .endpoint = "file-server /srv/book"});
  std::vector<mcp_tool> tools = {{.config_id = files, .name = "read_file"},
                                 {.config_id = files, .name = "write_file"},
                                 {.config_id = files, .name = "search"}};
  db.insert_many(tools);  // each has its key now

  const auto planner =
      create_agent(db, {.environment_id = env, .name = "planner", .cron_schedule = "0 6 * * *"},
                   {tools[0], tools[2]});
  const auto writer = create_agent(
      db,
      {.environment_id = env, .project_id = book, .name = "writer", .can = {{.languages = {"en"}}}},
      tools);
  const auto reviewer =
      db.insert(agent{.environment_id = env, .name = "reviewer", .state = agent_state::paused});
  hewn::insert(db, team_page{{.environment_id = env, .name = "editors"},
                             {{{.role = team_role::lead}, planner},
                              {{}, writer},
                              {{.role = team_role::reviewer}, reviewer}}});

  for (const int ms : {120, 80, 400})
    db.insert(agent_run{.agent_id = planner, .state = run_state::succeeded, .duration_ms = ms});
  const auto broken = db.insert(
      agent_run{.agent_id = writer, .state = run_state::failed, .failure = "the disk was full"});
  db.insert(tool_execution{.run_id = broken, .tool_id = tools[1], .failed = true});
  const auto hook = db.insert(webhook{.environment_id = env, .url = "https://example.org/"});
  db.insert(webhook_delivery{.webhook_id = hook, .payload = {{{"run", broken.id}}}});

  db.insert_many<task>(
      {{.agent_id = writer, .title = "chapter 1", .input = {{{"pages", 10}}}},
       {.agent_id = writer, .title = "chapter 2", .priority = 9, .input = {{{"pages", 20}}}},
       {.agent_id = writer, .title = "chapter 3", .input = {{{"pages", 30}}}}});
  conversation_page talk{{.environment_id = env, .title = "the second chapter"}, {}};
  for (int n = 1; n <= 120; ++n)
    talk.messages.push_back({.agent_id = writer, .content = "message " + std::to_string(n)});
  hewn::insert(db, talk, conversation_pages);
}

void show_accounts(const session& db) {
  say("Accounts");
  users accounts(db);
  const auto answer = [](const auto& found) { return found ? "welcome" : "refused"; };
  say("  log in with the password: ", answer(accounts.log_in("Ada@Example.org", "correct horse")));
  say("  log in with another one: ", answer(accounts.log_in("ada@example.org", "wrong")));
  say("  log in as nobody: ", answer(accounts.log_in("nobody@example.org", "wrong")));
}

void show_agents(const session& db, const environment& env) {
  say("Agents, newest first, two to a page");
  const auto pages = agent_pages.where(col<&agent::environment_id> == env);
  hewn::page_request<agent_page> request{.size = 2};
  do {
    const auto page = hewn::find_page(db, pages, request);
    for (const agent_page& a : page.rows)
      say("  ", a.self.name, ", ", label(a.self.state), ": ", a.tools.size(), " tools, ", a.runs,
          " runs, ", a.failed_runs, " failed, ", a.average_ms.value_or(0), " ms on average");
    request.after = page.next;
  } while (request.after);
  say("The editors");
  for (const auto& [self, agent] : db.one(team_pages.where(col<&team::name> == "editors")).members)
    say("  ", agent.name, ": ", label(self.role));
}

void show_tasks(const session& db, const agent& writer) {
  say("Tasks");
  for (task mine : take_tasks(db, writer, 1)) {
    task late = mine;  // in the hands of a second worker
    say("  the writer takes ", mine.title, ", ", mine.input->value("pages", 0), " pages");
    mine.state = task_state::done;
    mine.output = "all of it";
    db.update(mine);
    late.state = task_state::failed;
    refused("ending it again", [&] { db.update(late); });
  }
  for (const task& t : db.all(from<task>.order_by(col<&task::id>)))
    say("  ", t.title, " is ", label(t.state), ": ", t.output.value_or("no output"));
}

void show_conversation(const session& db, const environment& env) {
  const auto talks = conversation_pages.where(col<&conversation::environment_id> == env);
  const auto& [self, messages, unread] = db.one(talks);
  say("Conversation: ", self.title, ", ", messages.size(), " messages, from ",
      messages.back().content, " to ", messages.front().content);
  say("  ", unread, " unread, ", mark_read(db, messages[9]), " of them read now");
  say("  ", db.one(talks).unread, " unread");
}

void show_refusals(const session& db, const environment& env) {
  say("What is refused");
  refused("a second account", [&] { users(db).sign_up("ada@EXAMPLE.org", "Eve", "x"); });
  refused("a second environment of a name",
          [&] { db.insert(environment{.owner_id = env.owner_id, .name = env.name}); });
  const agent half{.environment_id = env, .name = "half made"};
  refused("a tool that is not there", [&] { create_agent(db, half, {{.id = 4711}}); });
  say("    (half an agent is left: ",
      db.exists(from<agent>.where(col<&agent::name> == half.name)) ? "yes" : "no", ")");
  refused("an agent without anything", [&] { db.insert(agent{}); });
  refused("output of no task", [&] { db.update<task>(4711, col<& task::output> = "x"); });
  refused("removing the owner of an environment", [&] { db.remove(env.owner_id); });
}

void show_removal(const session& db, const environment& env) {
  auto tx = db.begin();
  tx.remove_all<webhook>();  // keeps the rows, as soft_delete<> says
  say("Webhooks: ", tx.count<webhook>(), ", their deliveries: ", tx.count<webhook_delivery>());
  tx.remove(env);  // everything in it goes with it, by the references
  say("Without the environment: ", tx.count<agent>(), " agents, ", tx.count<message>(),
      " messages, ", tx.count<webhook_delivery>(), " deliveries");
  tx.rollback();  // as would happen at the end of the scope
  say("After the rollback: ", db.count<agent>(), " agents");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 1 && (argc != 3 || std::string_view(argv[1]) != "--db"))
    throw std::runtime_error("usage: agent_store [--db URL]");
  const auto db = open_store(argc == 3 ? argv[2] : "sqlite::memory:");
  if (!db.exists(from<user>)) db.transaction([](auto& tx) { make_data(tx); });
  const auto env = db.one(from<environment>.where(col<&environment::name> == "production"));

  show_accounts(db);
  show_agents(db, env);
  show_tasks(db, db.one(from<agent>.where(col<&agent::name> == "writer")));
  show_conversation(db, env);
  show_refusals(db, env);
  show_removal(db, env);
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
