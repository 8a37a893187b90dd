// hewn/sync/approval/random_uuid.hpp - names that nobody else has.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <string>

namespace hewn::detail {

/// A random UUID (version 4) as its 36 characters, from the operating system's generator.
/// Source: RFC 9562, section 5.4. Throws: errc::io where that has none.
HEWN_API std::string random_uuid();

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>
#  include <hewn/schema/uuid_text.hpp>

#  include <unistd.h>
#  if __has_include(<sys/random.h>)
#    include <sys/random.h>
#  endif

namespace hewn::detail {

HEWN_API std::string random_uuid() {
  uuid_bytes id;
  // Not std::random_device: <random> is the dearest header that sync would need.
  if (getentropy(id.data.data(), id.data.size()) != 0)
    throw error(errc::io,
                "hewn: the operating system gives no random bytes; let this process read them");
  id.data[6] = static_cast<unsigned char>((id.data[6] & 0x0F) | 0x40);
  id.data[8] = static_cast<unsigned char>((id.data[8] & 0x3F) | 0x80);
  const auto text = to_text(id);
  return {text.data(), text.size()};
}

}  // namespace hewn::detail

#endif
