// expect: hewn: this table has no primary key; call a field id, or declare .primary_key<...>() in table()
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

struct note {
  std::string text;
};

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::database& db) { hewn::sqlite::repository<note> rows(db); }
#else
void right(const hewn::sqlite::database& db) { hewn::sqlite::repository<task> rows(db); }
#endif
