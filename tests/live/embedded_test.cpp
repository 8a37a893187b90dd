// tests/live/embedded_test.cpp - fields that are structs, whose own fields are the columns.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>
#include <hewn/json.hpp>
#include <hewn/migrate.hpp>
#include <hewn/pages.hpp>
#include <hewn/repository.hpp>
#include <hewn/shapes.hpp>
#include <hewn/uuid.hpp>
#include <hewn/verify.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::path;
using support::failure_of;
using support::says;

namespace {

struct geo {
  double lat = 0, lon = 0;
  bool operator==(const geo&) const = default;
};

struct address {
  std::string street;
  std::string city;
  std::optional<std::string> zip;
  std::optional<geo> at;
  bool operator==(const address&) const = default;
};

struct customer {
  std::int64_t id = 0;
  std::string name;
  address home;
  std::optional<address> billing;
  bool active = false;
  bool operator==(const customer&) const = default;
  static consteval auto table() {
    return hewn::table("customers")
        .column<&customer::billing>("bill_")
        .unique<path<&customer::home, &address::street>, path<&customer::home, &address::city>>()
        .index<hewn::desc<&customer::home, &address::city>, &customer::active>()
        .length<path<&customer::home, &address::city>>(1, 20)
        .check("whole_bill", col<&customer::billing>.is_null() ||
                                 (col<&customer::billing, &address::street>.is_not_null() &&
                                  col<&customer::billing, &address::city>.is_not_null()));
  }
};

const address north{.street = "Main 1", .city = "Aa", .at = geo{1.5, -2}};
const address south{.street = "Side 2", .city = "Bb", .zip = "123"};

struct contact {
  std::string name;
  address home;
};

constexpr auto in_city = hewn::many<"in_city">([](std::string_view city) {
  return from<customer>.where(col<&customer::home, &address::city> == city)
      .order_by(hewn::asc<&customer::home, &address::street>)
      .select<contact>(col<&customer::name>, col<&customer::home>);
});

template <class T>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  for (const hewn::column_info& c : hewn::table_of<T>.columns) names.emplace_back(c.name);
  return names;
}

template <class... T>
support::database opened() {
  auto db = support::new_place().open();
  hewn::sync<T...>(db);
  return db;
}

// ---- of every kind

enum class plan { free, paid };
struct limits {
  std::int32_t seats = 0;
  bool operator==(const limits&) const = default;
};
struct contract {
  boost::uuids::uuid number{};
  plan kind = plan::free;
  hewn::json<limits> most;
  std::optional<hewn::date> until;
  hewn::bytes seal;
  bool operator==(const contract&) const = default;
};
struct times {
  hewn::timestamp created_at{}, updated_at{};
};
struct account {
  std::int64_t id = 0;
  contract now;
  std::optional<contract> before;
  times at;
  static consteval auto table() {
    return hewn::table("accounts")
        .column<&account::at>("")
        .column<path<&account::now, &contract::kind>>("plan")
        .default_value<path<&account::now, &contract::kind>>(plan::free)
        .created<path<&account::at, &times::created_at>>()
        .updated<path<&account::at, &times::updated_at>>();
  }
};

// ---- keys and references in structs

struct line_key {
  std::int64_t customer_id = 0;
  std::int32_t number = 0;
  bool operator==(const line_key&) const = default;
};
struct line {
  line_key key;
  std::string text;
  bool operator==(const line&) const = default;
  static consteval auto table() {
    return hewn::table("lines")
        .primary_key<path<&line::key, &line_key::customer_id>,
                     path<&line::key, &line_key::number>>()
        .references<path<&line::key, &line_key::customer_id>, &customer::id>();
  }
};
struct customer_page {
  customer who;
  std::vector<line> lines;
};

// A table without a declaration whose first field is a struct, and no shape.
struct reading {
  geo at;
  std::int64_t id = 0;
  bool operator==(const reading&) const = default;
};

}  // namespace

