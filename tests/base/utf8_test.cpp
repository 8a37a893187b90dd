// tests/base/utf8_test.cpp - code points, against what is UTF-8.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/base/utf8.hpp>
#include <hewn/dialect/text/quote.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <string>
#include <string_view>

using hewn::detail::character_count;
using hewn::detail::next_code_point;
using hewn::detail::no_code_point;

namespace {

// By the definition of UTF-8 (RFC 3629, section 3).
std::string encoded(char32_t c) {
  const auto byte = [](char32_t of) { return static_cast<char>(of); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f))};
  if (c < 0x10000)
    return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f))};
  return {byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)),
          byte(0x80 | (c & 0x3f))};
}

bool is_read(std::string_view text) {
  for (std::size_t at = 0; at != text.size();)
    if (next_code_point(text, at) == no_code_point) return false;
  return true;
}

}  // namespace

TEST_CASE("every code point is read as it is") {
  for (char32_t c = 0; c != 0x110000; ++c) {
    const std::string text = encoded(c) + "x";
    std::size_t at = 0;
    const char32_t read = next_code_point(text, at);
    const bool surrogate = c >= 0xd800 && c <= 0xdfff;
    if (read == (surrogate ? no_code_point : c) && at == (surrogate ? 1 : text.size() - 1))
      continue;
    CAPTURE(static_cast<unsigned>(c));
    CHECK(read == c);
  }
}

TEST_CASE("what is no UTF-8 has no code point") {
  // Every text of two bytes, and of four with the borders of each.
  for (unsigned i = 0; i != 0x10000; ++i) {
    const std::string text{static_cast<char>(i >> 8), static_cast<char>(i)};
    if (is_read(text) != hewn::detail::is_utf8(text)) FAIL_CHECK(i);
  }
  const std::string borders(
      "\0\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xed\xf0\xf4\xf5\xff", 18);
  for (const char a : borders)
    for (const char b : borders)
      for (const char c : borders)
        for (const char d : borders) {
          const std::string text{a, b, c, d};
          if (is_read(text) != hewn::detail::is_utf8(text)) FAIL_CHECK(text);
        }
}

TEST_CASE("characters are counted") {
  CHECK(character_count("") == 0);
  CHECK(character_count("a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80") == 4);
  CHECK(character_count(std::string_view("a\0b", 3)) == 3);
}
