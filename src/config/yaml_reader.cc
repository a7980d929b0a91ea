// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <sstream>

#include "config/compose.h"
#include "config/plain_scalar.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"

namespace normadd::config {
namespace {

// An alias that contains itself, or a few that double each other, would otherwise never end.
constexpr int kDeepestNesting = 100;
constexpr int kMostNodes = 2'000'000;

class YamlReader {
 public:
  explicit YamlReader(std::string file) : file_(std::move(file)) {}

  Value read(const YAML::Node& node, int depth) {
    const Source source = source_of(node);
    if (depth > kDeepestNesting) fail(source, "the YAML is nested too deeply, or an alias contains itself");
    if (++num_nodes_ > kMostNodes) fail(source, "the YAML has too many nodes");
    Value value;
    if (node.IsMap()) {
      value = read_map(node, depth);
    } else if (node.IsSequence()) {
      List list;
      for (const auto& item : node) list.push_back(read(item, depth + 1));
      value = std::move(list);
    } else if (node.IsScalar()) {
      value = read_scalar(node, source);
    }
    value.source = source;
    return value;
  }

 private:
  [[noreturn]] void fail(const Source& source, const std::string& what, const std::string& hint = "") const {
    throw core::ConfigError(what, source_text(source), hint);
  }

  Source source_of(const YAML::Node& node) const { return {file_, node.Mark().line + 1}; }

  Value read_scalar(const YAML::Node& node, const Source& source) const {
    const std::string& tag = node.Tag();
    const std::string& text = node.Scalar();
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return text;
    if (!tag.empty() && tag != "?") {
      if (tag.rfind("tag:yaml.org,2002:", 0) != 0) fail(source, fmt::format("the YAML tag {} is not supported", tag));
    }
    auto [value, advice] = read_plain_yaml(text, source);
    if (!advice.empty()) core::log_warning(fmt::format("{}: {}", source_text(source), advice));
    return value;
  }

  Value read_map(const YAML::Node& node, int depth) {
    Value map{MapEntries{}};
    std::map<std::string, int> lines;
    std::vector<YAML::Node> merged;
    for (const auto& entry : node) {
      const Source source = source_of(entry.first);
      if (!entry.first.IsScalar()) fail(source, "a key must be a word or a number", "Quote the key if it is text.");
      const std::string key = entry.first.Scalar();
      if (key == "<<" && entry.first.Tag() != "!") {
        merged.push_back(entry.second);
        continue;
      }
      const auto [earlier, is_new] = lines.emplace(key, source.line);
      if (!is_new) {
        fail(source, fmt::format("the key '{}' appears twice", key),
             fmt::format("It was first given in line {}; keep one of the two.", earlier->second));
      }
      Value value = read(entry.second, depth + 1);
      // An entry that ends in ':' has no node of its own to point at.
      if (value.is_null()) value.source = source;
      map.as_map().emplace_back(key, std::move(value));
    }
    for (const auto& base : merged) add_merged(map, base, depth);
    return map;
  }

  /// YAML's merge key "<<": entries of base that the map does not have itself.
  void add_merged(Value& map, const YAML::Node& base, int depth) {
    const Source source = source_of(base);
    if (base.IsSequence()) {
      for (const auto& item : base) add_merged(map, item, depth + 1);
      return;
    }
    if (!base.IsMap()) fail(source, "'<<' must be followed by a map or an alias of one");
    const Value entries = read(base, depth + 1);
    for (const auto& [key, value] : entries.as_map()) {
      if (map.find(key) == nullptr) map.set(key, value);
    }
  }

  std::string file_;
  int num_nodes_ = 0;
};

/// Sees documents come and go.
class DocumentStarts : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { last_line = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  int last_line = 1;
};

/// yaml-cpp's Load ignores whatever follows the first document, and its LoadAll never ends on some malformed texts.
void refuse_second_document(const std::string& text, const std::string& file) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts starts;
  if (!parser.HandleNextDocument(starts) || !parser.HandleNextDocument(starts)) return;
  throw core::ConfigError("a second YAML document begins here, or the text before it is malformed",
                          fmt::format("{}:{}", file, starts.last_line),
                          "A file holds one document, without a second line '---'.");
}

void refuse_tabs(const std::string& text, const std::string& file) {
  int line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t content = text.find_first_not_of(' ', begin);
    if (content < end && text[content] == '\t' && text.find_first_not_of(" \t\r", content) < end) {
      throw core::ConfigError(fmt::format("a tab is used for indentation (column {})", content - begin + 1),
                              fmt::format("{}:{}", file, line), "Indent YAML with blanks.");
    }
    begin = end + 1;
  }
}

}  // namespace

Value parse_yaml(const std::string& text, const std::string& file) {
  refuse_tabs(text, file);
  try {
    refuse_second_document(text, file);
    const YAML::Node document = YAML::Load(text);
    if (document.IsDefined() && !document.IsNull()) return YamlReader(file).read(document, 0);
    Value empty;
    empty.source = {file, 1};
    return empty;
  } catch (const YAML::Exception& error) {
    throw core::ConfigError(fmt::format("{} (column {})", error.msg, error.mark.column + 1),
                            fmt::format("{}:{}", file, error.mark.line + 1), "Check the YAML syntax near this line.");
  }
}

Value read_yaml(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw core::ConfigError("there is no such file", path.string(), "Check the path.");
  }
  return parse_yaml(core::read_file(path), path.string());
}

}  // namespace normadd::config
