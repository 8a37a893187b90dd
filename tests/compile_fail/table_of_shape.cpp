// tests/compile_fail/table_of_shape.cpp - a shape where a table is asked for.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a struct that begins with another struct is a shape and no row of a table; read it by hewn::shape<S> and write it by hewn::insert() or hewn::save() (hewn/shapes.hpp), or wrap the field in hewn::json<> (hewn/json.hpp)
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

auto pages(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  return db.all<team_page>();
#else
  return db.all(hewn::shape<team_page>);
#endif
}
