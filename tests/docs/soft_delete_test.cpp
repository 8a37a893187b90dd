// tests/docs/soft_delete_test.cpp - the program of docs/guide/soft-delete.md with its SQL.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;

// [customer]
struct customer {
  std::int64_t id = 0;
  std::string email;
  std::optional<hewn::timestamp> removed_at;

  static consteval auto table() {
    return hewn::table("customers").unique<&customer::email>().soft_delete<&customer::removed_at>();
  }
};

struct invoice {
  std::int64_t id = 0;
  std::int64_t customer_id = 0;
  std::int64_t cents = 0;
  hewn::timestamp updated_at = {};
  std::optional<hewn::timestamp> removed_at;

  static consteval auto table() {
    return hewn::table("invoices")
        .references<&invoice::customer_id, &customer::id>()
        .updated<&invoice::updated_at>()
        .soft_delete<&invoice::removed_at>();
  }
};
// [/customer]

// [pages]
struct invoice_page {
  invoice root;
  customer owner;  // shown, removed or not
};

struct checked_page {
  invoice root;
  std::optional<customer> owner;  // empty when the customer is removed
};
// [/pages]

namespace {

TEST_CASE("soft delete") {
  docs::expect_tables<customer, invoice>("soft_tables");
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<customer, invoice>(db);
  db.insert_many({customer{0, "ada@example.com", {}}, customer{0, "bob@example.com", {}}});
  db.insert_many(
      {invoice{0, 1, 500, {}, {}}, invoice{0, 1, 700, {}, {}}, invoice{0, 2, 900, {}, {}}});
  docs::recorder sql(db);
  {
    // [remove]
    db.remove<invoice>(1);
    db.remove(hewn::from<invoice>.where(col<&invoice::cents> > 800));
    // [/remove]
    sql.expect("soft_remove");
  }
  {
    // [read]
    const auto invoice_of_ada = db.find<invoice>(1);
    const auto all = db.all(hewn::from<invoice>);
    const auto large = db.count(hewn::from<invoice>.where(col<&invoice::cents> >= 700));
    // [/read]
    sql.expect("soft_read");
    CHECK_FALSE(invoice_of_ada);
    CHECK(all.size() == 1);
    CHECK(large == 1);
  }
  {
    // [joins]
    const auto totals =
        hewn::from<customer>.left_join<invoice>().group_by(col<&customer::id>).select(col<&customer::email>, hewn::sum(col<&invoice::cents>));
    const auto every = hewn::from<customer>.full_join<invoice>().select(col<&customer::email>,
                                                                        col<&invoice::cents>);
    // [/joins]
    CHECK(db.all(totals).size() == 2);
    CHECK(db.all(every).size() == 2);
    sql.expect("soft_joins");
  }
  {
    // [with_removed]
    const auto every = db.all(hewn::from<invoice>.with_removed());
    const auto removed =
        db.all(hewn::from<invoice>.with_removed().where(col<&invoice::removed_at>.is_not_null()));
    // [/with_removed]
    sql.expect("soft_with_removed");
    CHECK(every.size() == 3);
    CHECK(removed.size() == 2);
  }
  {
    // [restore]
    db.restore<invoice>(1);
    const auto back = db.restore(hewn::from<invoice>.where(col<&invoice::customer_id> == 2));
    // [/restore]
    sql.expect("soft_restore");
    CHECK(back == 1);
  }
  {
    // [unique]
    db.remove<customer>(2);
    db.insert(customer{.email = "bob@example.com"});
    const auto outcome = db.try_restore<customer>(2);
    // [/unique]
    sql.forget();
    CHECK(outcome.error().code() == hewn::errc::conflict);
    CHECK(outcome.error().is<&customer::email>());
    db.upsert<&customer::email>(customer{.email = "bob@example.com"});
    sql.expect("soft_upsert");
  }
  {
    using hewn::shape;
    // [shapes]
    const auto pages = db.all(shape<invoice_page>);
    const auto checked = db.all(shape<checked_page>);
    // [/shapes]
    sql.expect("soft_shapes");
    CHECK(pages.at(2).owner.email == "bob@example.com");
    CHECK_FALSE(checked.at(2).owner);
  }
  {
    db.remove<invoice>(3);
    sql.forget();
    const auto now = db.connection().native().now() + std::chrono::hours(24 * 40);
    // [purge]
    db.transaction([&](auto& tx) {
      tx.template purge<invoice>(now - std::chrono::days(30));
      tx.template purge<customer>(now - std::chrono::days(30));
    });
    // [/purge]
    sql.expect("soft_purge");
    CHECK(db.count(hewn::from<customer>.with_removed()) == 2);
  }
}

}  // namespace
