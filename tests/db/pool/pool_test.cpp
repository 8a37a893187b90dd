// tests/db/pool/pool_test.cpp - who gets a connection, when, and in which state it comes back.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/db/pool/pool.hpp>

#include <support/failure.hpp>
#include <support/mock_driver.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using hewn::call_site;
using hewn::errc;
using hewn::pool_event;
using hewn::pool_options;
using support::failure_of;
using support::is_refused_as_forked;
using support::mock_database;
using support::says;

namespace {

/// The mock with what a driver may tell a pool.
struct pool_driver : support::mock_driver {
  static inline bool alive_now = true;    // what is seen without asking
  static inline bool alive_asked = true;  // what the database answers
  static inline bool can_be_reused = true;
  static inline bool throws = false;
  static inline int questions = 0;

  static bool alive(support::mock_connection&, bool ask) {
    if (throws) throw std::runtime_error("alive");
    if (ask) ++questions;
    return ask ? alive_asked : alive_now;
  }
  static bool reusable(support::mock_connection&) {
    if (throws) throw std::runtime_error("reusable");
    return can_be_reused;
  }

  static void reset() {
    alive_now = alive_asked = can_be_reused = true;
    throws = false;
    questions = 0;
  }
};

using pool = hewn::detail::connection_pool<pool_driver>;
using borrowed = hewn::detail::pooled_connection<pool_driver>;

// A clock that only the test and waiting move.
std::atomic<std::int64_t> fake_milliseconds{0};
std::chrono::steady_clock::time_point fake_now() {
  return std::chrono::steady_clock::time_point(std::chrono::hours(1)) +
         std::chrono::milliseconds(fake_milliseconds.load());
}

/// A pool over mocks, and what became of its connections.
struct rig {
  explicit rig(pool_options options = {}) {
    pool_driver::reset();
    fake_milliseconds = 0;
    options.observe = [log = log](const pool_event& e) {
      const std::lock_guard lock(log->mutex);
      log->events.push_back(e);
    };
    core = std::make_shared<pool>([this] { return open(); }, std::move(options), "the pool");
  }

  /// With a clock that stands still.
  static rig stopped(pool_options options = {}) {
    options.clock = fake_now;
    return rig(std::move(options));
  }

  pool::owner open() {
    if (refuse_to_open) throw hewn::error(errc::cannot_open, "hewn: mock is away; wait for it");
    auto database = std::make_shared<mock_database>();
    databases.push_back(database);
    return pool::owner(
        new hewn::detail::connection<pool_driver>(support::mock_connection(database), 8));
  }

  borrowed take(std::chrono::milliseconds timeout = 0ms, call_site site = call_site::current()) {
    return borrowed(core, timeout, site);
  }

  /// Which of the connections opened so far this is.
  std::size_t number(const borrowed& b) const {
    const mock_database* const wanted = &b.get()->native().database();
    for (std::size_t i = 0; i != databases.size(); ++i)
      if (databases[i].lock().get() == wanted) return i;
    return databases.size();
  }

  std::size_t live() const {
    std::size_t n = 0;
    for (const auto& d : databases) n += !d.expired();
    return n;
  }

  std::size_t count(pool_event::kind what) const {
    std::size_t n = 0;
    for (const pool_event& e : events) n += e.what == what;
    return n;
  }

  bool refuse_to_open = false;
  std::vector<std::weak_ptr<mock_database>> databases = {};
  struct event_log {
    std::mutex mutex;
    std::vector<pool_event> events;
  };
  std::shared_ptr<event_log> log = std::make_shared<event_log>();
  std::vector<pool_event>& events = log->events;
  std::shared_ptr<pool> core;
};

void run(const borrowed& b, std::string_view sql) {
  hewn::detail::lease<pool_driver>(b.get()->acquire(sql, call_site::current())).step();
}

/// Begins a transaction whose object nobody destroys.
void leave_open(hewn::detail::connection<pool_driver>& c) {
  using scope = hewn::detail::transaction_scope<pool_driver>;
  alignas(scope) static std::byte lost[sizeof(scope)];
  new (lost) scope(c, hewn::transaction_mode::immediate, call_site::current());
}

template <class Condition>
void wait_for(const Condition& met) {
  while (!met()) std::this_thread::yield();
}

}  // namespace

