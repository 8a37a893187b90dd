// hewn/sync/plan/check_approvals.hpp - whether the approvals at hand let a plan be carried out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/approval/refusals.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/report.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

[[noreturn]] HEWN_COLD inline void throw_with_report(errc code, const plan& p,
                                                     std::string message) {
  const std::string table = !p.pending().empty()   ? p.pending().front().table
                            : !p.changes().empty() ? p.changes().front().table
                                                   : std::string();
  message += '\n';
  message += report(p);
  while (message.back() == '\n') message.pop_back();
  throw error(error_details{.code = code, .message = std::move(message), .table = table});
}

[[noreturn]] HEWN_COLD inline void throw_waiting(const plan& p) {
  const std::string table =
      p.pending().empty() ? p.changes().front().table : p.pending().front().table;
  throw_with_report(errc::approval_required, p,
                    concat({"hewn: the schema of table ", table,
                            " differs from its declaration in a way that needs a decision; "
                            "follow a repair below"}));
}

/// Refuses `p`, made under the lock, unless the approvals allow it. Throws: approval_required with
/// every reason why they do not.
HEWN_COLD inline void check_consent(schema_executor& executor, const plan& p,
                                    const std::vector<approval>& approvals,
                                    const sync_policy& policy) {
  approval_context context{.plan = p.fingerprint(),
                           .from = p.from(),
                           .database = audit::find_identity(executor).value_or(""),
                           .changes = p.changes(),
                           .now = audit::database_time(executor),
                           .signing_key = policy.signing_key,
                           .verifier = policy.verifier,
                           .approvers = policy.approvers};
  for (const approval& a : approvals)
    if (audit::used(executor, a.nonce)) context.used.push_back(a.nonce);
  std::vector<std::string> why;
  executor.call_out([&] { why = refusals(approvals, context); });  // the verifier
  if (why.empty()) return;
  std::string message = "hewn: the plan was not applied: ";
  for (std::size_t i = 0; i != why.size(); ++i) append(message, {i == 0 ? "" : "; also ", why[i]});
  throw_with_report(errc::approval_required, p, std::move(message));
}

/// The same, of a plan that may need none, or be blocked.
HEWN_COLD inline void check_approvals(schema_executor& executor, const plan& p,
                                      const std::vector<approval>& approvals,
                                      const sync_policy& policy) {
  if (p.blocked()) throw_waiting(p);
  if (!p.pending().empty()) check_consent(executor, p, approvals, policy);
}

}  // namespace hewn::detail
