// expect: hewn: the two columns hold durations of unlike units, of which the database has only the counts; give both fields one type
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>
#include <string>

struct lesson {
  std::int64_t id = 0;
  std::string title;
  std::chrono::seconds length{};
  std::chrono::milliseconds rest{};
  std::chrono::seconds walk{};
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong() { return from<lesson>.where(col<&lesson::length> > col<&lesson::rest>); }
#else
auto right() { return from<lesson>.where(col<&lesson::length> > col<&lesson::walk>); }
#endif
