"""The workers of a sweep: a cluster on this machine, or any Dask cluster by its address."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

from darkdays.errors import InputError

_NEEDED: Final = ("dask", "distributed", "pyarrow", "zarr")
_PATIENCE: Final = 15.0
"""Seconds to wait for a scheduler, also for one that went away."""
_AT_FIRST: Final = 2.0
_EVERY: Final = 60.0
"""Seconds until a person is told that there are no workers, and told again."""
GATEWAY: Final = "gateway://"
"""What stands before the name of a cluster of a Dask Gateway."""
_MALLOC: Final = {
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
}
"""Dask lets workers give memory back after every array, and half a million pages of a batch are
asked for again: a fifth of its time. Of what is freed, so much may stay."""
DEATHS: Final = 3
"""Workers that may die at a task before it is given up (the scheduler counts them)."""


def need_scale() -> None:
    """Refuse to go on without the libraries of a sweep.

    Raises
    ------
    InputError
        If one of them is not installed.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"a sweep needs {', '.join(missing)}; install them with "
            "`pip install 'darkdays[scale]'`."
        )


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def connected(
    scheduler: str | None, workers: int | None, tell: Callable[[str], object] = lambda _: None
) -> Iterator[Any]:
    """Give a client of a cluster.

    Parameters
    ----------
    scheduler
        Address of a running cluster, or :data:`GATEWAY` and its name; without one, workers are
        started on this machine and ended with the sweep.
    workers
        How many to start here, one a processor if not given; how many to wait for there.
    tell
        Is told at once, and then every minute, that there are not so many yet.

    Raises
    ------
    InputError
        If no scheduler answers at the address.
    """
    dask, distributed = (importlib.import_module(name) for name in ("dask", "distributed"))
    # What Dask has to say of workers that come and go is said by the sweep itself.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    spawned = "distributed.nanny.pre-spawn-environ"
    settings = {
        "distributed.scheduler.allowed-failures": DEATHS,
        spawned: {**dask.config.get(spawned), **_MALLOC},
    }
    with dask.config.set(settings):
        if scheduler is None:
            with _local(workers or cores()) as cluster, distributed.Client(cluster) as client:
                yield client
            return
        try:
            client = _client(scheduler)
        except (OSError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers at {scheduler}: "
                f"{str(error).splitlines()[0].rstrip('.')}; "
                "start one, or leave --scheduler out to use this machine."
            ) from None
        with client:
            _wait(client, scheduler, workers or 1, tell)
            yield client


def _wait(client: Any, scheduler: str, wanted: int, tell: Callable[[str], object]) -> None:
    """Wait for workers, which may have to queue for a machine, as long as it takes."""
    patience = _AT_FIRST
    while True:
        try:
            client.wait_for_workers(wanted, timeout=patience)
        except TimeoutError:
            here = len(client.scheduler_info(-1)["workers"])
            some = f"{here} of {wanted} workers" if here else "no workers"
            tell(f"{some} at {scheduler}; waiting")
            patience = _EVERY
        else:
            return


def dashboard(client: Any) -> str:
    """Return where a browser shows the cluster at work; empty where nothing answers there."""
    link = str(client.dashboard_link)
    if importlib.util.find_spec("bokeh") is None:
        # Without Bokeh there are tables of workers and tasks, but no pictures.
        link = link.replace("/status", "/info/main/workers.html")
    try:
        # A scheduler states an address even where it was told to have no dashboard.
        urlopen = build_opener(ProxyHandler({})).open
        with urlopen(link, timeout=_AT_FIRST):
            return link
    except (OSError, ValueError):
        return ""


def threads(client: Any) -> int:
    """Return how many tasks the cluster works on at once."""
    return sum(worker["nthreads"] for worker in client.scheduler_info(-1)["workers"].values())


def killed(error: BaseException) -> bool:
    """Whether a task failed because the workers died that it was given to."""
    distributed = importlib.import_module("distributed")
    return isinstance(error, distributed.KilledWorker)


def _client(scheduler: str) -> Any:
    if not scheduler.startswith(GATEWAY):
        return importlib.import_module("distributed").Client(scheduler, timeout=_PATIENCE)
    if importlib.util.find_spec("dask_gateway") is None:
        raise InputError(
            "a cluster of a Dask Gateway needs dask-gateway; install it with "
            "`pip install dask-gateway`."
        )
    # Where the gateway is and who asks is stated in Dask's own configuration.
    gateway = importlib.import_module("dask_gateway").Gateway()
    return gateway.connect(scheduler.removeprefix(GATEWAY)).get_client()


def _local(workers: int) -> Any:
    if workers < 1:
        raise InputError(f"{workers} workers do nothing; give --workers at least 1.")
    return importlib.import_module("distributed").LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    )
