// tests/db/connection/statement_cache_test.cpp - what is kept between uses, without a database.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/db/connection/statement_cache.hpp>

#include <support/failure.hpp>
#include <support/mock_driver.hpp>

#include <catch2/catch_test_macros.hpp>

#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using support::failure_of;
using support::mock_lease;
using support::mock_session;

namespace {

void use(mock_session& s, const std::string& sql) {
  const auto lease = s.lease(sql);
  lease.step();
}

struct one_text;
struct other_text;
struct third_text;

}  // namespace

TEST_CASE("a statement used again is not prepared again", "[C1]") {
  mock_session s;
  use(s, "SELECT 1");
  use(s, "SELECT 1");
  CHECK(s.times_prepared("SELECT 1") == 1);
  CHECK(s.connection->cache().size() == 1);
}

TEST_CASE("a statement in use is out of the cache, so its nested use gets a second handle",
          "[C1]") {
  mock_session s;
  {
    const auto outer = s.lease("SELECT 1");
    CHECK(s.connection->cache().size() == 0);
    const auto inner = s.lease("SELECT 1");
    CHECK(&outer.statement() != &inner.statement());
    CHECK(s.times_prepared("SELECT 1") == 2);
  }
  CHECK(s.connection->cache().size() == 2);
  CHECK_FALSE(s.connection->in_use());
}

TEST_CASE("what comes back is reset and without values, also after a throw", "[C2]") {
  mock_session s;
  s.database->rows = 3;
  CHECK_THROWS_AS(
      [&] {
        const auto lease = s.lease("SELECT 1");
        lease.statement().bind();
        lease.step();
        throw std::runtime_error("in the middle");
      }(),
      std::runtime_error);
  CHECK(s.database->dirty_statements == 0);
  s.database->failing["SELECT 1"] = 7;
  CHECK(failure_of([&] { use(s, "SELECT 1"); }).native() == 7);
  CHECK(s.database->dirty_statements == 0);
  CHECK(s.times_prepared("SELECT 1") == 1);
}

TEST_CASE("the least recently used text leaves first", "[C3]") {
  mock_session s(2);
  use(s, "a");
  use(s, "b");
  use(s, "a");  // now b is the oldest
  use(s, "c");
  CHECK(s.connection->cache().text_count() == 2);
  use(s, "a");
  use(s, "c");
  CHECK(s.times_prepared("a") == 1);
  CHECK(s.times_prepared("c") == 1);
  use(s, "b");
  CHECK(s.times_prepared("b") == 2);
  use(s, "a");  // evicted by b
  CHECK(s.times_prepared("a") == 2);
}

TEST_CASE("capacities of none and one work", "[C3]") {
  mock_session none(0);
  use(none, "a");
  use(none, "a");
  CHECK(none.times_prepared("a") == 2);
  CHECK(none.database->live_statements == 0);

  mock_session one(1);
  use(one, "a");
  use(one, "a");
  use(one, "b");
  use(one, "a");
  CHECK(one.times_prepared("a") == 2);
  CHECK(one.database->live_statements == 1);
}

TEST_CASE("the capacity counts idle statements only, and eviction leaves those in use alone",
          "[C3]") {
  mock_session s(2);
  s.database->rows = 1;
  {
    const auto a = s.lease("SELECT a");
    const auto b = s.lease("SELECT b");
    const auto c = s.lease("SELECT c");
    s.connection->cache().set_capacity(0);
    CHECK(s.database->live_statements == 3);
    CHECK(a.step());
    CHECK(b.step());
    CHECK(c.step());
  }
  CHECK(s.database->live_statements == 0);
  s.connection->cache().set_capacity(1);
  use(s, "SELECT a");
  use(s, "SELECT b");
  CHECK(s.database->live_statements == 1);
}

TEST_CASE("a smaller capacity evicts the oldest at once", "[C3]") {
  mock_session s(3);
  for (const char* sql : {"a", "b", "c"}) use(s, sql);
  s.connection->cache().set_capacity(1);
  CHECK(s.database->live_statements == 1);
  use(s, "c");
  CHECK(s.times_prepared("c") == 1);
}

