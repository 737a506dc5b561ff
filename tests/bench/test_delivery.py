"""bench/delivery says what is met, what is missed and what loses, and its picture is one that can be shown."""

import unittest
import xml.etree.ElementTree as xml

from fakes import BenchTest
import delivery_tables as tables
import emulated
import svg


def row(who, loss=0.0, rtt=20, goodput=900.0, **more):
    return {"who": who, "mbps": 1000, "rtt_ms": rtt, "loss": loss, "goodput_mbps": goodput, "link_mbps": goodput * 1.05,
            "steady_mbps": goodput * 1.08, "sent_useful": 1.05,
            "p50_ms": 30.0, "p99_ms": 40.0, "p999_ms": 50.0, "cpu_s_gib": 3.0, "queue_ms": 1.0, "grams": 100} | more


class Says(unittest.TestCase):
    def test_bars_are_met_or_missed(self):
        said = "\n".join(tables.bars([row("ours"), row("ours", 0.01, goodput=800.0), row("ours", 0.1, goodput=600.0, sent_useful=1.5)]))
        self.assertRegex(said, r"0 %: 97\.2 % of the link's rate \(94\.5 % with beginning and end\), 97 asked: met")
        self.assertRegex(said, r"1\.00 ms, at most 2 asked: met")
        self.assertRegex(said, r"1 %: 88\.9 % .* 85 asked: met")
        self.assertRegex(said, r"10 %: 66\.7 % .* 75 asked: MISSED")
        self.assertRegex(said, r"20 ms, 10 %: sent/useful 1\.500, at most 1\.26\d asked: MISSED")

    def test_what_loses_is_named_and_what_wins_is_not(self):
        said = tables.losses([row("ours", goodput=700.0, p99_ms=20.0), row("bbr")], [
            {"who": "udp", "window": 1, "a_second": 100.0}, {"who": "memif", "window": 1, "a_second": 400.0}, {"who": "af_packet", "window": 1, "a_second": 50.0}])
        self.assertEqual(said, ["loses: 1000 Mb/s, 20 ms, 0 %: goodput 700.0, bbr 900.0",
                                "loses: requests over af_packet, 1 at a time: 50/s, UDP 100/s"])

    def test_a_cell_without_a_gram_is_a_row_all_the_same(self):
        self.assertIn("-", tables.transfer(row("cubic", goodput=0.0, sent_useful=None, cpu_s_gib=None)))


class Draws(unittest.TestCase):
    def points(self, picture):
        root = xml.fromstring(picture)
        width, height = float(root.get("width")), float(root.get("height"))
        for circle in root.iter("{http://www.w3.org/2000/svg}circle"):
            self.assertTrue(0 <= float(circle.get("cx")) <= width and 0 <= float(circle.get("cy")) <= height, circle.attrib)
        return [line.get("points").split() for line in root.iter("{http://www.w3.org/2000/svg}polyline")]

    def test_each_contestant_has_a_line_in_each_panel(self):
        rows = [row(who, loss, rtt) for who in ("ours", "cubic") for loss in (0, 0.01, 0.1) for rtt in (0, 20)]
        lines = self.points(tables.picture(rows, {"cpu": "a < b", "cpus": 2, "load": 0.5}))
        self.assertEqual([len(line) for line in lines], [3] * (3 * 2 * 2))  # figures, round trips, contestants

    def test_gaps_zeros_and_nothing_at_all_can_be_drawn(self):
        panel = svg.Panel("", ["a", "b", "c"], {"x": [None, 0, 5]}, logarithmic=True)
        self.assertEqual(len(self.points(svg.draw("", "", [[panel]], ""))[0]), 1)
        self.points(tables.picture([], {"cpu": "", "cpus": 2, "load": 0}))


class Links(unittest.TestCase):
    def test_the_line_holds_a_way_and_the_queue_and_the_ports_hold_the_line(self):
        for rtt in (0, 1, 20, 100):
            sets = emulated.Link(rtt_ms=rtt, queue=1 << 20).sets()
            frames = sets["stages.to_left.frames"]
            self.assertGreaterEqual(frames * 1538, 1e9 / 8 * rtt / 2000 + (1 << 20))
            self.assertGreaterEqual(sets["ports.left.driver.mbufs"], 2 * frames)
            self.assertEqual(frames & (frames - 1), 0)


class Options(BenchTest):
    def test_nobody_of_that_name_is_one_line(self):
        done = self.run_tool("delivery", "--loss", "half")
        self.assertEqual(done.returncode, 2)
        self.assertIn("delivery: error: argument --loss", done.stderr)


if __name__ == "__main__":
    unittest.main()
