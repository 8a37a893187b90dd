// tests/live/shape_trouble_test.cpp - shapes of tables that are not as declared.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/pool_place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::shape;
using support::failure_of;
using support::message_of;

namespace {

struct country {
  std::string code;
  std::string name;
  static consteval auto table() { return hewn::table("countries").primary_key<&country::code>(); }
};

struct city {
  std::int64_t id = 0;
  std::optional<std::string> country_code;
  static consteval auto table() {
    return hewn::table("cities").references<&city::country_code, &country::code>();
  }
};

struct country_page {
  country self;
  std::vector<city> cities;
};

struct country_count {
  country self;
  std::int64_t cities = 0;
};

struct city_page {
  city self;
  std::optional<country> in;
};

struct book {
  std::int64_t id = 0;
  std::string title;
};

struct loan {
  std::int64_t id = 0;
  std::int64_t book_id = 0;
  static consteval auto table() {
    return hewn::table("loans").references<&loan::book_id, &book::id>();
  }
};

struct loan_page {
  loan self;
  book of;
};

struct book_page {
  book self;
  std::vector<loan> loans;
};

struct reader {
  std::int64_t id = 0;
  std::string name;
};

struct reading {
  std::int64_t reader_id = 0;
  std::int64_t book_id = 0;
  static consteval auto table() {
    return hewn::table("readings")
        .references<&reading::reader_id, &reader::id>()
        .references<&reading::book_id, &book::id>();
  }
};

struct reader_page {
  reader self;
  std::vector<book_page> books;
};

struct reader_log {
  reader self;
  std::vector<reading> readings;
};

struct reading_page {
  reading self;
  book of;
};

struct short_reader_page {
  reader self;
  std::vector<book> books;
};

// Without a key, and with a column of the name by which SQLite calls rows.
struct chapter {
  std::int64_t rowid = 0;
  std::int64_t book_id = 0;
  std::int64_t pages = 0;
  static consteval auto table() {
    return hewn::table("chapters").references<&chapter::book_id, &book::id>();
  }
};

struct book_chapters {
  book self;
  std::vector<chapter> chapters;
};

support::database with_books(const support::place& place) {
  auto db = place.open();
  hewn::sync<book, loan>(db);
  db.insert_many(std::vector<book>{{1, "one"}, {2, "two"}});
  db.insert_many(std::vector<loan>{{1, 1}, {2, 2}, {3, 1}});
  return db;
}

// A column that finds "AT" by "at", which the struct does not say.
void make_countries(const support::database& db) {
  if (support::on_postgres)
    db.script(
        "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', "
        "deterministic = false);"
        "CREATE TABLE countries (code text COLLATE any_case PRIMARY KEY, name text NOT NULL);"
        "CREATE TABLE cities (id bigint PRIMARY KEY, "
        "country_code text COLLATE any_case REFERENCES countries (code))");
  else
    db.script(
        "CREATE TABLE countries (code TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, "
        "name TEXT NOT NULL);"
        "CREATE TABLE cities (id INTEGER PRIMARY KEY, "
        "country_code TEXT COLLATE NOCASE REFERENCES countries (code))");
  db.insert_many(std::vector<country>{{"at", "Austria"}, {"be", "Belgium"}});
  db.insert_many(std::vector<city>{{1, "at"}, {2, std::nullopt}, {3, "be"}});
}

template <class Read>
void check_unlike(Read read) {
  const hewn::error e = failure_of(read);
  CHECK(e.code() == errc::invalid_data);
  CHECK(std::string_view(e.what()).find("though the two values differ") != std::string_view::npos);
}

}  // namespace

TEST_CASE("texts that the database alone takes for equal are an error of a shape", "[R1]") {
  const support::place place;
  auto db = place.open();
  make_countries(db);
  CHECK(db.all(shape<country_page>)[0].cities.size() == 1);
  db.insert(city{4, "AT"});
  check_unlike([&] { db.all(shape<country_page>); });
  check_unlike([&] { db.all(shape<country_page>.where(col<&country::name> == "Austria")); });
  check_unlike(
      [&] { db.all(shape<country_page>.with<&country_page::cities>(from<city>.limit(3))); });
  check_unlike([&] { db.all(shape<city_page>); });
  // The database has them in one group, which has the name of either.
  if (!support::on_postgres) db.remove<city>(1);
  if (!support::on_postgres)
    check_unlike([&] {
      db.all(shape<country_count>.with<&country_count::cities>(from<city>, hewn::count()));
    });
}

