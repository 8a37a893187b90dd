// expect: hewn: version<> counts in a plain integer field; make it an std::int64_t
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
#ifdef HEWN_MISTAKE
  std::string version;
#else
  std::uint16_t version = 0;
#endif
  static consteval auto table() { return hewn::table("tasks").version<&task::version>(); }
};

const auto& described = hewn::table_of<task>;
