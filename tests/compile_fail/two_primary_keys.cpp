// expect: hewn: table() of this struct declares two primary keys; name all columns of the key in one primary_key<>(), and make the others unique<>()
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
    return hewn::table("tasks").primary_key<&task::id>().primary_key<&task::title>();
#else
    return hewn::table("tasks").primary_key<&task::id>().unique<&task::title>();
#endif
  }
};

const auto& described = hewn::table_of<task>;
