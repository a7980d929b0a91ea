// SPDX-License-Identifier: Apache-2.0
#include "networks/foreign_file.h"

namespace normadd::networks {
namespace {

// Measured with torch 2.15: it also reads the old files without zip, and state dictionaries inside a training
// checkpoint.
constexpr const char* kConvert =
    "Only safetensors is read, since opening a pickle can run code. Convert it once, in Python with torch and "
    "safetensors: python -c \"import sys,torch,safetensors.torch as s; "
    "d=torch.load(sys.argv[1],map_location='cpu',weights_only=True); d=d.get('state_dict',d); "
    "s.save_file({k:v.clone().contiguous() for k,v in d.items() if torch.is_tensor(v)},sys.argv[2])\" "
    "FILE.pth FILE.safetensors (docs/weights.md tells more).";

}  // namespace

std::optional<ForeignFile> foreign_file(std::string_view beginning) {
  const auto begins = [&](std::string_view text) { return beginning.starts_with(text); };
  if (begins("PK\x03\x04") || begins(std::string_view("PK\x05\x06"))) {
    return ForeignFile{"this is a zip archive, as torch.save makes them (.pt, .pth): a pickle", kConvert};
  }
  // Protocol 2 to 5; a safetensors header of such a length would follow with zero bytes.
  if (beginning.size() > 8 && beginning[0] == '\x80' && beginning[1] >= 2 && beginning[1] <= 5 &&
      beginning.substr(4, 4) != std::string_view("\0\0\0\0", 4)) {
    return ForeignFile{"this is a pickle, as old versions of torch.save made them (.pth)", kConvert};
  }
  if (begins("version https://git-lfs")) {
    return ForeignFile{"this is a pointer of Git LFS, not the weights themselves",
                       "Run 'git lfs pull' where it was cloned, or download the file itself."};
  }
  if (begins("<!DOCTYPE") || begins("<!doctype") || begins("<html")) {
    return ForeignFile{"this is a web page, not weights",
                       "The download went wrong: take the address of the file itself (…/resolve/…, not …/blob/…)."};
  }
  if (begins("\x89HDF")) {
    return ForeignFile{"this is an HDF5 file (Keras)", "Only safetensors is read; take the PyTorch weights."};
  }
  return std::nullopt;
}

}  // namespace normadd::networks
