// expect: hewn: tenant<> is for a field that holds an integer, a text, a UUID or an enumeration and is never NULL; change the field
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::optional<std::int64_t> organisation_id;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").tenant<&task::organisation_id>(); }
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