TEST_CASE("connections are opened when they are needed, and the one used last is used again",
          "[P1]") {
  rig r({.size = 3});
  CHECK(r.live() == 0);
  {
    const borrowed a = r.take();
    const borrowed b = r.take();
    CHECK(r.number(a) == 0);
    CHECK(r.number(b) == 1);
  }  // b, then a
  CHECK(r.live() == 2);
  const borrowed a = r.take();
  const borrowed b = r.take();
  const borrowed c = r.take();
  CHECK(r.number(a) == 0);
  CHECK(r.number(b) == 1);
  CHECK(r.number(c) == 2);
  CHECK(r.count(pool_event::kind::opened) == 3);
}

TEST_CASE("a pool without connections is refused", "[P1]") {
  CHECK(failure_of([] { rig({.size = 0}); }).code() == errc::usage);
}

TEST_CASE("who asks first is served first, and nobody overtakes", "[P1]") {
  rig r({.size = 1});
  std::optional<borrowed> first = r.take();
  std::vector<int> order;
  std::vector<std::jthread> threads;
  for (int i = 0; i != 10; ++i) {
    threads.emplace_back([&, i] {
      const borrowed b = r.take(1h);
      order.push_back(i);  // one at a time: there is one connection
    });
    wait_for([&] { return r.core->statistics().waiting == static_cast<std::size_t>(i) + 1; });
  }
  first.reset();
  threads.clear();
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(r.live() == 1);
  CHECK(r.core->statistics().waited == 10);
  CHECK(r.core->statistics().acquired == 11);
}

TEST_CASE("a connection that comes back belongs to whoever waits, before that one has woken",
          "[P1]") {
  // Waiting, here, is until the test allows it to go on.
  static std::atomic<bool> asleep;
  asleep = true;
  rig r({.size = 1, .wait = [](auto&, std::unique_lock<std::mutex>& lock, auto) {
           lock.unlock();
           while (asleep) std::this_thread::yield();
           lock.lock();
         }});
  std::optional<borrowed> held = r.take();
  std::jthread waiter([&] { r.take(1h); });
  wait_for([&] { return r.core->statistics().waiting == 1; });
  held.reset();
  CHECK(failure_of([&] { r.take(); }).code() == errc::pool_timeout);
  asleep = false;
  waiter.join();
  r.take();
}

TEST_CASE("waiting ends at its deadline, however often it is woken, and says who holds what",
          "[P1]") {
  pool_options options{.size = 2, .clock = fake_now};
  static int woken;
  woken = 0;
  options.wait = [](auto&, auto&, std::chrono::nanoseconds left) {
    CHECK(left == 200ms - woken * 30ms);
    ++woken;
    fake_milliseconds += std::min<std::int64_t>(30, left / 1ms);
  };
  rig r(options);
  const unsigned line = __LINE__ + 1;
  borrowed a = r.take();
  fake_milliseconds += 61'000;
  borrowed b = r.take();
  b.hand_over();
  fake_milliseconds += 250;
  const auto failure = failure_of([&] { r.take(200ms); });
  CHECK(woken == 7);
  CHECK(failure.code() == errc::pool_timeout);
  CHECK_FALSE(failure.retryable());
  CHECK(failure.site().line == line + 5);
  const std::string file = __FILE__;
  const std::string function = call_site::current().function;
  CHECK(std::string(failure.what()) ==
        "hewn: the pool had no connection to give for 200 ms: 2 of 2 in use, 0 more waiting (held "
        "by " +
            file + ":" + std::to_string(line) + " " + function + " for 61450 ms in thread " +
            std::to_string(gettid()) + ", " + file + ":" + std::to_string(line + 2) + " " +
            function +
            " for 450 ms); give connections back sooner, or raise .size or .timeout of the pool");
  CHECK(r.core->statistics().timeouts == 1);
  CHECK(r.core->statistics().waiting == 0);
  REQUIRE(r.events.back().what == pool_event::kind::timed_out);
  CHECK(r.events.back().duration == 200ms);
  CHECK(r.events.back().site.line == line + 5);
}

TEST_CASE("the message names the five that have held theirs for longest", "[P1]") {
  rig r = rig::stopped({.size = 8});
  std::vector<borrowed> all;
  for (int i = 0; i != 8; ++i) {
    all.push_back(r.take());
    ++fake_milliseconds;
  }
  all.back().hand_over();  // so that this thread might be given it
  const auto failure = failure_of([&] { r.take(); });
  CHECK(says(failure, "for 8 ms"));
  CHECK(says(failure, "for 4 ms"));
  CHECK_FALSE(says(failure, "for 3 ms"));
  CHECK(says(failure, ", and 3 more)"));
}

