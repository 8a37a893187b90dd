// hewn/migrate/files/migration_key.hpp - how one migration names another.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hewn {

/// Its version (3), its name (add_users), or both, as its file is called (0003_add_users).
struct migration_key {
  std::int64_t version = 0;  ///< 0: by its name alone
  std::string name = {};     ///< empty: by its version alone

  migration_key() = default;
  migration_key(std::int64_t number) : version(number) {}
  template <std::convertible_to<std::string_view> Text>
  migration_key(const Text& text) {
    read(text);
  }

  /// As messages call it.
  std::string word() const {
    if (name.empty()) return "version " + std::to_string(version);
    return version == 0 ? name : std::to_string(version) + "_" + name;
  }

  bool operator==(const migration_key&) const = default;

 private:
  void read(std::string_view text) {
    std::size_t digits = 0;
    while (digits != text.size() && detail::is_digit(text[digits])) ++digits;
    const bool ends = digits == text.size() || text[digits] == '_';
    if (digits != 0 && digits <= 18 && ends)
      std::from_chars(text.data(), text.data() + digits, version);
    name = version == 0            ? text
           : digits == text.size() ? std::string_view()
                                   : text.substr(digits + 1);
  }
};

}  // namespace hewn
