"""Options that one compiler takes and another refuses, as a Make variable, because Bazel 4 does not say which compiler it is."""

load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain", "use_cc_toolchain")

# g++ collects garbage from 128 MiB on, which takes 6% of its time; a test's file needs 600 MiB with it and 750 without.
_GXX = ["--param=ggc-min-heapsize=500000"]

def _is_gxx(toolchain):
    name = toolchain.compiler_executable.split("/")[-1]

    # clang++ has g++ in its name.
    return "clang" not in name and ("gcc" in name or "g++" in name)

def fast_options(toolchain):
    """For `toolchain`, as a list."""
    return _GXX if _is_gxx(toolchain) else []

def precompiling_options(toolchain):
    """With which `toolchain` precompiles what many files include, as a list."""
    # g++ keeps what it has included only where it is asked for it.
    return ["-MD", "-MF", "/dev/null"] if _is_gxx(toolchain) else ["-fpch-instantiate-templates"]

def precompiled_options(toolchain):
    """With which `toolchain` says that a file depends on the headers that are precompiled for it, as a list."""
    return ["-fpch-deps"] if _is_gxx(toolchain) else []

def _compiler_options_impl(ctx):
    options = fast_options(find_cc_toolchain(ctx))
    return [platform_common.TemplateVariableInfo({"COMPILER_OPTIONS": " ".join(options)})]

compiler_options = rule(
    implementation = _compiler_options_impl,
    attrs = {
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    toolchains = use_cc_toolchain(),
    doc = "Gives $(COMPILER_OPTIONS) to the copts of whoever has it among its `toolchains`.",
)
