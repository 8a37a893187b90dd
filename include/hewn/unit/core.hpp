// hewn/unit/core.hpp - the definitions of schema sync, and of what every database shares.
// SPDX-License-Identifier: BSL-1.0
//
// For one source file of a program that defines HEWN_SEPARATE_COMPILATION everywhere; the file has
// nothing else in it. The targets of Bazel and CMake bring theirs.
#pragma once

#include <hewn/unit/check.hpp>

#define HEWN_UNIT_CORE

#include <hewn/base/error_subject.hpp>
#include <hewn/dialect/read/failed_statement.hpp>
#include <hewn/dialect/text/number_text.hpp>
#include <hewn/hewn.hpp>
#include <hewn/online.hpp>
#include <hewn/pages.hpp>
#include <hewn/query/functions/text.hpp>
#include <hewn/shapes.hpp>
#include <hewn/sync/kept.hpp>
#include <hewn/verify.hpp>
#include <hewn/watch.hpp>
