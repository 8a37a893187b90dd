// tests/dialect/text/tokenizer_test.cpp - SQL as tokens.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/text/tokenizer.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using hewn::detail::token_kind;
using hewn::detail::tokenize;

namespace {

std::vector<std::string> texts(std::string_view sql) {
  std::vector<std::string> out;
  for (const auto& t : tokenize(sql))
    if (t.kind != token_kind::end) out.emplace_back(t.text);
  return out;
}

token_kind first_kind(std::string_view sql) { return tokenize(sql).front().kind; }

std::string content(std::string_view sql) { return hewn::detail::unquoted(tokenize(sql).front()); }

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("comments and white space vanish") {
  CHECK(texts("a -- b 'c\n d/* e ( \" */f") == list{"a", "d", "f"});
  CHECK(texts(" \t\r\n\f") == list{});
  CHECK(texts("a--") == list{"a"});
  CHECK(texts("a/*never closed") == list{"a"});
  CHECK(texts("a - - b") == list{"a", "-", "-", "b"});
  CHECK(texts("a/b*c") == list{"a", "/", "b", "*", "c"});
}

TEST_CASE("every way to quote is one token") {
  CHECK(texts("[a b]\"c d\"`e f`'g h'") == list{"[a b]", "\"c d\"", "`e f`", "'g h'"});
  CHECK(texts("'it''s' \"a\"\"b\" `c``d`") == list{"'it''s'", "\"a\"\"b\"", "`c``d`"});
  CHECK(texts("'-- no comment'") == list{"'-- no comment'"});
  CHECK(first_kind("[a]") == token_kind::name);
  CHECK(first_kind("\"a\"") == token_kind::name);
  CHECK(first_kind("`a`") == token_kind::name);
  CHECK(first_kind("'a'") == token_kind::string);
  CHECK(first_kind("x'00'") == token_kind::blob);
  CHECK(first_kind("X'00'") == token_kind::blob);
  CHECK(texts("x 'a'") == list{"x", "'a'"});
}

TEST_CASE("quotes come off") {
  CHECK(content("'it''s'") == "it's");
  CHECK(content("\"a\"\"b\"") == "a\"b");
  CHECK(content("`c``d`") == "c`d");
  CHECK(content("[a\"b]") == "a\"b");
  CHECK(content("''") == "");
  CHECK(content("''''") == "'");
  CHECK(content("plain") == "plain");
}

TEST_CASE("numbers, names, variables and operators are told apart") {
  CHECK(texts("1 .5 1e3 1.5E-3 0xFF 1e+3+2") ==
        list{"1", ".5", "1e3", "1.5E-3", "0xFF", "1e+3", "+", "2"});
  CHECK(texts("0xE+1") == list{"0xE", "+", "1"});
  CHECK(texts("a.b") == list{"a", ".", "b"});
  CHECK(texts("a_1$é 表") == list{"a_1$é", "表"});
  CHECK(texts("?1 :a @b $c ?") == list{"?1", ":a", "@b", "$c", "?"});
  CHECK(first_kind("?1") == token_kind::variable);
  CHECK(texts("a||b->>c->d<=e!=f<>g==h<<i::text") == list{"a", "||", "b", "->>", "c", "->", "d",
                                                          "<=", "e", "!=", "f", "<>", "g",
                                                          "==", "h", "<<", "i", "::", "text"});
  CHECK(texts("(a,b);") == list{"(", "a", ",", "b", ")", ";"});
}

TEST_CASE("keywords are recognised whatever their case, and never within quotes") {
  CHECK(tokenize("ChEcK").front().is("check"));
  CHECK_FALSE(tokenize("\"check\"").front().is("check"));
  CHECK_FALSE(tokenize("checks").front().is("check"));
}

TEST_CASE("any bytes are read to the end, and tokens never overlap") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 engine(seed);
  static constexpr char alphabet[] = "'\"`[]()--/**/x0.e+ \n\0\xff,;ab?:|->";
  for (int round = 0; round != 20'000; ++round) {
    std::string sql(engine() % 24, ' ');
    for (char& c : sql) c = alphabet[engine() % (sizeof alphabet - 1)];
    const char* last = sql.data();
    for (const auto& t : tokenize(sql)) {
      REQUIRE(t.text.data() >= last);
      last = t.text.data() + t.text.size();
      REQUIRE(last <= sql.data() + sql.size());
      if (t.kind != token_kind::end) REQUIRE_FALSE(t.text.empty());
      hewn::detail::unquoted(t);
    }
  }
}
