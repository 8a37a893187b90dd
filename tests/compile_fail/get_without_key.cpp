// expect: hewn: this table has no primary key; call a field id, or declare .primary_key<...>() in table()
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>



#ifdef HEWN_MISTAKE
struct entry {
  std::string text;
};
auto wrong(hewn::sqlite::database& db) { return db.get<entry>(1); }
#else
struct entry {
  std::int64_t id = 0;
  std::string text;
};
auto right(hewn::sqlite::database& db) { return db.get<entry>(1); }
#endif
