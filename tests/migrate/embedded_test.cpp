// tests/migrate/embedded_test.cpp - migrations that are part of the program.
// SPDX-License-Identifier: BSL-1.0
#include "tests/migrate/embedded_migrations.hpp"

#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

TEST_CASE("embedded files are read as files in a folder are") {
  const std::vector<hewn::migration_file> all = hewn::read_migrations(embedded_migrations);
  REQUIRE(all.size() == 2);
  CHECK(all[0].info.origin == "0001_users.sql");
  CHECK(all[0].up.size() == 2);
  CHECK(all[1].info.has_down);
  auto db = hewn::sqlite::open(":memory:");
  hewn::migrator m(db, all, {.approve = [](const hewn::destruction&) { return true; }});
  CHECK(m.up().results.size() == 2);
  CHECK(db.one<std::string>(hewn::sql<"SELECT name FROM users">) == "a \"quote\", a \\ and 100 %");
  CHECK(m.down_to(0).results.size() == 2);
}
