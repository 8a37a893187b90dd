// tests/headers/two_units_b.cpp - reads what the other translation unit wrote.
// SPDX-License-Identifier: BSL-1.0
#include "tests/headers/two_units.hpp"

namespace {

struct hidden {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("hidden_b"); }
};

// Of other types than that of the other translation unit.
struct counted {
  std::int32_t number = 0;
};

}  // namespace

namespace two_units {

std::vector<shirt> all_shirts(const char* path) {
  auto db = hewn::sqlite::open(path);
  return db.all(hewn::from<shirt>);
}

std::vector<std::string> names_of_other_hidden(hewn::sqlite::database& db) {
  hewn::sync<hidden>(db);
  db.insert(hidden{.name = "of b"});
  return db.all(hewn::from<hidden>.distinct().select<std::string>(hewn::col<&hidden::name>));
}

std::vector<std::string> names_of_other_hidden_twice(hewn::sqlite::database& db) {
  const auto names = hewn::from<hidden>.select(hewn::col<&hidden::name>);
  return db.all(names.union_all(names));
}

const void* slot_of_other_counted() {
  return hewn::from<counted>.distinct().select(hewn::col<&counted::number>).slot();
}

}  // namespace two_units
