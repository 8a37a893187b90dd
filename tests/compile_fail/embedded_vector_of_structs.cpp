// tests/compile_fail/embedded_vector_of_structs.cpp - a list of structs in a struct of columns.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: the elements of this vector are no single values that a list in a column can hold; wrap the vector in hewn::json<> (hewn/json.hpp), or store the elements in their own table
#include <hewn/schema/table_of.hpp>
#include <hewn/vector.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct phone {
  std::string number;
};

struct contact {
  std::string mail;
#ifdef HEWN_MISTAKE
  std::vector<phone> phones;
#else
  std::vector<std::string> phones;
#endif
};

struct customer {
  std::int64_t id = 0;
  contact reach;
};

const auto& table = hewn::table_of<customer>;
