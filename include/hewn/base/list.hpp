// hewn/base/list.hpp - a growing array of a type that only hewn sees.
// SPDX-License-Identifier: BSL-1.0
//
// Every type that is put into a std::vector costs each program that compiles it some 55 functions,
// 40 ms and 2.5 MiB at -O0, 75 ms at -O2 (g++ 12); here it is a tenth. What a user sees, and what
// is copied, stays in std::vector.
#pragma once

#include <hewn/base/config.hpp>

#include <cstddef>
#include <new>

namespace hewn::detail {

/// A std::vector that can be moved and not copied. Moving an element must not throw.
template <class T>
class list {
 public:
  list() = default;
  list(list&& other) noexcept : first_(other.first_), size_(other.size_), room_(other.room_) {
    other.first_ = nullptr;
    other.size_ = other.room_ = 0;
  }
  list& operator=(list&& other) noexcept {
    list former(static_cast<list&&>(other));
    T* const first = first_;
    const std::size_t size = size_, room = room_;
    first_ = former.first_, size_ = former.size_, room_ = former.room_;
    former.first_ = first, former.size_ = size, former.room_ = room;
    return *this;
  }
  ~list() {
    clear();
    ::operator delete(first_);
  }

  T* begin() noexcept { return first_; }
  T* end() noexcept { return first_ + size_; }
  const T* begin() const noexcept { return first_; }
  const T* end() const noexcept { return first_ + size_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return room_; }
  bool empty() const noexcept { return size_ == 0; }
  T& operator[](std::size_t i) noexcept { return first_[i]; }
  const T& operator[](std::size_t i) const noexcept { return first_[i]; }
  T& front() noexcept { return first_[0]; }
  const T& front() const noexcept { return first_[0]; }
  T& back() noexcept { return first_[size_ - 1]; }
  const T& back() const noexcept { return first_[size_ - 1]; }

  T& push_back(T value) {
    if (size_ == room_) [[unlikely]]
      grow(size_ == 0 ? 4 : 2 * size_);
    T* const made = ::new (static_cast<void*>(first_ + size_)) T(static_cast<T&&>(value));
    ++size_;
    return *made;
  }

  void reserve(std::size_t room) {
    if (room > room_) grow(room);
  }

  void pop_back() noexcept { first_[--size_].~T(); }

  /// Leaves the first `size` elements.
  void shrink(std::size_t size) noexcept {
    while (size_ > size) pop_back();
  }

  void clear() noexcept { shrink(0); }

  /// Those behind it move up.
  void erase(std::size_t i) noexcept {
    for (; i + 1 != size_; ++i) first_[i] = static_cast<T&&>(first_[i + 1]);
    pop_back();
  }

 private:
  HEWN_COLD void grow(std::size_t room) {
    T* const to = static_cast<T*>(::operator new(room * sizeof(T)));
    for (std::size_t i = 0; i != size_; ++i) {
      ::new (static_cast<void*>(to + i)) T(static_cast<T&&>(first_[i]));
      first_[i].~T();
    }
    ::operator delete(first_);
    first_ = to;
    room_ = room;
  }

  T* first_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
};

}  // namespace hewn::detail
