// expect: hewn: a value of one_of<> is of another type than its field; write texts for a text and integers for an integer
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
    return hewn::table("tasks").one_of<&task::priority>("1", "2");
#else
    return hewn::table("tasks").one_of<&task::priority>(1, 2);
#endif
  }
};

const auto& described = hewn::table_of<task>;
