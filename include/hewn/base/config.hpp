// hewn/base/config.hpp - what differs between compilers and between the two forms of the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#if defined(__GNUC__) || defined(__clang__)
/// Keeps cold code (error paths, first uses) out of the functions that run for every row.
#  define HEWN_COLD [[gnu::noinline, gnu::cold]]
/// The same where a function is declared that is compiled once, see HEWN_API: an inline function
/// may not be called noinline when it is only declared.
#  define HEWN_RARE [[gnu::cold]]
/// Keeps a function that many others call in one place.
#  define HEWN_APART [[gnu::noinline]]
/// Inlines everything that the function calls, for the one loop over the fields of a row.
#  define HEWN_FLAT [[gnu::flatten]]
/// For the few functions per value whose call would cost more than their body.
#  define HEWN_INLINE [[gnu::always_inline]] inline
#else
#  define HEWN_COLD
#  define HEWN_RARE
#  define HEWN_APART
#  define HEWN_FLAT
#  define HEWN_INLINE inline
#endif

#if defined(__clang__)
/// The result refers to the argument and must not outlive it.
#  define HEWN_LIFETIMEBOUND [[clang::lifetimebound]]
#else
#  define HEWN_LIFETIMEBOUND
#endif

/// What does not depend on a program's types is compiled once where a build says so. With
/// HEWN_SEPARATE_COMPILATION defined in the whole program, as the targets of Bazel and CMake do, it
/// is only declared; the headers in hewn/unit, a source file for each, have the definitions.
/// Without it hewn is headers and nothing else.
///
/// A function so compiled is declared HEWN_API, and its definition stands between `#if
/// HEWN_DEFINES_CORE` (or _SQLITE, _POSTGRES, _ANY, _MIGRATE) and `#endif`, with the includes that
/// only the definition needs.
#if defined(HEWN_SEPARATE_COMPILATION)
#  define HEWN_API
#  if defined(HEWN_UNIT_CORE)
#    define HEWN_DEFINES_CORE 1
#  else
#    define HEWN_DEFINES_CORE 0
#  endif
#  if defined(HEWN_UNIT_SQLITE)
#    define HEWN_DEFINES_SQLITE 1
#  else
#    define HEWN_DEFINES_SQLITE 0
#  endif
#  if defined(HEWN_UNIT_POSTGRES)
#    define HEWN_DEFINES_POSTGRES 1
#  else
#    define HEWN_DEFINES_POSTGRES 0
#  endif
#  if defined(HEWN_UNIT_ANY)
#    define HEWN_DEFINES_ANY 1
#  else
#    define HEWN_DEFINES_ANY 0
#  endif
#  if defined(HEWN_UNIT_MIGRATE)
#    define HEWN_DEFINES_MIGRATE 1
#  else
#    define HEWN_DEFINES_MIGRATE 0
#  endif
#else
#  define HEWN_API inline
#  define HEWN_DEFINES_CORE 1
#  define HEWN_DEFINES_SQLITE 1
#  define HEWN_DEFINES_POSTGRES 1
#  define HEWN_DEFINES_ANY 1
#  define HEWN_DEFINES_MIGRATE 1
#endif

// A program some files of which have the definitions and others only the declarations would have
// two meanings of one function. GNU ld and gold refuse a variable that is one of a thread in one
// object and of the program in another, and print its name; lld does not compare variables, but
// refuses a section that is of threads in one object and of the program in another.
#if defined(__ELF__)
#  define HEWN_FORM \
    gnu::used, gnu::retain, gnu::section("header_only_and_compiled_files_of_hewn_cannot_be_mixed")
#else
#  define HEWN_FORM gnu::used
#endif
namespace hewn::detail {
#if defined(HEWN_SEPARATE_COMPILATION)
[[gnu::used]] inline char header_only_and_compiled_files_of_hewn_cannot_be_mixed = 0;
[[HEWN_FORM]] inline char file_is_compiled_apart = 0;
#else
[[gnu::used]] inline thread_local char header_only_and_compiled_files_of_hewn_cannot_be_mixed = 0;
[[HEWN_FORM]] inline thread_local char file_is_header_only = 0;
#endif
}  // namespace hewn::detail
#undef HEWN_FORM
