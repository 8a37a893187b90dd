// tests/compile_fail/link_to_one_key.cpp - a link is made to a key that is no range.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a row is linked to a range of keys; write {key} for one, and for a range of rows give their keys
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>

struct member {
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  static consteval auto table() {
    return hewn::table("members").primary_key<&member::team_id, &member::agent_id>();
  }
};

void store(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  hewn::link<&member::team_id, &member::agent_id>(db, 1, 2);
#else
  hewn::link<&member::team_id, &member::agent_id>(db, 1, {2});
#endif
}
