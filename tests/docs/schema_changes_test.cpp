// tests/docs/schema_changes_test.cpp - the recipes of docs/guide/schema-changes.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"
#include "reports.hpp"

#include <hewn/sqlite.hpp>
#include <hewn/sqlite/restore.hpp>
#include <hewn/sqlite/schema_source.hpp>
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

void expect_report(const hewn::plan& p, const std::string& region) {
  docs::check_region(region, docs::without_plan_ids(hewn::report(p)), "reports.txt");
}

// [approved]
hewn::applied apply_approved(const hewn::sqlite::database& db, const hewn::plan& plan) {
  return hewn::apply_plan(
      db, plan, {.approvals = {hewn::approve(db, plan, "reviewed with bob", {.approver = "ada"})}});
}
// [/approved]

}  // namespace

namespace first {

// [before]
struct customer {
  std::int64_t id = 0;
  std::string mail;
  std::string price;  // such as "12.50"
  std::optional<std::string> fax;
};
// [/before]

hewn::sqlite::database filled() {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<customer>(db);
  db.insert(customer{.mail = "ada@example.org", .price = "12.50", .fax = "1"});
  db.insert(customer{.mail = "bob@example.org", .price = "3", .fax = {}});
  return db;
}

}  // namespace first

namespace renamed {

// [renamed]
struct client {
  std::int64_t id = 0;
  std::string email;
  std::string price;
  std::optional<std::string> fax;

  static consteval auto table() {
    return hewn::table("client").renamed_from("customer").renamed_from<&client::email>("mail");
  }
};
// [/renamed]

}  // namespace renamed

TEST_CASE("a table and a column are renamed") {
  auto db = first::filled();
  expect_report(hewn::plan_sync<renamed::client>(db), "renamed_report");
  std::string steps;
  for (const hewn::step& s : hewn::sync<renamed::client>(db).steps()) steps += s.sql + ";\n";
  docs::check_region("renamed_steps", steps);
  CHECK(db.get<renamed::client>(1).email == "ada@example.org");
  CHECK(hewn::plan_sync<renamed::client>(db).empty());
}

namespace required {

// [required]
struct customer {
  std::int64_t id = 0;
  std::string mail;
  std::string price;
  std::optional<std::string> fax;
  std::string domain;

  static consteval auto table() {
    return hewn::table("customer")
        .backfill<&customer::domain>(hewn::raw("substr(mail, instr(mail, '@') + 1)"));
  }
};
// [/required]

}  // namespace required

TEST_CASE("a required column is filled from the others") {
  auto db = first::filled();
  expect_report(hewn::plan_sync<required::customer>(db), "required_report");
  hewn::sync<required::customer>(db);
  CHECK(db.get<required::customer>(1).domain == "example.org");
}

namespace typed {

struct customer {
  std::int64_t id = 0;
  std::string mail;
  std::int64_t price = 0;
  std::optional<std::string> fax;
};

}  // namespace typed

namespace converted {

// [converted]
struct customer {
  std::int64_t id = 0;
  std::string mail;
  std::int64_t price = 0;  // in cents
  std::optional<std::string> fax;

  static consteval auto table() {
    return hewn::table("customer")
        .convert<&customer::price>(hewn::raw("CAST(round(price * 100) AS INTEGER)"));
  }
};
// [/converted]

}  // namespace converted

TEST_CASE("a type changes, and values are converted") {
  auto db = first::filled();
  expect_report(hewn::plan_sync<typed::customer>(db), "typed_report");
  const hewn::plan plan = hewn::plan_sync<converted::customer>(db);
  expect_report(plan, "converted_report");
  apply_approved(db, plan);
  CHECK(db.get<converted::customer>(1).price == 1250);
  CHECK(hewn::plan_sync<converted::customer>(db).empty());
}

namespace dropped {

// [dropped]
struct customer {
  std::int64_t id = 0;
  std::string mail;
  std::string price;
};
// [/dropped]

}  // namespace dropped

TEST_CASE("a column is dropped, and the drop can be left out or undone") {
  auto db = first::filled();
  using dropped::customer;
  // [drop_column]
  const hewn::plan plan = hewn::plan_sync<customer>(db);
  const hewn::applied done = apply_approved(db, plan);
  // [/drop_column]
  expect_report(plan, "drop_column_report");
  CHECK(db.get<customer>(2).mail == "bob@example.org");

  // [undo]
  const hewn::plan back = hewn::plan_undo(db, done);
  // [/undo]
  expect_report(back, "undo_report");
  hewn::apply_plan(db, back);
  CHECK_FALSE(db.get<first::customer>(1).fax);
}

TEST_CASE("the backup is put back") {
  const support::temporary_folder folder("put_back");
  const std::string path = folder.path + "/app.db";
  std::string backup;
  {
    auto db = hewn::sqlite::open(path);
    hewn::sync<first::customer>(db);
    db.insert(first::customer{.mail = "ada@example.org", .price = "12.50", .fax = "1"});
    const hewn::applied done = apply_approved(db, hewn::plan_sync<dropped::customer>(db));
    // [restore]
    hewn::sqlite::restore(db, done.backup);
    // [/restore]
    CHECK(db.get<first::customer>(1).fax == "1");
    backup = done.backup;
  }
  std::ofstream(path, std::ios::binary) << "not a database";
  // [restore_file]
  hewn::sqlite::restore(path, backup);
  // [/restore_file]
  auto db = hewn::sqlite::open(path);
  CHECK(db.get<first::customer>(1).fax == "1");
  db.script("CREATE TABLE since (a)");
  // [last_backup]
  for (const hewn::audit::entry& e : hewn::audit::entries(db))
    if (!e.backup.empty()) backup = e.backup;  // of the last apply that lost something
  // [/last_backup]
  const auto refused = [&](const std::string& file) {
    return support::failure_of([&] { hewn::sqlite::restore(db, file); });
  };
  CHECK(support::says(refused(folder.path + "/absent.backup"), "cannot be restored"));
  db.transaction([&](auto&) { CHECK(refused(backup).code() == hewn::errc::usage); });
  CHECK(db.count<first::customer>() == 1);
}

