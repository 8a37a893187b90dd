// hewn/migrate/run/next_migration.hpp - which migration is to run next.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/files/migration_key.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/run/requirements.hpp>
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
                           std::span<const migration_info> elsewhere = {}) {
  const auto is_gap = [&](std::int64_t after, std::int64_t before) {
    for (std::int64_t v = before + 1; v < after; ++v)
      if (std::none_of(elsewhere.begin(), elsewhere.end(),
                       [&](const migration_info& other) { return other.version == v; }))
        return true;
    return false;
  };
  for (std::size_t i = 0; i != known.size(); ++i) {
    const migration_info& m = known[i];
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

/// What the migrations require of each other. Order: behind check_versions. Throws: errc::usage for
/// what is not there, comes later or goes in a circle, and for branches that nothing joins.
inline requirement_graph checked_requirements(std::span<const migration_info> known,
                                              std::span<const migration_info> elsewhere) {
  requirement_graph out = requirements_of(
      known, elsewhere,
      [&](const migration_info& m, const migration_key& key,
          const std::vector<std::size_t>& found) {
        const std::string subject =
            "hewn: migration " + label_of(m) + " requires " + key.word() + ", ";
        if (found.empty())
          throw error(errc::usage,
                      subject + "which is not there; correct that, or restore the migration");
        throw error(errc::usage, subject + "as " + label_of(known[found[0]]) + " and " +
                                     label_of(known[found[1]]) +
                                     " are called; write its version, too");
      });
  check_requirements(known, out);
  check_branches(known, out);
  return out;
}

/// Whether everything that `m` does has been done by the migrations that it replaces.
inline bool is_done_by_replaced(const migration_info& m, const migration_history& h) {
  return !m.replaces.empty() && h.applied_of(m.replaces) == m.replaces.size();
}

inline void check_replaced(const migration_info& m, const migration_history& h) {
  const std::size_t replaced = h.applied_of(m.replaces);
  if (replaced != 0 && replaced != m.replaces.size())
    throw error(errc::usage,
                "hewn: migration " + label_of(m) +
                    " replaces migrations of which only some are applied; apply the others with "
                    "the release that has them");
}

/// Whether a migration that comes late belongs to a branch which another one joins with everything
/// newer that is applied. Then somebody has seen both, and their order does not matter.
inline bool is_joined(std::span<const migration_info> known, const requirement_graph& g,
                      const migration_history& h, std::size_t late) {
  if (g.parents[late].empty()) return false;
  const std::vector<bool> behind_late = g.behind(late);
  for (const auto& [version, r] : h.versions) {
    if (!r.applied || version <= known[late].version) continue;
    bool joined = false;
    for (std::size_t i = late + 1; i < known.size() && known[i].version <= version; ++i) {
      if (known[i].version != version) continue;
      const std::vector<bool> behind = g.behind(i);
      for (std::size_t k = i + 1; k < known.size(); ++k) joined |= behind[k] && behind_late[k];
    }
    if (!joined) return false;
  }
  return true;
}

/// Which pending migrations up to `last` are to run, in their order. Order: `known` by version.
/// Throws: errc::usage for one that is out of order, or whose requirements are not met.
inline std::vector<std::size_t> pending_up(std::span<const migration_info> known,
                                           const requirement_graph& g, const migration_history& h,
                                           std::int64_t last, out_of_order late) {
  const std::int64_t newest = h.newest_applied();
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i != known.size() && known[i].version <= last; ++i) {
    const migration_info& m = known[i];
    if (h.applied(m.version)) continue;
    if (m.version < newest && late != out_of_order::apply && !is_joined(known, g, h, i)) {
      if (late == out_of_order::skip) continue;
      throw error(errc::usage, "hewn: migration " + label_of(m) + " is older than version " +
                                   std::to_string(newest) +
                                   ", which is applied; give it a newer version, or choose "
                                   "another out_of_order mode");
    }
    check_replaced(m, h);
    for (const std::size_t needed : g.needs[i])
      if (!h.applied(known[needed].version) && !std::binary_search(out.begin(), out.end(), needed))
        throw error(errc::usage, "hewn: migration " + label_of(m) + " requires " +
                                     label_of(known[needed]) +
                                     ", which comes late and is skipped; choose "
                                     "out_of_order::apply, or give both a newer version");
    out.push_back(i);
  }
  return out;
}

/// The oldest one of pending_up().
inline std::optional<std::size_t> next_up(std::span<const migration_info> known,
                                          const requirement_graph& g, const migration_history& h,
                                          std::int64_t last, out_of_order late) {
  const std::vector<std::size_t> pending = pending_up(known, g, h, last, late);
  return pending.empty() ? std::nullopt : std::optional(pending.front());
}

/// Which applied migration requires this one; nothing: none does.
inline std::optional<std::size_t> requirer_of(std::span<const migration_info> known,
                                              const requirement_graph& g,
                                              const migration_history& h, std::size_t i) {
  for (std::size_t k = i + 1; k < known.size(); ++k)
    if (h.applied(known[k].version) && std::binary_search(g.needs[k].begin(), g.needs[k].end(), i))
      return k;
  return std::nullopt;
}

/// Refuses a migration that cannot be undone. Throws: errc::usage.
inline void check_undoable(const migration_info& m, const version_record& r) {
  if (r.baseline)
    throw error(errc::usage, "hewn: migration " + label_of(m) +
                                 " belongs to the baseline and cannot be undone; choose a "
                                 "version above it");
  if (!m.irreversible.empty())
    throw error(errc::usage, "hewn: migration " + label_of(m) + " is irreversible (" +
                                 m.irreversible + "); restore a backup, or write a new migration");
  if (!m.has_down)
    throw error(errc::usage, "hewn: migration " + label_of(m) +
                                 " has no down section; write one, or write a new migration");
}

/// The migration that was applied last among those above `floor`: what was done last is undone
/// first. `all`: those above `floor` go together, so that what requires one of them goes before it.
/// Throws: errc::usage when it cannot be undone.
inline std::optional<std::size_t> next_down(std::span<const migration_info> known,
                                            const requirement_graph& g, const migration_history& h,
                                            std::int64_t floor, bool all) {
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
    if (known[i].version != version) continue;
    while (const auto requirer = requirer_of(known, g, h, i)) {
      if (!all)
        throw error(errc::usage, "hewn: migration " + label_of(known[i]) + " is required by " +
                                     label_of(known[*requirer]) +
                                     ", which is applied; undo that one first");
      i = *requirer;
    }
    check_undoable(known[i], *h.find(known[i].version));
    return i;
  }
  throw error(errc::usage, "hewn: migration " + std::to_string(version) + " (" + last->name +
                               ") cannot be undone, because it is not there; restore it");
}

}  // namespace hewn::detail
