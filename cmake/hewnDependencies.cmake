# hewnDependencies.cmake - finds what hewn stands on, for the components in `hewn_components`.
#
# Makes the targets hewn::dependencies::core, ::sqlite, ::postgres and ::json. What is missing is named in `hewn_problem`: it
# stops the installed package, and a build from the source tree only when the missing thing is used.
#
# HEWN_BOOST_ROOT  a prefix whose include/boost is 1.87 or later
# HEWN_FETCH       download what is not found (off unless asked for)

if("any" IN_LIST hewn_components)
  list(APPEND hewn_components sqlite postgres)
endif()
set(hewn_problem "")
set(hewn_core_problem "")  # the part of it without which hewn.hpp does not compile

function(hewn_dependency name directory)
  if(NOT TARGET hewn::dependencies::${name})
    add_library(hewn::dependencies::${name} INTERFACE IMPORTED GLOBAL)
  endif()
  # Never the compiler's own folder as -isystem: that breaks #include_next in the standard library.
  if(directory AND NOT directory MATCHES "^/usr/include/?$")
    set_property(TARGET hewn::dependencies::${name} APPEND PROPERTY
      INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${directory})
    set_property(TARGET hewn::dependencies::${name} APPEND PROPERTY
      INTERFACE_INCLUDE_DIRECTORIES ${directory})
  endif()
endfunction()

function(hewn_fetch name url sha256)
  include(FetchContent)
  FetchContent_Declare(${name} URL ${url} URL_HASH SHA256=${sha256} SOURCE_SUBDIR no-cmake-here)
  FetchContent_MakeAvailable(${name})
  set(${name}_SOURCE_DIR ${${name}_SOURCE_DIR} PARENT_SCOPE)
endfunction()

hewn_dependency(core "")

# ---------------------------------------------------------------------------------------------- Boost >= 1.87
# Headers only: PFR with names, Hash2, UUID v7. Boost's own CMake package is not asked for, because an older one of
# the system would shadow the prefix that the user names.
if(NOT hewn_boost_include)
  set(hewn_boost_hints ${HEWN_BOOST_ROOT} $ENV{HEWN_BOOST_ROOT})
  if(hewn_boost_hints)
    list(TRANSFORM hewn_boost_hints APPEND /include)
  else()
    foreach(prefix IN LISTS BOOST_ROOT Boost_ROOT CMAKE_PREFIX_PATH)
      list(APPEND hewn_boost_hints ${prefix}/include)
    endforeach()
    list(APPEND hewn_boost_hints ${Boost_INCLUDE_DIR} /usr/local/include /opt/homebrew/include /usr/include
      ${CMAKE_CURRENT_LIST_DIR}/../.deps/boost/include)
  endif()
  foreach(directory IN LISTS hewn_boost_hints)
    if(EXISTS ${directory}/boost/version.hpp)
      file(STRINGS ${directory}/boost/version.hpp line REGEX "^#define BOOST_VERSION [0-9]+")
      string(REGEX REPLACE "[^0-9]" "" version "${line}")
      if(version GREATER_EQUAL 108700)
        set(hewn_boost_include ${directory} CACHE PATH "Where hewn finds Boost's headers")
        break()
      endif()
    endif()
  endforeach()
endif()
if(hewn_boost_include)
  hewn_dependency(core ${hewn_boost_include})
