// expect: hewn: column<>() gives this field the name of another column; choose another name
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
    return hewn::table("tasks").column<&task::priority>("title");
#else
    return hewn::table("tasks").column<&task::priority>("urgency");
#endif
  }
};

const auto& described = hewn::table_of<task>;
