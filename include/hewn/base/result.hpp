// hewn/base/result.hpp - a value or an error, for code that does not throw.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace hewn {

/// What a `try_` call returns: either a value or an error, never both.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : value_(std::move(value)) {}
  result(hewn::error failure) : error_(std::move(failure)) {}

  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value. Throws: the error, when there is one.
  T& value() & { return check(), *value_; }
  const T& value() const& { return check(), *value_; }
  T&& value() && { return check(), std::move(*value_); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T value_or(T other) && { return has_value() ? std::move(*value_) : std::move(other); }

  /// The error. Only when `!has_value()`.
  const hewn::error& error() const noexcept { return *error_; }

 private:
  void check() const {
    if (error_) throw *error_;
  }

  std::optional<T> value_;
  std::optional<hewn::error> error_;
};

/// What a `try_` call without a value returns.
template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(hewn::error failure) : error_(std::move(failure)) {}

  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }

  /// Throws: the error, when there is one.
  void value() const {
    if (error_) throw *error_;
  }

  /// The error. Only when `!has_value()`.
  const hewn::error& error() const noexcept { return *error_; }

 private:
  std::optional<hewn::error> error_;
};

/// Runs `action` and turns a thrown hewn::error into a result; other exceptions pass through.
template <class Action>
auto as_result(Action&& action) -> result<std::decay_t<decltype(action())>> {
  try {
    if constexpr (std::is_void_v<decltype(action())>) {
      action();
      return {};
    } else {
      return action();
    }
  } catch (const hewn::error& failure) {
    return failure;
  }
}

}  // namespace hewn
