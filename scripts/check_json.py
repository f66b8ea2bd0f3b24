#!/usr/bin/env python3
"""Checks lines of JSON against a schema, and the schema against the lines.

    scripts/check_json.py SCHEMA LINES HISTORY

LINES and HISTORY are folders of files of lines: of `mnist --json`, and rows of
`mnist train --history`. Every line must be of the schema; every member that the
schema describes must have been in one of them, and with a member more no line
may be of it.
"""
import json
import pathlib
import sys

import jsonschema


def resolve(schema, node):
    """What a node describes, and the nodes that it refers to."""
    yield node
    for other in node.get("allOf", []) + node.get("oneOf", []):
        yield from resolve(schema, other)
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        yield from resolve(schema, schema["$defs"][name])


def mark(schema, node, value, place, met, described):
    """Notes the members that a value has of those that the node describes."""
    for part in resolve(schema, node):
        for key, member in part.get("properties", {}).items():
            described.add(f"{place}.{key}")
            if isinstance(value, dict) and key in value:
                met.add(f"{place}.{key}")
                mark(schema, member, value[key], f"{place}.{key}", met,
                     described)
        if isinstance(value, list) and "items" in part:
            for item in value:
                mark(schema, part["items"], item, f"{place}[]", met, described)


def objects_in(value):
    """The value and all in it that have members with names of their own."""
    if isinstance(value, dict):
        yield value
    for inner in (value.values() if isinstance(value, dict) else
                  value if isinstance(value, list) else []):
        yield from objects_in(inner)


def accepts_more(validator, line):
    """A place where the line could have a member that nobody described."""
    for inside in objects_in(line):
        if all(isinstance(v, str) for v in inside.values()):
            continue  # notes: any name may be there
        inside["undescribed"] = 0
        fine = validator.is_valid(line)
        del inside["undescribed"]
        if fine:
            return json.dumps(inside)[:80]
    return None


class Check:
    def __init__(self, schema):
        self.schema = schema
        self.faults = 0
        self.met, self.described, self.kinds = set(), set(), {}

    def fault(self, text):
        print(text, file=sys.stderr)
        self.faults += 1

    def line(self, names, text, where):
        """One line, which must be of just one of these definitions."""
        line = json.loads(text)
        valid, errors = [], []
        for name in names:
            validator = jsonschema.Draft202012Validator(
                {**self.schema, "oneOf": [{"$ref": f"#/$defs/{name}"}]})
            found = next(validator.iter_errors(line), None)
            if found is None:
                valid.append((name, validator))
            elif not any(e.validator == "const" for e in found.context):
                errors += [f"{name}: {e.message}" for e in found.context]
        if len(valid) != 1:
            self.fault(f"{where}: of {len(valid)} kinds: {text[:200]}")
            self.fault("\n".join(f"  {error}" for error in errors))
            return
        name, validator = valid[0]
        if self.kinds.setdefault(name, 0) < 3:
            place = accepts_more(validator, line)
            if place:
                self.fault(f"{where}: takes more members: {place}")
        self.kinds[name] += 1
        mark(self.schema, self.schema["$defs"][name], line, name, self.met,
             self.described)

    def folder(self, names, path):
        for file in sorted(path.iterdir()):
            lines = file.read_text(encoding="utf-8").splitlines()
            if not lines:
                self.fault(f"{file}: nothing was printed")
            for number, text in enumerate(lines, 1):
                self.line(names, text, f"{file.name}: line {number}")


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    check = Check(schema)
    kinds = [ref["$ref"].rsplit("/", 1)[1] for ref in schema["oneOf"]]
    check.folder(kinds, pathlib.Path(sys.argv[2]))
    check.folder(["history"], pathlib.Path(sys.argv[3]))
    for name in kinds + ["history"]:
        if name not in check.kinds:
            check.fault(f"no line was of the kind {name}")
    for place in sorted(check.described - check.met):
        check.fault(f"in the schema, and in no line: {place}")
    print(", ".join(f"{count} {name}" for name, count in check.kinds.items()))
    print(f"{sum(check.kinds.values())} lines, {len(check.met)} members, "
          f"{check.faults} faults")
    return check.faults > 0


if __name__ == "__main__":
    sys.exit(main())
