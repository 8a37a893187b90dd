// hewn/sync/model/own_tables.hpp - the tables that hewn keeps for itself.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>

#include <string>
#include <string_view>

namespace hewn::detail {

/// What hewn itself keeps in a database; no part of anybody's schema. Case is ignored for
/// PostgreSQL too: a schema should not work on one database only.
constexpr bool is_own_table(std::string_view name) {
  for (const std::string_view own : {"hewn_audit", "hewn_identity", "hewn_kept", "hewn_migrations",
                                     "hewn_migration_steps", "hewn_online"})
    if (same_word(name, own)) return true;
  return false;
}

/// Makes hewn_identity. One row at most, whoever is faster. audit_seq and audit_hash are where the
/// audit ends: without them its last entries could be deleted, and what is left would still be a
/// chain.
inline constexpr std::string_view identity_table =
    "CREATE TABLE IF NOT EXISTS hewn_identity (only_row INTEGER NOT NULL PRIMARY KEY "
    "CHECK (only_row = 1), id TEXT NOT NULL, audit_seq BIGINT NOT NULL, audit_hash TEXT NOT NULL)";

/// The name of a table while it is made anew, without the name that it gets.
inline constexpr std::string_view rebuilt_prefix = "hewn_new_";

/// Whether nobody can declare a table of this name: it is hewn's own, or that of a table while it
/// is made anew.
constexpr bool is_reserved_table(std::string_view name) {
  return is_own_table(name) || same_word(name.substr(0, rebuilt_prefix.size()), rebuilt_prefix);
}

/// Refuses to record anything while that would set off `found`, such as `trigger x on the table
/// hewn_audit`: it would write behind every trial and every consent.
[[noreturn]] HEWN_RARE HEWN_API void refuse_recording(const std::string& found);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void refuse_recording(const std::string& found) {
  throw error(errc::usage,
              "hewn: the " + found + " may write whenever hewn records something there; drop it");
}

}  // namespace hewn::detail

#endif
