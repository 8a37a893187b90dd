// expect: hewn: table() of this struct declares tenant<>() twice; a row has one tenant, so name one field
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
    return hewn::table("tasks").tenant<&task::organisation_id>().tenant<&task::title>();
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
