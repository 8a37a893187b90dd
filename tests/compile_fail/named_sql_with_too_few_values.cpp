// expect: hewn: the statement has another number of ? than values are given; give one value for each ?
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>
#include <string>
#include <string_view>

struct agent {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
constexpr auto by_id = hewn::many<"by_id", agent>(hewn::sql<"SELECT * FROM agent WHERE id = ?">);
auto wrong(hewn::sqlite::database& db) { return by_id(db); }
#else
constexpr auto by_id =
    hewn::many<"by_id", agent, std::int64_t>(hewn::sql<"SELECT * FROM agent WHERE id = ?">);
auto right(hewn::sqlite::database& db) { return by_id(db, 1); }
#endif
