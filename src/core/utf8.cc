// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <nlohmann/json.hpp>

namespace normadd::core {

std::string valid_utf8(std::string_view text) {
  // The JSON writer knows what is valid and can replace the rest.
  using Json = nlohmann::json;
  return Json::parse(Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

}  // namespace normadd::core
