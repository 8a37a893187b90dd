// tests/compile_fail/embedded_as_value.cpp - a condition on a field that is a struct.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this field is a struct with columns of its own and no value that is compared or set; name one, as in col<&T::field, &part::member>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct address {
  std::string city;
  std::string street;
};

struct customer {
  std::int64_t id = 0;
  address home;
};

void list(hewn::sqlite::database& db, const address& here) {
  using hewn::col;
#ifdef HEWN_MISTAKE
  db.all(hewn::from<customer>.where(col<&customer::home> == here));
#else
  db.all(hewn::from<customer>.where(col<&customer::home, &address::city> == here.city));
#endif
}
