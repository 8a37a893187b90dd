// expect: hewn: get_many() takes a list of keys; put each key of several values in braces of its own
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
auto wrong(hewn::sqlite::database& db) { return db.get_many<seat>({1, 2}); }
#else
auto right(hewn::sqlite::database& db) { return db.get_many<seat>({{1, 2}}); }
#endif
