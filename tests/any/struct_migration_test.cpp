// tests/any/struct_migration_test.cpp - one migration for both databases, written from structs.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/any.hpp>
#include <hewn/migrate.hpp>
#include <hewn/postgres.hpp>
#include <hewn/sqlite.hpp>

#include <support/failure.hpp>
#include <support/postgres_server.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

using hewn::errc;
using hewn::migrator;
using hewn::write_migration;
using support::failure_of;
using support::says;
using support::temporary_folder;

namespace {

using list = std::vector<std::string>;
using any_migrator = migrator<hewn::any::driver>;

hewn::any::database new_server_schema() {
  const auto& of = support::postgres_server::get();
  const std::string schema = support::postgres_server::fresh_name();
  of.run("CREATE SCHEMA " + schema);
  hewn::postgres::options wanted;
  wanted.search_path = {schema};
  return hewn::any::detail::open_postgres(of.url(), wanted);
}

/// An empty database of each kind, as a program has them.
struct both {
  hewn::any::database lite = hewn::open("sqlite::memory:");
  hewn::any::database server = new_server_schema();
};

list names_of(const list& paths) {
  list out;
  for (const std::string& path : paths)
    out.push_back(std::filesystem::path(path).filename().string());
  return out;
}

hewn::migration_options approving() {
  return {.approve = [](const hewn::destruction&) { return true; }};
}

/// What is in the folder, for messages and to look for words.
std::string all_of(const temporary_folder& folder) {
  std::string out;
  for (const std::string& name : folder.files())
    out += "== " + name + "\n" + folder.read(name) + "\n";
  return out;
}

/// A struct or several.
template <class... Tables>
struct set {
  static hewn::plan plan(const hewn::any::database& db) { return hewn::plan_sync<Tables...>(db); }

  template <class First, class Second>
  static list write(const temporary_folder& folder, const hewn::migration_request& request,
                    First& first, Second& second) {
    return names_of(write_migration<Tables...>(folder.path, request, first, second));
  }
};

template <class Set>
void check_reached(const hewn::any::database& db) {
  const hewn::plan rest = Set::plan(db);
  INFO(hewn::report(rest));
  CHECK(rest.empty());
}

/// Writes the way from nothing to `Before` and from there to `After`, and runs both on both
/// databases: up, down to `Before`, and up again. Returns the names of the files of the second one.
template <class Before, class After>
list evolved(bool with_way_back = true) {
  both dbs;
  const temporary_folder folder("evolved");
  CHECK_FALSE(Before::write(folder, {.name = "before"}, dbs.lite, dbs.server).empty());
  for (hewn::any::database* db : {&dbs.lite, &dbs.server}) {
    any_migrator(*db, hewn::migrations_in(folder.path)).up();
    check_reached<Before>(*db);
  }
  const list written = After::write(folder, {.name = "after"}, dbs.server, dbs.lite);
  const std::string text = all_of(folder);
  INFO(text);
  CHECK(text.find("hewn_trial") == text.npos);
  CHECK(text.find("hewn_samples") == text.npos);
  CHECK((text.find("-- irreversible") == text.npos) == with_way_back);
  for (hewn::any::database* db : {&dbs.lite, &dbs.server}) {
    any_migrator m(*db, hewn::migrations_in(folder.path), approving());
    m.up();
    check_reached<After>(*db);
    if (with_way_back) {
      if (m.status().size() > 1) m.down_to(1);
      check_reached<Before>(*db);
      m.up();
      check_reached<After>(*db);
      m.down_to(0);
      m.up();
      check_reached<After>(*db);
    }
  }
  // The folder makes what the structs declare.
  CHECK(After::write(folder, {.name = "more"}, dbs.lite, dbs.server).empty());
  return written;
}

enum class mood { calm, wild };
enum class more_mood { calm, wild, odd };

struct cat {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("cats"); }
};

struct owner {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("owners"); }
};

struct cat_with_more {
  std::int64_t id = 0;
  std::string name;
  std::optional<double> weight;
  std::optional<hewn::timestamp> born;
  std::optional<bool> tame;
  std::optional<std::vector<std::byte>> picture;
  static consteval auto table() { return hewn::table("cats"); }
};

struct cat_with_default {
  std::int64_t id = 0;
  std::string name;
  std::int64_t legs = 4;
  static consteval auto table() {
    return hewn::table("cats").default_value<&cat_with_default::legs>(4);
  }
};

