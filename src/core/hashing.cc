// SPDX-License-Identifier: Apache-2.0
#include "core/hashing.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <xxhash.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "core/error.h"

namespace normadd::core {
namespace {

template <typename Consume>
void stream_file(const std::filesystem::path& path, Consume consume) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || std::filesystem::is_directory(path)) {
    throw DataError("cannot read the file", path.string(), "Check that it exists and is readable.");
  }
  std::vector<char> block(1 << 20);
  while (stream) {
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    consume(block.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) throw DataError("reading the file failed half way", path.string(), "");
}

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void update(const void* bytes, std::size_t size) { EVP_DigestUpdate(context_.get(), bytes, size); }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string text;
    for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string hex(XXH128_hash_t hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Sha256 sha;
  sha.update(bytes.data(), bytes.size());
  return sha.hex();
}

std::string sha256_hex_of_file(const std::filesystem::path& path) {
  Sha256 sha;
  stream_file(path, [&](const char* bytes, std::size_t size) { sha.update(bytes, size); });
  return sha.hex();
}

std::string xxh128_hex(std::string_view bytes) { return hex(XXH3_128bits(bytes.data(), bytes.size())); }

std::string xxh128_hex_of_file(const std::filesystem::path& path) {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  stream_file(path, [&](const char* bytes, std::size_t size) { XXH3_128bits_update(state.get(), bytes, size); });
  return hex(XXH3_128bits_digest(state.get()));
}

}  // namespace normadd::core
