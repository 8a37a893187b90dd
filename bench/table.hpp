// bench/table.hpp - columns for people, a list of objects for programs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// A number that is not to be above its target. Slack: one in a thousand, for what is done once.
inline bool misses(double value, double target) {
  return !std::isnan(value) && !std::isnan(target) && value > target + 0.001;
}

inline std::string formatted(double value, const char* format) {
  if (std::isnan(value)) return "-";
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

inline std::string with_target(double value, double target, const char* format) {
  std::string all = formatted(value, format);
  if (std::isnan(value) || std::isnan(target)) return all;
  return all + " (" + formatted(target, "%.2f") + (misses(value, target) ? " missed)" : ")");
}

/// Prints its headings, then each row at once: measuring takes long.
class table {
 public:
  struct column {
    std::string heading;
    int width;  // below zero: to the left, as printf has it
  };

  explicit table(std::vector<column> columns) : columns_(std::move(columns)) {
    std::vector<std::string> headings;
    for (const column& c : columns_) headings.push_back(c.heading);
    row(headings);
  }

  void row(const std::vector<std::string>& cells) const {
    for (std::size_t i = 0; i != cells.size(); ++i)
      std::printf("%s%*s", i == 0 ? "" : "  ", columns_[i].width, cells[i].c_str());
    std::putchar('\n');
    std::fflush(stdout);
  }

 private:
  std::vector<column> columns_;
};

/// A list of flat objects; what is not a number is null.
class json_list {
 public:
  /// Begins an object with its name.
  void object(std::string_view work) {
    text_ += text_.empty() ? "[\n" : "},\n";
    text_ += R"(  {"work": ")" + std::string(work) + '"';
  }
  void text(std::string_view name, std::string_view value) {
    text_ += R"(, ")" + std::string(name) + R"(": ")" + std::string(value) + '"';
  }
  void number(std::string_view name, double value) {
    text_ += R"(, ")" + std::string(name) +
             "\": " + (std::isnan(value) ? "null" : formatted(value, "%.6g"));
  }

  /// Nothing happens when `path` is empty; false, with a message, when it cannot be written.
  bool write(const std::string& path) const {
    if (path.empty()) return true;
    std::ofstream out(path);
    out << (text_.empty() ? "[" : text_ + "}") << "\n]\n";
    out.close();
    if (out) return true;
    std::fprintf(stderr, "bench: %s cannot be written; name another file\n", path.c_str());
    return false;
  }

 private:
  std::string text_;
};

}  // namespace bench
