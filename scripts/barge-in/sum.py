#!/usr/bin/env python3
"""Add up one preset's detections over several corpora: sum.py PRESET CORPUS... Rules are those of score.py."""
import json, os, sys
from score import Tally, judge


def main():
    preset, folders = sys.argv[1], sys.argv[2:]
    cats, sums = {}, {k: Tally() for k in ("core", "positive", "negative", "stress")}
    for folder in folders:
        with open(os.path.join(folder, "detections.%s.jsonl" % preset)) as f:
            told = {row["file"]: row["detections_ms"] for row in map(json.loads, f)}
        with open(os.path.join(folder, "labels.jsonl")) as f:
            for row in map(json.loads, f):
                tallies = [cats.setdefault(row["category"] + ("*" if row["tier"] == "stress" else ""), Tally()),
                           sums[row["tier"]]]
                if row["tier"] == "core":
                    tallies.append(sums["positive" if row["expect_bargein"] else "negative"])
                judge(row, told[row["file"]], tallies)
    core, quiet, between = sums["core"].row(), sums["negative"].row(), sums["positive"].row()
    print("%s over %s and %d more: recall %.2f %%, p50 %g, p95 %g, p95_all %g ms, false alarms %.1f/h, between speech %.1f/h"
          " (%d onsets, %.1f h of trouble)" % (
              preset, os.path.basename(folders[0]), len(folders) - 1, 100 * core["recall"], core["p50"], core["p95"],
              core["p95_all"], quiet["fa_per_hour"], between["fa_per_hour"], core["onsets"], quiet["minutes"] / 60))
    for name, tally in cats.items():
        row = tally.row()
        told = "recall %6.2f %%, p95_all %g" % (100 * row["recall"], row["p95_all"]) if row["onsets"] else ""
        print("  %-18s %-32s false %3d, %6.1f/h" % (name, told, row["false"], row["fa_per_hour"]))


if __name__ == "__main__":
    main()
