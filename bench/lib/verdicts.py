"""What bench/compare says of a comparison: its table, and what history keeps."""

from dataclasses import asdict

import gate
import table


def text(compared):
    """The table and what it adds up to."""
    header = ("benchmark", "ratio", "interval", "A/A interval", "verdict", "")
    lines = []
    for line in compared.lines:
        figures = ("-", "-", "-")
        if line.change:
            figures = (f"{line.change.median:.3f}", *(f"{one.low:.3f} .. {one.high:.3f}" for one in (line.change, line.itself)))
        variant = f"{line.labels[0]} -> {line.labels[1]}" if line.labels[0] != line.labels[1] else ""
        lines.append((line.name, *figures, line.verdict, ", ".join(word for word in (line.why, variant) if word)))
    counts = {verdict: sum(line.verdict == verdict for line in compared.lines)
              for verdict in (gate.OK, gate.FASTER, gate.SLOWER, gate.INCONCLUSIVE)}
    notes = [] if compared.in_turn else ["not taken in turn: a drift of the machine between the two counts as a change"]
    return "\n".join([f"BASE {_origin(compared.base)}", f"NEW  {_origin(compared.new)}", table.text(header, lines), *compared.alone, *notes,
                      ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)])


def _origin(result):
    git = result.get("git") or {}
    return f"{result['build']}, commit {git.get('commit', 'unknown')}{' and changes' if git.get('dirty') else ''}"


def record(compared, options):
    """What history keeps of a comparison, beside NEW's samples."""
    return {"base": {key: compared.base.get(key) for key in ("build", "git", "date")}, "threshold": options.threshold, "in_turn": compared.in_turn,
            "benchmarks": [asdict(line) for line in compared.lines], "alone": compared.alone}
