// tests/live/soft_delete_joins_test.cpp - a query over removed rows is one over rows that are gone.
// SPDX-License-Identifier: BSL-1.0
//
// Two databases have the same rows. In one some are removed and kept, in the other these are
// deleted. Every query and every change by a query has to come to the same in both.
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using hewn::col;
using hewn::count;
using hewn::exists;
using hewn::from;
using hewn::row_of;
using hewn::scalar;
using hewn::sum;

namespace {

struct crate {
  std::int64_t id = 0;
  std::optional<std::int64_t> x;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("crates").given_key().soft_delete<&crate::removed_at>();
  }
};

struct item {
  std::int64_t id = 0;
  std::optional<std::int64_t> crate_id;
  std::int64_t x = 0;
  std::optional<hewn::timestamp> gone;
  static consteval auto table() {
    return hewn::table("items").given_key().soft_delete<&item::gone>();
  }
};

/// Its removed rows are gone.
struct label {
  std::int64_t id = 0;
  std::int64_t x = 0;
  static consteval auto table() { return hewn::table("labels").given_key(); }
};

/// What queries that stand for tables select.
struct total {
  std::int64_t crate = 0;
  std::optional<std::int64_t> sum;
};

struct chain {
  std::int64_t id = 0;
  std::int64_t depth = 0;
};

using other = hewn::alias<crate, "other">;
using number = std::optional<std::int64_t>;
using triple = std::tuple<number, number, number>;

/// The same rows twice.
struct twin_databases {
  support::database kept = support::open_new();
  support::database gone = support::open_new();
  std::mt19937 random;

  explicit twin_databases(unsigned seed) : random(seed) {
    hewn::sync<crate, item, label>(kept);
    hewn::sync<crate, item, label>(gone);
    const auto below = [&](std::int64_t end) {
      return static_cast<std::int64_t>(random() % static_cast<unsigned>(end));
    };
    const auto maybe = [&](std::int64_t end) { return below(4) == 0 ? number() : below(end); };
    std::vector<crate> crates;
    for (std::int64_t id = 1; id <= 6; ++id) crates.push_back({id, maybe(3), {}});
    std::vector<item> items;
    for (std::int64_t id = 1; id <= 8; ++id) items.push_back({id, maybe(8), below(3), {}});
    std::vector<label> labels;
    for (std::int64_t id = 1; id <= 4; ++id) labels.push_back({id, below(3)});
    for (auto* const db : {&kept, &gone}) {
      db->insert_many(std::as_const(crates));
      db->insert_many(std::as_const(items));
      db->insert_many(std::as_const(labels));
    }
    const std::int64_t share = below(3) + 1;
    for (const crate& row : crates)
      if (below(4) < share) kept.remove(row), remove_really(row);
    for (const item& row : items)
      if (below(4) < share) kept.remove(row), remove_really(row);
  }

  void remove_really(const crate& row) {
    gone.execute(hewn::sql<"DELETE FROM crates WHERE id = ?">, row.id);
  }
  void remove_really(const item& row) {
    gone.execute(hewn::sql<"DELETE FROM items WHERE id = ?">, row.id);
  }

  template <class Ask>
  void check(Ask ask) {
    auto left = ask(kept), right = ask(gone);
    std::sort(left.begin(), left.end());
    std::sort(right.begin(), right.end());
    CHECK(left == right);
  }

  /// Of a query of several tables.
  template <class Query>
  void check_query(const Query& query) {
    check([&](const auto& db) { return db.all(query); });
    CHECK(kept.count(query) == gone.count(query));
    CHECK(kept.exists(query) == gone.exists(query));
  }

  template <class T>
  void check_rows() {
    check([](const auto& db) { return db.all(from<T>.select(col<&T::id>, col<&T::x>)); });
  }
};

template <std::size_t Kind, class U, class Query, class On>
auto joined(const Query& query, const On& on) {
  if constexpr (Kind == 0)
    return query.template join<U>(on);
  else if constexpr (Kind == 1)
    return query.template left_join<U>(on);
  else if constexpr (Kind == 2)
    return query.template right_join<U>(on);
  else if constexpr (Kind == 3)
    return query.template full_join<U>(on);
  else
    return query.template cross_join<U>();
}

