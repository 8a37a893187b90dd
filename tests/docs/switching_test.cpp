// tests/docs/switching_test.cpp - the snippets of docs/guide/postgresql.md about both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/any.hpp>

#include <support/failure.hpp>
#include <support/postgres_server.hpp>
#include <support/temporary_file.hpp>

#include <catch2/catch_test_macros.hpp>

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
using session = hewn::transactional<hewn::any::driver>;  // a database or a transaction

hewn::any::database open_store(const std::string& url) {
  auto db = hewn::open(url);  // sqlite:app.db, sqlite::memory:, postgresql://...; empty: HEWN_URL
  hewn::sync<owner, ticket>(db);
  return db;
}

std::vector<ticket> open_tickets(const session& db) {
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
