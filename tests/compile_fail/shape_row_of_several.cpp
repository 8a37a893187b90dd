// tests/compile_fail/shape_row_of_several.cpp - one row where several refer to the root of a shape.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a field of this shape holds one row, but several may refer to its root; make the field a std::vector, or declare the column that refers unique<>()
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
#ifdef HEWN_MISTAKE
  std::optional<agent> newest;
#else
  std::vector<agent> newest;
#endif
};

auto pages(const hewn::sqlite::database& db) { return db.all(hewn::shape<team_page>); }
