// tests/sqlite/pool_test.cpp - one writer and many readers of a file.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/pool.hpp>

#include <support/failure.hpp>
#include <support/fault_vfs.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <latch>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

using hewn::col;
using hewn::errc;
using hewn::sqlite::open_pool;
using hewn::sqlite::pool;
using support::failure_of;
using support::says;
using support::temporary_file;

namespace {

struct account {
  std::int64_t id = 0;
  std::int64_t balance = 0;
};

// No wait for locks: within the process nobody needs one.
const hewn::sqlite::options impatient{.synchronous = hewn::sqlite::synchronous::off,
                                      .busy_timeout = 0ms};

pool open_accounts(const std::string& path, hewn::pool_options limits = {}, int accounts = 2,
                   const hewn::sqlite::options& options = impatient) {
  pool p = open_pool(path, limits, options);
  p.write([&](auto& db) {
    hewn::sync<account>(db);
    for (int i = 0; i != accounts; ++i) db.insert(account{.balance = 100});
  });
  return p;
}

std::int64_t sum(const std::vector<account>& all) {
  return std::accumulate(all.begin(), all.end(), std::int64_t{0},
                         [](std::int64_t s, const account& a) { return s + a.balance; });
}

std::int64_t total(const pool& p) {
  return p.read([](auto& tx) { return sum(tx.template all<account>()); });
}

}  // namespace

TEST_CASE("one connection writes, and the others only read", "[P7]") {
  const temporary_file file("pool_lease.db");
  const pool p = open_accounts(file.path);
  CHECK(p.statistics().size == 1);
  CHECK(p.reader_statistics().size == 7);
  auto lent = p.acquire();
  CHECK_FALSE(p.try_acquire(0ms).has_value());
  CHECK(total(p) == 200);
  const auto failure = failure_of([&] { p.transaction([](auto&) {}); });
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure, "the writer of the pool"));
  lent = p.acquire_reader();
  CHECK(p.statistics().in_use == 0);
  CHECK(p.try_acquire(0ms).has_value());
  CHECK(failure_of([&] { lent.insert(account{}); }).code() == errc::read_only);
  p.transaction({.mode = hewn::transaction_mode::read_only},
                [&](auto&) { CHECK(p.statistics().in_use == 0); });
}

TEST_CASE("writers and readers of one process never find the database busy", "[P7][L3]") {
  const temporary_file file("pool_storm.db");
  constexpr int accounts = 8;
  constexpr int writers = 4;
  constexpr int readers = 4;
  constexpr int rounds = 150;
  {
    const pool p = open_accounts(file.path, {.size = 4, .timeout = 60s}, accounts);
    std::atomic<int> transfers{0};
    std::atomic<int> snapshots{0};
    std::atomic<int> wrong{0};
    std::mutex mutex;
    std::vector<std::string> failures;
    std::latch start(writers + readers);
    const auto guarded = [&](const auto& work) {
      return [&] {
        start.arrive_and_wait();
        try {
          work();
        } catch (const std::exception& e) {
          const std::lock_guard lock(mutex);
          failures.emplace_back(e.what());
        }
      };
    };
    const auto write = [&] {
      for (int i = 0; i != rounds; ++i)
        p.transaction([&](auto& tx) {
          const std::int64_t from = 1 + i % accounts;
          const std::int64_t to = 1 + (i + 3) % accounts;
          tx.template update<account>(from, col<& account::balance> = col<&account::balance> - 1);
          tx.template update<account>(to, col<& account::balance> = col<&account::balance> + 1);
          ++transfers;
        });
    };
    const auto read = [&] {
      for (int i = 0; i != rounds; ++i) {
        if (total(p) != accounts * 100) ++wrong;
        ++snapshots;
      }
    };
    {
      std::vector<std::jthread> all;
      for (int i = 0; i != writers; ++i) all.emplace_back(guarded(write));
      for (int i = 0; i != readers; ++i) all.emplace_back(guarded(read));
    }
    CHECK(failures == std::vector<std::string>{});
    CHECK(transfers == writers * rounds);
    CHECK(snapshots == readers * rounds);
    CHECK(wrong == 0);
    CHECK(total(p) == accounts * 100);
    CHECK(p.statistics().acquired == static_cast<std::uint64_t>(writers * rounds + 2));
  }
  // Closed in the right order, the log is taken into the file.
  CHECK_FALSE(std::filesystem::exists(file.path + "-wal"));
}

