// tests/docs/regions.hpp - tagged stretches of a file: what the documentation quotes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace docs {

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : std::string();
}

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

inline std::string trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == line.npos) return {};
  return std::string(line.substr(first, line.find_last_not_of(" \t") + 1 - first));
}

/// Without the indentation that all lines share.
inline std::string dedented(const std::vector<std::string>& lines) {
  std::size_t indent = std::string::npos;
  for (const std::string& line : lines) indent = std::min(indent, line.find_first_not_of(' '));
  std::string out;
  for (const std::string& line : lines) {
    if (!trimmed(line).empty()) out += line.substr(indent);
    out += '\n';
  }
  return out;
}

/// The lines between `// [name]` and `// [/name]` (in SQL files `-- [name]`, in text files
/// `# [name]`), without the tags of regions inside. Nothing where there is no such region.
inline std::optional<std::string> region(const std::string& path, std::string_view name) {
  const auto is_tag = [](const std::string& line, const std::string& wanted) {
    const std::string text = trimmed(line);
    return text == "// [" + wanted + "]" || text == "-- [" + wanted + "]" ||
           text == "# [" + wanted + "]";
  };
  const auto is_any_tag = [](const std::string& line) {
    const std::string text = trimmed(line);
    return text.ends_with(']') &&
           (text.starts_with("// [") || text.starts_with("-- [") || text.starts_with("# ["));
  };
  std::vector<std::string> inside;
  bool open = false;
  for (const std::string& line : lines_of(read_file(path))) {
    if (open && is_tag(line, "/" + std::string(name))) return dedented(inside);
    if (open && !is_any_tag(line)) inside.push_back(line);
    if (is_tag(line, std::string(name))) open = true;
  }
  return std::nullopt;
}

}  // namespace docs
