// hewn/sync/apply/approve_plan.hpp - consent to a plan for the database at hand.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/sync/apply/apply_plan.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

inline std::string approver_of(const approval_terms& terms) {
  if (!terms.approver.empty()) return terms.approver;
  for (const char* name : {"USER", "LOGNAME"})
    if (const char* user = std::getenv(name); user != nullptr && *user != '\0') return user;
  throw error(errc::usage,
              "hewn: an approval names no approver, and neither does the variable USER; fill "
              "approver");
}

/// Those of `waiting` whose ids are given; without any, all of them.
inline std::vector<change> chosen(const std::vector<change>& waiting,
                                  const std::vector<std::string>& ids) {
  if (ids.empty()) return waiting;
  std::vector<change> out;
  for (const std::string& id : ids) {
    const auto found =
        std::find_if(waiting.begin(), waiting.end(), [&](const change& c) { return c.id() == id; });
    if (found == waiting.end())
      throw error(errc::usage, "hewn: the plan has no change " + id.substr(0, 16) +
                                   " that waits; take the id from its report");
    out.push_back(*found);
  }
  return out;
}

/// `request`, filled with what the database and `terms` say, as an approval that is recorded.
inline approval give_approval(schema_executor& executor, approval_request request,
                              const approval_terms& terms) {
  request.changes = chosen(request.changes, terms.changes);
  request.approver = approver_of(terms);
  request.lifetime = terms.lifetime;
  check_request(request);  // before anything is written
  request.database = audit::ensure_identity(executor);
  request.issued_at = audit::database_time(executor);
  approval a = approve(request);
  if (!terms.signing_key.empty()) sign(a, terms.signing_key);
  audit::append(executor, audit::issue_of(a));
  return a;
}

}  // namespace detail

#if HEWN_DEFINES_CORE

HEWN_API std::string identity(schema_executor& executor, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  return audit::ensure_identity(executor);
}

HEWN_API approval approve(schema_executor& executor, const plan& p, std::string_view reason,
                          const approval_terms& terms, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  if (!p.problems().empty())
    throw error(errc::usage,
                "hewn: a plan whose steps do not work together cannot be approved; look at its "
                "report");
  return detail::give_approval(executor,
                               {.plan = p.fingerprint(),
                                .from = p.from(),
                                .changes = p.pending(),
                                .reason = std::string(reason)},
                               terms);
}

#endif

}  // namespace hewn
