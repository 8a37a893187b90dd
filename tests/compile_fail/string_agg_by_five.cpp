// expect: hewn: string_agg() sorts by at most four expressions; leave some out
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
  return from<player>.select<std::optional<std::string>>(
      hewn::string_agg(col<&player::name>, ", ")
          .order_by(col<&player::points>, col<&player::id>, col<&player::name>,
                    col<&player::team_id>, -col<&player::id>));
}
#else
auto right() {
  return from<player>.select<std::optional<std::string>>(
      hewn::string_agg(col<&player::name>, ", ")
          .order_by(col<&player::points>, col<&player::id>, col<&player::name>,
                    col<&player::team_id>));
}
#endif
