"""Tests of the compiler's answer: mistakes that must be explained, headers that must stand alone.

The compiler runs in build actions, with the flags of the configured toolchain; an action records what the compiler
said and never fails itself. The test beside it judges the record.
"""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain", "use_cc_toolchain")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load(":compiler_options.bzl", "fast_options", "precompiled_options", "precompiling_options")
load(":defs.bzl", "HEWN_COPTS", "TEST_COPTS")

_TOOLCHAIN_ATTRS = {
    "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
}

_PrecompiledInfo = provider(fields = ["header", "binary"])

_RECORD_ATTRS = dict(
    _TOOLCHAIN_ATTRS,
    precompiled = attr.label_list(
        providers = [_PrecompiledInfo],
        doc = "the last of them that is included anyway is not read once more by the compiler",
    ),
    _included_anyway = attr.label(default = "//bazel:included_anyway.awk", allow_single_file = True),
)

# $1: where to write; $2: included_anyway.awk; then its arguments, and after -- the compiler's command line. The last line of the
# record is the exit status.
_RECORD = """out=$1; choose=$2; shift 2; files=(); status=0
while [[ $1 != -- ]]; do files+=("$1"); shift; done; shift
header=$(awk -f "$choose" "${files[@]}")
[[ -z $header ]] || set -- "$@" -include "$header"
"$@" 2>"$out" || status=$?; echo "exit status $status" >>"$out" """

# $1: where to write; then the compiler's command line. Bazel knows files by their content, clang by their age unless told.
_PRECOMPILE = """out=$1; shift; [[ $1 != *clang* ]] || set -- "$@" -Xclang -fno-pch-timestamp; exec "$@" -o "$out" """

# The compiler's environment and command line, without output, and what it reads.
def _compilation(ctx, source, compilation_context, copts, use_pic = False):
    toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        source_file = source.path,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + HEWN_COPTS +
                             fast_options(toolchain) + copts,
        include_directories = compilation_context.includes,
        quote_include_directories = compilation_context.quote_includes,
        system_include_directories = compilation_context.system_includes,
        preprocessor_defines = compilation_context.defines,
        use_pic = use_pic,
    )
    return struct(
        command = [cc_common.get_tool_for_action(
            feature_configuration = features,
            action_name = ACTION_NAMES.cpp_compile,
        )] + cc_common.get_memory_inefficient_command_line(
            feature_configuration = features,
            action_name = ACTION_NAMES.cpp_compile,
            variables = variables,
        ),
        env = cc_common.get_environment_variables(
            feature_configuration = features,
            action_name = ACTION_NAMES.cpp_compile,
            variables = variables,
        ),
        inputs = depset([source], transitive = [compilation_context.headers, toolchain.all_files]),
    )

# `tested`: what the source is there for, if it is not the source itself.
def _record_compilation(ctx, source, output, compilation_context, copts, tested = None):
    compilation = _compilation(ctx, source, compilation_context, copts)
    precompiled = [target[_PrecompiledInfo] for target in ctx.attr.precompiled]
    ctx.actions.run_shell(
        mnemonic = "CompileCheck",
        progress_message = "Checking %s" % output.short_path,
        command = _RECORD,
        arguments = [output.path, ctx.file._included_anyway.path, (tested or source).path] +
                    [info.header.path for info in precompiled] + ["--"] + compilation.command + ["-fsyntax-only"],
        env = compilation.env,
        inputs = depset(
            [ctx.file._included_anyway] + [file for info in precompiled for file in [info.header, info.binary]],
            transitive = [compilation.inputs],
        ),
        outputs = [output],
    )

def _merged_context(deps):
    return cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in deps]).compilation_context

# The files are named relative to the runfiles, where a test starts.
def _judge(ctx, judge, arguments, files):
    launcher = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        launcher,
        "#!/usr/bin/env bash\nexec bash '%s' %s\n" % (
            judge.short_path,
            " ".join(["'%s'" % argument for argument in arguments]),
        ),
        is_executable = True,
    )
    return [DefaultInfo(
        executable = launcher,
        runfiles = ctx.runfiles(files = files + [judge]),
    )]

# `headers` as one header, and that precompiled.
def _precompile(ctx, headers, copts, **kwargs):
    # Where it cannot be used, the compiler reads the header beside it.
    header = ctx.actions.declare_file("%s.hpp" % ctx.label.name)
    ctx.actions.write(header, "".join(["#include <%s>\n" % name for name in headers]))
    binary = ctx.actions.declare_file("%s.hpp.gch" % ctx.label.name)
    compilation = _compilation(ctx, header, _merged_context(ctx.attr.deps), copts + ["-x", "c++-header"], **kwargs)
    ctx.actions.run_shell(
        mnemonic = "CompileCheck",
        progress_message = "Precompiling %s" % header.short_path,
        command = _PRECOMPILE,
        arguments = [binary.path] + compilation.command,
        env = compilation.env,
        inputs = compilation.inputs,
        outputs = [binary],
    )
    return struct(header = header, binary = binary)

