# SPDX-License-Identifier: Apache-2.0
"""Makes the goldens of WinCLIP and APRIL-GAN. Needs torch, open_clip_torch, anomalib, safetensors, numpy, Pillow.

    python3 make_clip_detector_goldens.py

clip_small/             a random CLIP with QuickGELU and a context of 77
winclip.safetensors     images; profile anomalib from anomalib's own WinClipModel on that CLIP, profile reference window by
                        window written anew from its description; both zero-shot and with three shots
april_gan.safetensors   linear layers, maps and scores, zero-shot and few-shot, with GELU and enlarged positions
segmentation_losses.safetensors   focal and dice: values and gradients by autograd
"""
import gzip
import json
import pathlib

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from open_clip.model import CLIP, resize_pos_embed
from open_clip.tokenizer import SimpleTokenizer, default_bpe
from PIL import Image
from safetensors.torch import save_file

from anomalib.models.image.winclip import torch_model as anomalib_winclip

HERE = pathlib.Path(__file__).resolve().parent
VISION = {"image_size": 48, "layers": 3, "width": 32, "head_width": 16, "patch_size": 8, "mlp_ratio": 4.0}
TEXT = {"context_length": 77, "width": 32, "heads": 2, "layers": 2, "vocab_size": 614}
EMBED, MERGES, CATEGORY = 24, 100, "metal_nut"


def small_clip(quick_gelu, image_size=48):
    model = CLIP(EMBED, dict(VISION, image_size=image_size), dict(TEXT), quick_gelu=quick_gelu).eval()
    return model


def random_state():
    model = small_clip(True)
    generator = torch.Generator().manual_seed(41)
    state = {}
    for name, value in model.state_dict().items():
        noise = torch.randn(value.shape, generator=generator)
        if name.endswith("logit_scale"):
            new = torch.tensor(2.5)
        elif "ln_" in name:
            new = 0.3 * noise + (1.0 if name.endswith("weight") else 0.0)
        elif name.endswith("bias"):
            new = 0.2 * noise
        elif "embedding" in name and value.ndim < 4:
            new = 0.5 * noise
        else:
            new = 1.5 * noise * (value[0].numel() ** -0.5 if value.ndim > 1 else 1.0)
        state[name] = new.half().float()
    return state


def write_model(state):
    folder = HERE / "clip_small"
    folder.mkdir(exist_ok=True)
    config = {"model_cfg": {"embed_dim": EMBED, "quick_gelu": True, "vision_cfg": VISION, "text_cfg": TEXT},
              "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "interpolation": "bicubic",
                                 "resize_mode": "shortest"}}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n")
    lines = gzip.open(default_bpe()).read().decode("utf-8").split("\n")[1 : 1 + MERGES]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2"] + lines) + "\n", encoding="utf-8")
    save_file({name: value.half().contiguous() for name, value in state.items()}, folder / "open_clip_model.safetensors")
    scratch = folder / "scratch.gz"
    with gzip.open(scratch, "wb") as file:
        file.write("\n".join(["#version: 0.2"] + lines).encode("utf-8"))
    tokenizer = SimpleTokenizer(bpe_path=str(scratch), context_length=77)
    scratch.unlink()
    return tokenizer


def model_of(state, quick_gelu, image_size=48):
    model = small_clip(quick_gelu, image_size)
    state = dict(state)
    resize_pos_embed(state, model)
    model.load_state_dict(state)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model


def pictures(count, height, width, seed):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 7, 7, generator=generator)
    images = F.interpolate(coarse, size=(height, width), mode="bilinear") + 0.15 * torch.randn(count, 3, height, width, generator=generator)
    return (images.clamp(0, 1) * 255).byte().permute(0, 2, 3, 1).contiguous()


def prepared(images, size):
    rows = []
    for image in images:
        # Rows first, as Pillow has it up to version 12.
        small = Image.fromarray(image.numpy()).resize((size, image.shape[0]), Image.BICUBIC).resize((size, size), Image.BICUBIC)
        pixels = torch.from_numpy(np.array(small)).permute(2, 0, 1).float() / 255
        rows.append((pixels - 0.5) / 0.25)
    return torch.stack(rows)




def unit(x):
    return x / x.norm(dim=-1, keepdim=True)


# --- WinCLIP, profile reference: every window by itself -------------------------------------------------------------

def tower_on(model, tokens):
    """tokens before ln_pre [L, W] -> all outputs of the last block [L, W]."""
    visual = model.visual
    return visual.transformer(visual.ln_pre(tokens)[None])[0]


def cells_of(model, image):
    visual = model.visual
    cells = visual.conv1(image[None])[0].flatten(1).T
    return torch.cat([visual.class_embedding[None], cells]) + visual.positional_embedding


def embed(model, outputs):
    return model.visual.ln_post(outputs[0]) @ model.visual.proj


