// tests/compile_fail/shape_along_other_field.cpp - a shape along a field that is no reference to
// its root. SPDX-License-Identifier: BSL-1.0
// expect: hewn: hewn::along<> names a field that does not refer from the rows of this field of a shape to its root, nor back; name the one that does, or leave it out
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

struct team_page {
  team self;
  std::vector<agent> agents;
};

auto pages(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  return db.all(hewn::shape<team_page>.with<&team_page::agents>(hewn::along<&agent::desk>));
#else
  return db.all(hewn::shape<team_page>.with<&team_page::agents>(hewn::along<&agent::team_id>));
#endif
}
