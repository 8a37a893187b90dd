// tests/docs/both_databases_test.cpp - what docs/guide/migrations.md shows for both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/postgres.hpp>
#include <hewn/sqlite.hpp>

#include <support/postgres_server.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

struct user {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("users").unique<&user::name>(); }
};

struct team {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("teams"); }
};

}  // namespace

TEST_CASE("structs become a migration for both databases") {
  const support::temporary_folder folder("both_databases");
  const std::string& folder_of_app = folder.path;
  const std::string url = support::postgres_server::get().url();
  // [write_structs]
  auto lite = hewn::sqlite::open(":memory:");
  auto server = hewn::postgres::open(url);
  const std::vector<std::string> paths =
      hewn::write_migration<user, team>(folder_of_app, {.name = "teams"}, lite, server);
  // [/write_structs]
  CHECK(paths.size() == 2);
  for (const std::string& name : folder.files())
    CHECK(folder.read(name).find("-- down") != std::string::npos);
  hewn::migrator on_file(lite, hewn::migrations_in(folder_of_app));
  on_file.up();
  CHECK(hewn::plan_sync<user, team>(lite).empty());
  hewn::migrator on_server(server, hewn::migrations_in(folder_of_app));
  on_server.up();
  CHECK(hewn::plan_sync<user, team>(server).empty());
}
