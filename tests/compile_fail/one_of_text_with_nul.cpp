// expect: hewn: one_of<>() of this field has a text with a NUL character, which PostgreSQL's text cannot hold; remove it
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
    return hewn::table("tasks").one_of<&task::name>(std::string_view("a\0b", 3));
#else
    return hewn::table("tasks").one_of<&task::name>(std::string_view("ab", 2));
#endif
  }
};

const auto& described = hewn::table_of<task>;
