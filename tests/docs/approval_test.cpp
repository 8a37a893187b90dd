// tests/docs/approval_test.cpp - the snippets of docs/guide/approval.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/sqlite.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/approval/refusals.hpp>
#include <hewn/sync/audit.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync_json.hpp>

#include <support/text_executor.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

const hewn::timestamp noon = std::chrono::sys_days(std::chrono::year(2030) / 1 / 2) + 12h;
constexpr const char* nonce = "5b0c2d1e-6f7e-4b5e-9d57-000000000001";

hewn::change drop_notes(std::int64_t rows) {
  return {.kind = hewn::change_kind::drop_table,
          .table = "notes",
          .before = "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)",
          .risk = {.effect = hewn::data_effect::lossy},
          .verdict = hewn::verdict::needs_approval,
          .facts = {{.question = {.kind = hewn::fact_kind::rows_lost}, .count = rows}}};
}

// What the snippets ask a plan.
struct proposed {
  std::string fingerprint() const { return hewn::sha256_hex("plan"); }
  std::string from() const { return hewn::sha256_hex("from"); }
  std::vector<hewn::change> pending() const { return {drop_notes(1)}; }
};

hewn::approval example(const proposed& plan, const std::string& database) {
  // [approve]
  hewn::approval approval = hewn::approve({.plan = plan.fingerprint(),
                                           .from = plan.from(),
                                           .database = database,
                                           .changes = plan.pending(),
                                           .approver = "ada",
                                           .reason = "the notes are in the archive",
                                           .lifetime = std::chrono::hours(1)});
  // [/approve]
  return approval;
}

hewn::approval_context context_of(const proposed& plan, const std::string& database) {
  return {.plan = plan.fingerprint(),
          .from = plan.from(),
          .database = database,
          .changes = plan.pending(),
          .now = noon + 10min};
}

}  // namespace

namespace {

struct notes {
  std::int64_t id = 0;
  std::string title;
};

}  // namespace

TEST_CASE("a plan is approved where the database is at hand") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT, fax TEXT);"
      "INSERT INTO notes VALUES (1, 'a', 'x', '1')");
  {
    const hewn::plan plan = hewn::plan_sync<notes>(db);
    // [terms]
    const hewn::approval approval =
        hewn::approve(db, plan, "the faxes are in the archive",
                      {.approver = "ada",
                       .lifetime = std::chrono::minutes(10),
                       .changes = {plan.pending().front().id()}});  // and no other
    // [/terms]
    CHECK(approval.grants.size() == 1);
    CHECK(approval.approver == "ada");
  }
  // [identity]
  const std::string database = hewn::identity(db);  // a UUID, made now where there is none
  // [/identity]
  CHECK(database.size() == 36);
  setenv("USER", "ada", 0);
  // [one_line]
  const hewn::plan plan = hewn::plan_sync<notes>(db);
  const hewn::approval approval = hewn::approve(db, plan, "the notes are in the archive");
  hewn::apply_plan(db, plan, {.approvals = {approval}});
  // [/one_line]
  CHECK(approval.database == database);
  CHECK(hewn::plan_sync<notes>(db).empty());

  // [audit]
  const hewn::audit::chain_head kept = hewn::audit::head(db);  // keep it somewhere else
  const std::vector<std::string> problems = hewn::audit::verify(db, kept);
  // [/audit]
  CHECK(problems.empty());
}

TEST_CASE("the record tells what happened") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT);"
      "INSERT INTO notes VALUES (1, 'a', 'x')");
  const auto strict = hewn::policy::production();
  const hewn::plan plan = hewn::plan_sync<notes>(db, {.policy = strict, .actor = "deploy"});
  CHECK_THROWS_AS(hewn::sync<notes>(db, {.policy = strict, .actor = "deploy"}), hewn::error);
  hewn::apply_plan(db, plan,
                   {.policy = strict,
                    .approvals = {hewn::approve(db, plan, "archived", {.approver = "ada"})},
                    .actor = "deploy"});
  std::string text;
  const auto print = [&text](const std::string& line) { text += line + "\n"; };
  // [entries]
  for (const hewn::audit::entry& e : hewn::audit::entries(db))
    print(std::to_string(e.seq) + " " + e.event + " " + e.outcome + " by " + e.actor);
  // [/entries]
  docs::check_region("record", text, "reports.txt");
}

