"""Sweep on a Dask Gateway: its workers see FOLDER under the same path as this machine.

Run ``python gateway.py GRID.yaml FOLDER WORKERS`` with ``pip install 'darkdays[scale]'
dask-gateway``. Where the gateway is and who asks is read from Dask's own configuration
(``DASK_GATEWAY__ADDRESS``, ``DASK_GATEWAY__AUTH__TYPE``). The image of the workers must have the
same darkdays, and the same versions of its libraries: a sweep refuses others. In it,
``MALLOC_TRIM_THRESHOLD_=134217728`` and ``MALLOC_MMAP_THRESHOLD_=33554432`` save a fifth of the
time.
"""

import subprocess
import sys

from dask_gateway import Gateway

if __name__ == "__main__":
    grid, folder, workers = sys.argv[1:]
    with Gateway().new_cluster() as cluster:
        cluster.scale(int(workers))
        command = [
            *("darkdays", "sweep", grid, "--out", folder),
            *("--scheduler", f"gateway://{cluster.name}", "--workers", "1"),
        ]
        sys.exit(subprocess.run(command, check=False).returncode)
