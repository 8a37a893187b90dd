// expect: hewn: pattern<>() of this field is no pattern; write * ? [a-z] [^a-z] {4} and plain characters, and other signs of regular expressions in brackets
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
    return hewn::table("tasks").pattern<&task::name>("^[a-z]+$");
#else
    return hewn::table("tasks").pattern<&task::name>("[a-z]*[+]");
#endif
  }
};

const auto& described = hewn::table_of<task>;
