// expect: hewn: given_key() is about one integer column as the key, which a database would number; remove it
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct country {
#ifdef HEWN_MISTAKE
  std::string code;
#else
  std::int32_t code = 0;
#endif
  std::string name;
  static consteval auto table() {
    return hewn::table("countries").primary_key<&country::code>().given_key();
  }
};

auto read(hewn::sqlite::database& db) { return db.all<country>(); }
