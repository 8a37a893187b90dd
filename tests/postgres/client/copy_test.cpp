// tests/postgres/client/copy_test.cpp - rows that are encoded while the server stores others.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using hewn::errc;
using support::failure_of;

namespace {

std::atomic<std::size_t> asked_for = 0;  // bytes, since the program began

void* try_allocate(std::size_t size) {
  asked_for += size;
  return std::malloc(size != 0 ? size : 1);
}

void* allocate(std::size_t size) {
  if (void* const p = try_allocate(size)) return p;
  throw std::bad_alloc();
}

/// A text of which somebody hears when it is written.
struct heard {
  std::string text;
  static inline std::function<void(const std::string&)> when_written;
};

struct event {
  std::int64_t id = 0;
  heard what;
  static consteval auto table() { return hewn::table("events").given_key(); }
};

constexpr std::size_t count = 60'000;
constexpr std::size_t middle = 50'000;

std::vector<event> events(std::size_t size = count) {
  std::vector<event> all(size);
  for (std::size_t i = 0; i != size; ++i)
    all[i] = {static_cast<std::int64_t>(i) + 1, {"event " + std::to_string(i)}};
  return all;
}

/// Runs `action` when this row is written, once, for as long as it lives.
class at_row {
 public:
  at_row(std::size_t row, std::function<void()> action) {
    heard::when_written = [what = "event " + std::to_string(row),
                           action = std::move(action)](const std::string& text) {
      if (text == what) action();
    };
  }
  at_row(const at_row&) = delete;
  at_row& operator=(const at_row&) = delete;
  ~at_row() { heard::when_written = nullptr; }
};

/// Makes rows one after another, and at this one finds that it cannot.
struct failing_source {
  struct iterator {
    using difference_type = std::ptrdiff_t;
    using value_type = event;
    std::int64_t at;
    event operator*() const {
      if (at == static_cast<std::int64_t>(middle)) throw std::logic_error("no more");
      return {at + 1, {"event " + std::to_string(at)}};
    }
    iterator& operator++() { return ++at, *this; }
    void operator++(int) { ++at; }
    bool operator==(const iterator&) const = default;
  };
  iterator begin() const { return {0}; }
  iterator end() const { return {static_cast<std::int64_t>(count)}; }
};

}  // namespace

