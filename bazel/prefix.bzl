"""An installation prefix made of libraries' headers, for tests that build with other tools than Bazel."""

load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")

def _relative_name(header, directories):
    best = ""
    for directory in directories:
        if header.path.startswith(directory + "/") and len(directory) > len(best):
            best = directory
    return header.path[len(best) + 1:] if best else None

def _header_prefix_impl(ctx):
    output = ctx.actions.declare_directory(ctx.label.name)
    lines = []
    headers = []
    for dep in ctx.attr.deps:
        context = dep[CcInfo].compilation_context
        directories = context.system_includes.to_list() + context.includes.to_list()
        for header in context.headers.to_list():
            name = _relative_name(header, directories)
            if name:
                headers.append(header)
                lines.append("%s %s" % (header.path, name))
    manifest = ctx.actions.declare_file(ctx.label.name + ".manifest")
    ctx.actions.write(manifest, "\n".join(lines) + "\n")
    ctx.actions.run_shell(
        mnemonic = "HeaderPrefix",
        command = """while read -r source name; do
  target=$2/include/$name
  [[ -d ${target%/*} ]] || mkdir -p "${target%/*}"
  echo "$source $target"
done <"$1" | sort -u | while read -r source target; do cp -Lf "$source" "$target"; done""",
        arguments = [manifest.path, output.path],
        inputs = headers + [manifest],
        outputs = [output],
    )
    return [DefaultInfo(files = depset([output]), runfiles = ctx.runfiles([output]))]

header_prefix = rule(
    implementation = _header_prefix_impl,
    attrs = {"deps": attr.label_list(providers = [CcInfo])},
    doc = "A folder with include/, as if the libraries had been installed there.",
)
