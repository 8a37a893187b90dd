// hewn/migrate/history/foreign_layouts.hpp - the tables in which other tools keep their histories.
// SPDX-License-Identifier: BSL-1.0
//
// A layout is known by its columns, because every one of these tools lets its table be renamed.
#pragma once

#include <hewn/dialect/text/ascii.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Which migrations a row tells of.
enum class foreign_scope : std::uint8_t {
  its_own,       ///< the one that it names
  last_of_each,  ///< likewise, and the last row of a version tells whether it is applied
  up_to_it       ///< the one that it names and all before it
};

/// What the column `state` of a row says.
enum class foreign_state : std::uint8_t {
  nothing,
  applied,    ///< false: it was undone
  succeeded,  ///< false: it failed halfway
  dirty       ///< true: it failed halfway
};

/// How a row names its migration.
enum class foreign_naming : std::uint8_t {
  loose,           ///< by a number with or without words around it, or by the name
  number,          ///< by a number alone
  number_or_name,  ///< likewise, otherwise by the name in front of the number
  dotted,          ///< by a number alone where no row has one with dots, otherwise by the name
  revision         ///< by a word at the beginning or end of the name, or by a number
};

/// A layout. A column that is named outside `needed` is read where it is there.
struct foreign_layout {
  std::string_view tool;
  std::array<std::string_view, 4> needed;
  std::string_view key;
  foreign_naming naming = foreign_naming::number;
  foreign_scope scope = foreign_scope::its_own;
  foreign_state state_says = foreign_state::nothing;
  std::string_view state = {};
  std::string_view at = {};
  std::string_view name = {};
  std::string_view checksum = {};
  std::string_view kind = {};
  std::string_view order = {};
  bool binary_checksum = false;
  bool own_zero = false;  ///< version 0 is the tool's own
};

/// Order: the first one whose columns are all there counts.
///
/// Source: what each tool creates in its own sources. goose: internal/dialects; golang-migrate:
/// database/sqlite3 and database/postgres; Flyway: SQLiteDatabase, PostgreSQLDatabase and
/// CoreMigrationType; sqlx: sqlx-sqlite and sqlx-postgres, migrate.rs; Diesel:
/// migration/setup_migration_table.sql; TypeORM: MigrationExecutor; Alembic: ddl/impl.py.
inline constexpr foreign_layout foreign_layouts[] = {
    {.tool = "Flyway",
     .needed = {"installed_rank", "version", "type", "success"},
     .key = "version",
     .naming = foreign_naming::dotted,
     .scope = foreign_scope::last_of_each,
     .state_says = foreign_state::succeeded,
     .state = "success",
     .at = "installed_on",
     .name = "description",
     .checksum = "checksum",
     .kind = "type",
     .order = "installed_rank"},
    {.tool = "sqlx",
     .needed = {"version", "installed_on", "success", "checksum"},
     .key = "version",
     .state_says = foreign_state::succeeded,
     .state = "success",
     .at = "installed_on",
     .checksum = "checksum",
     .binary_checksum = true},
    {.tool = "goose",
     .needed = {"id", "version_id", "is_applied"},
     .key = "version_id",
     .scope = foreign_scope::last_of_each,
     .state_says = foreign_state::applied,
     .state = "is_applied",
     .at = "tstamp",
     .order = "id",
     .own_zero = true},
    {.tool = "golang-migrate",
     .needed = {"version", "dirty"},
     .key = "version",
     .scope = foreign_scope::up_to_it,
     .state_says = foreign_state::dirty,
     .state = "dirty"},
    {.tool = "Diesel",
     .needed = {"version", "run_on"},
     .key = "version",
     .at = "run_on",
     .own_zero = true},
    {.tool = "TypeORM",
     .needed = {"id", "timestamp", "name"},
     .key = "timestamp",
     .naming = foreign_naming::number_or_name,
     .name = "name",
     .order = "id"},
    {.tool = "Alembic",
     .needed = {"version_num"},
     .key = "version_num",
     .naming = foreign_naming::revision,
     .scope = foreign_scope::up_to_it},
    {.tool = "another tool",
     .needed = {"version", "applied_at"},
     .key = "version",
     .naming = foreign_naming::loose,
     .at = "applied_at",
     .checksum = "checksum"},
    {.tool = "another tool",
     .needed = {"id", "applied_at", "checksum"},
     .key = "id",
     .naming = foreign_naming::loose,
     .at = "applied_at",
     .checksum = "checksum"},
};

/// The column of that name as it is written there; nothing where there is none.
inline std::string_view find_column_name(const std::vector<std::string>& columns,
                                         std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const std::string& c) { return same_word(c, name); });
  return found == columns.end() ? std::string_view() : std::string_view(*found);
}

/// The layout of a table with these columns; nullptr: it is no history that is known.
inline const foreign_layout* find_layout(const std::vector<std::string>& columns) {
  for (const foreign_layout& layout : foreign_layouts)
    if (std::all_of(layout.needed.begin(), layout.needed.end(), [&](std::string_view needed) {
          return needed.empty() || !find_column_name(columns, needed).empty();
        }))
      return &layout;
  return nullptr;
}

}  // namespace hewn::detail
