// tests/sync/fault_test.cpp - a schema change when the disk fails or the machine stops.
// SPDX-License-Identifier: BSL-1.0
#include <support/fault_sweep.hpp>
#include <support/fault_vfs.hpp>
#include <support/sync_case.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <sys/time.h>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>

using support::fault_vfs;

namespace {

template <class Change, class Connection>
void sweep_files(const std::string& name, bool write_ahead, int budget, bool audit = false) {
  support::sync_case<Change, Connection> c("fault_test_" + name, write_ahead);
  c.options().policy.audit = audit;
  fault_vfs vfs;
  vfs.flushes = false;  // nobody looks whether it has reached the disk
  support::file_trouble once(vfs, false);
  const auto all = support::sweep(name + ", one operation fails", c.as_sweep(), once, budget);
  CHECK(all.points > 20);
  c.keeps_connection = false;
  support::file_trouble for_good(vfs, true);
  support::sweep(name + ", every operation fails from then on", c.as_sweep(), for_good, budget);
  support::file_trouble full(vfs, true, SQLITE_FULL, &support::is_write);
  support::sweep(name + ", the disk is full", c.as_sweep(), full, budget);
  c.keeps_connection = true;
  support::file_trouble nearly_full(vfs, false, SQLITE_FULL, &support::is_write);
  support::sweep(name + ", the disk is full for a moment", c.as_sweep(), nearly_full, budget);
}

template <class Change, class Connection>
void sweep_deaths(const std::string& name, bool write_ahead, int budget) {
  support::sync_case<Change, Connection> c("fault_test_" + name, write_ahead);
  fault_vfs vfs;
  vfs.flushes = false;  // what has reached the disk is reckoned
  support::death killed(vfs, false);
  support::sweep(name + ", the process is killed", c.as_sweep(), killed, budget);
  support::death unplugged(vfs, true);
  support::sweep(name + ", the power is lost", c.as_sweep(), unplugged, budget);
}

}  // namespace

TEST_CASE("a rebuild under a failing disk is done or not done", "[M6]") {
  using support::bare_connection;
  using support::library_connection;
  using change = support::rebuild_of_a_parent;
  sweep_files<change, library_connection>("rebuild_wal", true, 10);
  sweep_files<change, library_connection>("rebuild_journal", false, 10);
  sweep_files<change, bare_connection>("bare_rebuild_wal", true, 10);
  sweep_files<change, bare_connection>("bare_rebuild_journal", false, 10);
}

TEST_CASE("an addition under a failing disk is done or not done", "[M6]") {
  using support::library_connection;
  sweep_files<support::addition, library_connection>("addition_wal", true, 10);
  sweep_files<support::addition, library_connection>("addition_journal", false, 10);
}

TEST_CASE("the record of a failure is made or not made, and nothing else changes", "[M6]") {
  using support::library_connection;
  using change = support::rebuild_of_a_parent;
  sweep_files<change, library_connection>("recorded_wal", true, 10, true);
  sweep_files<change, library_connection>("recorded_journal", false, 10, true);
}

TEST_CASE("a change during which the machine stops is done or not done", "[M6]") {
  using support::library_connection;
  sweep_deaths<support::rebuild_of_a_parent, library_connection>("dying_rebuild_wal", true, 15);
  sweep_deaths<support::rebuild_of_a_parent, library_connection>("dying_rebuild_journal", false,
                                                                 15);
  sweep_deaths<support::addition, library_connection>("dying_addition_wal", true, 15);
  sweep_deaths<support::addition, library_connection>("dying_addition_journal", false, 15);
}

TEST_CASE("a process killed at any time leaves a change done or not done", "[M6]") {
  using clock = std::chrono::steady_clock;
  support::sync_case<support::rebuild_of_a_parent, support::library_connection> c(
      "fault_test_sudden", true);
  c.prepare();
  const auto began = clock::now();
  REQUIRE(support::in_other_process([&] { c.act(); }));
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - began);
  const std::uint64_t seed = support::sweep_seed();
  std::mt19937_64 lot(seed);
  int killed = 0;
  const int rounds = support::sweeps_all() ? 1000 : 30;
  for (int i = 0; i != rounds; ++i) {
    const auto after = std::uniform_int_distribution<std::int64_t>(1, whole.count())(lot);
    CAPTURE(i, seed, after);
    c.prepare();
    const bool died = !support::in_other_process([&] {
      // Nobody handles the signal, so it ends the process.
      const itimerval alarm{.it_interval = {}, .it_value = {after / 1'000'000, after % 1'000'000}};
      ::setitimer(ITIMER_REAL, &alarm, nullptr);
      c.act();
    });
    killed += died;
    for (const std::string& problem : c.problems({.died = died})) FAIL_CHECK(problem);
  }
  WARN("killed " << killed << " times of " << rounds << ", HEWN_SEED=" << seed);
  CHECK(killed > 0);
}
