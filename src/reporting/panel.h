// SPDX-License-Identifier: Apache-2.0
// The picture of one pair: what the detector saw, what the text took away, what is left.
#pragma once

#include <string>
#include <vector>

#include "imaging/image.h"

namespace normadd::reporting {

/// One example image. All pictures and maps cover the same part of the image (A's geometry), at any resolution.
struct PanelRow {
  std::string label;  // "added: scratch", "good"; ASCII
  imaging::Image image;
  imaging::Mask mask;  // 0/1; no pixels = there is no mask file
  imaging::Map anomaly;
  imaging::Map suppression;  // in [0, 1]
  imaging::Map fused;
  double score_before = 0;  // printed under A and A_final
  double score_after = 0;
};

/// Where something lies in a picture, in pixels.
struct Rectangle {
  int left = 0, top = 0, width = 0, height = 0;
  bool operator==(const Rectangle&) const = default;
};

/// The tiles of one example: what a page needs to show them apart without further files.
struct PanelTiles {
  Rectangle image, mask, before, suppression, after;
};

struct Panel {
  imaging::Image picture;
  std::vector<PanelTiles> rows;
};

/// Columns image | ground truth | A | A_sup | A_final, one row per example, headings and scores, white paper. A and
/// A_final share one colour scale over all rows, from 0 to the largest value of A; A_sup is on [0, 1]; both scales are
/// drawn below. The mask is outlined on the image and the maps. Throws InternalError without rows.
Panel draw_panel(const std::string& title, const std::vector<PanelRow>& rows);

}  // namespace normadd::reporting
