// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_answers.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/log.h"

namespace normadd::normality {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json json_of(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

template <typename T>
std::optional<T> optional_at(const Json& json, const char* key) {
  return json.at(key).is_null() ? std::nullopt : std::optional<T>(json.at(key).get<T>());
}

Json json_of(const AnswerKey& key) {
  return {{"base_url", key.base_url},
          {"model_asked", key.model},
          {"instruction", key.instruction},
          {"instruction_sha256", key.instruction_sha256},
          {"category", key.category},
          {"type", key.type},
          {"n", key.n},
          {"temperature", json_of(key.temperature)},
          {"seed", json_of(key.seed)},
          {"max_tokens", json_of(key.max_tokens)}};
}

AnswerKey key_from(const Json& json) {
  AnswerKey key;
  key.base_url = json.at("base_url");
  key.model = json.at("model_asked");
  key.instruction = json.at("instruction");
  key.instruction_sha256 = json.at("instruction_sha256");
  key.category = json.at("category");
  key.type = json.at("type");
  key.n = json.at("n");
  key.temperature = optional_at<double>(json, "temperature");
  key.seed = optional_at<int>(json, "seed");
  key.max_tokens = optional_at<int>(json, "max_tokens");
  return key;
}

std::string one_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string to_json_line(const RawAnswer& answer) {
  Json json = json_of(answer.key);
  json["model"] = answer.model;
  json["fingerprint"] = answer.fingerprint;
  json["date"] = answer.date;
  json["rejected"] = Json::array();
  for (const auto& rejected : answer.rejected) {
    json["rejected"].push_back({{"content", rejected.content}, {"problems", rejected.problems}});
  }
  json["content"] = answer.content;
  return one_line(json) + "\n";
}

RawAnswer raw_answer_from_json(const std::string& text, const std::string& where) {
  try {
    const Json json = Json::parse(text);
    RawAnswer answer;
    answer.key = key_from(json);
    answer.model = json.at("model");
    answer.fingerprint = json.at("fingerprint");
    answer.date = json.at("date");
    for (const auto& rejected : json.at("rejected")) {
      answer.rejected.push_back({rejected.at("content"), rejected.at("problems")});
    }
    answer.content = json.at("content");
    return answer;
  } catch (const Json::exception&) {
    throw core::DataError("this is no answer as normadd keeps them", where, "Remove the file.");
  }
}

std::filesystem::path AnswerCache::file_of(const AnswerKey& key) const {
  return folder_ / (core::sha256_hex(one_line(json_of(key))).substr(0, 32) + ".json");
}

std::optional<RawAnswer> AnswerCache::find(const AnswerKey& key) const {
  const auto file = file_of(key);
  if (!std::filesystem::is_regular_file(file)) return std::nullopt;
  try {
    const RawAnswer answer = raw_answer_from_json(core::read_file(file), file.string());
    if (answer.key == key) return answer;
    throw core::DataError("this is the answer to another request", file.string(), "Remove the file.");
  } catch (const core::DataError& error) {
    core::log_warning(fmt::format("{}: {}; it is asked for again", error.where(), error.message()));
    return std::nullopt;
  }
}

void AnswerCache::store(const RawAnswer& answer) const {
  core::write_file_atomically(file_of(answer.key), to_json_line(answer));
}

}  // namespace normadd::normality
