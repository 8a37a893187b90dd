// tests/compile_fail/load_into_const.cpp - shapes that cannot be filled.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: load<>() fills shapes that are there, and these are const; give it some that are not
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

#ifdef HEWN_MISTAKE
void fill(const hewn::sqlite::database& db, const std::vector<team_page>& teams) {
#else
void fill(const hewn::sqlite::database& db, std::vector<team_page>& teams) {
#endif
  hewn::load<&team_page::agents>(db, teams);
}
