// tests/migrate/history/foreign_layouts_test.cpp - which tool's table it is, and how names match.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/migrate/history/adopt.hpp>
#include <hewn/migrate/history/foreign_layouts.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

using namespace hewn::detail;

namespace {

std::string tool_of(const std::vector<std::string>& columns) {
  const foreign_layout* const found = find_layout(columns);
  return found == nullptr ? "none" : std::string(found->tool);
}

using indices = std::vector<std::size_t>;

std::vector<hewn::migration_info> named(std::initializer_list<std::string_view> names) {
  std::vector<hewn::migration_info> out;
  for (const std::string_view name : names)
    out.push_back(
        {.version = static_cast<std::int64_t>(out.size()) + 1, .name = std::string(name)});
  return out;
}

}  // namespace

TEST_CASE("a layout is known by its columns", "[adopt]") {
  CHECK(tool_of({"id", "version_id", "is_applied", "tstamp"}) == "goose");
  CHECK(tool_of({"version", "dirty"}) == "golang-migrate");
  CHECK(tool_of({"installed_rank", "version", "description", "type", "script", "checksum",
                 "installed_by", "installed_on", "execution_time", "success"}) == "Flyway");
  CHECK(tool_of({"version", "description", "installed_on", "success", "checksum",
                 "execution_time"}) == "sqlx");
  CHECK(tool_of({"version", "run_on"}) == "Diesel");
  CHECK(tool_of({"id", "timestamp", "name"}) == "TypeORM");
  CHECK(tool_of({"version_num"}) == "Alembic");
  CHECK(tool_of({"version", "applied_at"}) == "another tool");
  CHECK(tool_of({"id", "applied_at", "checksum"}) == "another tool");
  // Columns that somebody has added, in another order and in capitals.
  CHECK(tool_of({"note", "DIRTY", "Version"}) == "golang-migrate");
  CHECK(tool_of({"id", "applied_at"}) == "none");
  CHECK(tool_of({"id", "name"}) == "none");
  CHECK(tool_of({}) == "none");
}

TEST_CASE("a column is read under the name that it has", "[adopt]") {
  const foreign_table table{"\"t\"", {"Version_ID", "is_applied", "id"}};
  CHECK(
      foreign_history_sql(*find_layout(table.columns), table, hewn::dialect::postgres) ==
      "SELECT COALESCE(CAST(\"Version_ID\" AS TEXT), '') AS \"key\", '' AS \"name\", '' AS "
      "\"at\", '' AS \"checksum\", COALESCE(CAST(\"is_applied\" AS TEXT), '') AS \"state\", '' AS "
      "\"kind\" FROM \"t\" ORDER BY \"id\"");
}

TEST_CASE("rows find their migrations by number or name", "[adopt]") {
  const auto known = named({"create_users", "create_teams", "create_roles"});
  CHECK(find_number(known, "002") == indices{1});
  CHECK(find_number(known, "2.0").empty());
  CHECK(find_number(known, "0").empty());
  CHECK(find_number(known, "").empty());
  CHECK(find_number(known, "-2").empty());
  CHECK(find_number(known, "1000000000000000000000").empty());
  CHECK(find_loosely(known, "V2__create_teams") == indices{1});
  CHECK(find_loosely(known, "0002_create_teams.sql") == indices{1});
  CHECK(find_loosely(known, "create_teams") == indices{1});
  CHECK(find_loosely(known, "Create Teams").empty());
  CHECK(find_plain_name(known, "Create  Teams!") == indices{1});
  CHECK(find_plain_name(named({"--"}), "!").empty());
  CHECK(find_number_or_name(known, {.key = "3", .name = "CreateUsers3"}) == indices{2});
  CHECK(find_number_or_name(known, {.key = "17", .name = "CreateUsers17"}) == indices{0});
  CHECK(find_number_or_name(known, {.key = "17", .name = "17"}).empty());
}

TEST_CASE("a revision is a word at an end of the name", "[adopt]") {
  const auto known = named({"ae1027a6acf0_users", "teams_1975ea83b712", "ae1027a6acf0x", "plain"});
  CHECK(find_revision(known, "ae1027a6acf0") == indices{0});
  CHECK(find_revision(known, "1975ea83b712") == indices{1});
  CHECK(find_revision(known, "ae1027a6acf0x") == indices{2});
  CHECK(find_revision(known, "0004") == indices{3});
  CHECK(find_revision(known, "").empty());
  CHECK(find_revision(known, "bb00bb00bb00").empty());
  CHECK(find_revision(named({"a1_b", "b_a1"}), "a1") == indices{0, 1});
}

TEST_CASE("a long list of rows is cut", "[adopt]") {
  CHECK(listed({"1", "2"}) == "1, 2");
  CHECK(listed(std::vector<std::string>(20, "x")).ends_with("x, x"));
  CHECK(listed(std::vector<std::string>(22, "x")).ends_with("x and 2 more"));
}
