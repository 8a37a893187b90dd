// tests/sync/diff/enumeration_diff_test.cpp - which differences of a type are additions.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/apply/apply.hpp>
#include <hewn/sync/diff/fingerprint.hpp>
#include <hewn/sync/diff/schema_diff.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using hewn::change_kind;
using hewn::dialect;

namespace {

using list = std::vector<std::string>;

hewn::schema::database with_type(const list& labels, const std::string& type = "mood") {
  return {.tables = {{.name = "agents", .columns = {{.name = "state", .type = type}}}},
          .enumerations = {{.name = type, .labels = labels}}};
}

list statements(const list& live, const list& wanted) {
  list out;
  for (const hewn::change& c :
       hewn::diff(with_type(live), {.schema = with_type(wanted)}, dialect::postgres)) {
    CHECK(c.table == "agents");
    CHECK(c.object == (c.kind == change_kind::change_type ? "state" : "mood"));
    out.push_back(c.kind == change_kind::add_value ? c.after : std::string(to_string(c.kind)));
  }
  return out;
}

}  // namespace

TEST_CASE("values that are new are added at their place") {
  CHECK(statements({"a", "b"}, {"a", "b"}) == list{});
  CHECK(statements({"b"}, {"a", "b"}) == list{"ALTER TYPE \"mood\" ADD VALUE 'a' BEFORE 'b'"});
  CHECK(statements({"a"}, {"a", "it's", "c"}) ==
        list{"ALTER TYPE \"mood\" ADD VALUE 'it''s'", "ALTER TYPE \"mood\" ADD VALUE 'c'"});
  CHECK(statements({"b", "d"}, {"a", "b", "c", "d", "e"}) ==
        list{"ALTER TYPE \"mood\" ADD VALUE 'a' BEFORE 'b'",
             "ALTER TYPE \"mood\" ADD VALUE 'c' BEFORE 'd'", "ALTER TYPE \"mood\" ADD VALUE 'e'"});
  CHECK(statements({}, {"a"}) == list{"ALTER TYPE \"mood\" ADD VALUE 'a'"});
}

TEST_CASE("anything else makes the type anew, and converts its columns") {
  for (const list& wanted : {list{"a"}, list{"b", "a"}, list{"a", "c"}, list{}, list{"A", "b"}})
    CHECK(statements({"a", "b"}, wanted) == list{"change values", "change type"});
}

TEST_CASE("a type that is not there is created once, and none is dropped") {
  hewn::schema::database wanted = with_type({"a"});
  wanted.tables.push_back({.name = "tasks", .columns = {{.name = "m", .type = "mood"}}});
  const auto changes = hewn::diff({}, {.schema = wanted}, dialect::postgres);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].kind == change_kind::create_type);
  CHECK(changes[0].after == "CREATE TYPE \"mood\" AS ENUM ('a')");
  hewn::schema::database without = with_type({});
  without.enumerations.clear();
  CHECK(hewn::diff(with_type({"a"}), {.schema = without}, dialect::postgres).empty());
}

TEST_CASE("the fingerprint of tables has the types of their columns in it, and no others") {
  const auto print = [](const hewn::schema::database& d) {
    return hewn::fingerprint(hewn::part_of(d, {"agents"}, dialect::postgres), dialect::postgres);
  };
  const auto before = with_type({"a", "b"});
  CHECK(print(before) != print(with_type({"b", "a"})));
  CHECK(print(before) != print(with_type({"ab"})));
  auto more = before;
  more.enumerations.push_back({.name = "other", .labels = {"x"}});
  CHECK(print(before) == print(more));
  // As the server spells a name that needs quotes.
  auto quoted = with_type({"a"}, "Mood");
  quoted.tables[0].columns[0].type = "\"Mood\"";
  const std::string first = print(quoted);
  quoted.enumerations[0].labels.push_back("b");
  CHECK(print(quoted) != first);
  // Of a column that holds many.
  for (const char* const type : {"\"Mood\"", "mood"}) {
    auto many = with_type({"a"}, type[0] == 'm' ? "mood" : "Mood");
    many.tables[0].columns[0].type = std::string(type) + "[]";
    const std::string of_many = print(many);
    many.enumerations[0].labels.push_back("b");
    CHECK(print(many) != of_many);
  }
}

TEST_CASE("a type that somebody else has changed is named as what has moved") {
  const auto plan_from = [](const list& labels) {
    return hewn::plan(
        {.dialect = dialect::postgres, .before = with_type(labels), .managed = {"agents"}});
  };
  CHECK(hewn::detail::drift_between(plan_from({"a"}), plan_from({"a", "b"})) ==
        "type mood is another one");
}
