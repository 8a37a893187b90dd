// tests/differential/text_functions.cpp - what functions of text mean.
// SPDX-License-Identifier: BSL-1.0
#include "text_functions.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace differential {
namespace {

using cells = std::vector<cell>;
using characters = std::vector<std::string>;

characters split(std::string_view s) {
  characters out;
  for (const char c : s) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (!continues || out.empty()) out.emplace_back();
    out.back() += c;
  }
  return out;
}

std::string joined(const characters& all, std::size_t first, std::size_t end) {
  std::string out;
  for (std::size_t i = first; i < end; ++i) out += all[i];
  return out;
}

std::string changed(std::string s, char first, char last, int by) {
  for (char& c : s)
    if (c >= first && c <= last) c = static_cast<char>(c + by);
  return s;
}

/// Applies a function to operands none of which is NULL.
template <class Function>
cell strict(const cells& operands, Function function) {
  for (const cell& c : operands)
    if (c.is_failed()) return failed(false);
  for (const cell& c : operands)
    if (c.is_null()) return {};
  return function();
}

cell trimmed(const cells& o, bool left, bool right) {
  return strict(o, [&] {
    const characters all = split(o[0].text), unwanted = split(o[1].text);
    const auto goes = [&](std::size_t i) {
      for (const std::string& c : unwanted)
        if (c == all[i]) return true;
      return false;
    };
    std::size_t first = 0, end = all.size();
    while (left && first < end && goes(first)) ++first;
    while (right && end > first && goes(end - 1)) --end;
    return text(joined(all, first, end));
  });
}

cell part_of(const cells& o, std::int64_t count) {
  const characters all = split(o[0].text);
  const std::int64_t size = static_cast<std::int64_t>(all.size());
  const std::int64_t first = o[1].number - 1;
  const std::int64_t end = count > size - first ? size : first + count;
  return first >= end
             ? text("")
             : text(joined(all, static_cast<std::size_t>(first), static_cast<std::size_t>(end)));
}

bool matches(const characters& value, std::size_t v, const characters& pattern, std::size_t p) {
  if (p == pattern.size()) return v == value.size();
  if (pattern[p] == "%") {
    for (std::size_t at = v; at <= value.size(); ++at)
      if (matches(value, at, pattern, p + 1)) return true;
    return false;
  }
  if (v == value.size()) return false;
  const bool escaped = pattern[p] == "\\";
  if (escaped) ++p;
  const bool any = !escaped && pattern[p] == "_";
  if (!any && changed(value[v], 'A', 'Z', 32) != changed(pattern[p], 'A', 'Z', 32)) return false;
  return matches(value, v + 1, pattern, p + 1);
}

}  // namespace

cell meaning(hewn::detail::lower_form, const cells& o) {
  return strict(o, [&] { return text(changed(o[0].text, 'A', 'Z', 32)); });
}

cell meaning(hewn::detail::upper_form, const cells& o) {
  return strict(o, [&] { return text(changed(o[0].text, 'a', 'z', -32)); });
}

cell meaning(hewn::detail::length_form, const cells& o) {
  return strict(o, [&] { return integer(static_cast<std::int64_t>(split(o[0].text).size())); });
}

cell meaning(hewn::detail::substr_form, const cells& o) {
  return strict(o, [&] { return part_of(o, o[2].number); });
}

cell meaning(hewn::detail::substr_to_end_form, const cells& o) {
  return strict(o, [&] { return part_of(o, INT64_MAX); });
}

cell meaning(hewn::detail::trim_form, const cells& o) { return trimmed(o, true, true); }
cell meaning(hewn::detail::ltrim_form, const cells& o) { return trimmed(o, true, false); }
cell meaning(hewn::detail::rtrim_form, const cells& o) { return trimmed(o, false, true); }

cell meaning(hewn::detail::replace_form, const cells& o) {
  return strict(o, [&] {
    const std::string &all = o[0].text, &from = o[1].text, &to = o[2].text;
    if (from.empty()) return text(all);
    std::string out;
    std::size_t at = 0;
    for (std::size_t found; (found = all.find(from, at)) != all.npos; at = found + from.size())
      out += all.substr(at, found - at) + to;
    return text(out + all.substr(at));
  });
}

cell meaning(hewn::detail::replace_by_other_form, const cells& o) {
  return meaning(hewn::detail::replace_form(), o);
}

cell meaning(hewn::detail::starts_with_form, const cells& o) {
  return strict(o, [&] { return truth(o[0].text.starts_with(o[1].text)); });
}

cell meaning(hewn::detail::ends_with_form, const cells& o) {
  return strict(o, [&] { return truth(o[0].text.ends_with(o[1].text)); });
}

cell meaning(hewn::detail::contains_form, const cells& o) {
  return strict(o, [&] { return truth(o[0].text.find(o[1].text) != std::string::npos); });
}

cell meaning(hewn::detail::ilike_form, const cells& o) {
  return strict(o, [&] { return truth(matches(split(o[0].text), 0, split(o[1].text), 0)); });
}

cell concatenated(const cells& operands) {
  return strict(operands, [&] {
    std::string all;
    for (const cell& c : operands) all += c.text;
    return text(all);
  });
}

}  // namespace differential
