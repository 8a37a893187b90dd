// expect: hewn: string_agg() joins texts of the rows; name a column of std::string, or an expression of one
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
      hewn::string_agg(col<&player::points>, ", "));
}
#else
auto right() {
  return from<player>.select<std::optional<std::string>>(
      hewn::string_agg(col<&player::name>, ", "));
}
#endif
