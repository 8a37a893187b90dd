// examples/replay/chain.hpp - the migrations of a folder, in their order.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace replay {

/// One migration: the SQL that leads forward.
struct step {
  std::string name;
  std::string sql;
};

namespace detail {

/// Without what leads back: tools that keep both ways in one file mark the second one.
inline std::string forward_part(const std::string& text) {
  constexpr std::array<std::string_view, 4> marks{"-- +goose Down", "-- +migrate Down",
                                                  "-- migrate:down", "-- hewn:down"};
  std::size_t end = text.size();
  for (const std::string_view mark : marks) end = std::min(end, text.find(mark));
  return text.substr(0, end);
}

inline std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) throw std::runtime_error("cannot read " + file.string());
  return text;
}

// Numbers in names are compared as numbers, so that 10 comes after 9.
inline bool natural_order(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < a.size() && k < b.size()) {
    if (!digit(a[i]) || !digit(b[k])) {
      if (a[i] != b[k]) return a[i] < b[k];
      ++i, ++k;
      continue;
    }
    const auto number = [&](std::string_view text, std::size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const std::size_t begin = at;
      while (at < text.size() && digit(text[at])) ++at;
      return text.substr(begin, at - begin);
    };
    const std::string_view x = number(a, i);
    const std::string_view y = number(b, k);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  return a.size() - i < b.size() - k;
}

}  // namespace detail

/// The files NAME.sql of the folder, and of each folder in it the file migration.sql or up.sql;
/// files that lead back (NAME.down.sql, down.sql) are left out. Throws: std::exception.
inline std::vector<step> read_chain(const std::filesystem::path& folder) {
  std::vector<step> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    std::filesystem::path file = entry.path();
    if (entry.is_directory()) {
      file /= "migration.sql";
      if (!std::filesystem::exists(file)) file.replace_filename("up.sql");
    }
    if (!std::filesystem::is_regular_file(file) || file.extension() != ".sql" ||
        name.ends_with(".down.sql") || name == "down.sql")
      continue;
    out.push_back({name, detail::forward_part(detail::read(file))});
  }
  if (out.empty()) throw std::runtime_error(folder.string() + " has no migrations");
  std::sort(out.begin(), out.end(),
            [](const step& a, const step& b) { return detail::natural_order(a.name, b.name); });
  return out;
}

}  // namespace replay
