// tests/compile_fail/path_of_other_struct.cpp - a path whose second field is of another struct than
// its first. SPDX-License-Identifier: BSL-1.0
// expect: hewn: a path of fields goes from a struct to a field of it; name a field of the struct that stands before it
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct address {
  std::string city;
};

struct company {
  std::string city;
};

struct customer {
  std::int64_t id = 0;
  address home;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("customers").index<hewn::path<&customer::home, &company::city>>();
#else
    return hewn::table("customers").index<hewn::path<&customer::home, &address::city>>();
#endif
  }
};

const auto& table = hewn::table_of<customer>;
