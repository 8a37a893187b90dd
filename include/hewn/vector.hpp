// hewn/vector.hpp - columns that hold a std::vector of values.
// SPDX-License-Identifier: BSL-1.0
//
// An array in PostgreSQL, the text of a JSON array in SQLite. std::vector<std::byte> and
// std::vector<unsigned char> are bytes and need no header.
#pragma once

#include <hewn/db/values/field.hpp>
#include <hewn/db/values/list_text_reader.hpp>
#include <hewn/db/values/list_text_writer.hpp>
#include <hewn/schema/codec.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

/// Takes every value of the list that `reader` reads.
template <class Reader, class E>
value_problem read_list(Reader& reader, std::vector<E>& out) {
  out.clear();
  if constexpr (requires { reader.size(); }) out.reserve(reader.size());
  while (reader.next()) {
    E value{};
    if (!read_field(reader, 0, value))
      return reader.problem() == value_problem::is_null ? value_problem::null_element
                                                        : reader.problem();
    out.push_back(std::move(value));
  }
  return reader.problem();
}

}  // namespace detail

/// A list of scalars. NULL in it is read into std::vector<std::optional<T>> only; a list that is
/// itself NULL, into std::optional<std::vector<T>> only.
template <class E>
requires(detail::is_list<std::vector<E>>) struct codec<std::vector<E>> {
  using list_element = E;
  static constexpr column_type type = array_of(column_type_of<E>());

  template <class Statement>
  static void bind(Statement& statement, int i, const std::vector<E>& values) {
    if constexpr (requires { statement.begin_array(i); }) {
      auto* const single = statement.begin_array(i);
      if (single == nullptr) return;  // refused
      for (const auto& value : values) {
        detail::bind_field(*single, 1, value, false);
        if (!statement.append_element(i)) return;
      }
      statement.finish_array(i);
    } else if constexpr (requires { typename Statement::either; }) {
      statement.visit([&](auto& s) { bind(s, i, values); });
    } else {
      detail::list_text_writer text;
      for (const auto& value : values) detail::bind_field(text, 1, value, false);
      if (text.problem() != value_problem::none) return statement.refuse(i, text.problem());
      if constexpr (requires { statement.bind_array_text(i, text.finish()); })
        statement.bind_array_text(i, text.finish());
      else
        statement.bind(i, text.finish(), true);
    }
  }

  template <class Statement>
  static bool read(Statement& statement, int i, std::vector<E>& out) {
    if constexpr (requires { typename Statement::either; }) {
      return statement.visit([&](auto& s) { return read(s, i, out); });
    } else if constexpr (requires { statement.array(i); }) {
      if (statement.is_null(i)) return statement.fail(value_problem::is_null);
      auto elements = statement.array(i);
      return finish(statement, detail::read_list(elements, out));
    } else {
      std::string_view text;
      if (!statement.read(i, text)) return false;
      detail::list_text_reader elements(text);
      return finish(statement, detail::read_list(elements, out));
    }
  }

 private:
  template <class Statement>
  static bool finish(Statement& statement, value_problem problem) {
    return problem == value_problem::none || statement.fail(problem);
  }
};

}  // namespace hewn
