"""The macros of hewn's own tests, benches and examples."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

# For our own sources only. Our headers arrive as -I, so they are warned about too; libraries arrive as -isystem.
HEWN_COPTS = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wshadow",
    "-Wconversion",
    # Naming some fields and leaving the rest to the struct is how rows are written: note{.text = "x"}.
    "-Wno-missing-field-initializers",
]

def hewn_test(name, srcs, deps = [], copts = [], size = "small", **kwargs):
    """A Catch2 program; it writes the results of its test cases where Bazel asks for them."""
    cc_test(
        name = name,
        size = size,
        srcs = srcs,
        copts = HEWN_COPTS + copts,
        linkstatic = True,
        deps = deps + ["@catch2//:catch2_main"],
        **kwargs
    )

def hewn_sources():
    """What tests/README.md is compared with: the files of the package that may have tags."""
    native.filegroup(
        name = "sources",
        srcs = native.glob(
            [
                "*.cpp",
                "*.hpp",
                "*.sh",
            ],
            allow_empty = True,
        ),
        visibility = ["//tests:__subpackages__"],
    )

def hewn_tests(deps = [], data = [], listened = [], **kwargs):
    """One test per *_test.cpp of the package: adding a test is adding a file.

    Args:
      deps: besides the databases
      data: of each test
      listened: files that run once more while somebody listens to all changes
      **kwargs: of each test
    """
    hewn_sources()
    for source in native.glob(["*_test.cpp"], allow_empty = True):
        name = source[:-len("_test.cpp")]
        all_deps = deps + [
            "//:json",
            "//:postgres",
            "//:sqlite",
            "//tests/support",
        ]
        if source not in listened:
            hewn_test(name = name + "_test", srcs = [source], data = data, deps = all_deps, **kwargs)
            continue
        cc_library(
            name = name + "_cases",
            testonly = True,
            srcs = [source],
            copts = HEWN_COPTS + kwargs.get("copts", []),
            linkstatic = True,
            alwayslink = True,
            deps = all_deps + ["@catch2//:catch2_main"],
        )
        hewn_test(
            name = name + "_test",
            srcs = [],
            data = data,
            deps = [":%s_cases" % name],
            **kwargs
        )
        hewn_test(
            name = name + "_listened_test",
            srcs = [],
            data = data,
            deps = [
                ":%s_cases" % name,
                "//tests/support:listened",
            ],
            env = {"HEWN_TEST_PLACE": "listened"},
            tags = ["listened"],
            **kwargs
        )

def hewn_live_tests(pooled = [], postgres_size = "medium"):
    """Tests that are written once for every database, each run on SQLite in memory and in files, and on PostgreSQL.

    They run on both once more while somebody listens to all changes.

    Args:
      pooled: files that run on PostgreSQL once more, through a pgbouncer that pools transactions
      postgres_size: of the tests that start a server
    """
    hewn_sources()
    for source in native.glob(["*_test.cpp"], allow_empty = True):
        name = source[:-len("_test.cpp")]
        cc_library(
            name = name + "_on_sqlite",
            testonly = True,
            srcs = [source],
            copts = HEWN_COPTS,
            linkstatic = True,
            alwayslink = True,
            deps = [
                "//:json",
                "//:sqlite",
                "//tests/support",
                "@catch2//:catch2_main",
            ],
        )
        hewn_test(name = name + "_test", srcs = [], deps = [":%s_on_sqlite" % name])
        hewn_test(
            name = name + "_in_files_test",
            srcs = [],
            deps = [":%s_on_sqlite" % name],
            env = {"HEWN_TEST_PLACE": "file"},
        )
        hewn_test(
            name = name + "_listened_test",
            srcs = [],
            deps = [":%s_on_sqlite" % name],
            env = {"HEWN_TEST_PLACE": "listened"},
            tags = ["listened"],
        )
        cc_library(
            name = name + "_on_postgres",
            testonly = True,
            srcs = [source],
            copts = HEWN_COPTS + ["-DHEWN_TEST_POSTGRES"],
            linkstatic = True,
            alwayslink = True,
            deps = [
                "//:json",
                "//:postgres",
                "//:sqlite",
                "//tests/support",
                "@catch2//:catch2_main",
            ],
        )
        hewn_test(
            name = name + "_on_postgres_test",
            size = postgres_size,
            srcs = [],
            deps = [":%s_on_postgres" % name],
        )
        hewn_test(
            name = name + "_listened_on_postgres_test",
            size = postgres_size,
            srcs = [],
            deps = [":%s_on_postgres" % name],
            env = {"HEWN_TEST_PLACE": "listened"},
            tags = ["listened"],
        )
        if source in pooled:
            hewn_test(
                name = name + "_pooled_test",
                size = postgres_size,
                srcs = [],
                deps = [":%s_on_postgres" % name],
                env = {"HEWN_TEST_PLACE": "pgbouncer"},
            )

def hewn_binary(name, srcs, deps = [], copts = [], **kwargs):
    """A program of ours: an example, a bench."""
    cc_binary(
        name = name,
        srcs = srcs,
        copts = HEWN_COPTS + copts,
        deps = deps,
        **kwargs
    )
