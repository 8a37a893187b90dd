// tests/live/migration_branches_test.cpp - requirements and merged branches of migrations, on both
// databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <vector>

using hewn::errc;
using hewn::migration_file;
using hewn::migration_text;
using hewn::migrator;
using hewn::read_migrations;
using support::failure_of;
using support::number;
using support::open_new;
using support::says;

namespace {

using versions = std::vector<std::int64_t>;

versions of(const hewn::migration_report& report) {
  versions out;
  for (const auto& r : report.results) out.push_back(r.version);
  return out;
}

constexpr migration_text users = {
    "0001_users.sql",
    "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY);\n-- down\nDROP TABLE users;"};
constexpr migration_text mail = {"0002_mail.sql",
                                 "-- after: users\n-- up\nALTER TABLE users ADD COLUMN mail "
                                 "TEXT;\n-- down\nALTER TABLE users DROP COLUMN mail;"};
constexpr migration_text phone = {"0003_phone.sql",
                                  "-- after: 1\n-- up\nALTER TABLE users ADD COLUMN phone "
                                  "TEXT;\n-- down\nALTER TABLE users DROP COLUMN phone;"};
constexpr migration_text join = {"0004_join.sql", "-- after: 0002_mail, phone\n-- up\n-- down\n"};

}  // namespace

TEST_CASE("a requirement that cannot be met keeps everything from running") {
  auto db = open_new();
  const auto refused = [&](const char* annotation) {
    const std::string text = std::string(annotation) + "\n-- up\nCREATE TABLE a (x INTEGER);";
    migrator m(db, read_migrations({users, {"0002_a.sql", text}}));
    const hewn::error failure = failure_of([&] { m.up(); });
    CHECK(failure.code() == errc::usage);
    CHECK(failure_of([&] { m.validate(); }).what() == std::string(failure.what()));
    CHECK(m.dry_run().failure->what() == std::string(failure.what()));
    CHECK(m.status().size() == 2);  // looking is not running
    return std::string(failure.what());
  };
  CHECK(refused("-- requires: teams").find("requires teams, which is not there") !=
        std::string::npos);
  CHECK(refused("-- after: 0001_teams").find("requires 1_teams, which is not there") !=
        std::string::npos);
  CHECK(refused("-- requires: a").find("requires itself") != std::string::npos);
  CHECK(db.connection().native().column_names("users").empty());
}

TEST_CASE("status tells what a migration requires, and it is undone before that") {
  auto db = open_new();
  migrator m(db, read_migrations({users, mail}));
  m.add({.version = 3,
         .name = "c",
         .id = "1",
         .up = [](auto&) {},
         .down = [](auto&) {},
         .needs = {"users", 2}});
  const auto status = m.status();
  CHECK(status.at(0).needs.empty());
  CHECK(status.at(1).needs == versions{1});
  CHECK(status.at(2).needs == versions{1, 2});
  m.up();
  CHECK(of(m.down_to(0)) == versions{3, 2, 1});
}

TEST_CASE("what an applied migration requires is not undone alone") {
  auto db = open_new();
  const auto second = [](const char* annotation) {
    return std::string(annotation) + "-- up\nCREATE TABLE b (x INTEGER);\n-- down\nDROP TABLE b;";
  };
  const std::string plain = second("");
  const std::string requiring = second("-- requires: users\n");
  migrator(db, read_migrations({{"0002_b.sql", plain}}), {.allow_gaps = true}).up();
  migrator(db, read_migrations({users, {"0002_b.sql", plain}}),
           {.out_of_order = hewn::out_of_order::apply})
      .up();
  migrator m(db, read_migrations({users, {"0002_b.sql", requiring}}));
  m.repair(2, "it needs the users");
  CHECK(says(failure_of([&] { m.down(); }),
             "migration 1 (users) is required by 2 (b), which is applied; undo that one first"));
  CHECK(of(m.down_to(0)) == versions{2, 1});
}

TEST_CASE("a migration that others require is not skipped without them") {
  auto db = open_new();
  migrator(db, read_migrations({{"0002_b.sql", "-- up\nCREATE TABLE b (x INTEGER);"}}),
           {.allow_gaps = true})
      .up();
  const auto files = read_migrations(
      {users,
       {"0002_b.sql", "-- up\nCREATE TABLE b (x INTEGER);"},
       {"0003_c.sql", "-- up\nCREATE TABLE c (x INTEGER);"},
       {"0004_d.sql", "-- requires: users\n-- up\nALTER TABLE users ADD COLUMN d INTEGER;"}});
  migrator skipping(db, files, {.out_of_order = hewn::out_of_order::skip});
  CHECK(says(failure_of([&] { skipping.up(); }),
             "migration 4 (d) requires 1 (users), which comes late and is skipped"));
  CHECK(db.connection().native().column_names("c").empty());  // not even what comes before it
  migrator applying(db, files, {.out_of_order = hewn::out_of_order::apply});
  CHECK(of(applying.up()) == versions{1, 3, 4});
}

TEST_CASE("merged branches are refused until they are joined") {
  auto db = open_new();
  migrator(db, read_migrations({users, mail})).up();
  migrator merged(db, read_migrations({users, mail, phone}));
  CHECK(says(failure_of([&] { merged.up(); }),
             "migrations 2 (mail) and 3 (phone) end two branches that part after 1 (users)"));
  CHECK(number(db, "SELECT count(*) FROM hewn_migrations") == 2);
  CHECK(of(migrator(db, read_migrations({users, mail, phone, join})).up()) == versions{3, 4});

  // Another database has had the other branch.
  auto other = open_new();
  migrator(other, read_migrations({users, phone}), {.allow_gaps = true}).up();
  migrator m(other, read_migrations({users, mail, phone, join}));
  const auto report = m.up();
  CHECK(of(report) == versions{2, 4});
  CHECK(report.results.at(0).out_of_order);
  m.require_current();
  CHECK(of(m.down_to(1)) == versions{4, 2, 3});
  CHECK(support::idle(other));
}

TEST_CASE("a version that is there twice is refused with both files") {
  CHECK(says(failure_of([] {
               read_migrations({mail, {"0002_phone.sql", "-- up\nSELECT 1;"}});
             }),
             "0002_phone.sql has the same version as 0002_mail.sql; give one of them another"));
  auto db = open_new();
  migrator m(db, read_migrations({users}));
  m.add({.version = 1, .name = "other", .id = "1", .up = [](auto&) {}});
  CHECK(says(failure_of([&] { m.up(); }),
             "migration 1 (other) from C++ has the same version as 1 (users) from 0001_users.sql"));
}
