// hewn/repository.hpp - the rows of one struct behind an interface that tests can fake.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/repository/repository.hpp>
#include <hewn/repository/repository_interface.hpp>
