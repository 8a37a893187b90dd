// hewn/version.hpp - the version of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace hewn {

/// Semantic versioning (https://semver.org); before 1.0.0 a minor version may change the interface.
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;

}  // namespace hewn
