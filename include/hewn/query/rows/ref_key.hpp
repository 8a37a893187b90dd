// hewn/query/rows/ref_key.hpp - keys that verbs are given as hewn::ref.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/ref.hpp>
#include <hewn/schema/ref_clauses.hpp>

#include <concepts>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Whether a verb about rows of `T`, or of `void` where it does not name them, takes this ref.
template <class T, class Ref>
consteval bool explain_ref_of() {
  using target = typename Ref::record_type;
  constexpr bool own = std::is_void_v<T> || std::same_as<T, target>;
  static_assert(own,
                "hewn: this is the key of another table than the verb is about; give it a "
                "hewn::ref of that table, or name the struct that the ref is of");
  if constexpr (own)
    return explain_ref_target<typename Ref::key_type, target>();
  else
    return false;
}

/// A ref that a verb takes as what it holds. A table whose own key is a ref has it as it is.
template <class R, class T>
concept ref_to_row = is_ref<R> && !std::same_as<R, key_of<T>>;

template <class Range>
using range_element = std::remove_cvref_t<decltype(*std::declval<const Range&>().begin())>;

/// A range of refs, by which a verb knows the struct.
template <class Range>
concept range_of_refs = requires(const Range& range) {
  range.begin();
  range.end();
  requires is_ref<range_element<Range>>;
};

/// A ref with the line of the call, for verbs whose last parameters are a pack.
template <class T>
struct located_ref {
  key_of<T> value;
  call_site site;

  template <ref_to_row<T> R>
  located_ref(const R& r, call_site where = call_site::current())
      : value(take_key(r)), site(where) {}

 private:
  template <class R>
  static key_of<T> take_key(const R& r) {
    if constexpr (explain_ref_of<T, R>())
      return r.key();
    else
      return key_of<T>{};
  }
};

}  // namespace hewn::detail
