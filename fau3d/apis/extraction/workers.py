"""Running tasks in processes of which any may die."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerDied(RuntimeError):
    """The process that worked on a task ended without an answer."""


def run_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    workers: int = 1,
    make_executor: Callable[[int], Executor] | None = None,
) -> Iterator[tuple[Task, Result | None, Exception | None]]:
    """Run a function on tasks in other processes; one that fails costs no other.

    If a process dies (a decoder that crashes, a lack of memory), the tasks that ran at that time are tried
    once more, each in a process of its own, so that the one at fault is known.

    Args:
        function: Of a module, so that another process can import it.
        tasks: They and the results can be pickled.
        workers: Processes; 0 runs everything in this one.
        make_executor: Gives an executor for a number of workers; processes of this machine by default.

    Yields:
        Task, result, None, or task, None, error; in the order in which they end.

    Raises:
        ValueError: If the number of workers is negative.
    """
    if workers < 0:
        raise ValueError(f"workers is {workers}; wanted 0 (this process) or more")
    if workers == 0:
        return _here(function, tasks)
    return _elsewhere(function, deque(tasks), workers, make_executor or process_executor)


def _here(
    function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[tuple[Task, Result | None, Exception | None]]:
    for task in tasks:
        try:
            result = function(task)
        except Exception as error:
            yield task, None, error
        else:
            yield task, result, None


def _elsewhere(
    function: Callable[[Task], Result],
    waiting: deque[Task],
    workers: int,
    make_executor: Callable[[int], Executor],
) -> Iterator[tuple[Task, Result | None, Exception | None]]:
    while waiting:
        suspects: list[Task] = []
        for task, result, error in _until_broken(function, waiting, make_executor(workers), workers):
            if isinstance(error, BrokenExecutor):
                suspects.append(task)
            else:
                yield task, result, error
        for task in suspects:
            for _, result, error in _until_broken(function, deque([task]), make_executor(1), 1):
                if isinstance(error, BrokenExecutor):
                    error = WorkerDied(
                        "the process that worked on it died (a crash in the decoder, or no memory)"
                    )
                yield task, result, error


def _until_broken(
    function: Callable[[Task], Result], waiting: deque[Task], executor: Executor, workers: int
) -> Iterator[tuple[Task, Result | None, Exception | None]]:
    """Take tasks from those waiting, one a worker at a time, until none is left or the executor breaks."""
    running: dict[Future[Result], Task] = {}
    broken = False
    try:
        while running or (waiting and not broken):
            while waiting and not broken and len(running) < workers:
                task = waiting.popleft()
                try:
                    running[executor.submit(function, task)] = task
                except BrokenExecutor:
                    waiting.appendleft(task)
                    broken = True
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                task = running.pop(future)
                error = future.exception()
                broken = broken or isinstance(error, BrokenExecutor)
                if error is not None and not isinstance(error, Exception):
                    raise error
                yield task, None if error else future.result(), error
    finally:
        _stop(executor, at_once=bool(running))


def process_executor(workers: int) -> Executor:
    """Give processes of this machine; spawned, since a fork inherits the locks of threads that it has not."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_end_with_parent)


def ray_executor(address: str) -> Callable[[int], Executor]:
    """Give executors that run tasks on a Ray cluster.

    Args:
        address: Of the cluster, or `auto` or `local`.

    Raises:
        ImportError: If Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        raise ImportError("a Ray cluster needs the package ray: pip install 'fau3d[ray]'") from None
    if not ray.is_initialized():
        ray.init(address=address)
    return lambda workers: _RayExecutor(ray)


class _RayExecutor(Executor):
    """The part of Ray that is needed here, as an executor; Ray itself replaces workers that die."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        return self._ray.remote(fn).remote(*args, **kwargs).future()


def _end_with_parent() -> None:
    """Let this process end when its parent is killed; it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _stop(executor: Executor, at_once: bool) -> None:
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=not at_once, cancel_futures=True)
    if at_once:
        for process in processes:
            process.terminate()
