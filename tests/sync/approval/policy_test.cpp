// tests/sync/approval/policy_test.cpp - which changes need a person.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/change.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using hewn::change;
using hewn::change_kind;
using hewn::decision;
namespace policy = hewn::policy;

namespace {

constexpr auto allow = decision::allow;
constexpr auto ask = decision::require_approval;
constexpr auto deny = decision::deny;

hewn::fact counted(hewn::fact_kind kind, std::int64_t count) {
  return {.question = {.kind = kind}, .count = count};
}

change lossy(std::vector<hewn::fact> facts, hewn::data_effect effect = hewn::data_effect::lossy) {
  return {.kind = change_kind::drop_column,
          .table = "t",
          .risk = {.effect = effect},
          .facts = std::move(facts)};
}

struct row {
  std::string what;
  change subject;
  decision dev, standard, ci, production;
};

// The table of policy.hpp, in its order, each line with the cases at its edges.
std::vector<row> rows() {
  using hewn::fact_kind;
  const change column{.kind = change_kind::add_column, .table = "t"};
  std::vector<row> out;
  const auto add = [&out](std::string what, change c, decision dev, decision standard, decision ci,
                          decision production) {
    out.push_back({std::move(what), std::move(c), dev, standard, ci, production});
  };
  change c = column;
  c.ambiguous = true;
  add("ambiguous", c, deny, deny, deny, deny);
  c = column;
  c.unsupported = true;
  add("unsupported", c, deny, deny, deny, deny);
  c = lossy({counted(fact_kind::rows_lost, 5)});
  c.ambiguous = true;
  add("ambiguous and lossy", c, deny, deny, deny, deny);
  c.ambiguous = false;

  add("rows lost", lossy({counted(fact_kind::rows_lost, 1)}), ask, ask, deny, ask);
  add("values lost", lossy({counted(fact_kind::values_lost, 1)}), ask, ask, deny, ask);
  add("values changed", lossy({counted(fact_kind::values_changed, 1)}), ask, ask, deny, ask);
  add("one of two counts",
      lossy({counted(fact_kind::rows_lost, 0), counted(fact_kind::values_changed, 1)}), ask, ask,
      deny, ask);
  add("a loss that nobody would expect of its kind",
      lossy({counted(fact_kind::rows_lost, 1)}, hewn::data_effect::none), ask, ask, deny, ask);

  add("lossy, not counted", lossy({}), ask, ask, deny, ask);
  add("reinterpreting, not counted", lossy({}, hewn::data_effect::reinterpreting), ask, ask, deny,
      ask);
  add("only an obstacle was counted", lossy({counted(fact_kind::unconvertible, 0)}), ask, ask, deny,
      ask);
  c = column;
  c.risk.dependence = hewn::data_dependence::can_change;
  add("can change values, not counted", c, ask, ask, deny, ask);

  add("a drop that loses nothing", lossy({counted(fact_kind::values_lost, 0)}), allow, allow, allow,
      ask);
  c.facts = {counted(fact_kind::values_changed, 0)};
  add("changes no value that is there", c, allow, allow, allow, allow);

  c = {.kind = change_kind::drop_check, .table = "t", .loosens = true};
  add("loosens", c, allow, ask, deny, ask);
  c.facts = {counted(fact_kind::rows_lost, 1)};
  add("loosens and loses", c, ask, ask, deny, ask);
  add("another key", {.kind = change_kind::change_primary_key, .table = "t"}, allow, ask, deny,
      ask);

  c = column;
  c.risk.breaks = hewn::compatibility::writers;
  add("breaking", c, allow, allow, allow, ask);

  c = {.kind = change_kind::create_table, .table = "t", .risk = {.cost = hewn::change_cost::scan}};
  add("new table", c, allow, allow, allow, allow);
  add("new view", {.kind = change_kind::create_view}, allow, allow, allow, allow);
  add("new column", column, allow, allow, allow, allow);
  c = column;
  c.risk.cost = hewn::change_cost::rewrite;
  add("new column by rewriting", c, allow, allow, allow, ask);
  c = {.kind = change_kind::create_index};
  add("new index of a new table", c, allow, allow, allow, allow);
  c.risk.cost = hewn::change_cost::scan;
  add("new index of a table with rows", c, allow, allow, allow, ask);
  add("another default", {.kind = change_kind::change_default}, allow, allow, allow, ask);
  add("a new name", {.kind = change_kind::rename_column}, allow, allow, allow, ask);
  return out;
}

}  // namespace

