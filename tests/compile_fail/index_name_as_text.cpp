// expect: hewn: a key or index takes its name as hewn::name("..."), and an index a condition as hewn::where(...); write one of these
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
    return hewn::table("tasks").index<&task::title>("by_title");
#else
    return hewn::table("tasks").index<&task::title>(hewn::name("by_title"));
#endif
  }
};

const auto& described = hewn::table_of<task>;
