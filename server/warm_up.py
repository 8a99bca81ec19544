"""What a server loads before it is asked, while the first visitor's browser still fetches the page itself."""

import gc
import importlib.util
import sys
import threading
from contextlib import suppress

from server import stage_files, workers
from server.worker_process import Job

_YOUNG = 50_000  # objects made since the collector last looked; a rerun makes about as many, nearly all without circles
first_page_is_ready = threading.Event()
_PATIENCE = 60.0  # seconds of a processor that a worker may take over PyTorch
TORCH_DELAY = 8.0  # seconds: the first visitor's page goes before PyTorch, which nobody has asked for yet


def start() -> threading.Timer:
    """Begin both warm-ups in the background; cancel what is returned to call the later one off."""
    threading.Thread(target=first_page, daemon=True).start()
    later = threading.Timer(TORCH_DELAY, torch_trainer)
    later.daemon = True
    later.start()
    return later


def first_page() -> None:
    """Import what the first page needs and draw its lanes once, which loads what is loaded on first use; meanwhile make
    the files that its browser asks for.
    """
    files = threading.Thread(target=stage_files.warm_up, daemon=True)  # it waits for another process, most of the time
    files.start()
    from core import Experiment, train
    from core.drawing import charts
    from core.instruments.compare.ruler import measure
    from core.instruments.compare.scene import scene

    first = scene(train(Experiment()), measure(Experiment()))
    charts.contour("light", len(first.roles), (0.0, 1.0), (0.0, 1.0))
    files.join()
    _settle()
    first_page_is_ready.set()
    workers.workers().warm_up()


def pytorch() -> str:
    """missing, loading or loaded."""
    if hasattr(sys.modules.get("core.training.torch_trainer"), "TorchTrainer"):
        return "loaded"
    return "loading" if importlib.util.find_spec("torch") else "missing"


def torch_trainer() -> None:
    """Import PyTorch and make it take its first step, here and in a worker."""
    with suppress(ModuleNotFoundError):  # without it NumPy works, and the page says how to install it
        from core import Experiment, train
        from core.training.torch_trainer import use_one_thread  # from here on the page shows the parity receipt

        use_one_thread()
        first = Experiment(engine="torch", epochs=1)
        train(first)  # PyTorch loads a second's worth of itself at its first step
        _settle()
        job = Job(train, (first,), _PATIENCE)
        workers.workers().do(job, visitor="warm-up", progress=lambda _: None, waiting=lambda _: None)


def _settle() -> None:
    """Keep all that is loaded out of the garbage collector's way, which took a fifth of a rerun's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
