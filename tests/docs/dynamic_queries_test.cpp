// tests/docs/dynamic_queries_test.cpp - the snippets of docs/guide/dynamic-queries.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;

// [dynamic_model]
struct shelf {
  std::int64_t id = 0;
  std::string name;
};

struct book {
  std::int64_t id = 0;
  std::string title;
  std::int64_t shelf_id = 0;
  std::int64_t year = 0;
  std::optional<std::int64_t> pages = {};

  static consteval auto table() {
    return hewn::table("books").references<&book::shelf_id, &shelf::id>();
  }
};
// [/dynamic_model]

// [filter]
struct book_filter {
  std::optional<std::string> title;
  std::optional<std::int64_t> since;
  std::optional<std::vector<std::int64_t>> shelves;
};
// [/filter]

// [sort_choices]
constexpr hewn::sort_choices<book> book_sorts{
    {"title", col<&book::title>}, {"year", col<&book::year>}, {"pages", col<&book::pages>}};
// [/sort_choices]

// [joined_sort_choices]
constexpr hewn::sort_choices<book, shelf> shelf_sorts{{"shelf", col<&shelf::name>},
                                                      {"title", col<&book::title>}};
// [/joined_sort_choices]

namespace {

template <class Query>
std::string on_postgres(const Query& query) {
  using namespace hewn::detail;
  std::string text;
  sql_writer out{text, hewn::dialect::postgres};
  write_query(out, hewn::table_of<typename Query::record_type>, query_statement::select,
              &write_part<Query, query_statement::select>, &query);
  return text + ";\n";
}

}  // namespace

TEST_CASE("the snippets about queries with parts chosen at run time") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<shelf, book>(db);
  const shelf left = db.insert(shelf{.name = "left"});
  db.insert(book{.title = "Emma", .shelf_id = left.id, .year = 1815, .pages = 474});
  db.insert(book{.title = "Ulysses", .shelf_id = left.id, .year = 1922});
  docs::recorder sql(db);
  {
    const book_filter filter{.title = "E%", .since = {}, .shelves = {}};
    // [if_given]
    auto books =
        db.all(hewn::from<book>.where(col<&book::title>.like(hewn::if_given(filter.title)) &&
                                      col<&book::year> >= hewn::if_given(filter.since) &&
                                      col<&book::shelf_id>.in(hewn::if_given(filter.shelves))));
    // [/if_given]
    sql.expect("if_given");
    CHECK(books.size() == 1);
  }
  {
    const bool only_long = true;
    const std::optional<std::string_view> word = "mm";
    // [where_if]
    auto books = db.all(
        hewn::from<book>.where_if(only_long, col<&book::pages> > 400).where_if(word, [](auto w) {
          return col<&book::title>.like("%" + std::string(w) + "%");
        }));
    // [/where_if]
    sql.expect("where_if");
    CHECK(books.size() == 1);
  }
  {
    const std::optional<std::string> name;
    // [where_if_joined]
    auto titles = db.all(hewn::from<book>.join<shelf>()
                             .where(col<&shelf::name> == hewn::if_given(name))
                             .where_if(true, col<&book::year> > 1900)
                             .select<std::string>(col<&book::title>));
    // [/where_if_joined]
    sql.expect("where_if_joined");
    CHECK(titles == std::vector<std::string>{"Ulysses"});
  }
  {
    const auto list = [](bool with_shelf) {
      // [join_if]
      struct book_line {
        std::string title;
        std::optional<std::string> shelf;
      };
      auto lines = hewn::from<book>.join_if<shelf>(with_shelf)
                       .where_if(with_shelf, col<&shelf::name> != "cellar")
                       .select<book_line>(col<&book::title>, col<&shelf::name>);
      // [/join_if]
      return lines;
    };
    CHECK_FALSE(db.all(list(false)).front().shelf.has_value());
    sql.expect("join_if_left_out");
    CHECK(db.all(list(true)).front().shelf == "left");
    sql.expect("join_if");
  }
  {
    const std::string asked = "-pages,title";
    // [order_by_choice]
    const auto query = hewn::from<book>.order_by(book_sorts.parse(asked));
    auto books = db.all(query);
    // [/order_by_choice]
    sql.expect("order_by_choice");
    docs::check_region("order_by_choice_postgres", on_postgres(query));
    CHECK(books.front().title == "Emma");
  }
  {
    // [joined_choice]
    auto titles = db.all(
        hewn::from<book>.join<shelf>().order_by(shelf_sorts.parse("shelf,-title")).select<std::string>(col<&book::title>));
    // [/joined_choice]
    sql.expect("joined_choice");
    CHECK(titles.front() == "Ulysses");
  }
  {
    // [unknown_choice]
    try {
      book_sorts.parse("password");
    } catch (const hewn::error& e) {
      CHECK(e.code() == hewn::errc::invalid_data);
      CHECK(e.what() == std::string("hewn: the order asked for has a name that is not offered; "
                                    "choose among title, year, pages"));
    }
    // [/unknown_choice]
  }
}
