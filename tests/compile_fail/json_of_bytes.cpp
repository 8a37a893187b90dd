// tests/compile_fail/json_of_bytes.cpp - a member that JSON cannot hold.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this type has no JSON form; use a plain struct, a number, text, an enumeration, std::optional, std::vector, std::array, std::map<std::string, T> or nlohmann::json, or specialise hewn::codec for it
#include <hewn/json.hpp>
#include <hewn/schema/types.hpp>

#include <string>

struct attachment {
  std::string name;
#ifdef HEWN_MISTAKE
  hewn::bytes content;
#else
  std::string content;
#endif
};

std::string text_of(const hewn::json<attachment>& a) {
  return hewn::codec<hewn::json<attachment>>::encode(a).value();
}
