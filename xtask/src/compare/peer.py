"""One run of pytauargus 0.6.0 on one table: python peer.py INSTANCE METHOD MINUTES, in a working folder of its own.

Reads `instance.json`, `hier_*.csv` and `cells.csv` of the folder INSTANCE; writes `pattern.csv` and `result.json` into the
working folder. METHOD is MOD or OPT. MINUTES is the program's own limit: for OPT of the whole run, for MOD of each subtable.

The table goes in as a finished one: values, given statuses (`U` for the primary cells), given lower and upper protection
levels, and the value of a cell as its cost. Cells that are not in the file are empty, which the program never suppresses.
Codes are renamed, so that no code of a table can collide with the program's own rules on names, lengths and totals.
"""

import csv
import json
import pathlib
import sys
import time

from pytauargus.batch import Suppress
from pytauargus.engine import run_batch

# States of a cell as the engine numbers them: 3 to 9 unsafe by a rule or by hand, 11 and 12 secondary.
PRIMARY = range(3, 10)
SECONDARY = (11, 12)

# The attacker's bounds. MOD writes 0 and 1.5 times the grand total into its parameters by itself; OPT would take the least and
# the greatest value of the table, and is given MOD's bounds instead, the nearest to "no upper bound" that both can state.
UPPER_BOUND_FACTOR = 1.5

METADATA_OF_VARIABLE = """\
{name}
   <RECODABLE>
   <TOTCODE> "Total"
   <HIERARCHICAL>
   <HIERLEADSTRING> "@"
   <HIERCODELIST> "{name}.hrc"
"""
METADATA_OF_FIGURES = """\
value
   <NUMERIC>
   <DECIMALS> 0
status
   <STATUS>
lower
   <NUMERIC> <LOWERPL>
   <DECIMALS> 3
upper
   <NUMERIC> <UPPERPL>
   <DECIMALS> 3
"""


def write_hierarchy(source, target):
    """Writes the codes below the root, indented by depth; returns their names there."""
    children, below = {}, set()
    with open(source, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            children.setdefault(row["parent"], []).append(row["child"])
            below.add(row["child"])
    (root,) = [parent for parent in children if parent not in below]
    names, lines = {root: "Total"}, []
    pending = [(code, 0) for code in reversed(children[root])]
    while pending:
        code, depth = pending.pop()
        names[code] = f"c{len(names):05d}"
        lines.append("@" * depth + names[code])
        pending += [(child, depth + 1) for child in reversed(children.get(code, []))]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return names


def write_input(instance, work):
    """Writes table, metadata and batch; returns the variables and the names of their codes."""
    variables = json.loads((instance / "instance.json").read_text(encoding="utf-8"))["dims"]
    places = [f"v{number}" for number in range(len(variables))]
    names = [
        write_hierarchy(instance / f"hier_{variable}.csv", work / f"{place}.hrc")
        for variable, place in zip(variables, places)
    ]
    metadata = ['   <SEPARATOR> ";"', "   <SAFE> S", "   <UNSAFE> U", "   <PROTECT> P"]
    metadata += [METADATA_OF_VARIABLE.format(name=place).rstrip() for place in places]
    metadata += [METADATA_OF_FIGURES.rstrip()]
    (work / "table.rda").write_text("\n".join(metadata) + "\n", encoding="utf-8")
    with (
        open(instance / "cells.csv", newline="", encoding="utf-8") as file,
        open(work / "table.tab", "w", encoding="utf-8") as out,
    ):
        for row in csv.DictReader(file):
            codes = [name[row[variable]] for name, variable in zip(names, variables)]
            status = "U" if row["primary"] == "1" else "S"
            print(*codes, row["value"], status, row["lpl"], row["upl"], sep=";", file=out)
    quoted = "".join(f'"{place}"' for place in places)
    batch = [
        '<OPENTABLEDATA> "table.tab"',
        '<OPENMETADATA> "table.rda"',
        f'<SPECIFYTABLE> {quoted}|"value"||',
        "<SAFETYRULE>",
        "<READTABLE>",
    ]
    (work / "table.arb").write_text("\n".join(batch) + "\n", encoding="utf-8")
    return variables, names


def write_pattern(engine, variables, names, path):
    """Writes every hidden cell with its status; returns how many are primary and how many secondary."""
    native = engine._tau
    codes = []
    for number, name in enumerate(names):
        known = {theirs: ours for ours, theirs in name.items()}
        active = native.get_var_number_of_codes(number)[1]
        theirs = [native.get_var_code(number, code)[2].strip() for code in range(active)]
        codes.append([known[code or "Total"] for code in theirs])
    primary = secondary = 0
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([*variables, "status"])
        for cell in range(native.get_total_table_size(0)[0]):
            status = native.get_table_cell_status(0, cell)
            if status in PRIMARY:
                primary += 1
            elif status in SECONDARY:
                secondary += 1
            else:
                continue
            rest, at = cell, []
            for known in reversed(codes):
                rest, place = divmod(rest, len(known))
                at.append(known[place])
            out.writerow([*reversed(at), "primary" if status in PRIMARY else "secondary"])
    return primary, secondary


def main():
    instance, method, minutes = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    work = pathlib.Path.cwd()
    variables, names = write_input(instance, work)
    began = time.perf_counter()
    engine = run_batch(work / "table.arb")
    read = time.perf_counter()
    upper = UPPER_BOUND_FACTOR * engine._table_cell_bounds(0)[1]
    engine._table_cell_bounds = lambda table: (0.0, upper)
    engine.suppress(Suppress(kind=method, tab_no=1, opt_max_time=minutes, mod_max_time=minutes))
    suppressed = time.perf_counter()
    primary, secondary = write_pattern(engine, variables, names, work / "pattern.csv")
    result = {"read_s": read - began, "suppress_s": suppressed - read, "primary": primary, "secondary": secondary}
    (work / "result.json").write_text(json.dumps(result), encoding="utf-8")


main()
