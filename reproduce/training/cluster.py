"""Runs of a study on the workers of a dask.distributed cluster (optional extra ``cluster``).

A worker trains in a folder of its own and sends the finished run home. Only this process writes to
the store, and it holds the claim on a run for as long as that is away: it can't be trained twice.
When a worker is lost, its run is begun again on another, from the checkpoint that it left home
with.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from reproduce.data import Dataset, load
from reproduce.errors import UserError, from_extra
from reproduce.runs.settings import Settings
from reproduce.runs.store import Run, Store
from reproduce.training.loop import Training
from reproduce.training.sweep import Failure

CONNECT_SECONDS = 10


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at ``address``; on leaving, what still runs for it is stopped.

    Raises:
        UserError: the extra is not installed, nobody answers there, or there are no workers.
    """
    distributed = from_extra("cluster", "distributed", "--executor dask")
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # whatever answers there, it is no scheduler
        raise UserError(
            f"no dask scheduler answers at {address}: start one with 'dask scheduler', and give"
            " the address that it prints, such as tcp://10.0.0.1:8786"
        ) from error
    with client:
        if not client.nthreads():
            raise UserError(
                f"the scheduler at {address} has no workers: start some with"
                f" 'dask worker {address} --nthreads 1'"
            )
        yield client


def jobs(client: Any) -> int:
    """Runs that the cluster can train at once."""
    return sum(client.nthreads().values())


def trainer(
    client: Any, store: Store, dataset: Dataset, data_dir: str | None
) -> Callable[[Settings], Failure | None]:
    """What trains one run on the cluster and brings it home: see ``sweep.run``.

    Args:
        client: of the scheduler.
        store: where the finished run goes.
        dataset: what the workers must have too, in ``data_dir`` or wherever they look for it.
        data_dir: as the command line has it.
    """

    def train(settings: Settings) -> Failure | None:
        from distributed import KilledWorker

        run = store.run(settings)
        with run.claimed():
            if run.finished:
                return None
            source = store.run(settings.source).files() if settings.source else {}
            order = (settings.to_dict(), data_dir, dataset.fingerprint, run.files(), source)
            try:
                files = client.submit(_away, *order, pure=False).result()
            except UserError as error:
                return Failure(settings, str(error))
            except KilledWorker as error:
                return Failure(settings, f"lost with its worker, again and again: {error}")
            except Exception as error:  # whatever went wrong there takes no other run with it
                return Failure(settings, f"{type(error).__name__} on a worker: {error}")
            run.receive(files)
        return None

    return train


def _away(
    settings: dict[str, Any],
    data_dir: str | None,
    fingerprint: str,
    begun: dict[str, bytes],
    source: dict[str, bytes],
) -> dict[str, bytes]:
    """On a worker: one run, from where it was; nothing when nobody waits for it any more."""
    from distributed import get_worker

    worker = get_worker()
    task = worker.state.tasks[worker.get_current_task()]
    torch.set_num_threads(1)
    wanted = Settings.from_dict(settings)
    data = load(wanted.dataset, data_dir)
    if data.fingerprint != fingerprint:
        raise UserError(
            f"the worker {worker.address} has other data ({data.title}): give every machine the"
            " same folder as --data-dir or PARSIMONY_DATA"
        )
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        run: Run = store.run(wanted)
        run.receive(begun)
        if wanted.source:
            store.run(wanted.source).receive(source)
        for _ in Training(wanted, data, run).epochs():
            if task.state != "executing":
                return {}
        return run.files()
