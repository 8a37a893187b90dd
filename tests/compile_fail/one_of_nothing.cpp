// expect: hewn: one_of<> without values lets no row in; name the values, as in one_of<&T::field>("a", "b")
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
    return hewn::table("tasks").one_of<&task::name>();
#else
    return hewn::table("tasks").one_of<&task::name>("a", "b");
#endif
  }
};

const auto& described = hewn::table_of<task>;
