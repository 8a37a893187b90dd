// hewn/sync/apply/apply_record.hpp - what planning and applying leave in the audit.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/sync/apply/apply_plan.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/report.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace hewn {

namespace detail {

/// Of which kind it was. What the program itself throws counts as an interruption.
inline errc code_of(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const error& e) {
    return e.code();
  } catch (...) {
    return errc::interrupted;
  }
}

/// Why, in words. What the program throws may hold anything, also what nobody else should read.
inline std::string words_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const error& e) {
    return e.what();
  } catch (...) {
    return "interrupted by the program";
  }
}

/// Whether the database is certainly as it was: not where the end of the transaction is unknown,
/// nor where a disk failed, which may have kept the rollback from reaching it.
inline bool is_undone(errc code) noexcept {
  return code != errc::commit_in_doubt && code != errc::connection_lost && code != errc::io &&
         code != errc::corrupt;
}

/// Whether the database can be written to all the same, as far as one can know.
inline bool can_record(errc code) noexcept {
  return is_undone(code) && code != errc::busy && code != errc::read_only;
}

inline audit::entry apply_entry(const plan& p, const sync_options& options) {
  return {.actor = options.actor,
          .event = "apply",
          .plan = p.fingerprint(),
          .from = p.from(),
          .to = p.to()};
}

/// Records an apply that came to nothing, after everything was rolled back. `begun`: a step was
/// taken. What keeps it from being written is passed over: why the apply failed is what the caller
/// has to be told.
inline void record_failure(schema_executor& executor, const plan& p, const sync_options& options,
                           const std::exception_ptr& thrown, bool begun) noexcept {
  const errc code = code_of(thrown);
  if (!options.policy.audit || !can_record(code)) return;
  try {
    audit::entry e = apply_entry(p, options);
    e.detail = words_of(thrown);
    e.outcome = !begun && (code == errc::approval_required || code == errc::schema_mismatch ||
                           code == errc::usage)
                    ? "refused"
                    : "failed";
    audit::append(executor, std::move(e));
  } catch (...) {
  }
}

/// Whether an apply is recorded. Making tables leaves no trace; to change one that was there does.
inline bool is_recorded(const plan& p, const sync_options& options) {
  if (!p.pending().empty() || options.policy.audit) return true;
  for (const change& c : p.changes())
    if (c.kind != change_kind::create_table && c.kind != change_kind::create_index &&
        c.kind != change_kind::add_column && c.kind != change_kind::create_type)
      return true;
  return false;
}

/// Records what was applied, in its transaction.
inline void record_applied(schema_executor& executor, const plan& p, const sync_options& options,
                           const std::string& backup) {
  const bool approved = !p.pending().empty();
  if (!is_recorded(p, options)) return;
  // Where nothing had to be approved they were not looked at and stay as they are.
  if (approved)
    for (const approval& a : options.approvals) audit::append(executor, audit::use_of(a));
  audit::entry e = apply_entry(p, options);
  e.detail = report(p);
  e.outcome = "applied";
  e.backup = backup;
  audit::append(executor, std::move(e));
}

}  // namespace detail

#if HEWN_DEFINES_CORE

HEWN_API plan record_plan(schema_executor& executor, plan made, const sync_policy& policy,
                          std::string_view actor, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  if (!policy.audit || made.empty()) return made;
  try {
    audit::append(executor, {.actor = std::string(actor),
                             .event = "plan",
                             .plan = made.fingerprint(),
                             .from = made.from(),
                             .to = made.to(),
                             .detail = report(made),
                             .outcome = made.blocked()           ? "blocked"
                                        : made.pending().empty() ? "ready"
                                                                 : "waits"});
  } catch (const error& failure) {
    if (failure.code() != errc::read_only) throw;
  }
  return made;
}

#endif

}  // namespace hewn
