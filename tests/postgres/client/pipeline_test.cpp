// tests/postgres/client/pipeline_test.cpp - batches when server, line or table misbehave.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/postgres_proxy.hpp>

#include <catch2/catch_test_macros.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using support::failure_of;
using support::postgres_proxy;

namespace {

struct entry {
  std::int64_t id = 0;
  std::string text;
  std::int64_t size = 0;  // computed by the database
  static consteval auto table() {
    return hewn::table("entries").unique<&entry::text>().generated<&entry::size>("length(text)");
  }
};

struct ending {
  std::optional<errc> failure;  // nothing: it was committed
  std::uint64_t transaction = 0;
};

ending run(const support::database& db, const std::string& text) {
  ending out;
  try {
    // Two batches, so that the second finds its statements prepared.
    db.batch([&](auto& batch) { batch.insert(entry{.text = text + " a"}); });
    db.transaction([&](auto& tx) {
      out.transaction = hewn::postgres::transaction_id(tx);
      entry kept{.text = text + " b"};
      tx.batch([&](auto& batch) {
        batch.insert(&kept);
        batch.insert(entry{.text = text + " c"});
        batch.template update<entry>(1, col<&entry::text> = text + " d");
      });
    });
  } catch (const hewn::error& failure) {
    support::check_grammar(failure);
    out.failure = failure.code();
  }
  return out;
}

/// Whether libpq would take an ordinary command.
bool is_out_of_pipeline(const support::database& db) {
  PGconn* const c = db.native_handle();
  return PQpipelineStatus(c) == PQ_PIPELINE_OFF && PQisnonblocking(c) == 0 &&
         PQtransactionStatus(c) == PQTRANS_IDLE;
}

}  // namespace

TEST_CASE("a batch whose line is cut at any message is done or undone as a whole", "[T6]") {
  const support::place where;
  const auto direct = where.open();
  hewn::sync<entry>(direct);
  direct.insert(entry{.text = "first"});
  const auto schema = direct.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  postgres_proxy proxy(support::postgres_server::get().folder());
  const auto connect = [&] {
    proxy.arm({});
    return hewn::postgres::open("", {.host = proxy.folder(),
                                     .database = "postgres",
                                     .user = "postgres",
                                     .search_path = {schema}});
  };
  int messages = 0;
  {
    const auto db = connect();
    CHECK_FALSE(run(db, "whole").failure);
    CHECK(is_out_of_pipeline(db));
    messages = proxy.seen(postgres_proxy::sender::client);
  }
  REQUIRE(messages > 30);

  int in_doubt[2][2] = {};  // of the first batch or the second; rolled back or committed
  for (const auto how : {postgres_proxy::fault::cut, postgres_proxy::fault::deafen})
    for (int k = 1; k <= messages; ++k) {
      const std::string text = std::to_string(k) + (how == postgres_proxy::fault::cut ? "-" : "+");
      CAPTURE(text);
      auto db = connect();
      proxy.arm({.how = how, .message = k});
      const ending end = run(db, text);
      if (end.failure) {
        CHECK(db.try_count<entry>().error().code() == errc::connection_lost);
        CHECK(db.try_batch([](auto& batch) { batch.template remove<entry>(1); }).error().code() ==
              errc::connection_lost);
      }
      const auto is_stored = [&](const std::string& which) {
        return direct.exists(hewn::from<entry>.where(col<&entry::text> == text + which));
      };
      const bool first = is_stored(" a"), second = is_stored(" b");
      CHECK(is_stored(" c") == second);
      CHECK(is_stored(" d") == second);
      CHECK((first || !second));
      if (!end.failure) {
        CHECK(second);
      } else if (end.failure == errc::commit_in_doubt) {
        const bool of_second = end.transaction != 0;
        ++in_doubt[of_second][of_second ? second : first];
        if (of_second) {
          using hewn::postgres::outcome;
          outcome known = outcome::in_progress;
          while (known == outcome::in_progress)
            known = hewn::postgres::outcome_of(direct, end.transaction);
          CHECK((known == outcome::committed) == second);
        }
      } else {
        CHECK(end.failure == errc::connection_lost);
        CHECK_FALSE(second);
      }
    }
  for (const auto& batch : in_doubt) {
    CHECK(batch[false] == 1);
    CHECK(batch[true] == 1);
  }
}

TEST_CASE("a server that ends the connection within a batch ends the batch", "[T6]") {
  const support::place where;
  const auto direct = where.open();
  hewn::sync<entry>(direct);
  auto db = where.open();
  const auto process = db.one<std::int32_t>(hewn::sql<"SELECT pg_backend_pid()">);
  const auto failure = failure_of([&] {
    db.batch([&](auto& batch) {
      for (int i = 0; i != 1000; ++i) {
        if (i == 300) direct.one<bool>(hewn::sql<"SELECT pg_terminate_backend(?, 10000)">, process);
        batch.insert(entry{.text = std::to_string(i)});
      }
    });
  });
  CHECK(failure.code() == errc::connection_lost);
  CHECK(failure.element() == -1);
  CHECK(db.try_count<entry>().error().code() == errc::connection_lost);
  CHECK(direct.count<entry>() == 0);
}

