# SPDX-License-Identifier: Apache-2.0
"""Writes compositions.json, override_values.json and yaml_scalars.json: what hydra-core and OmegaConf make of our inputs.

Made with hydra-core 1.3.8, omegaconf 2.3.1, PyYAML 6.0.4:  python make_config_goldens.py
An expectation of null means that the original refuses the input.
"""

import json
import math
import os
import warnings
from pathlib import Path

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader

HERE = Path(__file__).parent
os.environ["NORMADD_GOLDEN_VALUE"] = "from the environment"
os.environ["NORMADD_GOLDEN_NUMBER"] = "12"
os.environ.pop("NORMADD_GOLDEN_UNSET", None)

B, E = "basic", "experiments"
COMPOSITIONS = [
    # tree, config, overrides
    (B, "config", []),
    (B, "self_first", []),
    (B, "self_last", []),
    (B, "no_self", []),
    (B, "no_defaults", []),
    (B, "empty", []),
    (B, "null_group", []),
    (B, "null_group", ["db=mysql"]),
    (B, "must_choose", []),
    (B, "must_choose", ["db=sqlite"]),
    (B, "option_list", []),
    (B, "option_list", ["db=[postgresql,sqlite]"]),
    (B, "option_list", ["db=sqlite"]),
    (B, "optional", []),
    (B, "config_entry", []),
    (B, "same_group_twice", []),
    (B, "same_group_twice", ["db@target=sqlite"]),
    (B, "same_group_twice", ["db=sqlite"]),
    (B, "to_the_top", []),
    (B, "to_the_top", ["db/engine@_global_=safe"]),
    (B, "chosen_by_name", []),
    (B, "chosen_by_name", ["db=postgresql"]),
    (B, "db/mysql", []),
    (B, "nowhere", []),
    (B, "config", ["db=postgresql"]),
    (B, "config", ["db=oracle"]),
    (B, "config", ["db@backup=mysql"]),
    (B, "config", ["+db@backup=sqlite"]),
    (B, "config", ["+db=postgresql"]),
    (B, "config", ["~db"]),
    (B, "config", ["~db=mysql"]),
    (B, "config", ["~db=sqlite"]),
    (B, "config", ["+tuning=mysql"]),
    (B, "config", ["+db/engine=fast"]),
    (B, "config", ["tuning=mysql"]),
    (B, "config", ["++db=postgresql"]),
    (B, "config", ["seed=42", "rate=1e-4", "name=other", "flag=true", "nothing=5", "root=/data"]),
    (B, "config", ["nested.b.c=9", "list=[4,5]", "points=[]"]),
    (B, "config", ["list=3"]),
    (B, "config", ["nested.b.c=null"]),
    (B, "config", ["nested.b={c:5}"]),
    (B, "config", ["nested.b={e:5}"]),
    (B, "config", ["+nested.b={e:5}"]),
    (B, "config", ["++nested={b:{c:5,e:6},f:7}"]),
    (B, "config", ["nothing={a:1}"]),
    (B, "config", ["sede=1"]),
    (B, "config", ["nested.z=1"]),
    (B, "config", ["+nested.z=1"]),
    (B, "config", ["+seed=1"]),
    (B, "config", ["++seed=1", "++fresh=2"]),
    (B, "config", ["+nothing=1", "+root=here"]),
    (B, "config", ["+a.b.c=1", "+a.b.d=[1,{e:2}]"]),
    (B, "config", ["+list=[9]"]),
    (B, "config", ["~seed", "~nested.b.c"]),
    (B, "config", ["~seed=0", "~list"]),
    (B, "config", ["~seed=1"]),
    (B, "config", ["~fresh"]),
    (B, "config", ["list.0=7"]),
    (B, "config", ["list.1=[a,b]", "points.1.x=30"]),
    (B, "config", ["list.7=1"]),
    (B, "config", ["db.user=me", "db=postgresql"]),
    (B, "config", ["name='a, b'", 'root="x: y"', "+q='it\\'s'"]),
    (B, "config", ["name=", "+empty=''"]),
    (E, "config", []),
    (E, "config", ["detector=padim"]),
    (E, "config", ["detector/backbone=small"]),
    (E, "config", ["shared/sampler@detector.sampler=random"]),
    (E, "config", ["experiment=table1"]),
    (E, "overridable", ["experiment=table1"]),
    (E, "overridable", ["experiment=table1", "detector=patchcore"]),
    (E, "overridable", ["experiment=table1", "seed=1", "detector.dimensions=10"]),
    (E, "overridable", ["experiment=inner"]),
    (E, "overridable", ["experiment=derived"]),
    (E, "overridable", ["experiment=at_key"]),
    (E, "overridable", ["experiment=own_package"]),
    (E, "overridable", ["+experiment=table1"]),
    (E, "overridable", ["experiment=[base,derived]"]),
    (E, "too_early", []),
]


