// expect: hewn: range<> is for integers and real numbers; use check() for others
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
    return hewn::table("tasks").range<&task::name>(1, 2);
#else
    return hewn::table("tasks").range<&task::share>(0.5, 2);
#endif
  }
};

const auto& described = hewn::table_of<task>;
