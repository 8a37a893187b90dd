// hewn/base/config.hpp - what differs between compilers, in the only macros of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#if defined(__GNUC__) || defined(__clang__)
/// Keeps cold code (error paths, first uses) out of the functions that run for every row.
#  define HEWN_COLD [[gnu::noinline, gnu::cold]]
/// Inlines everything that the function calls, for the one loop over the fields of a row.
#  define HEWN_FLAT [[gnu::flatten]]
/// For the few functions per value whose call would cost more than their body.
#  define HEWN_INLINE [[gnu::always_inline]] inline
#else
#  define HEWN_COLD
#  define HEWN_FLAT
#  define HEWN_INLINE inline
#endif

#if defined(__clang__)
/// The result refers to the argument and must not outlive it.
#  define HEWN_LIFETIMEBOUND [[clang::lifetimebound]]
#else
#  define HEWN_LIFETIMEBOUND
#endif

/// What does not depend on a program's types, and is called seldom, may be compiled once. With
/// HEWN_SEPARATE_COMPILATION defined in the whole program it is only declared, and one source file,
/// which defines HEWN_UNIT before it includes <hewn/sqlite.hpp>, has the definitions.
#if defined(HEWN_SEPARATE_COMPILATION)
#  define HEWN_API
#else
#  define HEWN_API inline
#endif

#if !defined(HEWN_SEPARATE_COMPILATION) || defined(HEWN_UNIT)
#  define HEWN_HAS_DEFINITIONS 1
#else
#  define HEWN_HAS_DEFINITIONS 0
#endif
