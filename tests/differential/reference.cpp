// tests/differential/reference.cpp - how the reference runs a query.
// SPDX-License-Identifier: BSL-1.0
#include "reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace differential {

using hewn::detail::aggregate_function;
using hewn::detail::null_place;
using hewn::detail::query_word;

namespace {

bool is_less(const cells& left, const cells& right) {
  return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                      comes_before);
}

bool is_same(const cells& left, const cells& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), agree);
}

/// Whether every sum of some such numbers is exact, whatever the order.
bool adds_exactly(double v) {
  const double scaled = v * 1024;
  return std::abs(v) < 1e9 && scaled == std::floor(scaled);
}

/// A sum that may leave 64 bits.
class wide_sum {
 public:
  void add(std::int64_t v) {
    low_ += v & 0xffffffff;
    high_ += (v >> 32) + (low_ >> 32);
    low_ &= 0xffffffff;
  }
  bool has_room() const { return high_ == static_cast<std::int32_t>(high_); }
  std::int64_t value() const { return high_ * 0x100000000 + low_; }

 private:
  std::int64_t high_ = 0;
  std::int64_t low_ = 0;
};

cell sum_of_integers(const cells& values) {
  wide_sum above, below, total;
  for (const cell& v : values) {
    (v.number > 0 ? above : below).add(v.number);
    total.add(v.number);
  }
  if (!total.has_room()) return failed(true);
  // SQLite adds one after the other.
  if (!above.has_room() || !below.has_room()) return failed(false);
  return integer(total.value());
}

cell sum_of_reals(const cells& values) {
  double total = 0;
  for (const cell& v : values) {
    if (!adds_exactly(v.real)) return failed(false);
    total += v.real;
  }
  return real(total);
}

cell mean_of(const cells& values) {
  double total = 0;
  for (const cell& v : values) {
    const double number = v.what == kind::real ? v.real : static_cast<double>(v.number);
    if (!adds_exactly(number)) return failed(false);
    total += number;
  }
  return real(total / static_cast<double>(values.size()));
}

template <class Row>
void put(std::vector<joined_row>& out, table t, const std::vector<Row>& rows) {
  for (const Row& row : rows) out.emplace_back().of(t) = &row;
}

std::vector<joined_row> rows_of(table t, const population& rows) {
  std::vector<joined_row> out;
  switch (t) {
    case table::one:
    case table::other:
      put(out, t, rows.things);
      break;
    case table::two:
      put(out, t, rows.parts);
      break;
    case table::paper:
      put(out, t, rows.papers);
      break;
    case table::total:
    case table::again:
      put(out, t, rows.found.totals);
      break;
    case table::extract:
      put(out, t, rows.found.extracts);
      break;
    case table::walk:
      put(out, t, rows.found.walks);
      break;
  }
  return out;
}

joined_row merged(const joined_row& left, const joined_row& right) {
  joined_row both = left;
  for (std::size_t i = 0; i != table_count; ++i)
    if (both.all[i] == nullptr) both.all[i] = right.all[i];
  return both;
}

class runner {
 public:
  runner(const reference_query& query, const population& rows, const joined_row& outer)
      : query_(query), rows_(rows), outer_(outer) {}

  reference_result result() {
    std::vector<joined_row> found = chosen(joined());
    if (query_.is_grouped)
      group(found);
    else
      for (std::size_t i = 0; i != found.size(); ++i)
        emit({.row = found[i], .all = found, .index = i, .rows = &rows_});
    finish();
    return std::move(out_);
  }

 private:
  struct sorted_row {
    cells values;
    cells keys;
  };

  bool holds(const evaluated& condition, const scope& s) {
    const cell c = condition.in(s);
    if (c.is_failed()) out_.uncertain = true;
    return c.is_true();
  }

  std::vector<joined_row> joined() {
    std::vector<joined_row> left = rows_of(query_.first, rows_);
    for (joined_row& row : left) row = merged(row, outer_);
    for (const reference_join& join : query_.joins) left = joined(left, join);
    return left;
  }

