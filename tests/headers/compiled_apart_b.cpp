#include <cstddef>

#include "tests/headers/compiled_apart.hpp"

std::size_t sync_in_other_unit(const hewn::sqlite::database& db) {
  return hewn::sync<note>(db).steps().size();
}
