// expect: hewn: a text parameter of a named query would end before the query runs; take std::string_view, or a reference to const
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
inline constexpr auto wrong = hewn::many<"by_name">(
    [](std::string name) { return from<agent>.where(col<&agent::name> == name); });
#else
inline constexpr auto right = hewn::many<"by_name">(
    [](const std::string& name) { return from<agent>.where(col<&agent::name> == name); });
inline constexpr auto view = hewn::many<"by_view">(
    [](std::string_view name) { return from<agent>.where(col<&agent::name> == name); });
#endif
