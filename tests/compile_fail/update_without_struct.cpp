// tests/compile_fail/update_without_struct.cpp - a column is set by a key of nobody knows which table.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: update() of columns names the struct of its row; write update<T>(key, col<&T::field> = value)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.update(1, hewn::col<&task::title> = "x"); }
#else
void right(hewn::sqlite::database& db) { db.update<task>(1, hewn::col<&task::title> = "x"); }
#endif
