// tests/docs/model.hpp - the structs of the documentation's snippets.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

// [task]
enum class status { open, running, done };

struct task {
  std::int64_t id = 0;
  std::string title;
  status state = status::open;
  std::int64_t priority = 0;
  std::optional<std::string> output = {};
};
// [/task]

// [user]
struct user {
  std::int64_t id = 0;
  std::string email;
  std::string name;
  hewn::timestamp created_at = {};
  hewn::timestamp updated_at = {};

  static consteval auto table() {
    return hewn::table("users")
        .unique<&user::email>()
        .length<&user::email>(3, 254)
        .created<&user::created_at>()
        .updated<&user::updated_at>();
  }
};
// [/user]

// [team_member]
struct team_member {
  std::int64_t team = 0;
  std::int64_t user = 0;
  std::string role;

  static consteval auto table() {
    return hewn::table("team_members").primary_key<&team_member::team, &team_member::user>();
  }
};
// [/team_member]
