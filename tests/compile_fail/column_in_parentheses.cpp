// expect: hewn: table() names columns between < and >; write <&T::field>() in place of (&T::field)
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
    return hewn::table("tasks").unique(&task::title);
#else
    return hewn::table("tasks").unique<&task::title>();
#endif
  }
};

const auto& described = hewn::table_of<task>;
