// hewn/migrate/files/migration_info.hpp - what is known of a migration without running it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/migrate/files/migration_key.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

enum class migration_direction : std::uint8_t { up, down };

constexpr std::string_view to_string(migration_direction d) noexcept {
  return d == migration_direction::up ? "up" : "down";
}

/// What a migration declares of itself, whether it is a file or a function.
struct migration_info {
  std::int64_t version = 0;
  std::string name = {};
  std::string origin = {};  ///< the file, or "C++": for messages
  std::string checksum = {};
  std::string algorithm = {};
  std::optional<dialect> only = {};             ///< the one database that it is for; nothing: both
  std::vector<migration_key> needs = {};        ///< those that must have been applied before
  std::vector<migration_key> parents = {};      ///< those that it was written behind
  std::vector<std::int64_t> replaces = {};      ///< versions that this one does at once
  std::vector<migration_key> replaced = {};     ///< the same, with the names that are told
  std::string destructive_up = {};              ///< why up loses data; empty: it is not meant to
  std::string destructive_down = {};            ///< why down loses data; empty: it is not meant to
  std::vector<std::string> overwrites_up = {};  ///< `table.column`: up puts other values there
  std::vector<std::string> overwrites_down = {};  ///< likewise down
  std::string irreversible = {};                  ///< why there is no way back
  bool has_down = false;
  bool in_transaction = true;     ///< false: statement by statement, with a journal
  bool foreign_keys_off = false;  ///< it rebuilds a table that others refer to
  bool rehearsed = true;          ///< false: it is never tried out on a copy

  const std::string& destructive(migration_direction d) const {
    return d == migration_direction::up ? destructive_up : destructive_down;
  }
  const std::vector<std::string>& overwrites(migration_direction d) const {
    return d == migration_direction::up ? overwrites_up : overwrites_down;
  }
};

/// How messages call a migration: `3 (add_users)`.
inline std::string label_of(const migration_info& m) {
  return std::to_string(m.version) + " (" + m.name + ")";
}

}  // namespace hewn
