"""What bench/delivery prints and draws of its rows: tables, the bars of issue 12, what loses, the picture."""

import svg

OURS = "ours"
TRANSFER_HEADER = ("Mb/s", "RTT ms", "loss %", "who", "goodput", "link", "steady", "sent/useful", "p50 ms", "p99 ms", "p99.9 ms", "CPU s/GiB", "queue ms", "grams")
REQUEST_HEADER = ("over", "at a time", "1/s", "p50 us", "p99 us", "p99.9 us", "lost")
_CLOSE = 0.98  # of a peer's figure: less is lost


def _number(value, form):
    return "-" if value is None else format(value, form)


def transfer(row):
    return (f"{row['mbps']:g}", f"{row['rtt_ms']:g}", f"{100 * row['loss']:g}", row["who"], f"{row['goodput_mbps']:.1f}", f"{row['link_mbps']:.1f}", _number(row["steady_mbps"], ".1f"),
            _number(row["sent_useful"], ".3f"), f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['p999_ms']:.2f}",
            _number(row["cpu_s_gib"], ".2f"), f"{row['queue_ms']:.2f}", row["grams"])


def request(row):
    return (row["who"], row["window"], f"{row['a_second']:.0f}", f"{row['p50_us']:.1f}", f"{row['p99_us']:.1f}", f"{row['p999_us']:.1f}", row["lost"])


def _cells(rows):
    """{(rate, rtt, loss): {who: row}}"""
    found = {}
    for row in rows:
        found.setdefault((row["mbps"], row["rtt_ms"], row["loss"]), {})[row["who"]] = row
    return found


def bars(rows):
    """What issue 12 asks of 1 Gb/s and 20 ms, of the cells that are there."""
    ours = {key: cell[OURS] for key, cell in _cells(rows).items() if OURS in cell}
    without = ours.get((1000, 20, 0))
    said = []
    if without:
        whole, queue = without["link_mbps"] / 1000, without["queue_ms"]
        share = whole if without["steady_mbps"] is None else without["steady_mbps"] / 1000
        said = [f"bar: 1 Gb/s, 20 ms, 0 %: {100 * share:.1f} % of the link's rate ({100 * whole:.1f} % with beginning and end), 97 asked: {_verdict(share >= 0.97)}",
                f"bar: queueing delay at the median {queue:.2f} ms, at most 2 asked: {_verdict(queue <= 2)}"]
    for loss, least in ((0.01, 0.85), (0.1, 0.75)):
        lossy = ours.get((1000, 20, loss))
        if without and lossy and without["goodput_mbps"]:
            share = lossy["goodput_mbps"] / without["goodput_mbps"]
            said.append(f"bar: 1 Gb/s, 20 ms, {100 * loss:g} %: {100 * share:.1f} % of the rate without loss, {100 * least:g} asked: {_verdict(share >= least)}")
    for (_, rtt, loss), row in ours.items():
        most = (1 / (1 - loss) + 0.1) * _framing(row)
        if row["sent_useful"] and row["sent_useful"] > most:
            said.append(f"bar: {rtt:g} ms, {100 * loss:g} %: sent/useful {row['sent_useful']:.3f}, at most {most:.3f} asked: MISSED")
    return said


def _verdict(met):
    return "met" if met else "MISSED"


def _framing(row):
    """Bytes of frames for a byte of a gram where nothing is lost: 1,514 bytes of a frame hold 1,452 of literals."""
    return 1514 / 1452 if row["who"] == OURS else 1514 / 1448


def losses(rows, asked):
    """A line for each figure in which ours comes behind a peer."""
    said = []
    for (mbps, rtt, loss), cell in _cells(rows).items():
        for who, row in cell.items():
            if OURS not in cell or who == OURS:
                continue
            ours, where = cell[OURS], f"{mbps:g} Mb/s, {rtt:g} ms, {100 * loss:g} %"
            for key, name, form in (("goodput_mbps", "goodput", ".1f"),):
                if ours[key] < _CLOSE * row[key]:
                    said.append(f"loses: {where}: {name} {ours[key]:{form}}, {who} {row[key]:{form}}")
            for key, name, form in (("p99_ms", "p99", ".2f"), ("cpu_s_gib", "CPU s/GiB", ".2f"), ("queue_ms", "queue ms", ".2f")):
                if ours[key] is not None and row[key] is not None and _CLOSE * ours[key] > row[key] and ours[key] - row[key] > 0.05:
                    said.append(f"loses: {where}: {name} {ours[key]:{form}}, {who} {row[key]:{form}}")
    udp = {row["window"]: row for row in asked if row["who"] == "udp"}
    for row in asked:
        peer = udp.get(row["window"])
        if peer and row["who"] != "udp" and row["a_second"] < _CLOSE * peer["a_second"]:
            said.append(f"loses: requests over {row['who']}, {row['window']} at a time: {row['a_second']:.0f}/s, UDP {peer['a_second']:.0f}/s")
    return said


def picture(rows, described):
    """Goodput, bytes sent for a useful one and the 99th percentile of a gram, by loss, a column a round trip."""
    rate = max((row["mbps"] for row in rows), default=0)
    shown = [row for row in rows if row["mbps"] == rate]
    names = [name for name in ("ours", "cubic", "bbr") if any(row["who"] == name for row in shown)]
    marks = sorted({row["loss"] for row in shown})
    rtts = sorted({row["rtt_ms"] for row in shown})
    by = {(row["who"], row["rtt_ms"], row["loss"]): row for row in shown}

    def panels(key, unit, **more):
        value = lambda who, rtt, loss: by.get((who, rtt, loss), {}).get(key)
        return [svg.Panel(f"RTT {rtt:g} ms", [f"{100 * loss:g}" for loss in marks],
                          {who: [value(who, rtt, loss) for loss in marks] for who in names}, unit, **more) for rtt in rtts]

    figures = [panels("goodput_mbps", "goodput, Mb/s", top=rate), panels("sent_useful", "bytes sent / useful", bottom=1.0),
               panels("p99_ms", "a gram's p99, ms", logarithmic=True)]
    return svg.draw(f"Delivery over an emulated link of {rate:g} Mb/s", f"{described['cpu']}, {described['cpus']} CPUs for the link and both ends; "
                    f"load before {described['load']}; bench/delivery", figures if rtts else [[svg.Panel("", [], {})]], "loss, %")
