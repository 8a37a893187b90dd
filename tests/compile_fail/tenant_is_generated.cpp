// expect: hewn: tenant<>() names a generated field, which hewn does not write; name a field that is stored
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;
  std::string title;
  static consteval auto table() {
    return hewn::table("tasks").tenant<&task::organisation_id>().generated<&task::organisation_id>(
        hewn::raw("id"));
  }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").tenant<&task::organisation_id>(); }
};
auto right() { return hewn::table_of<task>.name; }
#endif