def windows_of(grid, side):
    return [[(top + y) * grid + left + x for y in range(side) for x in range(side)]
            for top in range(grid - side + 1) for left in range(grid - side + 1)]


def encode(model, image):
    tokens = cells_of(model, image)
    outputs = tower_on(model, tokens)
    scales = []
    for side in (2, 3):
        scales.append(torch.stack([embed(model, tower_on(model, tokens[[0] + [cell + 1 for cell in window]]))
                                   for window in windows_of(6, side)]))
    return embed(model, outputs), scales, outputs[1:]


def text_score(embeddings, text):
    cosines = (unit(embeddings) @ unit(text).T).double()
    return torch.softmax(cosines / 0.07, -1)[..., 1]


def harmonic(scores, side):
    windows = windows_of(6, side)
    values = []
    for cell in range(36):
        covering = [float(scores[i]) for i, window in enumerate(windows) if cell in window]
        values.append(0.0 if min(covering) == 0 else len(covering) / sum(1 / s for s in covering))
    return torch.tensor(values, dtype=torch.float64)


def texts_of(model, tokenizer):
    normal, anomalous = anomalib_winclip.create_prompt_ensemble(CATEGORY)
    return torch.stack([model.encode_text(tokenizer(normal)).mean(0), model.encode_text(tokenizer(anomalous)).mean(0)])


def winclip_reference(model, tokenizer, images, shots):
    text = texts_of(model, tokenizer)
    references = [encode(model, shot) for shot in shots]
    maps, scores = [], []
    for image in images:
        embedding, scales, patches = encode(model, image)
        score = text_score(embedding, text)
        zero = 3 / (1 / score + sum(1 / harmonic(text_score(scale, text), side) for scale, side in zip(scales, (2, 3))))
        if references:
            few = 0.5 * (1 - (unit(patches) @ unit(torch.cat([r[2] for r in references])).T)).min(1)[0].double()
            for k, side in enumerate((2, 3)):
                memory = unit(torch.cat([r[1][k] for r in references]))
                few = few + harmonic(0.5 * (1 - unit(scales[k]) @ memory.T).min(1)[0].double(), side)
            few = few / 3
            zero, score = zero + few, (score + few.max()) / 2
        maps.append(F.interpolate(zero.reshape(1, 1, 6, 6), size=48, mode="bilinear")[0, 0].float())
        scores.append(score.float())
    return torch.stack(maps), torch.stack(scores)


class LengthFirst(torch.nn.Module):
    """The transformer as open_clip had it up to 2.26, the newest that anomalib allows: sequences along the second axis. With
    a newer one anomalib's windows would attend to each other."""

    def __init__(self, transformer):
        super().__init__()
        self.transformer = transformer

    def forward(self, x):
        return self.transformer(x.permute(1, 0, 2)).permute(1, 0, 2)


class WinClipModel(anomalib_winclip.WinClipModel):
    def _get_window_embeddings(self, feature_map, masks):
        transformer = self.clip.visual.transformer
        self.clip.visual.transformer = LengthFirst(transformer)
        try:
            return super()._get_window_embeddings(feature_map, masks)
        finally:
            self.clip.visual.transformer = transformer


def winclip_anomalib(model, tokenizer, images, shots):
    open_clip.create_model_and_transforms = lambda *a, **k: (model, None, None)
    anomalib_winclip.open_clip = open_clip
    anomalib_winclip.tokenize = tokenizer
    winclip = WinClipModel(class_name=CATEGORY, reference_images=shots).eval()
    result = winclip(images)
    model.visual.output_tokens = False
    return result.anomaly_map, result.pred_score


# --- APRIL-GAN -------------------------------------------------------------------------------------------------------

NORMAL = ["{}", "flawless {}", "perfect {}", "unblemished {}", "{} without flaw", "{} without defect", "{} without damage"]
ANOMALOUS = ["damaged {}", "broken {}", "{} with flaw", "{} with defect", "{} with damage"]


def april_templates():
    kinds = ["bad", "low resolution", "cropped", "bright", "dark", "close-up", "black and white", "jpeg corrupted", "blurry", "good"]
    texts = [f"a {kind} photo of {article} {{}}." for kind in kinds for article in ("a", "the")]
    texts += [f"a photo of {article} {{}}." for article in ("a", "the", "my", "one")]
    texts += [f"a photo of {article} {kind} {{}}." for kind in ("cool", "large", "small") for article in ("a", "the")]
    texts += [f"there is {article} {{}} in the scene." for article in ("a", "the")]
    texts += [f"this is {article} {{}} in the scene." for article in ("a", "the", "one")]
    assert len(texts) == 35
    return texts


def april_texts(model, tokenizer):
    rows = []
    for states in (NORMAL, ANOMALOUS):
        texts = [template.format(state.format(CATEGORY)) for state in states for template in april_templates()]
        rows.append(unit(unit(model.encode_text(tokenizer(texts))).mean(0)))
    return torch.stack(rows)


