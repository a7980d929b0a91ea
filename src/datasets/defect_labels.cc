// SPDX-License-Identifier: Apache-2.0
#include "datasets/defect_labels.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

namespace normadd::datasets {
namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::optional<std::string> defect_type_of(const std::string& labels, const std::string& normal_word) {
  std::set<std::string> types;
  std::istringstream text(labels);
  for (std::string part; std::getline(text, part, ',');) {
    if (part = trimmed(part); !part.empty()) types.insert(part);
  }
  const bool normal = types.erase(normal_word) > 0;
  if (types.empty()) return "good";
  if (normal) return std::nullopt;
  return types.size() == 1 ? *types.begin() : kCombinedType;
}

std::string with_underscores(std::string type) {
  for (char& c : type) c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return type;
}

bool is_plain_name(const std::string& name) {
  const auto strange = [](unsigned char c) { return c < ' ' || c == '/' || c == '\\'; };
  return !name.empty() && name != "." && name != ".." && std::none_of(name.begin(), name.end(), strange);
}

}  // namespace normadd::datasets
