"""Times scikit-learn's LinearSVC on features that bench/svm.ts wrote: svm_reference.py FEATURES LABELS WIDTH ROWS... [--repeats R]

Prints a JSON object a line, as bench/svm.ts does.
"""

import argparse
import json
import time

import numpy as np
from sklearn.svm import LinearSVC

parser = argparse.ArgumentParser()
parser.add_argument("features")
parser.add_argument("labels")
parser.add_argument("width", type=int)
parser.add_argument("rows", type=int, nargs="+")
parser.add_argument("--repeats", type=int, default=3)
args = parser.parse_args()

x = np.fromfile(args.features, "<f4").reshape(-1, args.width)
y = np.fromfile(args.labels, np.uint8)
for rows in args.rows:
    times = []
    for _ in range(args.repeats):
        start = time.perf_counter()
        model = LinearSVC(random_state=0, tol=1e-5).fit(x[:rows], y[:rows])
        times.append(1000 * (time.perf_counter() - start))
    w = np.c_[model.coef_, model.intercept_].astype(np.float64)
    scores = np.c_[x[:rows], np.ones(rows)].astype(np.float64) @ w.T
    signs = np.where(y[:rows, None] == model.classes_, 1, -1)
    objective = (w * w).sum() / 2 + (np.maximum(0, 1 - signs * scores) ** 2).sum()
    print(json.dumps({"rows": rows, "first": times[0], "times": times, "objective": float(objective)}), flush=True)
