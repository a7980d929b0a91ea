# SPDX-License-Identifier: Apache-2.0
"""Writes sweeps.json: the jobs that hydra-core makes of sweeps, as typed values by key.

Made with hydra-core 1.3.8, omegaconf 2.3.1:  python make_sweep_goldens.py
An expectation of null means that the original refuses the input. Runs over trees/basic/config.yaml.
"""

import itertools
import json
import math
from pathlib import Path

from hydra import initialize_config_dir
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Transformer

HERE = Path(__file__).parent

SWEEPS = [
    # Values of every kind, several keys.
    ["seed=1,2,3"], ["seed=1"], ["seed=1,2", "rate=0.1,0.2"], ["rate=0.1,0.2", "seed=1,2"], ["seed=1,2", "name=x"],
    ["name=x", "seed=1,2", "rate=1.0,2.0"], ["seed=1,2", "rate=1,2", "flag=true,false"], ["name=a,b", "name=c,d"],
    ["name=a,b", "seed=1,2", "name=c"], ["db=mysql,postgresql"], ["db=mysql,postgresql", "seed=1,2"],
    ["+fresh=1,2"], ["++seed=1,2"], ["db@backup=mysql,sqlite"], ["+db@backup=mysql,sqlite"], ["list=[1,2],[3]"],
    ["nested.b={c:1},{c:2}"], ["name='a,b',c"], ["name=\"x y\",'z'"], ["name=a b, c d "], ["name=null,true,1,1.5,text"],
    ["name=1,1.0"], ["name='1',1"], ["name='true',true"], ["name='',x"], ["rate=1e-3,1e3,inf,-inf"], ["name=a\\,b,c"],
    ["name=${seed},${rate}"], ["~seed", "rate=1,2"], ["name=a=b,c=d"], ["seed=1,"], ["seed=,1"], ["name='it\\'s',b"],
    # choice
    ["seed=choice(1,2)"], ["seed=choice(1)"], ["name=choice(a,'b c',null)"], ["list=choice([1],[2,3])"], ["db=choice(mysql,sqlite)"],
    ["name=choice(a,1,1.5,true)"], ["seed=choice()"], ["nested.b=choice({c:1},{c:2})"], ["name=choice( a , b )"],
    # range
    ["seed=range(3)"], ["seed=range(1,4)"], ["seed=range(1,10,3)"], ["seed=range(10,1,-3)"], ["seed=range(-3)"], ["seed=range(0)"],
    ["rate=range(0,1,0.25)"], ["rate=range(0.1,1.0,0.1)"], ["rate=range(1,0,-0.3)"], ["rate=range(0,1e-2,1e-3)"], ["seed=range(stop=3)"],
    ["seed=range(start=1,stop=4)"], ["seed=range(1,stop=4)"], ["seed=range(1,4,step=2)"], ["seed=range(stop=3,step=2)"],
    ["seed=range(5,step=2)"], ["rate=range(1.5)"], ["rate=range(3.0)"], ["seed=range(a)"], ["seed=range()"], ["rate=range(0,0.3,0.1)"],
    ["seed=range(1,2,3,4)"], ["seed=range(1,5,other=2)"],
    # glob
    ["db=glob(*)"], ["db=glob(m*)"], ["db=glob([m*,s*])"], ["db=glob(*,exclude=m*)"], ["db=glob(*,exclude=[m*,s*])"], ["db=glob(include=p*)"],
    ["db=glob(?ysql)"],
    # sort
    ["seed=sort(3,1,2)"], ["seed=sort(3,1,2,reverse=true)"], ["name=sort(b,a,c)"], ["seed=sort(choice(3,1,2))"], ["seed=sort(range(3,0,-1))"],
    ["list=sort([3,1,2])"], ["list=sort([b,a],reverse=true)"], ["seed=sort(3)"], ["rate=sort(1.5,1,0.5)"], ["name=sort(1,a)"],
    # tag
    ["seed=tag(x,choice(1,2))"], ["seed=tag(x,y,range(2))"], ["seed=tag(choice(1,2))"],
    # casts
    ["seed=int(3.7)"], ["seed=int('3')"], ["seed=int(3.5,4.5)"], ["seed=int(true)"], ["rate=float(3)"], ["rate=float('2.5')"], ["rate=float(1,2)"],
    ["name=str(1)"], ["name=str(1.0)"], ["name=str(true)"], ["name=str(1,2)"], ["flag=bool(1)"], ["flag=bool('false')"], ["flag=bool(0,1)"],
    ["seed=int(range(1.5,4))"], ["rate=float(range(3))"], ["name=str(choice(1,2))"], ["list=int([1.5,'2'])"], ["list=str([1,true])"],
    ["nested.b=int({c:1.5})"], ["name=str(null)"], ["seed=int(abc)"], ["flag=bool(abc)"], ["seed=int(choice(1.2,3.9))"], ["rate=float(abc)"],
    ["name=json('{\"a\": [1, 2.5, null]}')"], ["name=json('[1,2]')"], ["seed=str(int(float(3.9)))"], ["name=nosuch(1)"],
]


def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, dict):
        return {str(getattr(k, "text", k)): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if type(value).__name__ == "QuotedString":
        return value.text
    return value


def jobs(overrides):
    try:
        parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
        parsed = parser.parse_overrides(overrides)
        batches = BasicSweeper.split_arguments(parsed, None)
        # The sweeper hands out texts, in which str(1) has become 1 again; the typed values are taken from the parser.
        values = {}
        for override in parsed:
            if override.is_sweep_override():
                values[override.get_key_element()] = list(override.sweep_iterator(transformer=Transformer.identity))
            else:
                values[override.get_key_element()] = [None if override.is_delete() else override.value()]
        typed = [dict(zip(values, combination)) for combination in itertools.product(*values.values())]
        assert len(typed) == len(batches[0])
        return plain(typed)
    except Exception as error:
        print(f"refused: {overrides}: {str(error).splitlines()[0]}")
        return None


with initialize_config_dir(config_dir=str((HERE / "trees" / "basic").resolve()), version_base="1.3"):
    table = [{"overrides": overrides, "expected": jobs(overrides)} for overrides in SWEEPS]
print(len(table), "sweeps")
(HERE / "sweeps.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in table) + "\n]\n")
