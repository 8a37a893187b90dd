// tests/docs/switching_test.cpp - the snippets of docs/guide/postgresql.md about both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/any.hpp>
#include <hewn/json.hpp>

#include <support/failure.hpp>
#include <support/postgres_server.hpp>
#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

using hewn::col;

struct owner {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("owners").unique<&owner::name>(); }
};

struct ticket {
  std::int64_t id = 0;
  std::int64_t owner_id = 0;
  std::string title;
  bool open = true;
  std::optional<double> hours;
  hewn::timestamp created_at = {};
  static consteval auto table() {
    return hewn::table("tickets")
        .references<&ticket::owner_id, &owner::id>()
        .created<&ticket::created_at>();
  }
};

// [choosing]
hewn::any::database open_store(const std::string& url) {
  auto db = hewn::open(url);  // sqlite:app.db, sqlite::memory:, postgresql://...; empty: HEWN_URL
  hewn::sync<owner, ticket>(db);
  return db;
}

std::vector<ticket> open_tickets(const hewn::any::session& db) {  // or a transaction
  return db.all(hewn::from<ticket>.where(col<&ticket::open> == true).order_by(col<&ticket::id>));
}
// [/choosing]

// [moving]
template <class T>
void copy_rows(const hewn::any::database& from, const hewn::any::transaction& to) {
  std::vector<T> some;
  for (const T& row : from.each<T>()) {
    some.push_back(row);
    if (some.size() < 1000) continue;
    to.insert_many(some);
    some.clear();
  }
  to.insert_many(some);
}

void copy_store(const hewn::any::database& from, const hewn::any::database& to) {
  to.transaction([&](auto& tx) {
    copy_rows<owner>(from, tx);  // before those that refer to them
    copy_rows<ticket>(from, tx);
  });
}
// [/moving]

std::string server_url() {
  return "postgresql://postgres@/postgres?host=" + support::postgres_server::get().folder();
}

std::vector<std::string> texts(const hewn::any::database& db) {
  std::vector<std::string> out;
  for (const ticket& t : db.each(hewn::from<ticket>.order_by(col<&ticket::id>)))
    out.push_back(std::to_string(t.id) + ' ' + std::to_string(t.owner_id) + ' ' + t.title +
                  (t.open ? " open " : " done ") + std::to_string(t.hours.value_or(-1)) + ' ' +
                  std::string(hewn::to_text(t.created_at).view()));
  return out;
}

}  // namespace

TEST_CASE("a store moves from a file to a server and back") {
  const support::temporary_file file("switching.db");
  const support::temporary_file again("switching_back.db");
  const auto lite = open_store("sqlite:" + file.path);
  const owner ada = lite.insert(owner{.name = "Ada"});
  for (int i = 1; i <= 2500; ++i)
    lite.insert(ticket{.owner_id = ada.id,
                       .title = "it's \xc3\xa9" + std::to_string(i),
                       .open = i % 2 == 0,
                       .hours = i % 3 == 0 ? std::optional(i / 4.0) : std::nullopt});
  const auto server = open_store(server_url());
  copy_store(lite, server);
  CHECK(texts(server) == texts(lite));
  CHECK(open_tickets(server).size() == 1250);
  CHECK(server.transaction([](auto& tx) { return open_tickets(tx).size(); }) == 1250);

  // The server has not counted the keys that it was given.
  const auto taken = support::failure_of([&] { server.insert(owner{.name = "Bob"}); });
  CHECK(taken.is<&owner::id>());
  // [next_key]
  server.script(
      "SELECT setval(pg_get_serial_sequence('owners', 'id'), max(id)) FROM owners;"
      "SELECT setval(pg_get_serial_sequence('tickets', 'id'), max(id)) FROM tickets");
  // [/next_key]
  CHECK(server.insert(owner{.name = "Bob"}).id == 2);
  CHECK(server.insert(ticket{.owner_id = 2, .title = "last"}).id == 2501);

  const auto back = open_store("sqlite:" + again.path);
  copy_store(server, back);
  CHECK(texts(back) == texts(server));
  CHECK(back.insert(owner{.name = "Cid"}).id == 3);
}

namespace {

struct limits {
  std::string model;
  std::vector<std::string> tools;
};

struct worker {
  std::int64_t id = 0;
  std::string name;
  hewn::json<limits> configuration;
  static consteval auto table() { return hewn::table("workers"); }
};

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("what each database would be opened with", "[p:C5]") {
  const auto open_with = [](const std::string& url) {
    // [any_options]
    using namespace std::chrono_literals;
    auto db = hewn::open(url, {.sqlite = {.busy_timeout = 30s},
                               .postgres = {.statement_timeout = 1min, .lock_timeout = 30s}});
    // [/any_options]
    return db;
  };
  CHECK(open_with("sqlite::memory:").one<int>(hewn::sql<"SELECT 1">) == 1);
  CHECK(open_with(server_url()).one<std::string>(hewn::sql<"SHOW lock_timeout">) == "30s");
}

TEST_CASE("where rows without a value are sorted, and JSON in raw conditions", "[p:C5]") {
  const support::temporary_file file("sorted.db");
  for (const std::string& url : {"sqlite:" + file.path, server_url()}) {
    const bool on_server = url == server_url();
    const auto db = hewn::open(url);
    db.script("DROP TABLE IF EXISTS tickets; DROP TABLE IF EXISTS owners");
    hewn::sync<owner, ticket, worker>(db);
    const owner ada = db.insert(owner{.name = "Ada"});
    db.insert(ticket{.owner_id = ada.id, .title = "none"});
    db.insert(ticket{.owner_id = ada.id, .title = "two", .hours = 2});
    const auto typed = db.all(hewn::from<ticket>.order_by(col<&ticket::hours>));
    CHECK(typed[0].title == "none");
    // [null_order]
    const auto known_first =
        db.all(hewn::from<ticket>.order_by(col<&ticket::hours>.asc().nulls_last()));
    // [/null_order]
    CHECK(known_first[0].title == "two");

    db.insert(worker{.name = "a", .configuration = {{.model = "large", .tools = {"search"}}}});
    db.insert(worker{.name = "b", .configuration = {{.model = "small"}}});
    const std::string model = "large";
    // [json_condition]
    const auto found = db.all<std::string>(
        hewn::sql<"SELECT name FROM workers WHERE configuration ->> 'model' = ? ORDER BY id">,
        model);
    // [/json_condition]
    CHECK(found == names{"a"});
    if (on_server) {
      // [json_operator]
      const auto with_tools = db.all<std::string>(
          hewn::sql<"SELECT name FROM workers WHERE jsonb_exists(configuration -> 'tools', ?)">,
          "search");
      // [/json_operator]
      CHECK(with_tools == names{"a"});
    } else {
      // [json_each]
      const auto with_tools = db.all<std::string>(
          hewn::sql<"SELECT name FROM workers, json_each(configuration, '$.tools') AS tool "
                    "WHERE tool.value = ?">,
          "search");
      // [/json_each]
      CHECK(with_tools == names{"a"});
    }
  }
}
