// tests/postgres/client/snapshot_test.cpp - reads on one snapshot, and what they cost.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/shapes.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/postgres_proxy.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <vector>

using hewn::col;
using hewn::errc;
using support::failure_of;
using support::postgres_proxy;
using fault = postgres_proxy::fault;
using sender = postgres_proxy::sender;

namespace {

struct shelf {
  std::int64_t id = 0;
  std::string name;
};

struct book {
  std::int64_t id = 0;
  std::int64_t shelf_id = 0;
  std::string title;
  static consteval auto table() {
    return hewn::table("books").references<&book::shelf_id, &shelf::id>();
  }
};

struct full_shelf {
  shelf whole;
  std::vector<book> books;
};

class library {
 public:
  library() : direct(where_.open()), proxy(support::postgres_server::get().folder()) {
    hewn::sync<shelf, book>(direct);
    direct.insert_many({shelf{1, "low"}, shelf{2, "high"}});
    direct.insert_many({book{0, 1, "a"}, book{0, 1, "b"}, book{0, 2, "c"}});
    schema_ = direct.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  }

  /// With its statements prepared.
  support::database connect() {
    proxy.arm({});
    auto db = hewn::postgres::open("", {.host = proxy.folder(),
                                        .database = "postgres",
                                        .user = "postgres",
                                        .search_path = {schema_}});
    CHECK(titles(db) == "ab,c,");
    settle(db);
    proxy.arm({});
    return db;
  }

  /// Takes the answers that nobody has waited for.
  static PGconn* settle(const support::database& db) { return db.connection().native().native(); }

  static std::string titles(const support::database& db) {
    std::string all;
    for (const full_shelf& s : db.all(hewn::shape<full_shelf>)) {
      for (const book& b : s.books) all += b.title;
      all += ',';
    }
    return all;
  }

  // What the server says of the connection of the last query.
  std::string state_of_session(std::int64_t process) const {
    return direct.one<std::string>(
        hewn::sql<"SELECT state FROM pg_stat_activity WHERE pid = CAST(? AS bigint)">, process);
  }

 private:
  support::place where_;
  std::string schema_;

 public:
  support::database direct;
  postgres_proxy proxy;
};

}  // namespace

TEST_CASE("a shape of two statements takes the server two answers, and ends its transaction") {
  library l;
  const auto db = l.connect();
  const auto process = db.one<std::int64_t>(hewn::sql<"SELECT CAST(pg_backend_pid() AS bigint)">);
  l.proxy.arm({});
  CHECK(library::titles(db) == "ab,c,");
  library::settle(db);
  // BEGIN comes with the first statement; COMMIT is the third time that the client speaks.
  CHECK(l.proxy.turns() == 3);
  postgres_proxy::wait_until([&] { return l.state_of_session(process) == "idle"; });
  CHECK(PQtransactionStatus(library::settle(db)) == PQTRANS_IDLE);
}

TEST_CASE("nobody waits for the end of a snapshot") {
  library l;
  const auto db = l.connect();
  CHECK(library::titles(db) == "ab,c,");
  // ReadyForQuery is the last that the server says.
  library::settle(db);
  const int last = l.proxy.seen(sender::server);
  l.proxy.arm({.who = sender::server, .how = fault::hold, .message = last});
  CHECK(library::titles(db) == "ab,c,");
  postgres_proxy::wait_until([&] { return l.proxy.holding(); });
  l.proxy.release();
  SECTION("before the next statement") { CHECK(db.count<book>() == 3); }
  SECTION("before the next snapshot") { CHECK(library::titles(db) == "ab,c,"); }
  SECTION("before a transaction") {
    auto tx = db.begin();
    tx.insert(book{0, 2, "d"});
    tx.commit();
    CHECK(l.direct.count<book>() == 4);
  }
  SECTION("before rows that are streamed") {
    std::string all;
    for (const book& b : db.each<book>()) all += b.title;
    CHECK(all == "abc");
  }
  SECTION("before many rows") {
    db.insert_many(std::vector<book>(200, book{0, 2, "d"}));
    CHECK(db.count<book>() == 203);
  }
  SECTION("before a script") { db.script("INSERT INTO books VALUES (9, 1, 'e'); SELECT 1"); }
  SECTION("before libpq's own calls") {
    PGconn* const c = library::settle(db);
    PGresult* const r = PQexec(c, "SELECT 1");
    CHECK(PQresultStatus(r) == PGRES_TUPLES_OK);
    PQclear(r);
  }
}

TEST_CASE("a line that is cut at any message of a snapshot is an error, or did no harm") {
  library l;
  int messages[2] = {0, 0};
  {
    const auto db = l.connect();
    CHECK(library::titles(db) == "ab,c,");
    library::settle(db);
    messages[0] = l.proxy.seen(sender::client);
    messages[1] = l.proxy.seen(sender::server);
  }
  int failed = 0;
  for (const sender who : {sender::client, sender::server})
    for (int k = 1; k <= messages[who == sender::server]; ++k) {
      const auto db = l.connect();
      l.proxy.arm({.who = who, .how = fault::cut, .message = k});
      const auto read = db.try_all(hewn::shape<full_shelf>);
      library::settle(db);
      l.proxy.arm({});
      if (read) {
        REQUIRE(read->size() == 2);
        CHECK((*read)[0].books.size() == 2);
      } else {
        ++failed;
        CHECK(read.error().code() == errc::connection_lost);
      }
      // COMMIT may be what was not answered: then the next to ask is told.
      CHECK(failure_of([&] { db.count<book>(); }).code() == errc::connection_lost);
    }
  CHECK(failed > 0);
  CHECK(failed < messages[0] + messages[1]);
}

TEST_CASE("what the server refuses at any message of a snapshot is reported, and all goes on") {
  library l;
  int messages = 0;
  {
    const auto db = l.connect();
    CHECK(library::titles(db) == "ab,c,");
    library::settle(db);
    messages = l.proxy.seen(sender::client);
  }
  int refused = 0;
  for (int k = 1; k <= messages; ++k) {
    CAPTURE(k);
    const auto db = l.connect();
    l.proxy.arm({.who = sender::client, .how = fault::refuse, .message = k, .state = "57014"});
    const auto read = db.try_all(hewn::shape<full_shelf>);
    library::settle(db);
    l.proxy.arm({});
    if (!read) {
      ++refused;
      CHECK(read.error().code() == errc::interrupted);
    }
    // A failure where only the end of the answers should come, libpq takes for the end.
    if (db.connection().native().lost()) continue;
    CHECK_FALSE(db.connection().native().in_transaction());
    CHECK(library::titles(db) == "ab,c,");
  }
  CHECK(refused > 0);
}

TEST_CASE("a mistake in a snapshot is the error of its statement") {
  library l;
  const auto db = l.connect();
  l.direct.script("ALTER TABLE books RENAME COLUMN title TO label");
  CHECK(failure_of([&] { library::titles(db); }).code() == errc::schema_mismatch);
  CHECK_FALSE(db.connection().native().in_transaction());
  l.direct.script("ALTER TABLE books RENAME COLUMN label TO title");
  CHECK(library::titles(db) == "ab,c,");
}
