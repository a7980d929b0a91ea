// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "reporting/escaping.h"
#include "reporting/report/sections.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json read_json(const fs::path& path) {
  if (!fs::is_regular_file(path)) return Json::object();
  Json json = Json::parse(core::read_file(path), nullptr, false);
  if (!json.is_object()) {
    throw core::DataError("this is not a JSON object", path.string(), "Restore the file or run again.");
  }
  return json;
}

std::string text_of(const Json& json, const std::string& key) {
  const auto found = json.find(key);
  if (found == json.end()) return "";
  return found->is_string() ? found->get<std::string>()
                            : found->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A word that a shell reads back as it is.
std::string shell_word(const std::string& word) {
  const bool is_plain = !word.empty() && word.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789_-+=./,:@%") == std::string::npos;
  if (is_plain) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

/// Where runs, sweeps and the cache lie, or who starts them, does not change numbers; and this run's folder exists.
bool says_where(const std::string& override_text) {
  for (const char* start : {"run.dir=", "run.root=", "cache.", "sweep.", "launcher", "hydra."}) {
    if (override_text.starts_with(start)) return true;
  }
  return false;
}

std::string command_of(const fs::path& folder) {
  const fs::path path = folder / ".hydra" / "overrides.yaml";
  if (!fs::is_regular_file(path)) return "";
  std::string command = "normadd run";
  const config::Value overrides = config::read_yaml(path);
  if (!overrides.is_list()) return "";
  for (const auto& item : overrides.as_list()) {
    if (!item.is_string()) continue;
    if (says_where(item.as_string())) continue;
    command += " " + shell_word(item.as_string());
  }
  return command;
}

std::string fact(const std::string& name, const std::string& value, bool is_code = false) {
  if (value.empty()) return "";
  return fmt::format("<div><dt>{0}</dt><dd>{2}{1}{3}</dd></div>\n", name, html_text(value), is_code ? "<code>" : "",
                     is_code ? "</code>" : "");
}

std::string duration_text(const Json& status) {
  const auto found = status.find("seconds");
  if (found == status.end() || !found->is_number()) return "";
  const double seconds = found->get<double>();
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  return seconds < 7200 ? fmt::format("{:.1f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

std::string hashes_html(const Json& manifest, const std::string& key, const std::string& heading) {
  const auto found = manifest.find(key);
  if (found == manifest.end() || !found->is_object() || found->empty()) return "";
  std::string rows;
  for (const auto& [name, hash] : found->items()) {
    if (!hash.is_string()) continue;
    rows += fmt::format("<tr><td class=\"path\">{}</td><td class=\"hash\"><code>{}</code></td></tr>\n", html_text(name),
                        html_text(hash.get<std::string>()));
  }
  return fmt::format(
      "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table class=\"hashes\">\n"
      "<thead><tr><th scope=\"col\">{0}</th><th scope=\"col\">sha256</th></tr></thead>\n<tbody>\n{1}"
      "</tbody></table></div>\n",
      heading, rows);
}

std::string folded(const std::string& summary, const std::string& text) {
  if (text.empty()) return "";
  return fmt::format("<details><summary>{}</summary>\n<pre tabindex=\"0\">{}</pre></details>\n", summary,
                     html_text(text));
}

}  // namespace

std::string provenance_section(const ReportedRun& run) {
  const fs::path& folder = run.listed->folder;
  const Json manifest = read_json(folder / "manifest.json"), status = read_json(folder / "status.json");
  std::string html;
  if (const auto command = command_of(folder); !command.empty()) {
    html += "<p>The same numbers again, with the same commit, data and weights:</p>\n";
    html += fmt::format("<pre class=\"command\" tabindex=\"0\">{}</pre>\n", html_text(command));
  }
  html += "<dl class=\"facts\">\n";
  html += fact("Run", text_of(manifest, "run"), true);
  html += fact("Identity", text_of(manifest, "identity"), true);
  html += fact("Started", text_of(manifest, "started"));
  html += fact("Took", duration_text(status));
  html += fact("Host", text_of(manifest, "host"));
  html += fact("NormAdd", text_of(manifest, "program_version"));
  html += fact("Commit", text_of(manifest, "git_commit"), true);
  html += fact("LibTorch", text_of(manifest, "libtorch_version"));
  html += fact("Seed", text_of(manifest, "seed"));
  html += fact("Data", text_of(manifest, "data_hash"), true);
  html += "</dl>\n";
  html += hashes_html(manifest, "weights_sha256", "Weights");
  html += hashes_html(manifest, "prompts_sha256", "Prompt sets");
  if (const auto found = manifest.find("detectors"); found != manifest.end()) {
    html += folded("Settings of the detectors", found->dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  html += folded("The whole configuration", core::read_file(folder / "config.resolved.yaml"));
  return html;
}

}  // namespace normadd::reporting
