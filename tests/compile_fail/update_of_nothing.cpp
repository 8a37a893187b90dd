// expect: hewn: every column of this table is key, created or generated, so update() has nothing to write; insert or remove rows instead
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>



#ifdef HEWN_MISTAKE
struct member {
  std::int64_t team_id = 0;
  std::int64_t user_id = 0;
  static consteval auto table() {
    return hewn::table("members").primary_key<&member::team_id, &member::user_id>();
  }
};
void wrong(hewn::sqlite::database& db) { db.update(member{}); }
#else
struct member {
  std::int64_t team_id = 0;
  std::int64_t user_id = 0;
  std::string role;
  static consteval auto table() {
    return hewn::table("members").primary_key<&member::team_id, &member::user_id>();
  }
};
void right(hewn::sqlite::database& db) { db.update(member{}); }
#endif