struct unique_cat {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("cats").unique<&unique_cat::name>(); }
};

struct indexed_cat {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("cats").index<&indexed_cat::name>(); }
};

struct checked_cat {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("cats").length<&checked_cat::name>(1, 20); }
};

struct kept_cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> owner_id;
  static consteval auto table() {
    return hewn::table("cats")
        .references<&kept_cat::owner_id, &owner::id>(hewn::on_delete::cascade)
        .index<&kept_cat::owner_id>();
  }
};

struct moody_cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<mood> now;
  static consteval auto table() { return hewn::table("cats"); }
};

struct moodier_cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<more_mood> now;
  static consteval auto table() { return hewn::table("cats"); }
};

struct native_cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<mood> now;
  static consteval auto table() {
    return hewn::table("cats").native_enum<&native_cat::now>("cat_mood");
  }
};

struct more_native_cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<more_mood> now;
  static consteval auto table() {
    return hewn::table("cats").native_enum<&more_native_cat::now>("cat_mood");
  }
};

struct small_cat {
  std::int64_t id = 0;
  std::int32_t lives = 0;
  static consteval auto table() { return hewn::table("cats"); }
};

struct large_cat {
  std::int64_t id = 0;
  std::int64_t lives = 0;
  static consteval auto table() { return hewn::table("cats"); }
};

struct renamed_cat {
  std::int64_t id = 0;
  std::string called;
  static consteval auto table() {
    return hewn::table("felines").renamed_from("cats").renamed_from<&renamed_cat::called>("name");
  }
};

struct nullable_cat {
  std::int64_t id = 0;
  std::optional<std::string> name;
  static consteval auto table() { return hewn::table("cats"); }
};

struct bare_cat {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("cats"); }
};

struct tired_cat {
  std::int64_t id = 0;
  std::optional<std::string> note;
  static consteval auto table() { return hewn::table("cats"); }
};

struct dated_cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<hewn::timestamp> changed;
  static consteval auto table() {
    return hewn::table("cats").updated<&dated_cat::changed>(hewn::in_database);
  }
};

struct still_cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<hewn::timestamp> changed;
  static consteval auto table() { return hewn::table("cats"); }
};

struct computed_cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> loud;
  static consteval auto table() {
    return hewn::table("cats").generated<&computed_cat::loud>("upper(name)");
  }
};

struct odd_cat {
  std::int64_t id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("cats"); }
};

struct fussy_cat {
  std::int64_t id = 0;
  std::string name;
  std::string food;
  static consteval auto table() { return hewn::table("cats"); }
};

struct fed_cat {
  std::int64_t id = 0;
  std::string name;
  std::string food;
  static consteval auto table() { return hewn::table("cats").backfill<&fed_cat::food>("fish"); }
};

/// A folder whose migrations make a table of cats on both databases.
struct with_cats {
  with_cats() { set<cat>::write(folder, {.name = "cats"}, dbs.lite, dbs.server); }

  both dbs;
  temporary_folder folder = temporary_folder("with_cats");
};

list drafted(const std::optional<hewn::migration_draft>& draft) {
  return draft ? draft->up : list();
}

}  // namespace

TEST_CASE("what structs declare more or otherwise is written, and goes there and back") {
  using cats = set<cat>;
  SECTION("a table") {
    CHECK(evolved<cats, set<cat, owner>>() ==
          list{"0002_after.sqlite.up.sql", "0002_after.postgres.up.sql", "0002_after.down.sql"});
  }
  SECTION("columns") { evolved<cats, set<cat_with_more>>(); }
  SECTION("a column with a default") { evolved<cats, set<cat_with_default>>(); }
  SECTION("a column that goes") { evolved<set<tired_cat>, set<bare_cat>>(); }
  SECTION("a unique key") { evolved<cats, set<unique_cat>>(); }
  SECTION("a unique key that goes") { evolved<set<unique_cat>, cats>(); }
  SECTION("a check") { evolved<cats, set<checked_cat>>(); }
  SECTION("a foreign key") { evolved<cats, set<owner, kept_cat>>(); }
  SECTION("a foreign key that goes") { evolved<set<owner, kept_cat>, set<owner, cat>>(); }
  SECTION("an enumeration") { evolved<cats, set<moody_cat>>(); }
  SECTION("another value of an enumeration") { evolved<set<moody_cat>, set<moodier_cat>>(); }
  SECTION("a native enumeration") { evolved<cats, set<native_cat>>(); }
  SECTION("another value of a native one") { evolved<set<native_cat>, set<more_native_cat>>(); }
  SECTION("a type") { evolved<set<small_cat>, set<large_cat>>(); }
  SECTION("NULL") { evolved<cats, set<nullable_cat>>(); }
  SECTION("a trigger") { evolved<cats, set<dated_cat>>(); }
  SECTION("a trigger that goes") { evolved<set<dated_cat>, set<still_cat>>(); }
  SECTION("a computed column") { evolved<cats, set<computed_cat>>(); }
}

