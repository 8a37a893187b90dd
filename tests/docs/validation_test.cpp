// tests/docs/validation_test.cpp - the program of docs/guide/validation.md with its SQL.
// SPDX-License-Identifier: BSL-1.0
#include "model.hpp"
#include "recorder.hpp"

#include <hewn/dialect/write/ddl.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;

// [signup]
struct signup {
  std::int64_t id = 0;
  std::string name;
  std::string mail;
  std::optional<std::string> page;
  std::string plan = "free";
  std::string slug;
  std::string voucher;
  double share = 0;

  static consteval auto table() {
    return hewn::table("signups")
        .length<&signup::name>(1, 60)
        .not_blank<&signup::name>()
        .email<&signup::mail>()
        .url<&signup::page>()
        .one_of<&signup::plan>("free", "team")
        .characters<&signup::slug>("a-z0-9-")
        .pattern<&signup::voucher>("[A-Z]{2}-[0-9]{4}", "")
        .range<&signup::share>(0.0, 0.5);
  }
};
// [/signup]

// [validate]
struct stay {
  std::int64_t id = 0;
  std::string guest;
  std::int64_t first_night = 0;
  std::int64_t last_night = 0;

  static consteval auto table() { return hewn::table("stays").not_blank<&stay::guest>(); }
};

hewn::faults<stay> validate(const stay& s) {  // beside the struct, in its namespace
  return hewn::faults<stay>()
      .expect<&stay::last_night>(s.first_night <= s.last_night,
                                 "must not come before the first night")
      .expect(s.last_night - s.first_night < 30, "must end within 30 nights");
}
// [/validate]

namespace {

TEST_CASE("validation") {
  docs::expect_tables<signup>("signup");
  std::string text;
  for (const auto& t : hewn::schema_of<signup>(hewn::dialect::postgres).schema.tables)
    text += hewn::create_table(t, hewn::dialect::postgres) + ";\n";
  docs::check_region("signup_postgres", text);
}

TEST_CASE("faults of a form") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<signup>(db);
  std::string said;
  std::vector<std::string> marked;
  // [faults]
  try {
    db.insert(signup{.name = " ", .mail = "ada@example"});
  } catch (const hewn::error& e) {
    for (const hewn::fault& f : e.faults()) marked.push_back(f.column + " " + f.sentence);
    said = e.what();
  }
  // [/faults]
  CHECK(marked == std::vector<std::string>{"name must have a character that is no white space",
                                           "mail must be an e-mail address"});
  CHECK(said ==
        "hewn: signups.name must have a character that is no white space, and signups.mail must be "
        "an e-mail address; correct the values");
}

TEST_CASE("faults that the program finds") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<stay>(db);
  const auto outcome = db.try_insert(stay{.first_night = 9, .last_night = 8});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().is<&stay::guest>());
  CHECK(outcome.error().is<&stay::last_night>());
  CHECK(outcome.error().faults().size() == 2);
}

}  // namespace
