// tests/consumers/program/migrating.cpp - a program that carries its migrations.
// SPDX-License-Identifier: BSL-1.0
#include "app_migrations.hpp"

#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

struct note {
  std::int64_t id = 0;
  std::string text;
};

int main() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::migrator migrations(db, hewn::read_migrations(app_migrations));
  hewn::expect_migrations_reach<note>(db, migrations);
  for (const note& each : db.all(hewn::from<note>)) std::printf("%s\n", each.text.c_str());
}