TEST_CASE("the connection is of use after whatever ended a batch", "[T6]") {
  auto db = support::open_new();
  hewn::sync<entry>(db);
  const auto usable = [&] {
    CHECK(is_out_of_pipeline(db));
    CHECK(db.count<entry>() == 0);
  };
  const auto fails = [&](auto action) {
    const auto failure = failure_of([&] { db.batch(action); });
    usable();
    return failure;
  };
  fails([](auto& batch) {
    batch.insert(entry{.text = "x"});
    batch.insert(entry{.text = "x"});
  });
  CHECK_THROWS_AS(db.batch([](auto& batch) {
    batch.insert(entry{.text = "x"});
    throw 1;
  }),
                  int);
  usable();
  // COPY cannot be ended there, so it is not begun.
  const auto copy = fails([](auto& batch) {
    batch.insert(entry{.text = "x"});
    batch.execute(hewn::sql<"COPY entries FROM STDIN">);
  });
  CHECK(copy.code() == errc::usage);
  CHECK(copy.element() == 1);
  // A deferred constraint fails in COMMIT.
  db.script(
      "CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);"
      "INSERT INTO late VALUES (1)");
  const auto late = fails([](auto& batch) {
    batch.execute(hewn::sql<"INSERT INTO late VALUES (1)">);
    batch.insert(entry{.text = "x"});
  });
  CHECK(late.code() == errc::conflict);
  CHECK(late.element() == -1);
  // What the closure leaves unread is of another statement.
  fails([&](auto& batch) {
    batch.insert(entry{.text = "x"});
    for (const entry& e : db.template each<entry>()) {
      batch.insert(e);
      batch.insert(e);
    }
  });
}

TEST_CASE("an interrupt ends the statement that it meets, and the batch with it") {
  const support::place where;
  const auto direct = where.open();
  auto db = where.open();
  hewn::sync<entry>(db);
  const auto stop = db.interrupter();
  std::thread other([&] {
    while (!direct.one<bool>(hewn::sql<"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE "
                                       "wait_event = 'PgSleep')">))
      continue;
    stop.interrupt();
  });
  const auto failure = failure_of([&] {
    db.batch([](auto& batch) {
      batch.insert(entry{.text = "x"});
      batch.execute(hewn::sql<"SELECT pg_sleep(100)">);
      batch.insert(entry{.text = "y"});
    });
  });
  other.join();
  CHECK(failure.code() == errc::interrupted);
  CHECK(failure.element() == 1);
  CHECK(is_out_of_pipeline(db));
  CHECK(db.count<entry>() == 0);
}

TEST_CASE("a table that is altered between batches is noticed, and the next batch goes on") {
  const support::place where;
  const auto direct = where.open();
  const auto db = where.open();
  hewn::sync<entry>(db);
  const auto insert = [&](const std::string& text) {
    entry e{.text = text};
    return db.try_batch([&](auto& batch) { batch.insert(&e); });
  };
  CHECK(insert("a"));
  // The rows that come back are of another type now.
  direct.script(
      "ALTER TABLE entries DROP COLUMN size; "
      "ALTER TABLE entries ADD COLUMN size int GENERATED ALWAYS AS (length(text)) STORED");
  const auto failed = insert("b");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code() == errc::serialization);
  CHECK(failed.error().retryable());
  CHECK(insert("b"));
  // A retry policy needs no help.
  direct.script(
      "ALTER TABLE entries DROP COLUMN size; "
      "ALTER TABLE entries ADD COLUMN size bigint GENERATED ALWAYS AS (length(text)) STORED");
  db.transaction(hewn::retry{.attempts = 2}, [](auto& tx) {
    entry e{.text = "c"};
    tx.batch([&](auto& batch) { batch.insert(&e); });
    CHECK(e.size == 1);
  });
  CHECK(db.count<entry>() == 3);
}

TEST_CASE("neither side waits for the other, however much goes both ways") {
  const auto db = support::open_new();
  db.script(
      "CREATE TABLE entries (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, text text NOT "
      "NULL, size bigint GENERATED ALWAYS AS (length(text)) STORED)");
  // Each element is larger than the buffers of the socket, and comes back as large.
  std::vector<entry> rows(40);
  for (std::size_t i = 0; i != rows.size(); ++i)
    rows[i].text.assign(500'000, static_cast<char>('a' + i % 26));
  db.batch([&](auto& batch) {
    for (entry& e : rows) batch.insert(&e);
  });
  for (const entry& e : rows) CHECK(e.size == 500'000);
  // Small elements with large answers.
  CHECK(db.batch([](auto& batch) {
            for (int i = 0; i != 60; ++i)
              batch.execute(hewn::sql<"SELECT repeat('x', 500000) WHERE ? > 0">, i);
          }).size() == 60);
}

TEST_CASE("behind a proxy that pools transactions nothing is prepared, and batches work") {
  auto db = support::open_new({.transaction_pooling = true});
  db.script("SET search_path = " + db.one<std::string>(hewn::sql<"SELECT current_schema()::text">));
  hewn::sync<entry>(db);
  std::vector<entry> rows{{.text = "a"}, {.text = "b"}};
  db.batch([&](auto& batch) {
    for (entry& e : rows) batch.insert(&e);
    batch.template update<entry>(1, col<&entry::text> = "c");
  });
  CHECK(rows[1].id == 2);
  CHECK(db.get<entry>(1).text == "c");
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM pg_prepared_statements">) == 0);
}
