// tests/schema/table_info_test.cpp - a declaration is found, whatever it says about its own table.
// SPDX-License-Identifier: BSL-1.0
//
// clang looks into what a declaration names while that is not finished; a declaration that asked
// for its own table was taken for none, without a word.
#include <hewn/query/expressions/column.hpp>
#include <hewn/schema/table_info.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>

using hewn::col;

namespace {

enum class state { open, closed };

struct with_check {
  std::int64_t id = 0;
  std::optional<state> last;
  static consteval auto table() {
    return hewn::table("checked").check(
        "c", col<&with_check::last> != state::open || col<&with_check::last>.is_null());
  }
};

struct with_reference {
  std::int64_t id = 0;
  std::optional<std::int64_t> parent;
  static consteval auto table() {
    return hewn::table("tree").references<&with_reference::parent, &with_reference::id>();
  }
};

struct with_generated {
  std::int64_t id = 0;
  std::int64_t twice = 0;
  static consteval auto table() {
    return hewn::table("computed").generated<&with_generated::twice>(col<&with_generated::id> * 2);
  }
};

struct with_native_enum {
  std::int64_t id = 0;
  state now = state::open;
  static consteval auto table() {
    return hewn::table("typed").native_enum<&with_native_enum::now>();
  }
};

// Each names the other, so one of them declares itself beside the struct.
struct right;

struct left {
  std::int64_t id = 0;
  std::optional<std::int64_t> right_id;
};

struct right {
  std::int64_t id = 0;
  std::optional<std::int64_t> left_id;
  static consteval auto table() {
    return hewn::table("rights").references<&right::left_id, &left::id>();
  }
};

consteval auto hewn_table(hewn::type<left>) {
  return hewn::table("lefts").references<&left::right_id, &right::id>();
}

}  // namespace

TEST_CASE("a declaration is found, whatever it says about its own table") {
  CHECK(hewn::table_of<left>.name == "lefts");
  CHECK(hewn::table_of<right>.name == "rights");
  CHECK(hewn::table_of<with_check>.name == "checked");
  CHECK(hewn::table_of<with_reference>.name == "tree");
  CHECK(hewn::table_of<with_generated>.name == "computed");
  CHECK(hewn::table_of<with_native_enum>.name == "typed");
  CHECK(hewn::table_of<with_native_enum>.columns[1].enum_type == "state");
  CHECK(&hewn::table_of<with_reference>.clauses[0].target() == &hewn::table_of<with_reference>);
  CHECK(&hewn::table_of<left>.clauses[0].target() == &hewn::table_of<right>);
  CHECK(&hewn::table_of<right>.clauses[0].target() == &hewn::table_of<left>);
}
