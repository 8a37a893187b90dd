// expect: hewn: a named query has the parameters of its function, so these need types; write [](std::int64_t id) { return ...; } with a type for each
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
    hewn::many<"by_id">([](auto id) { return from<agent>.where(col<&agent::id> == id); });
#else
inline constexpr auto right =
    hewn::many<"by_id">([](std::int64_t id) { return from<agent>.where(col<&agent::id> == id); });
#endif
