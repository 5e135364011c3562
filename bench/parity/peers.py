"""What scipy makes of two clouds, for `parity.ts`: nearest distances, and M3C2 written down anew from its paper.

python3 peers.py distances FOLDER [THREADS]
python3 peers.py m3c2 FOLDER NORMAL_RADIUS PROJECTION_RADIUS HALF_LENGTH REGISTRATION_ERROR

A cloud is a file of float64, x y z of each point: FOLDER/a.f64, b.f64 and, for M3C2, core.f64. Results are float64 as well.
"""

import json
import resource
import sys
import time

import numpy as np
from scipy.spatial import cKDTree


def cloud(folder, name):
    return np.fromfile(f"{folder}/{name}.f64").reshape(-1, 3)


def distances(folder, threads="2"):
    """Prints what it took: by the clock, of all cores together, and the most memory that the process had."""
    a, b = cloud(folder, "a"), cloud(folder, "b")
    start, core = time.perf_counter(), time.process_time()
    found, _ = cKDTree(b).query(a, workers=int(threads))
    taken = {
        "milliseconds": 1000 * (time.perf_counter() - start),
        "coreMilliseconds": 1000 * (time.process_time() - core),
        "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(taken))
    found.astype("<f8").tofile(f"{folder}/scipy.f64")


def m3c2(folder, normal_radius, projection_radius, half_length, registration_error):
    a, b, core = cloud(folder, "a"), cloud(folder, "b"), cloud(folder, "core")
    trees = [cKDTree(a), cKDTree(b)]
    reach = np.hypot(projection_radius, half_length)
    rows = np.full((len(core), 2), np.nan)
    for i, place in enumerate(core):
        around = a[trees[0].query_ball_point(place, normal_radius)]
        if len(around) < 3:
            continue
        _, vectors = np.linalg.eigh(np.cov((around - place).T, bias=True))
        normal = vectors[:, 0] if vectors[2, 0] >= 0 else -vectors[:, 0]
        means, variances = [], []
        for points, tree in zip((a, b), trees):
            near = points[tree.query_ball_point(place, reach)] - place
            along = near @ normal
            across = np.linalg.norm(near - np.outer(along, normal), axis=1)
            inside = along[(np.abs(along) <= half_length) & (across <= projection_radius)]
            means.append(inside.mean() if len(inside) else np.nan)
            variances.append(inside.var(ddof=1) / len(inside) if len(inside) > 1 else np.nan)
        detection = 1.96 * (np.sqrt(sum(variances)) + registration_error)
        rows[i] = means[1] - means[0], detection
    rows.astype("<f8").tofile(f"{folder}/scipy-m3c2.f64")


if sys.argv[1] == "distances":
    distances(*sys.argv[2:])
else:
    m3c2(sys.argv[2], *map(float, sys.argv[3:7]))
