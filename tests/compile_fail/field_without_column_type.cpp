// tests/compile_fail/field_without_column_type.cpp - a field that no column can hold.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this field has no column type; specialise hewn::codec for it, wrap it in hewn::json<> (hewn/json.hpp), or store it in its own table
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <map>
#include <string>

struct album {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::map<std::string, std::string> tracks;
#else
  std::string tracks;
#endif
};

const auto& table = hewn::table_of<album>;
