// expect: hewn: this repository is of another kind of database; open it by hewn::open(), or derive from hewn::sqlite::repository<T> or hewn::postgres::repository<T>
#include <hewn/postgres.hpp>
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
void wrong(const hewn::postgres::database& db) { tasks rows(db); }
#else
void right(const hewn::postgres::database& db) { hewn::postgres::repository<task> rows(db); }
#endif
