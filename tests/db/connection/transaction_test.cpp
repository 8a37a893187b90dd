// tests/db/connection/transaction_test.cpp - how transactions end, with a database that fails.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/db/connection/transaction.hpp>

#include <support/failure.hpp>
#include <support/mock_driver.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using hewn::errc;
using support::failure_of;
using support::mock_scope;
using support::mock_session;

using texts = std::vector<std::string>;

static_assert(std::is_nothrow_destructible_v<mock_scope>);
static_assert(noexcept(std::declval<mock_scope&>().rollback()));

TEST_CASE("a transaction that is not committed is rolled back", "[T1]") {
  mock_session s;
  { const auto tx = s.begin(); }
  CHECK(s.database->stepped == texts{"BEGIN IMMEDIATE", "ROLLBACK"});
  CHECK(s.connection->state().depth() == 0);
}

TEST_CASE("a failing ROLLBACK does not leave the destructor, and the connection refuses to go on",
          "[T1]") {
  mock_session s;
  s.database->failing["ROLLBACK"] = 1;
  SECTION("quietly") { const auto tx = s.begin(); }
  SECTION("with an exception in flight") {
    CHECK_THROWS_AS(
        [&] {
          const auto tx = s.begin();
          throw std::runtime_error("first");
        }(),
        std::runtime_error);
  }
  // The transaction is still open in the database: nothing may run into it.
  CHECK(s.database->in_transaction);
  CHECK(failure_of([&] { s.lease("INSERT"); }).code() == errc::connection_lost);
  CHECK(failure_of([&] { s.connection->execute("INSERT", {}); }).code() == errc::connection_lost);
  CHECK(failure_of([&] { (void)s.begin(); }).code() == errc::connection_lost);
  // As soon as it can be rolled back it is, and work goes on.
  s.database->failing.clear();
  s.lease("INSERT").step();
  CHECK_FALSE(s.database->in_transaction);
  CHECK(s.database->stepped.back() == "INSERT");
}

TEST_CASE("a failing COMMIT is rolled back and reported", "[T1][T4]") {
  mock_session s;
  s.database->failing["COMMIT"] = 1;
  auto tx = s.begin();
  CHECK(failure_of([&] { tx.commit(); }).native() == 1);
  CHECK(s.database->stepped == texts{"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"});
  CHECK_FALSE(tx.active());
  CHECK(s.connection->state().depth() == 0);
}

TEST_CASE("a failing COMMIT and a failing ROLLBACK report the COMMIT", "[T1]") {
  mock_session s;
  s.database->failing = {{"COMMIT", 1}, {"ROLLBACK", 2}};
  auto tx = s.begin();
  CHECK(failure_of([&] { tx.commit(); }).native() == 1);
  CHECK(failure_of([&] { (void)s.begin(); }).code() == errc::connection_lost);
}

TEST_CASE("a COMMIT whose outcome is unknown says so and is not retryable", "[D2]") {
  mock_session s;
  s.database->failing["COMMIT"] = 10;
  auto tx = s.begin();
  const auto failure = failure_of([&] { tx.commit(); });
  CHECK(failure.code() == errc::commit_in_doubt);
  CHECK_FALSE(failure.retryable());
  CHECK(support::says(failure, "mock failure 10"));
}

TEST_CASE("the outcome of a RELEASE is never in doubt", "[D2]") {
  mock_session s;
  s.database->failing["RELEASE hewn_1"] = 10;
  auto outer = s.begin();
  auto inner = s.begin();
  CHECK(failure_of([&] { inner.commit(); }).code() == errc::other);
}

TEST_CASE("a failing BEGIN leaves nothing open", "[T1]") {
  mock_session s;
  s.database->failing["BEGIN IMMEDIATE"] = 5;
  CHECK(failure_of([&] { (void)s.begin(); }).retryable());
  CHECK(s.connection->state().depth() == 0);
  s.database->failing.clear();
  s.begin().commit();
}

TEST_CASE("a BEGIN that failed after it had begun leaves nothing open", "[T1]") {
  mock_session s;
  s.database->failing["BEGIN IMMEDIATE"] = 9;
  s.database->begins_and_fails = true;
  CHECK(failure_of([&] { (void)s.begin(); }).native() == 9);
  CHECK_FALSE(s.database->in_transaction);
}

TEST_CASE("savepoints nest with names of their own", "[T3]") {
  mock_session s;
  auto outer = s.begin();
  {
    auto inner = s.begin();
    { const auto innermost = s.begin(); }
    inner.commit();
  }
  outer.commit();
  CHECK(s.database->stepped == texts{"BEGIN IMMEDIATE", "SAVEPOINT hewn_1", "SAVEPOINT hewn_2",
                                     "ROLLBACK TO hewn_2", "RELEASE hewn_2", "RELEASE hewn_1",
                                     "COMMIT"});
}

TEST_CASE("a savepoint that cannot be undone takes the whole transaction back", "[T1][T3]") {
  mock_session s;
  s.database->failing["ROLLBACK TO hewn_1"] = 3;
  auto outer = s.begin();
  { const auto inner = s.begin(); }
  CHECK(s.database->stepped.back() == "ROLLBACK");
  const auto failure = failure_of([&] { s.lease("INSERT"); });
  CHECK(failure.code() == errc::transaction_aborted);
  CHECK(support::says(failure, "mock failure 3"));
  CHECK(failure_of([&] { outer.commit(); }).code() == errc::transaction_aborted);
  CHECK(s.connection->state().depth() == 0);
  s.begin().commit();
}

