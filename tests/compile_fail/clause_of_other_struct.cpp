// expect: hewn: table() of this struct names a field of another struct; name only its own fields (references<> takes this struct's first)
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").unique<&team::name>(); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").unique<&task::title>(); }
};
auto right() { return hewn::table_of<task>.name; }
#endif
