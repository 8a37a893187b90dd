// tests/live/vectors_test.cpp - columns that hold a std::vector, there and back.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/vector.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/typed_column.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using namespace support;
using namespace std::chrono_literals;

namespace {

template <class E>
using maybe = std::vector<std::optional<E>>;

/// Empty, of one, of some, with NULL among them, and no list at all.
template <class E>
bool lists_come_back(const std::vector<E>& some) {
  column<std::vector<E>> plain;
  for (const auto& list : {std::vector<E>(), some, std::vector<E>{some.front()}})
    if (plain.stored(list) != list) return false;
  maybe<E> with_null(some.begin(), some.end());
  with_null.insert(with_null.begin(), std::nullopt);
  with_null.push_back(std::nullopt);
  column<std::optional<maybe<E>>> any;
  return any.stored(with_null) == with_null && any.stored(maybe<E>{std::nullopt})->size() == 1 &&
         any.stored(maybe<E>()) == maybe<E>() && any.stored(std::nullopt) == std::nullopt;
}

struct post {
  std::int64_t id = 0;
  std::string title;
  std::vector<std::string> tags;
  std::optional<std::vector<std::int32_t>> scores;
  maybe<double> weights;

  bool operator==(const post&) const = default;
};

std::vector<std::string> awkward_texts() {
  return {"",
          "NULL",
          "null",
          "{}",
          "[]",
          "a,b",
          "a\"b",
          "a\\b",
          " a ",
          "'",
          "\n\t",
          "z\xc3\xbc",
          "\xf0\x9f\x98\x80",
          "\x7f",
          "\x01",
          "12"};
}

}  // namespace

TEST_CASE("a vector is declared and stored as an array, or as JSON text") {
  CHECK(declared<std::vector<std::int8_t>>() == either("TEXT NOT NULL", "smallint[] NOT NULL"));
  CHECK(declared<std::vector<std::uint16_t>>() == either("TEXT NOT NULL", "integer[] NOT NULL"));
  CHECK(declared<std::vector<std::uint64_t>>() == either("TEXT NOT NULL", "bigint[] NOT NULL"));
  CHECK(declared<std::vector<bool>>() == either("TEXT NOT NULL", "boolean[] NOT NULL"));
  CHECK(declared<std::vector<float>>() == either("TEXT NOT NULL", "double precision[] NOT NULL"));
  CHECK(declared<std::vector<std::string>>() == either("TEXT NOT NULL", "text[] NOT NULL"));
  CHECK(declared<std::vector<color>>() == either("TEXT NOT NULL", "text[] NOT NULL"));
  CHECK(declared<std::vector<hewn::timestamp>>() ==
        either("TEXT NOT NULL", "timestamp with time zone[] NOT NULL"));
  CHECK(declared<std::vector<hewn::date>>() == either("TEXT NOT NULL", "date[] NOT NULL"));
  CHECK(declared<std::vector<boost::uuids::uuid>>() == either("TEXT NOT NULL", "uuid[] NOT NULL"));
  CHECK(declared<std::optional<std::vector<money>>>() == either("TEXT", "bigint[]"));
  CHECK(form<maybe<std::string>>({"a b", std::nullopt, "", "NULL"}) ==
        either(R"(text '["a b",null,"","NULL"]')", R"({"a b",NULL,"","NULL"})"));
  CHECK(form<std::vector<double>>({}) == either("text '[]'", "{}"));
}

