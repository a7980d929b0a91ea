// SPDX-License-Identifier: Apache-2.0
// A stand-in for "any other tool": a small classical anomaly detector that knows nothing of normadd and leaves its maps
// as float TIFFs where MVTec's evaluation scripts want them, OUT_ROOT/CATEGORY/test/TYPE/NAME.tiff.
// A pixel is as anomalous as its colour and texture, smoothed at two scales, are far (Mahalanobis) from those of all
// pixels of train/good.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

constexpr double kFineSigma = 1.0, kCoarseSigma = 3.0, kTextureSigma = 2.0;
constexpr double kLeastVariance = 1e-3;  // keeps colours that never vary from ruling everything

cv::Mat smoothed(const cv::Mat& picture, double sigma) {
  cv::Mat out;
  cv::GaussianBlur(picture, out, {}, sigma, sigma, cv::BORDER_REFLECT);
  return out;
}

/// One row of seven numbers per pixel: Lab at both scales, and how much lightness varies nearby.
cv::Mat features(const fs::path& file, cv::Size& size) {
  const cv::Mat bgr = cv::imread(file.string(), cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  if (bgr.empty()) throw std::runtime_error(file.string() + ": the picture cannot be read");
  size = bgr.size();
  cv::Mat scaled, lab, lightness;
  bgr.convertTo(scaled, CV_32F, 1.0 / 255);
  cv::cvtColor(scaled, lab, cv::COLOR_BGR2Lab);
  cv::extractChannel(lab, lightness, 0);
  const cv::Mat texture = smoothed(cv::abs(lightness - smoothed(lightness, kTextureSigma)), kTextureSigma);
  std::vector<cv::Mat> columns;
  for (const cv::Mat& plane : {smoothed(lab, kFineSigma), smoothed(lab, kCoarseSigma), texture}) {
    columns.push_back(plane.reshape(1, static_cast<int>(plane.total())));
  }
  cv::Mat rows;
  cv::hconcat(columns, rows);
  rows.convertTo(rows, CV_64F);
  return rows;
}

struct Statistics {
  cv::Mat mean, precision;
};

Statistics learn(const std::vector<fs::path>& files) {
  cv::Mat sum, products;
  double count = 0;
  for (const auto& file : files) {
    cv::Size size;
    const cv::Mat rows = features(file, size);
    cv::Mat row_sum, row_products;
    cv::reduce(rows, row_sum, 0, cv::REDUCE_SUM);
    cv::mulTransposed(rows, row_products, true);
    sum = sum.empty() ? row_sum : cv::Mat(sum + row_sum);
    products = products.empty() ? row_products : cv::Mat(products + row_products);
    count += rows.rows;
  }
  Statistics statistics;
  statistics.mean = sum / count;
  const cv::Mat covariance = products / count - statistics.mean.t() * statistics.mean +
                             kLeastVariance * cv::Mat::eye(sum.cols, sum.cols, CV_64F);
  cv::invert(covariance, statistics.precision, cv::DECOMP_CHOLESKY);
  return statistics;
}

cv::Mat deviation_map(const fs::path& file, const Statistics& statistics) {
  cv::Size size;
  const cv::Mat rows = features(file, size);
  const cv::Mat centred = rows - cv::repeat(statistics.mean, rows.rows, 1);
  cv::Mat distances;
  cv::reduce(centred.mul(centred * statistics.precision), distances, 1, cv::REDUCE_SUM);
  cv::Mat map;
  distances.reshape(1, size.height).convertTo(map, CV_32F);
  // Rounding can leave a tiny negative square.
  return cv::max(smoothed(map, kFineSigma), 0.0);
}

std::vector<fs::path> pictures_in(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".png" || extension == ".jpg" || extension == ".bmp") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::size_t write_maps_of(const std::vector<fs::path>& files, const Statistics& statistics, const fs::path& folder) {
  fs::create_directories(folder);
  for (const auto& file : files) {
    const fs::path target = folder / file.stem().concat(".tiff");
    const fs::path unfinished = folder / file.stem().concat(".part.tiff");
    if (!cv::imwrite(unfinished.string(), deviation_map(file, statistics))) {
      throw std::runtime_error(target.string() + ": the map cannot be written");
    }
    fs::rename(unfinished, target);
  }
  return files.size();
}

/// Maps of train/good too: some uses of maps take their scale from good pictures.
std::size_t write_maps(const fs::path& category, const fs::path& out) {
  const auto train = pictures_in(category / "train" / "good");
  if (train.empty()) return 0;
  const Statistics statistics = learn(train);
  std::size_t count = write_maps_of(train, statistics, out / "train" / "good");
  for (const auto& type : fs::directory_iterator(category / "test")) {
    count += write_maps_of(pictures_in(type.path()), statistics, out / "test" / type.path().filename());
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "Usage: colour_deviation_maps DATASET_ROOT OUT_ROOT\n";
    return 2;
  }
  try {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(argv[1])) {
      if (entry.is_directory()) count += write_maps(entry.path(), fs::path(argv[2]) / entry.path().filename());
    }
    if (count == 0) throw std::runtime_error(std::string(argv[1]) + ": no category with train/good and test in it");
    std::cout << "Wrote " << count << " maps to " << argv[2] << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "colour_deviation_maps: " << error.what() << '\n';
    return 2;
  }
}
