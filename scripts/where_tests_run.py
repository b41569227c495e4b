#!/usr/bin/env python3
"""Writes which test runs in which presets, and fails when one runs nowhere.

where_tests_run.py <output> <preset>...: called by scripts/test when it has built all presets. It reads
build/<preset>.all.json (what ctest knows there) and build/<preset>.run.json (what the preset runs of it), and the test
cases in the sources, so that it also misses what no preset builds.
"""

import glob
import json
import os
import re
import sys

STRING = r'"(?:[^"\\]|\\.)*"'
MACRO = r"^[ \t]*((?:TEMPLATE_(?:LIST_|PRODUCT_)?)?TEST_CASE|SCENARIO)"
CASE = re.compile(MACRO + r"\s*\(\s*(" + STRING + r"(?:\s*" + STRING + r")*)", re.M)


def tests_of(path):
    """Each test's name, and the files that CMake was in when it was added. Not those that are disabled."""
    with open(path, encoding="utf-8") as file:
        answer = json.load(file)
    graph = answer["backtraceGraph"]
    found = {}
    for test in answer["tests"]:
        if any(each["name"] == "DISABLED" and each["value"] for each in test.get("properties", [])):
            continue
        node, files = test.get("backtrace"), set()
        while node is not None:
            files.add(graph["files"][graph["nodes"][node]["file"]])
            node = graph["nodes"][node].get("parent")
        found[test["name"]] = files
    return found


def unquoted(literals):
    text = "".join(each[1:-1] for each in re.findall(STRING, literals))
    return re.sub(r"\\(.)", r"\1", text)


def cases_in_sources():
    """(file, name, is a template) of every test case under tests/."""
    for path in sorted(glob.glob("tests/**/*.cpp", recursive=True)):
        with open(path, encoding="utf-8") as file:
            for kind, literals in CASE.findall(file.read()):
                yield path, unquoted(literals), kind.startswith("TEMPLATE")


def main(output, presets):
    known, runs = {}, {}
    for preset in presets:
        for name, files in tests_of(f"build/{preset}.all.json").items():
            known.setdefault(name, set()).update(files)
        for name in tests_of(f"build/{preset}.run.json"):
            runs.setdefault(name, []).append(preset)

    nowhere = [f"the test \"{name}\"" for name in sorted(known) if name not in runs]
    for path, name, is_template in cases_in_sources():
        if name not in runs and not (is_template and any(each.startswith(name + " - ") for each in runs)):
            nowhere.append(f"{path}: the test case \"{name}\"")
    # A folder whose tests are an option that no preset switches on.
    adding = {os.path.realpath(file) for name, files in known.items() if name in runs for file in files}
    for path in sorted(glob.glob("tests/*/CMakeLists.txt")):
        with open(path, encoding="utf-8") as file:
            if "add_test(" in file.read() and os.path.realpath(path) not in adding:
                nowhere.append(f"{path}: every test that it adds")

    with open(output, "w", encoding="utf-8") as file:
        for name in sorted(runs):
            file.write(f"{name}: {' '.join(runs[name])}\n")
    print(f"{len(runs)} different tests, and where each runs: {output}")
    for preset in presets:
        mine = [name for name in runs if preset in runs[name]]
        alone = [name for name in mine if runs[name] == [preset]]
        print(f"  {preset}: {len(mine)}, of which {len(alone)} run nowhere else")
    for each in nowhere:
        print(f"RUNS NOWHERE: {each}")
    return 1 if nowhere else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
