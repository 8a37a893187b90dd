// tests/sync/scenario_structs_test.cpp - what structs declare about a change, carried out.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>

#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::raw;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> kinds(const hewn::plan& p) {
  std::vector<std::string> out;
  for (const hewn::change& c : p.changes())
    out.push_back(std::string(hewn::to_string(c.kind)) + (c.object.empty() ? "" : ' ' + c.object));
  return out;
}

using list = std::vector<std::string>;

/// The same table in one release after the other.
namespace first {
struct member {
  std::int64_t id = 0;
  std::string name;
  std::string price;
  std::optional<std::string> nick;
  std::optional<std::string> notes;
  static consteval auto table() { return hewn::table("members"); }
};
}  // namespace first

namespace second {
struct person {
  std::int64_t id = 0;
  std::string full_name;
  std::int64_t cents = 0;
  std::string nick;
  static consteval auto table() {
    return hewn::table("people")
        .renamed_from("members")
        .renamed_from<&person::full_name>("name", "label")
        .renamed_from<&person::cents>("price")
        .convert<&person::cents>(raw("CAST(cents * 100 AS INTEGER)"))
        .backfill<&person::nick>(raw("lower(full_name)"))
        .dropped("notes");
  }
};
}  // namespace second

namespace third {
struct person {
  std::int64_t id = 0;
  std::string full_name;
  std::int64_t cents = 0;
  int stars = 3;
  static consteval auto table() {
    return hewn::table("people")
        .renamed_from("members")
        .renamed_from<&person::full_name>("name", "label")
        .convert<&person::cents>(raw("CAST(cents * 100 AS INTEGER)"))
        .backfill<&person::stars>(5)
        .check("few", hewn::col<&person::stars> < 6)
        .retired("nick");
  }
};
}  // namespace third

/// A column whose name in the database is another one than the field's.
struct named {
  std::int64_t id = 0;
  std::string body;
  static consteval auto table() {
    return hewn::table("named")
        .column<&named::body>("text body")
        .renamed_from<&named::body>("body");
  }
};

struct author;
struct book {
  std::int64_t id = 0;
  std::optional<std::int64_t> author_id;
  static consteval auto table();
};
struct author {
  std::int64_t id = 0;
  std::optional<std::int64_t> best_book;
  static consteval auto table() {
    return hewn::table("authors").references<&author::best_book, &book::id>();
  }
};
consteval auto book::table() {
  return hewn::table("books").references<&book::author_id, &author::id>();
}

}  // namespace

TEST_CASE("structs that refer to each other are created at once", "[s1][s2]") {
  const auto db = hewn::sqlite::open(":memory:");
  hewn::sync<book, author>(db);
  for (int i = 0; i != 3; ++i) CHECK(hewn::sync<author, book>(db).empty());
  const auto someone = db.insert(author{});
  CHECK(db.insert(book{.author_id = someone.id}).id == 1);
  CHECK_THROWS_AS(db.insert(book{.author_id = 77}), hewn::error);
}

TEST_CASE("one release follows the other", "[s18][s19][s23][s24]") {
  const support::temporary_file file("releases.db");
  {
    const auto db = hewn::sqlite::open(file.path);
    hewn::sync<first::member>(db);
    db.insert(first::member{.name = "Ada", .price = "12"});
    db.insert(first::member{.name = "Bob", .price = "7.5", .nick = "bobby", .notes = "x"});

    const hewn::plan p = hewn::plan_sync<second::person>(db);
    CHECK(kinds(p) == list{"rename table", "rename column full_name", "rename column cents",
                           "change type cents", "fill column nick", "change nullability nick",
                           "drop column notes"});
    try {
      hewn::sync<second::person>(db);
      FAIL("nobody approved it");
    } catch (const hewn::error& e) {
      CHECK(e.code() == hewn::errc::approval_required);
      CHECK(has(e.what(), "1 value would be lost: id=2"));
    }
    CHECK(db.all<first::member>().size() == 2);

    const hewn::approval a = hewn::approve({.plan = p.fingerprint(),
                                            .from = p.from(),
                                            .changes = p.pending(),
                                            .approver = "ada",
                                            .reason = "a test"});
    hewn::sync_options options{.approvals = {a}};
    options.policy.backup = false;
    hewn::sync<second::person>(db, options);
    const auto people = db.all<second::person>();
    REQUIRE(people.size() == 2);
    CHECK(people[0].full_name == "Ada");
    CHECK(people[0].cents == 1200);
    CHECK(people[0].nick == "ada");
    CHECK(people[1].cents == 750);
    CHECK(people[1].nick == "bobby");
    CHECK(hewn::sync<second::person>(db).empty());
  }
  {
    const auto db = hewn::sqlite::open(file.path);
    const hewn::plan done = hewn::sync<third::person>(db);
    // The conversion was that of an earlier release.
    const auto people = db.all<third::person>();
    REQUIRE(people.size() == 2);
    CHECK(people[0].cents == 1200);
    CHECK(people[0].stars == 5);
    db.insert(third::person{.full_name = "Cy"});
    CHECK(hewn::sync<third::person>(db).empty());
    // The previous release still reads what is retired.
    CHECK(kinds(done) == list{"add column stars", "change nullability nick"});
  }
}

TEST_CASE("a column may be called what no field can be", "[s18][s45]") {
  const auto db = hewn::sqlite::open(":memory:");
  db.execute(hewn::sql<"CREATE TABLE named (id INTEGER PRIMARY KEY, body TEXT NOT NULL)">);
  db.execute(hewn::sql<"INSERT INTO named VALUES (1, 'a')">);
  CHECK(kinds(hewn::sync<named>(db)) == list{"rename column text body"});
  CHECK(db.get<named>(1).body == "a");
  CHECK(hewn::sync<named>(db).empty());
}
