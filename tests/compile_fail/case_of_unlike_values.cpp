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
auto wrong() { return hewn::when(col<&task::rank> > 1, "high").otherwise(0); }
#else
auto right() { return hewn::when(col<&task::rank> > 1, "high").otherwise("low"); }
#endif
