// tests/compile_fail/embedded_as_order.cpp - rows sorted by a field that is a struct.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this field is a struct with columns of its own, and one column is meant here; name one by hewn::path<&T::field, &part::member>
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

void list(hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  db.all(hewn::from<customer>.order_by(hewn::desc<&customer::home>));
#else
  db.all(hewn::from<customer>.order_by(hewn::desc<&customer::home, &address::city>));
#endif
}
