// expect: hewn: table() declares one limit of this field twice; put both into one call, or remove one
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
    return hewn::table("tasks").one_of<&task::name>("a").one_of<&task::name>("b");
#else
    return hewn::table("tasks").one_of<&task::name>("a", "b");
#endif
  }
};

const auto& described = hewn::table_of<task>;
