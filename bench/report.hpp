// bench/report.hpp - what was measured, for people and for programs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "bench/comparison.hpp"
#include "bench/table.hpp"

#include <string>
#include <vector>

namespace bench {

/// What is not a number was not measured.
struct measured {
  const comparison* compared;
  double ours = none;    // for each item: nanoseconds or instructions
  double theirs = none;  // likewise
  double ratio_time = none;
  double ratio_instructions = none;
  double ratio_time_default_mutex = none;
  double ratio_instructions_default_mutex = none;
  double extra_allocations = none;
};

/// `unit` is what `ours` and `theirs` count; targets are in brackets.
inline void print_table(const std::vector<measured>& all, const std::string& unit) {
  const bool time = unit == "ns";
  const table t({{"", -8},
                 {"an item", -32},
                 {"hewn, " + unit, 11},
                 {"C, " + unit, 11},
                 {time ? "time ratio" : "instructions", -20},
                 {"of default mutex", -20},
                 {"extra allocations", 0}});
  for (const measured& m : all) {
    const targets& wanted = m.compared->wanted;
    t.row({std::string(m.compared->name), std::string(m.compared->what), formatted(m.ours, "%.1f"),
           formatted(m.theirs, "%.1f"),
           time ? with_target(m.ratio_time, wanted.time, "%.3f")
                : with_target(m.ratio_instructions, wanted.instructions, "%.4f"),
           time ? with_target(m.ratio_time_default_mutex, wanted.time_default_mutex, "%.3f")
                : with_target(m.ratio_instructions_default_mutex, wanted.instructions_default_mutex,
                              "%.4f"),
           with_target(m.extra_allocations, wanted.allocations, "%.4f")});
  }
}

/// A list of objects; nothing when `path` is empty.
inline bool write_json(const std::vector<measured>& all, const sizes& s, const std::string& path) {
  json_list out;
  for (const measured& m : all) {
    const targets& t = m.compared->wanted;
    out.object(m.compared->name);
    out.text("what", m.compared->what);
    out.number("rows", static_cast<double>(s.rows));
    out.number("ratio_time", m.ratio_time);
    out.number("ratio_instructions", m.ratio_instructions);
    out.number("extra_allocations", m.extra_allocations);
    out.number("ratio_time_default_mutex", m.ratio_time_default_mutex);
    out.number("ratio_instructions_default_mutex", m.ratio_instructions_default_mutex);
    out.number("hewn_per_item", m.ours);
    out.number("c_per_item", m.theirs);
    out.number("target_time", t.time);
    out.number("target_instructions", t.instructions);
    out.number("target_allocations", t.allocations);
    out.number("target_time_default_mutex", t.time_default_mutex);
    out.number("target_instructions_default_mutex", t.instructions_default_mutex);
  }
  return out.write(path);
}

}  // namespace bench
