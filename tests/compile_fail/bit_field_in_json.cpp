// expect: hewn: a bit-field cannot be a column; remove the width, or choose a smaller type
// [p:C3]
#include <hewn/json.hpp>

#include <cstdint>
#include <string_view>

#ifdef HEWN_MISTAKE
struct settings {
  unsigned level : 3 = 0;
  unsigned color = 0;
};
#else
struct settings {
  std::uint8_t level = 0;
  unsigned color = 0;
};
#endif
auto read(std::string_view text) { return hewn::codec<hewn::json<settings>>::decode(text); }
