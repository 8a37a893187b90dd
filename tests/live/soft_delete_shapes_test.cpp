// tests/live/soft_delete_shapes_test.cpp - shapes are read and written without removed rows.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/pages.hpp>
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::shape;
using support::failure_of;

namespace {

struct customer {
  std::int64_t id = 0;
  std::string name;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("customers").soft_delete<&customer::removed_at>();
  }
};

struct invoice {
  std::int64_t id = 0;
  std::int64_t customer_id = 0;
  std::optional<std::int64_t> payer_id;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("invoices")
        .references<&invoice::customer_id, &customer::id>()
        .references<&invoice::payer_id, &customer::id>()
        .soft_delete<&invoice::removed_at>();
  }
};

struct line {
  std::int64_t id = 0;
  std::int64_t invoice_id = 0;
  std::int64_t amount = 0;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("lines")
        .references<&line::invoice_id, &invoice::id>()
        .unique<&line::invoice_id, &line::amount>()
        .soft_delete<&line::removed_at>();
  }
};

struct tag {
  std::int64_t id = 0;
  std::string word;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("tags").unique<&tag::word>().soft_delete<&tag::removed_at>();
  }
};

struct invoice_tag {
  std::int64_t invoice_id = 0;
  std::int64_t tag_id = 0;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("invoice_tags")
        .primary_key<&invoice_tag::invoice_id, &invoice_tag::tag_id>()
        .references<&invoice_tag::invoice_id, &invoice::id>()
        .references<&invoice_tag::tag_id, &tag::id>()
        .soft_delete<&invoice_tag::removed_at>();
  }
};

struct invoice_page {
  invoice root;
  std::vector<line> lines;
};

struct customer_page {
  customer root;
  std::vector<invoice_page> invoices;
};

struct tagged_page {
  invoice root;
  std::vector<tag> tags;
};

struct counted_page {
  invoice root;
  std::int64_t lines = 0;
  std::optional<std::int64_t> amount;
};

struct owned_page {
  invoice root;
  customer owner;
};

struct paid_page {
  invoice root;
  std::optional<customer> payer;
};

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<customer, invoice, line, tag, invoice_tag>(db);
  db.insert_many({customer{0, "ann", {}}, customer{0, "bob", {}}, customer{0, "cid", {}}});
  db.insert_many(
      {invoice{0, 1, 2, {}}, invoice{0, 1, {}, {}}, invoice{0, 2, 3, {}}, invoice{0, 3, 1, {}}});
  for (std::int64_t owner = 1; owner <= 4; ++owner)
    db.insert_many({line{0, owner, 1, {}}, line{0, owner, 2, {}}, line{0, owner, 3, {}}});
  db.insert_many({tag{0, "red", {}}, tag{0, "old", {}}, tag{0, "big", {}}});
  db.insert_many({invoice_tag{1, 1, {}}, invoice_tag{1, 2, {}}, invoice_tag{1, 3, {}},
                  invoice_tag{2, 1, {}}, invoice_tag{2, 3, {}}});
  return db;
}

std::vector<std::int64_t> amounts(const std::vector<line>& lines) {
  std::vector<std::int64_t> all;
  for (const line& each : lines) all.push_back(each.amount);
  return all;
}

std::string words(const tagged_page& page) {
  std::string all;
  for (const tag& each : page.tags) all += each.word + " ";
  return all;
}

constexpr auto along_owner = hewn::along<&invoice::customer_id>;
constexpr auto by_amount = from<line>.order_by(col<&line::amount>);
constexpr auto tagged = shape<tagged_page>.with<&tagged_page::tags>(
    hewn::through<invoice_tag>, from<tag>.order_by(col<&tag::word>));

}  // namespace

TEST_CASE("a shape has no removed rows at any level") {
  auto db = open_sample();
  db.remove(from<line>.where(col<&line::amount> == 2 && col<&line::invoice_id> <= 2));
  db.remove<invoice>(3);
  db.remove<customer>(3);

  const auto pages =
      shape<invoice_page>.order_by(col<&invoice::id>).with<&invoice_page::lines>(by_amount);
  SECTION("of all roots, and of some") {
    for (const bool all : {true, false}) {
      const auto found = all ? db.all(pages) : db.all(pages.where(col<&invoice::id> > 0));
      REQUIRE(found.size() == 3);
      CHECK(amounts(found[0].lines) == std::vector<std::int64_t>{1, 3});
      CHECK(amounts(found[1].lines) == std::vector<std::int64_t>{1, 3});
      CHECK(amounts(found[2].lines) == std::vector<std::int64_t>{1, 2, 3});
    }
  }
  SECTION("by the key of a root") {
    CHECK(amounts(db.get(shape<invoice_page>, 1).lines).size() == 2);
    CHECK_FALSE(db.find(shape<invoice_page>, 3));
    CHECK(db.get_many(shape<invoice_page>, std::vector<std::int64_t>{2, 3}).size() == 1);
  }
  SECTION("where each holds its first rows") {
    const auto first =
        shape<invoice_page>.order_by(col<&invoice::id>).with<&invoice_page::lines>(by_amount.limit(2));
    CHECK(amounts(db.all(first).at(0).lines) == std::vector<std::int64_t>{1, 3});
  }
  SECTION("where shapes hold shapes") {
    const auto found = db.all(
        shape<customer_page>.order_by(col<&customer::id>).with<&customer_page::invoices>(along_owner, pages));
    REQUIRE(found.size() == 2);
    REQUIRE(found[0].invoices.size() == 2);
    CHECK(found[0].invoices[1].lines.size() == 2);
    CHECK(found[1].invoices.empty());
  }
  SECTION("unless its queries show them") {
    const auto found = db.all(shape<invoice_page>.with_removed().order_by(col<&invoice::id>).with<&invoice_page::lines>(
        by_amount.with_removed()));
    REQUIRE(found.size() == 4);
    for (const auto& page : found) CHECK(page.lines.size() == 3);
    CHECK(db.all(pages.with_removed()).at(0).lines.size() == 2);
  }
  SECTION("page by page") {
    const auto page = hewn::find_page(db, pages, {.size = 2});
    CHECK(page.rows.size() == 2);
    CHECK(hewn::find_page(db, pages, {.size = 2, .after = page.next}).rows.size() == 1);
  }
  SECTION("where they are loaded later") {
    std::vector<invoice_page> later = {{db.get<invoice>(1), {}}};
    hewn::load<&invoice_page::lines>(db, later);
    CHECK(later[0].lines.size() == 2);
  }
  SECTION("nor are they counted") {
    const auto counted = db.all(shape<counted_page>.order_by(col<&invoice::id>)
                                    .with<&counted_page::lines>(from<line>, hewn::count())
                                    .with<&counted_page::amount>(from<line>, hewn::sum(col<&line::amount>)));
    REQUIRE(counted.size() == 3);
    CHECK(counted[0].lines == 2);
    CHECK(counted[0].amount == 4);
    CHECK(counted[2].lines == 3);
  }
}