TEST_CASE("an approval is made, signed, written and read") {
  support::text_executor executor;
  const std::string database = hewn::audit::ensure_identity(executor);
  const proposed plan;
  hewn::approval approval = example(plan, database);
  const std::string key = "a key that both sides have";
  // [sign]
  sign(approval, key);
  const std::string file = hewn::to_json(approval);
  // [/sign]
  CHECK(hewn::approval_from_json(file) == approval);

  auto context = context_of(plan, database);
  context.now = hewn::audit::database_time(executor);
  context.signing_key = key;
  CHECK(refusals(approval, context).empty());
}

TEST_CASE("the file is the one on the page") {
  hewn::approval approval = example({}, "0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d");
  approval.issued_at = noon;
  approval.expires_at = noon + 1h;
  approval.nonce = nonce;
  docs::check_region("approval_file", hewn::to_json(approval), "reports.txt");
}

TEST_CASE("a policy is tightened") {
  const auto policy =
      // [tighten]
      hewn::policy::production().tightened([](const hewn::change& c) {
        return c.table == "ledger" ? hewn::decision::deny : hewn::decision::allow;
      });
  // [/tighten]
  CHECK(policy.decide({.kind = hewn::change_kind::create_table, .table = "ledger"}) ==
        hewn::decision::deny);
  CHECK(policy.decide({.kind = hewn::change_kind::drop_table, .table = "notes"}) ==
        hewn::decision::require_approval);
}

TEST_CASE("every refusal is on the page") {
  const std::string database = "0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d";
  const proposed plan;
  std::string text;
  const auto refused =
      [&](const std::function<void(hewn::approval&, hewn::approval_context&)>& spoil) {
        hewn::approval approval = example(plan, database);
        approval.expires_at = noon + 1h;
        approval.nonce = nonce;
        auto context = context_of(plan, database);
        REQUIRE(refusals(approval, context).empty());
        spoil(approval, context);
        const auto why = refusals(approval, context);
        REQUIRE(why.size() == 1);
        text += why[0] + "\n";
      };
  refused([](auto& a, auto&) { a.plan = hewn::sha256_hex("other"); });
  refused([](auto&, auto& c) { c.from = hewn::sha256_hex("other"); });
  refused([](auto&, auto& c) { c.database = "7c9e6679-7425-40de-944b-e07fc1f90ae7"; });
  refused([](auto&, auto& c) { c.planner = 2; });
  refused([](auto& a, auto&) { a.not_before = noon + 30min; });
  refused([](auto&, auto& c) { c.now = noon + 2h; });
  refused([](auto& a, auto&) { a.nonce.clear(); });
  refused([](auto& a, auto& c) { c.used = {a.nonce}; });
  refused([](auto& a, auto&) { a.approver.clear(); });
  refused([](auto& a, auto&) { a.reason.clear(); });
  refused([](auto&, auto& c) { c.signing_key = "key"; });
  refused([](auto& a, auto& c) {
    c.signing_key = "key";
    sign(a, "other");
  });
  refused([](auto& a, auto&) { a.grants.push_back({.change = "0123456789abcdef"}); });
  refused([](auto& a, auto&) { a.grants.push_back(a.grants[0]); });
  refused([](auto&, auto& c) { c.changes = {drop_notes(3)}; });
  refused([](auto& a, auto&) { a.grants.clear(); });
  refused([](auto&, auto& c) { c.approvers = 2; });

  hewn::approval approval = example(plan, database);
  approval.expires_at = noon + 1h;
  approval.nonce = nonce;
  const auto why = hewn::refusals({approval, approval}, context_of(plan, database));
  REQUIRE(why.size() == 1);
  docs::check_region("refusals", text + why[0] + "\n", "reports.txt");
}
