// SPDX-License-Identifier: Apache-2.0
#include "networks/weight_source.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::networks {
namespace {

constexpr std::array<std::string_view, 3> kWrapperPrefixes{"module.", "state_dict.", "model."};

std::string without_prefixes(std::string_view name) {
  for (bool stripped = true; stripped;) {
    stripped = false;
    for (const auto prefix : kWrapperPrefixes) {
      if (name.starts_with(prefix)) {
        name.remove_prefix(prefix.size());
        stripped = true;
      }
    }
  }
  return std::string(name);
}

bool shapes_match(const std::vector<std::int64_t>& expected, const std::vector<std::int64_t>& found) {
  if (expected.size() != found.size()) return false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] != kAnyExtent && expected[i] != found[i]) return false;
  }
  return true;
}

}  // namespace

WeightSource::WeightSource(SafetensorsFile file) : origin_(file.path().string()) {
  for (const auto& name : file.names()) add(name, {});
  file_.push_back(std::move(file));
}

WeightSource::WeightSource(const TensorMap& tensors, std::string origin) : origin_(std::move(origin)) {
  for (const auto& [name, tensor] : tensors) add(name, tensor);
}

void WeightSource::add(const std::string& stored_name, at::Tensor tensor) {
  const std::string name = without_prefixes(stored_name);
  const auto [position, inserted] = entries_.try_emplace(name, Entry{stored_name, std::move(tensor)});
  if (!inserted) {
    fail(fmt::format("the tensors '{}' and '{}' are both called '{}' once wrapper prefixes are removed",
                     position->second.stored_name, stored_name, name),
         "Keep one of the two copies of the network.");
  }
}

std::vector<std::string> WeightSource::names() const {
  std::vector<std::string> names;
  for (const auto& item : entries_) names.push_back(item.first);
  return names;
}

const WeightSource::Entry& WeightSource::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail(fmt::format("there is no tensor '{}'", name), core::did_you_mean(name, names()));
  return found->second;
}

std::vector<std::int64_t> WeightSource::shape(const std::string& name) const {
  const Entry& found = entry(name);
  return found.tensor.defined() ? found.tensor.sizes().vec() : file_.front().shape(found.stored_name);
}

at::Tensor WeightSource::take(const std::string& name) {
  const Entry& found = entry(name);
  const at::Tensor stored = found.tensor.defined() ? found.tensor : file_.front().tensor(found.stored_name);
  if (!stored.is_floating_point()) {
    fail(fmt::format("tensor '{}' holds {}, not floating-point numbers", name, c10::toString(stored.scalar_type())),
         "Weights are stored as F32, F16, BF16 or F64.");
  }
  used_.insert(name);
  return stored.to(at::kFloat).contiguous();
}

at::Tensor WeightSource::take(const std::string& name, const std::vector<std::int64_t>& expected_shape) {
  const auto found = shape(name);
  if (!shapes_match(expected_shape, found)) {
    fail(fmt::format("tensor '{}' has shape {} where {} is expected", name, shape_text(found),
                     shape_text(expected_shape)),
         "The file belongs to another network or size; check the name of the network.");
  }
  return take(name);
}

std::vector<std::string> WeightSource::unused() const {
  std::vector<std::string> names;
  for (const auto& item : entries_) {
    if (!used_.contains(item.first)) names.push_back(item.first);
  }
  return names;
}

void WeightSource::fail(std::string what, std::string hint) const {
  throw core::WeightsError(std::move(what), origin_, std::move(hint));
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += i == 0 ? "" : ", ";
    text += shape[i] == kAnyExtent ? "any" : fmt::format("{}", shape[i]);
  }
  return text + "]";
}

}  // namespace normadd::networks
