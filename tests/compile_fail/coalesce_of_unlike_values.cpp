// expect: hewn: one expression would have values of unlike types; give all of them one type, or convert some by hewn::cast<>()
#include <hewn/functions.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
  std::optional<std::int64_t> rank;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() { return from<task>.select<std::optional<std::int64_t>>(hewn::coalesce(col<&task::rank>, "none")); }
#else
auto right() { return from<task>.select<std::int64_t>(hewn::coalesce(col<&task::rank>, 0)); }
#endif
