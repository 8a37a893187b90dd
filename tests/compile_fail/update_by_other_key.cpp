// expect: hewn: a key is given with one value for each of its columns; give as many as primary_key<>() names
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct seat {
  std::int64_t hall = 0;
  std::int64_t number = 0;
  std::string guest;
  static consteval auto table() {
    return hewn::table("seats").primary_key<&seat::hall, &seat::number>();
  }
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.update<seat>({1}, hewn::col<& seat::guest> = "Ada"); }
#else
void right(hewn::sqlite::database& db) {
  db.update<seat>({1, 2}, hewn::col<& seat::guest> = "Ada");
}
#endif