TEST_CASE("what a pool cannot keep its promises for is refused", "[P7]") {
  for (const char* path : {"", ":memory:"}) {
    const auto failure = failure_of([&] { open_pool(path); });
    CHECK(failure.code() == errc::usage);
    CHECK(says(failure, "in memory"));
  }
  const temporary_file file("pool_refused.db");
  CHECK(failure_of([&] { open_pool(file.path, {}, {.write_ahead_log = false}); }).code() ==
        errc::usage);
  CHECK(failure_of([&] { open_pool(file.path, {.size = 1}); }).code() == errc::usage);
  CHECK(failure_of([&] { open_pool(file.path + "/no/folder.db"); }).code() == errc::cannot_open);
  CHECK(failure_of([&] { open_pool(std::string("a\0b", 3)); }).code() == errc::usage);
  CHECK_FALSE(hewn::sqlite::try_open_pool(":memory:").has_value());
  CHECK(hewn::sqlite::try_open_pool(file.path).has_value());
}

TEST_CASE("a pool that only reads has no writer", "[P7]") {
  const temporary_file file("pool_read_only.db");
  { open_accounts(file.path); }
  const pool p = open_pool(file.path, {.size = 3}, {.read_only = true});
  CHECK(total(p) == 200);
  CHECK(p.statistics().size == 3);
  CHECK(failure_of([&] { p.acquire().insert(account{}); }).code() == errc::read_only);
}

TEST_CASE("connections that are opened later are to the same file", "[P7]") {
  const temporary_file file("pool_folder.db");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(std::filesystem::path(file.path).parent_path());
  const pool p = open_accounts(std::filesystem::path(file.path).filename().string());
  std::filesystem::current_path("/");
  const auto read = hewn::as_result([&] { return total(p); });
  std::filesystem::current_path(before);
  REQUIRE(read.has_value());
  CHECK(*read == 200);
}

TEST_CASE("a file that was replaced is noticed", "[P4]") {
  const temporary_file file("pool_replaced.db");
  const pool p = open_accounts(file.path, {.check_after = 0ms});
  CHECK(total(p) == 200);
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((file.path + suffix).c_str());
  { open_accounts(file.path, {}, 3); }
  CHECK(total(p) == 300);
  CHECK(p.write([](auto& db) { return db.template count<account>(); }) == 3);
}

TEST_CASE("a connection whose commit was in doubt is not used again", "[D2][P2]") {
  const temporary_file file("pool_doubt.db");
  support::fault_vfs vfs;
  const pool p = open_accounts(file.path, {}, 2, {.busy_timeout = 0ms});
  vfs.decide = [](const support::file_operation& o) {
    return o.what == support::file_operation::kind::sync && o.wal ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  };
  CHECK(failure_of([&] {
          p.transaction([](auto& tx) { tx.insert(account{.balance = 1}); });
        }).code() == errc::commit_in_doubt);
  vfs.decide = nullptr;
  CHECK(p.statistics().idle == 0);
  const std::int64_t found = total(p);
  CHECK((found == 200 || found == 201));
  p.transaction([](auto& tx) { tx.insert(account{.balance = 10}); });
  CHECK(p.statistics().opened == 2);
}

TEST_CASE("a URI means to a pool what it means to open()", "[p:C4]") {
  for (const char* uri : {"file:shared_name?mode=memory&cache=shared", "file::memory:?cache=shared",
                          "file::memory:", "file:/shared_name?mode=memory"}) {
    INFO(uri);
    auto alone = hewn::sqlite::open(uri);
    alone.script("CREATE TABLE t (id INTEGER)");
    const auto refused = failure_of([&] { open_pool(uri); });
    CHECK(refused.code() == errc::usage);
    CHECK(says(refused, "a pool of a database in memory"));
  }
  for (const auto& entry : std::filesystem::directory_iterator("."))
    CHECK(entry.path().filename().string().find("shared_name") == std::string::npos);

  const temporary_file file("uri.db");
  pool absolute = open_accounts("file:" + std::filesystem::absolute(file.path).string() + "?x=1");
  pool relative =
      open_pool("file:" + std::filesystem::relative(file.path).string() + "?x=2#fragment");
  relative.write([](auto& db) { db.insert(account{.balance = 1}); });
  CHECK(relative.read([](auto& db) { return db.template count<account>(); }) == 3);
  CHECK(absolute.read([](auto& db) { return db.template count<account>(); }) == 3);
  CHECK(std::filesystem::exists(file.path));
}
