// hewn/migrate/run/requirements.hpp - which migrations must come before which.
// SPDX-License-Identifier: BSL-1.0
//
// Versions give the order. Requirements add what an order cannot tell: that one is of no use
// without another, and behind which one it was written, so that branches of the source that were
// merged are found.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/files/migration_key.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Finds migrations by what others call them.
class migration_names {
 public:
  explicit migration_names(std::span<const migration_info> known) : known_(known) {
    for (std::size_t i = 0; i != known.size(); ++i) {
      by_version_.emplace(known[i].version, i);
      by_name_.emplace(known[i].name, i);
    }
    // Whoever required one of those requires what stands for them now.
    for (std::size_t i = 0; i != known.size(); ++i)
      for (const migration_key& key : known[i].replaced) {
        if (by_version_.emplace(key.version, i).second && !key.name.empty())
          by_name_.emplace(key.name, i);
      }
  }

  /// Several: of one name.
  std::vector<std::size_t> find(const migration_key& key) const {
    std::vector<std::size_t> out;
    if (key.version == 0) {
      const auto [first, last] = by_name_.equal_range(key.name);
      for (auto i = first; i != last; ++i)
        if (out.empty() || out.back() != i->second) out.push_back(i->second);
    } else if (const auto found = by_version_.find(key.version);
               found != by_version_.end() && is_called(found->second, key)) {
      out.push_back(found->second);
    }
    return out;
  }

 private:
  bool is_called(std::size_t i, const migration_key& key) const {
    if (key.name.empty() || (known_[i].version == key.version && known_[i].name == key.name))
      return true;
    for (const migration_key& old : known_[i].replaced)
      if (old.version == key.version && (old.name.empty() || old.name == key.name)) return true;
    return false;
  }

  std::span<const migration_info> known_;
  std::map<std::int64_t, std::size_t> by_version_;
  std::multimap<std::string_view, std::size_t> by_name_;
};

/// By index. `parents` are those that a migration was written behind, and are among its `needs`.
struct requirement_graph {
  std::vector<std::vector<std::size_t>> needs;
  std::vector<std::vector<std::size_t>> parents;

  /// Which migrations come behind `i` by their parents, `i` included.
  std::vector<bool> behind(std::size_t i) const {
    std::vector<bool> out(parents.size());
    out[i] = true;
    for (std::size_t k = i + 1; k < parents.size(); ++k)
      for (const std::size_t parent : parents[k]) out[k] = out[k] || out[parent];
    return out;
  }
};

/// What cannot be found is left out; `fail(m, key, found)` is told of it.
template <class Fail>
requirement_graph requirements_of(std::span<const migration_info> known,
                                  std::span<const migration_info> elsewhere, Fail fail) {
  const migration_names names(known);
  const migration_names others(elsewhere);
  requirement_graph out{.needs = std::vector<std::vector<std::size_t>>(known.size()),
                        .parents = std::vector<std::vector<std::size_t>>(known.size())};
  const auto add = [](std::vector<std::size_t>& list, std::size_t i) {
    if (std::find(list.begin(), list.end(), i) == list.end()) list.push_back(i);
  };
  for (std::size_t i = 0; i != known.size(); ++i)
    for (const auto* keys : {&known[i].needs, &known[i].parents})
      for (const migration_key& key : *keys) {
        const std::vector<std::size_t> found = names.find(key);
        if (found.size() == 1) {
          add(out.needs[i], found[0]);
          if (keys == &known[i].parents) add(out.parents[i], found[0]);
        } else if (found.size() > 1 || others.find(key).empty()) {
          // What the other database alone has is not to be done here.
          fail(known[i], key, found);
        }
      }
  for (auto& list : out.needs) std::sort(list.begin(), list.end());
  return out;
}

inline requirement_graph requirements_of(std::span<const migration_info> known,
                                         std::span<const migration_info> elsewhere) {
  return requirements_of(
      known, elsewhere,
      [](const migration_info&, const migration_key&, const std::vector<std::size_t>&) {});
}

/// The way from `from` to `to` by requirements; empty: there is none.
inline std::vector<std::size_t> required_way(const requirement_graph& g, std::size_t from,
                                             std::size_t to) {
  constexpr auto none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> before(g.needs.size(), none);
  std::vector<std::size_t> open{from};
  for (std::size_t n = 0; n != open.size(); ++n)
    for (const std::size_t next : g.needs[open[n]]) {
      if (before[next] != none) continue;
      before[next] = open[n];
      open.push_back(next);
    }
  std::vector<std::size_t> out;
  if (before[to] == none) return out;
  for (std::size_t i = to; out.empty() || i != from; i = before[i]) out.push_back(i);
  out.push_back(from);
  std::reverse(out.begin(), out.end());
  return out;
}

/// Refuses requirements that cannot be met. Order: `known` by version. Throws: errc::usage.
inline void check_requirements(std::span<const migration_info> known, const requirement_graph& g) {
  for (std::size_t i = 0; i != known.size(); ++i)
    for (const std::size_t needed : g.needs[i]) {
      if (needed < i) continue;
      const std::string subject = "hewn: migration " + label_of(known[i]);
      if (needed == i) throw error(errc::usage, subject + " requires itself; take that out");
      std::string circle = label_of(known[i]);
      for (const std::size_t step : required_way(g, needed, i))
        circle += ", " + label_of(known[step]);
      if (circle != label_of(known[i]))
        throw error(errc::usage, "hewn: migrations require each other in a circle (" + circle +
                                     "); take one of these requirements out");
      throw error(errc::usage, subject + " requires " + label_of(known[needed]) +
                                   ", which comes after it; give it a newer version");
    }
}

/// The last migration that both come behind by their parents, beginning at `root`.
inline std::size_t fork_of(const requirement_graph& g, std::size_t root, std::size_t a,
                           std::size_t b) {
  std::size_t fork = root;
  for (std::size_t i = root + 1; i < std::min(a, b); ++i)
    if (const std::vector<bool> behind = g.behind(i); behind[a] && behind[b]) fork = i;
  return fork;
}

/// Refuses branches that no migration joins. Order: behind check_requirements. Throws: errc::usage.
inline void check_branches(std::span<const migration_info> known, const requirement_graph& g) {
  std::vector<bool> goes_on(known.size());
  for (const auto& parents : g.parents)
    for (const std::size_t parent : parents) goes_on[parent] = true;
  for (std::size_t root = 0; root != known.size(); ++root) {
    if (!goes_on[root] || !g.parents[root].empty()) continue;
    const std::vector<bool> behind = g.behind(root);
    std::vector<std::size_t> ends;
    for (std::size_t i = root + 1; i < known.size(); ++i)
      if (behind[i] && !goes_on[i]) ends.push_back(i);
    if (ends.size() < 2) continue;
    const migration_info& a = known[ends[0]];
    const migration_info& b = known[ends[1]];
    throw error(errc::usage,
                "hewn: migrations " + label_of(a) + " and " + label_of(b) +
                    " end two branches that part after " +
                    label_of(known[fork_of(g, root, ends[0], ends[1])]) +
                    ", as when branches of the source were merged; see whether they go together, "
                    "and join them by a newer migration with the line -- after: " +
                    std::to_string(a.version) + "_" + a.name + ", " + std::to_string(b.version) +
                    "_" + b.name);
  }
}

}  // namespace hewn::detail
