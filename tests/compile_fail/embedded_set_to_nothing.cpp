// tests/compile_fail/embedded_set_to_nothing.cpp - an optional struct is no value to assign.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this field is a struct with columns of its own and no value that is compared or set; name one, as in col<&T::field, &part::member>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct address {
  std::string city;
};

struct customer {
  std::int64_t id = 0;
  std::optional<address> billing = {};
};

void clear(hewn::sqlite::database& db) {
  using hewn::col;
#ifdef HEWN_MISTAKE
  db.update<customer>(1, col<& customer::billing> = std::nullopt);
#else
  db.update<customer>(1, col<&customer::billing, &address::city> = std::nullopt);
#endif
}
