// expect: hewn: upsert<> names a field of another struct; name unique fields of the row
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").unique<&task::title>(); }
};

struct team {
  std::int64_t id = 0;
  std::string name;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.upsert<&team::name>(task{}); }
#else
void right(hewn::sqlite::database& db) { db.upsert<&task::title>(task{}); }
#endif
