// expect: hewn: a key is given with one value for each of its columns; give as many as primary_key<>() names
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <vector>

struct hall {
  std::int64_t id = 0;
};

struct seat {
  std::int64_t hall_id = 0;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("seats")
        .primary_key<&seat::hall_id, &seat::number>()
        .references<&seat::hall_id, &hall::id>();
  }
};

struct seat_page {
  seat self;
  hall in;
};

#ifdef HEWN_MISTAKE
auto wrong(const hewn::sqlite::database& db) { return db.get(hewn::shape<seat_page>, {1}); }
#else
auto right(const hewn::sqlite::database& db) { return db.get(hewn::shape<seat_page>, {1, 2}); }
#endif
