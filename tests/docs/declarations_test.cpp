// tests/docs/declarations_test.cpp - the tables of docs/guide/declarations.md with their SQL.
// SPDX-License-Identifier: BSL-1.0
#include "model.hpp"
#include "recorder.hpp"

#include <hewn/dialect/write/ddl.hpp>
#include <hewn/fwd.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/uuid.hpp>
#include <hewn/vector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;

// [plain]
struct note {
  std::int64_t id = 0;  // a field called id is the primary key
  std::string text;
  std::optional<std::string> link;  // an optional is a column that takes NULL
};
// [/plain]

// [primary_key]
struct membership {
  std::int64_t team = 0;
  std::int64_t user = 0;
  std::string role;

  static consteval auto table() {
    return hewn::table("memberships").primary_key<&membership::team, &membership::user>();
  }
};
// [/primary_key]

// [uuid_key]
struct upload {
  boost::uuids::uuid id = {};  // nil asks insert() for a new one, of version 7
  std::string path;
};
// [/uuid_key]

// [autoincrement]
struct invoice {
  std::int64_t id = 0;
  std::string customer;

  static consteval auto table() { return hewn::table("invoices").autoincrement(); }
};
// [/autoincrement]

// [unique]
struct account {
  std::int64_t id = 0;
  std::string provider;
  std::string login;
  std::string email;

  static consteval auto table() {
    return hewn::table("accounts")
        .unique<&account::provider, &account::login>()
        .unique<&account::email>(hewn::name("one_account_per_address"));
  }
};
// [/unique]

// [index]
struct event {
  std::int64_t id = 0;
  std::string kind;
  std::string actor;
  hewn::timestamp at = {};
  std::optional<hewn::timestamp> handled_at;

  static consteval auto table() {
    return hewn::table("events")
        .index<&event::kind, hewn::desc<&event::at>>()
        .index<&event::at>(hewn::where(col<&event::handled_at>.is_null()),
                           hewn::name("events_waiting"))
        .unique_index<&event::actor, &event::at>()
        .index_on(hewn::name("events_actor_lower"), hewn::raw("lower(actor)"));
  }
};
// [/index]

// [references]
struct author {
  std::int64_t id = 0;
  std::string name;
};

struct book {
  std::int64_t id = 0;
  std::int64_t author_id = 0;
  std::optional<std::int64_t> sequel_of;  // a table may refer to itself

  static consteval auto table() {
    return hewn::table("books")
        .references<&book::author_id, &author::id>(hewn::on_delete::cascade)
        .references<&book::sequel_of, &book::id>(hewn::on_delete::set_null,
                                                 hewn::on_update::cascade);
  }
};
// [/references]

// [references_composite]
struct vote {
  std::int64_t id = 0;
  std::int64_t team = 0;
  std::int64_t user = 0;

  static consteval auto table() {
    return hewn::table("votes")
        .references<&vote::team, &vote::user, &membership::team, &membership::user>();
  }
};
// [/references_composite]

// [check]
struct booking {
  std::int64_t id = 0;
  std::int64_t first_night = 0;
  std::int64_t last_night = 0;
  std::string code;

  static consteval auto table() {
    return hewn::table("bookings")
        .check("booking_has_nights", col<&booking::first_night> <= col<&booking::last_night>)
        .check("booking_code_is_upper", "code = upper(code)");
  }
};
// [/check]

// [limits]
struct profile {
  std::int64_t id = 0;
  std::string name;
  std::string motto;
  std::int64_t age = 0;

  static consteval auto table() {
    return hewn::table("profiles")
        .length<&profile::name>(1, 60)
        .length<&profile::motto>(140)
        .range<&profile::age>(0, 150);
  }
};
// [/limits]

// [created_in_database]
struct visit {
  std::int64_t id = 0;
  std::string page;
  hewn::timestamp at = {};

  static consteval auto table() {
    return hewn::table("visits").created<&visit::at>(hewn::in_database);
  }
};
// [/created_in_database]

// [updated_in_database]
struct recipe {
  std::int64_t id = 0;
  std::string text;
  hewn::timestamp changed = {};

  static consteval auto table() {
    return hewn::table("recipes").updated<&recipe::changed>(hewn::in_database);
  }
};
// [/updated_in_database]

// [default_value]
enum class plan_kind { free, paid };

struct customer {
  std::int64_t id = 0;
  plan_kind plan = plan_kind::free;
  std::int64_t seats = 1;
  std::string region;
  hewn::timestamp seen_at = {};

  static consteval auto table() {
    return hewn::table("customers")
        .default_value<&customer::plan>(plan_kind::free)
        .default_value<&customer::seats>(1)
        .default_value<&customer::region>("eu")
        .default_value<&customer::seen_at>(hewn::now);
  }
};
// [/default_value]

// [generated]
struct line_item {
  std::int64_t id = 0;
  std::int64_t cents = 0;
  std::int64_t pieces = 0;
  std::int64_t total = 0;
  std::string label;

  static consteval auto table() {
    return hewn::table("line_items")
        .generated<&line_item::total>(col<&line_item::cents> * col<&line_item::pieces>)
        .generated<&line_item::label>("pieces || ' pieces'", hewn::compute::on_read);
  }
};
// [/generated]

