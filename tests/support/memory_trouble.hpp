// tests/support/memory_trouble.hpp - allocations that fail on request.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <support/fault_sweep.hpp>

#include <sqlite3.h>

#include <cstdint>

namespace support {

/// Which allocation fails. One thread.
struct allocation_fault {
  std::int64_t count = 0;
  std::int64_t at = -1;  ///< negative: none
  bool lasts = false;
  bool counts = false;

  bool fails_now() {
    if (!counts) return false;
    const std::int64_t now = count++;
    return at >= 0 && (now == at || (lasts && now > at));
  }
};

/// Some allocator runs out: for one allocation, or for good.
class memory_trouble : public trouble {
 public:
  memory_trouble(allocation_fault& fault, bool lasts) : fault_(fault), lasts_(lasts) {}

  void arm(std::int64_t n) override {
    fault_ = {.count = 0, .at = n, .lasts = lasts_, .counts = true};
  }
  std::int64_t disarm() override {
    fault_.counts = false;
    return fault_.count;
  }

 private:
  allocation_fault& fault_;
  bool lasts_;
};

/// SQLite's allocator. Nothing may have used SQLite before.
class sqlite_memory {
 public:
  static allocation_fault& fault() {
    static sqlite_memory installed;
    return installed.fault_;
  }

 private:
  sqlite_memory() {
    real() = {};
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real());
    sqlite3_mem_methods failing = real();
    failing.xMalloc = [](int size) { return fault().fails_now() ? nullptr : real().xMalloc(size); };
    failing.xRealloc = [](void* old, int size) {
      return fault().fails_now() ? nullptr : real().xRealloc(old, size);
    };
    // The pool for small pieces would hide most allocations.
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
  }

  static sqlite3_mem_methods& real() {
    static sqlite3_mem_methods methods;
    return methods;
  }

  allocation_fault fault_;
};

}  // namespace support
