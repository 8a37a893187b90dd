// tests/docs/losses_test.cpp - the programs of docs/guide/five-losses.md.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"
#include "reports.hpp"

#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cascade {

// [cascade]
struct author {
  std::int64_t id = 0;
  std::string name;
};

struct book {
  std::int64_t id = 0;
  std::int64_t author_id = 0;
  std::string title;

  static consteval auto table() {
    return hewn::table("book").references<&book::author_id, &author::id>(hewn::on_delete::cascade);
  }
};

namespace next {

struct author {
  std::int64_t id = 0;
  std::string name;

  static consteval auto table() { return hewn::table("author").length<&author::name>(1, 80); }
};

}  // namespace next
// [/cascade]

}  // namespace cascade

TEST_CASE("a rebuild of the parent deletes no children") {
  using namespace cascade;
  // [cascade_run]
  auto db = hewn::sqlite::open(":memory:");  // foreign keys are on
  hewn::sync<author, book>(db);
  const author ada = db.insert(author{.name = "Ada"});
  for (const char* title : {"One", "Two", "Three"})
    db.insert(book{.author_id = ada.id, .title = title});

  hewn::sync<next::author>(db);  // a CHECK is new: the table is rebuilt
  const auto books = db.count(hewn::from<book>);
  // [/cascade_run]
  CHECK(books == 3);
  CHECK(db.one<std::int64_t>(hewn::sql<"PRAGMA foreign_keys">) == 1);
  CHECK_THROWS_AS(db.insert(author{.name = ""}), hewn::error);
}

namespace unfilled {

// [unfilled]
struct member {
  std::int64_t id = 0;
  std::string name;
};

namespace next {

struct member {
  std::int64_t id = 0;
  std::string name;
  std::string country;
};

}  // namespace next
// [/unfilled]

namespace filled {

// [filled]
struct member {
  std::int64_t id = 0;
  std::string name;
  std::string country;

  static consteval auto table() {
    return hewn::table("member").backfill<&member::country>("unknown");
  }
};
// [/filled]

}  // namespace filled
}  // namespace unfilled

TEST_CASE("a required column is asked about, and no row is deleted for it") {
  using namespace unfilled;
  std::string text;
  // [unfilled_run]
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<member>(db);
  for (const char* name : {"Ada", "Bob"}) db.insert(member{.name = name});

  try {
    hewn::sync<next::member>(db);
  } catch (const hewn::error& refused) {
    text = refused.what();
  }
  // [/unfilled_run]
  docs::check_region("unfilled_report", docs::without_plan_ids(text) + "\n", "reports.txt");
  CHECK(db.count(hewn::from<member>) == 2);

  // [filled_run]
  hewn::sync<filled::member>(db);
  // [/filled_run]
  CHECK(db.count(hewn::from<filled::member>.where(hewn::col<&filled::member::country> ==
                                                  "unknown")) == 2);
}

namespace guessed {

// [guessed]
struct contact {
  std::int64_t id = 0;
  std::string mail;
};

namespace next {

struct contact {
  std::int64_t id = 0;
  std::string email;
};

}  // namespace next
// [/guessed]

namespace meant {

// [meant]
struct contact {
  std::int64_t id = 0;
  std::string email;

  static consteval auto table() {
    return hewn::table("contact").renamed_from<&contact::email>("mail");
  }
};
// [/meant]

}  // namespace meant
}  // namespace guessed

TEST_CASE("a renaming is not guessed") {
  using namespace guessed;
  std::string text;
  // [guessed_run]
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<contact>(db);
  db.insert(contact{.mail = "ada@example.org"});

  try {
    hewn::sync<next::contact>(db);
  } catch (const hewn::error& refused) {
    text = refused.what();
  }
  // [/guessed_run]
  docs::check_region("guessed_report", docs::without_plan_ids(text) + "\n", "reports.txt");

  // [meant_run]
  hewn::sync<meant::contact>(db);
  const auto ada = db.get<meant::contact>(1);
  // [/meant_run]
  CHECK(ada.email == "ada@example.org");
}

namespace unique_kept {

// [unique]
struct account {
  std::int64_t id = 0;
  std::string email;
  std::int64_t balance = 0;

  static consteval auto table() { return hewn::table("account").unique<&account::email>(); }
};

namespace next {

struct account {
  std::int64_t id = 0;
  std::string email;
  double balance = 0;

  static consteval auto table() { return hewn::table("account").unique<&account::email>(); }
};

}  // namespace next
// [/unique]

}  // namespace unique_kept

TEST_CASE("what is unique stays unique, and what others made stays there") {
  using namespace unique_kept;
  bool refused = false;
  // [unique_run]
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<account>(db);
  db.insert(account{.email = "ada@example.org", .balance = 10});
  db.script(
      "CREATE UNIQUE INDEX by_hand ON account (lower(email));"
      "CREATE TABLE log (line TEXT);"
      "CREATE TRIGGER noted AFTER INSERT ON account BEGIN"
      "  INSERT INTO log VALUES (new.email); END");

  hewn::sync<next::account>(db);  // another type: the table is rebuilt
  try {
    db.insert(next::account{.email = "ADA@example.org"});
  } catch (const hewn::error& e) {
    refused = e.code() == hewn::errc::conflict;
  }
  db.insert(next::account{.email = "bob@example.org", .balance = 0.5});
  const auto lines = db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM log">);
  // [/unique_run]
  CHECK(refused);
  CHECK(lines == 1);
  CHECK(db.get<next::account>(1).balance == 10);
  CHECK_THROWS_AS(db.insert(next::account{.email = "bob@example.org"}), hewn::error);
}

namespace counter {

// [counter]
struct ticket {
  std::int64_t id = 0;
  std::string text;

  static consteval auto table() { return hewn::table("ticket").autoincrement(); }
};

namespace next {

struct ticket {
  std::int64_t id = 0;
  std::string text;

  static consteval auto table() {
    return hewn::table("ticket").autoincrement().length<&ticket::text>(1, 500);
  }
};

}  // namespace next
// [/counter]

}  // namespace counter

TEST_CASE("the counter goes on, also of a table without rows") {
  using namespace counter;
  // [counter_run]
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<ticket>(db);
  for (int i = 0; i != 3; ++i) db.insert(ticket{.text = "help"});
  db.script("DELETE FROM ticket");

  hewn::sync<next::ticket>(db);  // a CHECK is new: the table is rebuilt
  const next::ticket fourth = db.insert(next::ticket{.text = "again"});
  // [/counter_run]
  CHECK(fourth.id == 4);
}
