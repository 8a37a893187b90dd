// hewn/any/client/bulk_buffers.hpp - PostgreSQL's ways for many rows, for a database that may be
// PostgreSQL.
// SPDX-License-Identifier: BSL-1.0
//
// They are made only where it is PostgreSQL, but for the pipeline, which is asked.
#pragma once

#include <hewn/any/client/connection.hpp>
#include <hewn/any/client/statement.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/postgres/client/bulk_buffers.hpp>
#include <hewn/postgres/client/pipeline.hpp>

#include <optional>
#include <utility>

namespace hewn::any {

class copy_buffer : public postgres::copy_buffer {
 public:
  explicit copy_buffer(const statement& insert) : postgres::copy_buffer(insert.as_postgres()) {}
  step_result begin(statement& copy) noexcept {
    return postgres::copy_buffer::begin(copy.as_postgres());
  }
  step_result end(statement& copy) noexcept {
    return postgres::copy_buffer::end(copy.as_postgres());
  }
};

class array_buffer : public postgres::array_buffer {
 public:
  explicit array_buffer(const statement& insert, std::size_t others = 0)
      : postgres::array_buffer(insert.as_postgres(), others) {}
  bool keep_values_of_row(const statement& insert) {
    return postgres::array_buffer::keep_values_of_row(insert.as_postgres());
  }
  static auto element_types(const statement& insert) {
    return postgres::array_buffer::element_types(insert.as_postgres());
  }
};

class pipeline_answer : public postgres::pipeline_answer {
 public:
  pipeline_answer(postgres::pipeline_answer&& a) noexcept
      : postgres::pipeline_answer(std::move(a)) {}
  void show_in(statement& s) noexcept { postgres::pipeline_answer::show_in(s.as_postgres()); }
};

class pipeline {
 public:
  explicit pipeline(connection& c) {
    if (auto* native = c.as_postgres()) pipeline_.emplace(*native);
  }

  bool available() const noexcept { return pipeline_.has_value(); }
  int send(statement& s) noexcept { return pipeline_->send(s.as_postgres()); }
  pipeline_answer next() noexcept { return pipeline_->next(); }
  void put_aside() noexcept {
    if (pipeline_) pipeline_->put_aside();
  }
  void abandon() noexcept {
    if (pipeline_) pipeline_->abandon();
  }
  void forget() noexcept {
    if (pipeline_) pipeline_->forget();
  }

 private:
  std::optional<postgres::pipeline> pipeline_;
};

}  // namespace hewn::any
