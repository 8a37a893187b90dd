// tests/compile_fail/embedded_table.cpp - the struct of a table as a field of another.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a field that is the struct of a table cannot be columns of another; refer to its row by its key, or load both by a shape
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct team {
  std::string code;
  static consteval auto table() { return hewn::table("teams").primary_key<&team::code>(); }
};

struct player {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  team plays_for;
#else
  std::string team_code;
#endif
};

const auto& table = hewn::table_of<player>;
