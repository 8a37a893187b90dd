// hewn/schema/ref.hpp - the key of a row of another table, as a type of its own.
// SPDX-License-Identifier: BSL-1.0
//
//     struct comment {
//       std::int64_t id = 0;
//       hewn::ref<ticket> ticket_id;             // NOT NULL, a foreign key to the key of ticket
//       std::optional<hewn::ref<user>> author;
//     };
#pragma once

#include <hewn/fwd.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/types.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

template <class Key, class T>
constexpr Key key_of_row(const T& row);

}  // namespace detail

/// The key of a row of `T`, which mixes with no key of another table. `T` may be incomplete where
/// the field is declared, and may be the struct that has the field; so `Key`, the type of the key
/// of `T`, is named where it is not std::int64_t. As a field it is stored as the key is, and is a
/// foreign key to it. By default it is the key of no row: 0, nil, empty.
template <class T, class Key>
class ref {
 public:
  using record_type = T;
  using key_type = Key;

  constexpr ref() = default;
  constexpr explicit ref(Key key) : key_(std::move(key)) {}

  /// The key of this row.
  // A template, so that braces with fields of a row make none.
  template <std::same_as<T> Row>
  constexpr ref(const Row& row) : key_(detail::key_of_row<Key>(row)) {}

  constexpr const Key& key() const& noexcept { return key_; }
  constexpr Key key() && { return std::move(key_); }

  friend constexpr bool operator==(const ref& a, const ref& b) { return a.key_ == b.key_; }

  friend constexpr auto operator<=>(const ref& a,
                                    const ref& b) requires std::three_way_comparable<Key> {
    return a.key_ <=> b.key_;
  }

 private:
  Key key_{};
};

/// Stored as the key is.
template <class T, class Key>
requires detail::column_value<Key>
struct codec<ref<T, Key>> {
  static constexpr column_type type = column_type_of<Key>();

  static constexpr auto encode(const ref<T, Key>& r) {
    if constexpr (detail::text_like<Key>)
      return std::string_view(r.key());
    else
      return r.key();
  }

  static constexpr ref<T, Key> decode(std::string_view stored) requires detail::text_like<Key> {
    return ref<T, Key>(Key(stored));
  }
  static constexpr ref<T, Key> decode(bytes_view stored) requires detail::bytes_like<Key> {
    const auto* first = reinterpret_cast<const typename Key::value_type*>(stored.data());
    return ref<T, Key>(Key(first, first + stored.size()));
  }
  static constexpr ref<T, Key> decode(Key stored) { return ref<T, Key>(std::move(stored)); }
};

}  // namespace hewn

template <class T, class Key>
struct std::hash<hewn::ref<T, Key>> {
  std::size_t operator()(const hewn::ref<T, Key>& r) const { return std::hash<Key>()(r.key()); }
};
