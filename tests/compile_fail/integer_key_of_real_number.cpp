// expect: hewn: a key that is an integer is given as an integer; convert the value first
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};
struct seat {
  std::int64_t hall = 0;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("seats").primary_key<&seat::hall, &seat::number>();
  }
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.get<task>(1.5); }
auto nor_that(hewn::sqlite::database& db) { return db.find<seat>({1, 2.5}); }
#else
auto right(hewn::sqlite::database& db) { return db.get<task>(1); }
auto as_well(hewn::sqlite::database& db) { return db.remove<task>(1u); }
void or_this(hewn::sqlite::database& db) { db.update<task>(1L, hewn::col<& task::title> = "x"); }
auto or_that(hewn::sqlite::database& db) { return db.find<seat>({1, 2}); }
auto or_many(hewn::sqlite::database& db) { return db.get_many<task>(std::vector{1}); }
#endif
