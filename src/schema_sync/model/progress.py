"""How long work is shown: it hands its steps to whoever watches, and gets them back one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

# Takes the steps of long work and gives them back, one by one, within a ``with``: a progress bar.
Progress = Callable[[Sequence[Path]], AbstractContextManager[Iterable[Path]]]