TEST_CASE("what both databases say alike is one file") {
  SECTION("an index") { CHECK(evolved<set<cat>, set<indexed_cat>>() == list{"0002_after.sql"}); }
  SECTION("names") { CHECK(evolved<set<cat>, set<renamed_cat>>() == list{"0002_after.sql"}); }
}

TEST_CASE("the database at hand does not matter, and stays as it is") {
  with_cats in;
  for (hewn::any::database* db : {&in.dbs.lite, &in.dbs.server}) {
    hewn::sync<indexed_cat>(*db);
    db->insert(indexed_cat{.name = "Tom"});
  }
  CHECK(set<indexed_cat>::write(in.folder, {.name = "names"}, in.dbs.lite, in.dbs.server) ==
        list{"0002_names.sql"});
  for (hewn::any::database* db : {&in.dbs.lite, &in.dbs.server}) {
    check_reached<set<indexed_cat>>(*db);
    CHECK(db->count<indexed_cat>() == 1);
    CHECK(db->insert(indexed_cat{.name = "Ada"}).id == 2);
  }
}

TEST_CASE("nothing to do is no file, and what one database needs is for that one") {
  with_cats in;
  const list before = in.folder.files();
  CHECK(set<cat>::write(in.folder, {.name = "more"}, in.dbs.lite, in.dbs.server).empty());
  CHECK(hewn::draft_migration<cat>(in.folder.path, {.name = "more"}, in.dbs.lite).empty());
  CHECK(in.folder.files() == before);
  in.folder.write("0002_index.postgres.sql",
                  "-- up\nCREATE INDEX cats_name_idx ON cats (name);\n-- down\nDROP INDEX "
                  "cats_name_idx;");
  const auto drafts = hewn::draft_migration<indexed_cat>(in.folder.path, {.name = "index"},
                                                         in.dbs.server, in.dbs.lite);
  CHECK(drafted(drafts.postgres).empty());
  CHECK(drafted(drafts.sqlite) == list{"CREATE INDEX \"cats_name_idx\" ON \"cats\" (\"name\")"});
  CHECK(set<indexed_cat>::write(in.folder, {.name = "index"}, in.dbs.lite, in.dbs.server) ==
        list{"0003_index.sqlite.sql"});
  for (hewn::any::database* db : {&in.dbs.lite, &in.dbs.server}) {
    any_migrator(*db, hewn::migrations_in(in.folder.path)).up();
    check_reached<set<indexed_cat>>(*db);
  }
  // With one database alone, in an empty folder that is not there yet.
  const std::string fresh = in.folder.path + "/fresh";
  CHECK(names_of(write_migration<cat>(
            fresh, {.name = "cats", .numbering = hewn::migration_numbering::sequence},
            in.dbs.server)) == list{"0001_cats.postgres.sql"});
}