OVERRIDE_VALUES = r"""
x=1|x=-1|x=+1|x=0|x=012|x=1_000|x=1__0|x=1.|x=.5|x=-.5e3|x=1e-3|x=1E5|x=1_000.5|x=inf|x=-INF|x=nan|x=NaN|x=true|x=TRUE|x=fAlSe
x=null|x=NULL|x=yes|x=on|x=~|x=|x= 5 |x=a b|x= a  b |x='5'|x="true"|x='a b '|x='it\'s'|x="say \"hi\""|x='back\\slash'|x='end\\'|x=''
x="it's"|x=a\,b|x=a\ |x=\ a|x=\(a\)|x=\[a\]|x=\{a\}|x=a\:b|x=a\=b|x=a\\b|x=a\b|x=a:b|x=12:30|x=http://h:80/p?q|x=a/b-c\d+e.f%g*@h|x=$a
x=${a.b}|x=${a}_${b}|x=${oc.env:HOME,x}|x=1 2|x=1a|x=1-2|x=1.2.3|x=1e|x=e1|x=true false|x=-|x=--|x=a-b_c
x=[]|x=[1]|x=[1,2.5,true,null,abc]|x=[ 1 , a b , 'c' ]|x=[[1,2],[3]]|x=[{a:1},b]|x=[a:b]|x=['a,b',"c"]
x={}|x={a:1}|x={a:1,b:{c:[2]}}|x={a: x y , b : z}|x={1:2}|x={a.b:1}|x={a:b:c}|x={a:${b}}|x={a\:b:1}
x=[1|x={a:1|x=(1)|x=a)|x=[1]]|x='a|x=a'b'|x='a'b|x={a}|x={:1}|x=[,]|x=1,|x=a=b|x=a{b|x=a[0]
""".replace("\n", "|").strip("|").split("|")
# '|' separates the table; values with it are added here.
OVERRIDE_VALUES += ["x=a|b"]

YAML_SCALARS = """1 -1 +1 0 012 0o12 0x1F 0b101 1_000 1e3 1e-3 1E+3 1.0e3 1. .5 -.5 1.5e-3 .inf -.INF .Inf +.inf 1.inf .nan .NaN inf nan 12:30 1:2:3
true True TRUE tRUE false yes Yes NO no on off ON y n null Null NULL ~ nul 2020-01-01 2020-01-01T10:00:00 1.2.3 -a a-b 1a 08 089 1__0
+.5 .e3 0. 00 -0 0x 0xg . .. 1e 1_ _1 +12e03 1.e3""".split()


def plain(value):
    """JSON has no inf and nan."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def composition(tree, config, overrides, resolve):
    try:
        with initialize_config_dir(config_dir=str((HERE / "trees" / tree).resolve()), version_base="1.3"):
            full = compose(config, overrides, return_hydra_config=True)
            choices = {k: v for k, v in full.hydra.runtime.choices.items() if not k.startswith("hydra/")}
            return {"config": plain(OmegaConf.to_container(compose(config, overrides), resolve=resolve)), "choices": choices}
    except RecursionError:
        return None
    except Exception as error:
        print(f"refused: {tree}/{config} {overrides}: {str(error).splitlines()[0]}")
        return None


def override_value(text):
    try:
        override = OverridesParser.create().parse_override(text)
        return {"sweep": True} if override.is_sweep_override() else {"value": plain(override.value())}
    except Exception:
        return None


def write(name, rows):
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / name).write_text(f"[\n{lines}\n]\n")
    print(f"{name}: {len(rows)}")


warnings.simplefilter("ignore")
rows = [(tree, config, overrides, False) for tree, config, overrides in COMPOSITIONS]
rows += [("interpolation", "config", [], True), ("interpolation", "config", ["which=c", "name='x y'", "seed=null"], True)]
write("compositions.json", [dict(tree=t, config=c, overrides=o, resolve=r, expected=composition(t, c, o, r)) for t, c, o, r in rows])
write("override_values.json", [dict(text=t, expected=override_value(t)) for t in OVERRIDE_VALUES])
write("yaml_scalars.json", [dict(text=t, expected=plain(yaml.load(t, Loader=get_yaml_loader()))) for t in YAML_SCALARS])
