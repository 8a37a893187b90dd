// expect: hewn: this is no statement; give a query, hewn::update_of(), hewn::remove_of(), hewn::insert_from_of<>() or hewn::sql<>, and end a query over several tables with select()
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>
#include <string>
#include <string_view>

struct agent {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return hewn::explain(db, from<agent>.group_by(col<&agent::name>));
}
#else
auto right(hewn::sqlite::database& db) {
  return hewn::explain(
      db, from<agent>.group_by(col<&agent::name>).select<std::string>(col<&agent::name>));
}
#endif
