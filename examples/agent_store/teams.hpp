// examples/agent_store/teams.hpp - teams and who is in them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"
#include "session.hpp"

#include <hewn/shapes.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace platform {

struct team_page {
  platform::team team;
  std::vector<team_member> members;
};

/// Stores a team with its members, or nothing at all; `team_id` of the members is filled in.
inline team create_team(const session& db, team created, std::vector<team_member> members) {
  return hewn::insert(db, team_page{std::move(created), std::move(members)}).team;
}

struct member_of_team {
  std::int64_t agent_id;
  std::string name;
  team_role role;
  agent_state state;
};

/// The members by name: one statement, whatever their number.
inline std::vector<member_of_team> members_of(const session& db, std::int64_t team_id) {
  return db.all(
      hewn::from<team_member>.join<agent>()
          .where(col<&team_member::team_id> == team_id)
          .order_by(col<&agent::name>)
          .select<member_of_team>(col<&agent::id>, col<&agent::name>, col<&team_member::role>,
                                  col<&agent::state>));
}

}  // namespace platform
