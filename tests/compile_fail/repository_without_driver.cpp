// expect: hewn: a repository needs its kind of database; include <hewn/any.hpp>, or name hewn::sqlite::repository<T> or hewn::postgres::repository<T> and include theirs
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
void wrong(const hewn::sqlite::database& db) { hewn::repository<team> rows(db); }
#else
void right(const hewn::sqlite::database& db) { hewn::sqlite::repository<team> rows(db); }
#endif
