# SPDX-License-Identifier: Apache-2.0
"""PaDiM under both profiles, on a small random network.

reference: restated with NumPy, SciPy and torch from what PaDiM-Anomaly-Detection-Localization-master's main.py does
(covariances stored as float32, inverted by NumPy, SciPy's Mahalanobis distance), without its min-max over the test set.
anomalib: anomalib's own PadimModel, whose network and selection are replaced by ours.

Writes padim.safetensors and python_random.json beside this file. Made with Python 3.11, torch 2.15, anomalib 2.7.0,
SciPy 1.17, NumPy 2, Pillow 13:
    python make_padim_goldens.py
"""
import json
import random
from pathlib import Path

import numpy as np
import scipy.ndimage
import torch
import torch.nn.functional as F
from anomalib.models.image.padim.torch_model import PadimModel
from PIL import Image
from safetensors.torch import save_file
from scipy.spatial.distance import mahalanobis

HERE = Path(__file__).resolve().parent
RESIZE, CROP, CHANNELS = 40, 32, 48
tensors = {}


class SmallNetwork(torch.nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.weights = weights

    def forward(self, images):
        first = torch.relu(F.conv2d(images, self.weights["first"], stride=4))
        second = torch.relu(F.conv2d(first, self.weights["second"], stride=2))
        return {"layer1": first, "layer2": second}


def normalised(pixels):
    image = pixels.astype(np.float32) / 255
    image = (image - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])
    return torch.from_numpy(image).permute(2, 0, 1)


def cropped(pixels):
    """torchvision's Resize (Lanczos), CenterCrop, ToTensor, Normalize on a Pillow image."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    size = (int(RESIZE * width / short), int(RESIZE * height / short))
    image = np.asarray(Image.fromarray(pixels).resize(size, Image.LANCZOS))
    top, left = round((size[1] - CROP) / 2), round((size[0] - CROP) / 2)
    return normalised(image[top:top + CROP, left:left + CROP])


def squashed(pixels):
    return normalised(np.asarray(Image.fromarray(pixels).resize((RESIZE, RESIZE), Image.BILINEAR)))


def picture(rng, with_defect):
    """The same blotches in all, each a little moved and brightened, and grain; a defect is a dark block."""
    base = np.random.default_rng(8).standard_normal((60, 70, 3))
    smooth = scipy.ndimage.gaussian_filter(base, (5, 5, 0)) * 600
    dy, dx = rng.integers(0, 6, 2)
    pixels = (128 + smooth[dy:dy + 46, dx:dx + 54]) * rng.uniform(0.85, 1.15) + rng.normal(0, 6, (46, 54, 3))
    if with_defect:
        pixels[20:30, 24:36] = 20
    return np.clip(pixels, 0, 255).astype(np.uint8)


def embeddings(network, images, channels):
    features = network(torch.stack(images))
    coarse = features["layer2"].repeat_interleave(2, 2).repeat_interleave(2, 3)
    return torch.cat([features["layer1"], coarse], dim=1)[:, channels]


def reference_maps(network, train, test, dims):
    random.seed(1024)
    channels = random.sample(range(CHANNELS), dims)
    fitted = embeddings(network, [cropped(p) for p in train], channels).flatten(2).numpy()
    mean = fitted.mean(axis=0)
    positions = mean.shape[1]
    covariance = np.zeros((dims, dims, positions), np.float32)
    for i in range(positions):
        covariance[:, :, i] = np.cov(fitted[:, :, i], rowvar=False) + 0.01 * np.identity(dims)
    tested = embeddings(network, [cropped(p) for p in test], channels).flatten(2).numpy()
    distances = np.zeros((len(test), positions))
    for i in range(positions):
        inverse = np.linalg.inv(covariance[:, :, i])
        distances[:, i] = [mahalanobis(sample[:, i], mean[:, i], inverse) for sample in tested]
    side = round(positions**0.5)
    patches = torch.from_numpy(distances).reshape(len(test), 1, side, side)
    upsampled = F.interpolate(patches, size=(CROP, CROP), mode="bilinear", align_corners=False)[:, 0].numpy()
    return torch.from_numpy(np.stack([scipy.ndimage.gaussian_filter(m, sigma=4) for m in upsampled])).float()


def anomalib_prediction(network, train, test):
    """With all channels, whose order does not matter, because the selection is drawn by torch's generator there."""
    model = PadimModel(backbone="resnet18", layers=["layer1", "layer2"], pre_trained=False, n_features=CHANNELS)
    model.feature_extractor = network
    model.idx = torch.arange(CHANNELS)
    model.train()
    model(torch.stack([squashed(p) for p in train]))
    embedded = torch.vstack(model.memory_bank).double().flatten(2)
    model.fit()
    # Batched inversion is wrong in some builds of torch: this golden must not inherit that.
    rows = (embedded - embedded.mean(0)).permute(2, 0, 1)
    covariance = rows.mT @ rows / (len(train) - 1) + (0.01 + 1e-5) * torch.eye(CHANNELS)
    product = covariance @ model.gaussian.inv_covariance.double()
    assert (product - torch.eye(CHANNELS)).abs().max() < 1e-3
    model.eval()
    with torch.no_grad():
        prediction = model(torch.stack([squashed(p) for p in test]))
    return prediction.anomaly_map[:, 0], prediction.pred_score.flatten()


def python_random():
    cases = []
    for seed, population, count in [(1024, 448, 100), (1024, 1792, 550), (0, 10, 3), (1024, 4096, 20), (7, 25, 25),
                                    (2**40 + 5, 1000, 300), (1, 3000, 6), (1, 22, 5), (1, 21, 5)]:
        random.seed(seed)
        cases.append({"seed": seed, "population": population, "sample": random.sample(range(population), count)})
    random.seed(1024)
    words = [random.getrandbits(32) for _ in range(1300)]
    return {"words_seed": 1024, "first_words": words[:4], "last_words": words[-4:], "samples": cases}


def main():
    rng = np.random.default_rng(3)
    torch.manual_seed(4)
    weights = {"first": torch.randn(20, 3, 4, 4) * 0.15, "second": torch.randn(28, 20, 2, 2) * 0.12}
    network = SmallNetwork(weights)
    train = [picture(rng, False) for _ in range(12)]
    test = [picture(rng, False), picture(rng, True)]
    tensors.update({f"network.{name}": value for name, value in weights.items()})
    tensors["images.train"] = torch.from_numpy(np.stack(train))
    tensors["images.test"] = torch.from_numpy(np.stack(test))
    # 8 dimensions: covariances of full rank; 30: more than images, so that only the regularisation makes them definite.
    for dims in (8, 30):
        tensors[f"reference.{dims}.maps"] = reference_maps(network, train, test, dims)
    tensors["anomalib.maps"], tensors["anomalib.scores"] = anomalib_prediction(network, train, test)
    save_file({name: value.contiguous() for name, value in tensors.items()}, HERE / "padim.safetensors")
    (HERE / "python_random.json").write_text(json.dumps(python_random()) + "\n")
    for name in ("reference.8.maps", "reference.30.maps", "anomalib.maps"):
        print(name, tensors[name].flatten(1).max(dim=1).values)


main()
