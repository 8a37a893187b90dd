// tests/migrate/fault_memory_test.cpp - migrations when memory runs out.
// SPDX-License-Identifier: BSL-1.0
#include <support/memory_trouble.hpp>
#include <support/migration_case.hpp>
#include <support/own_memory.hpp>

#include <catch2/catch_test_macros.hpp>

using support::own_memory;
using support::sweep_memory;

TEST_CASE("migrations while SQLite runs out of memory are done or not done", "[M6]") {
  support::allocation_fault& memory = support::sqlite_memory::fault();
  support::migration_case files("migration_memory_test", true);
  sweep_memory("migrations", files, memory, 15, 200);
  support::batched_case batches("batched_memory_test");
  sweep_memory("batches", batches, memory, 15, 200);
}

TEST_CASE("migrations while the program runs out of memory are done or not done", "[M6]") {
  support::sqlite_memory::fault();  // both cases of this program use SQLite in the same way
  support::migration_case files("migration_own_memory_test", false);
  sweep_memory("own migrations", files, own_memory, 15, 200);
  support::batched_case batches("batched_own_memory_test");
  sweep_memory("own batches", batches, own_memory, 15, 200);
}
