"""A parallel run on paper: units of known lengths, given out in some order.

Workers ask for one unit at a time, as this engine's do. The parent takes a little
processor time for each unit and serves one worker after the other, which is what
bounds a run of very many workers.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A unit: how long it takes, what is thought of it before, where it stands.

    ``seconds`` is what it takes, ``known`` what a history says that it takes,
    ``guessed`` what there is without one.
    """

    package: str
    seconds: float
    known: float
    guessed: float


def makespan(
    seconds: Sequence[float], *, workers: int, seconds_to_hand_out: float = 0.0
) -> float:
    """Return when the last of these ends, each given to whoever is free first."""
    free = [0.0] * workers
    parent = 0.0
    for one in seconds:
        asked = free[0]
        parent = max(parent, asked) + seconds_to_hand_out
        heapq.heapreplace(free, parent + one)
    return max(free)


def bound(
    seconds: Sequence[float], *, workers: int, seconds_to_hand_out: float
) -> float:
    """Return what no order of these units can be quicker than."""
    return max(max(seconds), sum(seconds) / workers, seconds_to_hand_out * len(seconds))


def longest_first(pieces: Sequence[Piece]) -> list[float]:
    """Order by what a history knows."""
    ordered = sorted(pieces, key=lambda piece: -piece.known)
    return [piece.seconds for piece in ordered]


def by_guess(pieces: Sequence[Piece]) -> list[float]:
    """Order by what can be guessed without a history."""
    ordered = sorted(pieces, key=lambda piece: -piece.guessed)
    return [piece.seconds for piece in ordered]


def in_order(pieces: Sequence[Piece]) -> list[float]:
    """Leave units as they stand in the files."""
    return [piece.seconds for piece in pieces]


def by_package(pieces: Sequence[Piece]) -> list[float]:
    """Make each package one unit, the longest first."""
    packages: dict[str, float] = {}
    for piece in pieces:
        packages[piece.package] = packages.get(piece.package, 0) + piece.seconds
    return sorted(packages.values(), reverse=True)


ORDERS: dict[str, Callable[[Sequence[Piece]], list[float]]] = {
    "longest first, history": longest_first,
    "longest first, no history": by_guess,
    "as in the files": in_order,
    "package by package": by_package,
}


def grown(pieces: Sequence[Piece], *, count: int, seed: int) -> list[Piece]:
    """Draw a suite of ``count`` units from the recorded ones, each as likely.

    A unit keeps its package, which comes again in each repetition of the suite.
    """
    generator = random.Random(seed)
    drawn = []
    for number in range(count):
        piece = generator.choice(pieces)
        package = f"{piece.package} {number // max(len(pieces), 1)}"
        drawn.append(Piece(package, piece.seconds, piece.known, piece.guessed))
    return sorted(drawn, key=lambda piece: piece.package)