def april_gan(model, tokenizer, layers, taps, images, shots):
    text = april_texts(model, tokenizer)
    found = []
    hooks = [model.visual.transformer.resblocks[tap - 1].register_forward_hook(lambda _m, _i, out: found.append(out[:, 1:])) for tap in taps]

    def run(batch):
        found.clear()
        embedding = model.encode_image(batch)
        return embedding, list(found)

    memories = [unit(tokens.flatten(0, 1)) for tokens in run(shots)[1]]
    embedding, tokens = run(images)
    zero, few = 0, 0
    for stage, of_stage in enumerate(tokens):
        projected = unit(of_stage @ layers[f"fc.{stage}.weight"].T + layers[f"fc.{stage}.bias"])
        logits = (100 * projected @ text.T).permute(0, 2, 1).reshape(len(images), 2, 8, 8)
        zero = zero + torch.softmax(F.interpolate(logits, size=64, mode="bilinear", align_corners=True), 1)[:, 1]
        distance = 1 - (unit(of_stage) @ memories[stage].T).max(-1)[0]
        few = few + F.interpolate(distance.reshape(len(images), 1, 8, 8), size=64, mode="bilinear", align_corners=True)[:, 0]
    for hook in hooks:
        hook.remove()
    score = torch.softmax(100 * unit(embedding) @ text.T, -1)[:, 1]
    return zero, zero + few, score


def april(state, tokenizer, train, test):
    model = model_of(state, quick_gelu=False, image_size=64)
    taps = [1, 3]
    generator = torch.Generator().manual_seed(5)
    layers = {}
    for stage in range(len(taps)):
        layers[f"fc.{stage}.weight"] = (torch.randn(EMBED, 32, generator=generator) * 32 ** -0.5).half().float()
        layers[f"fc.{stage}.bias"] = (torch.randn(EMBED, generator=generator) * 0.1).half().float()
    zero, few, score = april_gan(model, tokenizer, layers, taps, prepared(test, 64), prepared(train, 64))
    save_file({name: value.contiguous() for name, value in layers.items()}, HERE / "april_gan_layers.safetensors")
    save_file({"zero.maps": zero, "few.maps": few, "scores": score.contiguous()}, HERE / "april_gan.safetensors")


# --- losses ----------------------------------------------------------------------------------------------------------

def losses():
    generator = torch.Generator().manual_seed(6)
    logits = (3 * torch.randn(3, 2, 9, 7, generator=generator, dtype=torch.float64)).requires_grad_()
    mask = (torch.rand(3, 9, 7, generator=generator) > 0.7).double()
    mask[1] = 0
    probabilities = torch.softmax(logits, 1)
    wanted = torch.stack([1 - mask, mask], 1).clamp(1e-5, 1 - 1e-5)
    p_t = (wanted * probabilities).sum(1) + 1e-5
    focal = (-((1 - p_t) ** 2) * p_t.log()).mean()
    p = probabilities[:, 1].flatten(1)
    g = mask.flatten(1)
    dice = 1 - ((2 * (p * g).sum(1) + 1) / (p.sum(1) + g.sum(1) + 1)).mean()
    out = {"logits": logits.detach(), "mask": mask, "focal": focal.detach(), "dice": dice.detach()}
    out["focal.gradient"] = torch.autograd.grad(focal, logits, retain_graph=True)[0]
    out["dice.gradient"] = torch.autograd.grad(dice, logits)[0]
    save_file({name: value.contiguous() for name, value in out.items()}, HERE.parent / "training" / "segmentation_losses.safetensors")


def main():
    torch.manual_seed(0)
    (HERE.parent / "training").mkdir(exist_ok=True)
    state = random_state()
    tokenizer = write_model(state)
    train, test = pictures(3, 60, 52, 1), pictures(2, 60, 52, 2)
    test[1, 20:34, 10:26] = torch.tensor([250, 30, 30], dtype=torch.uint8)
    out = {"images.train": train, "images.test": test}
    model = model_of(state, quick_gelu=True)
    images, shots = prepared(test, 48), prepared(train, 48)
    with torch.no_grad():
        for name, compute in (("reference", winclip_reference), ("anomalib", winclip_anomalib)):
            for kind, references in (("zero", None), ("few", shots)):
                none = [] if name == "reference" else None
                maps, scores = compute(model, tokenizer, images, references if references is not None else none)
                out[f"{name}.{kind}.maps"], out[f"{name}.{kind}.scores"] = maps.float(), scores.float()
                print(name, kind, scores, maps.min(), maps.max())
        out["texts"] = unit(texts_of(model, tokenizer))
        save_file({key: value.contiguous() for key, value in out.items()}, HERE / "winclip.safetensors")
        april(state, tokenizer, train, test)
    losses()


if __name__ == "__main__":
    main()
