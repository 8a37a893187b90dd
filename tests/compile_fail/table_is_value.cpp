// expect: hewn: table of this struct is a value, so it says nothing of the table; write static consteval auto table() { return hewn::table()...; }
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>

struct task {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  static constexpr auto table = hewn::table("tasks");
#else
  static consteval auto table() { return hewn::table("tasks"); }
#endif
};

void write(hewn::sqlite::database& db) { db.insert(task{}); }
