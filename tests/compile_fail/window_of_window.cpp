// expect: hewn: a window function takes no other one; compute the inner one in a derived table
#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct player {
  std::int64_t id = 0;
  std::string name;
  std::int64_t team_id = 0;
  std::int64_t points = 0;

  static consteval auto table() {
    return hewn::table("players").references<&player::team_id, &team::id>();
  }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() {
  return from<player>.select<std::optional<std::int64_t>>(
      hewn::lag(hewn::rank().over(
                    hewn::partition_by(col<&player::team_id>).order_by(col<&player::points>)))
          .over(hewn::partition_by(col<&player::team_id>).order_by(col<&player::points>)));
}
#else
auto right() {
  return from<player>.select<std::optional<std::int64_t>>(
      hewn::lag(col<&player::points>)
          .over(hewn::partition_by(col<&player::team_id>).order_by(col<&player::points>)));
}
#endif
