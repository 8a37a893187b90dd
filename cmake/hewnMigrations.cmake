# Migration files inside the program, so that it needs no folder at run time:
#
#   hewn_embed_migrations(app FOLDER migrations NAME app_migrations)
#
# lets the sources of the target `app` include "app_migrations.hpp", whose array is read with
# hewn::read_migrations(app_migrations). NAME defaults to <target>_migrations.
function(hewn_embed_migrations target)
  cmake_parse_arguments(PARSE_ARGV 1 embed "" "FOLDER;NAME" "")
  if(NOT embed_FOLDER OR embed_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "hewn: hewn_embed_migrations(${target}) names no folder; write FOLDER and its path")
  endif()
  if(NOT embed_NAME)
    string(MAKE_C_IDENTIFIER "${target}_migrations" embed_NAME)
  endif()
  if(NOT embed_NAME MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "hewn: ${embed_NAME} is no name for an array; call it like app_migrations")
  endif()
  get_filename_component(folder "${embed_FOLDER}" ABSOLUTE)
  file(GLOB files CONFIGURE_DEPENDS "${folder}/*.sql")
  if(NOT files)
    message(FATAL_ERROR "hewn: ${folder} holds no migrations; check the path, or write the first one")
  endif()
  list(SORT files)
  # A file that changes is embedded again before the next build.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})

  set(header "// Generated from the migration files of ${embed_NAME}; do not edit.\n")
  string(APPEND header "#pragma once\n\n#include <hewn/migrate/files/migration_text.hpp>\n\n")
  string(APPEND header "inline constexpr hewn::migration_text ${embed_NAME}[] = {\n")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    if(NOT name MATCHES "^[A-Za-z0-9_.-]+\\.sql$")
      message(FATAL_ERROR "hewn: ${name} is not named as a migration; call it like 0001_create_users.sql")
    endif()
    file(READ "${file}" text)
    # It would end the literal.
    string(FIND "${text}" ")hewn_sql\"" ending)
    if(NOT ending EQUAL -1)
      message(FATAL_ERROR "hewn: ${name} contains )hewn_sql\", which cannot be embedded; write it in another way")
    endif()
    string(APPEND header "    {\"${name}\", R\"hewn_sql(${text})hewn_sql\"},\n")
  endforeach()
  string(APPEND header "};\n")

  # Written beside and copied, so that an unchanged header does not compile anything again.
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/hewn_migrations/${target}")
  file(WRITE "${generated}/${embed_NAME}.hpp.new" "${header}")
  configure_file("${generated}/${embed_NAME}.hpp.new" "${generated}/${embed_NAME}.hpp" COPYONLY)
  target_include_directories(${target} PRIVATE "${generated}")
endfunction()
