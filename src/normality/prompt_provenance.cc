// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_provenance.h"

#include <fmt/format.h>

#include "core/error.h"

namespace normadd::normality {
namespace {

config::Value list_of(const std::vector<std::string>& texts) { return config::List(texts.begin(), texts.end()); }

}  // namespace

void PromptProvenance::describe(config::Options& o) {
  o.field("instruction", instruction).help("the instruction's name");
  o.field("instruction_version", instruction_version).help("the instruction's version").at_least(0);
  o.field("instruction_sha256", instruction_sha256).help("of the instruction's file");
  o.field("model_asked", model_asked).help("the model that was asked for");
  o.field("model", model).help("the model as the server called it");
  o.field("host", host).help("the endpoint's host and port");
  o.field("date", date).help("UTC, of the newest answer");
  o.field("num_phrases", num_phrases).help("phrases per pair").at_least(0);
  o.field("temperature", temperature).help("null = the server's own");
  o.field("seed", seed).help("null = none was sent");
  o.field("answers", answers).help("the file with the raw answers");
  o.field("missing", missing).help("CATEGORY/TYPE of pairs without a usable answer");
}

PromptProvenance read_provenance(const config::Value& node) {
  auto provenance = config::read_options<PromptProvenance>(node, "provenance");
  const std::pair<const char*, bool> needed[] = {{"instruction", provenance.instruction.empty()},
                                                 {"instruction_sha256", provenance.instruction_sha256.empty()},
                                                 {"model", provenance.model.empty()},
                                                 {"date", provenance.date.empty()}};
  for (const auto& [key, is_empty] : needed) {
    if (is_empty) {
      throw core::ConfigError(fmt::format("provenance.{} is missing or empty", key), config::source_text(node.source),
                              "Generate the set anew, or remove the whole key 'provenance' from a hand-written set.");
    }
  }
  return provenance;
}

config::Value to_value(const PromptProvenance& provenance) {
  config::Value node(config::MapEntries{});
  node.set("instruction", provenance.instruction);
  node.set("instruction_version", provenance.instruction_version);
  node.set("instruction_sha256", provenance.instruction_sha256);
  node.set("model_asked", provenance.model_asked);
  node.set("model", list_of(provenance.model));
  node.set("host", provenance.host);
  node.set("date", provenance.date);
  node.set("num_phrases", provenance.num_phrases);
  node.set("temperature", provenance.temperature ? config::Value(*provenance.temperature) : config::Value());
  node.set("seed", provenance.seed ? config::Value(*provenance.seed) : config::Value());
  node.set("answers", provenance.answers);
  if (!provenance.missing.empty()) node.set("missing", list_of(provenance.missing));
  return node;
}

}  // namespace normadd::normality
