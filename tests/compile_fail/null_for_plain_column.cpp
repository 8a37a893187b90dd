// expect: hewn: this column takes no NULL; make the field an std::optional
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) {
  db.update<task>(1, hewn::col<&task::title> = std::nullopt);
}
#else
void right(hewn::sqlite::database& db) { db.update<task>(1, hewn::col<&task::title> = ""); }
#endif
