// hewn/reflect/field_text.hpp - the names of fields out of what a compiler prints for them.
// SPDX-License-Identifier: BSL-1.0
//
// Boost.PFR prints each field by four functions of its own, 2 ms a field. Here the addresses of all
// of them are the template arguments of one function. g++ prints
//     {field_address{((const void*)(& probe<T>.value.T::id))}, field_address{((const void*)(& ...
// and clang `<{&probe.value.id}, {&probe.value.title}>`. What stands before a name has one length
// for all fields of a struct, and so has what stands behind it. Where a compiler prints something
// else, the names that are found are not Boost.PFR's, which are taken then.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hewn::detail {

template <std::size_t Count>
struct field_addresses {
  const void* at[Count == 0 ? 1 : Count];
};

struct field_address {
  const void* at;
};

// auto, because g++ ends its line with what std::string_view stands for.
template <field_address... Addresses>
consteval auto signature_of() {
  return std::string_view(__PRETTY_FUNCTION__);
}

constexpr bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

constexpr std::size_t start_of_name(std::string_view signature, std::size_t end) {
  while (end != 0 && is_name_character(signature[end - 1])) --end;
  return end;
}

/// The names in the signature for all fields; `last`: the signature for the last field alone. They
/// are found from the last to the first, each by the one behind it, so that they are right where
/// the first is.
template <std::size_t Count>
consteval std::array<std::string_view, Count> find_names(std::string_view all,
                                                         std::string_view last) {
  std::size_t end = last.size();
  while (!is_name_character(last[end - 1])) --end;
  const std::size_t before = start_of_name(last, end) - (last.find("= ") + 3);
  const std::size_t behind = last.size() - end - 2;  // without what closes the list
  std::array<std::string_view, Count> names{};
  end = all.size() - 2 - behind;
  for (std::size_t i = Count; i-- != 0;) {
    if (end > all.size()) return {};  // less than nothing
    const std::size_t name = start_of_name(all, end);
    names[i] = all.substr(name, end - name);
    end = i == 0 ? 0 : name - before - 2 - behind;
  }
  return names;
}

template <std::size_t Count>
constexpr std::size_t total_size(const std::array<std::string_view, Count>& names) {
  std::size_t total = 0;
  for (const std::string_view name : names) total += name.size();
  return total;
}

template <std::size_t Size, std::size_t Count>
struct field_text {
  std::array<char, Size> characters{};
  std::array<std::size_t, Count> sizes{};

  constexpr std::array<std::string_view, Count> names() const {
    std::array<std::string_view, Count> out{};
    const char* next = characters.data();
    for (std::size_t i = 0; i != Count; next += sizes[i++]) out[i] = {next, sizes[i]};
    return out;
  }
};

template <std::size_t Size, std::size_t Count>
consteval field_text<Size, Count> copy_names(const std::array<std::string_view, Count>& names) {
  field_text<Size, Count> out;
  std::size_t next = 0;
  for (std::size_t i = 0; i != Count; ++i) {
    out.sizes[i] = names[i].size();
    for (const char c : names[i]) out.characters[next++] = c;
  }
  return out;
}

}  // namespace hewn::detail
