// expect: hewn: where_if() gives a text as std::string_view, so that the condition does not outlive it; take it as that, or as auto
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct project {
  std::int64_t id = 0;
  std::string name;
};

struct worker {
  std::int64_t id = 0;
  std::string name;
  std::int64_t project_id = 0;

  static consteval auto table() {
    return hewn::table("workers").references<&worker::project_id, &project::id>();
  }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong(const std::optional<std::string>& name) {
  return from<worker>.where_if(name, [](std::string n) { return col<&worker::name> == n; });
}
#else
auto right(const std::optional<std::string>& name) {
  return from<worker>.where_if(name, [](auto n) { return col<&worker::name> == n; });
}
#endif