TEST_CASE("a struct in a struct is columns, named after the field and the member") {
  CHECK(names_of<customer>() == std::vector<std::string>{"id", "name", "home_street", "home_city",
                                                         "home_zip", "home_at_lat", "home_at_lon",
                                                         "bill_street", "bill_city", "bill_zip",
                                                         "bill_at_lat", "bill_at_lon", "active"});
  CHECK(names_of<account>() ==
        std::vector<std::string>{"id", "now_number", "plan", "now_most", "now_until", "now_seal",
                                 "before_number", "before_kind", "before_most", "before_until",
                                 "before_seal", "created_at", "updated_at"});
  const auto columns = hewn::table_of<customer>.columns;
  CHECK(!columns[2].nullable);
  CHECK(columns[5].nullable);  // of an optional struct
  CHECK(columns[7].nullable);
  CHECK(columns[10].nullable);
}

TEST_CASE("rows with structs are stored, read, changed and removed", "[V1]") {
  auto db = opened<customer>();
  const customer a = db.insert(customer{.name = "a", .home = north, .active = true});
  const customer b = db.insert(customer{.name = "b", .home = south, .billing = north});
  CHECK(db.get<customer>(a.id) == a);
  CHECK(db.get<customer>(b.id) == b);
  customer changed = b;
  changed.billing->at.reset();
  changed.home.zip.reset();
  db.update(changed);
  CHECK(db.get<customer>(b.id) == changed);
  customer next = changed;
  next.billing.reset();
  next.home.at = geo{3, 4};
  next.active = true;
  db.update(changed, next);
  CHECK(db.get<customer>(b.id) == next);
  next.home.city = "Cc";
  db.update(next);
  customer upserted =
      db.upsert<path<&customer::home, &address::street>, path<&customer::home, &address::city>>(
          customer{.id = 0, .name = "d", .home = south});
  CHECK(upserted.id != b.id);
  upserted.name = "e";
  upserted.home.zip = "77";
  CHECK(db.upsert(upserted) == upserted);
  db.remove(a);
  CHECK(db.count(from<customer>) == 2);
}

TEST_CASE("an optional struct is NULL in all of its columns, and missing where all are NULL",
          "[V3]") {
  auto db = opened<customer>();
  db.insert(customer{.name = "a", .home = north});
  db.insert(customer{.name = "b", .home = south, .billing = south});
  CHECK(db.count(from<customer>.where(col<&customer::billing>.is_null())) == 1);
  CHECK(db.count(from<customer>.where(col<&customer::billing>.is_not_null())) == 1);
  CHECK(db.count(from<customer>.where(col<&customer::billing, &address::city>.is_null())) == 1);
  // Of members that may all be NULL, a struct with none of them is one that is missing.
  struct note {
    std::optional<std::string> text;
    std::optional<std::int64_t> rank;
  };
  struct noted {
    std::int64_t id = 0;
    std::optional<note> about;
    note own;
  };
  hewn::sync<noted>(db);
  const std::int64_t id = db.insert(noted{.about = note{}}).id;
  CHECK(!db.get<noted>(id).about);
}

TEST_CASE("a NULL in a member that takes none names the column, and a part is never made up",
          "[V1][V3]") {
  auto db = support::new_place().open();
  db.script(
      "CREATE TABLE things (id BIGINT PRIMARY KEY, mark_lat DOUBLE PRECISION, mark_lon DOUBLE "
      "PRECISION)");
  struct thing {
    std::int64_t id = 0;
    std::optional<geo> mark;
    static consteval auto table() { return hewn::table("things"); }
  };
  db.execute(hewn::sql<"INSERT INTO things VALUES (1, NULL, NULL), (2, 1.5, NULL)">);
  CHECK(!db.get<thing>(1).mark);
  const auto failure = failure_of([&] { db.get<thing>(2); });
  CHECK(failure.code() == errc::invalid_data);
  CHECK(failure.table() == "things");
  CHECK(failure.column() == "mark_lon");
}

