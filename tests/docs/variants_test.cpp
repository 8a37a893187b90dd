// tests/docs/variants_test.cpp - the snippets of docs/guide/variants.md.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/any.hpp>

#include <support/failure.hpp>
#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace {

using hewn::col;
using hewn::from;

// [kinds]
struct cash {};

struct card {
  std::string holder;
  std::int32_t last_digits = 0;
  std::optional<std::string> issuer = {};
};

struct transfer {
  std::string iban;
};

using means = std::variant<cash, card, transfer>;
// [/kinds]

// [row]
enum class payment_kind { cash, card, transfer };

struct payment {
  std::int64_t id = 0;
  std::int64_t cents = 0;
  payment_kind kind = payment_kind::cash;
  std::optional<card> by_card = {};
  std::optional<transfer> by_transfer = {};

  static consteval auto table() {
    return hewn::table("payments")
        .check("card_of_kind",
               (col<&payment::kind> == payment_kind::card &&
                col<&payment::by_card, &card::holder>.is_not_null() &&
                col<&payment::by_card, &card::last_digits>.is_not_null()) ||
                   (col<&payment::kind> != payment_kind::card && col<&payment::by_card>.is_null()))
        .check("transfer_of_kind", (col<&payment::kind> == payment_kind::transfer &&
                                    col<&payment::by_transfer, &transfer::iban>.is_not_null()) ||
                                       (col<&payment::kind> != payment_kind::transfer &&
                                        col<&payment::by_transfer>.is_null()))
        .index<&payment::kind>();
  }
};
// [/row]

// [convert]
void set_means(payment& row, const means& by) {
  row.by_card.reset();
  row.by_transfer.reset();
  struct {
    payment& row;
    void operator()(const cash&) const { row.kind = payment_kind::cash; }
    void operator()(const card& c) const { row.kind = payment_kind::card, row.by_card = c; }
    void operator()(const transfer& t) const {
      row.kind = payment_kind::transfer, row.by_transfer = t;
    }
  } set{row};
  std::visit(set, by);
}

means means_of(const payment& row) {
  switch (row.kind) {
    case payment_kind::card:
      return row.by_card.value();
    case payment_kind::transfer:
      return row.by_transfer.value();
    case payment_kind::cash:
      break;
  }
  return cash{};
}
// [/convert]

// [later]
enum class later_kind { cash, card, transfer, voucher };

struct voucher {
  std::string code;
};
// [/later]

struct later_payment {
  std::int64_t id = 0;
  std::int64_t cents = 0;
  later_kind kind = later_kind::cash;
  std::optional<card> by_card = {};
  std::optional<transfer> by_transfer = {};
  // [later_field]
  std::optional<voucher> by_voucher = {};
  // [/later_field]

  static consteval auto table() {
    return hewn::table("payments")
        .check("card_of_kind", (col<&later_payment::kind> == later_kind::card &&
                                col<&later_payment::by_card, &card::holder>.is_not_null() &&
                                col<&later_payment::by_card, &card::last_digits>.is_not_null()) ||
                                   (col<&later_payment::kind> != later_kind::card &&
                                    col<&later_payment::by_card>.is_null()))
        .check("transfer_of_kind",
               (col<&later_payment::kind> == later_kind::transfer &&
                col<&later_payment::by_transfer, &transfer::iban>.is_not_null()) ||
                   (col<&later_payment::kind> != later_kind::transfer &&
                    col<&later_payment::by_transfer>.is_null()))
        // [later_check]
        .check("voucher_of_kind", (col<&later_payment::kind> == later_kind::voucher &&
                                   col<&later_payment::by_voucher, &voucher::code>.is_not_null()) ||
                                      (col<&later_payment::kind> != later_kind::voucher &&
                                       col<&later_payment::by_voucher>.is_null()))
        // [/later_check]
        .index<&later_payment::kind>();
  }
};

// [tables]
struct order_payment {
  std::int64_t id = 0;
  std::int64_t cents = 0;
};

struct card_payment {
  std::int64_t payment_id = 0;  // the key of the payment, which is the key here
  std::string holder;

  static consteval auto table() {
    return hewn::table("card_payments")
        .primary_key<&card_payment::payment_id>()
        .references<&card_payment::payment_id, &order_payment::id>(hewn::on_delete::cascade);
  }
};
// [/tables]

void use(hewn::any::database db) {
  hewn::sync<payment, order_payment, card_payment>(db);
  // [write]
  payment p{.cents = 1250};
  set_means(p, card{.holder = "Ada", .last_digits = 4711});
  p = db.insert(p);

  const payment before = p;
  set_means(p, transfer{.iban = "DE89370400440532013000"});
  db.update(before, p);  // kind and the columns of both: by_card_holder, ... are NULL now
  // [/write]
  CHECK(std::get<transfer>(means_of(db.get<payment>(p.id))).iban == "DE89370400440532013000");
  db.insert(payment{.cents = 300});
  payment other{.cents = 400};
  set_means(other, card{.holder = "Bo", .last_digits = 1});
  db.insert(other);
  // [read]
  std::int64_t by_card = 0;
  for (const payment& row : db.all(from<payment>))
    if (std::holds_alternative<card>(means_of(row))) by_card += row.cents;

  const std::vector<payment> of_bo =
      db.all(from<payment>.where(col<&payment::by_card, &card::holder> == "Bo"));
  const std::vector<std::optional<card>> cards = db.all(
      from<payment>.where(col<&payment::kind> == payment_kind::card).select(col<&payment::by_card>));
  // [/read]
  CHECK(by_card == 400);
  CHECK(of_bo.size() == 1);
  CHECK(cards.at(0)->holder == "Bo");
  // [refused]
  payment torn{.cents = 1, .kind = payment_kind::card};  // without a card
  // [/refused]
  const auto failure = support::failure_of([&] { db.insert(torn); });
  CHECK(failure.code() == hewn::errc::check);
  CHECK(failure.constraint() == "card_of_kind");
  torn.kind = payment_kind::cash;
  torn.by_transfer = transfer{"x"};
  CHECK(support::failure_of([&] { db.insert(torn); }).constraint() == "transfer_of_kind");
  db.transaction([&](auto& tx) {
    const order_payment paid = tx.insert(order_payment{.cents = 5});
    tx.insert(card_payment{paid.id, "Cy"});
  });
  CHECK(db.all(from<order_payment>.join<card_payment>().select(col<&card_payment::holder>)) ==
        std::vector<std::string>{"Cy"});
  const auto rows = db.count(from<payment>);
  if (db.connection().spoken() == hewn::dialect::postgres) {
    // [widen]
    db.script(
        "ALTER TABLE payments DROP CONSTRAINT payments_kind_check, ADD CONSTRAINT "
        "payments_kind_check CHECK (kind IN ('cash', 'card', 'transfer', 'voucher'))");
    // [/widen]
  }
  hewn::sync<later_payment>(db);
  CHECK(db.count(from<later_payment>) == rows);
  db.insert(later_payment{.kind = later_kind::voucher, .by_voucher = voucher{"V1"}});
}

}  // namespace

TEST_CASE("rows of several kinds in one table, on both databases") {
  use(hewn::open("sqlite::memory:"));
  use(hewn::open("postgresql://postgres@/postgres?host=" +
                 support::postgres_server::get().folder()));
}
