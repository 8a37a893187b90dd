// expect: hewn: a pointer field cannot be a column; store the value, std::optional for NULL
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>



#ifdef HEWN_MISTAKE
struct task {
  std::int64_t id = 0;
  const std::string* title = nullptr;
};
void use(hewn::sqlite::database& db) { db.insert(task{}); }
#else
struct task {
  std::int64_t id = 0;
  std::optional<std::string> title;
};
void use(hewn::sqlite::database& db) { db.insert(task{}); }
#endif
