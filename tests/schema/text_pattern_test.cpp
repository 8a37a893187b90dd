// tests/schema/text_pattern_test.cpp - patterns, blanks, e-mail addresses and URLs.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/schema/pattern_match.hpp>
#include <hewn/schema/text_forms.hpp>
#include <hewn/schema/text_pattern.hpp>
#include <hewn/schema/white_space.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>

using hewn::detail::email_form;
using hewn::detail::has_only;
using hewn::detail::is_blank;
using hewn::detail::is_match;
using hewn::detail::is_of_form;
using hewn::detail::is_pattern;
using hewn::detail::is_set;
using hewn::detail::url_form;

// The compiler can do all of it.
static_assert(is_match("AB-12", "[A-Z]{2}-*") && !is_match("ab-12", "[A-Z]{2}-*"));
static_assert(is_blank(" \t\n") && is_of_form("a@b.c", email_form));

TEST_CASE("what is a pattern") {
  for (const std::string_view p :
       {"",      "*",        "?",      "a",    "a*b?c",       "[a]",
        "[a-z]", "[^a-z]",   "[]]",    "[^]]", "[-]",         "[a-]",
        "[-a]",  "[]-]",     "[a^]",   "[^^]", "[*?[]",       "[\\]",
        "[+]",   "[a-z]{4}", "?{255}", "x{2}", "\xc3\xa9{3}", "[\xc3\xa4-\xc3\xbc]",
        "a.b",   "-",        "a,b;c:d"}) {
    CAPTURE(p);
    CHECK(is_pattern(p));
  }
  for (const std::string_view p :
       {"[",           "[]",      "[^]",  "[^",     "a]",     "[z-a]", "[a-c-e]", "[]-a]",
        "[[:alpha:]]", "[[.a.]]", "^a",   "a$",     "a+",     "(a)",   "a|b",     "\\d",
        "a{",          "a{}",     "a{0}", "a{256}", "a{1,2}", "a{1",   "{2}",     "*{2}",
        "a{2}{3}",     "a}",      "\xc3", "[\xc3]", "a\xff"}) {
    CAPTURE(p);
    CHECK_FALSE(is_pattern(p));
  }
  CHECK_FALSE(is_pattern(std::string_view("a\0b", 3)));
  CHECK_FALSE(is_pattern(std::string_view("[\0]", 3)));
}

TEST_CASE("what is as a pattern", "[V5]") {
  CHECK(is_match("", ""));
  CHECK_FALSE(is_match("a", ""));
  CHECK(is_match("", "*"));
  CHECK(is_match("a\nb", "*"));
  CHECK(is_match("\n", "?"));
  CHECK_FALSE(is_match("", "?"));
  CHECK(is_match("\xc3\xa9", "?"));
  CHECK_FALSE(is_match("\xc3\xa9", "??"));
  CHECK(is_match("aXbXc", "a*X?"));
  CHECK_FALSE(is_match("aXbXcd", "a*X?"));
  CHECK(is_match("aab", "*ab"));
  CHECK(is_match("abab", "*ab"));
  CHECK(is_match("mississippi", "m*iss*ip*i"));
  CHECK_FALSE(is_match("mississippi", "m*iss*ip*x"));
  CHECK(is_match("aaa", "a{3}"));
  CHECK_FALSE(is_match("aa", "a{3}"));
  CHECK_FALSE(is_match("aaaa", "a{3}"));
  CHECK(is_match("xaaay", "*a{3}*"));
  CHECK(is_match("aabaaab", "*a{3}b"));
  CHECK(is_match("]", "[]]"));
  CHECK(is_match("-", "[a-]"));
  CHECK(is_match("^", "[a^]"));
  CHECK_FALSE(is_match("a", "[^a]"));
  CHECK(is_match("\xc3\xb6", "[\xc3\xa4-\xc3\xbc]"));
  CHECK_FALSE(is_match("\xc3\xa3", "[\xc3\xa4-\xc3\xbc]"));
  CHECK_FALSE(is_match("A", "a"));  // case counts
}

TEST_CASE("what no database's text can be is as no pattern") {
  CHECK_FALSE(is_match(std::string_view("a\0", 2), "*"));
  CHECK_FALSE(is_match(std::string_view("a\0b", 3), "a?b"));
  CHECK_FALSE(is_match("a\xff", "*"));
  CHECK_FALSE(is_match("a\xff", "a[^b]"));
  CHECK_FALSE(has_only(std::string_view("a\0", 2), "a-z"));
}

