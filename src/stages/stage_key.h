// SPDX-License-Identifier: Apache-2.0
// The name of a stage's output: a hash of everything that decides it. Equal keys, equal bytes.
#pragma once

#include <map>
#include <string>

namespace normadd::stages {

class StageKey {
 public:
  /// stage: "detector_fit"; version: raised by hand when the stage's code gives other bytes for the same inputs.
  StageKey(std::string stage, int version);
  /// One input: a part of the resolved configuration, another key's hash, the sha256 of weights, a hash of data.
  StageKey& with(const std::string& name, const std::string& value);

  /// For people, and to compare costs: "patchcore, carpet". Not part of the hash.
  StageKey& labelled(std::string label);

  const std::string& stage() const { return stage_; }
  const std::string& label() const { return label_; }
  /// 32 lower-case hex characters. The order of with() does not matter.
  std::string hash() const;
  /// The inputs as one JSON object, for people who ask why two entries differ.
  std::string inputs_json() const;

 private:
  std::string stage_;
  int version_;
  std::string label_;
  std::map<std::string, std::string> inputs_;
};

}  // namespace normadd::stages
