// SPDX-License-Identifier: Apache-2.0
// VisA in its original layout: CATEGORY/Data/Images/{Normal,Anomaly}/*.JPG, CATEGORY/Data/Masks/Anomaly/*.png,
// CATEGORY/image_anno.csv (image,label,mask) and split_csv/*.csv (object,split,label,image,mask).
// Source: Zou et al., "SPot-the-Difference Self-Supervised Pre-training for Anomaly Detection and Segmentation", ECCV
// 2022, and the published archive.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/options.h"
#include "datasets/listing.h"

namespace normadd::datasets {

struct VisaOptions {
  std::string split_file = "split_csv/1cls.csv";
  std::string types = "annotated";
  void describe(config::Options& o);
};

/// What the split names. Types are the annotated labels with underscores (damaged_corner_of_packaging), "combined" for
/// an image with several; with types=single all are "anomaly". Anomalous training images, which the 2cls splits have,
/// are left out with a note: detectors train on normal images.
/// Throws DataError for a missing root, split file, category folder or annotation; everything in single rows is
/// reported.
Listing list_visa(const std::filesystem::path& root, const std::vector<std::string>& categories,
                  const VisaOptions& options, const Report& report);

/// Throws DataError at the first problem.
Dataset read_visa(const std::filesystem::path& root, const std::vector<std::string>& categories,
                  const VisaOptions& options);

/// Whether a folder below root has Data/Images.
bool has_visa_images(const std::filesystem::path& root);

}  // namespace normadd::datasets
