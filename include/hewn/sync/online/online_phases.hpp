// hewn/sync/online/online_phases.hpp - the steps of a plan, taken apart into phases that keep
// nobody waiting. SPDX-License-Identifier: BSL-1.0
//
// What reads or writes all rows is done under locks that let others write:
//
//   an index                  CREATE INDEX CONCURRENTLY
//   a check, a foreign key    NOT VALID, then VALIDATE CONSTRAINT
//   UNIQUE, a primary key     a unique index as above, which the constraint then takes
//   NOT NULL                  a check as above, by which SET NOT NULL reads no row
//   values for a column       a trigger for rows that are written, batches for those that are there
//   another type              a second column that is filled so, and takes the place of the first
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/retyped_table.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <string>
#include <vector>

namespace hewn {

/// Takes the steps of `p` apart. Pure. Order: all changes of `p` belongs_online(), and
/// those of types are of `retyped`.
HEWN_API online_phases phases_of(const plan& p,
                                 const std::vector<detail::retyped_table>& retyped = {});

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/sync/online/phase_writer.hpp>

namespace hewn {

HEWN_API online_phases phases_of(const plan& p, const std::vector<detail::retyped_table>& retyped) {
  return detail::phase_writer(p, retyped).result();
}

}  // namespace hewn

#endif