TEST_CASE("a hostile pattern takes no more than its size times that of the text") {
  std::string pattern;
  for (int i = 0; i != 200; ++i) pattern += "*a";
  CHECK_FALSE(is_match(std::string(20'000, 'a') + "b", pattern));
}

TEST_CASE("characters of a set") {
  CHECK(is_set("a-z0-9_-"));
  CHECK(is_set("]a"));
  CHECK_FALSE(is_set(""));
  CHECK_FALSE(is_set("a-c-e"));
  CHECK(has_only("", "a"));
  CHECK(has_only("a-b]", "]a-z-"));
  CHECK_FALSE(has_only("aB", "a-z"));
}

TEST_CASE("blank is what is white space of Unicode alone") {
  CHECK(is_blank(""));
  CHECK(
      is_blank("\t\n\v\f\r \xc2\x85\xc2\xa0\xe1\x9a\x80\xe2\x80\x80\xe2\x80\x8a\xe2\x80\xa8"
               "\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\x9f\xe3\x80\x80"));
  for (const std::string_view text :
       {"a", " a ", "\x1c", "\xe2\x80\x8b", "\xef\xbb\xbf", "\xc2", "\xe1\xa0\x8e", "\xff"}) {
    CAPTURE(text);
    CHECK_FALSE(is_blank(text));
  }
  CHECK_FALSE(is_blank(std::string_view("\0", 1)));
}

TEST_CASE("what is an e-mail address") {
  for (const std::string_view text : {"ann@example.org", "a@b.c", "a.b+c-d_e@x-y.z0", "o'neil@a.b",
                                      "{x}@1.2", "!#$%&*/=?^`|~@a.b", "a@xn--bcher-kva.example"}) {
    CAPTURE(text);
    CHECK(is_of_form(text, email_form));
  }
  for (const std::string_view text : {"",
                                      "a",
                                      "@",
                                      "a@",
                                      "@b.c",
                                      "a@b",
                                      "a@b.",
                                      "a@.b.c",
                                      "a@b..c",
                                      ".a@b.c",
                                      "a.@b.c",
                                      "a..b@c.d",
                                      "a@@b.c",
                                      "a@b@c.d",
                                      "a b@c.d",
                                      "a@b c.d",
                                      " a@b.c",
                                      "a@b.c ",
                                      "a@b.c\n",
                                      "a@-b.c",
                                      "a@b-.c",
                                      "a@b.-c",
                                      "a@b.c-",
                                      "a@b_c.d",
                                      "\"a\"@b.c",
                                      "a@[127.0.0.1]",
                                      "j\xc3\xb6rg@b.c",
                                      "a@b\xc3\xa9.c",
                                      "Ann <a@b.c>",
                                      "a@b.c,d@e.f"}) {
    CAPTURE(text);
    CHECK_FALSE(is_of_form(text, email_form));
  }
}

TEST_CASE("what is a URL") {
  for (const std::string_view text :
       {"http://a", "https://example.org/", "https://example.org:8080/a/b;c=1?d=e&f[]=%20#g",
        "http://u:p@h/~x", "http://[::1]/", "http://a/#", "http://1.2.3.4"}) {
    CAPTURE(text);
    CHECK(is_of_form(text, url_form));
  }
  for (const std::string_view text : {"",
                                      "a",
                                      "example.org",
                                      "//a",
                                      "http:",
                                      "http://",
                                      "http:///a",
                                      "http://?a",
                                      "http://.a",
                                      "ftp://a",
                                      "HTTP://a",
                                      "javascript:http://a",
                                      " http://a",
                                      "http://a b",
                                      "http://a\n",
                                      "http://a/\"b\"",
                                      "http://a/<b>",
                                      "http://a/\\b",
                                      "http://a/%",
                                      "http://a/%4",
                                      "http://a/%4g",
                                      "http://a/%zz",
                                      "http://a#b#c",
                                      "http://a/\xc3\xa9",
                                      "http://a/{b}"}) {
    CAPTURE(text);
    CHECK_FALSE(is_of_form(text, url_form));
  }
}

TEST_CASE("the characters of ASCII that addresses and URLs may have") {
  const std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const auto is_one_of = [&](char c, std::string_view others) {
    return letters.find(c) != letters.npos || others.find(c) != others.npos;
  };
  for (int i = 0; i != 128; ++i) {
    const std::string c(1, static_cast<char>(i));
    CAPTURE(i);
    CHECK(is_of_form("a" + c + "b@c.d", email_form) == is_one_of(c[0], ".!#$%&'*+/=?^_`{|}~-"));
    CHECK(is_of_form("a@b" + c + "c.d", email_form) == is_one_of(c[0], ".-"));
    CHECK(is_of_form("http://a/" + c + "20", url_form) ==
          is_one_of(c[0], "-._~:/?#[]@!$&'()*+,;=%"));
    CHECK(is_of_form("http://" + c + "a", url_form) == is_one_of(c[0], "["));
  }
}
