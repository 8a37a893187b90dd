// hewn/schema/uuid.hpp - boost::uuids::uuid as a column.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/codec.hpp>

#include <concepts>
#include <cstddef>

// Declared, not included: a program without UUIDs does not pay for the header, and one with them
// has included it to declare its field.
namespace boost::uuids {
struct uuid;
}

namespace hewn {

/// Stored as a UUID where the database has that type, as its 36 characters in SQLite.
template <class T>
requires std::same_as<T, boost::uuids::uuid>
struct codec<T> {
  static uuid_bytes encode(const T& value) {
    uuid_bytes stored;
    std::size_t i = 0;
    for (unsigned char byte : value) stored.data[i++] = byte;
    return stored;
  }

  static T decode(const uuid_bytes& stored) {
    T value{};
    std::size_t i = 0;
    for (auto& byte : value) byte = stored.data[i++];
    return value;
  }
};

}  // namespace hewn
