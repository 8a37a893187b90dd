// tests/docs/n_plus_one_test.cpp - the snippets of docs/guide/n-plus-one.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/sqlite.hpp>
#include <hewn/sqlite/pool.hpp>
#include <hewn/watch.hpp>

#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

using hewn::col;

namespace {

// [watched_model]
struct author {
  std::int64_t id = 0;
  std::string name;

  static consteval auto table() { return hewn::table("authors"); }
};

struct post {
  std::int64_t id = 0;
  std::int64_t author_id = 0;
  std::string title;

  static consteval auto table() {
    return hewn::table("posts").references<&post::author_id, &author::id>();
  }
};
// [/watched_model]

std::string print(const post& p, const author& by) { return p.title + " by " + by.name + "\n"; }

constexpr unsigned mistake_line = __LINE__ + 5;
std::string render_blog(const hewn::session<hewn::sqlite::driver>& db) {
  std::string page;
  // [n_plus_one]
  for (const post& p : db.all<post>())
    page += print(p, db.get<author>(p.author_id));  // a statement for each post
  // [/n_plus_one]
  return page;
}

std::string render_joined(const hewn::session<hewn::sqlite::driver>& db) {
  std::string page;
  // [one_statement]
  for (const auto& [p, by] : db.all(hewn::from<post>.join<author>())) page += print(p, by);
  // [/one_statement]
  return page;
}

// Where the snippets call their file and its lines as this page does.
std::string as_in_a_program(std::string text) {
  const std::string here = std::string(__FILE__) + ":" + std::to_string(mistake_line);
  for (std::size_t at = 0; (at = text.find(here, at)) != text.npos;)
    text.replace(at, here.size(), "blog.cpp:31");
  const std::string before = std::string(__FILE__) + ":" + std::to_string(mistake_line - 1);
  for (std::size_t at = 0; (at = text.find(before, at)) != text.npos;)
    text.replace(at, before.size(), "blog.cpp:30");
  return text;
}

}  // namespace

TEST_CASE("the snippets about statements that repeat") {
  const support::temporary_file file("n_plus_one.db");
  {
    auto db = hewn::sqlite::open(file.path);
    hewn::sync<author, post>(db);
    for (int i = 1; i != 13; ++i) {
      const author by = db.insert(author{.name = "author " + std::to_string(i)});
      db.insert(post{.author_id = by.id, .title = "post " + std::to_string(i)});
    }
    CHECK(render_blog(db) == render_joined(db));
  }
  std::ostringstream log;
  {
    auto db = hewn::sqlite::open(file.path);
    // [repeat_watch]
    const hewn::repeat_watch watch(db, {.most = 10}, [&](const hewn::repeated_statement& r) {
      log << r.site.file << ':' << r.site.line << " ran " << r.count << " times: " << r.sql << '\n';
    });
    std::string page = render_blog(db);
    // [/repeat_watch]
    CHECK(log.str().empty());
  }
  docs::check_region("repeat_watch", as_in_a_program(log.str()), "reports.txt");

  log.str("");
  auto pool = hewn::sqlite::open_pool(file.path, {.size = 3});
  {
    // [pool_watch]
    const hewn::repeat_watch watch(pool, {.most = 10}, [&](const hewn::repeated_statement& r) {
      log << r.site.file << ':' << r.site.line << " ran " << r.count << " times\n";
    });
    // ... the program serves requests
    std::string page = pool.read([](auto& tx) { return render_blog(tx); });
    // [/pool_watch]
  }
  CHECK(as_in_a_program(log.str()) == "blog.cpp:31 ran 12 times\n");

  auto db = hewn::sqlite::open(file.path);
  {
    // [expect_statements]
    std::string page = hewn::expect_statements(db, 1, [&] { return render_joined(db); });
    hewn::expect_statements(db, hewn::at_most(3), [&] { return render_joined(db); });
    hewn::expect_statements(pool, 1,
                            [&] { return pool.read([](auto& tx) { return render_joined(tx); }); });
    // [/expect_statements]
    // [expect_no_repeats]
    hewn::expect_no_repeats(db, [&] { render_joined(db); });
    hewn::expect_no_repeats(db, {.most = 20}, [&] { render_blog(db); });
    // [/expect_no_repeats]
  }
  std::string failures;
  try {
    hewn::expect_statements(db, 1, [&] { return render_blog(db); });
  } catch (const hewn::error& failure) {
    failures += failure.what() + std::string("\n");
  }
  try {
    hewn::expect_no_repeats(db, [&] { return render_blog(db); });
  } catch (const hewn::error& failure) {
    failures += failure.what() + std::string("\n");
  }
  docs::check_region("expect_statements", as_in_a_program(failures), "reports.txt");
}
