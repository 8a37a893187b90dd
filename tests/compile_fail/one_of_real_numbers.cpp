// expect: hewn: one_of<> is for text and integers; use check() for others
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
    return hewn::table("tasks").one_of<&task::share>(0.5, 1.5);
#else
    return hewn::table("tasks").one_of<&task::priority>(1, 2);
#endif
  }
};

const auto& described = hewn::table_of<task>;
