// tests/differential/papers.cpp - JSON of all forms.
// SPDX-License-Identifier: BSL-1.0
#include "papers.hpp"

#include "random.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace differential {
namespace {

// No text here is one that the databases are known to read differently: a member that is there
// twice, a number too small for a double, more digits than a double has behind a point.
class paper_maker {
 public:
  paper_maker(std::uint64_t seed, int level) : random_(seed + 1000), level_(level) {}

  paper make(std::int64_t id) {
    paper p{.id = id};
    p.configuration_text = one_in(8) ? any(2) : settings();
    if (!one_in(4)) p.notes_text = one_in(3) ? settings() : any(3);
    p.configuration = parse_tree(p.configuration_text);
    if (p.notes_text) p.notes = parse_tree(*p.notes_text);
    return p;
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  bool is_odd() { return level_ != 0 && one_in(3); }

  template <std::size_t N>
  std::string pick(const std::string_view (&choices)[N]) {
    return std::string(choices[random_.below(N)]);
  }

  std::string text() {
    if (is_odd())
      return pick({R"("")", R"("null")", R"("1")", R"("true")", R"("\u00e9")", R"("\"\\\/")",
                   R"("\ud83d\ude00")", "\"\U0001f600\"", "\"\u4e2d\u6587\"", "\"e\u0301\"",
                   R"("a\nb\t")", R"("'")", R"("%_")", R"("{\"a\":1}")", R"("[1]")", R"("\u0001")",
                   R"("a very long text that no small string has room for, and then some")"});
    return pick({R"("")", R"("a")", R"("b")", R"("ab")", R"("A")", R"("1")", "\"\u00e9\""});
  }

  std::string integer() {
    if (is_odd())
      return pick({"9223372036854775807", "-9223372036854775808", "9223372036854775808",
                   "-9223372036854775809", "9007199254740993", "-9007199254740993", "2147483648",
                   "1e2", "1.0", "-2.50e1", "1E+3", "9007199254740992.0", "1e18", "-0", "-0.0",
                   "0.5", "1e400"});
    return pick({"0", "1", "-1", "2", "3", "5", "7", "443"});
  }

  std::string real() {
    if (is_odd())
      return pick({"1e300", "-1.7976931348623157e308", "0.1", "1e-7", "-0.0", "123456789.125",
                   "9007199254740993", "9223372036854775807", "1e400", "-1e400", "2.5e-300"});
    return pick({"0", "0.25", "-0.5", "1", "1.5", "-1.25", "2.0"});
  }

  std::string truth() { return one_in(2) ? "true" : "false"; }

  // As JSON texts.
  std::string name() {
    return pick({R"("")", R"("a")", R"("b")", R"("a.b")", R"("q\"uote")", R"("\u00e9")", R"("0")",
                 R"("[0]")", R"("$")", R"("a\\b")", R"("tokens")", R"("labels")", R"("tags")",
                 "\"\U0001f600\"", R"("null")"});
  }

  std::string any(int depth) {
    const std::uint64_t what = random_.below(depth == 0 ? 5 : 9);
    if (what == 0) return "null";
    if (what == 1) return truth();
    if (what == 2) return integer();
    if (what == 3) return real();
    if (what == 4) return text();
    if (what < 7) {
      std::string out;
      for (std::uint64_t n = random_.below(5); n != 0; --n) add(out, any(depth - 1));
      return "[" + out + "]";
    }
    return object(depth);
  }

  std::string object(int depth) {
    std::string out;
    std::vector<std::string> names;
    for (std::uint64_t n = 1 + random_.below(7); n != 0; --n) {
      const std::string fresh = name();
      bool known = false;
      for (const std::string& other : names) known |= other == fresh;
      if (known) continue;
      names.push_back(fresh);
      add(out, fresh + ":" + any(depth - 1));
    }
    return "{" + out + "}";
  }

  void add(std::string& out, const std::string& element) {
    if (!out.empty()) out += one_in(3) ? " , " : ",";
    out += element;
  }

  // A member as its struct has it, missing, or something else.
  void add_member(std::string& out, std::string_view name, const std::string& value) {
    if (one_in(8)) return;
    const bool other = is_odd() && one_in(3);
    add(out, "\"" + std::string(name) + "\":" + (one_in(10) ? "null" : other ? any(1) : value));
  }

  std::string labels() {
    std::string out;
    std::vector<std::string> names;
    for (const std::string_view name : {R"("a")", R"("b")", R"("a.b")", R"("")", R"("\u00e9")"})
      if (one_in(3)) add(out, std::string(name) + ":" + text());
    return "{" + out + "}";
  }

  template <class Make>
  std::string list(Make make) {
    std::string out;
    for (std::uint64_t n = random_.below(4); n != 0; --n) add(out, is_odd() ? any(1) : make());
    return "[" + out + "]";
  }

  std::string limits() {
    std::string out;
    add_member(out, "tokens", integer());
    add_member(out, "budget", real());
    add_member(out, "hard", truth());
    add_member(out, "labels", labels());
    return "{" + out + "}";
  }

  std::string settings() {
    std::string out;
    add_member(out, "labels", labels());
    add_member(out, "model", text());
    add_member(out, "effort", one_in(2) ? R"("low")" : R"("high")");
    add_member(out, "limit", limits());
    add_member(out, "burst", limits());
    add_member(out, "tags", list([this] { return text(); }));
    add_member(out, "ports", list([this] { return integer(); }));
    return "{" + out + "}";
  }

  random random_;
  int level_;
};

}  // namespace

std::vector<paper> make_papers(std::uint64_t seed, int level) {
  paper_maker maker(seed, level);
  std::vector<paper> out;
  for (std::int64_t id = 1; id <= (level == 0 ? 10 : 7); ++id) out.push_back(maker.make(id));
  return out;
}

}  // namespace differential