TEST_CASE("structs hold enumerations, UUIDs, JSON, times and bytes, and times are stamped") {
  auto db = opened<account>();
  const contract some{.number = boost::uuids::time_generator_v7()(),
                      .kind = plan::paid,
                      .most = limits{7},
                      .until = hewn::date{std::chrono::days(19000)},
                      .seal = {std::byte{0}, std::byte{255}}};
  const account a = db.insert(account{.now = some});
  CHECK(a.at.created_at != hewn::timestamp{});
  CHECK(db.get<account>(a.id).now == some);
  CHECK(db.get<account>(a.id).at.created_at == a.at.created_at);
  account b = a;
  b.before = some;
  b.now.kind = plan::free;
  db.update(a, b);
  CHECK(db.get<account>(a.id).before == some);
  CHECK(db.get<account>(a.id).at.updated_at >= a.at.updated_at);
  CHECK(db.all(from<account>.where(col<&account::now, &contract::kind> == plan::free)).size() == 1);
  CHECK(db.first(from<account>.select(
            hewn::json_at<&limits::seats>(col<&account::before, &contract::most>))) == 7);
  db.update(from<account>.where(col<&account::id> == a.id),
            col<&account::before, &contract::kind> = plan::free);
  CHECK(db.get<account>(a.id).before->kind == plan::free);
}

TEST_CASE("limits, conflicts and faults name the column of the member", "[V5]") {
  auto db = opened<customer>();
  db.insert(customer{.name = "a", .home = north});
  const auto long_city = failure_of([&] {
    db.insert(customer{.name = "b", .home = {.street = "x", .city = std::string(21, 'x')}});
  });
  CHECK(long_city.code() == errc::check);
  CHECK(long_city.column() == "home_city");
  CHECK(long_city.is<path<&customer::home, &address::city>>());
  const auto twice = failure_of([&] { db.insert(customer{.name = "b", .home = north}); });
  CHECK(twice.code() == errc::conflict);
  CHECK(twice.is<path<&customer::home, &address::street>>());
  CHECK(!twice.is<&customer::name>());
  const auto part = failure_of([&] {
    db.update(from<customer>.where(col<&customer::id> == 1),
              col<&customer::billing, &address::zip> = "1");
  });
  CHECK(part.constraint() == "whole_bill");
  hewn::faults<customer> found;
  found.add<path<&customer::home, &address::zip>>("must be known");
  CHECK(found.all().front().column == "home_zip");
}

TEST_CASE("members are chosen by, sorted by, grouped by, set and selected") {
  auto db = opened<customer>();
  db.insert_many(std::vector<customer>{{.name = "a", .home = {"s1", "Aa"}},
                                       {.name = "b", .home = {"s2", "Bb"}, .billing = north},
                                       {.name = "c", .home = {"s3", "Bb"}, .billing = south}});
  const auto names = [&](const auto& query) {
    std::string all;
    for (const customer& c : db.all(query)) all += c.name;
    return all;
  };
  CHECK(
      names(
          from<customer>.where(col<&customer::home, &address::city> == "Bb").order_by(hewn::desc<&customer::home, &address::street>)) ==
      "cb");
  CHECK(names(from<customer>.order_by(hewn::asc<&customer::billing, &address::city>)) == "abc");
  const auto groups =
      db.all(from<customer>.group_by(col<&customer::home, &address::city>)
                 .order_by(col<&customer::home, &address::city>)
                 .select(col<&customer::home, &address::city>, hewn::count()));
  CHECK(groups == std::vector<std::tuple<std::string, std::int64_t>>{{"Aa", 1}, {"Bb", 2}});
  using other = hewn::alias<customer, "other">;
  CHECK(db.all(from<customer>
                   .join<other>(col<&customer::home, &address::city> ==
                                    other::col<&customer::home, &address::city> &&
                                col<&customer::id> < other::col<&customer::id>)
                   .select(col<&customer::name>, other::col<&customer::name>)) ==
        std::vector<std::tuple<std::string, std::string>>{{"b", "c"}});
  CHECK(db.update(from<customer>.where(col<&customer::name> == "a"),
                  col<&customer::home, &address::zip> = "1",
                  col<&customer::home, &address::city> = "Zz") == 1);
  CHECK(db.first(from<customer>.order_by(col<&customer::id>))->home.zip == "1");
  const customer again{.name = "z", .home = {"s1", "Zz", "8"}};
  db.upsert<path<&customer::home, &address::street>, path<&customer::home, &address::city>>(
      again, hewn::set(hewn::excluded<&customer::home, &address::zip>));
  CHECK(db.first(from<customer>.order_by(col<&customer::id>))->home.zip == "8");
  CHECK(db.first(from<customer>.order_by(col<&customer::id>))->name == "a");
  CHECK(
      db.insert_from<&customer::name, path<&customer::home, &address::street>,
                     path<&customer::home, &address::city>, &customer::active>(
          from<customer>.where(col<&customer::name> == "a").select(col<&customer::name>, hewn::upper(col<&customer::home, &address::street>), col<&customer::home, &address::city>, col<&customer::active>)) ==
      1);
  CHECK(db.count(from<customer>.where(col<&customer::home, &address::street> == "S1")) == 1);
}

