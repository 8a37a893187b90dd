// hewn/sync/random_uuid.hpp - names that nobody else has.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/uuid_text.hpp>

#include <cstddef>
#include <random>
#include <string>

namespace hewn::detail {

/// A random UUID (version 4) as its 36 characters, from the operating system's generator.
/// Source: RFC 9562, section 5.4.
inline std::string random_uuid() {
  std::random_device source;
  uuid_bytes id;
  for (std::size_t i = 0; i != id.data.size(); i += 4) {
    const unsigned word = source();
    for (unsigned j = 0; j != 4; ++j)
      id.data[i + j] = static_cast<unsigned char>(word >> (8 * j) & 0xFF);
  }
  id.data[6] = static_cast<unsigned char>((id.data[6] & 0x0F) | 0x40);
  id.data[8] = static_cast<unsigned char>((id.data[8] & 0x3F) | 0x80);
  const auto text = to_text(id);
  return {text.data(), text.size()};
}

}  // namespace hewn::detail
