// expect: hewn: find_by<> names fields that table() declares neither as the key nor unique together, so that several rows may have these values; declare unique<...>() of them, or use first() or all() of a query
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
void wrong(tasks& rows) { rows.find_by<&task::priority>(1); }
#else
void right(tasks& rows) { rows.find_by<&task::title>("a"); }
#endif
