// hewn/sync/plan/long_locks.hpp - changes under whose locks others would wait too long.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/belongs_online.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/model/table_use.hpp>
#include <hewn/sync/plan/verdicts.hpp>

#include <string>
#include <vector>

namespace hewn::detail {

inline void refuse_long_lock(change& c, const table_use& u, const sync_policy& policy) {
  if (c.verdict == verdict::blocked) return;
  block(c,
        concat({"about ", std::to_string(u.rows), " rows are ",
                u.cost == change_cost::scan ? "read" : "written",
                " while others wait to write, and the policy ", policy.name, " allows ",
                std::to_string(policy.rows_under_lock)}),
        c.kind == change_kind::change_type
            ? "change it by sync_online(), or, where that leaves it, apply it when nobody writes, "
              "with a larger sync_policy::rows_under_lock"
        : belongs_online(c)
            ? "change it by sync_online()"
            : "apply it when nobody writes, with a larger sync_policy::rows_under_lock");
}

/// Blocks what reads or writes more rows of a table than the policy allows while others wait. A
/// lock is held to the end of the transaction, also while a later step has rows to write.
inline void refuse_long_locks(std::vector<change>& changes, const std::vector<step>& steps,
                              const sync_policy& policy) {
  std::vector<std::string> locked;
  for (const step& s : steps)
    for (const table_use& u : s.uses) {
      if (stops_writers(u.lock) && !contains_text(locked, u.table)) locked.push_back(u.table);
      if (u.cost == change_cost::metadata || u.rows <= policy.rows_under_lock ||
          !contains_text(locked, u.table))
        continue;
      bool found = false;
      for (change& c : changes)
        if (c.table == u.table && c.risk.cost != change_cost::metadata) {
          refuse_long_lock(c, u, policy);
          found = true;
        }
      for (change& c : changes)
        if (c.table == u.table && !found) refuse_long_lock(c, u, policy);
    }
}

}  // namespace hewn::detail
