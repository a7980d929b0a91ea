// SPDX-License-Identifier: Apache-2.0
#include "normadd/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <cctype>
#include <map>
#include <sstream>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::tools {
namespace {

struct FlagsNoted {};
std::vector<FlagNote>* flag_listener = nullptr;  // set while somebody wants a verb's flags rather than its work

// cxxopts knows only one-letter short flags.
const std::map<std::string, std::string> kTwoLetterFlags{
    {"-cn", "--config-name"}, {"-cp", "--config-path"}, {"-cd", "--config-dir"}, {"-sc", "--shell-completion"}};

std::vector<std::string> flag_names(const cxxopts::Options& options) {
  std::vector<std::string> names;
  for (const auto& group : options.groups()) {
    for (const auto& flag : options.group_help(group).options) {
      // Those that only collect arguments without a flag, and the second names of Hydra's short flags, are no advice.
      for (const auto& name : flag.l) {
        if (name.size() > 2 && name != "overrides" && name != "more" && name != "what") {
          names.push_back(fmt::format("--{}", name));
        }
      }
    }
  }
  return names;
}

}  // namespace

std::vector<FlagNote> note_flags(int (*verb)(const std::vector<std::string>&),
                                 const std::vector<std::string>& arguments) {
  struct Reset {
    ~Reset() { flag_listener = nullptr; }
  } reset;
  std::vector<FlagNote> notes;
  flag_listener = &notes;
  try {
    verb(arguments);
  } catch (const FlagsNoted&) {
  }
  return notes;
}

cxxopts::ParseResult parse_flags(cxxopts::Options& options, std::vector<std::string> arguments) {
  if (flag_listener != nullptr) {
    for (const auto& group : options.groups()) {
      for (const auto& flag : options.group_help(group).options) {
        flag_listener->push_back({flag.s, {flag.l.begin(), flag.l.end()}, flag.desc, !flag.is_boolean});
      }
    }
    throw FlagsNoted{};
  }
  for (auto& argument : arguments) {
    const auto found = kTwoLetterFlags.find(argument.substr(0, argument.find('=')));
    if (found != kTwoLetterFlags.end()) argument.replace(0, found->first.size(), found->second);
    // Python's argparse, and so Hydra, reads -c=job as -c job; cxxopts would take "=job" for the value.
    if (argument.size() > 2 && argument[0] == '-' && std::isalpha(static_cast<unsigned char>(argument[1])) &&
        argument[2] == '=') {
      argument.erase(2, 1);
    }
  }
  const auto names = flag_names(options);
  for (const auto& argument : arguments) {
    if (argument.rfind("--", 0) != 0 || argument == "--") continue;
    const std::string name = argument.substr(0, argument.find('='));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw core::ConfigError(fmt::format("unknown flag '{}'", name), "", core::did_you_mean(name, names));
    }
  }
  std::vector<const char*> pointers{"normadd"};
  for (const auto& argument : arguments) pointers.push_back(argument.c_str());
  try {
    auto flags = options.parse(static_cast<int>(pointers.size()), pointers.data());
    if (const auto& surplus = flags.unmatched(); !surplus.empty()) {
      throw core::ConfigError(fmt::format("'{}' is one argument too many", surplus.front()), "",
                              surplus.front().find('=') == std::string::npos
                                  ? "See --help of this verb."
                                  : "This verb takes flags, --NAME VALUE; see --help.");
    }
    return flags;
  } catch (const cxxopts::exceptions::exception& error) {
    std::string text = error.what();
    // cxxopts quotes with typographic marks; terminals in the C locale cannot show them.
    for (const char* mark : {"‘", "’"}) boost::replace_all(text, mark, "'");
    throw core::ConfigError(text, "", "See --help of this verb.");
  }
}

std::string required_flag(const cxxopts::ParseResult& flags, const std::string& name) {
  if (flags.count(name) == 0)
    throw core::ConfigError(fmt::format("the flag --{} is missing", name), "", "See --help of this verb.");
  return flags[name].as<std::string>();
}

std::vector<std::string> repeated_flag(const cxxopts::ParseResult& flags, const std::string& name) {
  return flags.count(name) > 0 ? flags[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

std::vector<std::string> comma_separated(const cxxopts::ParseResult& flags, const std::string& name) {
  std::vector<std::string> parts;
  std::istringstream text(flags[name].as<std::string>());
  for (std::string part; std::getline(text, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

}  // namespace normadd::tools
