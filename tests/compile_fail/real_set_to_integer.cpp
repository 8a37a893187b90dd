// expect: hewn: an integer column takes no real number, which the databases would round or keep as it is; assign an integer, or make the field a double
#include <hewn/sqlite.hpp>

#include <cstdint>

struct price {
  std::int64_t id = 0;
  std::int64_t cents = 0;
  double rate = 0;
};

using hewn::col;

#ifdef HEWN_MISTAKE
auto wrong() { return col<&price::cents> = col<&price::cents> * 1.19; }
#else
auto right() { return col<&price::rate> = col<&price::rate> * 1.19 + col<&price::cents>; }
#endif
