// tests/migrate/fault_test.cpp - migrations when the disk fails or the machine stops.
// SPDX-License-Identifier: BSL-1.0
#include <support/fault_sweep.hpp>
#include <support/fault_vfs.hpp>
#include <support/migration_case.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

TEST_CASE("migrations under a failing disk are done or not done, and the history is true", "[M6]") {
  for (const bool write_ahead : {true, false}) {
    support::migration_case c("migration_fault_test", write_ahead);
    const std::string name = write_ahead ? "migrations in WAL" : "migrations";
    support::fault_vfs vfs;
    vfs.flushes = false;  // what has reached the disk is reckoned
    support::file_trouble once(vfs, false);
    const auto all = support::sweep(name + ", one operation fails", c.as_sweep(), once, 25);
    CHECK(all.points > 50);
    support::file_trouble full(vfs, true, SQLITE_FULL, &support::is_write);
    support::sweep(name + ", the disk is full", c.as_sweep(), full, 25);
    c.keeps_connection = false;
    support::file_trouble for_good(vfs, true);
    support::sweep(name + ", every operation fails from then on", c.as_sweep(), for_good, 25);
    support::death killed(vfs, false);
    support::sweep(name + ", the process is killed", c.as_sweep(), killed, 25);
    support::death unplugged(vfs, true);
    support::sweep(name + ", the power is lost", c.as_sweep(), unplugged, 25);
  }
}

TEST_CASE("batches under a failing disk are done or not done, and none twice", "[M6][s99]") {
  support::batched_case c("batched_fault_test");
  support::fault_vfs vfs;
  vfs.flushes = false;  // what has reached the disk is reckoned
  support::file_trouble once(vfs, false);
  const auto all = support::sweep("batches, one operation fails", c.as_sweep(), once, 25);
  CHECK(all.points > 20);
  support::file_trouble nearly_full(vfs, false, SQLITE_FULL, &support::is_write);
  support::sweep("batches, the disk is full for a moment", c.as_sweep(), nearly_full, 25);
}
