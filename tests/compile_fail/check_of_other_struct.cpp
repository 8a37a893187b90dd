// expect: hewn: table() of this struct names a field of another struct; name only its own fields (references<> takes this struct's first)
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct level {
  std::int64_t id = 0;
};

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  std::string title;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").check("urgent", hewn::col<&level::id> > 0);
#else
    return hewn::table("tasks").check("urgent", hewn::col<&task::id> > 0);
#endif
  }
};

const auto& described = hewn::table_of<task>;
