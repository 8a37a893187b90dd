// expect: hewn: the values of a key stand in braces, and so do several keys; write get<T>({a, b}) and get_many<T>({a, b})
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
auto wrong(hewn::sqlite::database& db) { return db.get<seat>(1, 2); }
auto no_better(hewn::sqlite::database& db) { return db.remove<seat>(1, 2); }
#else
auto right(hewn::sqlite::database& db) { return db.get<seat>({1, 2}); }
auto as_well(hewn::sqlite::database& db) { return db.remove<seat>({1, 2}); }
#endif
