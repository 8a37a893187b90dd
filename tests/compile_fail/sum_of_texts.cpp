// expect: hewn: + - * / are for columns of numbers; join texts by hewn::concat(), and compute others in the program, or by hewn::sql<>
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
auto wrong() { return col<&lesson::title> = col<&lesson::title> + "!"; }
#else
auto right() { return col<&lesson::id> = col<&lesson::id> + 1; }
#endif
