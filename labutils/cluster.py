"""Other machines: what the lab does in several processes here, the workers of a dask scheduler do as well.

Nothing else changes: simulation, features and networks are given out by joblib, to processes of this machine (loky) or, in
the block of `on_cluster`, to the cluster. All machines must see the same files at the same paths.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labutils.errors import LabError

SCHEDULER = "LAB_SCHEDULER"
_PATIENCE_S = 20


@contextmanager
def on_cluster(address: str | None) -> Iterator[None]:
    """Give the work of the block to a cluster.

    Args:
        address: of a dask scheduler, for example "tcp://10.0.0.5:8786"; None leaves the work on this machine.

    Raises:
        LabError: if dask is not installed, no scheduler answers, its workers cannot be used, or the same work was on several
            workers that were killed.
    """
    if not address:
        yield
        return
    try:
        from distributed import Client, KilledWorker
    except ModuleNotFoundError as error:
        raise LabError(
            f"{SCHEDULER} is set but dask is not installed, expected the extra `scale`: pip install 'impact-lab[scale]'."
        ) from error
    import joblib

    with _client(Client, address) as client, joblib.parallel_config(backend="dask", client=client):
        try:
            yield
        except KilledWorker as error:
            raise LabError(
                f"{address}: the same work was on several workers that were killed (too little memory?): start again."
            ) from error


def is_on_cluster() -> bool:
    """Whether what joblib is given goes to a dask cluster."""
    # loads what the command line does not need to explain itself
    from joblib.parallel import get_active_backend

    return type(get_active_backend()[0]).__name__ == "DaskDistributedBackend"


@contextmanager
def _client(kind: type, address: str) -> Iterator[Any]:
    """A connection to workers of one thread each, which work in the present folder."""
    try:
        client = kind(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise LabError(
            f"{SCHEDULER} is {address}: no dask scheduler answers there, expected an address like tcp://10.0.0.5:8786."
        ) from error
    with client:
        threads = client.nthreads()
        if not threads or max(threads.values()) > 1:
            raise LabError(
                f"{address} has workers of {sorted(threads.values()) or 'no'} threads, expected workers of one thread each, "
                "for the same results: dask worker SCHEDULER --nworkers 4 --nthreads 1."
            )
        try:
            client.run(os.chdir, os.getcwd())
        except OSError as error:
            raise LabError(
                f"{os.getcwd()} is not there on every worker of {address}: expected a folder that all machines share."
            ) from error
        yield client
