// SPDX-License-Identifier: Apache-2.0
#include "imaging/codec.h"

#include <fmt/format.h>

#include <cstring>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "core/atomic_file.h"
#include "core/error.h"
#include "imaging/complete_picture.h"

namespace normadd::imaging {
namespace {

constexpr const char* kHint = "Replace the file; 'normadd data check' lists all bad files of a dataset.";

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
  throw core::DataError(what, path.string(), kHint);
}

void check_complete(const std::string& bytes, const std::filesystem::path& path) {
  const PictureEnd end = find_picture_end(bytes);
  if (end == PictureEnd::kMissingInPng) fail("the PNG file is truncated", path);
  if (end == PictureEnd::kMissingInJpeg) fail("the JPEG file is truncated", path);
}

cv::Mat decode(const std::filesystem::path& path, int flags) {
  std::string bytes = core::read_file(path);
  if (bytes.empty()) fail("the image file has no bytes", path);
  check_complete(bytes, path);
  cv::Mat picture;
  try {
    picture = cv::imdecode(cv::Mat(1, static_cast<int>(bytes.size()), CV_8UC1, bytes.data()), flags);
  } catch (const cv::Exception& error) {
    fail("the image cannot be decoded: " + error.err, path);
  }
  if (picture.empty()) fail("the file is not a picture that can be decoded", path);
  return picture;
}

Image from_mat(const cv::Mat& picture) {
  Image image(picture.rows, picture.cols, picture.channels());
  const std::size_t row_size = static_cast<std::size_t>(image.width) * image.channels;
  for (int y = 0; y < image.height; ++y) std::memcpy(image.row(y), picture.ptr(y), row_size);
  return image;
}

}  // namespace

Image read_image(const std::filesystem::path& path) {
  const cv::Mat bgr = decode(path, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  cv::Mat rgb;
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return from_mat(rgb);
}

Mask read_mask(const std::filesystem::path& path) {
  const cv::Mat picture = decode(path, cv::IMREAD_UNCHANGED | cv::IMREAD_IGNORE_ORIENTATION);
  Mask mask(picture.rows, picture.cols, 1);
  // An alpha channel is opaque everywhere and says nothing about the defect.
  const int channels = picture.channels() == 4 ? 3 : picture.channels() == 2 ? 1 : picture.channels();
  const std::size_t depth_bytes = picture.elemSize1();
  for (int y = 0; y < mask.height; ++y) {
    const unsigned char* row = picture.ptr(y);
    for (int x = 0; x < mask.width; ++x) {
      const unsigned char* pixel = row + static_cast<std::size_t>(x) * picture.elemSize();
      bool set = false;
      for (std::size_t b = 0; b < channels * depth_bytes; ++b) set |= pixel[b] != 0;
      mask.row(y)[x] = set ? 1 : 0;
    }
  }
  return mask;
}

Size read_image_size(const std::filesystem::path& path) {
  const cv::Mat picture = decode(path, cv::IMREAD_UNCHANGED | cv::IMREAD_IGNORE_ORIENTATION);
  return {picture.rows, picture.cols};
}

void write_png(const std::filesystem::path& path, const Image& image, bool is_small) {
  cv::Mat picture(image.height, image.width, CV_8UC(image.channels), const_cast<std::uint8_t*>(image.pixels.data()));
  // Its own buffer: converting in place would swap the caller's channels.
  cv::Mat bgr = image.channels == 3 ? cv::Mat() : picture;
  if (image.channels == 3) cv::cvtColor(picture, bgr, cv::COLOR_RGB2BGR);
  std::vector<unsigned char> bytes;
  const std::vector<int> small{cv::IMWRITE_PNG_COMPRESSION, 6, cv::IMWRITE_PNG_STRATEGY,
                               cv::IMWRITE_PNG_STRATEGY_FILTERED};
  if (!cv::imencode(".png", bgr, bytes, is_small ? small : std::vector<int>()))
    throw core::InternalError("the picture could not be encoded", path.string(), "");
  core::write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Image mask_to_grey(const Mask& mask) {
  Image grey = mask;
  for (auto& pixel : grey.pixels) pixel = pixel != 0 ? 255 : 0;
  return grey;
}

}  // namespace normadd::imaging