TEST_CASE("the presets decide as their table says") {
  for (const row& r : rows()) {
    INFO(r.what);
    CHECK(policy::dev().decide(r.subject) == r.dev);
    CHECK(policy::standard().decide(r.subject) == r.standard);
    CHECK(policy::ci().decide(r.subject) == r.ci);
    CHECK(policy::production().decide(r.subject) == r.production);
    CHECK(hewn::sync_policy{}.decide(r.subject) == r.standard);
  }
}

// Whatever a planner makes of the axes: nothing is lost that nobody approved.
TEST_CASE("no preset lets a loss pass, and each is as strict as the ones before it") {
  for (int kind = 0; kind <= static_cast<int>(change_kind::change_trigger); ++kind)
    for (int effect = 0; effect <= 4; ++effect)
      for (int dependence = 0; dependence <= 2; ++dependence)
        for (int bits = 0; bits != 16; ++bits) {
          change c{.kind = static_cast<change_kind>(kind)};
          c.risk.effect = static_cast<hewn::data_effect>(effect);
          c.risk.dependence = static_cast<hewn::data_dependence>(dependence);
          c.loosens = (bits & 1) != 0;
          c.ambiguous = (bits & 2) != 0;
          if ((bits & 4) != 0) c.risk.cost = hewn::change_cost::rewrite;
          if ((bits & 8) != 0) c.risk.breaks = hewn::compatibility::readers;
          const decision dev = policy::dev().decide(c);
          const decision standard = policy::standard().decide(c);
          REQUIRE(dev <= standard);
          REQUIRE(standard <= policy::ci().decide(c));
          REQUIRE(standard <= policy::production().decide(c));
          c.facts = {counted(hewn::fact_kind::rows_lost, 1)};
          REQUIRE(policy::dev().decide(c) != allow);
          REQUIRE(policy::ci().decide(c) == deny);
        }
}

TEST_CASE("nobody starts again in production, and nobody without being asked") {
  CHECK(policy::dev().reset == ask);
  CHECK(policy::standard().reset == ask);
  CHECK(policy::ci().reset == deny);
  CHECK(policy::production().reset == deny);
}

TEST_CASE("what a policy keeps") {
  CHECK_FALSE(policy::dev().backup);
  CHECK(policy::standard().backup);
  CHECK(policy::production().backup);
  CHECK(policy::production().audit);
  CHECK_FALSE(policy::standard().audit);
  CHECK(policy::production().name == "production");
}

TEST_CASE("a callback can only tighten") {
  const change safe{.kind = change_kind::create_table, .table = "audit_log"};
  const change loss = lossy({counted(hewn::fact_kind::rows_lost, 1)});
  const auto lenient = policy::standard().tightened([](const change&) { return decision::allow; });
  CHECK(lenient.decide(loss) == ask);
  CHECK(lenient.decide(safe) == allow);
  auto strict = policy::standard().tightened(
      [](const change& c) { return c.table == "audit_log" ? decision::deny : decision::allow; });
  CHECK(strict.decide(safe) == deny);
  CHECK(strict.decide(loss) == ask);
  CHECK(strict.tightened([](const change&) { return decision::allow; }).decide(safe) == deny);
  CHECK(strict.name == "standard (custom)");
  strict.signing_key = "key";
  CHECK(strict.tightened([](const change&) { return decision::deny; }).signing_key == "key");
}

TEST_CASE("a callback replaces only where that is asked for") {
  const auto own = policy::production().replaced([](const change&) { return decision::allow; });
  CHECK(own.decide(lossy({})) == allow);
  CHECK(own.audit);
}

TEST_CASE("an empty callback is refused") {
  for (const bool tighten : {false, true}) {
    std::string message;
    try {
      const auto p = policy::dev();
      tighten ? p.tightened(nullptr) : p.replaced(nullptr);
    } catch (const hewn::error& e) {
      CHECK(e.code() == hewn::errc::usage);
      message = e.what();
    }
    CHECK(message == "hewn: a policy got an empty callback; pass a function");
  }
}
