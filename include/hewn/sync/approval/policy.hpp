// hewn/sync/approval/policy.hpp - which changes need a person.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>

namespace hewn {

/// What a policy says to a change, from lenient to strict.
enum class decision : std::uint8_t { allow, require_approval, deny };

namespace detail {

/// Whether stored rows or values go or turn into others: as counted, and where nobody could count
/// them, as the kind of change would have it.
HEWN_API bool loses(const change& c);

// Neither is a matter of consent: one needs an intent, the other a migration.
inline bool beyond_consent(const change& c) { return c.ambiguous || c.unsupported; }

HEWN_API decision decide_dev(const change& c);

HEWN_API decision decide_standard(const change& c);

HEWN_API decision decide_ci(const change& c);

HEWN_API decision decide_production(const change& c);

}  // namespace detail

/// What sync may do without asking, and what it does besides. A policy decides about changes that
/// are possible: a change whose facts hold an obstacle is blocked whatever the policy says. Nothing
/// in a policy makes an apply less careful.
struct sync_policy {
  std::string name = "standard";
  std::function<decision(const change&)> decide = detail::decide_standard;
  /// Whether dropping everything to start again is offered at all; its losses need approval then.
  decision reset = decision::require_approval;
  /// Whether every plan and every apply is recorded, also one that was refused or failed. The use
  /// of an approval always is: it is what makes it single.
  bool audit = false;
  bool backup = true;              ///< a verified copy is made before anything is lost
  std::string backup_folder = {};  ///< empty: beside the database
  /// PostgreSQL: how long what is dropped with rows, and values that are lost, are kept at least.
  /// Afterwards plan_purge() offers them; nothing goes by itself.
  std::chrono::seconds retention = std::chrono::days(30);
  std::string signing_key = {};  ///< not empty: only approvals signed with it hold
  std::function<bool(const approval&)> verifier = {};  ///< see approval_context::verifier
  int approvers = 1;  ///< how many different people must approve each change
  /// PostgreSQL: how many rows of a table a step may read or write while others wait to write. A
  /// change that needs more is blocked, whatever was approved; see sync_online(). As estimated.
  std::int64_t rows_under_lock = std::numeric_limits<std::int64_t>::max();

  /// A policy that also asks `callback`; the stricter of the two answers counts.
  /// Throws: errc::usage when it is empty.
  sync_policy tightened(std::function<decision(const change&)> callback) const;

  /// A policy that asks only `callback`, which may then allow what this one does not.
  /// Throws: errc::usage when it is empty.
  sync_policy replaced(std::function<decision(const change&)> callback) const;
};

namespace detail {

/// For what keeps nobody waiting.
inline sync_policy without_row_limit(sync_policy p) {
  p.rows_under_lock = std::numeric_limits<std::int64_t>::max();
  return p;
}

}  // namespace detail

/// The presets. Read from the top, the first line that fits a change decides.
///
///     change                                       dev      standard  ci     production
///     ambiguous or unsupported                     deny     deny      deny   deny
///     loses rows or values, as counted             ask      ask       deny   ask
///     changes values and cannot be counted         ask      ask       deny   ask
///     loosens: a constraint goes, CASCADE comes    allow    ask       deny   ask
///     another primary key                          allow    ask       deny   ask
///     breaks the previous release                  allow    allow     allow  ask
///     new table, new view                          allow    allow     allow  allow
///     new column or index, metadata only           allow    allow     allow  allow
///     anything else: scans, rewrites, drops        allow    allow     allow  ask
///     rows that are read or written under a lock   any      any       any    100,000
///     reset                                        ask      ask       deny   deny
///     backup before a loss                         no       yes       no     yes
///     every plan and apply recorded                no       no        no     yes
///
/// `ask` is decision::require_approval.
namespace policy {

/// A database that can be made again: only what it holds is protected.
HEWN_API sync_policy dev();

/// The default of sync.
HEWN_API sync_policy standard();

/// Nobody is there to ask.
HEWN_API sync_policy ci();

/// Others use the database while it changes.
HEWN_API sync_policy production();

}  // namespace policy
}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <algorithm>

namespace hewn::detail {

HEWN_API bool loses(const change& c) {
  bool counted = false;
  for (const fact& f : c.facts) {
    if (!is_loss(f.question.kind)) continue;
    counted = true;
    if (f.count > 0) return true;
  }
  if (counted) return false;
  return c.risk.effect == data_effect::lossy || c.risk.effect == data_effect::reinterpreting ||
         c.risk.dependence == data_dependence::can_change;
}

HEWN_API decision decide_dev(const change& c) {
  if (beyond_consent(c)) return decision::deny;
  return loses(c) ? decision::require_approval : decision::allow;
}

HEWN_API decision decide_standard(const change& c) {
  // Of another key, as of a loss, the rows decide where they were counted.
  bool other_key = c.kind == change_kind::change_primary_key;
  for (const fact& f : c.facts) other_key = other_key && !is_loss(f.question.kind);
  if (c.loosens || other_key) return std::max(decision::require_approval, decide_dev(c));
  return decide_dev(c);
}

HEWN_API decision decide_ci(const change& c) {
  return decide_standard(c) == decision::allow ? decision::allow : decision::deny;
}

HEWN_API decision decide_production(const change& c) {
  const decision standard = decide_standard(c);
  if (standard != decision::allow) return standard;
  if (c.risk.breaks != compatibility::none) return decision::require_approval;
  const bool creates = c.kind == change_kind::create_table || c.kind == change_kind::create_view ||
                       c.kind == change_kind::create_type;
  const bool adds_metadata =
      (c.kind == change_kind::add_column || c.kind == change_kind::create_index) &&
      c.risk.cost == change_cost::metadata;
  return creates || adds_metadata ? decision::allow : decision::require_approval;
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API sync_policy sync_policy::tightened(std::function<decision(const change&)> callback) const {
  sync_policy out = replaced(std::move(callback));
  out.decide = [before = decide, then = std::move(out.decide)](const change& c) {
    return std::max(before(c), then(c));
  };
  return out;
}

HEWN_API sync_policy sync_policy::replaced(std::function<decision(const change&)> callback) const {
  if (!callback) throw error(errc::usage, "hewn: a policy got an empty callback; pass a function");
  sync_policy out = *this;
  out.name += " (custom)";
  out.decide = std::move(callback);
  return out;
}

}  // namespace hewn

namespace hewn::policy {

HEWN_API sync_policy dev() {
  return {.name = "dev", .decide = hewn::detail::decide_dev, .backup = false};
}

HEWN_API sync_policy standard() { return {}; }

HEWN_API sync_policy ci() {
  return {
      .name = "ci", .decide = hewn::detail::decide_ci, .reset = decision::deny, .backup = false};
}

HEWN_API sync_policy production() {
  return {.name = "production",
          .decide = hewn::detail::decide_production,
          .reset = decision::deny,
          .audit = true,
          .rows_under_lock = 100'000};
}

}  // namespace hewn::policy

#endif
