"""Copies of somebody's model and random numbers that are put back: what is looked at is changed by no look."""

import copy
import inspect
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Number
from typing import Any

import numpy as np
import torch

Loss = Callable[[Any, torch.Tensor], torch.Tensor]
_OLD_NORMS = {"WeightNorm": "weight_norm", "SpectralNorm": "spectral_norm"}  # hooks by class, and what put them there
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def copied(model: torch.nn.Module, loss_fn: Loss) -> tuple[torch.nn.Module, Loss]:
    """Both copied with all they keep: buffers, counters, teachers. A plain function is not copied.

    Raises ValueError, naming the part that can't be copied and what to do about it.
    """
    try:
        made: tuple[torch.nn.Module, Loss] = copy.deepcopy((model, loss_fn))
        return made
    except Exception as error:  # what an attribute raises when it is copied is its own affair
        raise ValueError(_why_not(model, error)) from error


def check_can_be_copied(model: torch.nn.Module, loss_fn: Loss) -> None:
    """Raises ValueError, before anything is trained, for what copies badly or not at all."""
    for name, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            raise ValueError(
                f"model must be one that can be copied, got {_called(name, module)}, made by torch.jit: hand over the "
                "module that it was made from"
            )
        for hook in module._forward_pre_hooks.values():
            if old := _OLD_NORMS.get(type(hook).__name__):
                raise ValueError(
                    f"model must be one that can be copied, got {_called(name, module)}, under torch.nn.utils.{old}: "
                    f"take torch.nn.utils.parametrizations.{old}"
                )
    if not _can_be_copied(loss_fn):
        raise ValueError(
            f"loss_fn must be one that can be copied, got a {type(loss_fn).__name__} that can't: write a function of "
            "(model(x), y)"
        )


def is_stateless(model: torch.nn.Module, loss_fn: Loss) -> bool:
    """Whether a forward pass can change nothing of them, so that they are looked at without a copy.

    True of torch's own modules without buffers and hooks; code of somebody else's may keep anything.
    """
    parts = [model, *model.modules()]
    if isinstance(loss_fn, torch.nn.Module):
        if not type(loss_fn).__module__.startswith("torch.nn.modules.loss"):
            return False
    elif not (inspect.isfunction(loss_fn) or inspect.isbuiltin(loss_fn)):
        return False
    return all(
        type(each).__module__.startswith("torch.nn.modules.")
        and "forward" not in vars(each)
        and not each._buffers
        and not any(getattr(each, hooks) for hooks in _HOOKS)
        for each in parts
    )


def counted(model: torch.nn.Module, loss_fn: Loss) -> dict[str, str]:
    """The numbers that their code reaches outside of them, by name: what a call may count, and no copy has apart."""
    found: dict[str, str] = {}
    kinds = {type(each) for each in model.modules()}
    theirs = [kind for kind in kinds if not kind.__module__.startswith("torch.")]
    for code in (loss_fn, *(kind.forward for kind in theirs)):
        if inspect.isfunction(code):
            seen = inspect.getclosurevars(code)
            for name, value in {**seen.nonlocals, **seen.globals}.items():
                found |= _numbers(name, value)
    for kind in theirs:
        for name, value in vars(kind).items():
            found |= _numbers(f"{kind.__name__}.{name}", value)
    return found


def _numbers(name: str, value: Any) -> dict[str, str]:
    """A number, or each in a list or dict, as it is written now."""
    if isinstance(value, Number | itertools.count) or (isinstance(value, torch.Tensor) and value.numel() == 1):
        return {name: repr(value)}
    items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return {f"{name}[{key!r}]": repr(one) for key, one in itertools.islice(items, 100) if isinstance(one, Number)}


def _called(name: str, module: torch.nn.Module) -> str:
    kind = module.original_name if isinstance(module, torch.jit.ScriptModule) else type(module).__name__
    return f"its module {name!r}, a {kind}" if name else f"a {kind}"


def _why_not(model: torch.nn.Module, error: Exception) -> str:
    """The sentence on the first attribute that can't be copied."""
    for name, module in model.named_modules():
        for key, value in vars(module).items():
            if key not in ("_modules", "_parameters") and not _can_be_copied(value):
                where = f"model must be one that can be copied, got {_called(name, module)}, whose .{key}"
                if _is_result(value):
                    return f"{where} is a result of its forward pass: keep it by .detach(), or not at all"
                return (
                    f"{where} is a {type(value).__name__}: make it where it is used, or leave it out of copies by a "
                    "method __getstate__"
                )
    return f"model must be one that can be copied, got one that raises {type(error).__name__} in copy.deepcopy(model)"


def _can_be_copied(value: Any) -> bool:
    try:
        copy.deepcopy(value)
    except Exception:
        return False
    return True


def _is_result(value: Any) -> bool:
    """Whether it is, or holds, a tensor that a forward pass left with its graph."""
    if isinstance(value, torch.Tensor):
        return value.grad_fn is not None
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(_is_result(each) for each in inner)


RngState = tuple[torch.Tensor, list[torch.Tensor], Any, Any]


def rng_state() -> RngState:
    """The states of all random numbers: PyTorch's, of the processor and of each GPU, NumPy's and Python's."""
    of_gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return torch.get_rng_state(), of_gpus, np.random.get_state(), random.getstate()  # noqa: NPY002 - forward may use it


def set_rng_state(state: RngState) -> None:
    """Go on from a state that `rng_state` gave."""
    torch.set_rng_state(state[0])
    if state[1]:
        torch.cuda.set_rng_state_all(state[1])
    np.random.set_state(state[2])  # noqa: NPY002
    random.setstate(state[3])


def set_seed(seed: int) -> None:
    """Begin PyTorch's random numbers anew."""
    # Not torch.manual_seed: where no GPU is in use it keeps a note of every call, with the stack it came by.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed)


@contextmanager
def kept_rng_state(within: RngState | None = None) -> Iterator[None]:
    """Whatever is drawn inside, random numbers go on after it as if nothing had been.  within: where they begin."""
    before = rng_state()
    try:
        if within is not None:
            set_rng_state(within)
        yield
    finally:
        set_rng_state(before)
