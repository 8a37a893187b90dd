// hewn/sync/model/table_use.hpp - what a step does to those who use a table meanwhile.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/read/statement_locks.hpp>

#include <cstdint>
#include <string>

namespace hewn {

/// What a change, or one of its steps, costs while it runs.
enum class change_cost : std::uint8_t {
  metadata,  ///< nothing that depends on the number of rows
  scan,      ///< every row is read
  rewrite    ///< every row is written
};

/// A table of PostgreSQL that a step locks, until the end of the transaction.
struct table_use {
  std::string table = {};  ///< as it is called when the step begins
  table_lock lock = table_lock::none;
  change_cost cost = change_cost::metadata;  ///< of this step, to this table
  std::int64_t rows = 0;                     ///< counted; above 8 MB, from a part of the table
  std::int64_t bytes = 0;                    ///< of the table, its indexes and what is stored apart

  /// The sizes have no part in it.
  bool operator==(const table_use& other) const {
    return table == other.table && lock == other.lock && cost == other.cost;
  }
};

}  // namespace hewn
