// tests/docs/pages_test.cpp - the snippets of docs/guide/pages.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/pages.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;

// [pages_model]
struct author {
  std::int64_t id = 0;
  std::string name;
};

struct post {
  std::int64_t id = 0;
  std::string title;
  std::int64_t author_id = 0;
  std::int64_t score = 0;
  std::optional<hewn::timestamp> published = {};

  static consteval auto table() {
    return hewn::table("posts").references<&post::author_id, &author::id>();
  }
};
// [/pages_model]

// [post_line]
struct post_line {
  std::string title;
  std::string author;
};
// [/post_line]

TEST_CASE("the snippets about pages") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<author, post>(db);
  const author ann = db.insert(author{.name = "ann"});
  for (int i = 0; i != 7; ++i)
    db.insert(post{.title = "post " + std::to_string(i),
                   .author_id = ann.id,
                   .score = i % 3,
                   .published = i == 3 ? std::nullopt
                                       : std::optional(hewn::timestamp(std::chrono::seconds(i)))});
  docs::recorder sql(db);
  {
    // [first_page]
    const auto newest = hewn::from<post>.order_by(hewn::desc<&post::score>);
    hewn::page<post> page = hewn::find_page(db, newest, {.size = 3});
    // [/first_page]
    sql.expect("first_page");
    REQUIRE(page.next);
    const std::string from_the_link = page.next->text();
    // [next_page]
    page = hewn::find_page(db, newest, {.size = 3, .after = hewn::cursor<post>(from_the_link)});
    // [/next_page]
    sql.expect("next_page");
    CHECK(page.rows.size() == 3);
    // [previous_page]
    page = hewn::find_page(db, newest, {.size = 3, .before = page.previous});
    // [/previous_page]
    sql.expect("previous_page");
    CHECK(page.rows.size() == 3);
    CHECK(!page.previous);
  }
  {
    // [mixed_directions]
    const auto best = hewn::from<post>.order_by(hewn::desc<&post::score>, col<&post::title>);
    auto page = hewn::find_page(db, best, {.size = 3});
    page = hewn::find_page(db, best, {.size = 3, .after = page.next});
    // [/mixed_directions]
    sql.expect("mixed_directions");
    CHECK(page.rows.size() == 3);
  }
  {
    const std::string secret = "of the program";
    // [signed_page]
    const auto all = hewn::from<post>.order_by(col<&post::published>);
    auto page = hewn::find_page(db, all, {.size = 3, .key = secret});
    page = hewn::find_page(db, all, {.size = 3, .after = page.next, .key = secret});
    // [/signed_page]
    CHECK(page.rows.size() == 3);
    sql.forget();
  }
  {
    // [joined_page]
    auto lines = hewn::find_page(
        db,
        hewn::from<post>.join<author>().order_by(col<&author::name>, hewn::desc<&post::score>).select<post_line>(col<&post::title>, col<&author::name>),
        {.size = 3});
    // [/joined_page]
    sql.expect("joined_page");
    CHECK(lines.rows.front().author == "ann");
  }
  {
    // [numbered_page]
    auto page = hewn::find_numbered_page(db, hewn::from<post>.order_by(col<&post::title>),
                                         {.number = 2, .size = 3, .count = true});
    // [/numbered_page]
    sql.expect("numbered_page");
    CHECK(page.total == 7);
    CHECK(page.pages() == 3);
  }
  {
    // [find_and_count]
    auto best = hewn::find_and_count(
        db, hewn::from<post>.where(col<&post::score> > 0).order_by(col<&post::id>).limit(2));
    // [/find_and_count]
    sql.expect("find_and_count");
    CHECK(best.rows.size() == 2);
    CHECK(best.count == 4);
  }
  {
    std::size_t seen = 0;
    // [batches]
    for (std::vector<post>& posts : hewn::batches(db, hewn::from<post>, 4)) {
      for (const post& p : posts) seen += !p.title.empty();
    }
    // [/batches]
    sql.expect("batches");
    CHECK(seen == 7);
  }
  {
    // [count_of_select]
    auto scores = db.count(hewn::from<post>.distinct().select<std::int64_t>(col<&post::score>));
    // [/count_of_select]
    sql.expect("count_of_select");
    CHECK(scores == 3);
  }
}
