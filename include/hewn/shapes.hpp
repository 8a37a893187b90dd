// hewn/shapes.hpp - rows with what belongs to them, read as plain structs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/shapes/links.hpp>
#include <hewn/query/shapes/read_shapes.hpp>
#include <hewn/query/shapes/shape_pages.hpp>
#include <hewn/query/shapes/shape_query.hpp>
#include <hewn/query/shapes/write_shapes.hpp>
