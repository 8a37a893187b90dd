// expect: hewn: pattern<> takes patterns as texts, of which each value is as one; write pattern<&T::field>("[A-Z]{2}-*")
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <string_view>

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  double share = 0;
  std::string name;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").pattern<&task::name>();
#else
    return hewn::table("tasks").pattern<&task::name>("[A-Z]{2}-*", "");
#endif
  }
};

const auto& described = hewn::table_of<task>;
