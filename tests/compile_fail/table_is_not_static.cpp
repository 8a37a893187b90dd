// expect: hewn: table() of this struct is not static, so it says nothing of the table; write static consteval auto table()
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::string title;
  consteval auto table() const { return hewn::table("tasks").unique<&task::title>(); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
struct task {
  std::int64_t id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").unique<&task::title>(); }
};
struct seat {
  std::int64_t id = 0;
  std::int64_t table = 0;  // a field of this name is a field
};
auto right(hewn::sqlite::database& db, const seat& s) { db.insert(s); }
auto right(hewn::sqlite::database& db) { return db.get<task>(1); }
#endif
