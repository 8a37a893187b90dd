// hewn/uuid.hpp - UUID keys that are made for new rows.
// SPDX-License-Identifier: BSL-1.0
//
// A field of type boost::uuids::uuid needs no header of hewn. This one adds Boost's generator of
// version 7 (time-ordered, RFC 9562), which insert() uses when the key is nil.
#pragma once

#include <hewn/schema/uuid.hpp>

#include <boost/uuid/time_generator_v7.hpp>
#include <boost/uuid/uuid.hpp>
