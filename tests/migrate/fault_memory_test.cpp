// tests/migrate/fault_memory_test.cpp - migrations when memory runs out.
// SPDX-License-Identifier: BSL-1.0
#include <support/fault_sweep.hpp>
#include <support/memory_trouble.hpp>
#include <support/migration_case.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

namespace {

support::allocation_fault own_memory;

template <class Case>
void sweep_memory(const std::string& name, Case& c, support::allocation_fault& memory, int budget) {
  support::memory_trouble once(memory, false);
  const auto all = support::sweep(name + ", one allocation fails", c.as_sweep(), once, budget);
  CHECK(all.points > 200);
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

TEST_CASE("migrations while SQLite runs out of memory are done or not done", "[M6]") {
  support::allocation_fault& memory = support::sqlite_memory::fault();
  support::migration_case files("migration_memory_test", true);
  sweep_memory("migrations", files, memory, 15);
  support::batched_case batches("batched_memory_test");
  sweep_memory("batches", batches, memory, 15);
}

TEST_CASE("migrations while the program runs out of memory are done or not done", "[M6]") {
  support::sqlite_memory::fault();  // both cases of this program use SQLite in the same way
  support::migration_case files("migration_own_memory_test", false);
  sweep_memory("own migrations", files, own_memory, 15);
  support::batched_case batches("batched_own_memory_test");
  sweep_memory("own batches", batches, own_memory, 15);
}
