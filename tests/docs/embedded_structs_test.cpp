// tests/docs/embedded_structs_test.cpp - the snippets of docs/guide/embedded-structs.md.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/any.hpp>
#include <hewn/json.hpp>

#include <support/failure.hpp>
#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using hewn::col;
using hewn::from;

// [model]
struct place {
  double latitude = 0;
  double longitude = 0;
};

struct address {
  std::string street;
  std::string city;
  std::optional<std::string> zip = {};
  std::optional<place> at = {};
};

struct customer {
  std::int64_t id = 0;
  std::string name;
  address home;
  std::optional<address> billing = {};
};
// [/model]

// [declared]
struct supplier {
  std::int64_t id = 0;
  std::string name;
  address office;
  std::optional<address> depot = {};

  static consteval auto table() {
    return hewn::table("suppliers")
        .column<&supplier::office>("")  // street, city, ...: the office is meant
        .column<hewn::path<&supplier::office, &address::zip>>("postcode")
        .length<hewn::path<&supplier::office, &address::city>>(1, 80)
        .unique<&supplier::name, hewn::path<&supplier::office, &address::city>>()
        .index<hewn::desc<&supplier::depot, &address::city>>();
  }
};
// [/declared]

// [whole]
struct shop {
  std::int64_t id = 0;
  std::optional<place> at = {};

  static consteval auto table() {
    return hewn::table("shops").check(
        "whole_place",
        col<&shop::at>.is_null() || (col<&shop::at, &place::latitude>.is_not_null() &&
                                     col<&shop::at, &place::longitude>.is_not_null()));
  }
};
// [/whole]

// [document]
struct parcel {
  std::int64_t id = 0;
  hewn::json<address> destination;  // one column
};
// [/document]

// [result]
struct contact {
  std::string name;
  address home;
};
// [/result]

std::string names_of(const hewn::table_info& table) {
  std::string names;
  for (const hewn::column_info& c : table.columns) names += std::string(c.name) + " ";
  return names;
}

void use(hewn::any::database db) {
  hewn::sync<customer, supplier, shop, parcel>(db);
  // [write]
  customer ada = db.insert(customer{
      .name = "Ada", .home = {.street = "Main 1", .city = "Riga", .at = place{56.9, 24.1}}});
  db.insert(customer{.name = "Bo",
                     .home = {.street = "Side 2", .city = "Oslo"},
                     .billing = address{.street = "Box 7", .city = "Oslo"}});
  const customer before = ada;
  ada.home.at.reset();
  db.update(before, ada);  // writes home_at_latitude and home_at_longitude, both NULL
  // [/write]
  CHECK(!db.get<customer>(ada.id).home.at);
  // [query]
  const std::vector<customer> in_oslo =
      db.all(from<customer>
                 .where(col<&customer::home, &address::city> == "Oslo" &&
                        col<&customer::billing>.is_not_null())
                 .order_by(hewn::desc<&customer::home, &address::street>));
  const auto per_city = db.all(from<customer>.group_by(col<&customer::home, &address::city>)
                                   .order_by(col<&customer::home, &address::city>)
                                   .select(col<&customer::home, &address::city>, hewn::count()));
  db.update(from<customer>.where(col<&customer::id> == ada.id),
            col<&customer::home, &address::zip> = "LV-1001");
  // [/query]
  CHECK(in_oslo.size() == 1);
  CHECK(per_city == std::vector<std::tuple<std::string, std::int64_t>>{{"Oslo", 1}, {"Riga", 1}});
  // [select]
  const std::vector<contact> contacts = db.all(
      from<customer>.order_by(col<&customer::id>).select<contact>(col<&customer::name>, col<&customer::home>));
  const std::vector<std::optional<address>> bills =
      db.all(from<customer>.order_by(col<&customer::id>).select(col<&customer::billing>));
  // [/select]
  CHECK(contacts.at(0).home.zip == "LV-1001");
  CHECK(!bills.at(0));
  CHECK(bills.at(1)->street == "Box 7");
  // [raw]
  const auto raw =
      db.all<contact>(hewn::sql<"SELECT name, home_street, home_city, home_zip, home_at_latitude, "
                                "home_at_longitude FROM customer WHERE home_city = ?">,
                      "Riga");
  // [/raw]
  CHECK(raw.at(0).home.street == "Main 1");
  db.insert(shop{.at = place{1, 2}});
  const auto half = support::failure_of(
      [&] { db.update_all<shop>(col<&shop::at, &place::latitude> = std::nullopt); });
  CHECK(half.constraint() == "whole_place");
  db.insert(parcel{.destination = ada.home});
  CHECK(db.first(from<parcel>)->destination->city == "Riga");
}

}  // namespace

TEST_CASE("the page about structs in structs holds on both databases") {
  CHECK(names_of(hewn::table_of<customer>) ==
        "id name home_street home_city home_zip home_at_latitude home_at_longitude "
        "billing_street billing_city billing_zip billing_at_latitude billing_at_longitude ");
  CHECK(names_of(hewn::table_of<supplier>) ==
        "id name street city postcode at_latitude at_longitude depot_street depot_city depot_zip "
        "depot_at_latitude depot_at_longitude ");
  use(hewn::open("sqlite::memory:"));
  use(hewn::open("postgresql://postgres@/postgres?host=" +
                 support::postgres_server::get().folder()));
}
