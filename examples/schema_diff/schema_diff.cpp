// examples/schema_diff/schema_diff.cpp - what leads from one schema to another.
// SPDX-License-Identifier: BSL-1.0
#include "both_kinds/comparison.hpp"
#include "both_kinds/difference_report.hpp"
#include "command/arguments.hpp"
#include "command/intents.hpp"
#include "command/output.hpp"
#include "left_out/unplanned.hpp"
#include "schemas/open_schema.hpp"

#include <hewn/base/error.hpp>
#include <hewn/migrate/plan_migration.hpp>
#include <hewn/sync/apply/apply.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/audit.hpp>
#include <hewn/sync/plan/planner.hpp>
#include <hewn/sync/plan/report.hpp>
#include <hewn/sync/plan/undo.hpp>
#include <hewn/sync_json.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace schema_diff {

enum exit_code { same = 0, applied = 0, failed = 1, differs = 2, needs_approval = 3, blocked = 4 };

hewn::sync_policy policy_of(const arguments& in) {
  if (in.policy.empty() || in.policy == "standard") return hewn::policy::standard();
  if (in.policy == "dev") return hewn::policy::dev();
  if (in.policy == "ci") return hewn::policy::ci();
  if (in.policy == "production") return hewn::policy::production();
  throw usage_error("there is no policy " + in.policy + "; choose dev, standard, ci or production");
}

exit_code verdict_on(const hewn::plan& p) {
  if (p.empty()) return same;
  if (p.blocked()) return blocked;
  return p.pending().empty() ? differs : needs_approval;
}

// What a person is told; the plan alone goes to standard output.
void say(const std::string& text) { print(stderr, text + "\n"); }

void show(const hewn::plan& p, bool json) {
  if (json)
    std::printf("%s\n", hewn::to_json(p).c_str());
  else
    print(stdout, hewn::report(p) + (p.empty() ? "" : "plan " + p.fingerprint()), wants_colours());
}

// The repairs of a report speak of declarations; here they are options.
void hint(const hewn::plan& p) {
  const std::pair<const char*, const char*> options[] = {
      {"declare renamed_from", "renamed_from is --rename FORMER=NOW"},
      {"declare dropped", "dropped is --drop NAME"},
      {"or dropped for the other", "dropped is --drop NAME"},
      {"or renamed_from for the other", "renamed_from is --rename FORMER=NOW"},
      {"declare backfill", "backfill is --backfill TABLE.COLUMN=SQL"},
      {"declare convert", "convert is --convert TABLE.COLUMN=SQL"}};
  std::string said;
  for (const auto& [words, option] : options)
    for (const hewn::change& c : p.pending())
      if (c.repair.find(words) != std::string::npos && said.find(option) == std::string::npos)
        said += (said.empty() ? "" : "; ") + std::string(option);
  if (!said.empty()) say("in the repairs, " + said);
}

std::string approver_of(const arguments& in) {
  if (!in.approver.empty()) return in.approver;
  const char* user = std::getenv("USER");
  if (user == nullptr || *user == '\0') throw usage_error("--approve needs --by NAME");
  return user;
}

// An approval of what was shown: neither more changes nor greater losses, whatever the database
// holds by now.
std::vector<hewn::approval> approvals_of(const arguments& in, const hewn::plan& shown,
                                         hewn::schema_executor& executor) {
  if (shown.pending().empty()) return {};
  return {hewn::approve({.plan = shown.fingerprint(),
                         .from = shown.from(),
                         .database = hewn::audit::find_identity(executor).value_or(""),
                         .changes = shown.pending(),
                         .approver = approver_of(in),
                         .reason = in.reason.empty() ? "approved with schema_diff" : in.reason})};
}

