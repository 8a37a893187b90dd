// expect: hewn: the compiler cannot run table() of this struct; write static consteval auto table(), and let it return hewn::table()...
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::string title;
  static auto table() { return hewn::table("tasks").unique<&task::title>(); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::string title;
  static constexpr auto table() { return hewn::table("tasks").unique<&task::title>(); }
};
auto right(hewn::sqlite::database& db) { return db.get<task>(1); }
#endif
