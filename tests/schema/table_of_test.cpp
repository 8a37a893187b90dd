// tests/schema/table_of_test.cpp - names of fields and declarations are found in every struct.
// SPDX-License-Identifier: BSL-1.0
//
// clang looks into what a declaration names while that is not finished; a declaration that asked
// for its own table was taken for none, without a word.
#include <hewn/query/expressions/column.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/table_of.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

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

// What compilers print for an address is full of brackets where a type is.
template <class First, auto Value>
struct printed {
  First first{};
  int second_1 = 0;
};

struct no_field {};

#define EIGHT(p) int p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7;
struct long_one {
  EIGHT(a) EIGHT(b) EIGHT(c) EIGHT(d) EIGHT(e) EIGHT(f) EIGHT(g) EIGHT(h) EIGHT(i)
};
#undef EIGHT

template <class T>
bool is_printed() {
  return hewn::field_names<T> == std::array<std::string_view, 2>{"first", "second_1"};
}

struct weighted_sum {
  long sum = 0;
  template <std::size_t I>
  void operator()(int field, std::integral_constant<std::size_t, I>) {
    sum += field * static_cast<long>(I);
  }
};

}  // namespace

TEST_CASE("fields have their names in every struct") {
  struct local {
    int id, r;
  };
  CHECK(hewn::field_names<local> == std::array<std::string_view, 2>{"id", "r"});
  CHECK(is_printed<printed<int, '('>>());
  CHECK(is_printed<printed<int (*)(int, long), ','>>());
  CHECK(is_printed<printed<printed<int, '}'>, nullptr>>());
  CHECK(is_printed<printed<local, (3 > 2)>>());
  CHECK(hewn::field_names<no_field>.empty());
}

TEST_CASE("a struct of very many fields is one like others") {
  CHECK(hewn::field_names<long_one>.size() == 72);
  CHECK(hewn::field_names<long_one>[71] == "i7");
  CHECK(hewn::member_index<&long_one::i3> == 67);
  long_one row{};
  row.a1 = 5;
  row.i7 = 2;
  hewn::get_field<70>(row) = 1;
  weighted_sum sum;
  hewn::visit_fields(row, sum);
  CHECK(sum.sum == 5 + 70 + 142);
}

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