exit_code apply(const arguments& in, const hewn::plan& shown, const std::string& old_name) {
  constexpr std::size_t enough = 16;
  if (!in.approved.empty() &&
      (in.approved.size() < enough || !shown.fingerprint().starts_with(in.approved))) {
    say("schema_diff: the approval is for plan " + in.approved + ", and this is plan " +
        shown.fingerprint() + "; look at this plan and approve it");
    return needs_approval;
  }
  const std::unique_ptr<live_schema> opened = open_target(in.database, "--apply");
  live_schema& target = *opened;
  if (target.executor().dialect() != shown.dialect())
    throw usage_error("--apply names a database of another kind than OLD");
  const hewn::sync_policy policy = policy_of(in);
  const hewn::plan plan = hewn::record_plan(
      target.executor(), hewn::make_plan(target.executor(), shown.wanted(), policy), policy,
      in.approver);
  if (plan.from() != shown.from()) {
    say("schema_diff: " + target.name() + " does not have the schema of " + old_name +
        "; name the database itself as OLD");
    return failed;
  }
  if (plan.blocked() || (!plan.pending().empty() && in.approved.empty())) {
    say("schema_diff: the rows of " + target.name() + " make a difference\n" + hewn::report(plan));
    return verdict_on(plan);
  }
  const hewn::sync_options options{.policy = policy,
                                   .approvals = approvals_of(in, shown, target.executor()),
                                   .actor = in.approver};
  const hewn::applied done = hewn::apply(target.executor(), plan, options);
  if (!done.backup.empty()) say("the rows as they were are in " + done.backup);
  say("applied to " + target.name());
  return applied;
}

// Nothing is lost by a file, so it needs no approval; whoever runs it is asked then.
exit_code write(const arguments& in, const hewn::plan& plan, hewn::schema_executor& executor) {
  say("written to " +
      hewn::write_migration(executor, in.migrations, plan, in.name.empty() ? "schema" : in.name));
  return applied;
}

exit_code run(const arguments& in, const hewn::plan& plan, live_schema& old_schema) {
  show(plan, in.json);
  const exit_code found = verdict_on(plan);
  if (found == blocked) hint(plan);
  if (!in.migrations.empty() && found != same && found != blocked)
    return write(in, plan, old_schema.executor());
  if (in.database.empty() || found == same || found == blocked) return found;
  if (found == needs_approval && in.approved.empty()) return found;
  return apply(in, plan, old_schema.name());
}

exit_code plan(const arguments& in, live_schema& old_schema, live_schema& new_schema) {
  const hewn::schema::database before = old_schema.executor().introspect();
  const hewn::schema::database after = new_schema.executor().introspect();
  const hewn::plan plan = hewn::make_plan(
      old_schema.executor(),
      {.schema = after,
       .intents = intents_of(in, before, old_schema.name(), after, new_schema.name()),
       .complete = true},
      policy_of(in));
  const exit_code code = run(in, plan, old_schema);
  const std::vector<std::string> beyond =
      unplanned(old_schema.others(before), new_schema.others(after));
  for (const std::string& what : beyond) say("not planned: " + what);
  return code == same && !beyond.empty() ? differs : code;
}

// A file beside a PostgreSQL database is PostgreSQL's, unless SQLite made it.
void require_server(const arguments& in, const std::string& file, const std::string& other) {
  if (!in.server.empty() || in.report || is_url(file) || !is_url(other)) return;
  if (!is_sqlite_database(file))
    throw usage_error(file +
                      " is a file of SQL, which is run on a server beside a PostgreSQL database; "
                      "name one with --server URL");
}

exit_code run(const arguments& in) {
  require_server(in, in.old_schema, in.new_schema);
  require_server(in, in.new_schema, in.old_schema);
  const std::unique_ptr<live_schema> old_schema = open_schema(in.old_schema, "OLD", in.server);
  const std::unique_ptr<live_schema> new_schema = open_schema(in.new_schema, "NEW", in.server);
  if (old_schema->on_server() == new_schema->on_server()) {
    if (in.report) throw usage_error("OLD and NEW are of one kind, so leave out --report");
    return plan(in, *old_schema, *new_schema);
  }
  if (!in.report)
    throw usage_error(
        "one of OLD and NEW is SQLite and the other PostgreSQL, so there is no plan; --report says "
        "what differs");
  const comparison found = compare(*old_schema, *new_schema);
  if (in.json)
    std::printf("%s\n", json_of(found).c_str());
  else
    print(stdout, report_of(found), wants_colours());
  for (const std::string& what : found.uncompared) say("not compared: " + what);
  return found.changes.empty() && found.uncompared.empty() ? same : differs;
}

int run(int count, char** values) {
  try {
    const arguments in = read_arguments(count, values);
    if (in.help) {
      std::fputs(usage.data(), stdout);
      return same;
    }
    return run(in);
  } catch (const usage_error& e) {
    say("schema_diff: " + std::string(e.what()) + "; see --help");
  } catch (const hewn::error& e) {
    say(e.what());
    if (e.code() == hewn::errc::approval_required) return needs_approval;
  } catch (const std::exception& e) {
    say("schema_diff: " + std::string(e.what()));
  }
  return failed;
}

}  // namespace schema_diff

int main(int count, char** values) { return schema_diff::run(count, values); }
