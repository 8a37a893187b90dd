// tests/compile_fail/vector_of_structs.cpp - a list whose elements no column could hold.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: the elements of this vector are no single values that a list in a column can hold; wrap the vector in hewn::json<> (hewn/json.hpp), or store the elements in their own table
#include <hewn/schema/table_of.hpp>
#include <hewn/vector.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct track {
  std::string title;
};

struct album {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::vector<track> tracks;
#else
  std::vector<std::string> tracks;
#endif
};

const auto& table = hewn::table_of<album>;
