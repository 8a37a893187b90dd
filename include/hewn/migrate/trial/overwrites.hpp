// hewn/migrate/trial/overwrites.hpp - the columns that a migration declares to overwrite.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sync/model/loss.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// The losses, with those marked that the migration says itself. `columns`: as `table.column`.
inline std::vector<loss> as_declared(dialect spoken, std::vector<loss> losses,
                                     const std::vector<std::string>& columns) {
  for (loss& l : losses)
    l.declared = l.kind == loss_kind::overwritten &&
                 std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
                   return same_name(spoken, column, l.table + "." + l.column);
                 });
  return losses;
}

/// Those of the names that no column has.
template <class Driver>
std::vector<std::string> unknown_columns(const transactional<Driver>& session,
                                         const std::vector<std::string>& names) {
  std::vector<std::string> out;
  const auto is_known = [&](std::string_view name) {
    const dialect spoken = session.connection().spoken();
    // A table's name may have dots.
    for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1))
      for (const std::string& c : session.connection().native().column_names(name.substr(0, dot)))
        if (same_name(spoken, name.substr(dot + 1), c)) return true;
    return false;
  };
  for (const std::string& name : names)
    if (!is_known(name)) out.push_back(name);
  return out;
}

[[noreturn]] HEWN_COLD inline void refuse_overwrites(const migration_info& m,
                                                     const std::string& column) {
  throw error(errc::usage, "hewn: migration " + label_of(m) + " declares that it overwrites " +
                               column + ", and there is no such column; correct the name");
}

}  // namespace hewn::detail
