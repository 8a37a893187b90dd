// tests/compile_fail/shape_rows_of_one.cpp - rows where the root of a shape refers to one.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a field of this shape is a std::vector, but its root refers to one row; hold the row itself, or a std::optional of it if the reference may be NULL
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::int64_t desk = 0;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct agent_page {
  agent self;
#ifdef HEWN_MISTAKE
  std::vector<team> home;
#else
  team home;
#endif
};

auto pages(const hewn::sqlite::database& db) { return db.all(hewn::shape<agent_page>); }
