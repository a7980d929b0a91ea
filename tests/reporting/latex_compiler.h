// SPDX-License-Identifier: Apache-2.0
// pdfLaTeX, where the machine has it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "core/atomic_file.h"
#include "support/temporary_directory.h"

namespace normadd::test {

inline bool has_pdflatex() { return std::system("pdflatex --version > /dev/null 2>&1") == 0; }

/// Tables, one after the other, in a document with and without modern font encoding.
inline void expect_compiles(const std::string& tables) {
  for (const char* encoding : {"", "\\usepackage[T1]{fontenc}\n"}) {
    const TemporaryDirectory directory;
    std::string document =
        fmt::format("\\documentclass{{article}}\n{}\\usepackage{{booktabs}}\n\\begin{{document}}\n", encoding);
    // LaTeX keeps only so many floats waiting.
    constexpr std::string_view kEnd = "\\end{table}\n";
    std::size_t from = 0;
    for (auto at = tables.find(kEnd); at != std::string::npos; at = tables.find(kEnd, from)) {
      document += tables.substr(from, at + kEnd.size() - from) + "\\clearpage\n";
      from = at + kEnd.size();
    }
    core::write_file_atomically(directory / "tables.tex", document + "\\end{document}\n");
    const std::string command = fmt::format(
        "cd '{}' && pdflatex -interaction=nonstopmode -halt-on-error -no-shell-escape tables.tex > out 2>&1",
        directory.path().string());
    ASSERT_EQ(std::system(command.c_str()), 0) << core::read_file(directory / "out");
    ASSERT_TRUE(std::filesystem::exists(directory / "tables.pdf"));
  }
}

}  // namespace normadd::test