  std::vector<joined_row> joined(const std::vector<joined_row>& left, const reference_join& join) {
    const std::vector<joined_row> right = rows_of(join.added, rows_);
    const bool keeps_left =
        join.word == query_word::left_join || join.word == query_word::full_join;
    const bool keeps_right =
        join.word == query_word::right_join || join.word == query_word::full_join;
    std::vector<bool> met(right.size());
    std::vector<joined_row> out;
    for (const joined_row& a : left) {
      bool any = false;
      for (std::size_t i = 0; i != right.size(); ++i) {
        const joined_row pair = merged(a, right[i]);
        if (join.on && !holds(*join.on, {.row = pair, .rows = &rows_})) continue;
        any = met[i] = true;
        out.push_back(pair);
      }
      if (!any && keeps_left) out.push_back(a);
    }
    for (std::size_t i = 0; i != right.size(); ++i)
      if (!met[i] && keeps_right) out.push_back(right[i]);
    return out;
  }

  // PostgreSQL may compute a condition on one table before it joins that, for rows which the join
  // leaves out as well.
  void note_lone_rows(table t) {
    for (const joined_row& row : rows_of(t, rows_))
      for (const evaluated& condition : query_.where)
        holds(condition, {.row = merged(row, outer_), .rows = &rows_});
  }

  std::vector<joined_row> chosen(const std::vector<joined_row>& rows) {
    if (!query_.joins.empty()) note_lone_rows(query_.first);
    for (const reference_join& join : query_.joins) note_lone_rows(join.added);
    std::vector<joined_row> out;
    for (const joined_row& row : rows) {
      bool wanted = true;
      for (const evaluated& condition : query_.where)
        wanted &= holds(condition, {.row = row, .rows = &rows_});
      if (wanted) out.push_back(row);
    }
    return out;
  }

  void group(const std::vector<joined_row>& rows) {
    struct bucket {
      cells keys;
      std::vector<joined_row> rows;
    };
    std::vector<bucket> buckets;
    if (query_.groups.empty()) buckets.emplace_back();
    for (const joined_row& row : rows) {
      cells keys;
      for (const evaluated& g : query_.groups)
        keys.push_back(noted(g.in({.row = row, .rows = &rows_})));
      const auto found = std::find_if(buckets.begin(), buckets.end(),
                                      [&](const bucket& b) { return is_same(b.keys, keys); });
      if (found == buckets.end())
        buckets.push_back({keys, {row}});
      else
        found->rows.push_back(row);
    }
    for (const bucket& b : buckets) {
      const scope s{
          .row = b.rows.empty() ? outer_ : b.rows.front(), .group = b.rows, .rows = &rows_};
      bool wanted = true;
      for (const evaluated& condition : query_.having) wanted &= holds(condition, s);
      if (wanted)
        emit(s);
      else
        // SQLite computes what it then leaves out.
        for (const evaluated& v : query_.values) noted(v.in(s));
    }
  }

  const cell& noted(const cell& c) {
    out_.uncertain |= c.is_failed();
    return c;
  }

  void emit(const scope& s) {
    sorted_row row;
    for (const evaluated& v : query_.values) {
      row.values.push_back(v.in(s));
      if (!row.values.back().is_failed()) continue;
      // Not every row need be computed where some are left out.
      if (row.values.back().certain && !query_.distinct && !query_.limit && query_.offset == 0)
        out_.fails = true;
      else
        out_.uncertain = true;
    }
    for (const reference_order& o : query_.orders) row.keys.push_back(noted(o.key.in(s)));
    sorted_.push_back(std::move(row));
  }

  void finish() {
    out_.fails &= !out_.uncertain;
    if (out_.fails || out_.uncertain) return;
    if (query_.distinct) {
      std::stable_sort(
          sorted_.begin(), sorted_.end(),
          [](const sorted_row& a, const sorted_row& b) { return is_less(a.values, b.values); });
      sorted_.erase(std::unique(sorted_.begin(), sorted_.end(),
                                [](const sorted_row& a, const sorted_row& b) {
                                  return is_same(a.values, b.values);
                                }),
                    sorted_.end());
    }
    out_.in_order = !query_.orders.empty();
    std::stable_sort(
        sorted_.begin(), sorted_.end(), [this](const sorted_row& a, const sorted_row& b) {
          return out_.in_order ? is_before(a.keys, b.keys) : is_less(a.values, b.values);
        });
    const auto skipped = std::min(static_cast<std::size_t>(query_.offset), sorted_.size());
    sorted_.erase(sorted_.begin(), sorted_.begin() + static_cast<std::ptrdiff_t>(skipped));
    if (query_.limit && static_cast<std::size_t>(*query_.limit) < sorted_.size())
      sorted_.resize(static_cast<std::size_t>(*query_.limit));
    for (sorted_row& row : sorted_) out_.rows.push_back(std::move(row.values));
  }

