// SPDX-License-Identifier: Apache-2.0
#include "exports/mlflow_batches.h"

#include <nlohmann/json.hpp>

namespace normadd::exports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostMetrics = 1000, kMostParameters = 100, kMostTags = 100, kMostEntries = 1000;
// Below 1 000 000, since the frame around the entries counts too.
constexpr std::size_t kMostBytes = 950'000;

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

class Batches {
 public:
  explicit Batches(const std::string& run_id) : run_id_(run_id) { start(); }

  void add(const char* kind, std::size_t most, const Json& entry) {
    const std::size_t size = text_of(entry).size() + 1;
    if (batch_[kind].size() >= most || num_entries_ >= kMostEntries || num_bytes_ + size > kMostBytes) finish();
    batch_[kind].push_back(entry);
    ++num_entries_;
    num_bytes_ += size;
  }

  std::vector<std::string> take() {
    if (num_entries_ > 0) finish();
    return std::move(bodies_);
  }

 private:
  void start() {
    batch_ = {{"run_id", run_id_}, {"metrics", Json::array()}, {"params", Json::array()}, {"tags", Json::array()}};
    num_entries_ = num_bytes_ = 0;
  }
  void finish() {
    bodies_.push_back(text_of(batch_));
    start();
  }

  std::string run_id_;
  Json batch_;
  std::size_t num_entries_ = 0, num_bytes_ = 0;
  std::vector<std::string> bodies_;
};

}  // namespace

std::vector<std::string> mlflow_batches(const std::string& run_id, const MlflowEntries& entries,
                                        std::int64_t timestamp_ms) {
  Batches batches(run_id);
  for (const auto& [key, value] : entries.metrics) {
    batches.add("metrics", kMostMetrics, {{"key", key}, {"value", value}, {"timestamp", timestamp_ms}, {"step", 0}});
  }
  for (const auto& [key, value] : entries.parameters) {
    batches.add("params", kMostParameters, {{"key", key}, {"value", value}});
  }
  for (const auto& [key, value] : entries.tags) batches.add("tags", kMostTags, {{"key", key}, {"value", value}});
  return batches.take();
}

}  // namespace normadd::exports
