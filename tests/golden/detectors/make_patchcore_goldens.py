# SPDX-License-Identifier: Apache-2.0
"""PatchCore's three profiles: amazon and paper restated step by step with torch's and SciPy's own operators, anomalib
by the package itself.

Writes patchcore.safetensors beside this file. Made with torch 2.15, torchvision 0.29, SciPy 1.17, Pillow 13, anomalib
2.7:
    python make_patchcore_goldens.py
"""
from pathlib import Path

import numpy as np
import scipy.ndimage
import torch
import torch.nn.functional as F
from anomalib.models.components import KCenterGreedy
from anomalib.models.image.patchcore.torch_model import PatchcoreModel
from PIL import Image
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
tensors = {}


def patch_embeddings(maps, layer_dims, output_dims):
    """maps: per tap [B, C, h, w]. The literal way: every unfolded plane is stored and upsampled."""
    height, width = maps[0].shape[2:]
    layers = []
    for i, features in enumerate(maps):
        batch, channels, h, w = features.shape
        planes = F.unfold(features, kernel_size=3, stride=1, padding=1).reshape(batch, channels * 9, h, w)
        if i > 0:
            planes = F.interpolate(planes, size=(height, width), mode="bilinear", align_corners=False)
        rows = planes.permute(0, 2, 3, 1).reshape(batch * height * width, 1, channels * 9)
        layers.append(F.adaptive_avg_pool1d(rows, layer_dims).squeeze(1))
    stacked = torch.stack(layers, dim=1).reshape(len(layers[0]), 1, -1)
    return F.adaptive_avg_pool1d(stacked, output_dims).squeeze(1)


def add_embedding_case(name, maps, layer_dims, output_dims):
    for i, features in enumerate(maps):
        tensors[f"embedding.{name}.map{i}"] = features
    tensors[f"embedding.{name}.dims"] = torch.tensor([layer_dims, output_dims])
    tensors[f"embedding.{name}.rows"] = patch_embeddings(maps, layer_dims, output_dims)


def euclidean(a, b):
    squared = (a * a).sum(1)[:, None] + (b * b).sum(1)[None, :] - 2 * a @ b.T
    return squared.clamp(min=0).sqrt()


def greedy_coreset(projected, starts, count):
    minima = euclidean(projected, projected[starts]).mean(dim=1)
    selected = []
    for _ in range(count):
        largest = torch.topk(minima, 2).values
        assert largest[0] - largest[1] > 1e-5, "a tie would make the order depend on rounding"
        selected.append(int(torch.argmax(minima)))
        minima = torch.minimum(minima, euclidean(projected, projected[selected[-1:]])[:, 0])
    return torch.tensor(selected)


def small_network(images, weights):
    first = torch.relu(F.conv2d(images, weights["first"], stride=4))
    second = torch.relu(F.conv2d(first, weights["second"], stride=2))
    return [first, second]


class SmallNetwork(torch.nn.Module):
    """The same network as a module with named layers, as anomalib takes its backbones."""

    def __init__(self, weights):
        super().__init__()
        self.convolution1 = torch.nn.Conv2d(3, 16, 4, stride=4, bias=False)
        self.convolution2 = torch.nn.Conv2d(16, 24, 2, stride=2, bias=False)
        self.first, self.second = torch.nn.ReLU(), torch.nn.ReLU()
        self.load_state_dict({"convolution1.weight": weights["first"], "convolution2.weight": weights["second"]})

    def forward(self, images):
        return self.second(self.convolution2(self.first(self.convolution1(images))))


