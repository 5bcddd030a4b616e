"""Unpacks chosen members of a wheel, checked against the wheel's own RECORD.

Usage: unpack-wheel.py WHEEL FOLDER RULES, RULES being JSON: [[regular expression, replacement], ...]. A member whose
whole path a rule matches goes to FOLDER/replacement; the first rule that matches counts. Streams, so that a library of
a gigabyte needs no memory, and flushes each file to disk. Prints JSON lines: {"done": bytes, "of": bytes} as it goes
on, and {"file": path, "size": bytes, "sha256": hex} for each file.

Needs Python 3.6 and nothing else.
"""

import base64
import csv
import hashlib
import io
import json
import os
import re
import sys
import zipfile


def targets(names, rules):
    chosen = {}
    for name in names:
        for pattern, replacement in rules:
            match = re.fullmatch(pattern, name)
            if match:
                path = match.expand(replacement)
                if path.startswith("/") or ".." in path.split("/"):
                    raise SystemExit("%s would be written outside the folder" % name)
                chosen[name] = path
                break
    return chosen


def recorded(wheel):
    record = next(n for n in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/RECORD", n))
    rows = csv.reader(io.StringIO(wheel.read(record).decode("utf-8")))
    return {row[0]: row[1] for row in rows if len(row) > 1}


def main():
    wheel_file, folder, rules = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    with zipfile.ZipFile(wheel_file) as wheel:
        hashes = recorded(wheel)
        chosen = targets((n for n in wheel.namelist() if not n.endswith("/")), rules)
        of = sum(wheel.getinfo(n).file_size for n in chosen)
        done = told = 0
        for name, path in chosen.items():
            target = os.path.join(folder, *path.split("/"))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            digest = hashlib.sha256()
            size = 0
            with wheel.open(name) as source, open(target, "wb") as out:
                while True:
                    block = source.read(1 << 20)
                    if not block:
                        break
                    digest.update(block)
                    out.write(block)
                    size += len(block)
                    done += len(block)
                    if done - told > 1 << 24:
                        told = done
                        print(json.dumps({"done": done, "of": of}), flush=True)
                out.flush()
                os.fsync(out.fileno())
            if wheel.getinfo(name).external_attr >> 16 & 0o111:
                os.chmod(target, 0o755)
            expected = "sha256=" + base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
            if hashes.get(name) != expected:
                raise SystemExit("%s does not have the checksum that the wheel records" % name)
            print(json.dumps({"file": path, "size": size, "sha256": digest.hexdigest()}), flush=True)


main()
