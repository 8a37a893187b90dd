// tests/compile_fail/embedded_name_twice.cpp - a field whose name is that of a field and a member
// together. SPDX-License-Identifier: BSL-1.0
// expect: hewn: this field has a column of the name that another has, where a field that is a struct puts its own name before those in it; rename a field, or say column<>() of one
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct address {
  std::string city;
};

struct customer {
  std::int64_t id = 0;
  address home;
#ifdef HEWN_MISTAKE
  std::string home_city;
#else
  std::string home_town;
#endif
};

const auto& table = hewn::table_of<customer>;
