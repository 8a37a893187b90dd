// expect: hewn: autoincrement() is about one integer column as the key, which a database numbers; remove it
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
    return hewn::table("tasks").primary_key<&task::title>().autoincrement();
#else
    return hewn::table("tasks").primary_key<&task::id>().autoincrement();
#endif
  }
};

const auto& described = hewn::table_of<task>;
