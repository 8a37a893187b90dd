// tests/compile_fail/verify_of_shape.cpp - a shape is looked at as if it were one statement.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a shape is read by several statements, and this takes one; give the query of its root, or that of one field
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t team_id = 0;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

#ifdef HEWN_MISTAKE
void check(const hewn::sqlite::database& db) { hewn::expect_verified<hewn::shape<team_page>>(db); }
#else
void check(const hewn::sqlite::database& db) {
  hewn::expect_verified<hewn::from<team>, hewn::from<agent>>(db);
}
#endif
