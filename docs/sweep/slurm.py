"""Sweep on a SLURM cluster: every worker is a job, and is asked for again when its time is over.

Run ``python slurm.py GRID.yaml FOLDER WORKERS`` on a login node, or as a small job of its own, with
``pip install 'darkdays[scale]' dask-jobqueue``. FOLDER must be on a disk that all nodes see. Ended
before its time, the same command goes on.
"""

import subprocess
import sys

from dask_jobqueue.slurm import SLURMCluster

if __name__ == "__main__":
    grid, folder, workers = sys.argv[1:]
    with SLURMCluster(
        cores=1,  # a worker judges one batch at a time, on one processor
        processes=1,
        memory="2 GB",  # `darkdays sweep --plan GRID.yaml` says how much a worker needs
        walltime="04:00:00",
        worker_extra_args=["--lifetime", "225m", "--lifetime-stagger", "5m"],
        # Dask's own setting lets a worker give memory back after every array, which takes a fifth
        # of its time.
        job_script_prologue=[
            "export MALLOC_TRIM_THRESHOLD_=134217728 MALLOC_MMAP_THRESHOLD_=33554432"
        ],
        log_directory=f"{folder}/logs",
        # queue="…", account="…", interface="ib0": as your cluster wants it
    ) as cluster:
        cluster.adapt(minimum=int(workers), maximum=int(workers))
        command = [
            *("darkdays", "sweep", grid, "--out", folder),
            *("--scheduler", cluster.scheduler_address, "--workers", "1"),
        ]
        sys.exit(subprocess.run(command, check=False).returncode)
