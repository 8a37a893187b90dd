// hewn/migrate/history/status.hpp - where every migration stands.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/types.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

enum class migration_state : std::uint8_t {
  pending,       ///< known and not applied
  out_of_order,  ///< pending, and a newer one is applied
  interrupted,   ///< some of its steps or batches are done; the next run goes on
  applied,
  baseline,  ///< taken as applied when hewn came to the database
  reverted,  ///< applied once and undone; will be applied again
  modified,  ///< applied, and its source has changed since
  missing,   ///< applied, and its source is not there
  future     ///< applied by a newer program
};

/// The name of `s`, as written in the enumeration but with blanks.
constexpr std::string_view to_string(migration_state s) noexcept {
  constexpr std::string_view names[] = {"pending",  "out of order", "interrupted",
                                        "applied",  "baseline",     "reverted",
                                        "modified", "missing",      "future"};
  return names[static_cast<std::size_t>(s)];
}

/// Where one migration stands.
struct migration_status {
  std::int64_t version = 0;
  std::string name = {};
  migration_state state = migration_state::pending;
  timestamp at = {};                        ///< of the last run; epoch: never
  std::chrono::microseconds duration = {};  ///< of the last run
  bool applied_out_of_order = false;
  std::string reason = {};               ///< of the last baseline, repair or adoption
  std::vector<std::int64_t> needs = {};  ///< the versions that it requires

  bool operator==(const migration_status&) const = default;
};

}  // namespace hewn
