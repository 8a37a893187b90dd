// hewn/query/shapes/shape_changes.hpp - how two states of related rows differ.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/rows/asked_keys.hpp>
#include <hewn/query/rows/changed_fields.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/shapes/key_match.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Rows that stand somewhere else, as a range for the verbs of many rows.
template <class T>
class row_references {
 public:
  class iterator {
   public:
    using value_type = std::remove_const_t<T>;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using reference = T&;
    using pointer = T*;

    iterator() = default;
    explicit iterator(T* const* at) : at_(at) {}
    T& operator*() const noexcept { return **at_; }
    T* operator->() const noexcept { return *at_; }
    iterator& operator++() noexcept {
      ++at_;
      return *this;
    }
    iterator operator++(int) noexcept { return iterator(at_++); }
    friend bool operator==(const iterator&, const iterator&) = default;

   private:
    T* const* at_ = nullptr;
  };

  void add(T& row) { rows_.push_back(&row); }
  bool empty() const noexcept { return rows_.empty(); }
  std::size_t size() const noexcept { return rows_.size(); }
  iterator begin() const noexcept { return iterator(rows_.data()); }
  iterator end() const noexcept { return iterator(rows_.data() + rows_.size()); }

 private:
  std::vector<T*> rows_;
};

/// Whether the row is new: it has none of the keys that databases and hewn give.
template <class T>
bool is_new_row([[maybe_unused]] const T& row) {
  if constexpr (table_of<T>.assigned_key)
    return get_column<key_of_table<T>[0]>(row) == 0;
  else if constexpr (has_uuid_key<T>())
    return nil_keys(row, std::make_index_sequence<table_of<T>.key.size()>{}) != 0;
  else
    return false;
}

template <class T, std::size_t... K>
auto make_row_key(const T& row, std::index_sequence<K...>) {
  const auto part = []<class F>(const F& field) {
    if constexpr (is_optional<F>)
      return field ? std::optional(match_value(*field)) : std::optional<match_key<F>>();
    else
      return match_value(field);
  };
  return std::tuple(part(get_column<key_of_table<T>[K]>(row))...);
}

/// The primary key, to be compared. Lifetime: texts are those of the row.
template <class T>
auto row_key(const T& row) {
  return make_row_key(row, std::make_index_sequence<table_of<T>.key.size()>{});
}

/// What becomes of the related rows of a field. X: their type, a row or a shape.
template <class X>
struct related_changes {
  std::vector<const X*> removed;
  std::vector<std::pair<const X*, X*>> kept;  // before, after
  std::vector<X*> added;
};

/// Compares by primary keys. Rows of `after` whose key is not there before are new.
template <class X>
related_changes<X> compare_related(const std::vector<const X*>& before,
                                   const std::vector<X*>& after) {
  using root = root_of<X>;
  related_changes<X> changes;
  key_match<decltype(row_key(std::declval<const root&>()))> known;
  known.reserve(before.size());
  for (std::size_t i = 0; i != before.size(); ++i)
    known.add(row_key(root_row(*before[i])), static_cast<std::uint32_t>(i));
  known.sort();
  std::vector<bool> stays(before.size());
  for (X* x : after) {
    const root& row = root_row(*x);
    const std::uint32_t entry = is_new_row(row) ? known.none : known.find(row_key(row));
    if (entry == known.none) {
      changes.added.push_back(x);
      continue;
    }
    const std::uint32_t i = known.entries()[entry].row;
    stays[i] = true;
    changes.kept.emplace_back(before[i], x);
  }
  for (std::size_t i = 0; i != before.size(); ++i)
    if (!stays[i]) changes.removed.push_back(before[i]);
  return changes;
}

/// Finds one of some rows or shapes by its primary key. Lifetime: they stay where they are.
template <class X>
class row_lookup {
 public:
  explicit row_lookup(const std::vector<const X*>& rows) : rows_(rows) {
    known_.reserve(rows.size());
    for (std::size_t i = 0; i != rows.size(); ++i)
      known_.add(row_key(root_row(*rows[i])), static_cast<std::uint32_t>(i));
    known_.sort();
  }

  /// The first with the key of this one, or nullptr; a new row has none.
  const X* find(const X& x) {
    if (known_.empty() || is_new_row(root_row(x))) return nullptr;
    const std::uint32_t entry = known_.find(row_key(root_row(x)));
    return entry == known_.none ? nullptr : rows_[known_.entries()[entry].row];
  }

 private:
  const std::vector<const X*>& rows_;
  key_match<decltype(row_key(root_row(std::declval<const X&>())))> known_;
};

/// Gives a field the value of the other end of its reference.
template <class To, class From>
void copy_key(To& to, const From& from) {
  if constexpr (is_optional<From>) {
    if (from)
      copy_key(to, *from);
    else if constexpr (is_optional<To>)
      to.reset();
  } else if constexpr (is_optional<To>) {
    copy_key(to.emplace(), from);
  } else if constexpr (is_ref<From> && !std::is_same_v<To, From>) {
    copy_key(to, from.key());
  } else if constexpr (is_ref<To> && !std::is_same_v<To, From>) {
    typename To::key_type key{};
    copy_key(key, from);
    to = To(std::move(key));
  } else if constexpr (integer_like<To>) {
    to = static_cast<To>(from);
  } else {
    to = from;
  }
}

/// The same of all fields of the reference.
template <reference_fields To, reference_fields From, class T, class F>
void copy_keys(T& to, const F& from) {
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    (copy_key(get_column<To[K]>(to), get_column<From[K]>(from)), ...);
  }
  (std::make_index_sequence<To.size>{});
}

/// Whether the fields of two rows are those of one reference: all have the same values, and none
/// is NULL.
template <reference_fields A, reference_fields B, class T, class U>
bool have_one_key(const T& a, const U& b) {
  bool same = false;
  row_fields<T, A>::with_key(a, [&](const auto& one) {
    row_fields<U, B>::with_key(b, [&](const auto& other) { same = one == other; });
  });
  return same;
}

}  // namespace hewn::detail
