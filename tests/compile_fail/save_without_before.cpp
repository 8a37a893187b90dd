// tests/compile_fail/save_without_before.cpp - a shape is saved without the one that was read.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: save() writes what differs from the shape as it was read; write save(db, before, after), or save<&S::field>(db, shape) for the rows of one field
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

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

void store(const hewn::sqlite::database& db, team_page page) {
#ifdef HEWN_MISTAKE
  hewn::save(db, page);
#else
  hewn::save<&team_page::agents>(db, page);
#endif
}
