# SPDX-License-Identifier: Apache-2.0
"""Writes small maps and masks with their pixel metrics. Run in this folder; needs numpy, scipy, scikit-learn, torch, torchmetrics and
the folder of anomalib 2.2.0 (pip install --no-deps --target DIR anomalib==2.2.0) as first argument.

Pixel AUROC, AP and F1-max come from scikit-learn, the anomalib variant of AUPRO from anomalib itself, the others from what is
written here after the descriptions of MVTec AD's, MVTec 3D-AD's and cflow-ad's evaluations."""
import importlib.util
import json
import sys
import types

import numpy as np
import torch
import torchmetrics.functional.classification  # noqa: F401  (asks whether matplotlib is there, before that is replaced below)
from scipy.ndimage import gaussian_filter, label
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_auc_score

LIMITS = (0.05, 0.3, 1.0)


def regions_of(mask):
    labels, count = label(mask, np.ones((3, 3), int))
    return [labels == k for k in range(1, count + 1)]


def integral(x, y, limit):
    """Of the line through the points from x = 0 to limit, whose ordinate is interpolated."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    inside = x <= limit
    area = np.sum((x[inside][1:] - x[inside][:-1]) * (y[inside][1:] + y[inside][:-1]) / 2)
    if not inside.all():
        k = int(np.argmin(inside))  # the first beyond
        at_limit = y[k - 1] + (y[k] - y[k - 1]) * (limit - x[k - 1]) / (x[k] - x[k - 1])
        area += (limit - x[k - 1]) * (at_limit + y[k - 1]) / 2
    return float(area)


def exact(maps, masks, limit):
    """Every distinct score is a threshold; score >= threshold counts as found."""
    regions = [m[r] for m, mask in zip(maps, masks) for r in regions_of(mask)]
    normal = np.concatenate([m[mask == 0] for m, mask in zip(maps, masks)])
    rates, overlaps = [0.0], [0.0]
    for threshold in np.unique(np.concatenate([m.ravel() for m in maps]))[::-1]:
        rates.append(np.mean(normal >= threshold))
        overlaps.append(np.mean([np.mean(r >= threshold) for r in regions]))
    return integral(rates, overlaps, limit) / limit


def official(maps, masks, limit):
    """100 thresholds at ranks of the sorted normal scores; score > threshold counts as found."""
    regions = [m[r] for m, mask in zip(maps, masks) for r in regions_of(mask)]
    normal = np.sort(np.concatenate([m[mask == 0] for m, mask in zip(maps, masks)]))
    rates, overlaps = [1.0], [1.0]
    for rank in np.linspace(0, len(normal) - 1, 100, dtype=int):
        rates.append(1 - (rank + 1) / len(normal))
        overlaps.append(np.mean([np.mean(r > normal[rank]) for r in regions]))
    return integral(rates[::-1], overlaps[::-1], limit) / limit


def cflow(maps, masks, limit):
    """200 thresholds between the extremes; rates below the limit are stretched to [0, 1]."""
    regions = [m[r] for m, mask in zip(maps, masks) for r in regions_of(mask)]
    normal = np.concatenate([m[mask == 0] for m, mask in zip(maps, masks)])
    low, high = min(m.min() for m in maps), max(m.max() for m in maps)
    rates, overlaps = [], []
    for k in range(200):
        threshold = low + k * ((high - low) / 200)
        rate = np.mean(normal > threshold)
        if rate < limit:
            rates.append(rate)
            overlaps.append(np.mean([np.mean(r > threshold) for r in regions]))
    rates = np.array(rates)
    if len(rates) < 2 or rates.max() == rates.min():
        return None
    return float(auc((rates - rates.min()) / (rates.max() - rates.min()), overlaps))


def load_anomalib_aupro(folder):
    """The metric's own file; its neighbours, of which nothing is needed here, are replaced by empty ones."""
    def module(name, **content):
        made = types.ModuleType(name)
        made.__dict__.update(content)
        sys.modules[name] = made
    nothing = lambda *_: None
    module("matplotlib")
    module("matplotlib.figure", Figure=object)
    module("anomalib")
    module("anomalib.metrics")
    sys.modules["anomalib.metrics"].__path__ = []
    module("anomalib.metrics.pro", connected_components_cpu=nothing, connected_components_gpu=nothing)
    module("anomalib.metrics.base", AnomalibMetric=type("AnomalibMetric", (), {}))
    module("anomalib.metrics.binning", thresholds_between_0_and_1=nothing, thresholds_between_min_and_max=nothing)
    module("anomalib.metrics.utils", plot_metric_curve=nothing)
    spec = importlib.util.spec_from_file_location("anomalib.metrics.aupro", folder + "/anomalib/metrics/aupro.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded._AUPRO


def anomalib(metric_class, maps, masks, limit):
    metric = metric_class(fpr_limit=limit)
    numbered, count = [], 0
    for mask in masks:
        labels, found = label(mask, np.ones((3, 3), int))
        numbered.append(np.where(labels > 0, labels + count, 0))
        count += found
    flat = torch.tensor(np.concatenate([n.ravel() for n in numbered]))
    metric.perform_cca = lambda: flat
    metric.preds = [torch.tensor(np.stack(maps), dtype=torch.float32)]
    metric.target = [torch.tensor(np.stack(masks))]
    return float(metric.compute())


def metrics(metric_class, maps, masks):
    scores = np.concatenate([m.ravel() for m in maps])
    labels = np.concatenate([m.ravel() for m in masks])
    precision, recall, _ = precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    result = {"auroc": float(roc_auc_score(labels, scores)), "average_precision": float(average_precision_score(labels, scores)),
              "f1_max": float(f1.max()), "num_regions": sum(len(regions_of(m)) for m in masks), "aupro": {}}
    for limit in LIMITS:
        result["aupro"][str(limit)] = {"exact": exact(maps, masks, limit), "official": official(maps, masks, limit),
                                       "cflow": cflow(maps, masks, limit), "anomalib": anomalib(metric_class, maps, masks, limit)}
    return result


def case(metric_class, name, levels, scale, masks):
    """levels: integers; the maps are levels / scale, which float32 holds exactly."""
    maps = [level / scale for level in levels]
    anomalous = [i for i, mask in enumerate(masks) if mask.any()]
    return {"name": name, "height": int(masks[0].shape[0]), "width": int(masks[0].shape[1]), "scale": scale,
            "levels": [[int(v) for v in level.ravel()] for level in levels],
            "masks": ["".join(map(str, mask.ravel())) for mask in masks],
            "all": metrics(metric_class, maps, masks),
            "anomalous_only": metrics(metric_class, [maps[i] for i in anomalous], [masks[i] for i in anomalous])}


def draw_masks(random, count, height, width, blur, cut):
    """Blobs, some of which touch at a corner only; the last image is good."""
    masks = []
    for i in range(count):
        field = gaussian_filter(random.normal(size=(height, width)), blur)
        masks.append(((field > cut * field.std()) & (i + 1 < count)).astype(int))
    masks[0][:2, :2] = [[1, 0], [0, 1]]
    return masks


def main():
    metric_class = load_anomalib_aupro(sys.argv[1])
    random = np.random.default_rng(6)
    cases = []
    for name, count, size, blur, cut, num_levels in [("distinct", 4, (20, 24), 1.5, 1.3, 1 << 20), ("ties", 4, (20, 24), 1.5, 1.3, 9),
                                                     ("specks", 3, (16, 15), 0.6, 1.6, 1 << 12), ("two_levels", 2, (9, 11), 1, 1, 2),
                                                     ("few_normal", 2, (7, 8), 1, 0.5, 64)]:
        masks = draw_masks(random, count, *size, blur, cut)
        levels = []
        for mask in masks:
            score = 0.9 * gaussian_filter(mask.astype(float), 1) + 0.25 * random.random(mask.shape)
            levels.append(np.clip(np.floor(score * num_levels), 0, num_levels - 1).astype(int))
        cases.append(case(metric_class, name, levels, num_levels, masks))
    with open("aupro.json", "w") as file:
        json.dump(cases, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
