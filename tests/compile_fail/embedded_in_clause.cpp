// tests/compile_fail/embedded_in_clause.cpp - an index over a field that is a struct.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this field is a struct with columns of its own, and one column is meant here; name one by hewn::path<&T::field, &part::member>
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct address {
  std::string city;
  std::string street;
};

struct customer {
  std::int64_t id = 0;
  address home;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("customers").index<&customer::home>();
#else
    return hewn::table("customers").index<hewn::path<&customer::home, &address::city>>();
#endif
  }
};

const auto& table = hewn::table_of<customer>;
