// expect: hewn: updated<>(hewn::in_database) finds the row by its key, and this table has none; declare primary_key<>, or remove hewn::in_database
#include <hewn/sqlite.hpp>

#include <cstdint>

struct reading {
  std::int64_t value = 0;
  hewn::timestamp updated_at{};
  static consteval auto table() {
    return hewn::table("readings")
#ifdef HEWN_MISTAKE
        .updated<&reading::updated_at>(hewn::in_database);
#else
        .updated<&reading::updated_at>();
#endif
  }
};

const auto& described = hewn::table_of<reading>;
