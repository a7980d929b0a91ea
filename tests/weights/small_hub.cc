// SPDX-License-Identifier: Apache-2.0
#include "weights/small_hub.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/hashing.h"
#include "networks/resnet_architecture.h"

namespace normadd::weights {

using test::Answer;
using test::HttpServer;
using test::ServedRequest;

namespace {

/// As on the hub, where only large files are stored outside Git.
bool is_large(const std::string& bytes) { return bytes.size() >= 1000; }

Answer status(int code) { return Answer{.status = code}; }

}  // namespace

SmallHub::SmallHub() {
  bytes_ = std::make_unique<HttpServer>([this](const ServedRequest& request) { return send_bytes(request); });
  server_ = std::make_unique<HttpServer>([this](const ServedRequest& request) { return answer(request); });
}

Hub SmallHub::hub() const {
  Hub hub;
  hub.endpoint = url();
  return hub;
}

Answer SmallHub::answer(const ServedRequest& request) {
  if (needs_token && request.header("authorization") != "Bearer s3cret") return status(401);
  const std::string beginning = fmt::format("/{}/resolve/", kRepository);
  if (!request.path().starts_with(beginning)) return status(404);
  const std::string rest = request.path().substr(beginning.size());
  const std::string revision = rest.substr(0, rest.find('/')), name = rest.substr(rest.find('/') + 1);
  const auto file = files.find(name);
  if ((revision != commit && revision != "main") || file == files.end()) return status(404);
  if (!is_large(file->second)) {
    Answer small{.headers = {{"X-Repo-Commit", commit}, {"ETag", '"' + git_sha1(file->second) + '"'}},
                 .body = file->second};
    return small;
  }
  Answer elsewhere = test::redirect_answer(302, fmt::format("http://localhost:{}/{}", bytes_->port(), name));
  elsewhere.headers.emplace_back("X-Repo-Commit", commit);
  elsewhere.headers.emplace_back("X-Linked-ETag", '"' + core::sha256_hex(file->second) + '"');
  elsewhere.headers.emplace_back("X-Linked-Size", std::to_string(file->second.size()));
  elsewhere.headers.emplace_back("ETag", "\"of the redirect\"");
  return elsewhere;
}

Answer SmallHub::send_bytes(const ServedRequest& request) {
  const auto file = files.find(request.path().substr(1));
  if (file == files.end()) return status(404);
  Answer answer = test::file_answer(request, file->second, "\"at the other host\"");
  if (spoil) spoil(request, answer);
  return answer;
}

SmallPlaces::SmallPlaces() : places{directory / "cards", directory / "hub", directory / "state"} {
  std::filesystem::create_directories(places.cards);
}

void SmallPlaces::write_card(const std::string& name, const std::string& family, const std::string& architecture,
                             const std::string& revision, const std::string& files, const std::string& extra) const {
  core::write_file_atomically(places.cards / (name + ".yaml"),
                              fmt::format("family: {}\narchitecture: {}\nrepository: {}\nrevision: {}\nfiles:\n{}\n"
                                          "licence: none\nsource: a test\n{}",
                                          family, architecture, SmallHub::kRepository, revision, files, extra));
}

std::string git_sha1(const std::string& bytes) {
  const std::string text = fmt::format("blob {}", bytes.size()) + '\0' + bytes;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

void write_shapes(const std::filesystem::path& path, const std::map<std::string, std::vector<std::int64_t>>& shapes,
                  const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t end = 0;
  for (const auto& [name, shape] : shapes) {
    std::uint64_t numbers = 1;
    for (const auto extent : shape) numbers *= static_cast<std::uint64_t>(extent);
    header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {end, end + 4 * numbers}}};
    end += 4 * numbers;
  }
  const std::string text = header.dump();
  const std::uint64_t size = text.size();
  std::ofstream stream(path, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(&size), sizeof(size));
  stream << text;
  stream.close();
  // The rest is a hole that takes no space.
  std::filesystem::resize_file(path, sizeof(size) + size + end);
}

std::map<std::string, std::vector<std::int64_t>> resnet_shapes(const std::string& name) {
  const networks::WeightSource nothing(networks::TensorMap{}, "");
  const auto layers = networks::resnet_layers(networks::resnet_architecture(name, nothing, 4));
  std::map<std::string, std::vector<std::int64_t>> shapes;
  const auto add = [&](const networks::ConvolutionLayer& layer) {
    shapes[layer.convolution + ".weight"] = {layer.out, layer.in, layer.kernel, layer.kernel};
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
      shapes[layer.norm + part] = {layer.out};
    }
  };
  add(layers.stem);
  for (const auto& stage : layers.stages) {
    for (const auto& block : stage) {
      for (const auto& layer : block.convolutions) add(layer);
      if (block.downsample) add(*block.downsample);
    }
  }
  shapes["fc.weight"] = {1000, layers.stages.back().back().convolutions.back().out};
  shapes["fc.bias"] = {1000};
  return shapes;
}

}  // namespace normadd::weights
