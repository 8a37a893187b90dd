// tests/compile_fail/native_enum_of_text.cpp - only an enumeration can be a type of its own.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: native_enum<> is for a field that is an enumeration; remove it, or change the field
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

enum class status { open, closed };

struct task {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::string state;
#else
  status state = status::open;
#endif

  static consteval auto table() { return hewn::table("tasks").native_enum<&task::state>(); }
};

const auto& table = hewn::table_of<task>;
