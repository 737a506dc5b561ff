"""The judgement of bench/compare: is NEW slower than BASE? Numbers in, a verdict out; nothing here takes time."""

import random
import statistics
from dataclasses import dataclass

RESAMPLES = 2000
LEVEL = 0.95
SEED = 0x1337  # the same samples always give the same verdict

OK, FASTER, SLOWER, INCONCLUSIVE = "ok", "faster", "SLOWER", "inconclusive"
EXIT_OK, EXIT_SLOWER, EXIT_REFUSED, EXIT_INCONCLUSIVE = 0, 1, 2, 3


@dataclass(frozen=True)
class Interval:
    """A ratio of times, new to base: above 1 is slower."""
    median: float
    low: float
    high: float

    @property
    def spread(self):
        """How far its farther end lies from 1, in percent."""
        return 100 * (max(self.high, 1 / self.low) - 1)


def _interval(middle, draw):
    """Percentile bootstrap of what `draw` gives with a seeded generator."""
    generator = random.Random(SEED)
    drawn = sorted(draw(generator) for _ in range(RESAMPLES))
    edge = round((1 - LEVEL) / 2 * RESAMPLES)
    return Interval(middle, drawn[edge], drawn[-edge - 1])


def paired(base, new):
    """Samples taken in turn: what disturbs both of a pair leaves their ratio alone."""
    ratios = [after / before for before, after in zip(base, new, strict=True)]
    return _interval(statistics.median(ratios), lambda g: statistics.median(g.choices(ratios, k=len(ratios))))


def unpaired(base, new):
    """Samples of two runs: each side is drawn on its own."""
    def draw(g):
        return statistics.median(g.choices(new, k=len(new))) / statistics.median(g.choices(base, k=len(base)))
    return _interval(statistics.median(new) / statistics.median(base), draw)


def judge(itself, change, threshold):
    """(verdict, why) of `change`, the ratio of NEW to BASE, beside `itself`, BASE to BASE. `threshold` in percent.
    Where the interval holds the threshold, neither answer is known: that is inconclusive too, not a pass."""
    limit = 1 + threshold / 100
    if itself.spread > threshold:
        return INCONCLUSIVE, f"A/A spreads {itself.spread:.1f} %"
    if change.low > limit:
        return SLOWER, f"beyond {threshold:g} %"
    if change.high > limit:
        return INCONCLUSIVE, f"the interval holds {threshold:g} %"
    return (FASTER, "") if change.high < 1 / limit else (OK, "")


def exit_code(verdicts):
    """Of the whole comparison: one that is slower fails it; else one that nobody can tell keeps it from passing."""
    verdicts = set(verdicts)
    if SLOWER in verdicts:
        return EXIT_SLOWER
    return EXIT_INCONCLUSIVE if INCONCLUSIVE in verdicts else EXIT_OK
