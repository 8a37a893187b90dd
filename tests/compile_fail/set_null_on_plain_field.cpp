// expect: hewn: set_null writes NULL into this field, which takes none; make it an std::optional, or choose another reaction
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct level {
  std::int64_t id = 0;
};

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  std::string title;
  static consteval auto table() {
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").references<&task::priority, &level::id>(hewn::on_delete::set_null);
#else
    return hewn::table("tasks").references<&task::priority, &level::id>(hewn::on_delete::cascade);
#endif
  }
};

const auto& described = hewn::table_of<task>;
