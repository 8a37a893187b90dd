// expect: hewn: a hewn::ref holds one value, and the key of its table is of several; make a field for each of them, and declare references<>()
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct seat {
  std::int64_t hall = 0;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("seats").primary_key<&seat::hall, &seat::number>();
  }
};

#ifdef HEWN_MISTAKE
struct guest {
  std::int64_t id = 0;
  hewn::ref<seat> seat_id;
};
auto wrong() { return hewn::table_of<guest>.name; }
#else
struct guest {
  std::int64_t id = 0;
  std::int64_t hall = 0;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("guests")
        .references<&guest::hall, &guest::number, &seat::hall, &seat::number>();
  }
};
auto right() { return hewn::table_of<guest>.name; }
#endif