TEST_CASE("a struct is selected as a whole into a field of a result, or as the result") {
  struct row {
    std::string name;
    address home;
    std::optional<address> billing;
  };
  auto db = opened<customer>();
  db.insert_many(std::vector<customer>{{.name = "a", .home = north},
                                       {.name = "b", .home = south, .billing = north}});
  const auto rows = db.all(
      from<customer>.order_by(col<&customer::id>).select<row>(col<&customer::name>, col<&customer::home>, col<&customer::billing>));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].home == north);
  CHECK(!rows[0].billing);
  CHECK(rows[1].billing == north);
  const auto homes =
      db.all(from<customer>.order_by(col<&customer::id>).select(col<&customer::home>));
  CHECK(homes == std::vector<address>{north, south});
  const auto bills =
      db.all(from<customer>.order_by(col<&customer::id>).select(col<&customer::billing>));
  CHECK(bills == std::vector<std::optional<address>>{std::nullopt, north});
  const auto distinct = db.all(
      from<customer>.distinct().order_by(col<&customer::home, &address::city>).select(col<&customer::home>, col<&customer::id>));
  CHECK(std::get<0>(distinct.at(0)) == north);
  const auto returned = db.insert(
      customer{.name = "c", .home = {"x", "y"}, .billing = south},
      hewn::returning<row>(col<&customer::name>, col<&customer::home>, col<&customer::billing>));
  CHECK(returned.billing == south);
  // By names, of raw SQL.
  const auto raw = db.all<row>(
      hewn::sql<"SELECT bill_street AS billing_street, bill_city AS billing_city, NULL AS "
                "billing_zip, bill_at_lat AS billing_at_lat, bill_at_lon AS billing_at_lon, name, "
                "home_at_lon, home_at_lat, home_zip, home_city, home_street FROM customers ORDER "
                "BY id">);
  REQUIRE(raw.size() == 3);
  CHECK(raw[0].home == north);
  CHECK(!raw[0].billing);
  CHECK(raw[1].billing == north);
  const auto lacking =
      failure_of([&] { db.all<row>(hewn::sql<"SELECT name, home_street FROM customers">); });
  CHECK(lacking.code() == errc::schema_mismatch);
  CHECK(says(lacking, "home_city"));
}

TEST_CASE("many rows with structs are written and come back") {
  auto db = opened<customer>();
  std::vector<customer> many;
  for (int i = 0; i != 2500; ++i) {
    customer c{.name = "n" + std::to_string(i), .home = {"s" + std::to_string(i), "c"}};
    if (i % 3 != 0) c.billing = address{"b", "c", std::nullopt, std::nullopt};
    if (i % 3 == 2) c.billing->at = geo{i + 0.5, -1};
    if (i % 2 != 0) c.home.at = geo{1, i * 2.0};
    c.active = i % 5 == 0;
    many.push_back(c);
  }
  db.insert_many(many);
  CHECK(many[2499].id != 0);
  CHECK(db.all(from<customer>.order_by(col<&customer::id>)) == many);
  for (customer& c : many) {
    if (c.billing)
      c.billing.reset();
    else
      c.billing = c.home;
  }
  db.update_many(many);
  CHECK(db.all(from<customer>.order_by(col<&customer::id>)) == many);
  for (customer& c : many) c.home.zip = "z";
  db.upsert_many(many);
  CHECK(db.all(from<customer>.order_by(col<&customer::id>)) == many);
  customer fresh{.name = "x", .home = {"fresh", "c"}, .billing = south};
  db.batch([&](auto& b) {
    b.insert(fresh);
    b.update(many[0]);
  });
  CHECK(db.first(from<customer>.where(col<&customer::name> == "x"))->billing == south);
  const auto cities = db.insert_many(
      std::vector<customer>{{.name = "q", .home = {"q", "Qq"}}, {.name = "r", .home = {"r", "Rr"}}},
      hewn::returning(col<&customer::home, &address::city>));
  CHECK(cities == std::vector<std::string>{"Qq", "Rr"});
  db.remove_many(many);
  CHECK(db.count(from<customer>) == 3);
}

