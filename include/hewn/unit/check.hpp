// hewn/unit/check.hpp - what every unit asks of the source file that it stands in.
// SPDX-License-Identifier: BSL-1.0

#if !defined(HEWN_SEPARATE_COMPILATION)
#  error "hewn: the units are for programs that define HEWN_SEPARATE_COMPILATION everywhere"
#endif
#if defined(HEWN_API)
#  error "hewn: a unit comes before every other header of hewn and alone in its source file"
#endif
