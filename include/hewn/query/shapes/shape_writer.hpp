// hewn/query/shapes/shape_writer.hpp - writes shapes and what has changed of them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/rows/changed_fields.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/shapes/filled_references.hpp>
#include <hewn/query/shapes/links.hpp>
#include <hewn/query/shapes/moved_rows.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/shape_changes.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/query/shapes/sibling_lists.hpp>
#include <hewn/query/type_erasure/row_version.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Whether the rows of the table between have its two references for a key.
template <class Relation>
consteval bool has_link_key() {
  using by = rows_by<Relation>;
  return is_link_key<typename Relation::link>(by::path.link_near, by::path.link_far);
}

/// Whether the links of all lists that a shape holds can be removed.
template <class Query, std::size_t I = 1>
consteval bool has_removable_links() {
  using S = typename Query::shape_type;
  if constexpr (I == field_count<S>) {
    return true;
  } else {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value) {
      if constexpr (shape_request<typename found::query>)
        if constexpr (!has_removable_links<typename found::query>()) return false;
      if constexpr (found::is_linked)
        if constexpr (!has_link_key<found>()) return false;
    }
    return has_removable_links<Query, I + 1>();
  }
}

/// Writes shapes in a transaction.
template <class Tx>
struct shape_writer {
  Tx& tx;
  call_site site;

  // ---------------------------------------------------------------- new ones

  /// Stores new rows with what belongs to them. Their keys are filled in.
  template <class X, class Query>
  void insert(const Query& query, const std::vector<X*>& all) {
    if (all.empty()) return;
    if constexpr (is_shape<X>) {
      for_fields<X>([&]<std::size_t I>() { insert_targets<I>(query, all); });
      for_fields<X>([&]<std::size_t I>() { check_targets<I, Query>(all); });
      insert_rows(all);
      for_fields<X>([&]<std::size_t I>() { insert_related<I>(query, all); });
    } else {
      insert_rows(all);
    }
  }

  // ---------------------------------------------------------------- changed ones

  template <class X>
  using states = std::vector<std::pair<const X*, X*>>;

  /// Makes of the rows before, which are stored, those after.
  template <class X, class Query>
  void update(const Query& query, const states<X>& all) {
    if (all.empty()) return;
    if constexpr (is_shape<X>) {
      for_fields<X>([&]<std::size_t I>() { update_targets<I>(query, all); });
      for_fields<X>([&]<std::size_t I>() { check_new_targets<I, Query>(all); });
      update_rows(all);
      for_fields<X>([&]<std::size_t I>() { update_related<I>(query, all); });
    } else {
      update_rows(all);
    }
  }

  /// The same of one field. Of the roots, which differ in nothing else, references are written.
  template <std::size_t I, class X, class Query>
  void update_field(const Query& query, const states<X>& all) {
    if constexpr (has_target<relation_in<I, X, Query>>()) {
      update_targets<I>(query, all);
      for (const auto& [before, after] : all)
        tx.update(std::as_const(root_row(*before)), root_row(*after), site);
    }
    update_related<I, true>(query, all);
  }

  // ---------------------------------------------------------------- removed ones

  /// Removes rows, and before them what belongs to them alone.
  template <class X, class Query>
  void remove(const Query& query, const std::vector<const X*>& all) {
    if (all.empty()) return;
    if constexpr (is_shape<X>)
      for_fields<X>([&]<std::size_t I>() { remove_related<I>(query, all); });
    remove_rows(all);
  }

 private:
  template <class X>
  void insert_rows(const std::vector<X*>& all) {
    row_references<root_of<X>> rows;
    for (X* x : all) rows.add(root_row(*x));
    tx.insert_many(rows, site);
  }

  template <class X>
  void remove_rows(const std::vector<const X*>& all) {
    row_references<const root_of<X>> rows;
    for (const X* x : all) rows.add(root_row(*x));
    tx.remove_many(rows, site);
  }

  template <class X>
  void update_rows(const states<X>& all) {
    row_references<root_of<X>> rows;
    for (const auto& [before, after] : all)
      if (changed_fields(root_row(std::as_const(*before)), root_row(std::as_const(*after))).any())
        rows.add(root_row(*after));
    if (!rows.empty()) tx.update_many(rows, site);
  }

