// expect: hewn: update() sets a field of another struct; name fields of the updated one
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};

struct team {
  std::int64_t id = 0;
  std::string name;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.update<task>(1, hewn::col<&team::name> = "x"); }
#else
void right(hewn::sqlite::database& db) { db.update<task>(1, hewn::col<&task::title> = "x"); }
#endif
