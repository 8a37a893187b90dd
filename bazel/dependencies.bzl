"""What a WORKSPACE consumer of hewn calls; with bzlmod, MODULE.bazel says the same.

    load("@hewn//bazel:dependencies.bzl", "hewn_dependencies")

    hewn_dependencies()

A repository that the consumer declared earlier under the same name wins.
"""

load(":local.bzl", "boost_repository", "files_repository", "library_repository")

def hewn_dependencies():
    """The libraries hewn is built on."""
    existing = native.existing_rules()
    _stand_ins(existing)

    for name, libraries in {
        "boost.hash2": ["hash2", "assert", "config", "container_hash", "describe", "mp11"],
        "boost.pfr": ["pfr"],
        "boost.uuid": ["uuid", "assert", "config", "static_assert", "throw_exception", "type_traits"],
    }.items():
        if name not in existing:
            boost_repository(name = name, libraries = libraries)

    if "magic_enum" not in existing:
        library_repository(
            name = "magic_enum",
            probe = "magic_enum/magic_enum.hpp",
            headers = ["magic_enum"],
            unpacked = "magic_enum",
            local_build = _headers_only("magic_enum"),
            downloaded_build = _headers_only("magic_enum"),
            url = "https://github.com/Neargye/magic_enum/releases/download/v0.9.8/magic_enum-v0.9.8.tar.gz",
            sha256 = "88709dc8a9697168a75e039470d73ed0cffbc17567976eb5e096f946a2c0d521",
        )
    if "nlohmann_json" not in existing:
        library_repository(
            name = "nlohmann_json",
            probe = "nlohmann/json.hpp",
            headers = ["nlohmann"],
            unpacked = "nlohmann_json",
            local_build = _headers_only("json"),
            downloaded_build = _headers_only("json"),
            url = "https://github.com/nlohmann/json/releases/download/v3.12.0/include.zip",
            sha256 = "b8cb0ef2dd7f57f18933997c9934bb1fa962594f701cd5a8d3c2c80541559372",
        )
    if "postgres" not in existing:
        library_repository(
            name = "postgres",
            probe = "libpq-fe.h",
            # Debian keeps PostgreSQL's headers in a folder of their own.
            subfolders = ["postgresql"],
            headers = ["libpq-fe.h", "libpq-events.h", "pg_config_ext.h", "postgres_ext.h"],
            unpacked = "postgres",
            local_build = """cc_library(
    name = "pq",
    hdrs = glob(["include/*.h"]),
    includes = ["include"],
    linkopts = ["-lpq"],
)
""",
            # PostgreSQL's own build makes it, which no BUILD file here repeats; the module of the registry does.
            missing = "libpq was not found; install its development files (Debian: libpq-dev), or use bzlmod",
        )
    if "sqlite3" not in existing:
        library_repository(
            name = "sqlite3",
            probe = "sqlite3.h",
            headers = ["sqlite3.h", "sqlite3ext.h"],
            unpacked = "sqlite3",
            local_build = """cc_library(
    name = "sqlite3",
    hdrs = glob(["include/*.h"]),
    includes = ["include"],
    linkopts = ["-lsqlite3"],
)
""",
            downloaded_build = """cc_library(
    name = "sqlite3",
    srcs = ["sqlite3.c"],
    hdrs = ["sqlite3.h", "sqlite3ext.h"],
    copts = ["-w"],
    includes = ["."],
    linkopts = ["-lpthread", "-ldl"],
)
""",
            url = "https://sqlite.org/2026/sqlite-amalgamation-3530300.zip",
            sha256 = "646421e12aac110282ef8cc68f1a62d4bb15fc7b8f09da0b53e29ee690500431",
            strip_prefix = "sqlite-amalgamation-3530300",
        )

