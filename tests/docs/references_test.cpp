// tests/docs/references_test.cpp - the snippets of docs/guide/references.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;

// [ref_model]
struct user {
  std::int64_t id = 0;
  std::string name;
};

struct ticket {
  std::int64_t id = 0;
  std::string title;
  std::optional<hewn::ref<ticket>> parent_id;  // a table may refer to itself
};

struct comment {
  std::int64_t id = 0;
  hewn::ref<ticket> ticket_id;
  std::optional<hewn::ref<user>> author;
  std::string body;

  static consteval auto table() {
    return hewn::table("comments").references<&comment::ticket_id>(hewn::on_delete::cascade);
  }
};
// [/ref_model]

// [ref_key_type]
struct country {
  std::string code;
  std::string name;

  static consteval auto table() { return hewn::table("countries").primary_key<&country::code>(); }
};

struct address {
  std::int64_t id = 0;
  hewn::ref<country, std::string> country_code;
};
// [/ref_key_type]

// [ref_link]
struct watcher {
  hewn::ref<ticket> ticket_id;
  hewn::ref<user> user_id;

  static consteval auto table() {
    return hewn::table("watchers").primary_key<&watcher::ticket_id, &watcher::user_id>();
  }
};
// [/ref_link]

// [ref_shape]
struct ticket_page {
  ticket self;
  std::vector<comment> comments;
  std::vector<user> watchers;
};
// [/ref_shape]

// [ref_result]
struct activity {
  hewn::ref<ticket> ticket_id;
  std::int64_t comments = 0;
};
// [/ref_result]

TEST_CASE("the tables of the page about references") {
  docs::expect_tables<user, ticket, comment>("ref_model");
}

TEST_CASE("the snippets about references") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<user, ticket, comment, country, address, watcher>(db);
  // [ref_insert]
  const user ann = db.insert(user{.name = "Ann"});
  const ticket roof = db.insert(ticket{.title = "The roof leaks"});
  const comment first =
      db.insert(comment{.ticket_id = roof, .author = ann, .body = "Since Monday."});
  // [/ref_insert]
  docs::recorder sql(db);
  {
    // [ref_verbs]
    ticket on = db.get(first.ticket_id);
    std::optional<user> by = db.find(*first.author);
    db.update<ticket>(first.ticket_id, col<& ticket::title> = "The roof leaks again");
    // [/ref_verbs]
    sql.expect("ref_verbs");
    CHECK(on.id == roof.id);
    CHECK(by->name == "Ann");
  }
  {
    const std::int64_t id = 1;  // as a program has it from a URL
    // [ref_conditions]
    auto on_roof = db.all(hewn::from<comment>.where(col<&comment::ticket_id> == roof));
    auto by_id =
        db.all(hewn::from<comment>.where(col<&comment::ticket_id> == hewn::ref<ticket>(id)));
    auto counts = db.all(
        hewn::from<comment>.join<ticket>().group_by(col<&comment::ticket_id>).select<activity>(col<&comment::ticket_id>, hewn::count()));
    // [/ref_conditions]
    sql.expect("ref_conditions");
    CHECK(on_roof.size() == 1);
    CHECK(by_id.size() == 1);
    CHECK(counts[0].ticket_id == roof);
  }
  {
    db.insert(watcher{.ticket_id = roof, .user_id = ann});
    // [ref_composite]
    watcher w = db.get<watcher>({roof, ann});
    // [/ref_composite]
    CHECK(w.user_id == ann);
    // [ref_pages]
    auto pages = hewn::shape<ticket_page>.with<&ticket_page::watchers>(hewn::through<watcher>);
    ticket_page page = db.get(pages, first.ticket_id);
    // [/ref_pages]
    CHECK(page.comments.size() == 1);
    CHECK(page.watchers.size() == 1);
  }
}
