// expect: hewn: not_blank<>, pattern<>, characters<>, email<> and url<> are for text columns; remove it, or change the field
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <string_view>

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  double share = 0;
  std::string name;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").email<&task::priority>();
#else
    return hewn::table("tasks").email<&task::name>();
#endif
  }
};

const auto& described = hewn::table_of<task>;
