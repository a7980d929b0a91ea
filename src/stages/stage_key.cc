// SPDX-License-Identifier: Apache-2.0
#include "stages/stage_key.h"

#include <nlohmann/json.hpp>

#include "core/hashing.h"

namespace normadd::stages {

StageKey::StageKey(std::string stage, int version) : stage_(std::move(stage)), version_(version) {}

StageKey& StageKey::with(const std::string& name, const std::string& value) {
  inputs_[name] = value;
  return *this;
}

StageKey& StageKey::labelled(std::string label) {
  label_ = std::move(label);
  return *this;
}

std::string StageKey::hash() const {
  std::string text = stage_ + '\n' + std::to_string(version_) + '\n';
  for (const auto& [name, value] : inputs_) {
    text += std::to_string(name.size()) + ' ' + name + std::to_string(value.size()) + ' ' + value;
  }
  return core::xxh128_hex(text);
}

std::string StageKey::inputs_json() const {
  return nlohmann::json(inputs_).dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace normadd::stages
