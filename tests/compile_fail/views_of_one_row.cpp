// expect: hewn: a row with std::string_view or bytes_view fields lives only until the next row; read it with each(), or use std::string and hewn::bytes
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct line {
  std::int64_t id = 0;
  std::string_view text;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.find<line>(1); }
#else
auto right(hewn::sqlite::database& db) {
  std::optional<std::string> text;
  for (const line& row : db.each(hewn::from<line>.where(hewn::col<&line::id> == 1)))
    text = row.text;
  return text;
}
#endif
