// expect: hewn: the function of a named query returns a query; return hewn::from<T>..., and end a query over several tables with select()
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
inline constexpr auto wrong = hewn::one<"by_id">([](std::int64_t id) { return col<&agent::id> == id; });
#else
inline constexpr auto right =
    hewn::one<"by_id">([](std::int64_t id) { return from<agent>.where(col<&agent::id> == id); });
#endif
