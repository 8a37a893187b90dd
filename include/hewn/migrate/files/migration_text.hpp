// hewn/migrate/files/migration_text.hpp - a migration file as the program holds it.
// SPDX-License-Identifier: BSL-1.0
//
// Small on purpose: it is all that a generated header with embedded migrations includes.
#pragma once

#include <string_view>

namespace hewn {

/// The name and content of a migration file, wherever they come from.
struct migration_text {
  std::string_view name;  ///< without folder: 0001_create_users.sql
  std::string_view text;
};

}  // namespace hewn
