// SPDX-License-Identifier: Apache-2.0
#include "config/defaults_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/config_files.h"
#include "config/defaults_expansion.h"
#include "config/group_override.h"
#include "config/override_grammar.h"

namespace normadd::config {
namespace {

void add_lines(std::string& text, const DefaultsTree& node, std::size_t depth) {
  text += fmt::format("{}{}{}\n", std::string(2 * depth, ' '), node.text, node.children.empty() ? "" : ":");
  for (const auto& child : node.children) add_lines(text, child, depth + 1);
}

using Row = std::array<std::string, 4>;

void add_rows(std::vector<Row>& rows, const DefaultsTree& node, const std::string& parent) {
  if (node.children.empty()) {
    if (!node.config_path.empty()) rows.push_back({node.config_path, node.package, "False", parent});
    return;
  }
  for (const auto& child : node.children) {
    if (child.text == "_self_") {
      rows.push_back({node.config_path, node.package, "True", parent});
    } else {
      add_rows(rows, child, node.config_path);
    }
  }
}

}  // namespace

DefaultsTree defaults_tree(const ComposeRequest& request) {
  ConfigFiles files(request.search_paths);
  DefaultsExpansion expansion(files);
  for (const auto& text : request.overrides) {
    const Override override = parse_override(text);
    if (chooses_group(override, files)) expansion.add_group_override(override);
  }
  expansion.expand(request.config_name);
  return expansion.tree();
}

std::string tree_text(const DefaultsTree& tree) {
  std::string text = "<root>:\n";
  add_lines(text, tree, 1);
  return text;
}

std::string list_text(const DefaultsTree& tree) {
  std::vector<Row> rows{{"Config path", "Package", "_self_", "Parent"}};
  add_rows(rows, tree, "<root>");
  std::array<std::size_t, 4> widths{};
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], row[column].size());
  }
  std::string text;
  const std::string rule(widths[0] + widths[1] + widths[2] + widths[3] + 13, '-');
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += fmt::format("| {:<{}} | {:<{}} | {:<{}} | {:<{}} |\n", rows[i][0], widths[0], rows[i][1], widths[1],
                        rows[i][2], widths[2], rows[i][3], widths[3]);
    if (i == 0) text += rule + "\n";
  }
  return text;
}

}  // namespace normadd::config
