// examples/reports/table.hpp - rows of any struct as a table of text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace reports {

struct cell {
  std::string text;
  bool is_number = false;
};

inline cell cell_of(const std::string& text) { return {text}; }
inline cell cell_of(hewn::date day) { return {std::string(hewn::to_text(day).view())}; }
inline cell cell_of(hewn::timestamp time) { return {std::string(hewn::to_text(time).view())}; }
inline cell cell_of(std::int64_t number) { return {std::to_string(number), true}; }
inline cell cell_of(bool truth) { return {truth ? "yes" : "no"}; }
inline cell cell_of(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number);
  return {text, true};
}
template <class Enum>
requires std::is_enum_v<Enum> cell cell_of(Enum value) {
  return {std::string(hewn::codec<Enum>::encode(value))};
}
template <class T>
cell cell_of(const std::optional<T>& value) {
  return value ? cell_of(*value) : cell{"-"};
}

struct line_of_cells {
  std::vector<cell> cells = {};

  template <class F, std::size_t I>
  void operator()(const F& field, std::integral_constant<std::size_t, I>) {
    cells.push_back(cell_of(field));
  }
};

inline void print_lines(const std::vector<line_of_cells>& lines) {
  std::vector<std::size_t> widths(lines.front().cells.size());
  for (const line_of_cells& line : lines)
    for (std::size_t i = 0; i != widths.size(); ++i)
      widths[i] = std::max(widths[i], line.cells[i].text.size());
  for (const line_of_cells& line : lines) {
    std::string text = " ";
    for (std::size_t i = 0; i != widths.size(); ++i) {
      const cell& c = line.cells[i];
      const std::string blanks(widths[i] - c.text.size(), ' ');
      text += ' ' + (c.is_number ? blanks + c.text : c.text + blanks);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    std::puts(text.c_str());
  }
}

/// The rows below the names of the fields.
template <class R>
void print_table(const std::vector<R>& rows) {
  std::vector<line_of_cells> lines(1);
  for (const auto& column : hewn::table_of<R>.columns)
    lines[0].cells.push_back({std::string(column.name)});
  for (const R& row : rows) hewn::visit_fields(row, lines.emplace_back());
  print_lines(lines);
}

}  // namespace reports
