// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/procedural/categories.h"
#include "datasets/procedural/noise.h"

namespace normadd::datasets {
namespace {

constexpr float kTau = 2.0f * std::numbers::pi_v<float>;

/// paint(u, v) in a slightly rotated and shifted frame over the whole picture.
template <typename Paint>
void fill_texture(Scene& scene, const Frame& frame, Paint paint) {
  scene.canvas.fill([&](float x, float y) { return paint(frame.u(x, y), frame.v(x, y)); });
  std::fill(scene.object.pixels.begin(), scene.object.pixels.end(), std::uint8_t{1});
}

/// A category's own direction, plus a small turn and shift of this picture.
Frame textured_frame(core::RandomStream& fixed, core::RandomStream& instance, float most_turns) {
  const Frame category = Frame::random(fixed, most_turns, 0.0f);
  const Frame picture = Frame::random(instance, 0.015f, 8.0f);
  return {category.cosine * picture.cosine - category.sine * picture.sine,
          category.sine * picture.cosine + category.cosine * picture.sine, picture.shift_u, picture.shift_v};
}

float fraction(float x) { return x - std::floor(x); }

}  // namespace

void paint_wood(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color light = draw_color(fixed, {0.05, 0.11}, {0.35, 0.6}, {0.65, 0.85});
  const Color dark = light * draw(fixed, 0.6, 0.8);
  const float rings = draw(fixed, 0.05, 0.11);
  const Frame frame = textured_frame(fixed, instance, 0.5f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const float bend = 6.0f * fractal_noise(seed, u * 0.012f, v * 0.05f, 3);
    const float ring = 0.5f + 0.5f * std::sin(kTau * (rings * v + bend));
    const float fibre = fractal_noise(seed + 11, u * 0.05f, v * 0.9f, 2);
    return mix(dark, light, std::clamp(0.65f * ring + 0.35f * fibre, 0.0f, 1.0f));
  });
}

void paint_leather(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.2, 0.6}, {0.35, 0.7});
  const float cells = 1.0f / draw(fixed, 4.5, 8.0);
  const float depth = draw(fixed, 0.25, 0.5);
  const Frame frame = textured_frame(fixed, instance, 0.5f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const CellDistances cell = cellular_noise(seed, u * cells, v * cells);
    const float crease = smooth_step(0.0f, 0.3f, cell.second - cell.nearest);
    const float shade =
        1.0f - depth * (1.0f - crease) + 0.15f * (fractal_noise(seed + 5, u * 0.04f, v * 0.04f, 3) - 0.5f);
    return base * shade;
  });
}

void paint_fabric(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.1, 0.6}, {0.45, 0.8});
  const float pitch = 1.0f / draw(fixed, 3.0, 5.5);
  const float twill = fixed.chance(0.5) ? draw(fixed, 0.4, 1.0) : 0.0f;
  const float depth = draw(fixed, 0.2, 0.4);
  const Frame frame = textured_frame(fixed, instance, 0.5f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const float wobble = 0.6f * fractal_noise(seed, u * 0.06f, v * 0.06f, 2);
    const float warp = std::sin(kTau * (pitch * u + wobble)), weft = std::sin(kTau * (pitch * v + twill * pitch * u));
    const float yarn = 0.25f * (value_noise(seed + 3, u * 0.7f, v * 0.7f) - 0.5f);
    return base * (1.0f - depth * 0.5f * (1.0f - warp * weft) + yarn);
  });
}

void paint_tile(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.02, 0.25}, {0.6, 0.85});
  const Color speck = base * draw(fixed, 0.4, 0.7);
  const float pitch = draw(fixed, 38.0, 70.0), joint = draw(fixed, 1.6, 3.0), size = draw(fixed, 0.35, 0.7);
  const Frame frame = textured_frame(fixed, instance, 0.06f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const float du = std::abs(fraction(u / pitch) - 0.5f) * pitch, dv = std::abs(fraction(v / pitch) - 0.5f) * pitch;
    const float edge = 0.5f * pitch - std::max(du, dv);
    const float specks = smooth_step(0.55f, 0.7f, fractal_noise(seed, u * size, v * size, 2));
    const Color stone = mix(base, speck, specks);
    return mix(base * 0.55f, stone, smooth_step(joint * 0.5f - 0.6f, joint * 0.5f + 0.6f, edge));
  });
}

