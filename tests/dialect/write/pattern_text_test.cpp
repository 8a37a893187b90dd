// tests/dialect/write/pattern_text_test.cpp - patterns in the words of both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/write/pattern_text.hpp>

#include <catch2/catch_test_macros.hpp>

using hewn::detail::any_regex;
using hewn::detail::glob_of;
using hewn::detail::regex_of;

TEST_CASE("a pattern as GLOB, which does not count") {
  CHECK(glob_of("") == "");
  CHECK(glob_of("a*b?[c-e][^]x]") == "a*b?[c-e][^]x]");
  CHECK(glob_of("[A-Z]{2}-?{3}x{1}") == "[A-Z][A-Z]-???x");
  CHECK(glob_of("\xc3\xa9{2}") == "\xc3\xa9\xc3\xa9");
}

TEST_CASE("a pattern as a regular expression") {
  CHECK(regex_of("") == "^$");
  CHECK(regex_of("*") == ".*");
  CHECK(regex_of("**") == ".*");
  CHECK(regex_of("?") == "^.$");
  CHECK(regex_of("ab*") == "^ab");
  CHECK(regex_of("*ab") == "ab$");
  CHECK(regex_of("*ab*") == "ab");
  CHECK(regex_of("a**b") == "^a.*b$");
  CHECK(regex_of("[A-Z]{2}?{3}x{1}") == "^[A-Z]{2}.{3}x$");
  CHECK(regex_of("[^]a^-]") == R"(^[^\]a\^\-]$)");
  CHECK(regex_of("a.b-c") == R"(^a\.b\-c$)");
  CHECK(regex_of("[\\]") == R"(^[\\]$)");
  CHECK(regex_of("\n\x7f") == R"(^\u000a\u007f$)");
  CHECK(regex_of("[\xc3\xa4-\xc3\xbc]\xf0\x9f\x98\x80") == R"(^[\u00e4-\u00fc]\U0001f600$)");
}

TEST_CASE("one regular expression of several patterns") {
  CHECK(any_regex({"a*", "*b", ""}) == "^a|b$|^$");
}
