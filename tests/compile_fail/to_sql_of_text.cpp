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
auto wrong() { return hewn::to_sql("SELECT 1", hewn::dialect::sqlite); }
#else
auto right() { return hewn::to_sql(hewn::sql<"SELECT 1">, hewn::dialect::sqlite); }
#endif
