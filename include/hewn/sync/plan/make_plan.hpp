// hewn/sync/plan/make_plan.hpp - what a plan is made of, and what can be asked of one.
// SPDX-License-Identifier: BSL-1.0
//
// Declarations. The definitions are in planner.hpp, undo.hpp, plan_without.hpp and report.hpp; with
// HEWN_SEPARATE_COMPILATION they are compiled in one unit of the program.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <string>
#include <vector>

namespace hewn {

/// Compares the live schema with `wanted` and counts what the differences would do to the rows.
/// Reads only. What needs a type, function or sequence that is missing is blocked (PostgreSQL).
/// Throws: errc::usage for impossible names, errc::syntax when the database does not otherwise
/// accept `wanted`, and what reading throws.
HEWN_API plan make_plan(schema_executor& executor, wanted_schema wanted,
                        const sync_policy& policy = policy::standard(),
                        call_site site = call_site::current());

/// The plan that leads back to the schema before `done` was applied; what others did to other
/// tables since is left alone. It loses what `done` added, under the same rules as any plan. Values
/// that `done` dropped do not come back by it: the backup has them. Reads only.
HEWN_API plan plan_undo(schema_executor& executor, const plan& done,
                        const sync_policy& policy = policy::standard(),
                        call_site site = call_site::current());

/// The plan for what is left of `whole` without the changes of these ids. It has to be looked at,
/// and approved where it needs it, like any other. Throws: errc::usage for an id that the plan does
/// not have, and for a change on which others build.
HEWN_API plan plan_without(schema_executor& executor, const plan& whole,
                           const std::vector<std::string>& change_ids,
                           const sync_policy& policy = policy::standard(),
                           call_site site = call_site::current());

/// The plan in lines: a block per table with `+` for what can be applied, `?` for what waits for an
/// approval and `!` for what is blocked, with reason and repair; then, on PostgreSQL, the lock that
/// each table gets until the end; then what is left alone; at last one line that sums up. The same
/// plan gives the same text.
HEWN_API std::string report(const plan& p);

}  // namespace hewn
