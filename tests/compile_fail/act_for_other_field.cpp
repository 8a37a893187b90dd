// expect: hewn: act_for<> names a field that is not its table's tenant<>; name that one
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
void wrong(hewn::sqlite::database& db) { const auto acting = hewn::act_for<&task::id>(db, 7); }
#else
void right(hewn::sqlite::database& db) {
  const auto acting = hewn::act_for<&task::organisation_id>(db, 7);
}
#endif
