# SPDX-License-Identifier: Apache-2.0
"""Makes the CLIP goldens beside this file. Needs torch, open_clip_torch, timm, safetensors; transformers is used when present to check
the Hugging Face names and values.

    python3 make_clip_goldens.py

clip_parity/   a random model with its real outputs for both activations and two input sizes
clip_names/    one smaller random model under the five naming schemes, with its outputs
token_ids.json texts and the ids that open_clip's tokenizer gives them
"""
import gzip
import json
import pathlib
from functools import partial

import open_clip
import torch
from open_clip.model import CLIP, resize_pos_embed
from open_clip.tokenizer import SimpleTokenizer, default_bpe
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent
TEXTS = ["a photo of a bottle.", "a thread on the carpet", "ab", "scratch, 3 holes; it's bent"]


def merges(count):
    lines = gzip.open(default_bpe()).read().decode("utf-8").split("\n")
    return lines[1 : 1 + count]


def make_model(embed, vision, text, quick_gelu, num_merges):
    """A model whose every weight matters: norms and biases are random too, and sizes keep activations in the curved range."""
    model = CLIP(embed, dict(vision), dict(text, vocab_size=514 + num_merges), quick_gelu=quick_gelu).eval()
    generator = torch.Generator().manual_seed(20)
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
        value.copy_(new.half().float())  # exact in float16, so that every file below holds the same numbers
    return model


def describe(folder, embed, vision, text, quick_gelu, num_merges):
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_cfg": {"embed_dim": embed, "quick_gelu": quick_gelu, "vision_cfg": vision,
                            "text_cfg": dict(text, vocab_size=514 + num_merges)},
              "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "interpolation": "bicubic",
                                 "resize_mode": "squash"}}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2"] + merges(num_merges)) + "\n", encoding="utf-8")


def half(state):
    return {name: value.half().contiguous() for name, value in state.items()}


def tokenise(context, num_merges, scratch):
    with gzip.open(scratch, "wb") as file:
        file.write("\n".join(["#version: 0.2"] + merges(num_merges)).encode("utf-8"))
    tokenizer = SimpleTokenizer(bpe_path=str(scratch), context_length=context)
    scratch.unlink()
    return tokenizer(TEXTS)


@torch.no_grad()
def parity():
    folder = HERE / "clip_parity"
    vision = {"image_size": 48, "layers": 3, "width": 32, "head_width": 16, "patch_size": 8, "mlp_ratio": 4.0}
    text = {"context_length": 24, "width": 32, "heads": 2, "layers": 2}
    sizes = (24, vision, text)
    describe(folder, *sizes, False, 100)
    outputs = {}
    images = torch.randn(2, 3, 48, 48, generator=torch.Generator().manual_seed(1)).half().float()
    larger = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(2)).half().float()
    tokens = tokenise(24, 100, folder / "scratch.gz")
    outputs["images"], outputs["larger"], outputs["tokens"] = images.half(), larger.half(), tokens
    for quick_gelu in (False, True):
        model = make_model(*sizes, quick_gelu, 100)
        name = "quick_gelu" if quick_gelu else "gelu"
        taps = []
        hooks = [block.register_forward_hook(lambda _m, _i, out: taps.append(out[:, 1:].clone()))
                 for block in model.visual.transformer.resblocks]
        outputs[f"{name}.image"] = model.encode_image(images)
        for hook in hooks:
            hook.remove()
        for number, tap in enumerate(taps, 1):
            outputs[f"{name}.block{number}"] = tap
        outputs[f"{name}.dense"] = model.visual.ln_post(taps[1]) @ model.visual.proj
        outputs[f"{name}.text"] = model.encode_text(tokens)

        wide = CLIP(24, dict(vision, image_size=64), dict(text, vocab_size=614), quick_gelu=quick_gelu).eval()
        state = dict(model.state_dict())
        resize_pos_embed(state, wide)
        wide.load_state_dict(state)
        outputs[f"{name}.larger"] = wide.encode_image(larger)
        outputs["positional"] = state["visual.positional_embedding"]
        save_file(half(model.state_dict()), folder / "open_clip_model.safetensors")
    save_file({name: value.contiguous() for name, value in outputs.items()}, folder / "outputs.safetensors")