def _precompiled_header_impl(ctx):
    made = _precompile(ctx, [ctx.attr.header], [])
    return [_PrecompiledInfo(header = made.header, binary = made.binary)]

def _precompiled_for_tests_impl(ctx):
    toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(ctx = ctx, cc_toolchain = toolchain)
    made = _precompile(
        ctx,
        ctx.attr.headers,
        TEST_COPTS + ctx.attr.copts + precompiling_options(toolchain),
        use_pic = toolchain.needs_pic_for_dynamic_libraries(feature_configuration = features),
    )
    return [
        CcInfo(compilation_context = cc_common.create_compilation_context(
            headers = depset([made.header, made.binary]),
        )),
        platform_common.TemplateVariableInfo({
            "PRECOMPILED": " ".join(precompiled_options(toolchain) + ["-include", made.header.path]),
        }),
    ]

precompiled_for_tests = rule(
    implementation = _precompiled_for_tests_impl,
    attrs = dict(
        _TOOLCHAIN_ATTRS,
        copts = attr.string_list(doc = "of the tests"),
        headers = attr.string_list(mandatory = True),
        deps = attr.label_list(providers = [CcInfo]),
    ),
    fragments = ["cpp"],
    toolchains = use_cc_toolchain(),
    doc = """`headers`, which all of some tests include anyway, read once by the compiler.

A test has it among its `deps` and `toolchains`, and $(PRECOMPILED) in its copts. Its object depends on all that was precompiled.""",
)

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    attrs = dict(
        _TOOLCHAIN_ATTRS,
        header = attr.string(mandatory = True),
        deps = attr.label_list(providers = [CcInfo]),
    ),
    fragments = ["cpp"],
    toolchains = use_cc_toolchain(),
    doc = "`header`, as users include it, read once by the compiler for all that include it anyway.",
)

def _mistake_impl(ctx):
    context = _merged_context(ctx.attr.deps)
    mistake = ctx.actions.declare_file(ctx.label.name + ".mistake.txt")
    twin = ctx.actions.declare_file(ctx.label.name + ".twin.txt")
    _record_compilation(ctx, ctx.file.src, mistake, context, ["-DHEWN_MISTAKE"])
    _record_compilation(ctx, ctx.file.src, twin, context, [])
    files = [ctx.file.src, mistake, twin]
    return _judge(ctx, ctx.file._judge, [file.short_path for file in files], files)

mistake_test = rule(
    implementation = _mistake_impl,
    test = True,
    attrs = dict(
        _RECORD_ATTRS,
        src = attr.label(mandatory = True, allow_single_file = [".cpp"]),
        deps = attr.label_list(providers = [CcInfo]),
        _judge = attr.label(default = "//tests/compile_fail:judge.sh", allow_single_file = True),
    ),
    fragments = ["cpp"],
    toolchains = use_cc_toolchain(),
    doc = "`src` with -DHEWN_MISTAKE must fail with the sentences it names, and must compile without. `precompiled` is of the same `deps`.",
)

def _standalone_impl(ctx):
    # The library's own include root, and what it may include: nothing of the layers above is reachable.
    info = ctx.attr.library[CcInfo].compilation_context
    copts = ["-Werror", "-Wmissing-field-initializers"]
    names = []
    records = []
    for header in info.direct_public_headers:
        # strip_include_prefix gives a header a place under _virtual_includes/<library>/, which is its name for users.
        marker = "/_virtual_includes/%s/" % ctx.attr.library.label.name
        if marker not in "/" + header.path or "/detail/" in header.path:
            continue
        name = ("/" + header.path).split(marker)[1]
        names.append(name)
        if "headers_together" in ctx.features:
            continue
        source = ctx.actions.declare_file("%s/%s.cpp" % (ctx.label.name, name))
        ctx.actions.write(source, "#include <{0}>  // alone\n#include <{0}>  // twice\n".format(name))
        record = ctx.actions.declare_file("%s/%s.txt" % (ctx.label.name, name))
        _record_compilation(ctx, source, record, info, copts, tested = header)
        records.append(record)
    if "headers_together" in ctx.features:
        source = ctx.actions.declare_file("%s/together.cpp" % ctx.label.name)
        ctx.actions.write(source, "".join(["#include <%s>\n" % name for name in names]))
        record = ctx.actions.declare_file("%s/together.txt" % ctx.label.name)
        _record_compilation(ctx, source, record, info, copts)
        records.append(record)
    return _judge(ctx, ctx.file._judge, [record.short_path for record in records], records)

standalone_headers_test = rule(
    implementation = _standalone_impl,
    test = True,
    attrs = dict(
        _RECORD_ATTRS,
        library = attr.label(mandatory = True, providers = [CcInfo]),
        _judge = attr.label(default = "//tests/headers:judge.sh", allow_single_file = True),
    ),
    fragments = ["cpp"],
    toolchains = use_cc_toolchain(),
    doc = """Every header of `library` compiles alone, as the first include, and included twice.

What many of them include may be `precompiled`; for a header that does not include it, it is not read.

With --features=headers_together all are included by one file: what a second compiler has to say about headers that one
has found to include what they need.""",
)