// [columns]
struct device {
  std::int64_t id = 0;
  std::string serial;
  std::string mail;

  static consteval auto table() {
    return hewn::table("devices")
        .column<&device::serial>("serial_number")
        .type<&device::serial>("VARCHAR(40)")
        .collate<&device::mail>("NOCASE");
  }
};
// [/columns]

// [vectors]
struct article {
  std::int64_t id = 0;
  std::vector<std::string> tags;
  std::vector<std::optional<double>> ratings;              // its elements may be NULL
  std::optional<std::vector<hewn::timestamp>> changed_at;  // the list itself may be NULL

  static consteval auto table() {
    return hewn::table("articles").default_value<&article::tags>(hewn::empty);
  }
};
// [/vectors]

// [native_enum]
enum class ticket_state { open, waiting, closed };

struct ticket {
  std::int64_t id = 0;
  ticket_state state = ticket_state::open;

  static consteval auto table() { return hewn::table("tickets").native_enum<&ticket::state>(); }
};
// [/native_enum]

// [options]
struct setting {
  std::string key;
  std::string value;

  static consteval auto table() {
    return hewn::table("settings").primary_key<&setting::key>().strict().without_rowid();
  }
};
// [/options]

// [adl]
namespace geometry {  // a struct that cannot be edited

struct point {
  std::int64_t id = 0;
  double x = 0, y = 0;
};

}  // namespace geometry

namespace geometry {  // beside it, in its namespace

consteval auto hewn_table(hewn::type<point>) { return hewn::table("points"); }

}  // namespace geometry
// [/adl]

namespace {

TEST_CASE("declarations") {
  docs::expect_tables<note>("plain");
  docs::expect_tables<membership>("primary_key");
  docs::expect_tables<upload>("uuid_key");
  docs::expect_tables<invoice>("autoincrement");
  docs::expect_tables<account>("unique");
  docs::expect_tables<event>("index");
  docs::expect_tables<author, book>("references");
  docs::expect_tables<membership, vote>("references_composite");
  docs::expect_tables<booking>("check");
  docs::expect_tables<profile>("limits");
  docs::expect_tables<customer>("default_value");
  docs::expect_tables<visit>("created_in_database");
  docs::expect_tables<recipe>("updated_in_database");
  docs::expect_tables<line_item>("generated");
  docs::expect_tables<device>("columns");
  docs::expect_tables<article>("vectors");
  docs::expect_tables<ticket>("native_enum_sqlite");
  docs::expect_tables<setting>("options");
  docs::expect_tables<geometry::point>("adl");
  docs::expect_tables<task>("task");
  docs::expect_tables<user>("user");
  docs::expect_tables<team_member>("team_member");
}

TEST_CASE("what PostgreSQL gets instead") {
  const auto check = [](std::string_view name, const hewn::wanted_schema& wanted) {
    std::string text;
    for (const auto& e : wanted.schema.enumerations)
      text += hewn::create_enumeration(e, hewn::dialect::postgres) + ";\n";
    for (const auto& t : wanted.schema.tables)
      text += hewn::create_table(t, hewn::dialect::postgres) + ";\n";
    for (const auto& t : wanted.schema.tables)
      for (const auto& trigger : t.time_triggers)
        text += trigger.function + ";\n" + trigger.sql + ";\n";
    docs::check_region(name, text);
  };
  check("vectors_postgres", hewn::schema_of<article>(hewn::dialect::postgres));
  check("updated_in_database_postgres", hewn::schema_of<recipe>(hewn::dialect::postgres));
  check("native_enum", hewn::schema_of<ticket>(hewn::dialect::postgres));
}

TEST_CASE("a UUID key is made when it is nil") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<upload>(db);
  docs::recorder sql(db);
  upload u{.path = "a.png"};
  db.insert(u);
  CHECK(u.id != boost::uuids::uuid{});
  CHECK(u.id.version() == boost::uuids::uuid::version_time_based_v7);
  CHECK(db.get<upload>(u.id).path == "a.png");
}

TEST_CASE("a limit is checked before the statement is sent") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<profile>(db);
  try {
    db.insert(profile{.name = ""});
    FAIL("it was stored");
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::check);
    CHECK(e.is<&profile::name>());
    CHECK(e.native() == 0);
  }
}

TEST_CASE("a struct's value wins over the DEFAULT of its column") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<customer>(db);
  CHECK(db.insert(customer{}).region.empty());
  db.execute(hewn::sql<"INSERT INTO customers (id) VALUES (7)">);
  CHECK(db.get<customer>(7).region == "eu");
}

TEST_CASE("generated columns are read back") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<line_item>(db);
  const line_item stored = db.insert(line_item{.cents = 250, .pieces = 3});
  CHECK(stored.total == 750);
  CHECK(stored.label == "3 pieces");
}

TEST_CASE("tables are not STRICT unless they ask for it") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<note, setting>(db);
  db.execute(hewn::sql<"INSERT INTO note (id, text) VALUES (1, x'00')">);
  CHECK_THROWS_AS(db.get<note>(1), hewn::error);  // what does not fit is refused when it is read
  CHECK_THROWS_AS(db.execute(hewn::sql<"INSERT INTO settings VALUES ('a', x'00')">), hewn::error);
}

}  // namespace