def prepared(pixels, resize, crop):
    """torchvision's Resize, CenterCrop, ToTensor, Normalize on a Pillow image."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    size = (int(resize * width / short), int(resize * height / short))
    image = np.asarray(Image.fromarray(pixels).resize(size, Image.BILINEAR))
    top, left = round((size[1] - crop) / 2), round((size[0] - crop) / 2)
    return normalised(image[top:top + crop, left:left + crop])


def squashed(pixels, side):
    return normalised(np.asarray(Image.fromarray(pixels).resize((side, side), Image.BILINEAR)))


def normalised(image):
    image = image.astype(np.float32) / 255
    image = (image - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])
    return torch.from_numpy(image).permute(2, 0, 1)


def picture(rng, height, width, with_defect):
    """Smooth colours and grain; a defect is a dark block."""
    pixels = 128 + 60 * scipy.ndimage.gaussian_filter(rng.standard_normal((height, width, 3)), (5, 5, 0)) * 10
    pixels += rng.normal(0, 6, pixels.shape)
    if with_defect:
        pixels[20:30, 24:36] = 20
    return np.clip(pixels, 0, 255).astype(np.uint8)


def add_end_to_end():
    rng = np.random.default_rng(3)
    torch.manual_seed(4)
    weights = {"first": torch.randn(16, 3, 4, 4) * 0.15, "second": torch.randn(24, 16, 2, 2) * 0.12}
    train = [picture(rng, 46, 54, False) for _ in range(3)]
    test = [picture(rng, 46, 54, False), picture(rng, 46, 54, True)]
    layer_dims, output_dims, resize, crop = 96, 64, 40, 32

    def rows_of(pictures):
        images = torch.stack([prepared(pixels, resize, crop) for pixels in pictures])
        return patch_embeddings(small_network(images, weights), layer_dims, output_dims)

    # Every training patch is kept, so that the bank does not depend on random numbers.
    bank, queries = rows_of(train).double(), rows_of(test).double()
    squared = ((queries[:, None, :] - bank[None, :, :])**2).sum(2).min(dim=1).values.float()
    patches = squared.reshape(len(test), 1, 8, 8)
    upsampled = F.interpolate(patches, size=(crop, crop), mode="bilinear", align_corners=False)
    maps = np.stack([scipy.ndimage.gaussian_filter(m, sigma=4) for m in upsampled[:, 0].numpy()])
    tensors.update({f"network.{name}": value for name, value in weights.items()})
    tensors["images.train"] = torch.from_numpy(np.stack(train))
    tensors["images.test"] = torch.from_numpy(np.stack(test))
    tensors["predicted.maps"] = torch.from_numpy(maps)
    tensors["predicted.upsampled"] = upsampled[:, 0].contiguous()
    tensors["predicted.scores"] = patches.flatten(1).max(dim=1).values
    add_paper(bank, queries.reshape(len(test), -1, output_dims), crop)
    add_anomalib(weights, train, test, crop)


def add_paper(bank, queries, crop):
    """bank [N, D], queries [images, patches, D], float64. Every distance by its definition; eq. 7 with b = 9."""
    b, scores, maps = 9, [], []
    for image in queries:
        distances = (image[:, None, :] - bank[None, :, :]).square().sum(2).sqrt()
        nearest, rows = distances.min(dim=1)
        t = int(nearest.argmax())
        star = bank[rows[t]]
        around = (bank - star).square().sum(1).argsort()[:b]
        assert int(around[0]) == int(rows[t])
        exponentials = distances[t, around].exp()
        scores.append((1 - distances[t, rows[t]].exp() / exponentials.sum()) * nearest[t])
        upsampled = F.interpolate(nearest.reshape(1, 1, 8, 8), size=(crop, crop), mode="bilinear", align_corners=False)
        maps.append(scipy.ndimage.gaussian_filter(upsampled[0, 0].numpy(), sigma=4))
    tensors["paper.scores"] = torch.stack(scores).float()
    tensors["paper.maps"] = torch.from_numpy(np.stack(maps)).float()


def add_anomalib(weights, train, test, side):
    """The package's own model, in float64, on the small network; every training patch is kept."""
    model = PatchcoreModel(layers=["first", "second"], backbone=SmallNetwork(weights), num_neighbors=9).double()
    model.train()
    training_rows = model(torch.stack([squashed(pixels, side) for pixels in train]).double())
    torch.manual_seed(6)
    model.subsample_embedding(1.0)
    model.eval()
    predicted = model(torch.stack([squashed(pixels, side) for pixels in test]).double())
    tensors["anomalib.rows"] = training_rows.float()
    tensors["anomalib.scores"] = predicted.pred_score.float()
    tensors["anomalib.maps"] = predicted.anomaly_map[:, 0].float()


def add_anomalib_coreset():
    """The package's own sampler: its projection, its start, its choice."""
    torch.manual_seed(7)
    features = torch.randn(200, 40) + 2 * torch.randn(8, 40).repeat(25, 1)
    sampler = KCenterGreedy(features, 0.25)
    sampler.model.random_state = 8
    selected = sampler.select_coreset_idxs()
    minima = None
    for row in selected[:-1]:  # no tie, so that the order does not depend on rounding
        distances = (sampler.features - sampler.features[row]).double().norm(dim=1)
        minima = distances if minima is None else torch.minimum(minima, distances)
        largest = torch.topk(minima, 2).values
        assert largest[0] - largest[1] > 1e-5
    tensors["anomalib.coreset.features"] = features
    tensors["anomalib.coreset.projection"] = sampler.model.sparse_random_matrix.float()
    tensors["anomalib.coreset.selected"] = torch.tensor(selected)


def main():
    torch.manual_seed(0)
    # The real numbers of channels of WideResNet-50-2, on a small grid.
    add_embedding_case("wide", [torch.randn(1, 512, 4, 4), torch.randn(1, 1024, 2, 2)], 1024, 1024)
    # Fewer unfolded values than dimensions, grids that are no multiples of each other, two images.
    add_embedding_case("micro", [torch.randn(2, 16, 6, 5), torch.randn(2, 32, 3, 2)], 1024, 100)
    add_embedding_case("single", [torch.randn(2, 7, 5, 4)], 20, 16)
    # The first tap decides the grid even when another one is finer.
    add_embedding_case("finer_second", [torch.randn(1, 5, 3, 4), torch.randn(1, 3, 7, 6), torch.randn(1, 2, 1, 1)], 11, 30)

    features = torch.randn(400, 48) + 2 * torch.randn(8, 48).repeat(50, 1)
    projection = (torch.rand(16, 48) * 2 - 1) / 48**0.5
    starts = torch.randperm(400)[:10]
    tensors["coreset.features"] = features
    tensors["coreset.projection"] = projection
    tensors["coreset.starts"] = starts
    tensors["coreset.selected"] = greedy_coreset(features @ projection.T, starts, 120)

    add_anomalib_coreset()
    add_end_to_end()
    save_file({name: value.contiguous() for name, value in tensors.items()}, HERE / "patchcore.safetensors")


main()
