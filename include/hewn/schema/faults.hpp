// hewn/schema/faults.hpp - what a program finds wrong with a row before it is written.
// SPDX-License-Identifier: BSL-1.0
//
//     hewn::faults<booking> validate(const booking& b) {
//       return hewn::faults<booking>().expect<&booking::last_night>(
//           b.first_night <= b.last_night, "must not come before the first night");
//     }
//
// It stands beside the struct, in its namespace, so that every file that writes such rows sees it.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/fwd.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {

/// What is wrong with a row of T. A sentence goes on where the field's name ends, and has no value
/// in it: "must not come before the first night".
template <class T>
class faults {
 public:
  template <auto Member>
  faults& add(std::string_view sentence) {
    static_assert(std::is_same_v<member_record<Member>, T>,
                  "hewn: this fault names a field of another struct; name one of the struct that "
                  "is validated");
    found_.push_back({std::string(table_of<T>.columns[detail::one_column<Member>()].name),
                      std::string(sentence)});
    return *this;
  }

  /// Of the row as a whole.
  faults& add(std::string_view sentence) {
    found_.push_back({{}, std::string(sentence)});
    return *this;
  }

  /// Adds the fault unless `holds`.
  template <auto Member>
  faults& expect(bool holds, std::string_view sentence) {
    return holds ? *this : add<Member>(sentence);
  }

  faults& expect(bool holds, std::string_view sentence) { return holds ? *this : add(sentence); }

  bool empty() const noexcept { return found_.empty(); }
  const std::vector<fault>& all() const noexcept { return found_; }

 private:
  std::vector<fault> found_;
};

namespace detail::of_program {

// Hides what hewn calls so, and leaves what is found beside the struct.
void validate() = delete;

/// A validate() that returns something else is a function of the program's own, and is not called;
/// one that returns bool is meant for this, and would never be asked.
template <class T>
concept has_validate = requires(const T& row) {
  { validate(row) } -> std::same_as<faults<T>>;
};

template <class T>
concept has_boolean_validate = requires(const T& row) {
  { validate(row) } -> std::same_as<bool>;
};

template <class T>
consteval bool explain_validate() {
  constexpr bool tells_faults = !has_boolean_validate<T>;
  static_assert(tells_faults,
                "hewn: validate() of this struct returns bool, which does not say what is wrong; "
                "return hewn::faults<T>, or give the function another name");
  return tells_faults;
}

template <class T>
faults<T> call_validate(const T& row) {
  return validate(row);
}

}  // namespace detail::of_program
}  // namespace hewn