def hewn_test_dependencies():
    """What only hewn's own tests and benches need."""
    existing = native.existing_rules()
    if "catch2" not in existing:
        library_repository(
            name = "catch2",
            # Catch2 v2, which some systems carry under the same folder, has no such header.
            probe = "catch2/catch_all.hpp",
            headers = ["catch2"],
            archives = ["libCatch2.a", "libCatch2Main.a"],
            unpacked = "catch2",
            local_build = """cc_library(
    name = "catch2",
    srcs = ["lib/libCatch2.a"],
    hdrs = glob(["include/**"]),
    includes = ["include"],
    linkstatic = True,
)

cc_library(
    name = "catch2_main",
    srcs = ["lib/libCatch2Main.a"],
    linkstatic = True,
    deps = [":catch2"],
)
""",
            # The configuration header is a CMake template; all that it asks for has a default. It is written out because
            # its name must exist.
            downloaded_build = """genrule(
    name = "user_config",
    outs = ["generated/catch2/catch_user_config.hpp"],
    cmd = "printf '#pragma once\\n#define CATCH_CONFIG_DEFAULT_REPORTER \\"console\\"\\n" +
          "#define CATCH_CONFIG_CONSOLE_WIDTH 80\\n#define CATCH_CONFIG_BAZEL_SUPPORT\\n' > $@",
)

cc_library(
    name = "catch2",
    srcs = glob(["src/catch2/**/*.cpp"], exclude = ["src/catch2/internal/catch_main.cpp"]),
    hdrs = glob(["src/catch2/**/*.hpp"]) + [":user_config"],
    includes = ["generated", "src"],
    linkstatic = True,
)

cc_library(
    name = "catch2_main",
    srcs = ["src/catch2/internal/catch_main.cpp"],
    linkstatic = True,
    deps = [":catch2"],
)
""",
            url = "https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz",
            sha256 = "c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c",
            strip_prefix = "Catch2-3.7.1",
        )
    if "google_benchmark" not in existing:
        library_repository(
            name = "google_benchmark",
            probe = "benchmark/benchmark.h",
            headers = ["benchmark"],
            unpacked = "google_benchmark",
            local_build = """cc_library(
    name = "benchmark",
    hdrs = glob(["include/**"]),
    includes = ["include"],
    linkopts = ["-lbenchmark", "-lpthread"],
)
""",
            downloaded_build = """cc_library(
    name = "benchmark",
    srcs = glob(["src/*.cc", "src/*.h"], exclude = ["src/benchmark_main.cc"]),
    hdrs = glob(["include/**/*.h"]),
    copts = ["-w"],
    defines = ["BENCHMARK_STATIC_DEFINE"],
    includes = ["include"],
    linkopts = ["-lpthread"],
)
""",
            url = "https://github.com/google/benchmark/archive/refs/tags/v1.9.5.tar.gz",
            sha256 = "9631341c82bac4a288bef951f8b26b41f69021794184ece969f8473977eaa340",
            strip_prefix = "benchmark-1.9.5",
        )

def _headers_only(name):
    return """cc_library(
    name = "{name}",
    hdrs = glob(["include/**"]),
    includes = ["include"],
)
""".format(name = name)

# ------------------------------------------------------------------------------------------------ stand-ins

def _stand_ins(existing):
    # A Bazel built by a distribution has no version, and is 4.2; Bazel 5 and later bring (or fetch) their own.
    version = native.bazel_version
    old = not version or version.split(".")[0] in ["4", "5"]

    if "rules_shell" not in existing and (not version or int(version.split(".")[0]) < 8):
        files_repository(name = "rules_shell", files = _RULES_SHELL)
    if not old:
        return
    if "rules_cc" not in existing:
        files_repository(name = "rules_cc", files = _RULES_CC)

    # Bazel 4 asks for these even when nothing of theirs is built. Debian packages two of them.
    for name, folder in {"rules_java": "java", "rules_proto": "proto"}.items():
        if name not in existing:
            native.local_repository(name = name, path = "/usr/share/bazel/rules/" + folder)
    if "remote_coverage_tools" not in existing:
        files_repository(name = "remote_coverage_tools", files = {
            "WORKSPACE": "",
            "BUILD.bazel": """filegroup(name = "coverage_report_generator", visibility = ["//visibility:public"])""",
        })

_RULES_SHELL = {
    "WORKSPACE": "",
    "shell/BUILD.bazel": "",
    "shell/sh_binary.bzl": "def sh_binary(**kwargs):\n    native.sh_binary(**kwargs)\n",
    "shell/sh_library.bzl": "def sh_library(**kwargs):\n    native.sh_library(**kwargs)\n",
    "shell/sh_test.bzl": "def sh_test(**kwargs):\n    native.sh_test(**kwargs)\n",
}

# The rules are native in Bazel 4; rules_cc gives them and their providers a place to be loaded from.
_RULES_CC = {
    "WORKSPACE": "",
    "BUILD.bazel": "",
    "cc/BUILD.bazel": "",
    "cc/defs.bzl": """
def cc_binary(**kwargs):
    native.cc_binary(**kwargs)

def cc_import(**kwargs):
    native.cc_import(**kwargs)

def cc_library(**kwargs):
    native.cc_library(**kwargs)

def cc_proto_library(**kwargs):
    native.cc_proto_library(**kwargs)

def cc_test(**kwargs):
    native.cc_test(**kwargs)

def cc_toolchain(**kwargs):
    native.cc_toolchain(**kwargs)

def cc_toolchain_suite(**kwargs):
    native.cc_toolchain_suite(**kwargs)
""",
    "cc/find_cc_toolchain.bzl": """
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

CC_TOOLCHAIN_TYPE = "@bazel_tools//tools/cpp:toolchain_type"

def find_cc_toolchain(ctx):
    return find_cpp_toolchain(ctx)

def use_cc_toolchain(mandatory = False):
    return [CC_TOOLCHAIN_TYPE]
""",
    "cc/action_names.bzl": """
load("@bazel_tools//tools/build_defs/cc:action_names.bzl", _ACTION_NAMES = "ACTION_NAMES")

ACTION_NAMES = _ACTION_NAMES
""",
    "cc/common/BUILD.bazel": "",
    # In two steps: a file cannot export a global under the global's own name.
    "cc/common/globals.bzl": "global_cc_common = cc_common\nGlobalCcInfo = CcInfo\n",
    "cc/common/cc_common.bzl": "load(\":globals.bzl\", \"global_cc_common\")\n\ncc_common = global_cc_common\n",
    "cc/common/cc_info.bzl": "load(\":globals.bzl\", \"GlobalCcInfo\")\n\nCcInfo = GlobalCcInfo\n",
}
