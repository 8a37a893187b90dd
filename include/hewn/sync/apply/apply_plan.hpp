// hewn/sync/apply/apply_plan.hpp - approving a plan and carrying it out.
// SPDX-License-Identifier: BSL-1.0
//
// Declarations. The definitions are in apply.hpp, apply_record.hpp and approve_plan.hpp; with
// HEWN_SEPARATE_COMPILATION they are compiled in one unit of the program.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// Told before each step, and now and then while one copies rows. `total` steps in all; `done` of
/// them are behind.
struct sync_progress {
  std::size_t done = 0;
  std::size_t total = 0;
  const step& next;
  std::int64_t rows = 0;        ///< step_kind::copy: how many have been copied
  std::int64_t rows_total = 0;  ///< step_kind::copy: of how many; otherwise 0
};

/// What an apply may do, and who wants to know of it.
struct sync_options {
  sync_policy policy = policy::standard();  ///< which changes need a person
  std::vector<approval> approvals = {};     ///< all must hold; each is used up by the apply
  std::string actor = {};                   ///< who applies, for the audit; may be empty
  /// What is meant in this call alone, beside what the declarations say. Its renames are `once`.
  std::vector<intent> intents = {};
  /// Called under the lock, in the thread that applies; of a copy about a thousand times at most.
  /// The connection refuses its statements. What it throws rolls everything back.
  std::function<void(const sync_progress&)> progress = {};
};

/// A plan that was applied.
struct applied : plan {
  std::string backup = {};  ///< where the rows as they were are kept; empty: nothing was lost
  std::chrono::microseconds duration = {};  ///< of the whole apply, waiting for the lock included
};

/// `made`, entered in the audit as a plan where `policy` says that plans are recorded and it is not
/// empty. Where the database cannot be written to, nothing is. Throws: what writing throws.
HEWN_API plan record_plan(schema_executor& executor, plan made, const sync_policy& policy,
                          std::string_view actor = {}, call_site site = call_site::current());

/// The identity of the database, which an approval names; made now where it has none.
HEWN_API std::string identity(schema_executor& executor, call_site site = call_site::current());

/// An approval of `p` for this database, from now on, that allows each change to lose what its
/// facts count, and no more. It is entered in the audit as given. Whoever may have to approve
/// elsewhere uses the other approve(). Throws: errc::usage without a reason or approver, for an id
/// that the plan does not have, and when there is nothing to approve or it is blocked.
HEWN_API approval approve(schema_executor& executor, const plan& p, std::string_view reason,
                          const approval_terms& terms = {}, call_site site = call_site::current());

/// Applies `proposed` as a whole or not at all, and returns the plan that was applied: another one
/// when others changed the schema in between and nothing of it needs a person, an empty one when
/// somebody else did the same work. An empty plan writes nothing and takes no lock.
/// With sync_policy::audit, an apply that is refused or fails is recorded as well, after everything
/// was rolled back; what cannot be written then, because the database is busy, full or lost, is
/// missing in the audit, and the error is the first one all the same.
/// Throws: errc::approval_required with the report when a change waits, or with every reason why
/// the approvals do not hold; errc::schema_mismatch when the schema moved; nothing is applied then.
HEWN_API applied apply(schema_executor& executor, const plan& proposed,
                       const sync_options& options = {}, call_site site = call_site::current());

}  // namespace hewn
