// tests/live/bad_input_test.cpp - schemas and values that are not as they should be.
// SPDX-License-Identifier: BSL-1.0
//
// Every failure is looked at by support::failure_of: the grammar of its message, and that no bound
// value shows up in it.
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::database;
using support::failure_of;
using support::open_new;
using support::says;
using support::secret;

namespace {

enum class mood { calm, angry };

struct person {
  std::int64_t id = 0;
  std::string name;
  std::int16_t age = 0;
  mood state = mood::calm;
  std::optional<double> score;
  hewn::timestamp since{};
  static consteval auto table() {
    return hewn::table("people")
        .unique<&person::name>()
        .length<&person::name>(1, 40)
        .range<&person::age>(0, 150)
        .check("not_the_devil", hewn::col<&person::score> != 666.0);
  }
};

struct pet {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("pets").references<&pet::owner, &person::id>();
  }
};

database open_people() {
  auto db = open_new();
  hewn::sync<person, pet>(db);
  db.insert(person{.name = "Ann", .age = 30});
  db.insert(person{.name = "Bob", .age = 40});
  return db;
}

/// Fails as expected, loses nothing, and the connection goes on.
template <class Action>
hewn::error fails(const database& db, errc expected, Action action) {
  const auto before = db.count<person>();
  const hewn::error failure = failure_of(action);
  CHECK(failure.code() == expected);
  CHECK(db.count<person>() == before);
  CHECK(db.get<person>(1).name == "Ann");
  // And the same inside a transaction, which goes on when an inner one has failed.
  db.transaction([&](auto& tx) {
    CHECK(failure_of([&] { tx.transaction([&](auto&) { action(); }); }).code() == expected);
    CHECK(tx.template count<person>() == before);
  });
  CHECK(db.count<person>() == before);
  return failure;
}

}  // namespace

// ---------------------------------------------------------------- schemas

TEST_CASE("a table that is missing", "[V1]") {
  const auto db = open_new();
  for (int i = 0; i != 2; ++i) {
    const auto failure = failure_of([&] { db.all<person>(); });
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(failure.table() == "people");
    CHECK(says(failure, "people"));
    CHECK(says(failure, "hewn::sync"));
  }
  CHECK(failure_of([&] { db.insert(person{.name = secret}); }).table() == "people");
  const auto raw = failure_of([&] { db.execute(hewn::sql<"DELETE FROM nowhere">); });
  CHECK(raw.code() == errc::schema_mismatch);
  CHECK(raw.table() == "nowhere");
}

TEST_CASE("columns that are missing are reported all at once", "[V1]") {
  const auto db = open_new();
  db.script("CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT)");
  const auto read = failure_of([&] { db.all<person>(); });
  CHECK(read.code() == errc::schema_mismatch);
  CHECK(read.column() == "age");
  CHECK(says(read, "table people lacks age, state, score, since of struct person"));
  const auto written = failure_of([&] { db.insert(person{.name = secret}); });
  CHECK(written.code() == errc::schema_mismatch);
  CHECK(written.column() == "age");
  CHECK(written.table() == "people");
  const auto raw = failure_of([&] { db.execute(hewn::sql<"UPDATE people SET nam = 'x'">); });
  CHECK(raw.column() == "nam");
  db.script(
      "CREATE TABLE pets (id BIGINT PRIMARY KEY, owner BIGINT, name TEXT);"
      "ALTER TABLE pets DROP COLUMN owner; ALTER TABLE pets DROP COLUMN name");
  const auto dropped = failure_of([&] { db.all<pet>(); });
  CHECK(dropped.code() == errc::schema_mismatch);
  CHECK(says(dropped, "table pets lacks owner, name of struct pet"));
}