def hugging_face(state, width_of):
    out = {}
    fixed = {"visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
             "visual.class_embedding": "vision_model.embeddings.class_embedding",
             "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
             "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
             "positional_embedding": "text_model.embeddings.position_embedding.weight", "logit_scale": "logit_scale"}
    norms = {"visual.ln_pre": "vision_model.pre_layrnorm", "visual.ln_post": "vision_model.post_layernorm",
             "ln_final": "text_model.final_layer_norm"}
    for name, value in state.items():
        if name in fixed:
            out[fixed[name]] = value
        elif name == "visual.proj":
            out["visual_projection.weight"] = value.T
        elif name == "text_projection":
            out["text_projection.weight"] = value.T
        elif name.rpartition(".")[0] in norms:
            stem, _, leaf = name.rpartition(".")
            out[f"{norms[stem]}.{leaf}"] = value
        else:
            tower = "vision_model" if name.startswith("visual.") else "text_model"
            number, _, rest = name.partition("resblocks.")[2].partition(".")
            stem = f"{tower}.encoder.layers.{number}."
            if rest.startswith("attn.in_proj_"):
                leaf = rest.removeprefix("attn.in_proj_")
                for part, piece in zip("qkv", value.chunk(3)):
                    out[f"{stem}self_attn.{part}_proj.{leaf}"] = piece
            else:
                for old, new in (("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"), ("attn.out_proj", "self_attn.out_proj"),
                                 ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2")):
                    rest = rest.replace(old, new)
                out[stem + rest] = value
    return out


@torch.no_grad()
def check_against_transformers(state, vision, text, images, tokens, expected_image, expected_text):
    try:
        from transformers import CLIPConfig, CLIPModel
    except ImportError:
        print("transformers is not installed: Hugging Face names are by rule only")
        return
    config = CLIPConfig(
        projection_dim=12,
        vision_config={"hidden_size": vision["width"], "intermediate_size": 4 * vision["width"], "num_hidden_layers": 2,
                       "num_attention_heads": 2, "image_size": 16, "patch_size": 8, "hidden_act": "gelu", "projection_dim": 12},
        text_config={"hidden_size": text["width"], "intermediate_size": 4 * text["width"], "num_hidden_layers": 2,
                     "num_attention_heads": 2, "max_position_embeddings": 24, "vocab_size": 534, "hidden_act": "gelu",
                     "eos_token_id": 533, "bos_token_id": 532, "pad_token_id": 0, "projection_dim": 12})
    model = CLIPModel(config).eval()
    missing, unexpected = model.load_state_dict({k: v.contiguous() for k, v in state.items()}, strict=False)
    assert not unexpected and all(name.endswith("position_ids") for name in missing), (missing, unexpected)
    image = model.visual_projection(model.vision_model(pixel_values=images).pooler_output)
    words = model.text_projection(model.text_model(input_ids=tokens).pooler_output)
    print("transformers agrees within", (image - expected_image).abs().max().item(), (words - expected_text).abs().max().item())
    assert torch.allclose(image, expected_image, atol=1e-4) and torch.allclose(words, expected_text, atol=1e-4)


def timm_tower(state):
    out = {"head.bias": torch.zeros(state["visual.proj"].shape[1])}
    fixed = {"visual.conv1.weight": "patch_embed.proj.weight", "visual.ln_pre.weight": "norm_pre.weight",
             "visual.ln_pre.bias": "norm_pre.bias", "visual.ln_post.weight": "norm.weight", "visual.ln_post.bias": "norm.bias"}
    for name, value in state.items():
        if not name.startswith("visual."):
            continue
        if name in fixed:
            out[fixed[name]] = value
        elif name == "visual.class_embedding":
            out["cls_token"] = value[None, None]
        elif name == "visual.positional_embedding":
            out["pos_embed"] = value[None]
        elif name == "visual.proj":
            out["head.weight"] = value.T
        else:
            rest = name.removeprefix("visual.transformer.resblocks.")
            for old, new in (("ln_1", "norm1"), ("ln_2", "norm2"), ("attn.in_proj_", "attn.qkv."), ("attn.out_proj", "attn.proj"),
                             ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2")):
                rest = rest.replace(old, new)
            out["blocks." + rest] = value
    return out


@torch.no_grad()
def names():
    folder = HERE / "clip_names"
    vision = {"image_size": 16, "layers": 2, "width": 16, "head_width": 8, "patch_size": 8}
    text = {"context_length": 24, "width": 16, "heads": 2, "layers": 2}
    describe(folder, 12, vision, text, False, 20)
    model = make_model(12, vision, text, False, 20)
    state = dict(model.state_dict())
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(3)).half().float()
    tokens = tokenise(24, 20, folder / "scratch.gz")
    image, words = model.encode_image(images), model.encode_text(tokens)
    save_file({"images": images.half(), "tokens": tokens, "image": image, "text": words}, folder / "outputs.safetensors")

    save_file(half(state), folder / "open_clip.safetensors")
    in_text = {n if n.startswith("visual.") or n == "logit_scale" else "text." + n: v for n, v in state.items()}
    save_file(half(in_text), folder / "custom_text.safetensors")
    openai = {n: v if ".ln_" in n or n.startswith("ln_") else v.half() for n, v in state.items()}
    openai |= {"input_resolution": torch.tensor(16), "context_length": torch.tensor(24), "vocab_size": torch.tensor(534)}
    save_file({n: v.contiguous() for n, v in openai.items()}, folder / "openai.safetensors")

    renamed = hugging_face(state, None)
    check_against_transformers(renamed, vision, text, images, tokens, image, words)
    ids = {"text_model.embeddings.position_ids": torch.arange(24)[None], "vision_model.embeddings.position_ids": torch.arange(5)[None]}
    save_file(half(renamed) | ids, folder / "hugging_face.safetensors")

    from timm.models.vision_transformer import VisionTransformer
    tower = VisionTransformer(img_size=16, patch_size=8, num_classes=12, embed_dim=16, depth=2, num_heads=2, pre_norm=True,
                              norm_layer=partial(torch.nn.LayerNorm, eps=1e-5)).eval()
    tower.load_state_dict(timm_tower(state))
    assert torch.allclose(tower(images), image, atol=1e-4)
    save_file(half(timm_tower(state)), folder / "timm.safetensors")


PROMPTS = [
    "", " ", "a", "A PHOTO", "a photo of a cat", "a photo of a metal_nut with defect.", "a cropped photo of the damaged bottle.",
    "a jpeg corrupted photo of the unblemished toothbrush.", "Thread on the carpet's edge 42", "don't can't won't it's we're they've",
    "I'll I'd I'm you'RE THEY'VE SHE'LL", "'s 't 'the", "''quoted''", "rock'n'roll", "hello world!!! ... ?! ;-)", "e-mail@example.com",
    "https://example.com/a_b?c=d&e=f#g", "1234567890", "3.14159 and 2,718", "v2.0-rc1", "100% of 50°C ±5µm", "x² + y³ = z¼", "Ⅷ iv ⅳ",
    "٣٤٥ arabic digits", "café naïve façade", "CAFÉ NAÏVE FAÇADE", "cafe\u0301 nai\u0308ve", "Ångström Å \u212b", "Ελληνικά ΣΊΣΥΦΟΣ ΟΔΟΣ",
    "Кириллица ПРИВЕТ Ёлка", "İstanbul ISPARTA ıı", "Straße STRASSE ẞ", "ﬁne ﬂuﬀy oﬃce", "ŒUVRE œuvre Æther", "Łódź żółć ĄĘŚĆ",
    "Tiếng Việt đặc biệt", "हिन्दी में लिखा", "ภาษาไทย", "עברית שלום", "العربية", "日本語のテキスト", "汉字 漢字", "한국어 텍스트", "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "😀 smile", "👩‍👩‍👧‍👦 family", "🇩🇪 flag ❤️", "ok👍🏽done", "“curly” ‘quotes’ it’s", "en–dash em—dash…", "ｆｕｌｌｗｉｄｔｈ　ＡＢＣ！", "tabs\tand\nnew\r\nlines",
    "  leading and   many   spaces  ", "non\u00a0breaking\u2003space", "zero\u200bwidth\u200djoiner", "\ufeffbyte order mark",
    "fish &amp; chips", "&amp;amp; twice", "&lt;b&gt;bold&lt;/b&gt;", "<b>caf&eacute;</b> &copy", "&#233; &#xE9; &#8217; &#128;",
    "AT&T R&D a&b &unknown;", "&eacute &nbsp; &hellip; &euro;5", "this&not that &notit;", "snake_case __init__ _", "a_b_c 1_000",
    "C++ C# F#", "$100 £20 €30 ¥40", "(brackets) [square] {curly} <angle>", "back\\slash / slash | pipe", "~`^*+=", "#hashtag @mention",
    "supercalifragilisticexpialidocious", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "qwrtpsdfghjklzxcvbnm", "a b c d e f g", "hazelnut with a print on the shell",
    "zipper with squeezed teeth", "transistor with a misplaced case", "pill with a faulty imprint", "grid, bent wire", "tile: oil stain; glue strip",
    "a bad photo of the flawless metal nut.", "a close-up photo of a perfect cable.", "𝒜𝓁𝓅𝒽𝒶 𝟙𝟚", "x\u0300\u0316 marks", "ñandú ÑANDÚ n\u0303", "þorn ðel ÞÐ",
    "control\x07char\x1f", "½ cup ¾ full", "№ 5 ™ ® ©", "ǅ Ǆ ǆ ŉ", "ſ long 'ſ", " ".join(["very long prompt about a scratched bottle"] * 20),
    "word " * 75, "word " * 76,
]


def tokens():
    tokenizer = SimpleTokenizer()
    rows = [{"text": text, "ids": tokenizer.encode(text), "padded": [i for i in tokenizer([text])[0].tolist()]} for text in PROMPTS]
    for row in rows:
        while len(row["padded"]) > 1 and row["padded"][-1] == 0:
            row["padded"].pop()
        row["ids"] = row["ids"] if len(row["ids"]) + 2 > 77 else None  # else it is the middle of padded
    lines = ",\n".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    (HERE / "token_ids.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    print("open_clip", open_clip.__version__, "torch", torch.__version__)
    parity()
    names()
    tokens()
