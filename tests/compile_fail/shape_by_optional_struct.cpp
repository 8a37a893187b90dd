// tests/compile_fail/shape_by_optional_struct.cpp - a shape along a reference that may not be
// there. SPDX-License-Identifier: BSL-1.0
// expect: hewn: this key or reference is a field of an optional struct, which may not be there; move it out of the struct, or make the struct no optional
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
};

struct role {
  std::int64_t team_id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::optional<role> now;
#else
  role now;
#endif
  static consteval auto table() {
    return hewn::table("agents").references<hewn::path<&agent::now, &role::team_id>, &team::id>();
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) { return db.all(shape<team_page>); }
