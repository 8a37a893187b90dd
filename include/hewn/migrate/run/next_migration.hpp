// hewn/migrate/run/next_migration.hpp - which migration is to run next.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/trial/migration_options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hewn::detail {

/// Whether versions count by one, as sequence numbers do and timestamps do not.
inline bool is_sequence_number(std::int64_t version) { return version < 100'000'000; }

/// Refuses versions that are there twice, and sequence numbers that are left out. `elsewhere`:
/// those that only another database has. Order: `known` by version. Throws: errc::usage.
inline void check_versions(std::span<const migration_info> known, bool allow_gaps,
                           const std::vector<std::int64_t>& elsewhere = {}) {
  const auto is_gap = [&](std::int64_t after, std::int64_t before) {
    for (std::int64_t v = before + 1; v < after; ++v)
      if (std::find(elsewhere.begin(), elsewhere.end(), v) == elsewhere.end()) return true;
    return false;
  };
  for (std::size_t i = 0; i != known.size(); ++i) {
    const migration_info& m = known[i];
    for (const std::int64_t needed : m.needs) {
      bool found = false;
      for (std::size_t k = 0; k != i; ++k) found |= known[k].version == needed;
      if (!found)
        throw error(errc::usage, "hewn: migration " + label_of(m) + " requires version " +
                                     std::to_string(needed) +
                                     ", which does not come before it; correct the number");
    }
    for (std::size_t k = 0; k != i; ++k)
      for (const std::int64_t replaced : m.replaces)
        if (known[k].version == replaced)
          throw error(errc::usage, "hewn: migration " + label_of(m) + " replaces " +
                                       label_of(known[k]) + ", which is still there; remove it");
    if (i == 0) continue;
    const migration_info& before = known[i - 1];
    if (before.version == m.version)
      throw error(errc::usage, "hewn: migration " + label_of(m) + " from " + m.origin +
                                   " has the same version as " + label_of(before) + " from " +
                                   before.origin + "; give one of them another");
    if (!allow_gaps && is_sequence_number(m.version) && is_gap(m.version, before.version))
      throw error(errc::usage, "hewn: migration " + label_of(m) + " follows " + label_of(before) +
                                   " and the versions between are missing; restore them, or set "
                                   "allow_gaps");
  }
}

/// Whether everything that `m` does has been done by the migrations that it replaces.
inline bool is_done_by_replaced(const migration_info& m, const migration_history& h) {
  return !m.replaces.empty() && h.applied_of(m.replaces) == m.replaces.size();
}

inline void check_needs(const migration_info& m, const migration_history& h) {
  const std::size_t replaced = h.applied_of(m.replaces);
  if (replaced != 0 && replaced != m.replaces.size())
    throw error(errc::usage,
                "hewn: migration " + label_of(m) +
                    " replaces migrations of which only some are applied; apply the others with "
                    "the release that has them");
  for (const std::int64_t needed : m.needs)
    if (!h.applied(needed))
      throw error(errc::usage, "hewn: migration " + label_of(m) + " requires version " +
                                   std::to_string(needed) +
                                   ", which is not applied; apply that one first");
}

/// The oldest pending migration up to `last`. Order: `known` by version.
/// Throws: errc::usage for one that is out of order, or whose requirements are not met.
inline std::optional<std::size_t> next_up(std::span<const migration_info> known,
                                          const migration_history& h, std::int64_t last,
                                          out_of_order late) {
  const std::int64_t newest = h.newest_applied();
  for (std::size_t i = 0; i != known.size() && known[i].version <= last; ++i) {
    const migration_info& m = known[i];
    if (h.applied(m.version)) continue;
    if (m.version < newest) {
      if (late == out_of_order::skip) continue;
      if (late == out_of_order::refuse)
        throw error(errc::usage, "hewn: migration " + label_of(m) + " is older than version " +
                                     std::to_string(newest) +
                                     ", which is applied; give it a newer version, or choose "
                                     "another out_of_order mode");
    }
    check_needs(m, h);
    return i;
  }
  return std::nullopt;
}

/// The migration that was applied last among those above `floor`: what was done last is undone
/// first.
/// Throws: errc::usage when it cannot be undone.
inline std::optional<std::size_t> next_down(std::span<const migration_info> known,
                                            const migration_history& h, std::int64_t floor) {
  const version_record* last = nullptr;
  std::int64_t version = 0;
  for (const auto& [v, r] : h.versions) {
    if (!r.applied || v <= floor || r.forgotten) continue;
    if (last != nullptr && last->order > r.order) continue;
    last = &r;
    version = v;
  }
  if (last == nullptr) return std::nullopt;
  for (std::size_t i = 0; i != known.size(); ++i) {
    const migration_info& m = known[i];
    if (m.version != version) continue;
    if (last->baseline)
      throw error(errc::usage, "hewn: migration " + label_of(m) +
                                   " belongs to the baseline and cannot be undone; choose a "
                                   "version above it");
    if (!m.irreversible.empty())
      throw error(errc::usage, "hewn: migration " + label_of(m) + " is irreversible (" +
                                   m.irreversible +
                                   "); restore a backup, or write a new migration");
    if (!m.has_down)
      throw error(errc::usage, "hewn: migration " + label_of(m) +
                                   " has no down section; write one, or write a new migration");
    for (const migration_info& other : known)
      for (const std::int64_t needed : other.needs)
        if (needed == m.version && h.applied(other.version))
          throw error(errc::usage, "hewn: migration " + label_of(m) + " is required by " +
                                       label_of(other) + ", which is applied; undo that one first");
    return i;
  }
  throw error(errc::usage, "hewn: migration " + std::to_string(version) + " (" + last->name +
                               ") cannot be undone, because it is not there; restore it");
}

}  // namespace hewn::detail
