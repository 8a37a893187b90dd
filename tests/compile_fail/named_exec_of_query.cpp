// expect: hewn: the function of hewn::exec returns what changes rows; return hewn::update_of(query, ...), hewn::remove_of(query) or hewn::insert_from_of<...>(query)
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
inline constexpr auto wrong =
    hewn::exec<"drop">([](std::int64_t id) { return from<agent>.where(col<&agent::id> == id); });
#else
inline constexpr auto right = hewn::exec<"drop">(
    [](std::int64_t id) { return hewn::remove_of(from<agent>.where(col<&agent::id> == id)); });
#endif
