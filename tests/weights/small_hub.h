// SPDX-License-Identifier: Apache-2.0
// A hub on this machine with one repository: large files answer with a redirect to another host, small ones directly.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "support/http_server.h"
#include "support/temporary_directory.h"
#include "weights/catalogue.h"
#include "weights/hub_client.h"

namespace normadd::weights {

class SmallHub {
 public:
  SmallHub();

  static constexpr const char* kRepository = "owner/small_network";
  std::string commit = std::string(40, 'a');
  /// What main means; other revisions than this commit and "main" are unknown.
  std::map<std::string, std::string> files;  // name -> bytes
  /// Changes what the host of the bytes sends; for misbehaviour.
  std::function<void(const test::ServedRequest&, test::Answer&)> spoil;
  bool needs_token = false;

  std::string url() const { return server_->url(); }
  Hub hub() const;
  const test::HttpServer& server() const { return *server_; }
  const test::HttpServer& bytes_server() const { return *bytes_; }

 private:
  test::Answer answer(const test::ServedRequest& request);
  test::Answer send_bytes(const test::ServedRequest& request);

  // The last to be made and the first to go: their handlers use all of the above.
  std::unique_ptr<test::HttpServer> bytes_, server_;
};

/// A folder of cards, a cache and a folder for notes, all empty.
struct SmallPlaces {
  SmallPlaces();
  test::TemporaryDirectory directory;
  Places places;
  /// Writes a card for SmallHub's repository; extra: further lines of YAML.
  void write_card(const std::string& name, const std::string& family, const std::string& architecture,
                  const std::string& revision, const std::string& files, const std::string& extra = "") const;
};

/// The blob name of a small file on the hub, by Git's rule.
std::string git_sha1(const std::string& bytes);

/// A safetensors file of the right shapes without contents, for recognising only.
void write_shapes(const std::filesystem::path& path, const std::map<std::string, std::vector<std::int64_t>>& shapes,
                  const std::map<std::string, std::string>& metadata = {});

/// The tensors of a known ResNet.
std::map<std::string, std::vector<std::int64_t>> resnet_shapes(const std::string& name);

}  // namespace normadd::weights