TEST_CASE("who gives up waiting is passed over", "[P1]") {
  rig r({.size = 1});
  std::optional<borrowed> held = r.take();
  held->hand_over();
  std::atomic<int> served{0};
  std::jthread early([&] { CHECK_THROWS_AS(r.take(1ms), hewn::error); });
  early.join();
  std::jthread late([&] {
    r.take(1h);
    ++served;
  });
  wait_for([&] { return r.core->statistics().waiting == 1; });
  held.reset();
  late.join();
  CHECK(served == 1);
}

TEST_CASE("a thread that would wait for itself is told at once", "[P3][T7]") {
  rig r({.size = 2});
  borrowed a = r.take();
  borrowed b = r.take();
  const auto failure = failure_of([&] { r.take(1h); });
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure, "held by this thread"));
  CHECK(says(failure, __FILE__));
  // What another thread goes on with may come back.
  b.hand_over();
  CHECK(failure_of([&] { r.take(1ms); }).code() == errc::pool_timeout);
}

TEST_CASE("threads that would wait for one another are told at once", "[P3]") {
  rig r({.size = 2});
  std::optional<borrowed> mine = r.take();
  std::atomic<bool> has_one{false};
  std::jthread other([&] {
    const borrowed theirs = r.take();
    has_one = true;
    r.take(1h);  // what this thread gives back below
  });
  wait_for([&] { return has_one && r.core->statistics().waiting == 1; });
  CHECK(failure_of([&] { r.take(1h); }).code() == errc::usage);
  mine.reset();
  other.join();
}

TEST_CASE("what was idle for too long is closed", "[P1]") {
  rig r = rig::stopped({.size = 3, .idle_limit = 100ms, .check_after = 1h});
  {
    const borrowed a = r.take();
    const borrowed b = r.take();
    const borrowed c = r.take();
  }
  fake_milliseconds += 60;
  r.take();  // the one used last
  fake_milliseconds += 60;
  CHECK(r.live() == 3);
  SECTION("when another one comes back") {
    r.take();
    CHECK(r.live() == 1);
  }
  SECTION("when the program says so") {
    r.core->trim();
    CHECK(r.live() == 1);
  }
  SECTION("and before it is handed out") {
    fake_milliseconds += 60;
    const borrowed fresh = r.take();
    CHECK(r.number(fresh) == 3);
  }
  const auto s = r.core->statistics();
  CHECK(s.opened - s.closed == r.live());
  CHECK(r.count(pool_event::kind::closed) == s.closed);
}

TEST_CASE("what has lived for too long is closed, and not all at the same time", "[P1]") {
  rig r = rig::stopped({.size = 50, .idle_limit = 0ms, .lifetime = 1000ms, .check_after = 1h});
  std::vector<borrowed> all;
  for (int i = 0; i != 50; ++i) all.push_back(r.take());
  all.clear();
  fake_milliseconds += 899;
  r.core->trim();
  CHECK(r.live() == 50);
  fake_milliseconds += 51;
  const borrowed held = r.take();
  r.core->trim();
  const std::size_t half_way = r.live();
  CHECK(half_way > 5);
  CHECK(half_way < 45);
  fake_milliseconds += 51;
  r.core->trim();
  CHECK(r.live() == 1);  // the one that is held, until it comes back
}

TEST_CASE("what is held beyond its life is closed when it comes back", "[P1]") {
  rig r = rig::stopped({.size = 1, .lifetime = 100ms});
  {
    const borrowed held = r.take();
    fake_milliseconds += 200;
    CHECK(r.live() == 1);
  }
  CHECK(r.live() == 0);
  CHECK(r.events.back().reason == "it was open for too long");
}

TEST_CASE("a connection is asked whether it lives only after it was idle for a while", "[P4]") {
  rig r = rig::stopped({.size = 1, .check_after = 100ms});
  r.take();
  fake_milliseconds += 99;
  r.take();
  CHECK(pool_driver::questions == 0);
  fake_milliseconds += 100;
  r.take();
  CHECK(pool_driver::questions == 1);
  CHECK(r.live() == 1);
}

TEST_CASE("a dead connection is replaced before it is handed out", "[P4]") {
  rig r = rig::stopped({.size = 1, .check_after = 100ms});
  r.take();
  SECTION("seen") { pool_driver::alive_now = false; }
  SECTION("asked") {
    pool_driver::alive_asked = false;
    fake_milliseconds += 100;
  }
  SECTION("with an exception") { pool_driver::throws = true; }
  const borrowed b = r.take();
  CHECK(r.number(b) == 1);
  CHECK(r.live() == 1);
  CHECK(r.events.size() == 3);
  CHECK(r.events[1].reason == "it was found dead");
  pool_driver::reset();
}

