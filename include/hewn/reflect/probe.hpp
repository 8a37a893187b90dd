// hewn/reflect/probe.hpp - an object of each struct that exists for the compiler alone.
// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace hewn::detail {

// Never defined: only the addresses of its fields are compared, in constant evaluation. A real
// object would demand a default constructor and, at run time, storage.
template <class T>
struct undefined_object {
  const T value;
};

#if defined(__clang__)
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wundefined-var-template"
#  pragma clang diagnostic ignored "-Wundefined-internal"
#endif

template <class T>
extern const undefined_object<T> probe;

#if defined(__clang__)
#  pragma clang diagnostic pop
#endif

}  // namespace hewn::detail
