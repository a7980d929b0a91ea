// SPDX-License-Identifier: Apache-2.0
#include "datasets/official_counts.h"

namespace normadd::datasets {

const std::map<std::string, std::map<std::string, int>>& official_test_counts() {
  static const std::map<std::string, std::map<std::string, int>> counts{
      {"bottle", {{"good", 20}, {"broken_large", 20}, {"broken_small", 22}, {"contamination", 21}}},
      {"cable",
       {{"good", 58},
        {"bent_wire", 13},
        {"cable_swap", 12},
        {"combined", 11},
        {"cut_inner_insulation", 14},
        {"cut_outer_insulation", 10},
        {"missing_cable", 12},
        {"missing_wire", 10},
        {"poke_insulation", 10}}},
      {"capsule",
       {{"good", 23}, {"crack", 23}, {"faulty_imprint", 22}, {"poke", 21}, {"scratch", 23}, {"squeeze", 20}}},
      {"carpet", {{"good", 28}, {"color", 19}, {"cut", 17}, {"hole", 17}, {"metal_contamination", 17}, {"thread", 19}}},
      {"grid", {{"good", 21}, {"bent", 12}, {"broken", 12}, {"glue", 11}, {"metal_contamination", 11}, {"thread", 11}}},
      {"hazelnut", {{"good", 40}, {"crack", 18}, {"cut", 17}, {"hole", 18}, {"print", 17}}},
      {"leather", {{"good", 32}, {"color", 19}, {"cut", 19}, {"fold", 17}, {"glue", 19}, {"poke", 18}}},
      {"metal_nut", {{"good", 22}, {"bent", 25}, {"color", 22}, {"flip", 23}, {"scratch", 23}}},
      {"pill",
       {{"good", 26},
        {"color", 25},
        {"combined", 17},
        {"contamination", 21},
        {"crack", 26},
        {"faulty_imprint", 19},
        {"pill_type", 9},
        {"scratch", 24}}},
      {"screw",
       {{"good", 41},
        {"manipulated_front", 24},
        {"scratch_head", 24},
        {"scratch_neck", 25},
        {"thread_side", 23},
        {"thread_top", 23}}},
      {"tile", {{"good", 33}, {"crack", 17}, {"glue_strip", 18}, {"gray_stroke", 16}, {"oil", 18}, {"rough", 15}}},
      {"toothbrush", {{"good", 12}, {"defective", 30}}},
      {"transistor", {{"good", 60}, {"bent_lead", 10}, {"cut_lead", 10}, {"damaged_case", 10}, {"misplaced", 10}}},
      {"wood", {{"good", 19}, {"color", 8}, {"combined", 11}, {"hole", 10}, {"liquid", 10}, {"scratch", 21}}},
      {"zipper",
       {{"good", 32},
        {"broken_teeth", 19},
        {"combined", 16},
        {"fabric_border", 17},
        {"fabric_interior", 16},
        {"rough", 17},
        {"split_teeth", 18},
        {"squeezed_teeth", 16}}},
  };
  return counts;
}

const std::map<std::string, int>& official_train_counts() {
  static const std::map<std::string, int> counts{
      {"bottle", 209},   {"cable", 224},     {"capsule", 219},    {"carpet", 280}, {"grid", 264},
      {"hazelnut", 391}, {"leather", 245},   {"metal_nut", 220},  {"pill", 267},   {"screw", 320},
      {"tile", 230},     {"toothbrush", 60}, {"transistor", 213}, {"wood", 247},   {"zipper", 240},
  };
  return counts;
}

const std::map<std::string, int>& official_picture_px() {
  static const std::map<std::string, int> sides{
      {"bottle", 900},    {"cable", 1024},      {"capsule", 1000},    {"carpet", 1024}, {"grid", 1024},
      {"hazelnut", 1024}, {"leather", 1024},    {"metal_nut", 700},   {"pill", 800},    {"screw", 1024},
      {"tile", 840},      {"toothbrush", 1024}, {"transistor", 1024}, {"wood", 1024},   {"zipper", 1024},
  };
  return sides;
}

const std::map<std::string, VisaCounts>& official_visa_counts() {
  static const std::map<std::string, VisaCounts> counts{
      {"candle", {1000, 100}}, {"capsules", {602, 100}},   {"cashew", {500, 100}},     {"chewinggum", {503, 100}},
      {"fryum", {500, 100}},   {"macaroni1", {1000, 100}}, {"macaroni2", {1000, 100}}, {"pcb1", {1004, 100}},
      {"pcb2", {1001, 100}},   {"pcb3", {1006, 100}},      {"pcb4", {1005, 100}},      {"pipe_fryum", {500, 100}},
  };
  return counts;
}

}  // namespace normadd::datasets