TEST_CASE("when a connection cannot be opened, the next one may try", "[P1]") {
  rig r({.size = 1});
  r.refuse_to_open = true;
  CHECK(failure_of([&] { r.take(); }).code() == errc::cannot_open);
  CHECK(r.core->statistics().in_use == 0);
  SECTION("after a dead one") {
    r.refuse_to_open = false;
    r.take();
    r.refuse_to_open = true;
    pool_driver::alive_now = false;
    CHECK(failure_of([&] { r.take(); }).code() == errc::cannot_open);
  }
  r.refuse_to_open = false;
  r.take();
  CHECK(r.live() == 1);
  CHECK(r.core->statistics().idle == 1);
}

TEST_CASE("a transaction that was left open is rolled back and reported", "[P2]") {
  rig r = rig::stopped({.size = 1});
  std::vector<std::string> seen;
  struct log : hewn::detail::observer {
    explicit log(std::vector<std::string>& to) : out(to) {}
    void on_statement(const hewn::statement_event& e) override { out.emplace_back(e.sql); }
    std::vector<std::string>& out;
  };
  const unsigned line = __LINE__ + 2;
  {
    const borrowed b = r.take();
    b.get()->observe(hewn::detail::owner<hewn::detail::observer>(new log(seen)));
    leave_open(*b.get());
    run(b, "INSERT");
    fake_milliseconds += 70;
  }
  CHECK(seen == std::vector<std::string>{"BEGIN IMMEDIATE", "INSERT", "ROLLBACK"});
  REQUIRE(r.count(pool_event::kind::left_open) == 1);
  CHECK(r.events.back().site.line == line);
  CHECK(r.events.back().duration == 70ms);
  CHECK(r.core->statistics().rolled_back == 1);
  const borrowed again = r.take();
  CHECK(r.number(again) == 0);
  CHECK(again.get()->state().depth() == 0);
  run(again, "INSERT");
}

TEST_CASE("a transaction that the database has ended is not rolled back again", "[P2][T2]") {
  rig r({.size = 1});
  {
    const borrowed b = r.take();
    leave_open(*b.get());
    auto& database = b.get()->native().database();
    database.failing["INSERT"] = 1;
    database.fails_with_rollback = true;
    CHECK_THROWS_AS(run(b, "INSERT"), hewn::error);
    CHECK(b.get()->state().aborted());
  }
  const borrowed again = r.take();
  CHECK(r.number(again) == 0);
  CHECK(again.get()->native().database().stepped.back() == "INSERT");
  run(again, "UPDATE");
}

TEST_CASE("a connection that may be damaged is not used again", "[P2]") {
  rig r({.size = 1});
  std::optional<borrowed> b = r.take();
  std::string why;
  SECTION("its rollback failed") {
    leave_open(*b->get());
    b->get()->native().database().failing["ROLLBACK"] = 1;
    why = "it had failed";
  }
  SECTION("its driver cannot reset it") {
    pool_driver::can_be_reused = false;
    why = "its session could not be reset";
  }
  SECTION("its driver throws") {
    pool_driver::throws = true;
    why = "its session could not be reset";
  }
  std::optional<hewn::detail::lease<pool_driver>> rows;
  SECTION("a loop over rows outlives it") {
    b->get()->native().database().rows = 2;
    rows.emplace(b->get()->acquire("SELECT", call_site::current()));
    CHECK(rows->step());
    why = "a loop over rows outlived it";
  }
  b.reset();
  pool_driver::reset();
  REQUIRE(r.events.back().what == pool_event::kind::closed);
  CHECK(r.events.back().reason == why);
  if (rows) CHECK(failure_of([&] { rows->step(); }).code() == errc::connection_lost);
  rows.reset();
  CHECK(r.live() == 0);
  CHECK(r.number(r.take()) == 1);
}

TEST_CASE("an observer that throws changes nothing", "[P1]") {
  pool_driver::reset();
  auto core = std::make_shared<pool>(
      [] {
        return pool::owner(new hewn::detail::connection<pool_driver>(
            support::mock_connection(std::make_shared<mock_database>()), 8));
      },
      pool_options{.size = 1, .observe = [](const pool_event&) { throw std::runtime_error("o"); }},
      "the pool");
  borrowed b(core, 0ms, call_site::current());
  b.hand_over();
  CHECK(failure_of([&] { borrowed(core, 0ms, call_site::current()); }).code() ==
        errc::pool_timeout);
}