void* operator new(std::size_t n) { return allocate(n); }
void* operator new[](std::size_t n) { return allocate(n); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return try_allocate(n); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return try_allocate(n); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

template <>
struct hewn::codec<heard> {
  static std::string encode(const heard& h) {
    if (heard::when_written) heard::when_written(h.text);
    return h.text;
  }
  static heard decode(std::string_view text) { return {std::string(text)}; }
};

TEST_CASE("whatever ends many rows in their middle, none is stored", "[T1][T6]") {
  const support::place where;
  const auto direct = where.open();
  hewn::sync<event>(direct);
  auto db = where.open();
  const bool computed = GENERATE(false, true);  // rows that do not lie in a row
  const bool within = GENERATE(false, true);    // a transaction that goes on
  CAPTURE(computed, within);
  std::vector<event> all = events();
  const auto insert = [&](const auto& session) {
    if (!computed) return session.insert_many(std::as_const(all));
    return session.insert_many(std::deque<event>(all.begin(), all.end()));
  };
  // Nothing but what is done around it is kept.
  const auto ends = [&](auto check) {
    if (!within) {
      check(db);
      return;
    }
    db.transaction([&](auto& tx) {
      tx.insert(event{.id = -1});
      check(tx);
      tx.insert(event{.id = -2});
    });
    CHECK(direct.remove(hewn::from<event>.where(hewn::col<&event::id> < 0)) == 2);
  };
  const auto is_usable = [&] {
    CHECK(direct.count<event>() == 0);
    const std::vector<event> good = events(1000);
    CHECK(db.insert_many(good) == 1000);
    CHECK(direct.count<event>() == 1000);
  };

  SECTION("a value that cannot be stored") {
    all[middle].what.text += '\0';
    support::statement_log log;
    db.observe(log);
    ends([&](auto& session) {
      log.clear();
      const auto failure = failure_of([&] { insert(session); });
      CHECK(failure.code() == errc::invalid_data);
      CHECK(support::says(failure, "events.what"));
      CHECK(failure.sql() == R"(INSERT INTO "events" ("id", "what") VALUES ($1, $2))");
      // Nobody is told of a COPY that the rows put an end to.
      for (const auto& entry : log.entries()) CHECK_FALSE(entry.sql.starts_with("COPY"));
    });
    is_usable();
  }
  SECTION("an exception of the program's own") {
    const at_row throwing(middle, [] { throw std::logic_error("enough"); });
    ends([&](auto& session) { CHECK_THROWS_AS(insert(session), std::logic_error); });
    is_usable();
  }
  SECTION("an exception of the range") {
    ends([](auto& session) {
      CHECK_THROWS_AS(session.insert_many(failing_source{}), std::logic_error);
    });
    is_usable();
  }
  SECTION("a row that the server refuses, the last one") {
    all.back().id = 1;
    ends([&](auto& session) {
      const auto failure = failure_of([&] { insert(session); });
      CHECK(failure.code() == errc::conflict);
      CHECK(failure.sql() == R"(COPY "events" ("id", "what") FROM STDIN (FORMAT binary))");
    });
    is_usable();
  }
  SECTION("a value that cannot be stored, before a row that the server refuses") {
    all[1].id = 1;
    all[middle].what.text += '\0';
    ends([&](auto& session) {
      CHECK(failure_of([&] { insert(session); }).code() == errc::invalid_data);
    });
    is_usable();
  }
  SECTION("a statement on the same connection that fails") {
    const at_row asking(middle, [&] { db.template one<int>(hewn::sql<"SELECT 1 / 0">); });
    if (!within) {
      CHECK(failure_of([&] { insert(db); }).code() == errc::invalid_data);
      is_usable();
    }
  }
  SECTION("an interrupt") {
    direct.script(
        "CREATE FUNCTION slow_event(id bigint) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN IF id = "
        "40000 THEN PERFORM pg_sleep(60); END IF; RETURN true; END';"
        "ALTER TABLE events ADD CHECK (slow_event(id))");
    std::jthread other([&, stop = db.interrupter()] {
      while (!direct.one<bool>(hewn::sql<"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE "
                                         "query LIKE 'COPY%' AND wait_event = 'PgSleep')">))
        std::this_thread::yield();
      stop.interrupt();
    });
    ends([&](auto& session) {
      CHECK(failure_of([&] { insert(session); }).code() == errc::interrupted);
    });
    other.join();
    direct.script("ALTER TABLE events DROP CONSTRAINT events_id_check");
    is_usable();
  }
  SECTION("a server that ends the connection") {
    const auto process = db.one<std::int32_t>(hewn::sql<"SELECT pg_backend_pid()">);
    const at_row ending(middle, [&] {
      direct.one<bool>(hewn::sql<"SELECT pg_terminate_backend(?, 10000)">, process);
    });
    const auto failure = failure_of([&] {
      if (within)
        db.transaction([&](auto& tx) {
          tx.insert(event{.id = -1});
          insert(tx);
        });
      else
        insert(db);
    });
    CHECK(failure.code() == errc::connection_lost);
    CHECK(db.try_count<event>().error().code() == errc::connection_lost);
    CHECK(direct.count<event>() == 0);
  }
  SECTION("a server that ends the connection at its own time") {
    direct.script(
        "CREATE FUNCTION last_event(id bigint) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN IF id = "
        "50000 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN true; END';"
        "ALTER TABLE events ADD CHECK (last_event(id))");
    CHECK(failure_of([&] { insert(db); }).code() == errc::connection_lost);
    CHECK(direct.count<event>() == 0);
  }
}

TEST_CASE("what runs on the connection while rows are written finds it free", "[T1]") {
  const support::place where;
  const auto db = where.open();
  hewn::sync<event>(db);
  std::vector<event> all = events();
  std::vector<std::int64_t> found;
  const at_row asking(middle,
                      [&] { found.push_back(db.one<std::int64_t>(hewn::sql<"SELECT 7">)); });
  SECTION("and the rows are stored all the same") {
    CHECK(db.insert_many(std::as_const(all)) == static_cast<std::int64_t>(count));
    CHECK(db.count<event>() == static_cast<std::int64_t>(count));
    CHECK(found == std::vector<std::int64_t>{7});
    CHECK(db.get<event>(count).what.text == all.back().what.text);
  }
  SECTION("and is told why the rows before were refused") {
    all[1].id = 1;
    CHECK(failure_of([&] { db.insert_many(std::as_const(all)); }).code() == errc::conflict);
    CHECK(db.count<event>() == 0);
  }
}

TEST_CASE("the memory that rows take on their way does not depend on their number") {
  const auto db = support::open_new();
  hewn::sync<event>(db);
  const auto bytes_for = [&](std::size_t size) {
    db.script("TRUNCATE events");
    std::vector<event> all = events(size);
    for (event& e : all) e.what.text.clear();  // so that encode() asks for nothing
    const std::size_t before = asked_for;
    db.insert_many(std::as_const(all));
    return asked_for - before;
  };
  bytes_for(20'000);
  const std::size_t few = bytes_for(20'000);
  CHECK(few < 400'000);
  CHECK(bytes_for(200'000) == few);
}
