// expect: hewn: this query is of another struct than the repository; start it with hewn::from<T> of the repository's struct
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
void wrong(tasks& rows) { rows.all(hewn::from<team>); }
#else
void right(tasks& rows) { rows.all(hewn::from<task>); }
#endif