void paint_metal(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.5, 0.7}, {0.0, 0.12}, {0.5, 0.8});
  const float brush = draw(fixed, 0.5, 1.1), contrast = draw(fixed, 0.15, 0.35);
  const Frame frame = textured_frame(fixed, instance, 0.5f);
  const std::uint32_t seed = draw_seed(instance);
  const float sheen = draw(instance, -30.0, 30.0);
  fill_texture(scene, frame, [&](float u, float v) {
    const float lines = fractal_noise(seed, u * 0.02f, v * brush, 3) - 0.5f;
    const float gloss = 0.12f * std::exp(-(v - sheen) * (v - sheen) / 900.0f);
    return base * (1.0f + contrast * lines + gloss);
  });
}

void paint_stone(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.0, 0.2}, {0.4, 0.75});
  const float grain = draw(fixed, 0.15, 0.5), contrast = draw(fixed, 0.3, 0.55);
  const Frame frame = textured_frame(fixed, instance, 0.5f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const float clouds = fractal_noise(seed, u * 0.05f, v * 0.05f, 3) - 0.5f;
    const float grains = fractal_noise(seed + 9, u * grain, v * grain, 2) - 0.5f;
    return base * (1.0f + contrast * (0.6f * clouds + grains));
  });
}

void paint_foam(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.0, 1.0}, {0.05, 0.45}, {0.6, 0.85});
  const float cells = 1.0f / draw(fixed, 3.5, 7.0), depth = draw(fixed, 0.25, 0.45);
  const Frame frame = textured_frame(fixed, instance, 0.5f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const CellDistances cell = cellular_noise(seed, u * cells, v * cells);
    return base * (1.0f - depth * smooth_step(0.55f, 0.1f, cell.nearest) +
                   0.1f * (value_noise(seed + 4, u * 0.05f, v * 0.05f) - 0.5f));
  });
}

void paint_brick(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {-0.02, 0.1}, {0.3, 0.65}, {0.5, 0.75});
  const Color mortar = from_hsv(0.1f, 0.08f, draw(fixed, 0.55, 0.8));
  const float height = draw(fixed, 15.0, 24.0), width = height * draw(fixed, 1.8, 2.6), joint = draw(fixed, 1.5, 3.0);
  const Frame frame = textured_frame(fixed, instance, 0.03f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const int row = static_cast<int>(std::floor(v / height));
    const float shifted = u / width + (row % 2 != 0 ? 0.5f : 0.0f);
    const float du = (0.5f - std::abs(fraction(shifted) - 0.5f)) * width,
                dv = (0.5f - std::abs(fraction(v / height) - 0.5f)) * height;
    const float tone = 0.85f + 0.25f * cell_random(seed, static_cast<int>(std::floor(shifted)), row) +
                       0.3f * (fractal_noise(seed + 2, u * 0.3f, v * 0.3f, 2) - 0.5f);
    return mix(mortar, base * tone, smooth_step(joint * 0.5f - 0.7f, joint * 0.5f + 0.7f, std::min(du, dv)));
  });
}

void paint_board(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.28, 0.62}, {0.45, 0.75}, {0.3, 0.5});
  const Color copper = mix(base, from_hsv(0.11f, 0.5f, 0.8f), draw(fixed, 0.3, 0.6));
  const float pitch = draw(fixed, 9.0, 15.0), width = draw(fixed, 0.14, 0.24);
  const std::uint32_t layout = draw_seed(fixed);
  const Frame frame = textured_frame(fixed, instance, 0.0f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const int column = static_cast<int>(std::floor(u / pitch)), row = static_cast<int>(std::floor(v / pitch));
    const float du = fraction(u / pitch) - 0.5f, dv = fraction(v / pitch) - 0.5f;
    const float choice = cell_random(layout, column & 7, row & 7);
    float metal = 0.0f;
    if (choice < 0.4f) metal = smooth_step(width, width - 0.08f, std::abs(du));
    if (choice >= 0.3f && choice < 0.75f) metal = std::max(metal, smooth_step(width, width - 0.08f, std::abs(dv)));
    if (choice > 0.8f) metal = smooth_step(0.36f, 0.28f, std::sqrt(du * du + dv * dv));
    return mix(base, copper, metal) * (1.0f + 0.12f * (fractal_noise(seed, u * 0.2f, v * 0.2f, 2) - 0.5f));
  });
}

