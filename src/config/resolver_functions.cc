// SPDX-License-Identifier: Apache-2.0
#include "config/resolver_functions.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <map>

#include "config/interpolation.h"
#include "config/override_grammar.h"
#include "core/error.h"
#include "core/log.h"
#include "core/nearest_name.h"

namespace normadd::config {
namespace {

[[noreturn]] void fail(const ResolverCall& call, const std::string& what, const std::string& hint = "") {
  throw core::ConfigError(fmt::format("{}: ${{{}:{}}} {}", call.key, call.name, call.raw_arguments, what),
                          source_text(call.source), hint);
}

void check_count(const ResolverCall& call, std::size_t least, std::size_t most) {
  if (call.arguments.size() >= least && call.arguments.size() <= most) return;
  const std::string wanted = least == most ? std::to_string(least) : fmt::format("{} or {}", least, most);
  fail(call, fmt::format("has {} arguments, but {} takes {}", call.arguments.size(), call.name, wanted));
}

Value env(const ResolverCall& call) {
  check_count(call, 1, 2);
  const std::string name = text_in_string(call.arguments[0], call.key);
  if (const char* text = std::getenv(name.c_str())) return std::string(text);
  if (call.arguments.size() == 1) {
    fail(call, fmt::format("needs the environment variable {}, which is not set", name),
         fmt::format("Set it, or give a default: ${{oc.env:{},DEFAULT}}", name));
  }
  if (call.arguments[1].is_null()) return {};
  return text_in_string(call.arguments[1], call.key);
}

Value select(const ResolverCall& call) {
  check_count(call, 1, 2);
  if (auto value = call.select(text_in_string(call.arguments[0], call.key))) return *value;
  return call.arguments.size() == 2 ? call.arguments[1] : Value();
}

Value decode(const ResolverCall& call) {
  check_count(call, 1, 1);
  if (call.arguments[0].is_null()) return {};
  if (!call.arguments[0].is_string()) return call.arguments[0];
  return parse_value_text(call.arguments[0].as_string());
}

Value create(const ResolverCall& call) {
  check_count(call, 1, 1);
  return call.arguments[0];
}

Value map_of(const ResolverCall& call) {
  check_count(call, 1, 1);
  if (call.arguments[0].is_map()) return call.arguments[0];
  const auto value = call.select(text_in_string(call.arguments[0], call.key));
  if (!value || !value->is_map()) fail(call, "does not name a map");
  return *value;
}

Value keys(const ResolverCall& call) {
  const Value map = map_of(call);
  List list;
  for (const auto& [key, value] : map.as_map()) list.emplace_back(key);
  return list;
}

Value values(const ResolverCall& call) {
  const Value map = map_of(call);
  List list;
  for (const auto& [key, value] : map.as_map()) list.push_back(value);
  return list;
}

Value deprecated(const ResolverCall& call) {
  check_count(call, 1, 2);
  const std::string key = text_in_string(call.arguments[0], call.key);
  auto value = call.select(key);
  if (!value) fail(call, "does not name a key");
  core::log_warning(fmt::format("{} is deprecated, use {}", call.key, key));
  return *value;
}

Value now(const ResolverCall& call) {
  // One moment for the whole process, so that a date and a time written beside each other belong together.
  static const std::time_t moment = std::time(nullptr);
  std::tm local{};
  localtime_r(&moment, &local);
  std::array<char, 256> text{};
  const std::string& format = call.raw_arguments;
  if (format.empty() || std::strftime(text.data(), text.size(), format.c_str(), &local) == 0) {
    fail(call, "needs a format", "Such as ${now:%Y-%m-%d}.");
  }
  return std::string(text.data());
}

Value hydra(const ResolverCall& call) {
  if (auto found = call.select("hydra." + call.raw_arguments)) return *found;
  throw core::ConfigError(fmt::format("${{hydra:{}}} is not known", call.raw_arguments), call.key,
                          "Known are job.name, job.num, job.override_dirname and runtime.choices.GROUP.");
}

const std::map<std::string, Value (*)(const ResolverCall&)>& functions() {
  static const std::map<std::string, Value (*)(const ResolverCall&)> table = {
      {"oc.env", env},  {"oc.select", select},  {"oc.decode", decode},      {"oc.create", create},
      {"hydra", hydra}, {"oc.dict.keys", keys}, {"oc.dict.values", values}, {"oc.deprecated", deprecated},
      {"now", now},
  };
  return table;
}

}  // namespace

Value call_resolver(const ResolverCall& call) {
  const auto found = functions().find(call.name);
  if (found == functions().end()) {
    std::vector<std::string> names;
    for (const auto& [name, function] : functions()) names.push_back(name);
    fail(call, fmt::format("calls the unknown function '{}'", call.name), core::did_you_mean(call.name, names));
  }
  return found->second(call);
}

bool takes_raw_text(const std::string& name) { return name == "now" || name == "hydra"; }

}  // namespace normadd::config
