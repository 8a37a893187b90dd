// expect: hewn: no value fits the range<>() or length<>() of this field; give the lower bound first
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  std::string title;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").range<&task::priority>(9, 1);
#else
    return hewn::table("tasks").range<&task::priority>(1, 9);
#endif
  }
};

const auto& described = hewn::table_of<task>;
