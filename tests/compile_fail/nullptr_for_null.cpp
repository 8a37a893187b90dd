// expect: hewn: NULL is std::nullopt here; write it for nullptr
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct task {
  std::int64_t id = 0;
  std::optional<std::string> title;
};

#ifdef HEWN_MISTAKE
auto wrong() { return hewn::from<task>.where(hewn::col<&task::title> == nullptr); }
#else
auto right() { return hewn::from<task>.where(hewn::col<&task::title> == std::nullopt); }
#endif
