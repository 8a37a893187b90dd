// tests/compile_fail/embedded_row_with_id.cpp - a struct with an id, which is a table, as a field
// of another. SPDX-License-Identifier: BSL-1.0
// expect: hewn: a field that is the struct of a table cannot be columns of another; refer to its row by its key, or load both by a shape
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct player {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::optional<team> plays_for;
#else
  std::optional<std::int64_t> team_id;
#endif
};

const auto& table = hewn::table_of<player>;
