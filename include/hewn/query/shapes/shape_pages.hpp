// hewn/query/shapes/shape_pages.hpp - shapes page by page, batch by batch and one by one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/snapshot.hpp>
#include <hewn/query/pages/batches.hpp>
#include <hewn/query/pages/cursor.hpp>
#include <hewn/query/pages/find_page.hpp>
#include <hewn/query/pages/numbered_page.hpp>
#include <hewn/query/rows/one_pass.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/shapes/load_relation.hpp>
#include <hewn/query/shapes/read_shapes.hpp>
#include <hewn/query/shapes/relation_fault.hpp>
#include <hewn/query/verbs/reads.hpp>
#include <hewn/reflect/fields.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

/// Shapes with these roots, and what belongs to them.
template <class Query, class Root, class Driver>
auto shapes_with(connection<Driver>& c, const Query& query, std::vector<Root>&& roots,
                 const call_site& site) {
  using S = typename Query::shape_type;
  std::vector<S> shapes(roots.size());
  for (std::size_t i = 0; i != roots.size(); ++i) get_field<0>(shapes[i]) = std::move(roots[i]);
  load_relations(shape_reading<Driver>{c, site}, query, addresses_of(shapes), rows_read::some);
  return shapes;
}

template <class To, class From>
std::optional<cursor<To>> cursor_of(const std::optional<cursor<From>>& place) {
  if (!place) return std::nullopt;
  return cursor<To>(place->text());
}

}  // namespace detail

/// A page of shapes: find_page() of their roots, with what belongs to them, on one snapshot.
template <class Driver, detail::shape_request Query>
page<typename Query::shape_type> find_page(
    const reads<Driver>& db, const Query& query,
    const page_request<typename Query::shape_type>& request = {},
    call_site site = call_site::current()) {
  using S = typename Query::shape_type;
  using root = detail::root_of<S>;
  page<S> found{};
  if constexpr (detail::explain_shapes<Query>()) {
    const detail::call_scope at(site);
    detail::connection<Driver>& c = db.connection(site);
    detail::snapshot<Driver> one(c, true, site);
    auto roots = find_page(db, query.root(),
                           page_request<root>{.size = request.size,
                                              .after = detail::cursor_of<root>(request.after),
                                              .before = detail::cursor_of<root>(request.before),
                                              .last = request.last,
                                              .key = request.key,
                                              .every_cursor = request.every_cursor},
                           site);
    found.rows = detail::shapes_with(c, query, std::move(roots.rows), site);
    found.previous = detail::cursor_of<S>(roots.previous);
    found.next = detail::cursor_of<S>(roots.next);
    for (const auto& place : roots.cursors) found.cursors.emplace_back(place.text());
    one.end(site);
  }
  return found;
}

/// A page of shapes by its number, as find_numbered_page() of their roots.
template <class Driver, detail::shape_request Query>
numbered_page<typename Query::shape_type> find_numbered_page(
    const reads<Driver>& db, const Query& query, const page_number& wanted = {},
    call_site site = call_site::current()) {
  using S = typename Query::shape_type;
  numbered_page<S> found{{}, wanted.number, wanted.size, false, std::nullopt};
  if constexpr (detail::explain_shapes<Query>()) {
    const detail::call_scope at(site);
    detail::connection<Driver>& c = db.connection(site);
    detail::snapshot<Driver> one(c, true, site);
    auto roots = find_numbered_page(db, query.root(), wanted, site);
    found.rows = detail::shapes_with(c, query, std::move(roots.rows), site);
    found.has_next = roots.has_next;
    found.total = roots.total;
    one.end(site);
  }
  return found;
}

