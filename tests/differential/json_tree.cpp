// tests/differential/json_tree.cpp - how JSON becomes a tree.
// SPDX-License-Identifier: BSL-1.0
#include "json_tree.hpp"

#include <hewn/json/column/number.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <stdexcept>

namespace differential {
namespace {

void append_utf8(std::string& out, unsigned long code) {
  const auto add = [&out](unsigned long byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      add(0xe0 | (code >> 12));
    } else {
      add(0xf0 | (code >> 18));
      add(0x80 | ((code >> 12) & 0x3f));
    }
    add(0x80 | ((code >> 6) & 0x3f));
  }
  add(0x80 | (code & 0x3f));
}

/// Reads valid JSON. A parser of its own, because others do not keep how a number is written, and
/// take none beyond every double.
class tree_reader {
 public:
  explicit tree_reader(std::string_view json) : rest_(json) {}

  json_tree value() {
    skip_spaces();
    if (takes('{')) return object();
    if (takes('[')) return array();
    if (takes('"')) return {.what = json_tree::kind::text, .text = text()};
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\r\n,]}"));
    rest_.remove_prefix(word.size());
    if (word == "null") return {};
    if (word == "true" || word == "false")
      return {.what = json_tree::kind::truth, .is_true = word == "true"};
    return {.what = json_tree::kind::number, .text = std::string(word)};
  }

 private:
  void skip_spaces() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  bool takes(char c) {
    const bool here = rest_.starts_with(c);
    if (here) rest_.remove_prefix(1);
    return here;
  }
  char next() {
    if (rest_.empty()) throw std::invalid_argument("the JSON has no end");
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  json_tree array() {
    json_tree out{.what = json_tree::kind::array};
    while (skip_spaces(), !takes(']')) {
      out.elements.push_back(value());
      skip_spaces();
      takes(',');
    }
    return out;
  }
  json_tree object() {
    json_tree out{.what = json_tree::kind::object};
    while (skip_spaces(), !takes('}')) {
      next();
      out.names.push_back(text());
      skip_spaces();
      next();
      out.elements.push_back(value());
      skip_spaces();
      takes(',');
    }
    return out;
  }

  unsigned long code_unit() {
    const std::string digits(rest_.substr(0, 4));
    rest_.remove_prefix(digits.size());
    return std::strtoul(digits.c_str(), nullptr, 16);
  }
  // From behind a quotation mark.
  std::string text() {
    std::string out;
    for (char c = next(); c != '"'; c = next()) {
      if (c != '\\') {
        out += c;
        continue;
      }
      c = next();
      constexpr std::string_view letters = "nrtbf", meanings = "\n\r\t\b\f";
      if (c != 'u') {
        out += letters.find(c) == letters.npos ? c : meanings[letters.find(c)];
        continue;
      }
      unsigned long code = code_unit();
      if (code >= 0xd800 && code < 0xdc00) {
        rest_.remove_prefix(2);
        code = 0x10000 + ((code - 0xd800) << 10) + (code_unit() - 0xdc00);
      }
      append_utf8(out, code);
    }
    return out;
  }

  std::string_view rest_;
};

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

std::string canonical_number(std::string_view number) {
  const hewn::detail::decimal_digits value(number);
  if (value.digits.empty()) return "0";
  return (number.starts_with('-') ? "-" : "") + value.digits + 'e' + std::to_string(value.exponent);
}

}  // namespace

const json_tree* json_tree::member(std::string_view name) const {
  if (what != kind::object) return nullptr;
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? nullptr
                              : &elements[static_cast<std::size_t>(found - names.begin())];
}

json_tree parse_tree(std::string_view json) { return tree_reader(json).value(); }

std::string canonical(const json_tree& tree) {
  std::string out;
  switch (tree.what) {
    case json_tree::kind::null:
      return "null";
    case json_tree::kind::truth:
      return tree.is_true ? "true" : "false";
    case json_tree::kind::number:
      return canonical_number(tree.text);
    case json_tree::kind::text:
      append_quoted(out, tree.text);
      return out;
    case json_tree::kind::array:
      for (const json_tree& element : tree.elements)
        out += (out.empty() ? "" : ",") + canonical(element);
      return '[' + out + ']';
    case json_tree::kind::object:
      break;
  }
  std::vector<std::size_t> order(tree.names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return tree.names[a] < tree.names[b]; });
  for (const std::size_t i : order) {
    if (!out.empty()) out += ',';
    append_quoted(out, tree.names[i]);
    out += ':' + canonical(tree.elements[i]);
  }
  return '{' + out + '}';
}

std::optional<std::int64_t> integer_of(std::string_view number) {
  const hewn::detail::decimal_digits value(number);
  if (value.digits.empty()) return 0;
  constexpr long most = 18;  // the power of ten of the first digit of the greatest integer
  if (value.exponent < static_cast<long>(value.digits.size()) - 1 || value.exponent > most)
    return std::nullopt;
  std::string digits = (number.starts_with('-') ? "-" : "") + value.digits;
  digits.append(static_cast<std::size_t>(value.exponent) + 1 - value.digits.size(), '0');
  std::int64_t out = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return parsed.ec == std::errc() ? std::optional(out) : std::nullopt;
}

bool is_all_digits(std::string_view number) { return number.find_first_of(".eE") == number.npos; }

}  // namespace differential