TEST_CASE("a schema is read from a file") {
  const support::temporary_folder folder("schema_file");
  folder.write("schema.sql",
               "CREATE TABLE customer (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, price TEXT NOT "
               "NULL, fax TEXT);\nCREATE VIEW mails AS SELECT mail FROM customer;\n");
  auto db = first::filled();
  const std::string file = folder.path + "/schema.sql";
  // [from_file]
  const hewn::schema::database schema = hewn::sqlite::schema_from_file(file);
  const hewn::plan plan = hewn::make_plan(db, {.schema = schema, .complete = true});
  // [/from_file]
  expect_report(plan, "from_file_report");
  hewn::apply_plan(db, plan);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM mails">) == 2);
  CHECK(hewn::make_plan(db, {.schema = schema, .complete = true}).empty());
}

TEST_CASE("a table is dropped") {
  auto db = first::filled();
  // [drop_table]
  hewn::wanted_schema wanted;
  wanted.intents.push_back({.kind = hewn::intent_kind::drop_table, .table = "customer"});
  const hewn::plan plan = hewn::make_plan(db, wanted);
  // [/drop_table]
  expect_report(plan, "drop_table_report");
  apply_approved(db, plan);
  CHECK(db.one<std::int64_t>(
            hewn::sql<"SELECT count(*) FROM sqlite_schema WHERE name = 'customer'">) == 0);
}

namespace split {

struct user {
  std::int64_t id = 0;
  std::string name;
};

namespace one {

// [split_one]
struct user {  // this release writes the parts, and the one before it still reads the whole
  std::int64_t id = 0;
  std::string given_name;
  std::string family_name;

  static consteval auto table() {
    return hewn::table("user")
        .retired("name")
        .backfill<&user::given_name>(hewn::raw("substr(name, 1, instr(name, ' ') - 1)"))
        .backfill<&user::family_name>(hewn::raw("substr(name, instr(name, ' ') + 1)"));
  }
};
// [/split_one]

}  // namespace one

namespace two {

// [split_two]
struct user {
  std::int64_t id = 0;
  std::string given_name;
  std::string family_name;

  static consteval auto table() { return hewn::table("user").dropped("name"); }
};
// [/split_two]

}  // namespace two
}  // namespace split

TEST_CASE("a column goes over two releases") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<split::user>(db);
  db.insert(split::user{.name = "Ada Lovelace"});
  expect_report(hewn::plan_sync<split::one::user>(db), "split_one_report");
  hewn::sync<split::one::user>(db);
  CHECK(db.get<split::one::user>(1).family_name == "Lovelace");
  CHECK(db.get<split::user>(1).name == "Ada Lovelace");
  db.insert(split::one::user{.given_name = "Alan", .family_name = "Turing"});
  CHECK(hewn::plan_sync<split::one::user>(db).empty());

  const hewn::plan plan = hewn::plan_sync<split::two::user>(db);
  expect_report(plan, "split_two_report");
  apply_approved(db, plan);
  CHECK(db.get<split::two::user>(2).given_name == "Alan");
}

namespace swapped {

struct point {
  std::int64_t id = 0;
  double x = 0;
  double y = 0;
};

}  // namespace swapped

TEST_CASE("two columns exchange their names") {
  using swapped::point;
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<point>(db);
  db.insert(point{.x = 1, .y = 2});
  // [swap]
  const hewn::sync_options once{.intents = {{.kind = hewn::intent_kind::rename_column,
                                             .table = "point",
                                             .column = "x",
                                             .former = "y"},
                                            {.kind = hewn::intent_kind::rename_column,
                                             .table = "point",
                                             .column = "y",
                                             .former = "x"}}};
  const hewn::plan plan = hewn::plan_sync<point>(db, once);
  // [/swap]
  expect_report(plan, "swap_report");
  hewn::apply_plan(db, plan);
  CHECK(db.get<point>(1).x == 2);
}

namespace partial {

// [partial_struct]
struct customer {
  std::int64_t id = 0;
  std::string mail;
  std::string price;
  // no fax any more

  static consteval auto table() {
    return hewn::table("customer").dropped("fax").unique<&customer::mail>();
  }
};
// [/partial_struct]

}  // namespace partial

TEST_CASE("a part of a plan is left out") {
  using partial::customer;
  auto db = first::filled();
  // [partial]
  const hewn::plan whole = hewn::plan_sync<customer>(db);
  const std::string drop = whole.pending().front().id();
  const hewn::plan rest = hewn::plan_without(db, whole, {drop});
  // [/partial]
  expect_report(whole, "partial_whole");
  expect_report(rest, "partial_rest");
  hewn::apply_plan(db, rest);
  CHECK(db.get<first::customer>(1).fax == "1");
  CHECK_THROWS_AS(db.insert(first::customer{.mail = "ada@example.org"}), hewn::error);
}
