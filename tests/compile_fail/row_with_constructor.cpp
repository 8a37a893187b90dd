// tests/compile_fail/row_with_constructor.cpp - a class where a plain struct belongs.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this type cannot be a row, because it has constructors, private members, a base or virtual functions; move the columns into a plain struct
#include <hewn/schema/table_of.hpp>

#include <cstdint>

struct album {
#ifdef HEWN_MISTAKE
  album() = default;
  explicit album(std::int64_t number) : id(number) {}
#else
#endif
  std::int64_t id = 0;
};

const auto& table = hewn::table_of<album>;
