// tests/docs/versions_test.cpp - the snippets of docs/guide/versions.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>

namespace {

using hewn::col;

// [version_model]
struct page {
  std::int64_t id = 0;
  std::string title;
  std::string text;
  std::int64_t version = 0;

  static consteval auto table() { return hewn::table("pages").version<&page::version>(); }
};
// [/version_model]

}  // namespace

TEST_CASE("the snippets about versions") {
  auto db = hewn::sqlite::open(":memory:");
  docs::expect_tables<page>("version_table");
  hewn::sync<page>(db);
  db.insert(page{.title = "Soup", .text = "Boil water."});
  docs::recorder record(db);

  // [version_update]
  page mine = db.get<page>(1);
  page theirs = db.get<page>(1);
  theirs.text = "Boil water. Add salt.";
  db.update(theirs);  // theirs.version is 1 now, good for the next update
  mine.title = "Broth";
  try {
    db.update(mine);  // would take their salt away
  } catch (const hewn::error& e) {
    if (e.code() != hewn::errc::stale) throw;
    // e.held() is 0, e.stored() is 1, and `mine` is as it was
  }
  // [/version_update]
  record.expect("version_update");
  CHECK(mine.version == 0);
  CHECK(theirs.version == 1);

  // [version_again]
  for (bool done = false; !done;) {
    page p = db.get<page>(1);
    p.title = "Broth";
    const auto written = db.try_update(p);
    if (!written && written.error().code() != hewn::errc::stale) throw written.error();
    done = written.has_value();
  }
  // [/version_again]
  CHECK(db.get<page>(1).title == "Broth");
  record.forget();

  // [version_query]
  db.update<page>(1, col<&page::text> = "Boil water.");
  // [/version_query]
  record.expect("version_query");
  CHECK(db.get<page>(1).version == 3);

  // clang-format off
  // [version_condition]
  const auto as_shown = hewn::from<page>.where(col<&page::id> == 1 && col<&page::version> == 3);
  const std::int64_t changed = db.update(as_shown, col<&page::title> = "Soup");
  // [/version_condition]
  // clang-format on
  CHECK(changed == 1);

  // [version_form]
  // What a client sends back, with the version that it was shown, against what is stored now.
  const page stored = db.get<page>(1);
  page sent = stored;
  sent.title = "Stew";
  sent.version = 4;  // from the form
  db.update(stored, sent);
  // [/version_form]
  CHECK(sent.version == 5);
  record.forget();

  // [version_remove]
  db.remove(sent);  // stale, if somebody has changed it
  // [/version_remove]
  record.expect("version_remove");
}
