// tests/headers/compiled_apart.hpp - what the two units of the test share.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct note {
  std::int64_t id = 0;
  std::string text;
};

/// Brings the table of note into the database in the other unit, and returns how many steps it
/// took.
std::size_t sync_in_other_unit(const hewn::sqlite::database& db);