template <std::size_t First, std::size_t Second>
void check_joins(twin_databases& twins) {
  INFO(First << ", " << Second);
  // Both with soft_delete<>, then one of one name again, then one without.
  const auto two = joined<First, item>(from<crate>, col<&item::crate_id> == col<&crate::id>);
  const auto again = joined<Second, other>(two, other::col<&crate::x> == col<&item::x>);
  twins.check_query(
      again.template select<triple>(col<&crate::id>, col<&item::id>, other::col<&crate::id>));
  twins.check_query(
      again.where(col<&crate::x> == 1 || other::col<&crate::x>.is_null() || col<&item::x> == 0)
          .template select<triple>(col<&crate::id>, col<&item::id>, other::col<&crate::id>));
  const auto labelled = joined<Second, label>(two, col<&label::x> == col<&item::x>);
  twins.check_query(
      labelled.template select<triple>(col<&crate::id>, col<&item::id>, col<&label::id>));
  const auto plain_first =
      joined<Second, crate>(joined<First, item>(from<label>, col<&item::x> == col<&label::x>),
                            col<&crate::id> == col<&item::crate_id>);
  twins.check_query(
      plain_first.template select<triple>(col<&crate::id>, col<&item::id>, col<&label::id>));
}

template <std::size_t... Pair>
void check_all_joins(twin_databases& twins, std::index_sequence<Pair...>) {
  (check_joins<Pair / 5, Pair % 5>(twins), ...);
}

}  // namespace

TEST_CASE("joins of every kind read tables without their removed rows") {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    twin_databases twins(seed);
    check_all_joins(twins, std::make_index_sequence<25>());
  }
}

TEST_CASE("queries inside others read tables without their removed rows") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    twin_databases twins(seed);
    const auto ids = from<crate>.select(col<&crate::id>);
    twins.check_rows<crate>();
    twins.check_rows<item>();
    twins.check_query(from<crate>.where(exists(from<item>.correlate<crate>(
                                            col<&item::crate_id> == col<&crate::id>)))
                          .select(col<&crate::id>));
    twins.check_query(from<crate>.where(!exists(from<item>.correlate<crate>(
                                            col<&item::crate_id> == col<&crate::id>)))
                          .select(col<&crate::id>));
    twins.check_query(from<item>.where(col<&item::crate_id>.in(ids)).select(col<&item::id>));
    twins.check_query(from<label>.where(col<&label::id>.in(ids)).select(col<&label::id>));
    twins.check_query(from<label>.select<std::tuple<std::int64_t, number>>(
        col<&label::id>,
        scalar(from<item>.correlate<label>(col<&item::x> == col<&label::x>).select(count()))));
    twins.check_query(ids.union_all(from<item>.select(col<&item::id>)));
    twins.check_query(from<label>.select(col<&label::id>).except(ids));
    twins.check_query(from<label>.select(col<&label::id>).intersect(ids));
    twins.check_query(
        from<item>.group_by(col<&item::crate_id>).having(count() > 1).select<std::tuple<number, number>>(col<&item::crate_id>, sum(col<&item::x>)));
    twins.check_query(from<item>.distinct().select(col<&item::x>));
    twins.check_query(
        from<item>.order_by(col<&item::id>).limit(2).offset(1).select(col<&item::id>));

    const auto totals = from<crate>.left_join<item>(col<&item::crate_id> == col<&crate::id>)
                            .group_by(col<&crate::id>)
                            .select<total>(col<&crate::id>, sum(col<&item::x>));
    twins.check_query(
        from<crate>.join(totals, col<&total::crate> == col<&crate::id>).select<std::tuple<std::int64_t, number>>(col<&crate::id>, col<&total::sum>));
    twins.check_query(
        from<crate>.full_join(totals, col<&total::crate> == col<&crate::x>).select<std::tuple<number, number>>(col<&crate::id>, col<&total::sum>));
    twins.check_query(hewn::with(totals).from<total>().select<std::tuple<number, number>>(
        col<&total::crate>, col<&total::sum>));
    twins.check_query(
        hewn::with_recursive(
            from<crate>.where(col<&crate::id> == 1).select<chain>(col<&crate::id>, col<&crate::id> * 0),
            from<crate>.join<chain>(col<&chain::id> == col<&crate::x>).where(col<&chain::depth> < 3).select<chain>(col<&crate::id>, col<&chain::depth> + 1), 100)
            .from<chain>()
            .select<std::tuple<std::int64_t, std::int64_t>>(col<&chain::id>, col<&chain::depth>));
    hewn::condition<crate, item> either = col<&crate::x> == 1;
    either = either || col<&item::x> == 2;
    for (const bool given : {false, true}) {
      twins.check_query(from<crate>.left_join<item>(col<&item::crate_id> == col<&crate::id>)
                            .where_if(given, either)
                            .select<std::tuple<number, number>>(col<&crate::id>, col<&item::id>));
      twins.check_query(
          from<crate>.left_join_if<item>(given, col<&item::crate_id> == col<&crate::id>).select<std::tuple<number, number>>(col<&crate::id>, col<&item::id>));
    }
  }
}

