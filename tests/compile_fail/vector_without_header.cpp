// tests/compile_fail/vector_without_header.cpp - a column of a list, without what it takes.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a std::vector of values is a column with another header; include <hewn/vector.hpp>
#include <hewn/schema/table_of.hpp>
#ifdef HEWN_MISTAKE
// The header is missing.
#else
#  include <hewn/vector.hpp>
#endif

#include <cstdint>
#include <string>
#include <vector>

struct album {
  std::int64_t id = 0;
  std::vector<std::string> tracks;
};

const auto& table = hewn::table_of<album>;
