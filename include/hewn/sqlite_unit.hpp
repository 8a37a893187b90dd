// hewn/sqlite_unit.hpp - the one source file that has the definitions of a program.
// SPDX-License-Identifier: BSL-1.0
//
// With HEWN_SEPARATE_COMPILATION defined in the whole program, schema sync is compiled in the file
// that includes this header, and nowhere else. The file has nothing else in it.
#pragma once

#if !defined(HEWN_SEPARATE_COMPILATION)
#  error "hewn: sqlite_unit.hpp is for programs that define HEWN_SEPARATE_COMPILATION everywhere"
#endif
#if defined(HEWN_HAS_DEFINITIONS)
#  error "hewn: sqlite_unit.hpp comes before every other header of hewn"
#endif

#define HEWN_UNIT

#include <hewn/sqlite.hpp>