TEST_CASE("rows without the one to which they refer are left out or an error", "[R1]") {
  const support::place place;
  auto db = place.open();
  db.script(
      "CREATE TABLE book (id BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL);"
      "CREATE TABLE loans (id BIGINT NOT NULL PRIMARY KEY, book_id BIGINT NOT NULL);"
      "CREATE TABLE countries (code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL);"
      "CREATE TABLE cities (id BIGINT NOT NULL PRIMARY KEY, country_code TEXT)");
  db.execute(hewn::sql<"INSERT INTO book VALUES (1, 'one')">);
  db.execute(hewn::sql<"INSERT INTO loans VALUES (1, 1), (2, 7)">);
  db.execute(hewn::sql<"INSERT INTO countries VALUES ('at', 'Austria')">);
  db.execute(hewn::sql<"INSERT INTO cities VALUES (1, 'at'), (2, 'xx')">);
  const hewn::error e = failure_of([&] { db.all(shape<loan_page>); });
  CHECK(e.code() == errc::invalid_data);
  CHECK(std::string(e.what()).find(
            "hewn: loans has a row that refers to a row of book that is not there; make the field "
            "of the shape an std::optional, or put the row back") == 0);
  const auto books = db.all(shape<book_page>);
  REQUIRE(books.size() == 1);
  CHECK(books[0].loans.size() == 1);
  // By text, the database is asked whether the row has another parent.
  const auto countries = db.all(shape<country_page>);
  REQUIRE(countries.size() == 1);
  CHECK(countries[0].cities.size() == 1);
  const auto cities = db.all(shape<city_page>.order_by(hewn::asc<&city::id>));
  REQUIRE(cities.size() == 2);
  CHECK(cities[0].in);
  CHECK_FALSE(cities[1].in);
}

TEST_CASE("a limit for each parent tells rows without a key apart", "[R2]") {
  support::place place;
  auto db = with_books(place);
  hewn::sync<chapter>(db);
  for (std::int64_t pages = 1; pages != 7; ++pages) db.insert(chapter{7, 1 + pages % 2, pages});
  const auto books =
      db.all(shape<book_chapters>.order_by(hewn::asc<&book::id>)
                 .with<&book_chapters::chapters>(
                     from<chapter>.order_by(hewn::desc<&chapter::pages>).limit(2)));
  REQUIRE(books.size() == 2);
  REQUIRE(books[0].chapters.size() == 2);
  CHECK(books[0].chapters[1].pages == 4);
  REQUIRE(books[1].chapters.size() == 2);
  CHECK(books[1].chapters[0].pages == 5);
}

TEST_CASE("a shape that fails leaves no transaction behind", "[R6]") {
  const support::place place;
  auto db = place.open();
  db.script(
      "CREATE TABLE book (id BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL);"
      "CREATE TABLE loans (id BIGINT NOT NULL PRIMARY KEY, book_id BIGINT NOT NULL)");
  db.execute(hewn::sql<"INSERT INTO loans VALUES (2, 7)">);
  CHECK(failure_of([&] { db.all(shape<loan_page>); }).code() == errc::invalid_data);
  db.script("DROP TABLE book");
  CHECK_THROWS_AS(db.all(shape<loan_page>), hewn::error);
  const support::statement_log log;
  db.observe(log);
  db.transaction([](auto& tx) { tx.template count<loan>(); });
  REQUIRE(log.texts().size() == 3);
  CHECK(log.texts()[0].starts_with("BEGIN"));
  CHECK(log.texts()[2] == "COMMIT");
  // Within a transaction it is that one's, and goes on on SQLite.
  db.transaction([](auto& tx) {
    if (!support::on_postgres) {
      CHECK_THROWS_AS(tx.all(shape<loan_page>), hewn::error);
      CHECK(tx.template count<loan>() == 1);
    }
  });
}

