// tests/migrate/files/folder_test.cpp - migration files on disk: read, and written for a draft.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate/files/folder.hpp>

#include <support/failure.hpp>
#include <support/temporary_folder.hpp>

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

using hewn::errc;
using hewn::migration_file;
using hewn::migration_numbering;
using hewn::migrations_in;
using hewn::write_migration;
using support::failure_of;
using support::says;
using support::temporary_folder;

namespace {

std::string file_of(const std::string& path) { return std::filesystem::path(path).filename(); }

}  // namespace

TEST_CASE("only .sql files of the folder itself count") {
  const temporary_folder folder("folder");
  folder.write("0002_b.sql", "-- up\nSELECT 2;");
  folder.write("0001_a.sql", "-- up\nSELECT 1;");
  folder.write("README.md", "not SQL");
  folder.write(".0003_backup.sql", "broken '");
  std::filesystem::create_directories(folder.path + "/old");
  folder.write("old/0009_z.sql", "-- up\nSELECT 9;");
  const std::vector<migration_file> all = migrations_in(folder.path);
  REQUIRE(all.size() == 2);
  CHECK(all[0].info.name == "a");
  CHECK(all[1].info.name == "b");
  CHECK(all[1].up[0].text == "SELECT 2");
}

TEST_CASE("folders that hold nothing usable") {
  const temporary_folder folder("folder");
  CHECK(says(failure_of([&] { migrations_in(folder.path); }), "holds no migrations"));
  const hewn::error absent = failure_of([&] { migrations_in(folder.path + "/none"); });
  CHECK(absent.code() == errc::cannot_open);
  CHECK(says(absent, "cannot be read as a folder of migrations"));
  folder.write("notes.sql", "-- up\nSELECT 1;");
  CHECK(says(failure_of([&] { migrations_in(folder.path); }),
             "notes.sql is not named as a migration"));
}

TEST_CASE("a draft becomes a file that reads back as it was meant") {
  const temporary_folder folder("folder");
  const std::string trigger =
      "CREATE TRIGGER t AFTER INSERT ON users BEGIN DELETE FROM a; SELECT 1; END";
  const std::string path =
      write_migration(folder.path + "/migrations",
                      {.name = "Add users & teams!",
                       .up = {"CREATE TABLE users (x)", trigger + ";", "SELECT 1; SELECT 2"},
                       .down = {"DROP TABLE users;"},
                       .destructive_up = "why",
                       .destructive_down = "the users are gone",
                       .foreign_keys_off = true});
  CHECK(file_of(path) == "0001_add_users_teams.sql");
  CHECK(folder.read("migrations/0001_add_users_teams.sql") ==
        "-- foreign keys off\n"
        "-- up\n"
        "-- destructive: why\n"
        "CREATE TABLE users (x);\n" +
            trigger +
            ";\n"
            "-- +goose StatementBegin\n"
            "SELECT 1; SELECT 2;\n"
            "-- +goose StatementEnd\n"
            "\n"
            "-- down\n"
            "-- destructive: the users are gone\n"
            "DROP TABLE users;\n");
  const migration_file m = migrations_in(folder.path + "/migrations").at(0);
  REQUIRE(m.up.size() == 3);
  CHECK(m.up[1].text == trigger);
  CHECK(m.info.foreign_keys_off);
  CHECK(m.info.destructive_up == "why");
  CHECK(m.info.destructive_down == "the users are gone");
}

TEST_CASE("versions follow what is there") {
  const temporary_folder folder("folder");
  const std::vector<std::string> up = {"SELECT 1"};
  CHECK(file_of(write_migration(folder.path, {.name = "a", .up = up})) == "0001_a.sql");
  CHECK(file_of(write_migration(folder.path, {.name = "a", .up = up})) == "0002_a.sql");
  folder.write("000009_b.sql", "-- up\nSELECT 1;");
  CHECK(file_of(write_migration(folder.path, {.name = "c", .up = up})) == "0010_c.sql");
  const std::string timed =
      file_of(write_migration(folder.path, {.name = "d", .up = up}, migration_numbering::utc_time));
  CHECK(timed.size() == std::string("20260102030405_d.sql").size());
  CHECK(timed > "2024");
  const std::string next = file_of(write_migration(folder.path, {.name = "e", .up = up}));
  CHECK(next.size() == timed.size());
  CHECK(next > timed);
  CHECK(migrations_in(folder.path).size() == 6);
}

