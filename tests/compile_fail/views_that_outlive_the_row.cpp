// expect: hewn: a row with std::string_view or bytes_view fields lives only until the next row; read it with each(), or use std::string and hewn::bytes
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct line {
  std::string_view text;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.all<line>(hewn::sql<"SELECT text FROM t">); }
#else
auto right(hewn::sqlite::database& db) { return db.each<line>(hewn::sql<"SELECT text FROM t">); }
#endif