TEST_CASE("after the database rolled back by itself nothing runs until the end", "[T2]") {
  mock_session s;
  s.database->failing["INSERT 1"] = 13;
  s.database->fails_with_rollback = true;
  auto outer = s.begin();
  auto inner = s.begin();
  CHECK(failure_of([&] { s.lease("INSERT 1").step(); }).native() == 13);
  const std::size_t before = s.database->stepped.size();
  const auto refused = [&](const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::transaction_aborted);
    CHECK(failure.native() == 13);
    CHECK(support::says(failure, "mock failure 13"));
  };
  refused([&] { s.lease("INSERT 2"); });
  refused([&] { s.lease("SELECT 2"); });
  refused([&] { s.connection->execute("INSERT 3", {}); });
  refused([&] { (void)s.begin(); });
  refused([&] { inner.commit(); });
  refused([&] { s.lease("INSERT 2"); });
  refused([&] { outer.commit(); });
  CHECK(s.database->stepped.size() == before);
  s.lease("INSERT 2").step();
}

TEST_CASE("the first failure is the one that is reported", "[T2]") {
  mock_session s;
  auto tx = s.begin();
  s.database->failing = {{"INSERT 1", 11}, {"INSERT 2", 12}};
  CHECK(failure_of([&] { s.lease("INSERT 1").step(); }).native() == 11);
  s.lease("INSERT 3").step();  // the statement failed, the transaction lives
  s.database->fails_with_rollback = true;
  CHECK(failure_of([&] { s.lease("INSERT 2").step(); }).native() == 12);
  CHECK(failure_of([&] { tx.commit(); }).native() == 12);
}

TEST_CASE("an outer transaction does not commit over an open inner one", "[T3]") {
  mock_session s;
  auto outer = s.begin();
  auto inner = s.begin();
  CHECK(failure_of([&] { outer.commit(); }).code() == errc::usage);
  inner.commit();
  outer.commit();
}

TEST_CASE("an object that outlived its transaction cannot end a later one", "[T3]") {
  mock_session s;
  std::optional<mock_scope> stale;
  {
    auto outer = s.begin();
    stale.emplace(s.begin());
    outer.rollback();
  }
  CHECK(s.connection->state().depth() == 0);
  auto outer = s.begin();
  auto inner = s.begin();
  const std::size_t before = s.database->stepped.size();
  SECTION("by dying") { stale.reset(); }
  SECTION("by rollback") { stale->rollback(); }
  SECTION("by commit") {
    CHECK(failure_of([&] { stale->commit(); }).code() == errc::usage);
  }
  CHECK(s.database->stepped.size() == before);
  CHECK(s.connection->state().depth() == 2);
  inner.commit();
  outer.commit();
}

TEST_CASE("ending twice is refused or does nothing", "[T1]") {
  mock_session s;
  auto tx = s.begin();
  tx.commit();
  CHECK(failure_of([&] { tx.commit(); }).code() == errc::usage);
  const std::size_t before = s.database->stepped.size();
  tx.rollback();
  CHECK(s.database->stepped.size() == before);
}

TEST_CASE("a moved-from transaction does nothing", "[T1]") {
  mock_session s;
  auto tx = s.begin();
  {
    mock_scope taken(std::move(tx));
    taken.commit();
  }
  CHECK(s.database->stepped == texts{"BEGIN IMMEDIATE", "COMMIT"});
}

TEST_CASE("a read-only transaction refuses writes to its end and no longer", "[L1]") {
  mock_session s;
  {
    auto outer = s.begin();
    s.lease("INSERT").step();
    {
      auto reading = s.begin(hewn::transaction_mode::read_only);
      CHECK(failure_of([&] { s.lease("INSERT"); }).code() == errc::read_only);
      { auto nested = s.begin(hewn::transaction_mode::read_only); }
      CHECK(failure_of([&] { s.lease("INSERT"); }).code() == errc::read_only);
      s.lease("SELECT").step();
    }
    s.lease("INSERT").step();
    outer.commit();
  }
  {
    auto reading = s.begin(hewn::transaction_mode::read_only);
    CHECK(failure_of([&] { s.lease("INSERT"); }).code() == errc::read_only);
    CHECK(failure_of([&] { s.connection->execute("INSERT", {}); }).code() == errc::read_only);
  }
  s.lease("INSERT").step();
}

TEST_CASE("statements cannot begin or end transactions behind the library's back", "[T2]") {
  mock_session s;
  for (const char* sql : {"BEGIN", " begin immediate", "/* x */ COMMIT", "-- y\nRollback", "END",
                          "SAVEPOINT a", "release a", "START TRANSACTION", "abort"})
    CHECK(failure_of([&] { s.lease(sql); }).code() == errc::usage);
  for (const char* sql : {"SELECT 'COMMIT'", "BEGINNING", "ENDED"}) s.lease(sql);

  auto tx = s.begin();
  CHECK(failure_of([&] { s.connection->execute("COMMIT", {}); }).code() == errc::usage);
  CHECK(failure_of([&] { s.lease("INSERT"); }).code() == errc::transaction_aborted);
  tx.rollback();
  CHECK(failure_of([&] { s.connection->execute("BEGIN", {}); }).code() == errc::usage);
  CHECK_FALSE(s.database->in_transaction);
}