TEST_CASE("a draft names the newest migration as its parent where that names one, too") {
  const temporary_folder folder("folder");
  const std::vector<std::string> up = {"SELECT 1"};
  write_migration(folder.path, {.name = "a", .up = up});
  folder.write("0002_b.sql", "-- after: a\n-- up\nSELECT 1;");
  write_migration(folder.path, {.name = "c", .up = up});
  CHECK(folder.read("0003_c.sql") == "-- after: 2_b\n-- up\nSELECT 1;\n");
  folder.write("0004_d.sqlite.up.sql", "-- after: c\nSELECT 1;");
  folder.write("0004_d.postgres.up.sql", "SELECT 1;");
  write_migration(folder.path, {.name = "e", .up = up});
  CHECK(folder.read("0005_e.sql") == "-- after: 4_d\n-- up\nSELECT 1;\n");
}

TEST_CASE("drafts that could not be read back are not written") {
  const temporary_folder folder("folder");
  const auto write = [&](hewn::migration_draft draft) { write_migration(folder.path, draft); };
  CHECK(says(failure_of([&] { write({.name = "!?", .up = {"SELECT 1"}}); }), "no usable name"));
  CHECK(says(failure_of([&] { write({.name = "a", .up = {}}); }), "has no statement"));
  CHECK(says(failure_of([&] { write({.name = "a", .up = {"SELECT 'x"}}); }), "never closed"));
  CHECK(says(failure_of([&] { write({.name = "a", .up = {"COMMIT"}}); }), "begins or ends"));
  CHECK(says(failure_of([&] {
               write({.name = "a", .up = {"SELECT 1"}, .down = {"SELECT 2"}, .irreversible = "x"});
             }),
             "keep one of them"));
  CHECK(std::filesystem::is_empty(folder.path));
  const hewn::error nowhere =
      failure_of([&] { write_migration("/dev/null/x", {.name = "a", .up = {"SELECT 1"}}); });
  CHECK(nowhere.code() == errc::cannot_open);
}

TEST_CASE("what is called like a migration and is no file is an error of its own", "[p:B6]") {
  const temporary_folder folder("no_files");
  folder.write("0001_a.sql", "-- up\nSELECT 1;");
  const std::string odd = folder.path + "/0002_x.sql";
  const auto refused = [&](const char* problem) {
    const hewn::error failure = failure_of([&] { migrations_in(folder.path); });
    CHECK(failure.code() == errc::cannot_open);
    CHECK(says(failure, odd + " " + problem));
  };
  SECTION("a folder") {
    std::filesystem::create_directory(odd);
    refused("is no file");
    std::filesystem::create_directory(folder.path + "/x.sql");
    CHECK(failure_of([&] { migrations_in(folder.path); }).code() == errc::cannot_open);
  }
  SECTION("a pipe, which is not waited for") {
    REQUIRE(mkfifo(odd.c_str(), 0600) == 0);
    refused("is no file");
  }
  SECTION("a link that leads nowhere") {
    std::filesystem::create_symlink(folder.path + "/none", odd);
    refused("cannot be read");
  }
  SECTION("a link that leads to itself") {
    std::filesystem::create_symlink(odd, odd);
    refused("cannot be read");
  }
  SECTION("a file in the place of the folder") {
    CHECK(failure_of([&] { migrations_in(folder.path + "/0001_a.sql"); }).code() ==
          errc::cannot_open);
  }
  SECTION("a link to a file is a file") {
    folder.write("b.txt", "-- up\nSELECT 2;");
    std::filesystem::create_symlink("b.txt", odd);
    CHECK(migrations_in(folder.path).size() == 2);
  }
}

TEST_CASE("a long file is read whole", "[p:B6]") {
  const temporary_folder folder("long_files");
  for (const std::size_t size : {4095u, 4096u, 4097u, 100'000u}) {
    std::string text = "-- up\nSELECT '";
    text += std::string(size - text.size() - 2, 'x') + "';";
    folder.write("0001_a.sql", text);
    CHECK(migrations_in(folder.path).at(0).up.at(0).text.size() == size - 7);
  }
}
