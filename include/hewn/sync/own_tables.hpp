// hewn/sync/own_tables.hpp - the tables that hewn keeps for itself.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/ascii.hpp>

#include <string_view>

namespace hewn::detail {

/// What hewn itself keeps in a database; no part of anybody's schema. Case is ignored for
/// PostgreSQL too: a schema should not work on one database only.
constexpr bool is_own_table(std::string_view name) {
  for (const std::string_view own :
       {"hewn_audit", "hewn_identity", "hewn_migrations", "hewn_migration_steps"})
    if (same_word(name, own)) return true;
  return false;
}

/// Whether nobody can declare a table of this name: it is hewn's own, or that of a table while it
/// is made anew.
constexpr bool is_reserved_table(std::string_view name) {
  return is_own_table(name) || same_word(name.substr(0, 9), "hewn_new_");
}

}  // namespace hewn::detail
