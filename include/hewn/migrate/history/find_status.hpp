// hewn/migrate/history/find_status.hpp - where migrations stand, by what the history says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/history/status.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

inline bool is_modified(const migration_info& known, const version_record& r) {
  // What another way of making checksums has made cannot be compared.
  return r.applied && r.algorithm == known.algorithm && r.checksum != known.checksum;
}

inline migration_state state_of(const migration_info& m, const migration_history& h) {
  using enum migration_state;
  if (h.interrupted(m.version, migration_direction::up) ||
      h.interrupted(m.version, migration_direction::down))
    return interrupted;
  const version_record* r = h.find(m.version);
  if (r != nullptr && r->applied) {
    if (is_modified(m, *r)) return modified;
    return r->baseline ? baseline : applied;
  }
  if (m.version < h.newest_applied()) return out_of_order;
  return r != nullptr ? reverted : pending;
}

/// Whether a migration that is there does what this version did.
inline bool is_replaced(std::span<const migration_info> known, std::int64_t version) {
  for (const migration_info& m : known)
    for (const std::int64_t replaced : m.replaces)
      if (replaced == version) return true;
  return false;
}

/// Order: `known` by version.
inline std::vector<migration_status> statuses(std::span<const migration_info> known,
                                              const migration_history& h) {
  std::map<std::int64_t, migration_status> out;
  for (const migration_info& m : known)
    out[m.version] = {.version = m.version, .name = m.name, .state = state_of(m, h)};
  const std::int64_t newest_known = known.empty() ? 0 : known.back().version;
  for (const auto& [version, r] : h.versions) {
    const bool is_known = out.contains(version);
    if (!is_known && (r.forgotten || !r.applied || is_replaced(known, version))) continue;
    migration_status& s = out[version];
    if (!is_known) {
      s.version = version;
      s.name = r.name;
      s.state = version > newest_known ? migration_state::future : migration_state::missing;
    }
    s.at = r.at;
    s.duration = std::chrono::microseconds(r.duration_us);
    s.applied_out_of_order = r.applied && r.out_of_order;
    s.reason = r.reason;
  }
  std::vector<migration_status> list;
  for (auto& [version, s] : out) list.push_back(std::move(s));
  return list;
}

inline std::string lines_of(const std::vector<migration_status>& all, migration_state state) {
  std::string out;
  for (const migration_status& s : all)
    if (s.state == state) out += "\n  " + std::to_string(s.version) + " (" + s.name + ")";
  return out;
}

/// Refuses to go on when history and sources disagree; every version concerned is named.
/// Throws: errc::checksum, errc::schema_mismatch.
inline void check_history(const std::vector<migration_status>& all) {
  const std::string future = lines_of(all, migration_state::future);
  const std::string missing = lines_of(all, migration_state::missing);
  const std::string modified = lines_of(all, migration_state::modified);
  std::string message;
  const auto add = [&](std::string_view problem, const std::string& lines) {
    if (lines.empty()) return;
    message += message.empty() ? "hewn: " : "\n";
    message += problem;
    message += lines;
  };
  add("the database was migrated by a newer program, and this one does not know what it did; run "
      "the newer program",
      future);
  add("migrations have changed since they were applied; restore them, or accept each change with "
      "repair()",
      modified);
  add("migrations were applied and are not there any more; restore them, or accept each with "
      "repair()",
      missing);
  if (!message.empty())
    throw error(!modified.empty() ? errc::checksum : errc::schema_mismatch, std::move(message));
}

}  // namespace hewn::detail
