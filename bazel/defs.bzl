"""The macros of hewn's own tests, benches and examples."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_test")

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

# REQUIRE and CHECK have no try block of their own, without which g++ takes a tenth less for a test. What is thrown inside of
# one still fails its test case and is reported.
TEST_COPTS = ["-DCATCH_CONFIG_FAST_COMPILE"]

# What this compiler takes to compile faster, see compiler_options.bzl.
_COMPILER = "//tests/support:compiler_options"

def hewn_test(name, srcs, deps = [], copts = [], size = "small", toolchains = [], precompiled = None, **kwargs):
    """A Catch2 program; it writes the results of its test cases where Bazel asks for them.

    Args:
      name: of the test
      srcs: its sources
      deps: besides Catch2
      copts: besides those of all tests
      size: of the test
      toolchains: as usual
      precompiled: a precompiled_for_tests of headers that all of `srcs` include anyway, made with the same `copts`
      **kwargs: of the test
    """
    if precompiled:
        deps = deps + [precompiled]
        toolchains = toolchains + [precompiled]
        copts = copts + ["$(PRECOMPILED)"]
    cc_test(
        name = name,
        size = size,
        srcs = srcs,
        copts = HEWN_COPTS + ["$(COMPILER_OPTIONS)"] + TEST_COPTS + copts,
        linkstatic = True,
        toolchains = toolchains + [_COMPILER],
        deps = deps + ["@catch2//:catch2_main"],
        **kwargs
    )

def _test_again_impl(ctx):
    program = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = program, target_file = ctx.executable.program, is_executable = True)
    return [
        DefaultInfo(executable = program, runfiles = ctx.attr.program[DefaultInfo].default_runfiles),
        testing.TestEnvironment({"HEWN_TEST_PLACE": ctx.attr.place}),
    ]

test_again_test = rule(
    implementation = _test_again_impl,
    test = True,
    attrs = {
        "program": attr.label(mandatory = True, executable = True, cfg = "target"),
        "place": attr.string(mandatory = True),
    },
    doc = "The test `program`, as it was linked, once more in another place; see tests/support/place.hpp.",
)

def hewn_sources():
    """What tests/README.md is compared with: the files of the package that may have tags."""
    native.filegroup(
        name = "sources",
        srcs = native.glob(
            [
                "**/*.cpp",
                "**/*.hpp",
                "**/*.sh",
            ],
            allow_empty = True,
        ),
        visibility = ["//tests:__subpackages__"],
    )

def hewn_tests(deps = [], data = [], listened = [], precompiled = {}, size = "small", **kwargs):
    """One test per *_test.cpp of the package: adding a test is adding a file.

    The test is called after the file, in whichever room that stands; two rooms have no file of one name.

    Args:
      deps: besides the databases
      data: of each test
      listened: files that run once more while somebody listens to all changes
      precompiled: what is precompiled for which files, see hewn_test
      size: of each test
      **kwargs: of each test
    """
    hewn_sources()
    for source in native.glob(["**/*_test.cpp"], allow_empty = True):
        name = source.split("/")[-1][:-len("_test.cpp")]
        all_deps = deps + [
            "//:json",
            "//:postgres",
            "//:sqlite",
            "//tests/support",
        ]
        hewn_test(
            name = name + "_test",
            srcs = [source],
            data = data,
            precompiled = ([label for label, files in precompiled.items() if source in files] + [None])[0],
            deps = all_deps + (["//tests/support:listened"] if source in listened else []),
            size = size,
            **kwargs
        )
        if source in listened:
            test_again_test(
                name = name + "_listened_test",
                size = size,
                place = "listened",
                program = ":%s_test" % name,
                tags = ["listened"],
            )

def hewn_live_tests(pooled = [], postgres_size = "medium"):
    """Tests that are written once for every database, each run on SQLite in memory and in files, and on PostgreSQL.

    They run on both once more while somebody listens to all changes and counts all statements.

    Args:
      pooled: files that run on PostgreSQL once more, through a pgbouncer that pools transactions
      postgres_size: of the tests that start a server
    """
    hewn_sources()
    for source in native.glob(["*_test.cpp"], allow_empty = True):
        name = source[:-len("_test.cpp")]
        hewn_test(
            name = name + "_test",
            srcs = [source],
            precompiled = "//tests/support:place_on_sqlite",
            deps = [
                "//:json",
                "//:migrate",
                "//:sqlite",
                "//tests/support",
            ],
        )
        test_again_test(
            name = name + "_in_files_test",
            size = "small",
            place = "file",
            program = ":%s_test" % name,
        )
        test_again_test(
            name = name + "_listened_test",
            size = "small",
            place = "listened",
            program = ":%s_test" % name,
            tags = ["listened"],
        )
        hewn_test(
            name = name + "_on_postgres_test",
            size = postgres_size,
            srcs = [source],
            copts = ["-DHEWN_TEST_POSTGRES"],
            precompiled = "//tests/support:place_on_postgres",
            deps = [
                "//:json",
                "//:migrate",
                "//:postgres",
                "//:sqlite",
                "//tests/support",
            ],
        )
        test_again_test(
            name = name + "_listened_on_postgres_test",
            size = postgres_size,
            place = "listened",
            program = ":%s_on_postgres_test" % name,
            tags = ["listened"],
        )
        if source in pooled:
            test_again_test(
                name = name + "_pooled_test",
                size = postgres_size,
                place = "pgbouncer",
                program = ":%s_on_postgres_test" % name,
            )

def hewn_binary(name, srcs, deps = [], copts = [], **kwargs):
    """A program of ours: an example, a bench."""
    cc_binary(
        name = name,
        srcs = srcs,
        copts = HEWN_COPTS + ["$(COMPILER_OPTIONS)"] + copts,
        toolchains = [_COMPILER],
        deps = deps,
        **kwargs
    )
