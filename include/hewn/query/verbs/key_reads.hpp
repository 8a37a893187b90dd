// hewn/query/verbs/key_reads.hpp - the verbs that read rows by their keys.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/rows/ref_key.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/select/joined_query.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/type_erasure/key_verbs.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/many_keys.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace hewn::detail {

template <class Given>
consteval void explain_keyed_read() {
  constexpr bool asks = expression<Given> || rows_query<Given> || result_query<Given> ||
                        row_query<Given> || shape_request<Given>;
  static_assert(!asks,
                "hewn: get() and find() read by key; give a query to first(), one() or all(), "
                "and a key behind that of a shape");
  static_assert(asks,
                "hewn: get() and find() read a row of the struct that they name; write get<T>(key) "
                "or find<T>(key)");
}

template <class Query>
consteval void refuse_key_first() {
  static_assert(sizeof(Query) == 0,
                "hewn: the key of a shape stands behind it; write get(hewn::shape<S>, key)");
}

/// The half of hewn::reads that takes keys.
template <class Driver>
class key_reads {
 public:
  // ---------------------------------------------------------------- read by key

  /// The row with this key, which is the type of its field, or several values in braces. A number
  /// or time that this type cannot hold is the key of no row. Throws: not_found, invalid_data,
  /// schema_mismatch.
  template <class T>
  kept<T> get(plain_key<T> key, call_site site = call_site::current()) const {
    if constexpr (explain_key<T>() && explain_owning<T>()) {
      T row{};
      key_verbs<Driver>::get(turn_, table_of<T>, refer_to_key<T, Driver>(key), &row,
                             reader_of<T, Driver>(), site);
      return row;
    } else {
      return nothing<kept<T>>();
    }
  }

  // The default type takes a key in braces.
  template <class T, loose_key<key_of<T>> K = given_key<key_of<T>>>
  kept<T> get(const K& key, call_site site = call_site::current()) const {
    static_assert(explain_owning<T>());
    const auto& held = hold_key<key_of<T>>(key);
    T row{};
    key_verbs<Driver>::get(turn_, table_of<T>, refer_to_key<T, Driver>(held), &row,
                           reader_of<T, Driver>(), site);
    return row;
  }

  /// The row that a hewn::ref refers to: `db.get(comment.ticket_id)`.
  template <class T = void, ref_to_row<T> R>
  kept<typename R::record_type> get(const R& r, call_site site = call_site::current()) const {
    using row = typename R::record_type;
    if constexpr (explain_ref_of<T, R>())
      return get<row>(r.key(), site);
    else
      return nothing<kept<row>>();
  }

  template <class T>
  kept<T> get(const other_key<key_of<T>>&) const {
    return nothing<kept<T>>();
  }
  template <class T, class A, loose_value B, class... More>
  kept<T> get(const A&, const B&, const More&...) const {
    refuse_loose_keys<A>();
    return nothing<kept<T>>();
  }

  /// The row with this key, or nothing.
  template <class T>
  std::optional<kept<T>> find(plain_key<T> key, call_site site = call_site::current()) const {
    if constexpr (explain_key<T>())
      return find_held<T>(key, site);
    else
      return {};
  }

  template <class T, loose_key<key_of<T>> K = given_key<key_of<T>>>
  std::optional<kept<T>> find(const K& key, call_site site = call_site::current()) const {
    return find_held<T>(hold_key<key_of<T>>(key), site);
  }

  template <class T = void, ref_to_row<T> R>
  std::optional<kept<typename R::record_type>> find(const R& r,
                                                    call_site site = call_site::current()) const {
    using row = typename R::record_type;
    if constexpr (explain_ref_of<T, R>())
      return find<row>(r.key(), site);
    else
      return {};
  }

  template <class T>
  std::optional<kept<T>> find(const other_key<key_of<T>>&) const {
    return {};
  }
  template <class T, class A, loose_value B, class... More>
  std::optional<kept<T>> find(const A&, const B&, const More&...) const {
    refuse_loose_keys<A>();
    return {};
  }

  /// The rows with these keys, which are any range of what get() takes, in any order, by one
  /// statement. A key that has no row has none in the result, and one that is named twice has one.
  template <class T, class Keys>
  std::vector<kept<T>> get_many(const Keys& keys, call_site site = call_site::current()) const {
    std::vector<kept<T>> rows;
    if constexpr (explain_key<T>() && explain_owning<T>() && explain_keys<T, Keys>()) {
      auto lease = open_by_keys<T>(this->connection(site), keys, site);
      collect(lease, table_of<T>, &rows, &read_rows<Driver, T>);
    }
    return rows;
  }

  template <class T>
  std::vector<kept<T>> get_many(std::initializer_list<listed_key<key_of<T>>> keys,
                                call_site site = call_site::current()) const {
    return get_many<T, std::initializer_list<listed_key<key_of<T>>>>(keys, site);
  }

  template <class T, loose_key<key_of<T>> K>
  std::vector<kept<T>> get_many(std::initializer_list<K> keys,
                                call_site site = call_site::current()) const {
    return get_many<T, std::initializer_list<K>>(keys, site);
  }

