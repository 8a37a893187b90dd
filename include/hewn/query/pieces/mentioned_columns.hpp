// hewn/query/pieces/mentioned_columns.hpp - the columns that an expression names.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/kept_texts.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <vector>

namespace hewn::detail {

/// The columns of one table that an expression names.
struct mentioned_columns {
  const table_info* table;
  std::vector<std::size_t> fields = {};
  /// For each parameter the field that it is compared with or assigned to, or no_field.
  std::vector<int> parameters = {};
  /// Which of them are stored in their column as they are, by their number from 1 on.
  std::vector<int> stored = {};
  int last = no_field;   // that was named
  bool element = false;  // the last parameter is for the elements of the field that comes next

  void name(std::size_t field);

  /// The next parameter is for this field.
  void add_parameter(int field);

  /// It is stored in the column of the field.
  void add_stored(int field) {
    add_parameter(field);
    stored.push_back(static_cast<int>(parameters.size()));
  }

  bool has(std::size_t field) const {
    for (const std::size_t f : fields)
      if (f == field) return true;
    return false;
  }
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void mentioned_columns::name(std::size_t field) {
  fields.push_back(field);
  last = static_cast<int>(field);
}

HEWN_API void mentioned_columns::add_parameter(int field) { parameters.push_back(field); }

}  // namespace hewn::detail

#endif