void paint_carpet(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.5, 0.75}, {0.12, 0.25}, {0.5, 0.6});
  const float pitch = draw(fixed, 6.5, 8.5), depth = draw(fixed, 0.3, 0.4);
  const Frame frame = textured_frame(fixed, instance, 0.02f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const float wobble_u = u + 1.6f * (value_noise(seed, u * 0.08f, v * 0.08f) - 0.5f);
    const float wobble_v = v + 1.6f * (value_noise(seed + 1, u * 0.08f, v * 0.08f) - 0.5f);
    const int column = static_cast<int>(std::floor(wobble_u / pitch)),
              row = static_cast<int>(std::floor(wobble_v / pitch));
    const bool over = ((column + row) & 1) != 0;
    const float across = over ? fraction(wobble_u / pitch) - 0.5f : fraction(wobble_v / pitch) - 0.5f;
    const float along = over ? fraction(wobble_v / pitch) - 0.5f : fraction(wobble_u / pitch) - 0.5f;
    const float yarn = (1.0f - 2.2f * across * across) * (1.0f - 1.4f * along * along);
    const float fuzz = 0.35f * (fractal_noise(seed + 7, u * 0.6f, v * 0.6f, 2) - 0.5f);
    return base * (1.0f - depth + depth * yarn + fuzz + (over ? 0.04f : -0.04f));
  });
}

void paint_grid(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color wire = draw_color(fixed, {0.55, 0.65}, 0.08f, {0.36, 0.44});
  const Color back = draw_color(fixed, {0.1, 0.2}, 0.05f, {0.7, 0.78});
  const float pitch = draw(fixed, 13.0, 15.5), width = draw(fixed, 2.0, 2.5);
  const Frame frame = textured_frame(fixed, instance, 0.125f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const float du = std::abs(fraction(u / pitch) - 0.5f) * pitch, dv = std::abs(fraction(v / pitch) - 0.5f) * pitch;
    const float nearest = std::min(du, dv);
    const float metal = smooth_step(width + 0.5f, width - 0.5f, nearest);
    const Color paper = back * (1.0f + 0.14f * (fractal_noise(seed, u * 0.09f, v * 0.09f, 3) - 0.5f));
    return mix(paper, wire * (1.25f - 0.35f * nearest / width), metal);
  });
}

void paint_marble(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene) {
  const Color base = draw_color(fixed, {0.05, 0.15}, {0.03, 0.08}, {0.76, 0.84});
  const Color vein = draw_color(fixed, {0.5, 0.7}, 0.12f, {0.48, 0.56});
  const float density = draw(fixed, 0.014, 0.019);
  const Frame frame = textured_frame(fixed, instance, 0.5f);
  const std::uint32_t seed = draw_seed(instance);
  fill_texture(scene, frame, [&](float u, float v) {
    const float bend_u = fractal_noise(seed, u * 0.02f, v * 0.02f, 3),
                bend_v = fractal_noise(seed + 3, u * 0.02f, v * 0.02f, 3);
    const float ridge =
        std::abs(fractal_noise(seed + 6, u * density + 2.0f * bend_u, v * density + 2.0f * bend_v, 4) - 0.5f);
    const float line = smooth_step(0.045f, 0.0f, ridge);
    const float cloud = 0.16f * (fractal_noise(seed + 8, u * 0.03f, v * 0.03f, 3) - 0.5f);
    return mix(base * (1.0f + cloud), vein, 0.6f * line);
  });
}

}  // namespace normadd::datasets
