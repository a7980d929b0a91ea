// SPDX-License-Identifier: Apache-2.0
// Names of categories, defect types and prompt sets come from data: any bytes at all. Whoever writes them into a page,
// a document or a path sends them through here.
#pragma once

#include <string>
#include <string_view>

namespace normadd::reporting {

/// Text as HTML, safe between tags and in quoted attributes. Control characters but tab and newline, and bytes that
/// are no UTF-8, become U+FFFD.
std::string html_text(std::string_view text);

/// Text as LaTeX, in running text or a table's cell, for pdfLaTeX with any font encoding: the ten special characters
/// are written as commands, so are those that LaTeX would draw as others (quotes, < > |, hyphens in a row); newlines
/// become spaces. Letters that pdfLaTeX has no glyph for (beyond Latin, the usual dashes and quotes, a few symbols of
/// tables) become "U+XXXX", since it would stop at them.
std::string latex_text(std::string_view text);

/// Text as GitHub's Markdown, also within a table's cell: no letter begins a link, emphasis, code, HTML or a new cell.
/// Newlines become spaces.
std::string markdown_text(std::string_view text);

/// A file name of at most 80 ASCII letters, digits, '_', '-' and '.', without extension, that no file system takes for
/// another: text itself where it is lower-case, safe and short; else its safe letters with a hash of all of text.
/// Never empty, never "." or "..", never begins with '.' or '-'.
std::string file_name_text(std::string_view text);

}  // namespace normadd::reporting
