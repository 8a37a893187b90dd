// hewn/migrate/run/runner_checks.hpp - what keeps a migration from running, or from being
// committed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/trial/migration_options.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

inline void check_outside_transaction(int depth) {
  if (depth != 0)
    throw error(errc::usage, "hewn: migrations cannot run inside a transaction; end it first");
}

/// Refuses a run in one direction while a migration is half-way in the other.
inline void check_interrupted(const migration_history& h, migration_direction d) {
  for (const migration_step& s : h.steps)
    if (s.direction != to_string(d))
      throw error(errc::usage, "hewn: migration " + std::to_string(s.version) +
                                   " was interrupted on its way " + s.direction +
                                   "; run that way first, so that it can go on");
}

/// How often each reference is violated.
inline std::map<std::string, int> counted(const std::vector<std::string>& violations) {
  std::map<std::string, int> out;
  for (const std::string& v : violations) ++out[v];
  return out;
}

inline void check_references(const migration_info& m, const std::vector<std::string>& before,
                             const std::vector<std::string>& after) {
  const std::map<std::string, int> old = counted(before);
  for (const auto& [violation, count] : counted(after)) {
    const auto known = old.find(violation);
    const int more = count - (known == old.end() ? 0 : known->second);
    if (more > 0)
      throw error(errc::foreign_key, "hewn: migration " + label_of(m) +
                                         " left references that lead nowhere (" + violation + ", " +
                                         std::to_string(more) +
                                         " times) and was rolled back; correct it");
  }
}

}  // namespace hewn::detail