  // Rows to which the roots refer: they have to be there first.
  template <std::size_t I, class S, class Query>
  void insert_targets(const Query& query, const std::vector<S*>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value && found::form != relation_form::many) {
      using way = rows_by<found>;
      if constexpr (way::refers) {
        std::vector<typename found::element*> added;
        for (S* s : all)
          for_each_related(get_field<I>(*s), [&](auto& x) {
            if (is_new_row(root_row(x))) added.push_back(&x);
          });
        insert(query_of<I, found>(query), added);
        for (S* s : all) for_each_related(get_field<I>(*s), [&](auto& x) { refer<way>(*s, x); });
      }
    }
  }

  template <std::size_t I, class S, class Query>
  void update_targets(const Query& query, const states<S>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value && found::form != relation_form::many) {
      using way = rows_by<found>;
      if constexpr (way::refers) {
        using element = typename found::element;
        std::vector<const element*> before;
        std::vector<element*> after;
        for (const auto& [old, now] : all) {
          for_each_related(get_field<I>(*old), [&](const element& x) { before.push_back(&x); });
          for_each_related(get_field<I>(*now), [&](element& x) { after.push_back(&x); });
        }
        const related_changes<element> changes = compare_related(before, after);
        std::vector<element*> added;
        for (element* x : changes.added)
          if (is_new_row(root_row(*x))) added.push_back(x);
        insert(query_of<I, found>(query), added);
        update(query_of<I, found>(query), changes.kept);
        for (const auto& [old, now] : all) refer_if_other<I, way>(*old, *now);
      }
    }
  }

  template <class Way, class S, class X>
  static void refer(S& s, const X& x) {
    copy_keys<Way::path.near, Way::path.far>(root_row(s), root_row(x));
  }

  // References that have a column in common: the last has filled it in for all.
  template <std::size_t I, class Query, class S>
  void check_targets(const std::vector<S*>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (has_target<found>())
      for (const S* s : all)
        for_each_related(get_field<I>(*s), [&](const auto& x) {
          check_reference<typename found::root, rows_by<found>::path.near,
                          rows_by<found>::path.far>(root_row(*s), root_row(x), site);
        });
  }

  template <std::size_t I, class Query, class S>
  void check_new_targets(const states<S>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (has_target<found>()) {
      using way = rows_by<found>;
      for (const auto& [old, now] : all) {
        const auto* const to = row_in(get_field<I>(std::as_const(*now)));
        if (to != nullptr && is_referred_anew<way, Query>(*old, std::as_const(*now)))
          check_reference<typename found::root, way::path.near, way::path.far>(
              root_row(std::as_const(*now)), *to, site);
      }
    }
  }

  // The reference itself counts where the row that the field holds is the one from before.
  template <std::size_t I, class Way, class S>
  void refer_if_other(const S& before, S& after) {
    const auto* const now = row_in(get_field<I>(std::as_const(after)));
    if (!is_other_target<Way>(row_in(get_field<I>(before)), now)) return;
    if (now == nullptr)
      refer_to_nothing<Way>(root_row(after), site);
    else
      [&]<std::size_t... K>(std::index_sequence<K...>) {
        (refer_by<Way, K>(root_row(after), *now, site), ...);
      }
    (std::make_index_sequence<Way::columns>{});
  }

  // Rows that refer to the roots, or are linked to them.
  template <std::size_t I, class S, class Query>
  void insert_related(const Query& query, const std::vector<S*>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value) {
      using way = rows_by<found>;
      if constexpr (!way::refers) {
        using element = typename found::element;
        std::vector<element*> added;
        for (S* s : all)
          for_each_related(get_field<I>(*s), [&](element& x) {
            if constexpr (!way::is_linked) belong<way>(x, *s);
            if (!way::is_linked || is_new_row(root_row(x))) added.push_back(&x);
          });
        insert(query_of<I, found>(query), added);
        if constexpr (!way::is_linked)
          for (const S* s : all)
            for_each_related(get_field<I>(*s), [&](const auto& x) { check_owned<way>(x, *s); });
        if constexpr (way::is_linked)
          for (S* s : all) {
            std::vector<element*> linked;
            for (element& x : get_field<I>(*s)) linked.push_back(&x);
            link<found, way>(*s, linked);
          }
      }
    }
  }

  // `Alone`: other fields are not saved.
  template <std::size_t I, bool Alone = false, class S, class Query>
  void update_related(const Query& query, const states<S>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value) {
      using way = rows_by<found>;
      if constexpr (!way::refers) {
        if constexpr (way::is_linked)
          update_linked<I, found, way>(query, all);
        else
          update_owned<I, Alone, found, way>(query, all);
      }
    }
  }

  // A state without a shape before is of a new one, and without a shape after of one that leaves.
  template <std::size_t I, bool Alone, class Relation, class Way, class S, class Query>
  void update_owned(const Query& query, const states<S>& all) {
    using element = typename Relation::element;
    std::vector<const element*> before;
    std::vector<element*> after;
    for (const auto& state : all) {
      if (state.first != nullptr)
        for_each_related(get_field<I>(*state.first),
                         [&](const element& x) { before.push_back(&x); });
      S* const now = state.second;  // clang 14 captures no structured binding
      if (now != nullptr)
        for_each_related(get_field<I>(*now), [&](element& x) {
          belong<Way>(x, *now);
          after.push_back(&x);
        });
    }
    related_changes<element> changes = compare_related(before, after);
    if constexpr (!Alone) settle_with_siblings<I, Query>(all, changes);
    const auto& inner = query_of<I, Relation>(query);
    if constexpr (is_shape<element>)
      if (have_moved_rows<std::remove_cvref_t<decltype(inner)>>(changes)) {
        update_moved(inner, changes);
        return check_all_owned<I, Way>(all);
      }
    // What leaves makes room for what has its unique values now.
    remove(inner, changes.removed);
    update(inner, changes.kept);
    insert(inner, changes.added);
    check_all_owned<I, Way>(all);
  }

  template <std::size_t I, class Way, class S>
  void check_all_owned(const states<S>& all) {
    for (const auto& state : all) {
      const S* const now = state.second;
      if (now != nullptr)
        for_each_related(get_field<I>(*now), [&](const auto& x) { check_owned<Way>(x, *now); });
    }
  }

  // Rows go from one of these shapes to another: old and new parents have to be there meanwhile.
  template <class X, class Query>
  void update_moved(const Query& query, const related_changes<X>& changes) {
    for_fields<X>([&]<std::size_t I>() {
      update_targets<I>(query, changes.kept);
      insert_targets<I>(query, changes.added);
    });
    for_fields<X>([&]<std::size_t I>() {
      check_new_targets<I, Query>(changes.kept);
      check_targets<I, Query>(changes.added);
    });
    update_rows(changes.kept);
    insert_rows(changes.added);
    states<X> all = changes.kept;
    for (X* x : changes.added) all.emplace_back(nullptr, x);
    for (const X* x : changes.removed) all.emplace_back(x, nullptr);
    for_fields<X>([&]<std::size_t I>() { update_related<I>(query, all); });
    remove_rows(changes.removed);
  }

  template <std::size_t I, class Relation, class Way, class S, class Query>
  void update_linked(const Query& query, const states<S>& all) {
    using element = typename Relation::element;
    const auto& inner = query_of<I, Relation>(query);
    for (const auto& [old, now] : all) {
      std::vector<const element*> before;
      std::vector<element*> after, added;
      if (old != nullptr)
        for (const element& x : get_field<I>(*old)) before.push_back(&x);
      if (now != nullptr)
        for (element& x : get_field<I>(*now)) after.push_back(&x);
      const related_changes<element> changes = compare_related(before, after);
      for (element* x : changes.added)
        if (is_new_row(root_row(*x))) added.push_back(x);
      insert(inner, added);
      update(inner, changes.kept);
      const S& root = now != nullptr ? *now : *old;
      unlink<Relation, Way>(root, changes.removed);
      link<Relation, Way>(root, changes.added);
    }
  }

  template <std::size_t I, class S, class Query>
  void remove_related(const Query& query, const std::vector<const S*>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value) {
      using way = rows_by<found>;
      if constexpr (!way::refers) {
        using element = typename found::element;
        related_changes<element> changes;
        states<S> leaving;
        for (const S* s : all) {
          std::vector<const element*> own;
          for_each_related(get_field<I>(*s), [&](const element& x) { own.push_back(&x); });
          if constexpr (way::is_linked)
            unlink<found, way>(*s, own);
          else
            changes.removed.insert(changes.removed.end(), own.begin(), own.end());
          leaving.emplace_back(s, nullptr);
        }
        settle_with_siblings<I, Query>(leaving, changes);
        remove(query_of<I, found>(query), changes.removed);
      }
    }
  }

  template <class Way, class X, class S>
  static void belong(X& x, const S& s) {
    copy_keys<Way::path.far, Way::path.near>(root_row(x), root_row(s));
  }

  // What a row that belongs to the root refers to itself has been filled in after belong().
  template <class Way, class X, class S>
  void check_owned(const X& x, const S& s) {
    check_reference<typename Way::related, Way::path.far, Way::path.near>(root_row(x), root_row(s),
                                                                          site);
  }

  template <class Relation, class Way, class S, class X>
  auto make_link(const S& s, const X& x) {
    using between = typename Relation::link;
    between row{};
    copy_keys<Way::path.link_near, Way::path.near>(row, root_row(s));
    copy_keys<Way::path.link_far, Way::path.far>(row, root_row(x));
    check_reference<between, Way::path.link_near, Way::path.near>(row, root_row(s), site);
    return row;
  }

  template <class Relation, class Way, class S, class X>
  void link(const S& s, const std::vector<X*>& all) {
    using between = typename Relation::link;
    for (std::size_t i = 0; i != all.size(); ++i) {
      const between row = make_link<Relation, Way>(s, *all[i]);
      if (add_link<has_link_key<Relation>()>(tx, row, site)) continue;
      // It is there already, or something else keeps it out, and says so.
      const auto is_same = [&](const X* x) {
        return row_key(root_row(*x)) == row_key(root_row(*all[i]));
      };
      bool there = std::any_of(all.data(), all.data() + i, is_same);
      if constexpr (has_link_key<Relation>())
        there = there || tx.template find<between>(key_of_link(row), site);
      if (!there) tx.insert(row, site);
    }
  }

  template <class Relation, class Way, class S, class X>
  void unlink(const S& s, const std::vector<const X*>& all) {
    using between = typename Relation::link;
    if constexpr (has_link_key<Relation>())
      for (const X* x : all)
        tx.template remove<between>(key_of_link(make_link<Relation, Way>(s, *x)), site);
  }

  template <std::size_t I, class Relation, class Query>
  static const auto& query_of(const Query& query) {
    return Relation::parts::query_in(query.template part<I>());
  }
};

}  // namespace hewn::detail