TEST_CASE("changes by queries read tables without their removed rows") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    twin_databases twins(seed);
    const auto labels = from<item>.select<std::tuple<std::int64_t, std::int64_t>>(
        col<&item::id> + 100, col<&item::x>);
    const auto both = [&](auto change) {
      const std::int64_t changed = change(twins.kept);
      CHECK(changed == change(twins.gone));
      twins.check_rows<crate>();
      twins.check_rows<item>();
      twins.check_rows<label>();
    };
    both([](auto& db) {
      return db.update(from<label>.where(exists(from<crate>.where(col<&crate::id> == 1))),
                       col<&label::x> = scalar(from<item>.select(count())));
    });
    both([](auto& db) {
      return db.update(from<item>.where(col<&item::crate_id>.in(
                           from<crate>.where(col<&crate::x> > 0).select(col<&crate::id>))),
                       col<&item::x> = col<&item::x> + 1);
    });
    both([](auto& db) { return db.template update_all<crate>(col<&crate::x> = 2); });
    both([&](auto& db) {
      return db.template insert_from<&label::id, &label::x>(labels);
    });
    both([](auto& db) {
      return db.remove(
          from<item>.where(!col<&item::crate_id>.in(from<crate>.select(col<&crate::id>))));
    });
    both([](auto& db) {
      return static_cast<std::int64_t>(
          db.claim(from<item>.where(col<&item::x> < 9).order_by(col<&item::id>).limit(2),
                   col<&item::x> = 9)
              .size());
    });
  }
}

TEST_CASE("with_removed() shows the rows of all tables of its query, and of no other") {
  twin_databases twins(3);
  auto& db = twins.kept;
  const auto cross = from<crate>.cross_join<item>();
  CHECK(db.count(cross.with_removed().select(col<&crate::id>)) == 48);
  CHECK(db.count(from<crate>.with_removed().cross_join<item>().select(col<&crate::id>)) == 48);
  CHECK(db.count(cross.select(col<&crate::id>)) == db.count<crate>() * db.count<item>());
  CHECK(
      db.count(
          from<crate>.with_removed().full_join<item>(col<&item::id> == col<&crate::id>).select<number>(col<&crate::id>)) ==
      8);
  CHECK(
      db.one(
          from<label>.where(col<&label::id> == 1).with_removed().select(scalar(from<crate>.select(count())))) ==
      db.count<crate>());
  CHECK(
      db.one(
          from<label>.where(col<&label::id> == 1).select(scalar(from<crate>.with_removed().select(count())))) ==
      6);
  CHECK(
      db.all(
            from<crate>.with_removed().select(col<&crate::id>).union_all(from<item>.select(col<&item::id>)))
          .size() == 6 + static_cast<std::size_t>(db.count<item>()));
  // What a query that stands for a table has selected is shown.
  const auto all = from<crate>.with_removed().select<total>(col<&crate::id>, col<&crate::x>);
  CHECK(db.count(hewn::with(all).from<total>().select(col<&total::crate>)) == 6);
  CHECK(db.count(
            from<crate>.join(all, col<&total::crate> == col<&crate::id>).select(col<&crate::id>)) ==
        db.count<crate>());
}
