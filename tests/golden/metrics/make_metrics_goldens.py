# SPDX-License-Identifier: Apache-2.0
"""Writes scores, labels and scikit-learn's metrics for them. Run in this folder; needs numpy and scikit-learn."""
import json

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve


def case(name, scores, labels):
    precision, recall, thresholds_of_pr = precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    false_rate, true_rate, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    return {"name": name, "scores": [float(s) for s in scores], "labels": [int(v) for v in labels],
            "auroc": float(roc_auc_score(labels, scores)), "average_precision": float(average_precision_score(labels, scores)),
            "f1_max": float(f1.max()),
            # The least of several best thresholds, as anomalib takes it; rounding must not decide between equals.
            "f1_threshold": float(thresholds_of_pr[np.argmax(np.round(f1[:-1], 12))]),
            "quantiles": {str(q): float(np.quantile(scores, q)) for q in (0, 0.25, 0.9, 0.99, 1)}, "roc": {"threshold": [float(t) for t in thresholds[1:]],
                                               "true_positive_rate": [float(v) for v in true_rate[1:]],
                                               "false_positive_rate": [float(v) for v in false_rate[1:]]}}


def main():
    random = np.random.default_rng(3)
    cases = []
    for name, count, share, levels in [("distinct", 60, 0.4, None), ("many_ties", 80, 0.3, 6), ("rare_positives", 120, 0.05, 20),
                                       ("two_levels", 50, 0.5, 2), ("mostly_positive", 70, 0.9, 9)]:
        labels = (random.random(count) < share).astype(int)
        labels[:2] = (0, 1)
        scores = random.normal(size=count) + labels * 0.8
        if levels:
            scores = np.round((scores - scores.min()) / (scores.max() - scores.min()) * (levels - 1)) / 8
        # float32 values, so that maps hold them exactly.
        cases.append(case(name, scores.astype(np.float32).astype(np.float64), labels))
    cases.append(case("all_equal", np.full(10, 0.5), np.arange(10) % 2))
    cases.append(case("perfect", np.arange(9), (np.arange(9) > 4).astype(int)))
    cases.append(case("reversed", -np.arange(9), (np.arange(9) > 4).astype(int)))
    with open("ranking.json", "w") as file:
        json.dump(cases, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