TEST_CASE("vectors of every scalar come back") {
  CHECK(lists_come_back<bool>({true, false, true}));
  CHECK(lists_come_back<std::int8_t>({INT8_MIN, -1, 0, INT8_MAX}));
  CHECK(lists_come_back<std::int16_t>({INT16_MIN, INT16_MAX}));
  CHECK(lists_come_back<std::uint16_t>({0, UINT16_MAX}));
  CHECK(lists_come_back<std::int32_t>({INT32_MIN, INT32_MAX}));
  CHECK(lists_come_back<std::uint32_t>({0, UINT32_MAX}));
  CHECK(lists_come_back<std::int64_t>({INT64_MIN, 0, INT64_MAX}));
  CHECK(lists_come_back<std::uint64_t>({0, INT64_MAX}));
  using real = std::numeric_limits<double>;
  CHECK(lists_come_back<double>({0.1, -1.0 / 3, 1e300, real::max(), real::lowest(), real::min(),
                                 real::denorm_min(), 9007199254740993.0}));
  CHECK(lists_come_back<float>({0.1f, std::numeric_limits<float>::max()}));
  CHECK(lists_come_back<std::string>(awkward_texts()));
  CHECK(lists_come_back<color>({color::blue, color::red}));
  CHECK(lists_come_back<hewn::timestamp>(
      {at(0, 1, 1), at(9999, 12, 31) + 23h + 59min + 59s + 999999us, hewn::timestamp{} - 1us}));
  CHECK(lists_come_back<hewn::date>({std::chrono::floor<std::chrono::days>(at(0, 1, 1)),
                                     std::chrono::floor<std::chrono::days>(at(9999, 12, 31))}));
  CHECK(lists_come_back<std::chrono::sys_seconds>({std::chrono::sys_seconds(5s)}));
  CHECK(lists_come_back<std::chrono::milliseconds>({std::chrono::milliseconds::min(), 5ms}));
  boost::uuids::uuid id{};
  *id.begin() = 255;
  CHECK(lists_come_back<boost::uuids::uuid>({id, {}}));
  CHECK(lists_come_back<money>({money(INT64_MIN), money(5)}));
  CHECK(lists_come_back<language>({language("de"), language("fr")}));
  std::vector<std::int64_t> many;
  for (std::int64_t i = 0; i != 10'000; ++i) many.push_back(i * i);
  CHECK(comes_back(many));
  CHECK(comes_back(std::vector<std::string>{std::string(1 << 18, 'x'), "y"}));
}

TEST_CASE("real numbers that JSON has no place for are kept by PostgreSQL and refused for SQLite") {
  using real = std::numeric_limits<double>;
  const std::vector<double> infinite = {real::infinity(), -real::infinity()};
  const std::vector<double> negative_zero = {-0.0};
  CHECK(std::signbit(column<std::vector<double>>().stored(negative_zero)[0]));
  if (on_postgres) {
    CHECK(comes_back(infinite));
    CHECK(std::isnan(column<std::vector<double>>().stored({real::quiet_NaN()})[0]));
  } else {
    CHECK(column<std::vector<double>>().refuses(infinite));
    CHECK(column<std::vector<double>>().refuses({real::quiet_NaN()}));
  }
}

TEST_CASE("elements that cannot be stored are refused, and the column is named") {
  CHECK(column<std::vector<std::uint64_t>>().refuses({1, UINT64_MAX}));
  CHECK(column<std::vector<std::string>>().refuses({"a", std::string("b\0c", 3)}));
  CHECK(column<std::vector<color>>().refuses({color::red, static_cast<color>(7)}));
  CHECK(column<std::vector<hewn::timestamp>>().refuses({at(10000, 1, 1)}));
  CHECK(column<std::vector<hewn::date>>().refuses({hewn::date(std::chrono::year(-1) / 1 / 1)}));
  CHECK(column<std::vector<language>>().refuses({language("deu")}));
  CHECK(column<std::optional<std::vector<language>>>().refuses({{language("deu")}}));
  if (!on_postgres) CHECK(column<std::vector<std::string>>().refuses({"\xff"}));
}

TEST_CASE("lists that do not fit the field are not read") {
  const auto list = [](const std::string& json, const std::string& array) {
    return either("'" + json + "'", "'" + array + "'");
  };
  CHECK(column<std::vector<std::int64_t>>().read(list("[3, -1]", "{3,-1}")) ==
        std::vector<std::int64_t>{3, -1});
  CHECK(column<std::vector<std::int64_t>>().refuses_to_read(list("[1,null]", "{1,NULL}")));
  CHECK(column<std::vector<std::int8_t>>().refuses_to_read(list("[1,300]", "{1,300}")));
  CHECK(column<maybe<std::int8_t>>().refuses_to_read(list("[null,300]", "{NULL,300}")));
  CHECK(column<std::vector<std::int64_t>>().refuses_to_read(list("[[1],[2]]", "{{1},{2}}")));
  CHECK(column<std::vector<color>>().refuses_to_read(list("[\"red\",\"mauve\"]", "{red,mauve}")));
  CHECK(column<std::vector<float>>().refuses_to_read(list("[1e39]", "{1e39}")));
  CHECK(column<std::vector<language>>().refuses_to_read(list("[\"deu\"]", "{deu}")));
  CHECK(column<std::vector<bool>>(either("TEXT", "boolean[]")).refuses_to_read("NULL"));
  CHECK(column<std::optional<std::vector<bool>>>().read("NULL") == std::nullopt);
  if (on_postgres) {
    CHECK(column<std::vector<hewn::timestamp>>().refuses_to_read("'{infinity}'"));
    // What others declare more widely or narrowly is read and written value by value.
    CHECK(column<std::vector<std::int16_t>>("integer[]").read("'{1,2}'") ==
          std::vector<std::int16_t>{1, 2});
    CHECK(column<std::vector<std::int64_t>>("smallint[]").stored({1}) ==
          std::vector<std::int64_t>{1});
    CHECK(column<std::vector<std::int64_t>>("smallint[]").refuses({40'000}));
    CHECK(column<std::vector<double>>("numeric[]").stored({0.25}) == std::vector<double>{0.25});
    CHECK(column<std::vector<double>>("real[]").stored({0.25}) == std::vector<double>{0.25});
    CHECK(column<std::vector<std::string>>("varchar(9)[]").stored({"a"}) ==
          std::vector<std::string>{"a"});
    CHECK(column<std::vector<std::int64_t>>("bigint[]").read("'[7:8]={1,2}'") ==
          std::vector<std::int64_t>{1, 2});
  } else {
    for (const char* wrong : {"",
                              "null",
                              "{}",
                              "\"a\"",
                              "1",
                              "[",
                              "[1",
                              "[1,]",
                              "[,1]",
                              "[1 2]",
                              "[1]x",
                              "[01]",
                              "[1.]",
                              "[+1]",
                              "[nul]",
                              "[true]",
                              "[1.0]",
                              "[\"1\"]",
                              "[9223372036854775808]",
                              "[{}]"}) {
      CAPTURE(wrong);
      CHECK(column<std::vector<std::int64_t>>().refuses_to_read("'" + std::string(wrong) + "'"));
    }
    for (const char* wrong : {R"(["a)", R"(["a"b"])", R"(["\x"])", R"(["\u12"])", R"(["\ud800"])",
                              R"(["\udc00"])", R"(["\ud800\u0041"])", "[\"\n\"]", "[1]"}) {
      CAPTURE(wrong);
      CHECK(column<std::vector<std::string>>().refuses_to_read("'" + std::string(wrong) + "'"));
    }
    CHECK(column<std::vector<std::string>>().read(
              R"(' [ "\u00fc\u20ac\ud83d\ude00" , "\/\b\f\n\r\t\"\\" ] ')") ==
          std::vector<std::string>{"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", "/\b\f\n\r\t\"\\"});
    CHECK(column<std::vector<bool>>().read("json_array(1, 0)") == std::vector<bool>{true, false});
    CHECK(column<std::vector<bool>>().refuses_to_read("'[2]'"));
    CHECK(column<std::vector<double>>().read("'[1, 2.5e0]'") == std::vector<double>{1, 2.5});
    CHECK(column<std::vector<double>>().refuses_to_read("'[9007199254740993]'"));
    CHECK(column<std::vector<double>>().refuses_to_read("'[1e999]'"));
    CHECK(column<std::vector<hewn::date>>().refuses_to_read("'[\"2026-02-30\"]'"));
    CHECK(column<std::vector<std::int64_t>>().refuses_to_read("x'5b5d'"));
  }
}

TEST_CASE("each problem of a list has its own sentence") {
  const auto says = [](auto column, const std::string& literal, std::string_view wanted) {
    const auto outcome = hewn::as_result([&] { column.read(literal); });
    return !outcome &&
           std::string_view(outcome.error().what()).find(wanted) != std::string_view::npos;
  };
  CHECK(says(column<std::vector<bool>>(), either("'[null]'", "'{NULL}'"),
             "hewn: holder.value has a NULL in its list but the field has no place for it; use "
             "std::vector<std::optional<T>>, or correct the row"));
  CHECK(says(column<std::vector<bool>>(), either("'[[true]]'", "'{{t}}'"),
             "hewn: holder.value is not a list of single values but has lists in it; correct the "
             "row, or read it as JSON"));
  if (on_postgres) return;
  CHECK(says(column<std::vector<bool>>(), "'x'",
             "hewn: holder.value is not the text of a JSON array; correct the row, or read it as "
             "text"));
  CHECK(says(column<std::vector<bool>>(), "'[7]'",
             "hewn: holder.value has a value in its list that is of another type than the field "
             "expects; correct the row or the field"));
}

TEST_CASE("a column of another type is reported before a row is read") {
  const auto failure = [](const std::string& declared, const std::string& literal) {
    return failure_of([&] { column<std::vector<std::int64_t>>(declared).read(literal); });
  };
  if (on_postgres) {
    const auto other = failure("text[]", "'{a}'");
    CHECK(other.code() == errc::schema_mismatch);
    CHECK(says(other, "column value is text[] but the field is a vector of integers"));
    CHECK(failure("bigint", "1").code() == errc::schema_mismatch);
    CHECK(failure("text", "'[1]'").code() == errc::schema_mismatch);
    CHECK(failure("jsonb", "'[1]'").code() == errc::schema_mismatch);
    CHECK(failure_of([] { column<std::int64_t>("bigint[]").read("'{1}'"); }).code() ==
          errc::schema_mismatch);
  } else {
    CHECK(failure("INTEGER", "1").code() == errc::schema_mismatch);
  }
}

TEST_CASE("rows with vectors go through every verb") {
  auto db = open_new();
  hewn::sync<post>(db);
  post first = db.insert(post{.title = "one", .tags = {"a", "b"}, .scores = {{1, 2}}});
  first.tags.push_back("c\"\\");
  first.weights = {0.5, std::nullopt};
  db.update(first);
  CHECK(db.template get<post>(first.id) == first);

  std::vector<post> more;
  for (int i = 0; i != 50; ++i)
    more.push_back({.title = std::to_string(i),
                    .tags = awkward_texts(),
                    .scores = i % 3 == 0 ? std::nullopt
                                         : std::optional(std::vector<std::int32_t>(
                                               static_cast<std::size_t>(i % 3 - 1), i)),
                    .weights = {std::nullopt, i * 0.1}});
  // Completed rows go another way than those that are only read.
  std::vector<post> completed = more;
  CHECK(db.insert_many(completed) == 50);
  CHECK(db.insert_many(std::as_const(more)) == 50);
  for (const post& p : completed) CHECK(db.template get<post>(p.id) == p);
  for (post p : db.all(hewn::from<post>.where(col < &post::id >> completed.back().id))) {
    p.id = 0;
    CHECK(p == more[static_cast<std::size_t>(std::stoi(p.title))]);
  }
  db.update(hewn::from<post>.where(col<&post::title> == "one"),
            col<& post::tags> = std::vector<std::string>{"z"});
  CHECK(db.template get<post>(first.id).tags == std::vector<std::string>{"z"});
  first.tags.clear();
  CHECK(db.upsert(first).tags.empty());
}

TEST_CASE("every kind of element is inserted in bulk") {
  struct all_kinds {
    std::int64_t id = 0;
    std::vector<bool> b;
    std::vector<double> d;
    std::vector<std::optional<hewn::timestamp>> t;
    std::vector<hewn::date> days;
    std::vector<boost::uuids::uuid> u;
    std::vector<color> c;
    std::vector<std::int64_t> i;
    bool operator==(const all_kinds&) const = default;
  };
  auto db = open_new();
  hewn::sync<all_kinds>(db);
  const auto year_zero = at(0, 2, 29) + 1us;
  std::vector<all_kinds> rows(
      2, {.b = {true, false},
          .d = {0.1, -1e300, 5e-324},
          .t = {year_zero, std::nullopt, at(9999, 12, 31), hewn::timestamp{} - 1us},
          .days = {std::chrono::floor<std::chrono::days>(year_zero), hewn::date{}},
          .u = {boost::uuids::uuid{}},
          .c = {color::green},
          .i = {INT64_MIN, INT64_MAX}});
  if (on_postgres) rows[0].d.push_back(std::numeric_limits<double>::infinity());
  db.insert_many(rows);
  for (const all_kinds& row : rows) CHECK(db.template get<all_kinds>(row.id) == row);
  for (all_kinds& row : rows) row.id = 0;
  rows[1].c.push_back(static_cast<color>(9));
  const auto refused = failure_of([&] { db.insert_many(rows); });
  CHECK(refused.code() == errc::invalid_data);
  CHECK(refused.column() == "c");
}

TEST_CASE("conditions on vectors: equality and contains") {
  auto db = open_new();
  hewn::sync<post>(db);
  db.insert(post{.title = "ab", .tags = {"a", "b"}, .scores = {{1, 2}}, .weights = {0.5}});
  db.insert(post{.title = "none", .tags = {}, .scores = std::vector<std::int32_t>()});
  db.insert(post{.title = "null", .tags = {"null"}, .weights = {std::nullopt}});
  const auto titles = [&](const auto& where) {
    std::string out;
    for (const post& p : db.all(hewn::from<post>.where(where).order_by(hewn::asc<&post::id>)))
      out += p.title + " ";
    return out;
  };
  using texts = std::vector<std::string>;
  CHECK(titles(col<&post::tags> == texts{"a", "b"}) == "ab ");
  CHECK(titles(col<&post::tags> == texts{}) == "none ");
  CHECK(titles(col<&post::tags> != texts{}) == "ab null ");
  CHECK(titles(col<&post::scores> == std::vector<std::int32_t>{1, 2}) == "ab ");
  CHECK(titles(col<&post::scores> == std::nullopt) == "null ");
  CHECK(titles(col<&post::weights> == maybe<double>{0.5}) == "ab ");
  CHECK(titles(col<&post::tags>.contains("a")) == "ab ");
  CHECK(titles(col<&post::tags>.contains(std::string("null"))) == "null ");
  CHECK(titles(!col<&post::tags>.contains("a")) == "none null ");
  CHECK(titles(col<&post::scores>.contains(2)) == "ab ");
  CHECK(titles(!col<&post::scores>.contains(2)) == "none ");
  CHECK(titles(col<&post::weights>.contains(0.5) && col<&post::title> == "ab") == "ab ");

  hewn::condition<post> w;
  w = w || col<&post::tags> == texts{"a", "b"};
  w = w || col<&post::tags>.contains("null");
  CHECK(titles(w) == "ab null ");
  CHECK(titles(hewn::condition<post>(col<&post::weights> == maybe<double>{std::nullopt})) ==
        "null ");
  CHECK(titles(hewn::condition<post>(col<&post::weights> == maybe<double>{0.5})) == "ab ");
  CHECK(titles(hewn::condition<post>(col<&post::scores> == std::vector<std::int32_t>{})) ==
        "none ");
}

TEST_CASE("conditions on vectors among others choose what is changed") {
  const auto db = open_new();
  hewn::sync<post>(db);
  db.insert(post{.id = 1, .title = "one", .tags = {"a"}, .scores = {{7}}});
  db.insert(post{.id = 2, .title = "two", .tags = {"a"}, .scores = {{8}}});
  const auto tagged = [](std::int64_t id) {
    return hewn::from<post>.where(col<&post::id> == id && col<&post::tags>.contains("a"));
  };
  CHECK(db.update(tagged(1), col<& post::title> = "first") == 1);
  CHECK(db.update(
            hewn::from<post>.where(col<&post::title> == "two" && col<&post::scores>.contains(8)),
            col<& post::title> = "second", col<& post::tags> = std::vector<std::string>{"b"}) == 1);
  CHECK(db.update_returning(
              hewn::from<post>.where(col<&post::tags>.contains("b") || col<&post::id> == 3),
              col<& post::tags> = std::vector<std::string>{"a"})
            .size() == 1);
  CHECK(db.get<post>(2).title == "second");
  CHECK(db.remove(tagged(1)) == 1);
  CHECK(db.remove_returning(tagged(2)).size() == 1);
}

TEST_CASE("vectors as values of raw SQL") {
  auto db = open_new();
  hewn::sync<post>(db);
  db.insert(post{.title = "x", .tags = {"a"}});
  const std::vector<std::int64_t> ids = {1, 5};
  if (on_postgres)
    CHECK(db.template all<std::string>(hewn::sql<"SELECT title FROM post WHERE id = ANY(?)">, ids)
              .size() == 1);
  else
    CHECK(
        db.template all<std::string>(
              hewn::sql<"SELECT title FROM post WHERE id IN (SELECT value FROM json_each(?))">, ids)
            .size() == 1);
  CHECK(db.template one<std::vector<std::string>>(hewn::sql<"SELECT tags FROM post">) ==
        std::vector<std::string>{"a"});
}

namespace {

struct bare {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("bags"); }
};

struct bag {
  std::int64_t id = 0;
  std::vector<std::int64_t> numbers;
  std::optional<std::vector<std::string>> names;
  std::vector<double> weights;

  static consteval auto table() {
    return hewn::table("bags")
        .default_value<&bag::numbers>(hewn::empty)
        .default_value<&bag::weights>(hewn::empty)
        .index<&bag::names>();
  }
};

struct filled_bag {
  std::int64_t id = 0;
  std::vector<std::int64_t> numbers;
  static consteval auto table() {
    return hewn::table("bags").backfill<&filled_bag::numbers>(hewn::empty);
  }
};

struct bag_of_text {
  std::int64_t id = 0;
  std::vector<std::string> numbers;
  static consteval auto table() {
    return hewn::table("bags")
        .default_value<&bag_of_text::numbers>(hewn::empty)
        .dropped("names")
        .dropped("weights");
  }
};

}  // namespace

TEST_CASE("sync creates, adds and knows columns of vectors") {
  auto db = open_new();
  hewn::sync<bare>(db);
  db.insert(bare{});
  const hewn::plan planned = hewn::plan_sync<bag>(db);
  CAPTURE(hewn::report(planned));
  CHECK(planned.pending().empty());
  hewn::sync<bag>(db);
  CHECK(hewn::sync<bag>(db).empty());
  const bag old = db.template get<bag>(1);
  CHECK(old.numbers.empty());
  CHECK(old.names == std::nullopt);
  db.script("INSERT INTO bags (id) VALUES (2)");
  CHECK(db.template get<bag>(2).weights.empty());

  auto fresh = open_new();
  hewn::sync<bag>(fresh);
  CHECK(hewn::sync<bag>(fresh).empty());
  const auto row = fresh.insert(bag{.numbers = {1}, .names = {{"a"}}});
  CHECK(fresh.template get<bag>(row.id).names == std::vector<std::string>{"a"});
}

TEST_CASE("a list that is missing is filled with an empty one") {
  if (on_postgres) return;  // there a column without a default waits for a migration
  auto db = open_new();
  hewn::sync<bare>(db);
  db.insert(bare{});
  hewn::sync<filled_bag>(db);
  CHECK(db.template get<filled_bag>(1).numbers.empty());
}

TEST_CASE("elements of another type are another type of column") {
  auto db = open_new();
  hewn::sync<bag>(db);
  const hewn::plan planned = hewn::plan_sync<bag_of_text>(db);
  bool changes_type = false;
  for (const hewn::change& c : planned.changes())
    if (c.kind == hewn::change_kind::change_type && c.object == "numbers") {
      changes_type = true;
      CHECK(c.before == "bigint[]");
      CHECK(c.after == "text[]");
      CHECK_FALSE(c.waits());  // there are no rows
    }
  CHECK(changes_type == on_postgres);  // SQLite keeps both as text
}

namespace {

// Under names of SQLite's row, which its json_each has too.
struct labelled {
  std::int64_t id = 0;
  std::vector<std::string> oid;
  std::string rowid;
  std::vector<std::int32_t> value;
};

}  // namespace

TEST_CASE("a column that is called oid may hold a list, or be looked for in one") {
  auto db = support::open_new();
  hewn::sync<labelled>(db);
  db.insert(labelled{.oid = {"a", "b"}, .rowid = "b", .value = {1}});
  CHECK(db.count(from<labelled>.where(col<&labelled::oid>.contains("b"))) == 1);
  CHECK(db.count(from<labelled>.where(col<&labelled::oid>.contains(col<&labelled::rowid>))) == 1);
  CHECK(db.count(from<labelled>.where(col<&labelled::value>.contains(1))) == 1);
  CHECK(db.count(from<labelled>.where(col<&labelled::value>.contains(5'000'000'000))) == 0);
  CHECK(db.remove(from<labelled>.where(col<&labelled::oid>.contains("c"))) == 0);
  CHECK(db.remove(from<labelled>.where(col<&labelled::oid>.contains(col<&labelled::rowid>))) == 1);
}
