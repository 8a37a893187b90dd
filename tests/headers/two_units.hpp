// tests/headers/two_units.hpp - the entity that both translation units use.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/json.hpp>
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/listen.hpp>
#include <hewn/vector.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace two_units {

struct colours {
  std::string front;
  std::string back;
};

struct shirt {
  std::int64_t id = 0;
  std::string size;
  hewn::json<colours> dyes;
  std::vector<std::string> labels;
};

// Defined in the other translation unit.
std::vector<shirt> all_shirts(const char* path);

/// The names in the table of the other translation unit's `hidden`.
std::vector<std::string> names_of_other_hidden(hewn::sqlite::database& db);
std::vector<std::string> names_of_other_hidden_twice(hewn::sqlite::database& db);

/// The number of the statement that reads the other translation unit's `counted`.
const void* slot_of_other_counted();

}  // namespace two_units
