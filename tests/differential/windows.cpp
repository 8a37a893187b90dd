// tests/differential/windows.cpp - how the reference finds the rows of a window.
// SPDX-License-Identifier: BSL-1.0
#include "windows.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace differential {

using hewn::detail::frame_bound;
using hewn::detail::frame_unit;
using hewn::detail::window_function;

namespace {

class window_rows {
 public:
  window_rows(const reference_window& window, const scope& s) : window_(window), scope_(s) {
    const cells own = parts_of(s.index);
    for (std::size_t i = 0; i != s.all.size(); ++i)
      if (is_same_row(parts_of(i), own)) rows_.push_back(i);
    keys_.resize(s.all.size());
    for (const std::size_t i : rows_) keys_[i] = keys_of(i);
    std::stable_sort(rows_.begin(), rows_.end(), [&](std::size_t a, std::size_t b) {
      return sorts_before(window.orders, keys_[a], keys_[b]);
    });
    here_ =
        static_cast<std::size_t>(std::find(rows_.begin(), rows_.end(), s.index) - rows_.begin());
    std::int64_t group = 0;
    for (std::size_t i = 0; i != rows_.size(); ++i) {
      if (i != 0 && !is_same_row(keys_[rows_[i - 1]], keys_[rows_[i]])) ++group;
      groups_.push_back(group);
    }
  }

  bool failed() const { return failed_; }
  std::int64_t here() const { return static_cast<std::int64_t>(here_); }
  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  std::int64_t group() const { return groups_[here_]; }

  /// The first row that sorts like this one, and the row behind the last.
  std::int64_t first_peer() const { return first_of_group(group()); }
  std::int64_t end_of_peers() const { return first_of_group(group() + 1); }

  scope at(std::int64_t position) const {
    return {.row = scope_.all[rows_[static_cast<std::size_t>(position)]], .rows = scope_.rows};
  }

  /// From the first row of the frame to the one behind its last.
  std::pair<std::int64_t, std::int64_t> frame() const {
    const reference_frame& f = window_.frame;
    const std::int64_t first = std::clamp<std::int64_t>(limit(f.from, f.before, false), 0, size());
    const std::int64_t end = std::clamp<std::int64_t>(limit(f.to, f.behind, true), 0, size());
    return {first, std::max(first, end)};
  }

 private:
  static bool is_same_row(const cells& a, const cells& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), agree);
  }

  cells parts_of(std::size_t i) {
    cells out;
    for (const evaluated& e : window_.partition) out.push_back(noted(e, i));
    return out;
  }
  cells keys_of(std::size_t i) {
    cells out;
    for (const reference_order& o : window_.orders) out.push_back(noted(o.key, i));
    return out;
  }
  cell noted(const evaluated& e, std::size_t i) {
    const cell c = e.in({.row = scope_.all[i], .rows = scope_.rows});
    failed_ |= c.is_failed();
    return c;
  }

  std::int64_t first_of_group(std::int64_t group) const {
    return std::lower_bound(groups_.begin(), groups_.end(), group) - groups_.begin();
  }

  std::int64_t limit(frame_bound bound, std::int64_t distance, bool end) const {
    if (bound == frame_bound::unbounded_preceding) return 0;
    if (bound == frame_bound::unbounded_following) return size();
    const std::int64_t step = bound == frame_bound::preceding   ? -distance
                              : bound == frame_bound::following ? distance
                                                                : 0;
    if (window_.frame.unit == frame_unit::rows) return here() + step + end;
    return first_of_group(group() + step + end);
  }

  const reference_window& window_;
  const scope& scope_;
  std::vector<std::size_t> rows_;
  std::vector<cells> keys_;
  std::vector<std::int64_t> groups_;
  std::size_t here_ = 0;
  bool failed_ = false;
};

cell in_other_row(const window_rows& rows, const reference_call& call, std::int64_t position,
                  std::int64_t first, std::int64_t end) {
  if (position >= first && position < end) return call.value->in(rows.at(position));
  return call.otherwise ? call.otherwise->in(rows.at(rows.here())) : cell();
}

// The first groups are larger by one.
std::int64_t dealt(std::int64_t here, std::int64_t size, std::int64_t count) {
  const std::int64_t least = size / count, larger = size % count;
  const std::int64_t in_larger = larger * (least + 1);
  return here < in_larger ? here / (least + 1) + 1 : larger + (here - in_larger) / least + 1;
}

}  // namespace

cell value_over(const reference_window& window, const reference_call& call, const scope& s) {
  const window_rows rows(window, s);
  if (rows.failed()) return failed(false);
  const auto [first, end] = rows.frame();
  const auto size = static_cast<double>(rows.size());
  cell found;
  switch (call.function) {
    case window_function::row_number:
      return integer(rows.here() + 1);
    case window_function::rank:
      return integer(rows.first_peer() + 1);
    case window_function::dense_rank:
      return integer(rows.group() + 1);
    case window_function::ntile:
      return integer(dealt(rows.here(), rows.size(), call.count));
    case window_function::percent_rank:
      return real(rows.size() == 1 ? 0 : static_cast<double>(rows.first_peer()) / (size - 1));
    case window_function::cume_dist:
      return real(static_cast<double>(rows.end_of_peers()) / size);
    case window_function::lag:
      found = in_other_row(rows, call, rows.here() - call.count, 0, rows.size());
      break;
    case window_function::lead:
      found = in_other_row(rows, call, rows.here() + call.count, 0, rows.size());
      break;
    case window_function::first_value:
      found = in_other_row(rows, call, first, first, end);
      break;
    case window_function::last_value:
      found = in_other_row(rows, call, end - 1, first, end);
      break;
    case window_function::nth_value:
      found = in_other_row(rows, call, first + call.count - 1, first, end);
      break;
  }
  return found.is_failed() ? failed(false) : found;
}

cell value_over(const reference_window& window, const evaluated& aggregate, const scope& s) {
  const window_rows rows(window, s);
  if (rows.failed()) return failed(false);
  const auto [first, end] = rows.frame();
  std::vector<joined_row> group;
  for (std::int64_t i = first; i < end; ++i) group.push_back(rows.at(i).row);
  const cell found = aggregate.in({.group = group, .rows = s.rows});
  return found.is_failed() ? failed(false) : found;
}

cell joined_texts(const evaluated& value, std::string_view between,
                  const std::vector<reference_order>& orders, const scope& s) {
  struct keyed_text {
    cells keys;
    std::string text;
  };
  std::vector<keyed_text> found;
  for (const joined_row& row : s.group) {
    const scope at{.row = row, .rows = s.rows};
    const cell c = value.in(at);
    if (c.is_failed()) return failed(false);
    if (c.is_null()) continue;
    keyed_text& added = found.emplace_back(keyed_text{{}, c.text});
    for (const reference_order& o : orders) added.keys.push_back(o.key.in(at));
  }
  if (found.empty()) return {};
  std::stable_sort(found.begin(), found.end(), [&](const keyed_text& a, const keyed_text& b) {
    return sorts_before(orders, a.keys, b.keys);
  });
  std::string all = found[0].text;
  for (std::size_t i = 1; i != found.size(); ++i) {
    all += between;
    all += found[i].text;
  }
  return text(all);
}

}  // namespace differential