TEST_CASE("a key of members is a key, and references of members are followed", "[R1]") {
  auto db = opened<customer, line, reading>();
  const customer a = db.insert(customer{.name = "a", .home = north});
  db.insert(line{{a.id, 1}, "one"});
  const line two = db.insert(line{{a.id, 2}, "two"});
  CHECK(db.get<line>({a.id, 2}) == two);
  CHECK(db.all(from<line>.join<customer>().select(col<&line::text>)).size() == 2);
  const customer_page page = db.get(hewn::shape<customer_page>, a.id);
  CHECK(page.who == a);
  REQUIRE(page.lines.size() == 2);
  CHECK(page.lines[1] == two);
  customer_page changed = page;
  changed.lines.pop_back();
  changed.who.home.zip = "5";
  hewn::save(db, page, changed);
  CHECK(db.count(from<line>) == 1);
  CHECK(db.get<customer>(a.id).home.zip == "5");
  // No shape: its first field is no table.
  const reading r = db.insert(reading{{1, 2}});
  CHECK(db.get<reading>(r.id) == r);
}

TEST_CASE("a repository and pages take paths") {
  auto db = opened<customer>();
  for (int i = 0; i != 7; ++i)
    db.insert(customer{.name = "n", .home = {std::to_string(i), i % 2 == 0 ? "Aa" : "Bb"}});
  hewn::repository<customer, support::database::driver_type> rows(db);
  const auto found =
      rows.find_by<path<&customer::home, &address::street>, path<&customer::home, &address::city>>(
          "3", "Bb");
  REQUIRE(found);
  rows.patch(found->id, col<&customer::home, &address::zip> = "z");
  CHECK(rows.get(found->id).home.zip == "z");
  const auto query = from<customer>.order_by(hewn::desc<&customer::home, &address::city>);
  std::string all;
  std::optional<hewn::cursor<customer>> after;
  do {
    const auto page = hewn::find_page(db, query, {.size = 3, .after = after});
    for (const customer& c : page.rows) all += c.home.street;
    after = page.next;
  } while (after);
  CHECK(all == "5316420");
}

TEST_CASE("named queries of structs are verified", "[V1]") {
  auto db = opened<customer>();
  db.insert_many(std::vector<customer>{{.name = "a", .home = north}, {.name = "b", .home = south}});
  CHECK(in_city(db, "Bb").at(0).home == south);
  CHECK(hewn::verify<in_city, from<customer>>(db).empty());
  auto other = support::new_place().open();
  other.script("CREATE TABLE customers (id BIGINT PRIMARY KEY, name TEXT, home_street TEXT)");
  const auto problems = hewn::verify<from<customer>>(other);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].problem.find("home_city") != std::string::npos);
}

TEST_CASE("a new member is a new column, and fields become a struct without a change", "[s3]") {
  struct flat {
    std::int64_t id = 0;
    std::string name;
    std::string home_street;
    std::string home_city;
    std::optional<double> at_lat, at_lon;
    static consteval auto table() { return hewn::table("people"); }
  };
  struct home_of {
    std::string street;
    std::string city;
  };
  struct person {
    std::int64_t id = 0;
    std::string name;
    home_of home;
    std::optional<geo> at;
    static consteval auto table() { return hewn::table("people"); }
  };
  struct wider_home {
    std::string street;
    std::string city;
    std::optional<std::string> zip;
  };
  struct later_person {
    std::int64_t id = 0;
    std::string name;
    wider_home home;
    std::optional<geo> at;
    static consteval auto table() { return hewn::table("people"); }
  };
  CHECK(hewn::schema_hash<flat>.view() == hewn::schema_hash<person>.view());
  auto db = opened<flat>();
  db.insert(flat{.name = "a", .home_street = "s", .home_city = "c", .at_lat = 1, .at_lon = 2});
  CHECK(hewn::sync<person>(db).empty());
  CHECK(db.first(from<person>)->home.city == "c");
  CHECK(db.first(from<person>)->at == geo{1, 2});
  hewn::sync<later_person>(db);
  CHECK(!db.first(from<later_person>)->home.zip);
  CHECK(hewn::sync<later_person>(db).empty());
}

