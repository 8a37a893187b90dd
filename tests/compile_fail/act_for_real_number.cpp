// expect: hewn: a tenant is what a tenant<> field holds: an integer, a text, a UUID or an enumeration; give a value of that field's type
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct task {
  std::int64_t id = 0;
  std::int64_t organisation_id = 0;
  std::string title;
  static consteval auto table() { return hewn::table("tasks").tenant<&task::organisation_id>(); }
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { const auto acting = hewn::act_for(db, 1.5); }
#else
void right(hewn::sqlite::database& db) { const auto acting = hewn::act_for(db, 15); }
#endif
