// tests/sync/fault_memory_test.cpp - a schema change when memory runs out.
// SPDX-License-Identifier: BSL-1.0
#include <support/fault_sweep.hpp>
#include <support/memory_trouble.hpp>
#include <support/sync_case.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

namespace {

support::allocation_fault own_memory;

template <class Change, class Connection>
void sweep_memory(const std::string& name, support::allocation_fault& memory, bool write_ahead,
                  int budget) {
  support::sync_case<Change, Connection> c("fault_memory_test", write_ahead, 4);
  support::memory_trouble once(memory, false);
  const auto all = support::sweep(name + ", one allocation fails", c.as_sweep(), once, budget);
  CHECK(all.points > 500);
  support::memory_trouble for_good(memory, true);
  support::sweep(name + ", all allocations fail from then on", c.as_sweep(), for_good, budget);
}

}  // namespace

// Every allocation of this program that is not SQLite's.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (!own_memory.fails_now())
    if (void* const got = std::malloc(size == 0 ? 1 : size)) return got;
  throw std::bad_alloc();
}
// As the standard library has it; a sanitizer has one of its own otherwise.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

TEST_CASE("a change while SQLite runs out of memory is done or not done", "[M6]") {
  support::allocation_fault& memory = support::sqlite_memory::fault();
  using change = support::rebuild_of_a_parent;
  sweep_memory<change, support::library_connection>("rebuild", memory, true, 10);
  sweep_memory<change, support::bare_connection>("bare rebuild", memory, true, 10);
  sweep_memory<support::addition, support::library_connection>("addition", memory, false, 10);
}

TEST_CASE("a change while the program runs out of memory is done or not done", "[M6]") {
  support::sqlite_memory::fault();  // both cases of this program use SQLite in the same way
  using change = support::rebuild_of_a_parent;
  sweep_memory<change, support::library_connection>("own rebuild", own_memory, false, 10);
  sweep_memory<change, support::bare_connection>("own bare rebuild", own_memory, false, 10);
  sweep_memory<support::addition, support::library_connection>("own addition", own_memory, true,
                                                               20);
}
