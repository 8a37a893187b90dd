// expect: hewn: characters<>() of this field is no set of characters; write characters and ranges as in "a-z0-9_-", with ] first and - first or last
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
    return hewn::table("tasks").characters<&task::name>("z-a");
#else
    return hewn::table("tasks").characters<&task::name>("]a-z0-9_-");
#endif
  }
};

const auto& described = hewn::table_of<task>;
