// tests/compile_fail/embedded_with_base.cpp - a field that is a struct with a base.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a struct with a base cannot be columns of a table; make the base a struct of its own, or repeat its fields
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct place {
  std::string city;
};

#ifdef HEWN_MISTAKE
struct address : place {
  std::string street;
};
#else
struct address {
  place in;
  std::string street;
};
#endif

struct customer {
  std::int64_t id = 0;
  address home;
};

const auto& table = hewn::table_of<customer>;
