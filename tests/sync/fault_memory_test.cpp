// tests/sync/fault_memory_test.cpp - a schema change when memory runs out.
// SPDX-License-Identifier: BSL-1.0
#include <support/memory_trouble.hpp>
#include <support/own_memory.hpp>
#include <support/sync_case.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using support::own_memory;

namespace {

template <class Change, class Connection>
void sweep_change(const std::string& name, support::allocation_fault& memory, bool write_ahead,
                  int budget) {
  support::sync_case<Change, Connection> c("fault_memory_test", write_ahead, 4);
  support::sweep_memory(name, c, memory, budget, 500);
}

}  // namespace

TEST_CASE("a change while SQLite runs out of memory is done or not done", "[M6]") {
  support::allocation_fault& memory = support::sqlite_memory::fault();
  using change = support::rebuild_of_a_parent;
  sweep_change<change, support::library_connection>("rebuild", memory, true, 10);
  sweep_change<change, support::bare_connection>("bare rebuild", memory, true, 10);
  sweep_change<support::addition, support::library_connection>("addition", memory, false, 10);
}

TEST_CASE("a change while the program runs out of memory is done or not done", "[M6]") {
  support::sqlite_memory::fault();  // both cases of this program use SQLite in the same way
  using change = support::rebuild_of_a_parent;
  sweep_change<change, support::library_connection>("own rebuild", own_memory, false, 10);
  sweep_change<change, support::bare_connection>("own bare rebuild", own_memory, false, 10);
  sweep_change<support::addition, support::library_connection>("own addition", own_memory, true,
                                                               20);
}