TEST_CASE("columns of other types are reported all at once", "[V1]") {
  const auto db = open_new();
  db.script(
      "CREATE TABLE people (id BIGINT PRIMARY KEY, name INTEGER, age TEXT, state TEXT, score " +
      support::either("BLOB", "bytea") + ", since TEXT)");
  const auto failure = failure_of([&] { db.all<person>(); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(failure.table() == "people");
  CHECK(says(failure, "column name is " + support::either("INTEGER", "integer")));
  CHECK(says(failure, "column age is " + support::either("TEXT", "text")));
  CHECK(says(failure, "column score is " + support::either("BLOB", "bytea")));
  CHECK_FALSE(says(failure, "column state"));
  CHECK(failure_of([&] { db.all<person>(); }).code() == errc::schema_mismatch);
}

// ---------------------------------------------------------------- rows that others wrote

TEST_CASE("stored values that do not fit are named and change nothing", "[V1][V3]") {
  const auto db = open_new();
  struct damage {
    const char* column;
    const char* value;
    const char* says;
  };
  std::vector<damage> cases = {
      {"name", "NULL", "is NULL"},  {"age", "100000", "range"},
      {"age", "NULL", "is NULL"},   {"state", "'furious'", "enumerator"},
      {"state", "NULL", "is NULL"}, {"since", "NULL", "is NULL"},
  };
  const std::vector<damage> of_any_type = {
      {"name", "x'00'", "blob"},
      {"age", "'twelve'", "text"},
      {"age", "'12abc'", "text"},
      {"age", "1.5", "real"},
      {"state", "7", "enumerator"},
      {"score", "'a lot'", "text"},
      {"score", "x'01'", "blob"},
      {"since", "'yesterday'", "ISO 8601"},
      {"since", "99999999999999", "ISO 8601"},
  };
  if (!support::on_postgres) cases.insert(cases.end(), of_any_type.begin(), of_any_type.end());
  db.script(
      "CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT, age INTEGER, state TEXT, " +
      support::either("score REAL, since TEXT)", "score DOUBLE PRECISION, since TIMESTAMPTZ)"));
  db.insert(person{.id = 1, .name = "Ann"});
  for (const damage& d : cases) {
    CAPTURE(d.column, d.value);
    db.insert(person{.id = 2, .name = "Bob"});
    db.script("UPDATE people SET " + std::string(d.column) + " = " + d.value + " WHERE id = 2");
    for (int i = 0; i != 2; ++i) {
      const auto failure = failure_of([&] {
        if (i == 0)
          db.get<person>(2);
        else
          db.all<person>();
      });
      CHECK(failure.code() == errc::invalid_data);
      CHECK(failure.table() == "people");
      CHECK(failure.column() == d.column);
      CHECK(says(failure, std::string("people.") + d.column));
      CHECK(says(failure, d.says));
    }
    CHECK(db.get<person>(1).name == "Ann");
    CHECK(db.count<person>() == 2);
    db.remove<person>(2);
  }
}

TEST_CASE("rows that cannot be read are not removed or changed behind an error", "[V1]") {
  const auto db = open_new();
  db.script(
      "CREATE TABLE pets (id BIGINT PRIMARY KEY, owner BIGINT, name TEXT);"
      "INSERT INTO pets VALUES (1, 1, 'Rex'), (2, NULL, 'Tom')");
  const auto removing = [&] { db.remove_returning(from<pet>.where(col<&pet::id> > 0)); };
  CHECK(failure_of(removing).code() == errc::invalid_data);
  const auto updating = [&] {
    db.update_returning(from<pet>.where(col<&pet::id> > 0), col<& pet::name> = secret);
  };
  CHECK(failure_of(updating).code() == errc::invalid_data);
  CHECK(db.all<std::string>(hewn::sql<"SELECT name FROM pets ORDER BY id">) ==
        std::vector<std::string>{"Rex", "Tom"});
}

// ---------------------------------------------------------------- values of the caller's

TEST_CASE("constraints name what they guard", "[S9]") {
  const auto db = open_people();
  const auto unique = fails(db, errc::conflict, [&] { db.insert(person{.name = "Bob"}); });
  CHECK(unique.table() == "people");
  CHECK(unique.column() == "name");
  CHECK(unique.is<&person::name>());
  CHECK_FALSE(unique.is<&person::id>());
  CHECK_FALSE(unique.retryable());

  const auto key = fails(db, errc::conflict, [&] { db.insert(person{.id = 1, .name = secret}); });
  CHECK(key.is<&person::id>());

  const auto orphan =
      fails(db, errc::foreign_key, [&] { db.insert(pet{.owner = 99, .name = secret}); });
  CHECK(orphan.is<&pet::owner>());
  db.insert(pet{.owner = 2, .name = "Rex"});
  fails(db, errc::foreign_key, [&] { db.remove<person>(2); });

  const auto check =
      fails(db, errc::check, [&] { db.insert(person{.name = secret, .score = 666.0}); });
  CHECK(check.constraint() == "not_the_devil");

  const auto length =
      fails(db, errc::check, [&] { db.insert(person{.name = secret + secret + secret + secret}); });
  CHECK(length.is<&person::name>());
  CHECK(fails(db, errc::check, [&] { db.insert(person{.name = ""}); }).is<&person::name>());
  CHECK(fails(db, errc::check, [&] {
          db.insert(person{.name = secret, .age = 151});
        }).is<&person::age>());
  // Found before anything is sent, and told where all the same.
  person old{.name = "Ann", .age = 151};
  const auto placed = [&](const auto& action) {
    const auto failure = fails(db, errc::check, action);
    CHECK(failure.site().line != 0);
    CHECK(std::string(failure.site().file) == __FILE__);
  };
  placed([&] { db.insert(old); });
  placed([&] { db.insert(std::as_const(old)); });
  placed([&] { db.insert_many(std::vector<person>{old}); });
  placed([&] { db.upsert(old); });
  placed([&] { db.update(old); });
  placed([&] { db.batch([&](auto& b) { b.insert(old); }); });

  const auto not_null = fails(db, errc::not_null, [&] {
    db.execute(hewn::sql<"UPDATE people SET name = ? WHERE id = 1">, std::optional<std::string>());
  });
  CHECK(not_null.is<&person::name>());
}

TEST_CASE("values that cannot be stored name their column", "[V2][V4]") {
  const auto db = open_people();
  if (!support::on_postgres) {
    const auto nan = fails(db, errc::invalid_data, [&] {
      db.insert(person{.name = secret, .score = std::numeric_limits<double>::quiet_NaN()});
    });
    CHECK(nan.is<&person::score>());
  }
  const auto label = fails(db, errc::invalid_data, [&] {
    db.insert(person{.name = secret, .state = static_cast<mood>(9)});
  });
  CHECK(label.is<&person::state>());
  const auto year = fails(db, errc::invalid_data, [&] {
    db.insert(person{.name = secret, .since = hewn::timestamp::max()});
  });
  CHECK(year.is<&person::since>());
  fails(db, errc::invalid_data,
        [&] { db.execute(hewn::sql<"UPDATE people SET age = ?">, std::uint64_t{1} << 63); });
  fails(db, errc::invalid_data,
        [&] { db.all(from<person>.where(col<&person::state> == static_cast<mood>(9))); });
  fails(db, errc::invalid_data,
        [&] { db.all(from<person>.where(col<&person::state>.in({static_cast<mood>(9)}))); });
  fails(db, errc::invalid_data, [&] {
    hewn::condition<person> w = col<&person::state> == static_cast<mood>(9);
    db.all(from<person>.where(w));
  });
}

namespace {

struct narrow {
  std::int64_t id = 0;
  std::int8_t a = 0;
  std::uint8_t b = 0;
  std::uint32_t c = 0;
  std::uint64_t d = 0;
  float e = 0;
  double f = 0;
  std::optional<std::int8_t> g;
  std::optional<float> h;
  mood now = mood::calm;
};

/// Says which column the value does not fit, and changes nothing.
template <class Action>
void unassigned(const database& db, const std::string& column, Action action,
                const std::string& why = "has a value outside the range of the type") {
  CAPTURE(column);
  const hewn::error failure = failure_of(action);
  CHECK(failure.code() == errc::invalid_data);
  CHECK(failure.table() == "narrow");
  CHECK(failure.column() == column);
  CHECK(says(failure, "hewn: narrow." + column + ' ' + why));
  const auto row = db.get<narrow>(1);
  CHECK((row.a == 1 && row.b == 2 && row.c == 3 && row.d == 4 && row.e == 5 && row.f == 6));
  CHECK((row.g == std::int8_t{7} && row.h == 8.0f && row.now == mood::calm));
}

database open_narrow() {
  auto db = open_new();
  hewn::sync<narrow>(db);
  db.insert(narrow{.a = 1, .b = 2, .c = 3, .d = 4, .e = 5, .f = 6, .g = std::int8_t{7}, .h = 8.0f});
  return db;
}

constexpr double beyond_float = 1e300;
constexpr std::int64_t beyond_double = (std::int64_t{1} << 53) + 1;

}  // namespace

TEST_CASE("a value that the field cannot hold is not assigned", "[V3][p:A12]") {
  const auto db = open_narrow();
  const auto refused = [&](const std::string& column, const auto& set) {
    unassigned(db, column, [&] { db.update<narrow>(1, set); });
  };
  refused("a", col<& narrow::a> = 300);
  refused("a", col<& narrow::a> = -129);
  refused("b", col<& narrow::b> = -1);
  refused("b", col<& narrow::b> = std::uint64_t{256});
  refused("c", col<& narrow::c> = std::int64_t{1} << 32);
  refused("c", col<& narrow::c> = -1);
  refused("d", col<& narrow::d> = -1);
  refused("d", col<& narrow::d> = std::uint64_t{1} << 63);
  refused("e", col<& narrow::e> = beyond_float);
  refused("e", col<& narrow::e> = -beyond_float);
  refused("e", col<& narrow::e> = (1 << 24) + 1);
  refused("f", col<& narrow::f> = beyond_double);
  refused("f", col<& narrow::f> = ~std::uint64_t{0});
  refused("g", col<& narrow::g> = 300);
  refused("g", col<& narrow::g> = std::optional<int>(300));
  refused("h", col<& narrow::h> = beyond_float);
  refused("h", col<& narrow::h> = std::optional<double>(beyond_float));

  unassigned(
      db, "now", [&] { db.update<narrow>(1, col<& narrow::now> = static_cast<mood>(9)); },
      "is not one of the enumerators");
  if (!support::on_postgres)
    unassigned(
        db, "f",
        [&] { db.update<narrow>(1, col<& narrow::f> = std::numeric_limits<double>::quiet_NaN()); },
        "would be NaN");
  // The second is named, and the first is not written either.
  unassigned(db, "b", [&] { db.update<narrow>(1, col<& narrow::a> = 9, col<& narrow::b> = -1); });
  // A condition is free to ask for it.
  CHECK(db.count(from<narrow>.where(col<&narrow::a> == 300)) == 0);
  CHECK(db.count(from<narrow>.where(col<&narrow::a> < 300 && col<&narrow::b> > -1)) == 1);
  CHECK(db.count(from<narrow>.where(col<&narrow::e> < beyond_float)) == 1);
}

TEST_CASE("no verb assigns what the field cannot hold", "[V3][p:A12]") {
  const auto db = open_narrow();
  const auto one = from<narrow>.where(col<&narrow::id> == 1);
  const auto set = col<& narrow::a> = 300;
  unassigned(db, "a", [&] { db.update(one, set); });
  unassigned(db, "a", [&] {
    hewn::condition<narrow> any = col<&narrow::b> == 2;
    db.update(from<narrow>.where(any), set);
  });
  unassigned(db, "a", [&] { db.update_returning(one, set); });
  unassigned(db, "a", [&] { db.update_all<narrow>(set); });
  unassigned(db, "a", [&] {
    db.batch([&](auto& b) {
      b.template update<narrow>(1, col<& narrow::c> = 9);
      b.template update<narrow>(1, set);
    });
  });
  unassigned(db, "a", [&] { db.batch([&](auto& b) { b.update(one, set); }); });
  unassigned(db, "a", [&] {
    db.transaction([&](auto& tx) {
      tx.template update<narrow>(1, col<& narrow::c> = 9);
      tx.template update<narrow>(1, set);
    });
  });
  const auto tried = db.try_update<narrow>(1, set);
  REQUIRE_FALSE(tried);
  CHECK(tried.error().is<&narrow::a>());
}

TEST_CASE("a value of another type is assigned where the field holds it", "[V3][p:A12]") {
  const auto db = open_narrow();
  db.update<narrow>(1, col<& narrow::a> = -128, col<& narrow::b> = 255LL,
                    col<& narrow::c> = 4'294'967'295, col<& narrow::d> = 9'223'372'036'854'775'807,
                    col<& narrow::e> = 0.1, col<& narrow::f> = std::int64_t{1} << 60,
                    col<& narrow::g> = std::optional<int>(127), col<& narrow::h> = 1 << 30);
  const auto row = db.get<narrow>(1);
  CHECK((row.a == -128 && row.b == 255 && row.c == 4'294'967'295));
  CHECK((row.d == 9'223'372'036'854'775'807 && row.e == 0.1f && row.f == 0x1p60));
  CHECK((row.g == std::int8_t{127} && row.h == 0x1p30f));
  // As the row would have been written, so that what was read is found.
  CHECK(db.count(from<narrow>.where(col<&narrow::e> == row.e)) == 1);

  db.update<narrow>(1, col<& narrow::e> = std::numeric_limits<double>::infinity(),
                    col<& narrow::f> = -std::numeric_limits<float>::max(),
                    col<& narrow::g> = std::optional<int>(),
                    col<& narrow::h> = std::optional<double>(0.1));
  CHECK(db.get<narrow>(1).e == std::numeric_limits<float>::infinity());
  CHECK(db.get<narrow>(1).f == -std::numeric_limits<float>::max());
  CHECK(db.get<narrow>(1).g == std::nullopt);
  CHECK(db.get<narrow>(1).h == 0.1f);
  // An expression is the database's.
  db.update<narrow>(1, col<& narrow::a> = col<&narrow::a> + 255);
  CHECK(db.get<narrow>(1).a == 127);
}

struct tiny_key {
  std::int8_t id = 0;
  std::string note;
  static consteval auto table() { return hewn::table("tiny_keys").given_key(); }
};
struct unsigned_key {
  std::uint32_t id = 0;
  std::string note;
  static consteval auto table() { return hewn::table("unsigned_keys").given_key(); }
};
struct wide_key {
  std::int64_t id = 0;
  std::string note;
  static consteval auto table() { return hewn::table("wide_keys").given_key(); }
};
struct real_key {
  double id = 0;
  std::string note;
};
struct time_key {
  hewn::timestamp id{};
  hewn::date day{};
  std::string note;
  static consteval auto table() {
    return hewn::table("time_keys").primary_key<&time_key::id, &time_key::day>();
  }
};
struct day_key {
  hewn::date id{};
  std::string note;
};
struct pair_of_keys {
  std::int8_t shelf = 0;
  std::string name;
  std::string note;
  static consteval auto table() {
    return hewn::table("pairs_of_keys").primary_key<&pair_of_keys::shelf, &pair_of_keys::name>();
  }
};

// Every verb that takes a key finds no row by this one.
template <class T, class Key>
void finds_no_row(const database& db, const Key& key) {
  const auto rows = db.count<T>();
  CHECK(failure_of([&] { (void)db.get<T>(key); }).code() == errc::not_found);
  CHECK(db.try_get<T>(key).error().code() == errc::not_found);
  CHECK_FALSE(db.find<T>(key));
  CHECK_FALSE(*db.try_find<T>(key));
  CHECK_FALSE(db.remove<T>(key));
  CHECK_FALSE(*db.try_remove<T>(key));
  CHECK(db.get_many<T>(std::vector<Key>{key, key}).empty());
  CHECK(db.get_many<T>({key}).empty());
  CHECK(db.try_get_many<T>({key})->empty());
  CHECK(failure_of([&] { db.update<T>(key, col<& T::note> = "other"); }).code() == errc::not_found);
  CHECK(db.try_update<T>(key, col<& T::note> = "other").error().code() == errc::not_found);
  CHECK(db.batch([&](auto& b) { b.template remove<T>(key); }) == std::vector<std::int64_t>{0});
  CHECK(failure_of([&] {
          db.batch([&](auto& b) { b.template update<T>(key, col<& T::note> = "other"); });
        }).code() == errc::not_found);
  CHECK(db.count<T>() == rows);
  CHECK(db.count(from<T>.where(col<&T::note> == "other")) == 0);
}

TEST_CASE("a key that its type cannot hold is the key of no row", "[V1][p:A12]") {
  const auto db = open_new();
  hewn::sync<tiny_key, unsigned_key, wide_key, real_key, time_key, day_key, pair_of_keys>(db);
  enum { two = 2, far = 258 };
  for (const std::int8_t id : {std::int8_t{-1}, std::int8_t{2}, std::int8_t{44}, std::int8_t{0}})
    db.insert(tiny_key{.id = id, .note = "own"});
  for (const int key : {300, 256, 258, -254, 255, std::numeric_limits<int>::max()})
    finds_no_row<tiny_key>(db, key);
  finds_no_row<tiny_key>(db, std::int64_t{1} << 40);
  finds_no_row<tiny_key>(db, std::uint8_t{255});
  finds_no_row<tiny_key>(db, std::uint64_t{300});
  finds_no_row<tiny_key>(db, far);
  CHECK(db.get<tiny_key>(44).id == 44);
  CHECK(db.get<tiny_key>(std::uint64_t{2}).id == 2);
  CHECK(db.get<tiny_key>(two).id == 2);
  CHECK(db.get_many<tiny_key>({300, 44, 2, 258}).size() == 2);
  CHECK(db.get_many<tiny_key>(std::vector<std::int64_t>{300, -1, 258}).size() == 1);
  db.update<tiny_key>(44, col<& tiny_key::note> = "changed");
  CHECK(db.get<tiny_key>(44).note == "changed");
  CHECK(db.remove<tiny_key>(44));

  for (const std::uint32_t id : {0u, 7u, 0xffffffffu})
    db.insert(unsigned_key{.id = id, .note = "own"});
  finds_no_row<unsigned_key>(db, -1);
  finds_no_row<unsigned_key>(db, (std::int64_t{1} << 32) + 7);
  CHECK(db.get<unsigned_key>(7).id == 7);

  for (const std::int64_t id : {std::int64_t{-1}, std::int64_t{5}})
    db.insert(wide_key{.id = id, .note = "own"});
  finds_no_row<wide_key>(db, std::numeric_limits<std::uint64_t>::max());
  CHECK(db.get<wide_key>(std::uint64_t{5}).id == 5);

  db.insert(real_key{.id = 0x1p53, .note = "own"});
  finds_no_row<real_key>(db, (std::int64_t{1} << 53) + 1);
  CHECK(db.get<real_key>(std::int64_t{1} << 53).note == "own");

  using namespace std::chrono;
  const day_key march{.id = sys_days(2024y / March / 1), .note = "own"};
  db.insert(march);
  finds_no_row<day_key>(db, year_month_day(2024y / February / 30));
  CHECK(db.get<day_key>(year_month_day(2024y / March / 1)).note == "own");

  db.insert(pair_of_keys{.shelf = 44, .name = "a", .note = "own"});
  finds_no_row<pair_of_keys>(db, std::pair<int, std::string>(300, "a"));
  finds_no_row<pair_of_keys>(db, std::tuple<int, const char*>(300, "a"));
  CHECK(failure_of([&] { (void)db.get<pair_of_keys>({300, "a"}); }).code() == errc::not_found);
  CHECK_FALSE(db.find<pair_of_keys>({300, "a"}));
  CHECK_FALSE(db.remove<pair_of_keys>({300, "a"}));
  CHECK(db.get_many<pair_of_keys>({{300, "a"}, {44, "b"}}).empty());
  CHECK(db.get_many<pair_of_keys>({{300, "a"}, {44, "a"}}).size() == 1);
  CHECK(failure_of([&] {
          db.update<pair_of_keys>({300, "a"}, col<& pair_of_keys::note> = "other");
        }).code() == errc::not_found);
  CHECK(db.get<pair_of_keys>({44, "a"}).note == "own");
  db.update<pair_of_keys>({44, "a"}, col<& pair_of_keys::note> = "changed");
  CHECK(db.get<pair_of_keys>(std::pair<int, std::string>(44, "a")).note == "changed");
  CHECK(db.batch([](auto& b) {
    b.template remove<pair_of_keys>({300, "a"});
    b.template update<pair_of_keys>({44, "a"}, col<& pair_of_keys::note> = "again");
    b.template remove<pair_of_keys>({44, "a"});
  }) == std::vector<std::int64_t>{0, 1, 1});

  const time_key noon{.id = hewn::timestamp(hours(12)), .day = hewn::date(days(3)), .note = "own"};
  db.insert(noon);
  // The hours of 2^64 microseconds and a half; and a day that is another in 32 bits.
  CHECK_FALSE(db.find<time_key>({sys_time<hours>(hours(5'124'095'576 + 12)), noon.day}));
  CHECK_FALSE(db.find<time_key>({sys_seconds::max(), noon.day}));
  CHECK(db.find<time_key>({sys_time<hours>(hours(12)), noon.day}));
}

TEST_CASE("a row that is not there", "[S9]") {
  const auto db = open_people();
  fails(db, errc::not_found, [&] { db.get<person>(99); });
  fails(db, errc::not_found, [&] { db.update(person{.id = 99, .name = secret}); });
  fails(db, errc::not_found, [&] { db.update<person>(99, col<& person::name> = secret); });
  fails(db, errc::not_found, [&] { db.remove(person{.id = 99}); });
  fails(db, errc::not_found, [&] { db.one(from<person>.where(col<&person::name> == secret)); });
  fails(db, errc::not_found,
        [&] { db.one<std::int64_t>(hewn::sql<"SELECT id FROM people WHERE name = ?">, secret); });
  fails(db, errc::usage, [&] { db.one(from<person>); });
}

TEST_CASE("negative limits and offsets", "[S9]") {
  const auto db = open_people();
  fails(db, errc::usage, [&] { db.all(from<person>.limit(-1)); });
  fails(db, errc::usage, [&] { db.all(from<person>.offset(-1)); });
  fails(db, errc::usage,
        [&] { db.first(from<person>.limit(std::numeric_limits<std::int64_t>::min())); });
  CHECK(db.all(from<person>.limit(0)).empty());
  CHECK(db.all(from<person>.limit(std::numeric_limits<std::int64_t>::max())).size() == 2);
}

TEST_CASE("a write whose condition came out empty changes nothing", "[S9]") {
  const auto db = open_people();
  const hewn::condition<person> nothing;
  fails(db, errc::usage, [&] { db.remove(from<person>.where(nothing)); });
  fails(db, errc::usage, [&] { db.remove_returning(from<person>.where(nothing && nothing)); });
  fails(db, errc::usage, [&] { db.update(from<person>.where(!nothing), col<& person::age> = 1); });
  fails(db, errc::usage,
        [&] { db.update_returning(from<person>.where(nothing), col<& person::age> = 1); });
  CHECK(db.all(from<person>.where(nothing)).size() == 2);
}

TEST_CASE("names with quotes, keywords and other scripts", "[S2]") {
  struct odd {
    std::int64_t id = 0;
    std::string group;
    static consteval auto table() {
      return hewn::table("o'dd \"table\" ; --").column<&odd::group>("gr\"ou'p \xc3\xa9[]`");
    }
  };
  auto db = open_new();
  hewn::sync<odd>(db);
  db.insert(odd{.group = "a'b\"c"});
  CHECK(db.all(from<odd>.where(col<&odd::group> == "a'b\"c")).size() == 1);
  db.update<odd>(1, col<& odd::group> = "x");
  CHECK(db.get<odd>(1).group == "x");
  CHECK(db.count(from<odd>.where(col<&odd::group>.in({std::string("x"), std::string("'")}))) == 1);
  CHECK(db.upsert(odd{.id = 1, .group = "y"}).group == "y");
  CHECK(db.remove<odd>(1));
}

namespace {

struct crew {
  std::int64_t id = 0;
};

struct sailor {
  std::int64_t id = 0;
  std::int64_t crew_id = 0;
  static consteval auto table() {
    return hewn::table("sailors").references<&sailor::crew_id, &crew::id>();
  }
};

struct officer {
  std::int64_t id = 0;
  std::int64_t sailor_id = 0;
  static consteval auto table() {
    return hewn::table("officers").references<&officer::sailor_id, &sailor::id>();
  }
};

struct sleeper {
  std::int64_t id = 0;
  mood now = mood::calm;
  static consteval auto table() {
    return hewn::table("sleepers").default_value<&sleeper::now>("clam");
  }
};

struct cabin {
  std::int64_t id = 0;
  std::string label;
};

struct renamed_cabin {
  std::int64_t id = 0;
  std::string label;
  std::optional<std::string> side;
  static consteval auto table() {
    return hewn::table("cabin").renamed_from("kabine").renamed_from<&renamed_cabin::side>("syde");
  }
};

struct renamed_deck {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("deck").renamed_from("dekc"); }
};

}  // namespace

TEST_CASE("a reference to a table that is nowhere is refused before anything is written", "[M2]") {
  const auto db = support::open_new();
  const auto failure = failure_of([&] { hewn::sync<sailor, officer>(db); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure,
             "waits: it refers to table crew, which is neither in this call nor in the "
             "database"));
  CHECK(says(failure, "repair: name the struct of crew in the same call"));
  CHECK(hewn::plan_sync<sailor, officer>(db).steps().empty());
  CHECK(failure_of([&] { db.count<sailor>(); }).code() == errc::schema_mismatch);

  // One that is there need not be named.
  hewn::sync<crew>(db);
  hewn::sync<sailor, officer>(db);
  CHECK(hewn::plan_sync<officer>(db).empty());
  db.insert(crew{});
  db.insert(sailor{.crew_id = 1});
}

TEST_CASE("a default that is no value of its enumeration is refused before anything is written") {
  const auto db = support::open_new();
  const auto failure = failure_of([&] { hewn::sync<sleeper>(db); });
  CHECK(failure.code() == errc::usage);
  CHECK(failure.is<&sleeper::now>());
  CHECK(says(failure, "sleepers.now has the default 'clam', which is no value of its enumeration"));
}

TEST_CASE("a former name that is nowhere is named in the plan", "[M2]") {
  const auto db = support::open_new();
  const auto note = [](const hewn::plan& p) {
    const std::string text = report(p);
    const std::size_t at = text.find("note: ");
    return at == text.npos ? "" : text.substr(at, text.find('\n', at) - at);
  };
  // In a database without any of it everything is new.
  CHECK(note(hewn::plan_sync<renamed_cabin, renamed_deck>(db)).empty());
  hewn::sync<cabin>(db);
  CHECK(note(hewn::plan_sync<renamed_cabin>(db)) ==
        "note: renamed_from names syde, which cabin does not have; the column is added as new");
  CHECK(note(hewn::plan_sync<cabin, renamed_deck>(db)) ==
        "note: renamed_from names dekc, which the database does not have; the table is added as "
        "new");
  hewn::sync<renamed_cabin>(db);
  CHECK(note(hewn::plan_sync<renamed_cabin>(db)).empty());
}
