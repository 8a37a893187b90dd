// bench/consumer.hpp - what is done with the rows that were read.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "bench/agent.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace bench {

/// What a run came to; equal on both sides, or one of them did other work.
struct outcome {
  std::int64_t rows = 0;
  std::uint64_t sum = 0;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// For the runs that are measured: so little that it does not dilute the ratio.
class glance {
 public:
  void row(const agent& a) {
    ++seen_.rows;
    seen_.sum += static_cast<std::uint64_t>(a.id) + a.name.size();
  }
  void row(const placed_agent& a) {
    ++seen_.rows;
    seen_.sum += static_cast<std::uint64_t>(a.id) + a.environment.size();
  }
  template <class Row>
  void rows(const std::vector<Row>& all) {
    seen_.rows += static_cast<std::int64_t>(all.size());
    if (!all.empty()) seen_.sum += static_cast<std::uint64_t>(all.back().id);
  }
  void households(const std::vector<household>& all) {
    for (const household& h : all) rows(h.children);
  }
  outcome result() const { return seen_; }

 private:
  outcome seen_;
};

/// For the run that proves equality: every field of every row, in their order.
class digest {
 public:
  template <class Row>  // agent or tenant
  void row(const Row& a) {
    ++seen_.rows;
    number(static_cast<std::uint64_t>(a.id));
    text(a.name);
    number(a.description.has_value());
    if (a.description) text(*a.description);
    real(a.temperature);
    number(a.enabled);
    number(static_cast<std::uint64_t>(a.environment_id));
    number(static_cast<std::uint64_t>(a.created_at));
  }
  void row(const placed_agent& a) {
    ++seen_.rows;
    number(static_cast<std::uint64_t>(a.id));
    text(a.name);
    text(a.environment);
    number(a.description.has_value());
    if (a.description) text(*a.description);
    real(a.temperature);
  }
  template <class Row>
  void rows(const std::vector<Row>& all) {
    for (const Row& a : all) row(a);
  }
  void households(const std::vector<household>& all) {
    for (const household& h : all) {
      number(static_cast<std::uint64_t>(h.parent.id));
      text(h.parent.name);
      rows(h.children);
    }
  }
  outcome result() const { return seen_; }

 private:
  // FNV-1a over 64-bit words. Source: http://www.isthe.com/chongo/tech/comp/fnv/.
  void number(std::uint64_t v) { seen_.sum = (seen_.sum ^ v) * 0x100000001b3; }
  void real(double v) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &v, sizeof bits);
    number(bits);
  }
  void text(std::string_view s) {
    number(s.size());
    for (const char c : s) number(static_cast<unsigned char>(c));
  }

  outcome seen_{.rows = 0, .sum = 0xcbf29ce484222325};
};

}  // namespace bench
