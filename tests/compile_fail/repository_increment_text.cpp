// expect: hewn: increment<> is for a field that is a number; set another one by patch()
#include <hewn/sqlite.hpp>

#include <hewn/repository.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
  std::string code;
  std::int64_t priority = 0;
  static consteval auto table() {
    return hewn::table("tasks").unique<&task::title>().unique_index<&task::code>(
        hewn::where(hewn::col<&task::priority> > 0));
  }
};

struct team {
  std::int64_t id = 0;
  std::string name;
};

using tasks = hewn::sqlite::repository<task>;

#ifdef HEWN_MISTAKE
void wrong(tasks& rows) { rows.increment<&task::title>(1); }
#else
void right(tasks& rows) { rows.increment<&task::priority>(1); }
#endif
