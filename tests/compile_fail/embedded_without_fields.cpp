// tests/compile_fail/embedded_without_fields.cpp - a field that is a struct without fields.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a struct without fields has no columns; add a field to it, or leave it out
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct address {
#ifdef HEWN_MISTAKE
#else
  std::string city;
#endif
};

struct customer {
  std::int64_t id = 0;
  address home;
};

const auto& table = hewn::table_of<customer>;
