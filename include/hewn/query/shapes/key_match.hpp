// hewn/query/shapes/key_match.hpp - finds the rows that have a key.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/codec.hpp>
#include <hewn/schema/ref.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// The form in which values of two fields are compared: both ends of a reference may be integers of
/// different sizes.
template <class F>
struct match_form {
  using type = F;
};
template <integer_like F>
struct match_form<F> {
  using type = std::int64_t;
};
template <text_like F>
struct match_form<F> {
  using type = std::string_view;
};
template <class T, class Key>
struct match_form<ref<T, Key>> : match_form<Key> {};

template <class F>
using match_key = typename match_form<unwrapped<F>>::type;

template <class F>
match_key<F> match_value(const F& field) {
  if constexpr (is_ref<F>)
    return match_value(field.key());
  else
    return match_key<F>(field);
}

/// Calls `use(key)` unless the field is NULL. A text stays that of the field.
template <class F, class Use>
void with_match_key(const F& field, Use use) {
  if constexpr (is_optional<F>) {
    if (field) with_match_key(*field, use);
  } else {
    use(match_value(field));
  }
}

/// What rows are matched by: the value of a field, or those of several.
template <class... F>
struct key_form {
  using type = std::tuple<match_key<F>...>;
};
template <class F>
struct key_form<F> {
  using type = match_key<F>;
};
template <class... F>
using key_of_fields = typename key_form<F...>::type;

template <class F>
constexpr bool is_there(const F& field) {
  if constexpr (is_optional<F>)
    return field.has_value();
  else
    return true;
}

template <class F>
match_key<F> match_present(const F& field) {
  if constexpr (is_optional<F>)
    return match_value(*field);
  else
    return match_value(field);
}

/// Calls `use(key)` with the key that the fields make unless one of them is NULL: then they refer
/// to nothing. Texts stay those of the fields.
template <class Use, class... F>
void with_match_keys(Use use, const F&... fields) {
  if constexpr (sizeof...(F) == 1)
    (with_match_key(fields, use), ...);
  else if ((is_there(fields) && ...))
    use(key_of_fields<F...>(match_present(fields)...));
}

/// Keys with the numbers of the rows that have them. Several rows may have one key.
template <class Key>
class key_match {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  struct entry {
    Key key;
    std::uint32_t row;
  };

  void reserve(std::size_t rows) { entries_.reserve(rows); }
  void add(const Key& key, std::uint32_t row) { entries_.push_back({key, row}); }

  /// To be called when all are there.
  void sort() {
    const auto before = [](const entry& a, const entry& b) { return a.key < b.key; };
    if (!std::is_sorted(entries_.begin(), entries_.end(), before))
      std::stable_sort(entries_.begin(), entries_.end(), before);
    if constexpr (std::same_as<Key, std::int64_t>) place_dense();
  }

  bool empty() const noexcept { return entries_.empty(); }
  const std::vector<entry>& entries() const noexcept { return entries_; }

  /// The first entry with the key, or none. Rows often come in runs of one key.
  std::uint32_t find(const Key& key) {
    if (last_ != none && entries_[last_].key == key) return last_;
    if constexpr (std::same_as<Key, std::int64_t>)
      if (!places_.empty()) {
        const auto at = static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(first_);
        if (at >= places_.size() || places_[at] == none) return none;
        return last_ = places_[at];
      }
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), key,
                                     [](const entry& e, const Key& k) { return e.key < k; });
    if (at == entries_.end() || key < at->key) return none;
    return last_ = static_cast<std::uint32_t>(at - entries_.begin());
  }

  /// Calls `use(row)` for every row with the key of this entry.
  template <class Use>
  void for_rows_of(std::uint32_t first, Use use) const {
    for (std::size_t i = first; i != entries_.size() && !(entries_[first].key < entries_[i].key);
         ++i)
      use(entries_[i].row);
  }

 private:
  // Keys that the database has counted out lie close together: then each has a place of its own.
  void place_dense() {
    if (entries_.empty()) return;
    first_ = entries_.front().key;
    const auto span =
        static_cast<std::uint64_t>(entries_.back().key) - static_cast<std::uint64_t>(first_);
    if (span >= 4 * static_cast<std::uint64_t>(entries_.size()) + 16) return;
    places_.assign(static_cast<std::size_t>(span) + 1, none);
    for (std::size_t i = entries_.size(); i-- != 0;)
      places_[static_cast<std::size_t>(entries_[i].key - first_)] = static_cast<std::uint32_t>(i);
  }

  std::vector<entry> entries_;
  std::vector<std::uint32_t> places_;
  std::int64_t first_ = 0;
  std::uint32_t last_ = none;
};

}  // namespace hewn::detail
