// SPDX-License-Identifier: Apache-2.0
#include "networks/safetensors.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/error.h"
#include "core/nearest_name.h"
#include "networks/foreign_file.h"
#include "networks/safetensors_header.h"

namespace normadd::networks {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors buffers are used as they are, little-endian");

constexpr std::uint64_t kLengthBytes = 8;

std::optional<at::ScalarType> scalar_type(std::string_view dtype) {
  if (dtype == "F32") return at::kFloat;
  if (dtype == "F16") return at::kHalf;
  if (dtype == "BF16") return at::kBFloat16;
  if (dtype == "F64") return at::kDouble;
  if (dtype == "BOOL") return at::kBool;
  if (dtype == "U8") return at::kByte;
  if (dtype == "I8") return at::kChar;
  if (dtype == "I16") return at::kShort;
  if (dtype == "I32") return at::kInt;
  if (dtype == "I64") return at::kLong;
  return std::nullopt;
}

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

struct SafetensorsFile::Mapping {
  explicit Mapping(const std::filesystem::path& file) : path(file) {
    const Descriptor descriptor(file);
    if (descriptor.value() < 0) fail(fmt::format("the weight file cannot be opened ({})", std::strerror(errno)));
    struct stat status {};
    if (::fstat(descriptor.value(), &status) != 0 || !S_ISREG(status.st_mode)) fail("the weight file is not a file");
    size = static_cast<std::uint64_t>(status.st_size);
    if (size < kLengthBytes) {
      fail(fmt::format("the file has {} bytes, too few for a safetensors header", size));
    }
    // Private and writable: an in-place operation on a loaded tensor copies its pages instead of crashing.
    address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor.value(), 0);
    if (address == MAP_FAILED) fail(fmt::format("the weight file cannot be mapped ({})", std::strerror(errno)));
  }
  ~Mapping() {
    if (address != MAP_FAILED) ::munmap(address, size);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  void parse() {
    constexpr std::uint64_t kTelling = 64;
    if (const auto foreign = foreign_file({static_cast<const char*>(address), std::min(size, kTelling)})) {
      throw core::WeightsError(foreign->what, path.string(), foreign->hint);
    }
    std::uint64_t header_bytes = 0;
    std::memcpy(&header_bytes, address, kLengthBytes);
    if (header_bytes > kMaxHeaderBytes) {
      fail(fmt::format("the safetensors header claims {} bytes; the limit is {}", header_bytes, kMaxHeaderBytes));
    }
    if (header_bytes + kLengthBytes > size) {
      fail(fmt::format("the file is truncated: its header needs {} bytes, {} are there", header_bytes,
                       size - kLengthBytes));
    }
    buffer = static_cast<char*>(address) + kLengthBytes + header_bytes;
    const std::string_view text(static_cast<const char*>(address) + kLengthBytes, header_bytes);
    header = parse_safetensors_header(text, size - kLengthBytes - header_bytes, path.string());
  }

  const SafetensorsEntry& entry(const std::string& name) const {
    const auto found = header.entries.find(name);
    if (found != header.entries.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& item : header.entries) names.push_back(item.first);
    throw core::WeightsError(fmt::format("there is no tensor '{}'", name), path.string(),
                             core::did_you_mean(name, names));
  }

  [[noreturn]] void fail(std::string what) const {
    throw core::WeightsError(std::move(what), path.string(), "Give the path of a whole .safetensors file.");
  }

  std::filesystem::path path;
  void* address = MAP_FAILED;
  std::uint64_t size = 0;
  char* buffer = nullptr;
  SafetensorsHeader header;
};

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  const auto mapping = std::make_shared<Mapping>(path);
  mapping->parse();
  SafetensorsFile file;
  file.mapping_ = mapping;
  return file;
}

const std::filesystem::path& SafetensorsFile::path() const { return mapping_->path; }

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const auto& item : mapping_->header.entries) names.push_back(item.first);
  return names;
}

bool SafetensorsFile::contains(const std::string& name) const { return mapping_->header.entries.contains(name); }

std::vector<std::int64_t> SafetensorsFile::shape(const std::string& name) const { return mapping_->entry(name).shape; }

std::string SafetensorsFile::dtype(const std::string& name) const { return mapping_->entry(name).dtype; }

at::Tensor SafetensorsFile::tensor(const std::string& name) const {
  const SafetensorsEntry& entry = mapping_->entry(name);
  const auto type = scalar_type(entry.dtype);
  if (!type) {
    throw core::WeightsError(fmt::format("tensor '{}' has dtype {}, which cannot be loaded", name, entry.dtype),
                             mapping_->path.string(), "Convert it to F32, F16, BF16 or I64.");
  }
  char* const data = mapping_->buffer + entry.begin;
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % safetensors_element_bytes(entry.dtype) == 0;
  if (aligned && entry.end > entry.begin) {
    return at::from_blob(
        data, entry.shape, [owner = mapping_](void*) {}, at::TensorOptions().dtype(*type));
  }
  at::Tensor copy = at::empty(entry.shape, at::TensorOptions().dtype(*type));
  if (entry.end > entry.begin) std::memcpy(copy.data_ptr(), data, entry.end - entry.begin);
  return copy;
}

TensorMap SafetensorsFile::tensors() const {
  TensorMap tensors;
  for (const auto& item : mapping_->header.entries) tensors[item.first] = tensor(item.first);
  return tensors;
}

const std::map<std::string, std::string>& SafetensorsFile::metadata() const { return mapping_->header.metadata; }

}  // namespace normadd::networks
