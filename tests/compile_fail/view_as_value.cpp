// expect: hewn: a row with std::string_view or bytes_view fields lives only until the next row; read it with each(), or use std::string and hewn::bytes
#include <hewn/sqlite.hpp>

#include <string>
#include <string_view>

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return db.one<std::string_view>(hewn::sql<"SELECT name FROM t">);
}
#else
auto right(hewn::sqlite::database& db) {
  return db.one<std::string>(hewn::sql<"SELECT name FROM t">);
}
#endif
