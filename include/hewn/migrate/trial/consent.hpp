// hewn/migrate/trial/consent.hpp - asking for approval of a migration, and recording it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/losses/destruction.hpp>
#include <hewn/migrate/losses/verdict.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/sync/apply/apply_record.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/approval/refusals.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Those of `given` that are not for another one of the migrations called `others`.
inline std::vector<approval> meant_for(const destruction& d, const std::vector<approval>& given,
                                       const std::vector<std::string>& others) {
  std::vector<approval> out;
  for (const approval& a : given)
    if (a.plan == d.plan || std::find(others.begin(), others.end(), a.plan) == others.end())
      out.push_back(a);
  return out;
}

/// The approvals by which `d` may run; none: it needs none. Held against the rows and the clock as
/// they are now, so call it under the lock. `granted`: approvals that this very migration has used
/// for earlier steps. `in_parts`: it is asked about step by step, and more may follow. Throws:
/// errc::approval_required with every clause that fails.
inline std::vector<approval> require_consent(schema_executor& executor, const destruction& d,
                                             const migration_options& options,
                                             const std::vector<std::string>& others,
                                             const std::vector<std::string>& granted = {},
                                             bool in_parts = false) {
  std::vector<change> changes = changes_under(d, options.rules);
  const bool waits =
      std::any_of(changes.begin(), changes.end(), [](const change& c) { return c.waits(); });
  if (!waits) return {};
  std::vector<approval> mine = meant_for(d, options.approvals, others);
  if (mine.empty()) throw_approval_required(d);
  approval_context context{.plan = d.plan,
                           .from = d.from,
                           .database = audit::find_identity(executor).value_or(""),
                           .changes = std::move(changes),
                           .now = audit::database_time(executor),
                           .signing_key = options.rules.signing_key,
                           .verifier = options.rules.verifier,
                           .approvers = options.rules.approvers,
                           .in_parts = in_parts};
  for (const approval& a : mine)
    if (audit::used(executor, a.nonce) &&
        std::find(granted.begin(), granted.end(), a.nonce) == granted.end())
      context.used.push_back(a.nonce);
  const std::vector<std::string> why = refusals(mine, context);
  if (!why.empty()) throw_approval_required(d, why);
  return mine;
}

inline std::string losses_text(const destruction& d) {
  std::string out = "migration " + label_of(d) + " " + std::string(to_string(d.direction));
  if (!d.declared.empty()) out += "\ndeclared: " + d.declared;
  for (const loss& l : d.losses) out += "\n" + to_string(l);
  return out;
}

/// Records a migration in the transaction that it runs in: what destroyed something always, others
/// where the rules say so.
inline void record_migration(schema_executor& executor, const destruction& d,
                             const std::vector<approval>& used, const migration_options& options,
                             const std::string& backup) {
  for (const approval& a : used) audit::append(executor, audit::use_of(a));
  if (used.empty() && d.losses.empty() && !options.rules.audit) return;
  audit::append(executor, {.actor = options.actor,
                           .event = "migration",
                           .plan = d.plan,
                           .from = d.from,
                           .detail = losses_text(d),
                           .outcome = "applied",
                           .backup = backup});
}

/// Records a migration that was refused or failed, after everything was rolled back.
inline void record_failed_migration(schema_executor& executor, const destruction& d,
                                    const migration_options& options,
                                    const std::exception_ptr& thrown) noexcept {
  const errc code = code_of(thrown);
  if (!options.rules.audit || !can_record(code)) return;
  try {
    audit::append(executor, {.actor = options.actor,
                             .event = "migration",
                             .plan = d.plan,
                             .from = d.from,
                             .detail = losses_text(d) + "\n" + words_of(thrown),
                             .outcome = code == errc::approval_required ? "refused" : "failed"});
  } catch (...) {
  }
}

}  // namespace hewn::detail