  /// The rows that a range of hewn::ref refers to.
  template <range_of_refs Refs>
  std::vector<kept<typename range_element<Refs>::record_type>> get_many(
      const Refs& refs, call_site site = call_site::current()) const {
    return get_many<typename range_element<Refs>::record_type, Refs>(refs, site);
  }
  template <class T = void, ref_to_row<T> R>
  std::vector<kept<typename R::record_type>> get_many(std::initializer_list<R> refs,
                                                      call_site site = call_site::current()) const {
    if constexpr (explain_ref_of<T, R>())
      return get_many<typename R::record_type, std::initializer_list<R>>(refs, site);
    else
      return {};
  }

  template <class T, class Value>
  requires(!is_ref<Value> && !std::convertible_to<const Value&, key_of<T>> &&
           !loose_key<Value, key_of<T>>) std::vector<kept<T>> get_many(std::initializer_list<Value>)
  const {
    refuse_other_keys<key_of<T>, Value>();
    return {};
  }

  template <class T>
  std::vector<kept<T>> get_many(const other_keys<key_of<T>>&) const {
    return {};
  }

  // {{"a", "b"}} would be one text from "a" to "b", wherever they are.
  template <class T>
  requires std::same_as<key_of<T>, std::string>
  void get_many(std::initializer_list<other_key<std::string>>) const = delete;

  template <class T, class A, loose_value B, class... More>
  std::vector<kept<T>> get_many(const A&, const B&, const More&...) const {
    refuse_loose_keys<A>();
    return {};
  }

  template <query Query, class Key, class... More>
  kept<typename Query::record_type> get(const Query&, const Key&, const More&...) const {
    explain_keyed_read<Query>();
    return nothing<kept<typename Query::record_type>>();
  }
  template <query Query, class Key, class... More>
  std::optional<kept<typename Query::record_type>> find(const Query&, const Key&,
                                                        const More&...) const {
    explain_keyed_read<Query>();
    return {};
  }

  /// The shape whose root has this key: `db.get(hewn::shape<team_page>, id)`, or several values in
  /// braces. Throws: not_found.
  template <shape_request Query, class Key = braced_key<root_key<Query>>>
  auto get(const Query& query, const Key& key, call_site site = call_site::current()) const {
    return get_shape(turn_, query, without_braces(key), site);
  }

  /// The same, or nothing.
  template <shape_request Query, class Key = braced_key<root_key<Query>>>
  auto find(const Query& query, const Key& key, call_site site = call_site::current()) const {
    return find_shape(turn_, query, without_braces(key), site);
  }

  /// The shapes whose roots have these keys, as get_many() of rows.
  template <shape_request Query, class Keys>
  auto get_many(const Query& query, const Keys& keys, call_site site = call_site::current()) const {
    return get_many_shapes(turn_, query, keys, site);
  }
  template <shape_request Query>
  auto get_many(const Query& query, std::initializer_list<listed_key<root_key<Query>>> keys,
                call_site site = call_site::current()) const {
    return get_many_shapes(turn_, query, keys, site);
  }

  // The key before the shape.
  template <int = 0, class Key, shape_request Query>
  requires(!shape_request<Key>) auto get(const Key&, const Query&) const {
    refuse_key_first<Query>();
    return typename Query::shape_type{};
  }
  template <int = 0, class Key, shape_request Query>
  requires(!shape_request<Key>) auto find(const Key&, const Query&) const {
    refuse_key_first<Query>();
    return std::optional<typename Query::shape_type>();
  }
  template <int = 0, class Keys, shape_request Query>
  requires(!shape_request<Keys>) auto get_many(const Keys&, const Query&) const {
    refuse_key_first<Query>();
    return std::vector<typename Query::shape_type>();
  }

  // What lacks the struct: no get<T>(), for T is no int.
  template <int = 0, class Given>
  requires(!is_ref<Given>) auto get(const Given&, call_site = call_site::current()) const {
    explain_keyed_read<Given>();
    return 0;
  }
  template <int = 0, class Given>
  requires(!is_ref<Given>) auto find(const Given&, call_site = call_site::current()) const {
    explain_keyed_read<Given>();
    return 0;
  }

  // ---------------------------------------------------------------- for the library

  detail::connection<Driver>& connection() const noexcept { return *turn_.held; }

  /// As above, for a verb. Throws: usage for a transaction that is over, or in which another is
  /// open, and for an object that was moved from.
  HEWN_INLINE detail::connection<Driver>& connection(call_site site) const {
    return turn_.take(site);
  }

 protected:
  explicit key_reads(detail::connection<Driver>* c) noexcept : turn_{c} {}

  void set_connection(detail::connection<Driver>* c) noexcept { turn_.held = c; }

  /// For what takes the connection away when the transaction ends.
  detail::connection<Driver>** place_of_connection() noexcept { return &turn_.held; }

  /// Its statements are those of this transaction from now on.
  void set_scope(std::uint64_t scope) noexcept { turn_.scope = scope; }

  const detail::turn<Driver>& turn() const noexcept { return turn_; }

  detail::turn<Driver> turn_;

 private:
  template <class T, class Held>
  std::optional<kept<T>> find_held(const Held& key, call_site site) const {
    std::optional<kept<T>> row;
    if constexpr (explain_owning<T>()) {
      auto lease = open_by_key<T>(this->connection(site), key, site);
      if (!lease.step()) return row;
      check_table_row(lease, table_of<T>);
      read_row(lease, row.emplace());
    }
    return row;
  }
};

}  // namespace hewn::detail
