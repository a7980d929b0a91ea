# SPDX-License-Identifier: Apache-2.0
"""Writes resnet.json: feature maps of torchvision's and timm's ResNets for weights that both sides compute from a formula.

Weights of a WideResNet-50-2 are 260 MB, so neither they nor whole maps are stored: resnet_test.cc makes the same weights
from tensor names and element numbers (formula() here, formula() there), and the file holds 200 values of each map.

Run:  python make_resnet_goldens.py   (torch, torchvision, timm, numpy; versions are written into the file)
"""
import json
import math
import pathlib

import numpy as np
import timm
import torch
import torchvision

SAMPLES = 200
IMAGES = (2, 3, 72, 96)
TAPS = ["layer1", "layer2", "layer3", "layer4"]


def formula(name, shape, low, high):
    """Uniform-looking values in [low, high): murmur3's finaliser of the element number, keyed by FNV-1a of the name."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    h = np.arange(math.prod(shape), dtype=np.uint32) + np.uint32(seed)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = (h ^ (h >> np.uint32(shift))) * np.uint32(factor)
    h ^= h >> np.uint32(16)
    unit = (h >> np.uint32(8)).astype(np.float64) / 2**24
    return torch.from_numpy((low + (high - low) * unit).astype(np.float32).reshape(shape))


def weights_for(model):
    tensors = {}
    for name, tensor in model.state_dict().items():
        shape = tuple(tensor.shape)
        if name.endswith("num_batches_tracked"):
            tensors[name] = torch.zeros((), dtype=torch.int64)
        elif len(shape) == 4:
            bound = math.sqrt(6.0 / (shape[1] * shape[2] * shape[3]))
            tensors[name] = formula(name, shape, -bound, bound)
        elif name.endswith("running_var"):
            tensors[name] = formula(name, shape, 0.5, 1.5)
        elif name.endswith("running_mean") or name.endswith("bias"):
            tensors[name] = formula(name, shape, -0.2, 0.2)
        else:
            tensors[name] = formula(name, shape, 0.4, 0.8)
    return tensors


def sampled(feature_map):
    values = feature_map.detach().reshape(-1).numpy()
    picked = values[[i * 7919 % values.size for i in range(SAMPLES)]]
    return {
        "shape": list(feature_map.shape),
        "root_mean_square": float(np.sqrt(np.mean(values.astype(np.float64) ** 2))),
        "values": [float(f"{value:.8g}") for value in picked],
    }


@torch.no_grad()
def maps_of(model, images):
    """Works for both libraries: they call the stem and the layers alike."""
    x = model.relu(model.bn1(model.conv1(images))) if hasattr(model, "relu") else model.act1(model.bn1(model.conv1(images)))
    x = model.maxpool(x)
    maps = {}
    for tap in TAPS:
        if not hasattr(model, tap):
            break
        x = getattr(model, tap)(x)
        maps[tap] = sampled(x)
    return maps


def filled(model):
    model.load_state_dict(weights_for(model))
    return model.eval()


def main():
    images = formula("images", IMAGES, -2.0, 2.0)
    nets = {}
    for name in ("resnet18", "resnet50", "wide_resnet50_2"):
        nets[name] = {
            "torchvision": maps_of(filled(getattr(torchvision.models, name)(weights=None)), images),
            "timm": maps_of(filled(timm.create_model(name, pretrained=False)), images),
        }
    resnet = timm.models.resnet
    narrow = {"channels": (16, 32, 48, 64)}
    nets["narrow_basic"] = {"timm": maps_of(filled(resnet.ResNet(resnet.BasicBlock, [2, 1, 3, 2], **narrow)), images)}
    nets["narrow_bottleneck"] = {
        "timm": maps_of(filled(resnet.ResNet(resnet.Bottleneck, [1, 2, 2, 1], base_width=96, **narrow)), images)
    }
    golden = {
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__},
        "images": list(IMAGES),
        "nets": nets,
    }
    path = pathlib.Path(__file__).with_name("resnet.json")
    path.write_text(json.dumps(golden, separators=(",", ":")).replace('"layer', '\n"layer') + "\n")


if __name__ == "__main__":
    main()
