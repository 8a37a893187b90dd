// tests/compile_fail/contains_of_text.cpp - contains() asks for an element, not for a part of a text.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: contains() is for columns that hold a std::vector; use like() for text
#include <hewn/sqlite.hpp>
#include <hewn/vector.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
  std::vector<std::string> tags;
};

auto found(hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  return db.all(hewn::from<task>.where(hewn::col<&task::title>.contains("news")));
#else
  return db.all(hewn::from<task>.where(hewn::col<&task::tags>.contains("news")));
#endif
}
