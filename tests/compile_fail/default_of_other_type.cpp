// expect: hewn: a default of this type is no value of the field; give one of the field's own type, or an expression as hewn::raw
#include <hewn/sqlite.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  static consteval auto table() { return hewn::table("tasks").default_value<&task::priority>("x"); }
};
auto wrong() { return hewn::table_of<task>.name; }
#else
enum class state { open, closed };
struct task {
  std::int64_t id = 0;
  std::optional<std::int64_t> priority;
  std::string title;
  bool done = false;
  double weight = 0;
  state now = state::open;
  state next = state::open;
  hewn::timestamp seen = {};
  std::chrono::seconds wait{};
  std::chrono::seconds limit{};
  std::int64_t odd = 0;
  static consteval auto table() {
    return hewn::table("tasks")
        .default_value<&task::priority>(1)
        .default_value<&task::title>("-")
        .default_value<&task::done>(false)
        .default_value<&task::weight>(1)
        .default_value<&task::now>(state::closed)
        .default_value<&task::next>("closed")
        .default_value<&task::seen>("2000-01-01 00:00:00")
        .default_value<&task::wait>(std::chrono::seconds(5))
        .default_value<&task::limit>(5)
        .default_value<&task::odd>(hewn::raw("'x'"));
  }
};
auto right() { return hewn::table_of<task>.name; }
#endif
