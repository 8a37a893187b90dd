// hewn/sync/engine.hpp - planning a schema change and carrying it out.
// SPDX-License-Identifier: BSL-1.0
//
// Declarations. The definitions are in planner.hpp, apply.hpp, approve_plan.hpp, report.hpp,
// undo.hpp and partial.hpp; with HEWN_SEPARATE_COMPILATION they are compiled in one unit of the
// program.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/sync/approval.hpp>
#include <hewn/sync/executor.hpp>
#include <hewn/sync/intent.hpp>
#include <hewn/sync/plan.hpp>
#include <hewn/sync/policy.hpp>
#include <hewn/sync/step.hpp>

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

/// Compares the live schema with `wanted` and counts what the differences would do to the rows.
/// Reads only. What needs a type, function or sequence that is missing is blocked (PostgreSQL).
/// Throws: errc::usage for impossible names, errc::syntax when the database does not otherwise
/// accept `wanted`, and what reading throws.
HEWN_API plan make_plan(schema_executor& executor, wanted_schema wanted,
                        const sync_policy& policy = policy::standard());

/// `made`, entered in the audit as a plan where `policy` says that plans are recorded and it is not
/// empty. Where the database cannot be written to, nothing is. Throws: what writing throws.
HEWN_API plan record_plan(schema_executor& executor, plan made, const sync_policy& policy,
                          std::string_view actor = {});

/// The identity of the database, which an approval names; made now where it has none.
HEWN_API std::string identity(schema_executor& executor);

/// An approval of `p` for this database, from now on, that allows each change to lose what its
/// facts count, and no more. It is entered in the audit as given. Whoever may have to approve
/// elsewhere uses the other approve(). Throws: errc::usage without a reason or approver, for an id
/// that the plan does not have, and when there is nothing to approve or it is blocked.
HEWN_API approval approve(schema_executor& executor, const plan& p, std::string_view reason,
                          const approval_terms& terms = {});

/// Applies `proposed` as a whole or not at all, and returns the plan that was applied: another one
/// when others changed the schema in between and nothing of it needs a person, an empty one when
/// somebody else did the same work. An empty plan writes nothing and takes no lock.
/// With sync_policy::audit, an apply that is refused or fails is recorded as well, after everything
/// was rolled back; what cannot be written then, because the database is busy, full or lost, is
/// missing in the audit, and the error is the first one all the same.
/// Throws: errc::approval_required with the report when a change waits, or with every reason why
/// the approvals do not hold; errc::schema_mismatch when the schema moved; nothing is applied then.
HEWN_API applied apply(schema_executor& executor, const plan& proposed,
                       const sync_options& options = {});

/// The plan that leads back to the schema before `done` was applied; what others did to other
/// tables since is left alone. It loses what `done` added, under the same rules as any plan. Values
/// that `done` dropped do not come back by it: the backup has them. Reads only.
HEWN_API plan plan_undo(schema_executor& executor, const plan& done,
                        const sync_policy& policy = policy::standard());

/// The plan for what is left of `whole` without the changes of these ids. It has to be looked at,
/// and approved where it needs it, like any other. Throws: errc::usage for an id that the plan does
/// not have, and for a change on which others build.
HEWN_API plan plan_without(schema_executor& executor, const plan& whole,
                           const std::vector<std::string>& change_ids,
                           const sync_policy& policy = policy::standard());

/// The plan in lines: a block per table with `+` for what can be applied, `?` for what waits for an
/// approval and `!` for what is blocked, with reason and repair; then what is left alone; at last
/// one line that sums up. The same plan gives the same text.
HEWN_API std::string report(const plan& p);

}  // namespace hewn
