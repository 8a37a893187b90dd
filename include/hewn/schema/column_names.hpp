// hewn/schema/column_names.hpp - what the columns of a struct are called before it says otherwise.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace hewn::detail {

/// What stands before the names of the columns of a field that is a struct.
struct column_prefix {
  std::size_t column;  // the first one
  std::size_t depth;   // in so many structs
  std::string_view text;
};

/// What stands before a name: the names of the structs around it, from the outside in.
struct outer_names {
  const outer_names* outer;
  std::string_view name;
  bool ends_in_underscore;
  std::size_t depth;
};

struct no_prefixes {
  static constexpr std::span<const column_prefix> list{};
};

// Counts first, and then writes: constant evaluation has no text that lives on.
struct column_name_writer {
  std::span<const column_prefix> prefixes;
  char* text = nullptr;
  std::size_t* ends = nullptr;
  std::size_t size = 0;
  std::size_t column = 0;

  constexpr void put(std::string_view s) {
    for (const char c : s) {
      if (text != nullptr) text[size] = c;
      ++size;
    }
  }

  constexpr void put(const outer_names* outer) {
    if (outer == nullptr) return;
    put(outer->outer);
    put(outer->name);
    if (outer->ends_in_underscore) put("_");
  }

  constexpr outer_names name_part(const outer_names* outer, std::string_view field) const {
    const std::size_t depth = outer == nullptr ? 0 : outer->depth + 1;
    for (const column_prefix& p : prefixes)
      if (p.column == column && p.depth == depth) return {outer, p.text, false, depth};
    return {outer, field, true, depth};
  }

  template <class T>
  constexpr void write(const outer_names* outer) {
    write_fields(outer, field_names<T>, field_types_of<T>{});
  }

  template <class... F>
  constexpr void write_fields(const outer_names* outer,
                              const std::array<std::string_view, sizeof...(F)>& names,
                              field_types<F...>) {
    std::size_t i = 0;
    (write_field<F>(outer, names[i++]), ...);
  }

  template <class F>
  constexpr void write_field(const outer_names* outer, std::string_view name) {
    if constexpr (is_embedded<F>) {
      const outer_names own = name_part(outer, name);
      write<unwrapped<F>>(&own);
    } else {
      put(outer);
      put(name);
      if (ends != nullptr) ends[column] = size;
      ++column;
    }
  }
};

template <std::size_t Columns, std::size_t Size>
struct column_text {
  std::array<char, Size> text{};
  std::array<std::size_t, Columns> ends{};

  constexpr std::array<std::string_view, Columns> names() const {
    std::array<std::string_view, Columns> all{};
    for (std::size_t i = 0; i != Columns; ++i) {
      const std::size_t begin = i == 0 ? 0 : ends[i - 1];
      all[i] = {text.data() + begin, ends[i] - begin};
    }
    return all;
  }
};

template <class T, class Prefixes>
consteval auto make_column_text() {
  constexpr std::size_t size = [] {
    column_name_writer counter{Prefixes::list};
    counter.write<T>(nullptr);
    return counter.size;
  }();
  column_text<column_count<T>, size> made;
  column_name_writer writer{Prefixes::list, made.text.data(), made.ends.data()};
  writer.write<T>(nullptr);
  return made;
}

template <class T, class Prefixes>
inline constexpr auto column_text_of = make_column_text<T, Prefixes>();

template <class T, class Prefixes>
inline constexpr auto names_in_structs = column_text_of<T, Prefixes>.names();

/// The names of the columns in their order. They live for ever.
template <class T, class Prefixes = no_prefixes>
consteval const auto& column_names() {
  if constexpr (has_embedded<T>)
    return names_in_structs<T, Prefixes>;
  else
    return field_names<T>;
}

}  // namespace hewn::detail