TEST_CASE("a shape is read in transactions, for reading only, and inside a loop", "[R6]") {
  const support::place place;
  auto db = with_books(place);
  const auto query = shape<book_page>.order_by(hewn::asc<&book::id>);
  CHECK(db.transaction([&](auto& tx) {
    tx.insert(loan{9, 2});
    return tx.all(query)[1].loans.size();
  }) == 2);
  CHECK(db.read([&](auto& tx) { return tx.all(query)[0].loans.size(); }) == 2);
  std::size_t loans = 0;
  for (const book_page& page : db.each(query))
    loans += page.loans.size() + static_cast<std::size_t>(db.get(shape<loan_page>, 3).self.id);
  CHECK(loans == 4 + 2 * 3);
  if (!support::on_postgres) {
    loans = 0;
    for (const book& b : db.each(from<book>)) loans += db.get(query, b.id).loans.size();
    CHECK(loans == 4);
  }
  db.script(support::on_postgres ? "SET default_transaction_read_only = on"
                                 : "PRAGMA query_only = on");
  CHECK(db.all(query).size() == 2);
  CHECK(db.all(shape<loan_page>).size() == 4);
}

TEST_CASE("a connection of a pool reads shapes", "[R6]") {
  const support::pool_place place;
  auto pool = place.open();
  auto db = pool.acquire();
  hewn::sync<book, loan>(db);
  db.insert(book{1, "one"});
  db.insert(loan{1, 1});
  CHECK(db.all(shape<book_page>)[0].loans.size() == 1);
  CHECK(hewn::find_page(db, shape<loan_page>).rows.size() == 1);
}

TEST_CASE("a row that several link has what belongs to it each time", "[R3]") {
  const support::place place;
  auto db = with_books(place);
  hewn::sync<book, loan, reader, reading>(db);
  db.insert_many(std::vector<reader>{{1, "ann"}, {2, "bea"}});
  db.insert_many(std::vector<reading>{{1, 1}, {1, 2}, {2, 1}, {2, 1}});
  const auto pages = db.all(
      shape<reader_page>.order_by(hewn::asc<&reader::id>).with<&reader_page::books>(shape<book_page>.order_by(hewn::asc<&book::id>), hewn::through<reading>));
  REQUIRE(pages.size() == 2);
  REQUIRE(pages[0].books.size() == 2);
  CHECK(pages[0].books[0].loans.size() == 2);
  CHECK(pages[0].books[1].loans.size() == 1);
  REQUIRE(pages[1].books.size() == 2);
  CHECK(pages[1].books[0].loans.size() == 2);
  CHECK(pages[1].books[1].loans.size() == 2);
  // The table between has no key.
  const auto first = db.all(shape<short_reader_page>.order_by(hewn::asc<&reader::id>)
                                .with<&short_reader_page::books>(
                                    from<book>.order_by(hewn::asc<&book::id>).limit(2),
                                    hewn::through<reading>));
  REQUIRE(first.size() == 2);
  CHECK(first[0].books[1].id == 2);
  REQUIRE(first[1].books.size() == 2);
  CHECK(first[1].books[1].id == 1);
  const auto logs = db.all(shape<reader_log>.order_by(hewn::asc<&reader::id>)
                               .with<&reader_log::readings>(
                                   from<reading>.order_by(hewn::desc<&reading::book_id>).limit(1)));
  REQUIRE(logs.size() == 2);
  REQUIRE(logs[0].readings.size() == 1);
  CHECK(logs[0].readings[0].book_id == 2);
  CHECK(logs[1].readings.size() == 1);
  CHECK(db.all(shape<reading_page>).size() == 4);
}

TEST_CASE("seventy thousand roots have what belongs to them", "[R6]") {
  const support::place place;
  auto db = place.open();
  hewn::sync<book, loan>(db);
  std::vector<book> books;
  std::vector<loan> loans;
  for (std::int64_t id = 1; id <= 70'000; ++id) {
    books.push_back({id, "b"});
    if (id % 2 == 0) loans.push_back({id, id});
  }
  db.insert_many(books);
  db.insert_many(loans);
  const auto check = [](const std::vector<book_page>& pages) {
    REQUIRE(pages.size() == 70'000);
    bool right = true;
    for (const book_page& page : pages)
      right = right && page.loans.size() == (page.self.id % 2 == 0 ? 1u : 0u) &&
              (page.loans.empty() || page.loans[0].book_id == page.self.id);
    CHECK(right);
  };
  check(db.all(shape<book_page>));
  check(db.all(shape<book_page>.where(col<&book::id> > 0)));
  const auto all = db.all(shape<loan_page>);
  REQUIRE(all.size() == 35'000);
  CHECK(all.back().of.id == all.back().self.book_id);
}
