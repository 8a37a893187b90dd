// hewn/sync/model/loss.hpp - something that a change of the database destroys.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>

namespace hewn {

enum class loss_kind : std::uint8_t {
  table,        ///< a table with its rows
  rows,         ///< rows of a table that stays
  column,       ///< a column with its values
  values,       ///< values of a column that stays: they are NULL now
  overwritten,  ///< values of a column that stays: they are other values now
  unknown       ///< what cannot be tried out, or not be counted
};

/// Something that a migration destroys. A value that goes with its row or column is not counted
/// once more.
struct loss {
  loss_kind kind = loss_kind::table;
  std::string table = {};
  std::string column = {};  ///< of kinds column, values and overwritten
  std::int64_t count = 0;   ///< rows, or values that are not NULL
  std::string reason = {};  ///< of kind unknown: why; empty: this database makes no copies
  bool declared = false;    ///< of kind overwritten: the migration says itself that it does so

  bool operator==(const loss&) const = default;
};

/// `l` in words: `the column users.name with 3 values`.
inline std::string to_string(const loss& l) {
  const std::string count = std::to_string(l.count);
  const char* const plural = l.count == 1 ? "" : "s";
  switch (l.kind) {
    case loss_kind::table:
      return "the table " + l.table + " with " + count + " row" + plural;
    case loss_kind::rows:
      return count + " row" + plural + " of the table " + l.table;
    case loss_kind::column:
      return "the column " + l.table + "." + l.column + " with " + count + " value" + plural;
    case loss_kind::values:
      return count + " value" + plural + " of the column " + l.table + "." + l.column;
    case loss_kind::overwritten:
      return count + " value" + plural + " of the column " + l.table + "." + l.column +
             (l.declared ? ", overwritten as declared" : ", overwritten");
    case loss_kind::unknown:
      break;
  }
  return l.reason.empty() ? "what cannot be counted" : "what cannot be counted: " + l.reason;
}

}  // namespace hewn
