// expect: hewn: groups() counts rows that sort alike, and this window has no order; call order_by() before it
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
      hewn::sum(col<&player::points>)
          .over(hewn::partition_by(col<&player::team_id>)
                    .groups(hewn::preceding(3), hewn::current_row)));
}
#else
auto right() {
  return from<player>.select<std::optional<std::int64_t>>(
      hewn::sum(col<&player::points>)
          .over(hewn::partition_by(col<&player::team_id>)
                    .order_by(col<&player::points>)
                    .groups(hewn::preceding(3), hewn::current_row)));
}
#endif