/// Shapes and how many there are without limit() and offset(), as find_and_count() of their roots.
template <class Driver, detail::shape_request Query>
rows_and_count<typename Query::shape_type> find_and_count(const reads<Driver>& db,
                                                          const Query& query,
                                                          call_site site = call_site::current()) {
  using S = typename Query::shape_type;
  rows_and_count<S> found;
  if constexpr (detail::explain_shapes<Query>()) {
    const detail::call_scope at(site);
    detail::connection<Driver>& c = db.connection(site);
    detail::snapshot<Driver> one(c, true, site);
    auto roots = find_and_count(db, query.root(), site);
    found.rows = detail::shapes_with(c, query, std::move(roots.rows), site);
    found.count = roots.count;
    one.end(site);
  }
  return found;
}

/// The batches of a query of shapes, for one pass; see hewn::batches().
template <class Query, class Driver, class Roots>
class shape_batches {
  friend class detail::one_pass_iterator<shape_batches>;

 public:
  using shape_type = typename Query::shape_type;
  using value_type = std::vector<shape_type>;
  using iterator = detail::one_pass_iterator<shape_batches>;

  shape_batches(const reads<Driver>& db, Query query, Roots roots, call_site site)
      : db_(&db), query_(std::move(query)), roots_(std::move(roots)), site_(site) {}

  /// Reads the first batch.
  iterator begin() {
    at_ = roots_.begin();
    take();
    return iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  value_type& current() noexcept { return shapes_; }
  bool ended() const noexcept { return shapes_.empty(); }

  void advance() {
    shapes_.clear();
    ++at_;
    take();
  }

  void take() {
    if (at_ == roots_.end()) return;
    detail::connection<Driver>& c = db_->connection(site_);
    const detail::call_scope at(site_);
    detail::snapshot<Driver> one(c, field_count<shape_type> > 2, site_);
    shapes_ = detail::shapes_with(c, query_, std::move(*at_), site_);
    one.end(site_);
  }

  const reads<Driver>* db_;
  Query query_;
  Roots roots_;
  call_site site_;
  typename Roots::iterator at_{};
  std::vector<shape_type> shapes_{};
};

/// Shapes `size` at a time, as batches() of their roots. Each batch has its own snapshot of what
/// belongs to the roots, which may be later than the one of the roots.
template <class Driver, detail::shape_request Query>
auto batches(const reads<Driver>& db HEWN_LIFETIMEBOUND, const Query& query, std::int64_t size,
             call_site site = call_site::current()) {
  if constexpr (detail::explain_shapes<Query>()) {
    auto roots = batches(db, query.root(), size, site);
    return shape_batches<Query, Driver, decltype(roots)>(db, query, std::move(roots), site);
  } else {
    return std::vector<std::vector<typename Query::shape_type>>();
  }
}

/// Shapes one by one, for one pass: `for (const team_page& page :
/// db.each(hewn::shape<team_page>))`. They are read some hundred at a time, as by batches(), and
/// that many are in memory. Lifetime: the database outlives the range.
template <class Batches>
class shape_range {
  friend class detail::one_pass_iterator<shape_range>;

 public:
  using value_type = typename Batches::shape_type;
  using iterator = detail::one_pass_iterator<shape_range>;

  explicit shape_range(Batches batches) : batches_(std::move(batches)) {}

  /// Reads the first shapes.
  iterator begin() {
    batch_ = batches_.begin();
    next_ = 0;
    return iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  value_type& current() noexcept { return (*batch_)[next_]; }
  bool ended() const noexcept { return batch_ == std::default_sentinel; }

  void advance() {
    if (++next_ != batch_->size()) return;
    ++batch_;
    next_ = 0;
  }

  Batches batches_;
  typename Batches::iterator batch_{};
  std::size_t next_ = 0;
};

namespace detail {

inline constexpr std::int64_t shapes_at_once = 256;

template <shape_request Query, class Driver>
auto each_shape(const reads<Driver>& db, const Query& query, const call_site& site) {
  if constexpr (explain_shapes<Query>()) {
    auto all = batches(db, query, shapes_at_once, site);
    return shape_range<decltype(all)>(std::move(all));
  } else {
    return std::vector<typename Query::shape_type>();
  }
}

}  // namespace detail
}  // namespace hewn