TEST_CASE("slots are kept whatever the capacity of texts is", "[C3]") {
  mock_session s(0);
  const unsigned slot = hewn::detail::statement_slot<one_text>::get();
  const auto render = [](const void*, hewn::dialect) { return std::string("SELECT slot"); };
  for (int i = 0; i != 3; ++i)
    const mock_lease lease(
        s.connection->acquire(slot, render, nullptr, hewn::call_site::current()));
  CHECK(s.times_prepared("SELECT slot") == 1);
  {
    const mock_lease outer(
        s.connection->acquire(slot, render, nullptr, hewn::call_site::current()));
    const mock_lease inner(
        s.connection->acquire(slot, render, nullptr, hewn::call_site::current()));
  }
  // One slot keeps one statement; the second had no place to return to.
  CHECK(s.connection->cache().size() == 1);
  CHECK(s.database->live_statements == 1);
}

TEST_CASE("a statement in use comes back to a cache that was cleared meanwhile", "[C3]") {
  mock_session s;
  const auto render = [](const void*, hewn::dialect) { return std::string("SELECT slot"); };
  const auto take = [&] {
    return s.connection->acquire(hewn::detail::statement_slot<one_text>::get(), render, nullptr,
                                 hewn::call_site::current());
  };
  {
    const mock_lease in_use(take());
    { const mock_lease idle(take()); }
    s.connection->cache().clear();
    CHECK(s.database->live_statements == 1);
  }
  CHECK(s.connection->cache().size() == 1);
  const mock_lease again(take());
  CHECK(s.times_prepared("SELECT slot") == 2);
  CHECK(s.database->live_statements == 1);
}

TEST_CASE("every text has its own slot, whichever thread asks first", "[C9]") {
  std::latch go(2);
  unsigned seen[2] = {};
  {
    std::jthread first(
        [&] { go.arrive_and_wait(), seen[0] = hewn::detail::statement_slot<other_text>::get(); });
    std::jthread second(
        [&] { go.arrive_and_wait(), seen[1] = hewn::detail::statement_slot<other_text>::get(); });
  }
  CHECK(seen[0] == seen[1]);
  CHECK(seen[0] != hewn::detail::no_slot);
  CHECK(hewn::detail::statement_slot<third_text>::get() != seen[0]);
}

TEST_CASE("closing finalises idle statements and those in use", "[C3]") {
  mock_session s;
  s.database->rows = 2;
  use(s, "SELECT idle");
  auto lease = std::make_optional(s.lease("SELECT busy"));
  CHECK(lease->step());
  s.connection.reset();
  CHECK(s.database->live_statements == 0);
  const auto failure = failure_of([&] { lease->step(); });
  CHECK(failure.code() == hewn::errc::connection_lost);
  lease.reset();
}

TEST_CASE("a statement that cannot be prepared leaves nothing behind", "[C3]") {
  mock_session s;
  CHECK_THROWS_AS(s.lease("bad"), hewn::error);
  CHECK(s.connection->cache().size() == 0);
  CHECK_FALSE(s.connection->in_use());
}

TEST_CASE("leases move, and give back once", "[C1]") {
  mock_session s;
  auto a = s.lease("SELECT a");
  auto b = s.lease("SELECT b");
  a = std::move(b);
  const auto c = std::move(a);
  CHECK(c.statement().sql() == "SELECT b");
}

#ifndef NDEBUG
TEST_CASE("a second thread on a connection in use is told", "[C9]") {
  mock_session s;
  s.database->rows = 2;
  const auto lease = s.lease("SELECT 1");
  lease.step();
  std::optional<hewn::errc> seen;
  std::jthread([&] {
    try {
      use(s, "SELECT 2");
    } catch (const hewn::error& failure) {
      seen = failure.code();
    }
  }).join();
  CHECK(seen == hewn::errc::usage);
  CHECK(lease.step());
}

TEST_CASE("threads may use a connection one after the other", "[C9]") {
  mock_session s;
  use(s, "SELECT 1");
  std::jthread([&] { use(s, "SELECT 1"); }).join();
  use(s, "SELECT 1");
  CHECK(s.times_prepared("SELECT 1") == 1);
}
#endif
