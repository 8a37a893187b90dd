// hewn/sync/diff/time_trigger_diff.hpp - differences between the time triggers of two tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/write/time_trigger.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

inline const schema::time_trigger* find_time_trigger(const schema::table& in, std::string_view name,
                                                     dialect d) {
  for (const schema::time_trigger& t : in.time_triggers)
    if (same_name(d, t.name, name)) return &t;
  return nullptr;
}

/// What has to be done to the triggers that hewn keeps on `live`, or on a new table, where that is
/// null. Nobody else made them, so they come and go with the declaration.
inline void append_time_trigger_changes(std::vector<change>& out, const schema::table* live,
                                        const schema::table& wanted, dialect d) {
  const auto add = [&](change_kind kind, const schema::time_trigger& t, std::string before,
                       std::string after) {
    change& c = append_change(out, kind, live ? live->name : wanted.name, t.name, std::move(before),
                              std::move(after), false, d);
    c.native = true;
    c.risk.breaks = compatibility::none;
  };
  if (live)
    for (const schema::time_trigger& t : live->time_triggers)
      if (!find_time_trigger(wanted, t.name, d))
        add(change_kind::drop_trigger, t, time_trigger_text(t), {});
  for (const schema::time_trigger& t : wanted.time_triggers) {
    const schema::time_trigger* there = live ? find_time_trigger(*live, t.name, d) : nullptr;
    if (!there)
      add(change_kind::create_trigger, t, {}, time_trigger_text(t));
    else if (canonical_time_trigger(*there, d) != canonical_time_trigger(t, d))
      add(change_kind::change_trigger, t, time_trigger_text(*there), time_trigger_text(t));
  }
}

}  // namespace hewn::detail