  bool is_before(const cells& left, const cells& right) const {
    return sorts_before(query_.orders, left, right);
  }

  const reference_query& query_;
  const population& rows_;
  const joined_row& outer_;
  std::vector<sorted_row> sorted_;
  reference_result out_;
};

}  // namespace

bool sorts_before(const std::vector<reference_order>& orders, const cells& left,
                  const cells& right) {
  for (std::size_t i = 0; i != left.size(); ++i) {
    const reference_order& o = orders[i];
    const cell &a = left[i], &b = right[i];
    if (a.is_null() != b.is_null()) {
      const bool nulls_first =
          o.nulls == null_place::first || (o.nulls == null_place::smallest && !o.descending);
      return a.is_null() == nulls_first;
    }
    if (a.is_null() || order_of(a, b) == 0) continue;
    return (order_of(a, b) < 0) != o.descending;
  }
  return false;
}

cell aggregated(aggregate_function f, const cells& all) {
  cells values;
  for (const cell& v : all) {
    if (v.is_failed()) return failed(false);
    if (!v.is_null()) values.push_back(v);
  }
  if (f == aggregate_function::count_rows || f == aggregate_function::count)
    return integer(static_cast<std::int64_t>(values.size()));
  std::stable_sort(values.begin(), values.end(), comes_before);
  if (f == aggregate_function::count_distinct) {
    values.erase(std::unique(values.begin(), values.end(), agree), values.end());
    return integer(static_cast<std::int64_t>(values.size()));
  }
  if (values.empty()) return {};
  if (f == aggregate_function::min) return values.front();
  if (f == aggregate_function::max) return values.back();
  if (f == aggregate_function::avg) return mean_of(values);
  // The largest truth is whether any is true.
  if (f == aggregate_function::any_of) return values.back();
  if (f == aggregate_function::all_of) return values.front();
  return values.front().what == kind::real ? sum_of_reals(values) : sum_of_integers(values);
}

reference_result run(const reference_query& query, const population& rows,
                     const joined_row& outer) {
  return runner(query, rows, outer).result();
}

reference_result combined(query_word word, reference_result left, reference_result right) {
  reference_result out;
  out.uncertain = left.uncertain || right.uncertain;
  out.fails = !out.uncertain && (left.fails || right.fails);
  // PostgreSQL need not compute what is left out of the result.
  if (out.fails && word != query_word::union_all) out.fails = false, out.uncertain = true;
  if (out.fails || out.uncertain) return out;
  std::vector<cells>&l = left.rows, &r = right.rows;
  const auto has = [](const std::vector<cells>& rows, const cells& row) {
    return std::any_of(rows.begin(), rows.end(), [&](const cells& x) { return is_same(x, row); });
  };
  if (word == query_word::union_all || word == query_word::union_distinct)
    l.insert(l.end(), r.begin(), r.end());
  for (const cells& row : l) {
    if (word != query_word::union_all && has(out.rows, row)) continue;
    if (word == query_word::intersect && !has(r, row)) continue;
    if (word == query_word::except && has(r, row)) continue;
    out.rows.push_back(row);
  }
  std::stable_sort(out.rows.begin(), out.rows.end(), is_less);
  return out;
}

cell exists_in(const reference_query& query, const scope& s) {
  const reference_result found = run(query, *s.rows, s.row);
  return found.uncertain || found.fails ? failed(false) : truth(!found.rows.empty());
}

cell scalar_of(const reference_query& query, const scope& s) {
  const reference_result found = run(query, *s.rows, s.row);
  if (found.uncertain || found.fails) return failed(false);
  return found.rows.empty() ? cell() : found.rows.front().front();
}

cell among_rows(const cell& value, const reference_query& query, const scope& s, bool opposite) {
  const reference_result found = run(query, *s.rows, s.row);
  if (value.is_failed() || found.uncertain || found.fails) return failed(false);
  if (found.rows.empty()) return truth(opposite);
  if (value.is_null()) return {};
  bool has_null = false;
  for (const cells& row : found.rows) {
    has_null |= row[0].is_null();
    if (!row[0].is_null() && order_of(value, row[0]) == 0) return truth(!opposite);
  }
  return has_null ? cell() : truth(opposite);
}

}  // namespace differential
