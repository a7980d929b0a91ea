// SPDX-License-Identifier: Apache-2.0
#include "reporting/published.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "config/compose.h"
#include "core/csv.h"
#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint = "docs/file_formats.md has the format of published numbers.";

const std::vector<std::string> kColumns{"source", "profile", "method",    "dataset",  "category", "added",
                                        "metric", "value",   "tolerance", "verified", "note"};
const std::vector<std::string> kKeys{"title",    "origin",        "compared",         "tolerance",
                                     "settings", "configuration", "never_comparable", "unchecked"};

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& hint = kHint) {
  throw core::DataError(what, where, hint);
}

/// Reads one source of sources.yaml.
class SourceReader {
 public:
  SourceReader(std::string name, const config::Value& node) : name_(std::move(name)), node_(node) {}

  PublishedSource read() const {
    if (!node_.is_map())
      refuse(fmt::format("the source {} is {}, not a map", name_, config::kind_text(node_)), where(node_));
    for (const auto& [key, value] : node_.as_map()) {
      if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
        refuse(fmt::format("unknown key '{}' of the source {}", key, name_), where(value),
               core::did_you_mean(key, kKeys));
      }
    }
    PublishedSource source;
    source.name = name_;
    source.title = text("title");
    source.origin = text("origin");
    source.tolerance_reason = text("tolerance");
    for (const auto& [experiment, label] : map("compared")) {
      source.compared.emplace_back(experiment, text_of(label, "compared." + experiment));
    }
    if (source.compared.empty()) refuse(fmt::format("the source {} is compared in no experiment", name_), where(node_));
    source.settings = map("settings");
    source.configuration = map("configuration");
    if (node_.find("never_comparable") != nullptr) {
      for (const auto& [metric, reason] : map("never_comparable")) {
        source.never_comparable[metric] = text_of(reason, "never_comparable." + metric);
      }
    }
    if (const config::Value* list = node_.find("unchecked")) {
      if (!list->is_list()) refuse(fmt::format("'unchecked' of the source {} is no list", name_), where(*list));
      for (const auto& item : list->as_list()) source.unchecked.push_back(text_of(item, "unchecked"));
    }
    return source;
  }

 private:
  static std::string where(const config::Value& value) { return config::source_text(value.source); }

  std::string text_of(const config::Value& value, const std::string& key) const {
    if (!value.is_string() || value.as_string().empty()) {
      refuse(fmt::format("'{}' of the source {} is no text", key, name_), where(value));
    }
    return value.as_string();
  }
  const config::Value& required(const std::string& key) const {
    const config::Value* value = node_.find(key);
    if (value == nullptr) refuse(fmt::format("the source {} lacks '{}'", name_, key), where(node_));
    return *value;
  }
  std::string text(const std::string& key) const { return text_of(required(key), key); }
  const config::MapEntries& map(const std::string& key) const {
    const config::Value& value = required(key);
    if (!value.is_map()) refuse(fmt::format("'{}' of the source {} is no map", key, name_), where(value));
    return value.as_map();
  }

  std::string name_;
  const config::Value& node_;
};

std::optional<double> number_of(const std::string& text, const std::string& column, const std::string& where) {
  if (text.empty()) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    refuse(fmt::format("the {} '{}' is no finite number", column, text), where);
  }
  return number;
}

PublishedNumber::Verified verified_of(const std::string& text, const std::string& where) {
  if (text == "yes") return PublishedNumber::Verified::kYes;
  if (text == "no") return PublishedNumber::Verified::kNo;
  if (text == "derived") return PublishedNumber::Verified::kDerived;
  refuse(fmt::format("'verified' is '{}'", text), where, "It is yes, no or derived.");
}

bool is_change(const std::string& metric) { return metric.ends_with("_gain") || metric == "collateral"; }

PublishedNumber number_of_row(const core::CsvTable& table, std::size_t row, const std::string& where) {
  const auto text = [&](const char* column) { return table.rows[row][table.column(column)]; };
  PublishedNumber number;
  number.profile = text("profile");
  number.method = text("method");
  number.dataset = text("dataset");
  number.category = text("category");
  number.added = text("added");
  number.metric = text("metric");
  number.value = number_of(text("value"), "value", where);
  number.tolerance = number_of(text("tolerance"), "tolerance", where);
  number.verified = verified_of(text("verified"), where);
  number.note = text("note");
  for (const auto* required : {&number.method, &number.dataset, &number.category, &number.metric}) {
    if (required->empty()) refuse("method, dataset, category and metric must not be empty", where);
  }
  if (number.value.has_value() != number.tolerance.has_value()) {
    refuse("a value needs a tolerance, and a tolerance a value", where);
  }
  if (number.value && (*number.value > 1 || *number.value < (is_change(number.metric) ? -1 : 0))) {
    refuse(fmt::format("the value {} is no share", *number.value), where, "Shares are 0-1: 98.1 is written 0.981.");
  }
  if (number.tolerance && (*number.tolerance <= 0 || *number.tolerance > 0.1)) {
    refuse(fmt::format("the tolerance {} is not above 0 and at most 0.1", *number.tolerance), where);
  }
  if ((number.added == "*") && !number.is_mean()) refuse("added '*' goes with the category 'mean'", where);
  return number;
}

void read_rows(const fs::path& file, std::vector<PublishedSource>& sources) {
  const core::CsvTable table = core::read_csv(file);
  if (table.columns != kColumns) {
    refuse("the columns are not those of published numbers", file.string() + ":1",
           fmt::format("They are source, profile, ... as in docs/file_formats.md; found '{}' first.",
                       table.columns.empty() ? "" : table.columns.front()));
  }
  std::vector<std::string> names;
  for (const auto& source : sources) names.push_back(source.name);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string where = fmt::format("{}:{}", file.string(), table.lines[row]);
    const std::string& name = table.rows[row][0];
    const auto source = std::find_if(sources.begin(), sources.end(), [&](const auto& one) { return one.name == name; });
    if (source == sources.end()) {
      refuse(fmt::format("sources.yaml has no source '{}'", name), where, core::did_you_mean(name, names));
    }
    PublishedNumber number = number_of_row(table, row, where);
    for (const auto& other : source->numbers) {
      if (other.category == number.category && other.added == number.added && other.metric == number.metric) {
        refuse(fmt::format("{} of {} is given twice for {}", number.metric, number.category, name), where);
      }
    }
    source->numbers.push_back(std::move(number));
  }
}

}  // namespace

std::string PublishedSource::label_in(const std::string& experiment) const {
  for (const auto& [name, label] : compared) {
    if (name == experiment) return label;
  }
  return "";
}

std::vector<PublishedSource> read_published(const fs::path& folder) {
  const fs::path yaml = folder / "sources.yaml";
  if (!fs::is_regular_file(yaml))
    refuse("there are no published numbers", yaml.string(), "Restore the folder results/published of the program.");
  std::vector<PublishedSource> sources;
  const config::Value root = config::read_yaml(yaml);
  if (!root.is_map()) refuse("this is no map of sources", yaml.string());
  for (const auto& [name, node] : root.as_map()) sources.push_back(SourceReader(name, node).read());
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".csv") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) read_rows(file, sources);
  for (const auto& source : sources) {
    if (source.numbers.empty())
      refuse(fmt::format("no CSV file has a row of the source {}", source.name), yaml.string());
  }
  return sources;
}

}  // namespace normadd::reporting
