// hewn/sync/plan/verdicts.hpp - whether a change applies, needs an approval, or is blocked.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/obstacle.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

inline std::string with_samples(std::string out, const fact& f) {
  for (std::size_t i = 0; i != f.samples.size(); ++i)
    append(out, {i == 0 ? ": " : "; ", f.samples[i]});
  if (!f.samples.empty() && static_cast<std::int64_t>(f.samples.size()) < f.count) out += "; ...";
  return out;
}

inline std::string with_samples(const fact& f) { return with_samples(sentence(f), f); }

inline std::string repair_of(fact_kind kind, change_kind of) {
  switch (kind) {
    case fact_kind::no_value:
      // A default is for rows that come, or get the column.
      if (of == change_kind::change_nullability)
        return "declare backfill for it, or make it nullable";
      if (of == change_kind::change_type)
        return "declare convert with an expression that gives every row a value, or make it "
               "nullable";
      return "declare backfill or a constant default for it, or make it nullable";
    case fact_kind::unconvertible:
      if (of == change_kind::add_column || of == change_kind::fill_column)
        return "declare backfill or a default of the column's type";
      return "declare convert with an expression, or mend the values";
    case fact_kind::duplicates:
      return "mend or merge these rows";
    case fact_kind::violations:
      return "mend these rows, or widen the condition";
    case fact_kind::orphans:
      return "mend or delete these rows, or insert what they refer to";
    default:
      return "drop the foreign key that refers to it as well";
  }
}

inline void block(change& c, std::string reason, std::string repair) {
  c.verdict = verdict::blocked;
  c.reason = std::move(reason);
  c.repair = std::move(repair);
}

// A loss that was counted and found to be none is none: dropping a column that is NULL everywhere
// destroys nothing.
inline void lower_risk(change& c) {
  bool counted = false;
  for (const fact& f : c.facts) {
    if (!is_loss(f.question.kind)) continue;
    counted = true;
    if (f.count != 0) return;
  }
  if (!counted) return;
  if (c.risk.effect == data_effect::lossy || c.risk.effect == data_effect::reinterpreting)
    c.risk.effect = data_effect::none;
  if (c.risk.dependence == data_dependence::can_change) c.risk.dependence = data_dependence::none;
}

// What a strict policy may mind although no row is lost.
inline std::string reason_of_risk(const change& c) {
  std::string out;
  const auto add = [&out](std::string_view text) {
    if (!out.empty()) out += ", and ";
    out += text;
  };
  switch (c.risk.breaks) {
    case compatibility::none:
      break;
    case compatibility::writers:
      add("what the previous release writes may be refused");
      break;
    case compatibility::readers:
      add("what the previous release reads may not be what it expects");
      break;
    case compatibility::readers_and_writers:
      add("the previous release does not know the table as it will be");
      break;
  }
  if (c.risk.cost == change_cost::scan) add("every row is read while others wait");
  if (c.risk.cost == change_cost::rewrite) add("the table is rewritten while others wait");
  return out;
}

/// Decides from what the rows say and what the policy asks. Order: what is impossible comes before
/// what somebody may approve.
inline void set_verdict(change& c, const sync_policy& policy, dialect d) {
  if (c.unsupported || c.ambiguous) {
    c.verdict = verdict::blocked;
    return;
  }
  for (const fact& f : c.facts)
    if (is_obstacle(f.question.kind) && f.count != 0)
      return block(
          c, with_samples(sentence(c, f), f),
          (c.kind == change_kind::change_nullability || f.question.kind == fact_kind::no_value) &&
                  !c.repair.empty()
              ? std::move(c.repair)
              : repair_of(f.question.kind, c.kind));
  if (d == dialect::postgres && !c.native) {
    // What is in the way of a new column is known already.
    return block(c, std::string(c.reason), std::string(c.repair));
  }
  lower_risk(c);
  c.repair.clear();
  const decision decided = policy.decide(c);
  if (decided == decision::allow) return c.reason.clear();
  std::string reason;
  for (const fact& f : c.facts)
    if (is_loss(f.question.kind) && f.count != 0)
      append_separated(reason, ", ", {with_samples(sentence(c, f), f)});
  if (reason.empty() && c.loosens && !c.reason.empty()) reason = c.reason;
  if (reason.empty() && c.loosens)
    reason = c.kind == change_kind::change_foreign_key
                 ? "rows may be deleted or changed through it that were not before"
                 : "it takes away what protects the rows";
  if (reason.empty()) reason = reason_of_risk(c);
  if (reason.empty()) reason = concat({"the policy ", policy.name, " asks for a decision"});
  if (decided == decision::deny)
    return block(c, concat({reason, ", which the policy ", policy.name, " forbids"}),
                 "plan it under another policy");
  c.verdict = verdict::needs_approval;
  c.reason = std::move(reason);
  c.repair = concat({"approve change ", c.id(), ", or declare what the database has"});
}

}  // namespace hewn::detail