TEST_CASE("a row is not linked by a removed link, nor to a removed row") {
  auto db = open_sample();
  db.remove<invoice_tag>({1, 1});
  db.remove<tag>(2);
  for (const bool all : {true, false}) {
    const auto found =
        all ? db.all(tagged.order_by(col<&invoice::id>))
            : db.all(tagged.order_by(col<&invoice::id>).where(col<&invoice::id> > 0));
    REQUIRE(found.size() == 4);
    CHECK(words(found[0]) == "big ");
    CHECK(words(found[1]) == "big red ");
  }
  const auto first = db.all(shape<tagged_page>.order_by(col<&invoice::id>).with<&tagged_page::tags>(
      hewn::through<invoice_tag>, from<tag>.order_by(col<&tag::word>).limit(1)));
  CHECK(words(first[0]) == "big ");
  CHECK(words(first[2]).empty());
}

TEST_CASE(
    "a row that must be there is shown though it is removed, one that may be missing is not") {
  auto db = open_sample();
  db.remove<customer>(1);
  const auto owned =
      shape<owned_page>.order_by(col<&invoice::id>).with<&owned_page::owner>(along_owner);
  const auto paid =
      shape<paid_page>.order_by(col<&invoice::id>).with<&paid_page::payer>(hewn::along<&invoice::payer_id>);
  const auto found = db.all(owned);
  REQUIRE(found.size() == 4);
  CHECK(found[0].owner.name == "ann");
  CHECK(found[0].owner.removed_at);
  CHECK(found[2].owner.name == "bob");
  const auto payers = db.all(paid);
  CHECK(payers[0].payer->name == "bob");
  CHECK_FALSE(payers[3].payer);
  CHECK(payers[3].root.payer_id == 1);
  CHECK(db.all(shape<paid_page>.order_by(col<&invoice::id>).with<&paid_page::payer>(
                   hewn::along<&invoice::payer_id>, from<customer>.with_removed()))
            .at(3)
            .payer->name == "ann");

  // A join is a question about rows that are there.
  CHECK(
      db.count(
          from<invoice>.join<customer>(col<&customer::id> == col<&invoice::customer_id>).select(col<&invoice::id>)) ==
      2);
}

TEST_CASE("what a shape does not hold any more is removed and kept") {
  auto db = open_sample();
  const auto before = db.get(shape<invoice_page>.with<&invoice_page::lines>(by_amount), 1);
  auto after = before;
  after.lines.erase(after.lines.begin());
  after.lines.push_back(line{0, 0, 9, {}});
  hewn::save(db, before, after);
  CHECK(amounts(db.get(shape<invoice_page>.with<&invoice_page::lines>(by_amount), 1).lines) ==
        std::vector<std::int64_t>{2, 3, 9});
  CHECK(db.count(from<line>.with_removed().where(col<&line::invoice_id> == 1)) == 4);

  // What was removed is new again under another key.
  const auto now = db.get(shape<invoice_page>.with<&invoice_page::lines>(by_amount), 1);
  auto more = now;
  more.lines.push_back(line{0, 0, 1, {}});
  hewn::save(db, now, more);
  CHECK(db.count(from<line>.where(col<&line::invoice_id> == 1)) == 4);
  CHECK(db.count(from<line>.with_removed().where(col<&line::invoice_id> == 1)) == 5);
}

TEST_CASE("a link that was removed is put back when it is made again") {
  auto db = open_sample();
  CHECK(hewn::unlink<&invoice_tag::invoice_id, &invoice_tag::tag_id>(db, 1, {1, 2}) == 2);
  CHECK(hewn::link<&invoice_tag::invoice_id, &invoice_tag::tag_id>(db, 1, {1, 3}) == 1);
  CHECK(words(db.get(tagged, 1)) == "big red ");
  const auto changed =
      hewn::set_links<&invoice_tag::invoice_id, &invoice_tag::tag_id>(db, 1, {1, 2});
  CHECK(changed.added == 1);
  CHECK(changed.removed == 1);
  CHECK(words(db.get(tagged, 1)) == "old red ");
  CHECK(db.count(from<invoice_tag>.with_removed()) == 5);

  const auto before = db.get(tagged, 1);
  auto after = before;
  after.tags = {db.get<tag>(3)};
  hewn::save(db, before, after, tagged);
  CHECK(words(db.get(tagged, 1)) == "big ");
  CHECK(db.count(from<invoice_tag>.with_removed()) == 5);
}
