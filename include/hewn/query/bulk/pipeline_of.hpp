// hewn/query/bulk/pipeline_of.hpp - the pipeline of a driver that has one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace hewn::detail {

/// Drivers that can send statements before those before them are answered.
template <class Driver>
concept pipeline_driver = requires {
  typename Driver::pipeline;
  typename Driver::pipeline_answer;
};

/// Stands for the pipeline of a driver that has none.
struct no_pipeline {
  template <class Native>
  explicit no_pipeline(Native&) noexcept {}
  static constexpr bool available() noexcept { return false; }
  void put_aside() noexcept {}
  void abandon() noexcept {}
  void forget() noexcept {}
};

struct no_answer {};

template <class Driver>
struct pipeline_of {
  using type = no_pipeline;
  using answer = no_answer;
};
template <pipeline_driver Driver>
struct pipeline_of<Driver> {
  using type = typename Driver::pipeline;
  using answer = typename Driver::pipeline_answer;
};

}  // namespace hewn::detail
