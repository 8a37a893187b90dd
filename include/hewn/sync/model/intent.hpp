// hewn/sync/model/intent.hpp - what a person says about a change that a diff cannot know.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hewn {

enum class intent_kind : std::uint8_t {
  rename_table,   ///< `former` is an earlier name of the table
  rename_column,  ///< `former` is an earlier name of the column
  drop_table,     ///< the table is to go
  drop_column,    ///< the column is to go
  retire_column,  ///< the column stays in the database although it is declared no more
  backfill,       ///< `expression` is the value for rows that have none
  convert,        ///< `expression` makes the new value of the column from the old row
  /// PostgreSQL: `former` is an earlier name of `expression`, a value of the enumeration that the
  /// column is of.
  rename_value
};

/// One such statement. It says what is meant; it approves no loss.
struct intent {
  intent_kind kind{};
  std::string table = {};       ///< the name that the table has afterwards
  std::string column = {};      ///< the name that the column has afterwards; empty: the table
  std::string former = {};      ///< renames: one earlier name. Several intents make a chain
  std::string expression = {};  ///< backfill, convert: SQL over the columns' new names
  /// Renames: it is meant for the schema as it is now and not kept in a declaration. Only such a
  /// one can exchange two names, because afterwards the schema looks as before.
  bool once = false;

  bool operator==(const intent&) const = default;
};

/// A schema to be reached.
struct wanted_schema {
  schema::database schema = {};
  std::vector<intent> intents = {};
  /// Whether what is not in `schema` is to go: tables, indexes, views and triggers. Otherwise only
  /// the tables that it names are looked at, and their further indexes and triggers stay.
  bool complete = false;
  /// Whether a new foreign key to a table that is neither in `schema` nor in the database blocks:
  /// its struct was left out.
  bool refuses_dangling = false;
  /// Tables that a struct describes and no plan compares, such as partitioned ones.
  std::vector<std::string> uncompared = {};
};

/// What is still wanted when a plan for `wanted` has been applied: what was meant once is done.
HEWN_API wanted_schema without_once(wanted_schema wanted);

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn {

HEWN_API wanted_schema without_once(wanted_schema wanted) {
  std::erase_if(wanted.intents, [](const intent& i) { return i.once; });
  return wanted;
}

}  // namespace hewn

#endif
