// SPDX-License-Identifier: Apache-2.0
#include "normadd/option_flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/plain_scalar.h"

namespace normadd::tools {
namespace {

constexpr const char* kNone = "none";

std::string flag_name(const config::Field& field) {
  std::string name = field.name;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string default_text(const config::Field& field) {
  if (field.default_value.is_null()) return kNone;
  return field.default_value.is_string() ? field.default_value.as_string() : config::short_text(field.default_value);
}

}  // namespace

void add_option_flags(cxxopts::Options& options, const std::vector<config::Field>& fields,
                      const std::map<std::string, std::string>& short_names) {
  for (const auto& field : fields) {
    const auto letter = short_names.find(field.name);
    const std::string names =
        letter == short_names.end() ? flag_name(field) : fmt::format("{},{}", letter->second, flag_name(field));
    const std::string help = field.unit.empty() ? field.help : fmt::format("{}, {}", field.help, field.unit);
    auto value = cxxopts::value<std::string>();
    if (!field.required) value->default_value(default_text(field));
    options.add_options()(names, help, value);
  }
}

config::Value option_values(const cxxopts::ParseResult& flags, const std::vector<config::Field>& fields) {
  config::Value node(config::MapEntries{});
  for (const auto& field : fields) {
    const std::string name = flag_name(field);
    if (field.required) required_flag(flags, name);
    if (flags.count(name) == 0) continue;
    const auto text = flags[name].as<std::string>();
    config::Value value = text;
    if (field.nullable && text == kNone) {
      value = config::Value();
    } else if (field.kind != config::Kind::kString) {
      value = config::read_plain_override(text);
    }
    value.source.file = "--" + name;
    node.set(field.name, std::move(value));
  }
  return node;
}

}  // namespace normadd::tools
