// expect: hewn: a UUID key is generated when it is nil, which needs Boost's generator; include <hewn/uuid.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/uuid/uuid.hpp>

#ifdef HEWN_MISTAKE
struct session {
  boost::uuids::uuid id{};
  std::string user;
};
void wrong(hewn::sqlite::database& db) { db.insert(session{}); }
#else
#include <hewn/uuid.hpp>
struct session {
  boost::uuids::uuid id{};
  std::string user;
};
void right(hewn::sqlite::database& db) { db.insert(session{}); }
#endif
