// hewn/migrate/files/sql_statement.hpp - one statement of a migration file.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>

namespace hewn {

/// One statement of a file, without its semicolon.
struct sql_statement {
  std::string text;
  std::size_t line = 1;  ///< where it begins, counted from 1

  bool operator==(const sql_statement&) const = default;
};

}  // namespace hewn
