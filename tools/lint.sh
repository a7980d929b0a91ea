#!/usr/bin/env bash
# lint.sh BUILD_DIRECTORY: formatting of every file, clang-tidy on every source that the build compiles.
set -euo pipefail
build=$1
git ls-files '*.h' '*.cc' | xargs clang-format --dry-run --Werror
# clang cannot read GCC's precompiled headers or its -fpch flag, and has no omp.h: they leave the compile commands first.
mkdir -p "$build/lint"
sed -E 's/-fpch-preprocess//g; s/-include [^ ]*cmake_pch\.hxx//g; s/-Winvalid-pch//g; s/-fopenmp//g' "$build/compile_commands.json" >"$build/lint/compile_commands.json"
git ls-files 'src/*.cc' 'tools/*.cc' | xargs -P "$(nproc)" -n 4 clang-tidy -p "$build/lint" --quiet "--extra-arg=-include$PWD/tools/lint_prefix.h" --extra-arg=-Wno-unknown-attributes
