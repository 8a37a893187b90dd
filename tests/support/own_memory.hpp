// tests/support/own_memory.hpp - a program whose own allocations fail on request.
// SPDX-License-Identifier: BSL-1.0
//
// It replaces operator new, so one source file of the program includes it.
#pragma once

#include <support/fault_sweep.hpp>
#include <support/memory_trouble.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

namespace support {

/// Of every allocation of this program that is not SQLite's.
inline allocation_fault own_memory;

/// What is to be survived, with one allocation that fails and with all that fail from then on.
/// There are more than `least` of them.
template <class Case>
void sweep_memory(const std::string& name, Case& c, allocation_fault& memory, int budget,
                  std::int64_t least) {
  memory_trouble once(memory, false);
  const auto all = sweep(name + ", one allocation fails", c.as_sweep(), once, budget);
  CHECK(all.points > least);
  memory_trouble for_good(memory, true);
  sweep(name + ", all allocations fail from then on", c.as_sweep(), for_good, budget);
}

}  // namespace support

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (!support::own_memory.fails_now())
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
