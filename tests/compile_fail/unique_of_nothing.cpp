// expect: hewn: primary_key<>() and unique<>() need at least one column; write <&T::field>() behind the word
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
    return hewn::table("tasks").unique();
#else
    return hewn::table("tasks").unique<&task::title>();
#endif
  }
};

const auto& described = hewn::table_of<task>;