// ---- generated rows

namespace {

struct flat_row {
  std::int64_t id = 0;
  std::string name;
  std::string home_street, home_city;
  std::optional<std::string> home_zip;
  std::optional<double> home_at_lat, home_at_lon;
  std::optional<std::string> billing_street, billing_city, billing_zip;
  std::optional<double> billing_at_lat, billing_at_lon;
  bool active = false;
  bool operator==(const flat_row&) const = default;
  static consteval auto table() { return hewn::table("rows"); }
};

struct nested_row {
  std::int64_t id = 0;
  std::string name;
  address home;
  std::optional<address> billing;
  bool active = false;
  bool operator==(const nested_row&) const = default;
  static consteval auto table() { return hewn::table("rows"); }
};

flat_row flat_of(const nested_row& r) {
  flat_row f{.id = r.id, .name = r.name, .home_street = r.home.street, .home_city = r.home.city};
  f.home_zip = r.home.zip;
  f.active = r.active;
  if (r.home.at) f.home_at_lat = r.home.at->lat, f.home_at_lon = r.home.at->lon;
  if (!r.billing) return f;
  f.billing_street = r.billing->street;
  f.billing_city = r.billing->city;
  f.billing_zip = r.billing->zip;
  if (r.billing->at) f.billing_at_lat = r.billing->at->lat, f.billing_at_lon = r.billing->at->lon;
  return f;
}

struct row_maker {
  std::mt19937 random;

  bool half() { return random() % 2 == 0; }
  std::string text() { return std::string(random() % 4, static_cast<char>('a' + random() % 26)); }

  address any_address() {
    address a{.street = text(), .city = text()};
    if (half()) a.zip = text();
    if (half()) a.at = geo{static_cast<double>(random() % 9), 0.5};
    return a;
  }

  void change(nested_row& r) {
    if (half()) r.name = text();
    if (half()) r.home = any_address();
    if (half()) r.home.zip.reset();
    if (half()) r.billing = half() ? std::optional(any_address()) : std::nullopt;
    if (half()) r.active = half();
  }

  nested_row make() {
    nested_row r{.home = any_address()};
    change(r);
    return r;
  }
};

}  // namespace

TEST_CASE("rows with structs and flat rows of one table are the same rows", "[properties]") {
  const char* const given = std::getenv("HEWN_TEST_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
  CAPTURE(seed);
  row_maker make{std::mt19937(seed)};
  auto db = opened<flat_row>();
  CHECK(hewn::sync<nested_row>(db).empty());
  CHECK(hewn::schema_hash<flat_row>.view() == hewn::schema_hash<nested_row>.view());
  const auto agree = [&] {
    const auto nested = db.all(from<nested_row>.order_by(col<&nested_row::id>));
    const auto flat = db.all(from<flat_row>.order_by(col<&flat_row::id>));
    std::vector<flat_row> made;
    for (const nested_row& r : nested) made.push_back(flat_of(r));
    CHECK(made == flat);
    return nested;
  };
  std::vector<nested_row> rows;
  for (int i = 0; i != 120; ++i) rows.push_back(make.make());
  db.insert_many(rows);
  for (int i = 0; i != 40; ++i) rows.push_back(db.insert(make.make()));
  CHECK(agree() == rows);
  for (nested_row& r : rows) {
    const nested_row before = r;
    make.change(r);
    switch (make.random() % 4) {
      case 0:
        db.update(r);
        break;
      case 1:
        if (before != r) db.update(before, r);
        break;
      case 2:
        r = db.upsert(r);
        break;
      default:
        db.update(flat_of(r));
        break;
    }
  }
  CHECK(agree() == rows);
  for (nested_row& r : rows) make.change(r);
  db.update_many(rows);
  CHECK(agree() == rows);
  for (int i = 0; i != 20; ++i) {
    const std::string city = make.text();
    CHECK(db.count(from<nested_row>.where(col<&nested_row::billing, &address::city> == city)) ==
          db.count(from<flat_row>.where(col<&flat_row::billing_city> == city)));
  }
  CHECK(db.count(from<nested_row>.where(col<&nested_row::billing>.is_null())) ==
        db.count(from<flat_row>.where(col<&flat_row::billing_street>.is_null())));
}