TEST_CASE("what cannot be written leaves the folder as it is") {
  with_cats in;
  const list before = in.folder.files();
  const auto refused = [&](auto call) {
    const hewn::error failure = failure_of(call);
    support::check_grammar(failure);
    CHECK(failure.code() == errc::usage);
    CHECK(in.folder.files() == before);
    return std::string(failure.what());
  };
  // A new name and a new column look alike.
  const std::string ambiguous =
      refused([&] { set<odd_cat>::write(in.folder, {.name = "x"}, in.dbs.lite, in.dbs.server); });
  CHECK(ambiguous.find("no migration on SQLite leads from those that are there") != ambiguous.npos);
  CHECK(ambiguous.find("renamed_from") != ambiguous.npos);
  CHECK(refused([&] {
          set<indexed_cat>::write(in.folder, {.name = "x"}, in.dbs.lite, in.dbs.lite);
        }).find("two databases of SQLite") != std::string::npos);
  CHECK(refused([&] {
          set<indexed_cat>::write(in.folder, {.name = "?"}, in.dbs.lite, in.dbs.server);
        }).find("no usable name") != std::string::npos);
  CHECK(refused([&] {
          hewn::write_drafts(in.folder.path,
                             {.sqlite = hewn::migration_draft{.name = "a", .up = {"SELECT 1"}},
                              .postgres = hewn::migration_draft{.name = "b", .up = {"SELECT 1"}}});
        }).find("different names") != std::string::npos);
  // A name that has room for the first file alone: that one goes again.
  const std::string name(255 - 5 - 12, 'x');
  CHECK(failure_of([&] {
          hewn::write_drafts(in.folder.path,
                             {.sqlite = hewn::migration_draft{.name = name, .up = {"SELECT 1"}},
                              .postgres = hewn::migration_draft{.name = name, .up = {"SELECT 2"}}});
        }).code() == errc::cannot_open);
  CHECK(in.folder.files() == before);
}

TEST_CASE("a migration of migrators has theirs, with those in C++") {
  with_cats in;
  const auto on = [&](hewn::any::database& db) {
    any_migrator m(db, hewn::migrations_in(in.folder.path));
    m.add({.version = 2, .name = "index", .id = "1", .up = [](auto& tx) {
             tx.script("CREATE INDEX cats_name_idx ON cats (name)");
           }});
    return m;
  };
  const any_migrator lite = on(in.dbs.lite);
  any_migrator server = on(in.dbs.server);
  CHECK(lite.newest_version() == 2);
  CHECK(set<indexed_cat>::write(in.folder, {.name = "x"}, lite, server).empty());
  CHECK(set<cat, owner>::write(in.folder, {.name = "owners"}, lite, server).front() ==
        "0003_owners.sqlite.up.sql");
}

TEST_CASE("what is meant once stands in the request") {
  with_cats in;
  const list written = set<owner>::write(
      in.folder,
      {.name = "no cats", .intents = {{.kind = hewn::intent_kind::drop_table, .table = "cats"}}},
      in.dbs.lite, in.dbs.server);
  INFO(all_of(in.folder));
  CHECK(written.size() > 1);
  for (hewn::any::database* db : {&in.dbs.lite, &in.dbs.server}) {
    any_migrator m(*db, hewn::migrations_in(in.folder.path), approving());
    m.up();
    CHECK(failure_of([&] { db->count<cat>(); }).code() == errc::schema_mismatch);
    m.down();
    check_reached<set<cat>>(*db);
  }
}

TEST_CASE("rows that a migration inserts are in the way of what they do not have") {
  with_cats in;
  in.folder.write("0002_tom.sql",
                  "-- up\nINSERT INTO cats (name) VALUES ('Tom');\n-- down\n"
                  "DELETE FROM cats;");
  const hewn::error failure = failure_of(
      [&] { set<fussy_cat>::write(in.folder, {.name = "x"}, in.dbs.server, in.dbs.lite); });
  CHECK(says(failure, "no migration on PostgreSQL leads"));
  CHECK(says(failure, "cats"));
  in.folder.write("0002_tom.sql", "-- up\nSELECT 1;\n");
  CHECK_FALSE(set<fussy_cat>::write(in.folder, {.name = "x"}, in.dbs.server, in.dbs.lite).empty());
  const std::string note = "-- note: fails where the table has rows, which would have no value: ";
  CHECK(in.folder.read("0003_x.sqlite.up.sql").find(note + "add column cats.food") !=
        std::string::npos);
  CHECK(in.folder.read("0003_x.postgres.up.sql").find(note) != std::string::npos);
}

TEST_CASE("a column whose rows get a value is written without a note that it fails") {
  with_cats in;
  CHECK_FALSE(set<fed_cat>::write(in.folder, {.name = "x"}, in.dbs.server, in.dbs.lite).empty());
  const std::string text = all_of(in.folder);
  INFO(text);
  CHECK(text.find("'fish'") != text.npos);
  CHECK(text.find("-- note: fails") == text.npos);
}

TEST_CASE("pools, and databases of one kind, are as good") {
  with_cats in;
  auto lite = hewn::sqlite::open(":memory:");
  auto server = hewn::postgres::open(support::postgres_server::get().url());
  CHECK(set<indexed_cat>::write(in.folder, {.name = "x"}, server, lite) == list{"0002_x.sql"});
}
