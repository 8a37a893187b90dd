// expect: hewn: version<> counts in a plain integer field; make it an std::int64_t
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
#ifdef HEWN_MISTAKE
  std::optional<std::int64_t> version;
#else
  std::int64_t version = 0;
#endif
  static consteval auto table() { return hewn::table("tasks").version<&task::version>(); }
};

void change(hewn::sqlite::database& db, task& t) { db.update(t); }
