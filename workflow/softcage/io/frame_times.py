"""When the frames of a file were made: one rule for all formats.

The file's times are the times. Where it has none, they are its steps times the time of a step, if
the user says it; or the steps say whether frames are evenly spaced, and the user how far apart. A
counter that was never set (the same in all frames) says nothing. Times, or steps in a file without
times, that repeat or run back are refused always; uneven ones where even spacing is needed. Only
steps that fall to where they began, or below, were reset, and the user's interval counts on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from softcage.io.readers import Frame, TrajectoryError

# Two intervals are the same within the digits of a file: relative, and to the time in single
# precision, in which most formats have it.
_SAME, _DIGITS = 1e-3, 4e-7
# Of the interval: where the last digit of times in single precision is more, steps are better.
_COARSE = 0.02


class EarlyFrameError(TrajectoryError):
    """A frame that comes sooner after the one before than all others do: the end of a run may."""


@dataclass(eq=False)
class FrameTimes:
    """Times and steps of the frames of a file, checked as they come.

    Attributes
    ----------
    name : str
        For messages.
    even : bool
        Whether frames must be evenly spaced, at times that are known.
    interval : float or None
        Time between frames as the user says.
    timestep : float or None
        Time of one of the file's steps as the user says, for a file without times.
    times, steps : list
        Of all frames so far, None where the file has none.
    """

    name: str
    even: bool
    interval: float | None = None
    timestep: float | None = None
    times: list = field(default_factory=list)
    steps: list = field(default_factory=list)

    def take(self, frame: Frame) -> None:
        """Take the next frame.

        Raises
        ------
        TrajectoryError
            If it does not follow the one before, or not as far behind as is needed.
        """
        time = None if frame.time is None else _decimal(frame.time)
        if time is None and self.timestep is not None and frame.step is not None:
            time = round(frame.step * self.timestep, 9)
        self.times.append(time)
        self.steps.append(frame.step)
        if len(self.times) == 1:
            return
        if self._coarse():
            if self._time_of_a_step() is not None:
                self._check("steps", self.steps, self.even)
                return
            if self.interval is not None and self.times[-1] >= self.times[-2]:
                return
        if _runs(self.name, "times", self.times):
            self._check("times", self.times, self.even)
            return
        steps = _runs(self.name, "steps", self.steps)
        if self.even and self.interval is None:
            apart = f" (frames are {self.steps[-1] - self.steps[-2]} steps apart)" if steps else ""
            raise TrajectoryError(
                f"{self.name}: has no times{apart}: give the time between frames with --interval"
                + (" or that of a step with --timestep" if steps else "")
            )
        if steps and not (self.interval and self._was_reset()):
            self._check("steps", self.steps, self.interval is not None)

    def _coarse(self) -> bool:
        """Whether the times are in single precision and too late to tell frames apart by it.

        It cannot tell 20000000.1 from 20000000.2.
        """
        if None in (self.times[0], self.times[-1]) or len(self.times) < 2:
            return False
        last, gap = self.times[-1], (self.times[-1] - self.times[0]) / (len(self.times) - 1)
        enough = np.spacing(np.float32(abs(last))) < _COARSE * abs(gap)
        return not enough and last > 0 and all(_is_single(time) for time in self.times[-2:])

    def _time_of_a_step(self) -> float | None:
        """Return the time of a step, if times are steps times it but for single precision."""
        if None in (self.steps[0], self.steps[-1]) or not self.steps[-1] > self.steps[0]:
            return None
        step = float(f"{self.times[-1] / self.steps[-1]:.6g}")
        off = max(abs(self.times[k] - step * self.steps[k]) for k in (0, -1))
        return step if off <= 1e-6 * self.times[-1] else None

    def _was_reset(self) -> bool:
        *_, before, last = self.steps
        return last < before and last <= self.steps[0]

    def _check(self, what: str, values: Sequence, even: bool) -> None:
        k = len(values) - 1
        first, gap = values[1] - values[0], values[k] - values[k - 1]
        here = f"the {what} of frames {k - 1} and {k} are {values[k - 1]:.10g} and {values[k]:.10g}"
        if not gap > 0:
            reset = what == "steps" and self._was_reset()
            hint = "; if only the counter was reset, give --interval" if reset else ""
            if what == "times" and self._coarse():
                hint = "; if they only have too few digits, give --interval"
            raise TrajectoryError(
                f"{self.name}: frames do not follow each other: {here}: a run that was restarted, "
                f"or files joined in another order? Leave out the frames that come twice{hint}"
            )
        if even and abs(gap - first) > _slack(values, first):
            way_out = "" if self.even else "; leave --interval out, or give --timestep"
            early = k > 2 and gap < first
            raise (EarlyFrameError if early else TrajectoryError)(
                f"{self.name}: frames are not evenly spaced: {here}, those of the first two "
                f"{values[0]:.10g} and {values[1]:.10g}{way_out}"
            )

    def drop_last(self) -> None:
        """Forget the last frame."""
        self.times.pop(), self.steps.pop()

    def is_even(self) -> bool:
        """Whether times or steps of the file say that all frames so far are evenly spaced."""
        for values in (self.times, self.steps):
            if len(values) > 2 and None not in values and values[0] != values[1]:
                gaps = np.diff(np.array(values, dtype=float))
                return bool(np.abs(gaps - gaps[0]).max() <= _slack(values, gaps[0]))
        return False

    def settled(self) -> tuple[np.ndarray, list[str]]:
        """Return the time of each frame, NaN where it is not known, and what the user should know.

        Of a file whose evenly spaced times are not as far apart as the user says, they are the
        user's, from 0.
        """
        n, notes = len(self.times), []
        if self._coarse():
            few = "the file's times have too few digits to tell frames apart"
            if (step := self._time_of_a_step()) is not None:
                notes.append(f"{few}: they are taken from its steps, of {step:g} each")
                self.times = np.round(step * np.array(self.steps, dtype=float), 9).tolist()
            elif self.interval is not None:
                notes.append(f"{few}: --interval {self.interval:g} is taken, from 0")
                return np.round(np.arange(n) * self.interval, 9), notes
        if _runs(self.name, "times", self.times):
            times = np.array(self.times, dtype=float)
            notes += self._falling_steps("its times do: they are taken")
            if self.timestep and times[-1] != round((self.steps[-1] or 0) * self.timestep, 9):
                notes.append("the file's times are taken, not --timestep")
            apart = time_between_frames(times)
            if self.interval is None or n == 1 or abs(apart / self.interval - 1.0) <= _SAME:
                return times, notes
            if np.isnan(apart):
                return times, [*notes, "the file's times are unevenly spaced: --interval is unused"]
            notes.append(
                f"the file's times are {apart:g} apart, from {times[0]:g} to {times[-1]:g}; "
                f"--interval {self.interval:g} is taken, from 0"
            )
        elif self.interval:
            notes += self._falling_steps("--interval is taken")
        if self.interval is None:
            return np.full(n, 0.0 if n == 1 else np.nan), notes
        return np.round(np.arange(n) * self.interval, 9), notes

    def _falling_steps(self, taken: str) -> list[str]:
        """Say where steps that count do not grow, and what is taken in their place."""
        if None in self.steps or len(set(self.steps)) < 2:
            return []
        back = np.flatnonzero(np.diff(np.array(self.steps, dtype=np.int64)) <= 0)
        return [
            f"the file's steps do not grow (frames {k} and {k + 1}: {self.steps[k]} and "
            f"{self.steps[k + 1]}), {taken}"
            for k in back[:1]
        ]


def time_between_frames(times: Sequence[float] | np.ndarray) -> float:
    """Return the time between evenly spaced frames, to the six digits of single precision.

    NaN if they are not evenly spaced, of one frame, or unknown.
    """
    gaps = np.diff(times)
    if not len(gaps) or not np.abs(gaps - gaps[0]).max() <= _slack(times, gaps[0]):
        return float("nan")
    return float(f"{gaps.mean():.6g}")


def _slack(values: Sequence | np.ndarray, first: float) -> float:
    digits = 0.0 if isinstance(values[-1], int) else _DIGITS * abs(values[-1])
    return _SAME * abs(first) + digits


def _decimal(time: float) -> float:
    """Return the decimal number that a time in single precision stands for."""
    single = np.float32(time)
    # as a Python float: NumPy compares a number of its own with one in its own precision
    return float(str(single)) if float(single) == time else time


def _is_single(time: float) -> bool:
    """Return whether a decimal number has no more digits than single precision."""
    return float(str(np.float32(time))) == time


def _runs(name: str, what: str, values: Sequence) -> bool:
    """Return whether a counter of frames is there and counts."""
    if (values[-1] is None) != (values[0] is None):
        raise TrajectoryError(f"{name}: only some frames have {what}, not frame {len(values) - 1}")
    if values[0] is None or len(values) == 1:
        return values[0] is not None
    if values[1] == values[0] != values[-1]:
        raise TrajectoryError(
            f"{name}: frames do not follow each other: the {what} of frames 0 and 1 are both "
            f"{values[0]:.10g}"
        )
    return values[1] != values[0]
