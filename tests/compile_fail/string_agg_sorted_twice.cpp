// expect: hewn: these texts are sorted already; give all columns to one order_by()
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
  return from<player>.select<std::optional<std::string>>(hewn::string_agg(col<&player::name>, ", ")
                                                             .order_by(col<&player::points>)
                                                             .order_by(col<&player::id>));
}
#else
auto right() {
  return from<player>.select<std::optional<std::string>>(
      hewn::string_agg(col<&player::name>, ", ").order_by(col<&player::points>, col<&player::id>));
}
#endif
