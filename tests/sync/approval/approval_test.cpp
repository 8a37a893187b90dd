// tests/sync/approval/approval_test.cpp - what an approval allows, and what it does not.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/schema/uuid_text.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/refusals.hpp>
#include <hewn/sync/model/change.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using hewn::approval;
using hewn::approval_context;
using hewn::change;
using hewn::refusals;
using sentences = std::vector<std::string>;
using namespace std::chrono_literals;

namespace {

const hewn::timestamp noon = std::chrono::sys_days(std::chrono::year(2030) / 1 / 2) + 12h;

change loss(hewn::change_kind kind, std::string table, std::string object,
            std::vector<hewn::fact> facts) {
  return {.kind = kind,
          .table = std::move(table),
          .object = std::move(object),
          .before = "something",
          .risk = {.effect = hewn::data_effect::lossy},
          .verdict = hewn::verdict::needs_approval,
          .reason = "values would be lost",
          .facts = std::move(facts)};
}

change drop_notes(std::int64_t rows) {
  return loss(hewn::change_kind::drop_table, "notes", "",
              {{.question = {.kind = hewn::fact_kind::rows_lost}, .count = rows}});
}

change drop_fax(std::int64_t values) {
  return loss(hewn::change_kind::drop_column, "person", "fax",
              {{.question = {.kind = hewn::fact_kind::values_lost}, .count = values}});
}

approval good(const std::vector<change>& changes) {
  return hewn::approve({.plan = std::string(64, 'a'),
                        .from = std::string(64, 'b'),
                        .database = "0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d",
                        .changes = changes,
                        .approver = "ada",
                        .reason = "the notes moved to the archive",
                        .lifetime = 1h,
                        .issued_at = noon});
}

approval_context context_of(std::vector<change> changes) {
  return {.plan = std::string(64, 'a'),
          .from = std::string(64, 'b'),
          .database = "0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d",
          .changes = std::move(changes),
          .now = noon + 10min};
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::usage);
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("an approval grants what was counted and no more") {
  change c = loss(hewn::change_kind::change_type, "t", "a",
                  {{.question = {.kind = hewn::fact_kind::rows_lost}, .count = 1},
                   {.question = {.kind = hewn::fact_kind::values_lost}, .count = 2},
                   {.question = {.kind = hewn::fact_kind::values_lost}, .count = 3},
                   {.question = {.kind = hewn::fact_kind::values_changed}, .count = 7},
                   {.question = {.kind = hewn::fact_kind::no_value}, .count = 0}});
  const approval a = good({c, drop_notes(0)});
  CHECK(a.grants == std::vector<hewn::grant>{
                        {.change = c.id(), .rows_lost = 1, .values_lost = 5, .values_changed = 7},
                        {.change = drop_notes(0).id()}});
  CHECK(a.expires_at == noon + 1h);
  CHECK(a.planner == hewn::planner_version);
  CHECK(hewn::parse_uuid(a.nonce));
  CHECK(good({c}).nonce != a.nonce);
}

TEST_CASE("an approval that fits is not refused", "[s14]") {
  CHECK(refusals(good({drop_notes(1)}), context_of({drop_notes(1)})).empty());
  // Fewer rows than granted, and changes that nobody has to approve.
  CHECK(refusals(good({drop_notes(1)}),
                 context_of({drop_notes(0), {.kind = hewn::change_kind::add_column}}))
            .empty());
}

TEST_CASE("more than granted is refused with both numbers", "[s15]") {
  CHECK(refusals(good({drop_notes(1)}), context_of({drop_notes(3)})) ==
        sentences{"drop table notes: 3 rows would be lost, and the approval allows 1; review the "
                  "rows and approve again"});
  CHECK(refusals(good({drop_fax(0)}), context_of({drop_fax(1)})) ==
        sentences{"drop column person.fax: 1 value would be lost, and the approval allows 0; "
                  "review the rows and approve again"});
  approval a = good({drop_notes(1)});
  a.grants[0].rows_lost = -1;
  CHECK(refusals(a, context_of({drop_notes(0)})).size() == 1);
}

TEST_CASE("every clause that fails is a sentence of its own", "[s77][s80][s81]") {
  approval a = good({drop_notes(1)});
  approval_context context = context_of({drop_notes(1)});
  std::string expected;
  SECTION("another plan") {
    a.plan = std::string(64, 'c');
    expected =
        "the approval is for plan cccccccccccccccc..., and this is plan aaaaaaaaaaaaaaaa...; "
        "review this plan and approve it";
  }
  SECTION("another schema") {
    context.from = std::string(64, 'c');
    expected =
        "the approval is for schema bbbbbbbbbbbbbbbb..., and the database has schema "
        "cccccccccccccccc...; find out what changed it, then plan and approve again";
  }
  SECTION("another database") {
    context.database = "5b0c2d1e-0000-4000-8000-000000000000";
    expected =
        "the approval is for database 0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d, and this is database "
        "5b0c2d1e-0000-4000-8000-000000000000; approve it for this one";
  }
  SECTION("no database where there is one") {
    a.database.clear();
    expected =
        "the approval is for a database without identity, and this is database "
        "0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d; approve it for this one";
  }
  SECTION("a database where there is none") {
    context.database.clear();
    expected =
        "the approval is for database 0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d, and this is a "
        "database without identity; approve it for this one";
  }
  SECTION("another planner") {
    a.planner = 7;
    context.planner = 8;
    expected =
        "the approval was made with planner 7, and this is planner 8; plan and approve again";
  }
  SECTION("too early") {
    a.not_before = noon + 30min;
    expected =
        "the approval is valid from 2030-01-02 12:30:00 UTC, and it is 2030-01-02 12:10:00 UTC; "
        "wait until then";
  }
  SECTION("too late") {
    context.now = noon + 1h;
    expected =
        "the approval expired at 2030-01-02 13:00:00 UTC, and it is 2030-01-02 13:00:00 UTC; "
        "approve again";
  }
  SECTION("used") {
    context.used = {a.nonce};
    expected = "the approval " + a.nonce + " has been used already; approve again";
  }
  SECTION("no nonce") {
    a.nonce.clear();
    expected =
        "the approval has no nonce, so its use could not be recorded; make it with approve()";
  }
  SECTION("no approver") {
    a.approver = " ";
    expected = "the approval names no approver; say who approves";
  }
  SECTION("no reason") {
    a.reason = " \n";
    expected = "the approval gives no reason; say why";
  }
  SECTION("not signed") {
    context.signing_key = "key";
    expected = "the approval is not signed, and the policy demands it; sign it";
  }
  SECTION("signed by somebody else") {
    context.signing_key = "key";
    sign(a, "another key");
    expected =
        "the signature of the approval is wrong: it was changed after it was signed, or signed "
        "with another key; approve and sign again";
  }
  SECTION("a change that the plan does not have") {
    a.grants.push_back({.change = "0123456789abcdef"});
    expected =
        "the approval grants change 0123456789abcdef, which the plan does not have; review this "
        "plan and approve it";
  }
  SECTION("a change twice") {
    a.grants.push_back(a.grants[0]);
    a.grants.back().rows_lost = 1000;
    expected = "the approval grants change " + a.grants[0].change + " twice; leave one of the two";
  }
  SECTION("a change that nobody approved") {
    context.changes.push_back(drop_fax(2));
    expected =
        "drop column person.fax is not covered by an approval; grant change " + drop_fax(2).id();
  }
  CHECK(refusals(a, context) == sentences{expected});
}

TEST_CASE("all clauses that fail are told at once") {
  const approval nothing;
  const auto all = refusals(nothing, context_of({drop_notes(1)}));
  CHECK(all.size() == 8);  // plan, schema, database, expired, nonce, approver, reason, uncovered
}

TEST_CASE("a database without identity takes an approval without one") {
  approval a = good({drop_notes(1)});
  a.database.clear();
  approval_context context = context_of({drop_notes(1)});
  context.database.clear();
  CHECK(refusals(a, context).empty());
}

TEST_CASE("what was signed cannot be changed") {
  approval_context context = context_of({drop_notes(1)});
  context.signing_key = "key";
  approval a = good({drop_notes(1), drop_fax(2)});
  context.changes.push_back(drop_fax(2));
  sign(a, "key");
  REQUIRE(refusals(a, context).empty());
  const std::function<void(approval&)> edits[] = {
      [](approval& x) { x.plan += 'a'; },
      [](approval& x) { x.from += 'a'; },
      [](approval& x) { x.database += 'a'; },
      [](approval& x) { x.approver = "eve"; },
      [](approval& x) { x.reason += '!'; },
      [](approval& x) { x.issued_at += 1us; },
      [](approval& x) { x.not_before += 1us; },
      [](approval& x) { x.expires_at += 24h; },
      [](approval& x) { x.nonce[0] = x.nonce[0] == '0' ? '1' : '0'; },
      [](approval& x) { x.planner += 1; },
      [](approval& x) { x.grants[0].rows_lost = 1000; },
      [](approval& x) { x.grants[1].values_lost = 1000; },
      [](approval& x) { x.grants[1].values_changed = 1; },
      [](approval& x) { std::swap(x.grants[0].change, x.grants[1].change); },
      [](approval& x) { x.grants.pop_back(); },
      [](approval& x) { x.signature.back() = x.signature.back() == '0' ? '1' : '0'; },
      [](approval& x) { x.signature.pop_back(); },
      // The same characters with another border between two fields.
      [](approval& x) { x.reason.insert(0, 1, x.approver.back()), x.approver.pop_back(); },
  };
  for (const auto& edit : edits) {
    approval changed = a;
    edit(changed);
    const auto all = refusals(changed, context);
    CHECK(std::count_if(all.begin(), all.end(), [](const std::string& s) {
            return s.starts_with("the signature of the approval is wrong");
          }) == 1);
  }
}

TEST_CASE("a verifier takes the place of the key") {
  approval_context context = context_of({drop_notes(1)});
  context.signing_key = "ignored";
  context.verifier = [](const approval& a) { return a.signature == "by " + a.approver; };
  approval a = good({drop_notes(1)});
  CHECK(refusals(a, context).size() == 1);
  a.signature = "by eve";
  CHECK(refusals(a, context).size() == 1);
  a.signature = "by ada";
  CHECK(refusals(a, context).empty());
}

TEST_CASE("two people are two different people") {
  approval_context context = context_of({drop_notes(1), drop_fax(1)});
  context.approvers = 2;
  const approval ada = good(context.changes);
  approval bob = good(context.changes);
  bob.approver = "bob";
  CHECK(refusals({ada, bob}, context).empty());
  const std::string alone =
      "drop table notes is approved by 1 person, and the policy demands 2; have somebody else "
      "approve change " +
      drop_notes(1).id();
  CHECK(refusals(ada, context).size() == 2);
  CHECK(refusals(ada, context)[0] == alone);
  bob.approver = " Ada";
  CHECK(refusals({ada, bob}, context).size() == 2);
  bob.approver = "bob";
  bob.grants.erase(bob.grants.begin());
  CHECK(refusals({ada, bob}, context) == sentences{alone});
  approval copy = ada;
  copy.approver = "carl";
  CHECK(refusals({ada, copy}, context) ==
        sentences{"the approval " + ada.nonce + " is there twice; hand it in once"});
}

TEST_CASE("approvals add up, and one that does not hold refuses all") {
  const approval_context context = context_of({drop_notes(1), drop_fax(1)});
  const approval notes = good({drop_notes(1)});
  approval fax = good({drop_fax(1)});
  CHECK(refusals({notes, fax}, context).empty());
  CHECK(refusals(notes, context).size() == 1);
  CHECK(refusals(std::vector<approval>{}, context).size() == 2);
  approval stale = good({drop_notes(1)});
  stale.expires_at = noon;
  CHECK(refusals({notes, fax, stale}, context).size() == 1);
}

TEST_CASE("a sentence shows a terminal nothing that it would obey") {
  approval a = good({drop_notes(1)});
  a.grants.push_back({.change = "\x1b[2J\n" + std::string(100, 'x')});
  a.database = "\x1b]0;title\x07";
  a.expires_at = hewn::timestamp::max();
  a.not_before = hewn::timestamp::max();
  for (const std::string& s : refusals(a, context_of({drop_notes(1)}))) {
    CHECK(s.find('\x1b') == s.npos);
    CHECK(s.find('\n') == s.npos);
    CHECK(s.size() < 200);
  }
}

TEST_CASE("an approval of nothing, by nobody or without end is not made") {
  hewn::approval_request request{
      .changes = {drop_notes(1)}, .approver = "ada", .reason = "why", .lifetime = 1h};
  CHECK_NOTHROW(approve(request));
  SECTION("no changes") {
    request.changes.clear();
    CHECK(message_of([&] { approve(request); }) ==
          "hewn: an approval of nothing was asked for; name the changes");
  }
  SECTION("no approver") {
    request.approver.clear();
    CHECK(message_of([&] { approve(request); }) ==
          "hewn: an approval needs a person and a reason; fill approver and reason");
  }
  SECTION("no reason") {
    request.reason.clear();
    CHECK(message_of([&] { approve(request); }) ==
          "hewn: an approval needs a person and a reason; fill approver and reason");
  }
  SECTION("no end") {
    for (const auto lifetime : {0s, -1s, std::chrono::seconds(std::chrono::days(367)),
                                std::chrono::seconds::max(), std::chrono::seconds::min()}) {
      request.lifetime = lifetime;
      CHECK(message_of([&] { approve(request); }) ==
            "hewn: the lifetime of an approval is out of range; choose up to 366 days");
    }
  }
  SECTION("blocked") {
    request.changes[0].verdict = hewn::verdict::blocked;
    request.changes[0].repair = "name the former column";
    CHECK(message_of([&] { approve(request); }) ==
          "hewn: drop table notes cannot be approved, because it is blocked: values would be "
          "lost; name the former column");
  }
  SECTION("no key") {
    approval a = approve(request);
    CHECK(message_of([&] { sign(a, ""); }) ==
          "hewn: an approval cannot be signed with an empty key; set signing_key");
  }
}
