// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <fmt/format.h>

#include <utility>

namespace normadd::core {
namespace {

std::string render(const std::string& what, const std::string& where, const std::string& hint) {
  std::string text = where.empty() ? what : where + ": " + what;
  if (!hint.empty()) text += "\n  " + hint;
  return text;
}

}  // namespace

Error::Error(std::string what, std::string where, std::string hint)
    : std::runtime_error(render(what, where, hint)),
      message_(std::move(what)),
      where_(std::move(where)),
      hint_(std::move(hint)) {}

void fail_check(const char* expression, const std::string& values, const char* file, int line) {
  throw InternalError(fmt::format("internal check failed: {} ({})", expression, values),
                      fmt::format("{}:{}", file, line),
                      "This is a bug in normadd; please report it with the command that led here.");
}

}  // namespace normadd::core