elseif(HEWN_FETCH)
  foreach(library IN ITEMS
      assert=1f48f929e69146db222fdf9538ec81c7cbd3ca88b94343644942b477031a3bba
      config=1390bd79fbf270e40cfe5ac6b899f4a9c4e47139b6e17b4c1f7f78822adaa9fc
      container_hash=415d6a01b2d8a07ab36dbf9e31a8fec6fa0e51185d1015a087c153de28cfaba5
      describe=4ca9c54d50c5bd8ec68811475ef96ec1ac0abbfbf19f55789823aabcbb704812
      hash2=22625bf8dca16341676e3a5ae8eca9437a3492b14be81a32eeac3ffac6bff2e5
      mp11=ca52bde753586dcba29739cfd55abb473bf80c934c6d49a2b58023ed4e48adf6
      pfr=38a761989ece4dad406d9e2ea2a4ba618ba44ce517721239d532a61479aca0a1
      static_assert=3b7980c5968d585b04f980bbb4e81bbbf0b6d1a0b7c965c2a3426b0acb4a5f49
      throw_exception=30e2834ba64587a363750e35c627ee045f89be05d0cc9eab7251414eba88e110
      type_traits=d8f1f937a56dacbd5bd3067312896f3b2b84ddf7cbeb93f21e1ffd844e512587
      uuid=855801530b6dd3ec932296d275dc84cd5517049979126e01469c85456bfca29e)
    string(REGEX MATCH "^([^=]+)=(.+)$" _ ${library})
    set(hewn_library ${CMAKE_MATCH_1})
    hewn_fetch(hewn_boost_${hewn_library}
      https://github.com/boostorg/${hewn_library}/archive/refs/tags/boost-1.90.0.tar.gz ${CMAKE_MATCH_2})
    hewn_dependency(core ${hewn_boost_${hewn_library}_SOURCE_DIR}/include)
  endforeach()
else()
  string(APPEND hewn_core_problem
    "hewn: Boost 1.87 or later was not found; set HEWN_BOOST_ROOT to its prefix, or HEWN_FETCH to ON. ")
endif()

# ---------------------------------------------------------------------------------------------- magic_enum
find_path(hewn_magic_enum_include magic_enum/magic_enum.hpp
  HINTS ${CMAKE_CURRENT_LIST_DIR}/../.deps/magic_enum/include)
if(hewn_magic_enum_include)
  hewn_dependency(core ${hewn_magic_enum_include})
elseif(HEWN_FETCH)
  hewn_fetch(hewn_magic_enum
    https://github.com/Neargye/magic_enum/releases/download/v0.9.8/magic_enum-v0.9.8.tar.gz
    88709dc8a9697168a75e039470d73ed0cffbc17567976eb5e096f946a2c0d521)
  hewn_dependency(core ${hewn_magic_enum_SOURCE_DIR}/include)
else()
  string(APPEND hewn_core_problem
    "hewn: magic_enum was not found; add its prefix to CMAKE_PREFIX_PATH, or set HEWN_FETCH to ON. ")
endif()

# ---------------------------------------------------------------------------------------------- components
if("sqlite" IN_LIST hewn_components)
  find_package(SQLite3 QUIET)
  if(SQLite3_FOUND)
    hewn_dependency(sqlite "")
    set_property(TARGET hewn::dependencies::sqlite PROPERTY INTERFACE_LINK_LIBRARIES SQLite::SQLite3)
  else()
    string(APPEND hewn_problem
      "hewn: SQLite was not found for the component sqlite; install its development files. ")
  endif()
endif()
if("postgres" IN_LIST hewn_components)
  # CMake's module may also ask for the server's headers, which nothing here needs.
  find_package(PostgreSQL QUIET)
  if(TARGET PostgreSQL::PostgreSQL)
    hewn_dependency(postgres "")
    set_property(TARGET hewn::dependencies::postgres PROPERTY INTERFACE_LINK_LIBRARIES PostgreSQL::PostgreSQL)
  else()
    find_path(hewn_libpq_include libpq-fe.h PATH_SUFFIXES postgresql)
    find_library(hewn_libpq_library pq)
    if(hewn_libpq_include AND hewn_libpq_library)
      hewn_dependency(postgres ${hewn_libpq_include})
      set_property(TARGET hewn::dependencies::postgres PROPERTY INTERFACE_LINK_LIBRARIES ${hewn_libpq_library})
    else()
      string(APPEND hewn_problem
        "hewn: libpq was not found for the component postgres; install its development files. ")
    endif()
  endif()
endif()
if("json" IN_LIST hewn_components)
  find_package(nlohmann_json 3.10 QUIET)
  if(nlohmann_json_FOUND)
    hewn_dependency(json "")
    set_property(TARGET hewn::dependencies::json PROPERTY INTERFACE_LINK_LIBRARIES nlohmann_json::nlohmann_json)
  elseif(HEWN_FETCH)
    hewn_fetch(hewn_nlohmann_json https://github.com/nlohmann/json/releases/download/v3.12.0/include.zip
      b8cb0ef2dd7f57f18933997c9934bb1fa962594f701cd5a8d3c2c80541559372)
    hewn_dependency(json ${hewn_nlohmann_json_SOURCE_DIR}/include)
  else()
    string(APPEND hewn_problem
      "hewn: nlohmann_json was not found for the component json; install it, or set HEWN_FETCH to ON. ")
  endif()
endif()

string(PREPEND hewn_problem "${hewn_core_problem}")
