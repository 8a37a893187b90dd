// tests/compile_fail/get_without_struct.cpp - a row is read by a key of nobody knows which table.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: get() and find() read a row of the struct that they name; write get<T>(key) or find<T>(key)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

#ifdef HEWN_MISTAKE
auto read(const hewn::sqlite::database& db) { return db.get(5); }
#else
auto read(const hewn::sqlite::database& db) { return db.get<team>(5); }
#endif
