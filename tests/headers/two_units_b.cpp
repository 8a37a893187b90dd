// tests/headers/two_units_b.cpp - reads what the other translation unit wrote.
// SPDX-License-Identifier: BSL-1.0
#include "tests/headers/two_units.hpp"

namespace two_units {

std::vector<shirt> all_shirts(const char* path) {
  auto db = hewn::sqlite::open(path);
  return db.all(hewn::from<shirt>);
}

}  // namespace two_units
