// tests/compile_fail/embedded_too_many_columns.cpp - structs in structs with more columns than a
// table has here. SPDX-License-Identifier: BSL-1.0
// expect: hewn: a table of more than 255 columns is too wide for hewn; split the struct
#include <hewn/schema/table_of.hpp>

#include <cstdint>

struct one {
  int a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0;
};

struct ten {
  one a, b, c, d, e, f, g, h, i, j;
};

struct grid {
  std::int64_t id = 0;
  ten a, b;
#ifdef HEWN_MISTAKE
  ten c;
#else
  one c;
#endif
};

const auto& table = hewn::table_of<grid>;
