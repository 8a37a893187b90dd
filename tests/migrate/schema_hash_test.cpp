// tests/migrate/schema_hash_test.cpp - every change of a declaration is another hash.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/hewn.hpp>
#include <hewn/migrate/schema_hash.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace {

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct company {
  std::int64_t id = 0;
  std::string name;
};

// Each is the first with one thing changed.
namespace original {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users"); }
};
}  // namespace original
namespace copied {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users"); }
};
}  // namespace copied
namespace renamed_table {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("people"); }
};
}  // namespace renamed_table
namespace renamed_column {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("users"); }
};
}  // namespace renamed_column
namespace other_type {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::int64_t name = 0;
  static consteval auto table() { return hewn::table("users"); }
};
}  // namespace other_type
namespace nullable {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::optional<std::string> name;
  static consteval auto table() { return hewn::table("users"); }
};
}  // namespace nullable
namespace other_order {
struct user {
  std::int64_t id = 0;
  std::string name;
  std::int64_t team_id = 0;
  static consteval auto table() { return hewn::table("users"); }
};
}  // namespace other_order
namespace with_unique {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").unique<&user::name>(); }
};
}  // namespace with_unique
namespace with_index {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").index<&user::name>(); }
};
}  // namespace with_index
namespace descending_index {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").index<hewn::desc<&user::name>>(); }
};
}  // namespace descending_index
namespace with_length {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").length<&user::name>(1, 20); }
};
}  // namespace with_length
namespace other_length {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").length<&user::name>(1, 21); }
};
}  // namespace other_length
namespace with_check {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").check("c", "team_id > 0"); }
};
}  // namespace with_check
namespace other_check {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").check("c", "team_id > 1"); }
};
}  // namespace other_check
namespace to_team {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("users").references<&user::team_id, &team::id>();
  }
};
}  // namespace to_team
namespace to_company {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("users").references<&user::team_id, &company::id>();
  }
};
}  // namespace to_company
namespace cascading {
struct user {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("users").references<&user::team_id, &team::id>(hewn::on_delete::cascade);
  }
};
}  // namespace cascading

enum class mood { calm, angry };
struct with_mood {
  std::int64_t id = 0;
  mood now_is = mood::calm;
};
enum class more_mood { calm, angry, glad };
struct with_more_mood {
  std::int64_t id = 0;
  more_mood now_is = more_mood::calm;
  static consteval auto table() { return hewn::table("with_mood"); }
};
// What only PostgreSQL makes something of counts as well.
struct native_mood {
  std::int64_t id = 0;
  mood now_is = mood::calm;
  static consteval auto table() {
    return hewn::table("with_mood").native_enum<&native_mood::now_is>();
  }
};
struct named_native_mood {
  std::int64_t id = 0;
  mood now_is = mood::calm;
  static consteval auto table() {
    return hewn::table("with_mood").native_enum<&named_native_mood::now_is>("moods");
  }
};
template <class User>
constexpr std::string_view hash_with = hewn::schema_hash<User, team, company>;

// A constant that a build can compare with.
static_assert(hash_with<original::user> == hash_with<copied::user>);
static_assert(hewn::schema_hash<team> == "ab795c9b006dd32b");

}  // namespace

TEST_CASE("whatever changes in a declaration changes the hash") {
  const std::string_view all[] = {
      hash_with<original::user>,         hash_with<renamed_table::user>,
      hash_with<renamed_column::user>,   hash_with<other_type::user>,
      hash_with<nullable::user>,         hash_with<other_order::user>,
      hash_with<with_unique::user>,      hash_with<with_index::user>,
      hash_with<descending_index::user>, hash_with<with_length::user>,
      hash_with<other_length::user>,     hash_with<with_check::user>,
      hash_with<other_check::user>,      hash_with<to_team::user>,
      hash_with<to_company::user>,       hash_with<cascading::user>,
      hewn::schema_hash<with_mood>,      hewn::schema_hash<with_more_mood>,
      hewn::schema_hash<native_mood>,    hewn::schema_hash<named_native_mood>,

      hewn::schema_hash<team, company>,  hewn::schema_hash<company, team>,
      hewn::schema_hash<team>,           hewn::schema_hash<company>};
  CHECK(std::set<std::string_view>(std::begin(all), std::end(all)).size() == std::size(all));
  for (const std::string_view each : all) {
    CHECK(each.size() == 16);
    CHECK(each.find_first_not_of("0123456789abcdef") == each.npos);
  }
  CHECK(std::string(hewn::schema_hash<team>.c_str()) == "ab795c9b006dd32b");
}
