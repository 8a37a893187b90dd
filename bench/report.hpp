// bench/report.hpp - what was measured, for people and for programs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "bench/comparison.hpp"

#include <cmath>
#include <cstdio>
#include <fstream>
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

/// A number that is not to be above its target. Slack: one in a thousand, for what is done once.
inline bool misses(double value, double target) {
  return !std::isnan(value) && !std::isnan(target) && value > target + 0.001;
}

inline std::string with_target(double value, double target, const char* format) {
  if (std::isnan(value)) return "-";
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  std::string all = text;
  if (std::isnan(target)) return all;
  std::snprintf(text, sizeof text, " (%.2f%s)", target, misses(value, target) ? " missed" : "");
  return all + text;
}

/// `unit` is what `ours` and `theirs` count; targets are in brackets.
inline void print_table(const std::vector<measured>& all, const char* unit) {
  const bool time = std::string(unit) == "ns";
  std::printf("%-9s %-33s %11s %11s %-20s %-20s %s\n", "", "an item",
              (std::string("hewn, ") + unit).c_str(), (std::string("C, ") + unit).c_str(),
              time ? "time ratio" : "instructions", "of default mutex", "extra allocations");
  for (const measured& m : all) {
    const targets& t = m.compared->wanted;
    std::printf("%-9s %-33s %11.1f %11.1f %-20s %-20s %s\n", m.compared->name.data(),
                m.compared->what.data(), m.ours, m.theirs,
                (time ? with_target(m.ratio_time, t.time, "%.3f")
                      : with_target(m.ratio_instructions, t.instructions, "%.4f"))
                    .c_str(),
                (time ? with_target(m.ratio_time_default_mutex, t.time_default_mutex, "%.3f")
                      : with_target(m.ratio_instructions_default_mutex,
                                    t.instructions_default_mutex, "%.4f"))
                    .c_str(),
                with_target(m.extra_allocations, t.allocations, "%.4f").c_str());
  }
}

inline std::string json_number(double value) {
  if (std::isnan(value)) return "null";
  char text[64];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// A list of objects; nothing when `path` is empty.
inline bool write_json(const std::vector<measured>& all, const sizes& s, const std::string& path) {
  if (path.empty()) return true;
  std::ofstream out(path);
  const char* separator = "[\n";
  for (const measured& m : all) {
    const targets& t = m.compared->wanted;
    out << separator << R"(  {"work": ")" << m.compared->name << R"(", "what": ")"
        << m.compared->what << R"(", "rows": )" << s.rows;
    const auto number = [&out](const char* name, double value) {
      out << ", \"" << name << "\": " << json_number(value);
    };
    number("ratio_time", m.ratio_time);
    number("ratio_instructions", m.ratio_instructions);
    number("extra_allocations", m.extra_allocations);
    number("ratio_time_default_mutex", m.ratio_time_default_mutex);
    number("ratio_instructions_default_mutex", m.ratio_instructions_default_mutex);
    number("hewn_per_item", m.ours);
    number("c_per_item", m.theirs);
    number("target_time", t.time);
    number("target_instructions", t.instructions);
    number("target_allocations", t.allocations);
    number("target_time_default_mutex", t.time_default_mutex);
    number("target_instructions_default_mutex", t.instructions_default_mutex);
    out << "}";
    separator = ",\n";
  }
  out << "\n]\n";
  out.close();
  if (out) return true;
  std::fprintf(stderr, "bench: %s cannot be written; name another file\n", path.c_str());
  return false;
}

}  // namespace bench