TEST_CASE("closing refuses those that come and those that wait, and lets those finish that work",
          "[P6]") {
  rig r({.size = 2});
  std::optional<borrowed> held = r.take();
  std::optional<borrowed> second = r.take();
  std::atomic<int> refused{0};
  std::vector<std::jthread> waiters;
  for (int i = 0; i != 3; ++i)
    waiters.emplace_back([&] {
      try {
        r.take(1h);
      } catch (const hewn::error& failure) {
        if (failure.code() == errc::connection_lost) ++refused;
      }
    });
  wait_for([&] { return r.core->statistics().waiting == 3; });
  CHECK_FALSE(r.core->close(0ms));
  waiters.clear();
  CHECK(refused == 3);
  second.reset();
  const auto failure = failure_of([&] { r.take(1h); });
  CHECK(failure.code() == errc::connection_lost);
  CHECK(says(failure, "closed"));
  CHECK(r.live() == 1);
  run(*held, "INSERT");
  std::jthread finisher([&] {
    wait_for([&] { return r.core->statistics().in_use == 1; });
    held.reset();
  });
  CHECK(r.core->close(1h));
  CHECK(r.live() == 0);
}

TEST_CASE("a connection may outlive the pool object", "[P6]") {
  std::optional<borrowed> held;
  std::weak_ptr<mock_database> database;
  {
    rig r({.size = 2});
    held = r.take();
    database = r.databases[0];
    r.core->close(0ms);
  }
  CHECK_FALSE(database.expired());
  run(*held, "INSERT");
  held.reset();
  CHECK(database.expired());
}

TEST_CASE("a child process is refused and closes nothing", "[P5]") {
  rig r({.size = 2});
  std::optional<borrowed> held = r.take();
  r.take();  // idle
  hewn::detail::transaction_scope<pool_driver> tx(*held->get(), hewn::transaction_mode::immediate,
                                                  call_site::current());
  auto& database = held->get()->native().database();
  const std::size_t before = database.stepped.size();
  const pid_t child = fork();
  if (child == 0) {
    int wrong = 0;
    if (!is_refused_as_forked([&] { r.take(1h); })) wrong |= 1;
    if (!is_refused_as_forked([&] { run(*held, "INSERT"); })) wrong |= 2;
    if (!is_refused_as_forked([&] { held->get()->execute("INSERT", {}); })) wrong |= 4;
    if (!is_refused_as_forked([&] { tx.commit(); })) wrong |= 8;
    held.reset();
    r.core->close(1h);
    if (database.stepped.size() != before) wrong |= 16;
    if (r.live() != 2) wrong |= 32;
    r.core.reset();
    if (r.live() != 2) wrong |= 64;
    _exit(wrong);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  run(*held, "INSERT");
  tx.commit();
  held.reset();
  CHECK(r.core->close(0ms));
}

TEST_CASE("there are never more connections than allowed, and every one comes back", "[P1]") {
  struct counting {
    std::atomic<int> live{0};
    std::atomic<int> most{0};
  };
  pool_driver::reset();
  const auto counts = std::make_shared<counting>();
  const auto open = [counts] {
    const int now = ++counts->live;
    int seen = counts->most;
    while (now > seen && !counts->most.compare_exchange_weak(seen, now)) {
    }
    // Counted down when the last of the connection is gone.
    std::shared_ptr<mock_database> database(new mock_database, [counts](mock_database* d) {
      --counts->live;
      delete d;
    });
    return pool::owner(
        new hewn::detail::connection<pool_driver>(support::mock_connection(database), 8));
  };
  const auto core = std::make_shared<pool>(
      open, pool_options{.size = 3, .timeout = 1h, .idle_limit = 1ms, .lifetime = 2ms}, "the pool");
  constexpr int threads = 4;
  constexpr int rounds = 2000;
  std::atomic<int> done{0};
  {
    std::vector<std::jthread> all;
    for (int t = 0; t != threads; ++t)
      all.emplace_back([&] {
        for (int i = 0; i != rounds; ++i) {
          const borrowed b(core, 1h, call_site::current());
          run(b, "INSERT");
          ++done;
        }
      });
  }
  CHECK(done == threads * rounds);
  CHECK(counts->most <= 3);
  const auto s = core->statistics();
  CHECK(s.in_use == 0);
  CHECK(s.acquired == static_cast<std::uint64_t>(threads * rounds));
  CHECK(s.opened - s.closed == static_cast<std::uint64_t>(counts->live.load()));
  CHECK(core->close(0ms));
  CHECK(counts->live == 0);
}
