"""Paired whole-process measurements: every round runs every command once, ratios are taken round by round, medians are printed."""

import json
import os
import statistics
import subprocess
import sys
import time

# Seconds.
SLOW = 5.0


def measure(command, folder):
    """Wall seconds, CPU seconds and peak resident megabytes of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def main():
    plan = json.load(sys.stdin)
    for group in plan["groups"]:
        names = [entry["name"] for entry in group["commands"]]
        runs = {name: [] for name in names}
        warm = {entry["name"]: measure(entry["command"], entry["folder"])[0] for entry in group["commands"]}
        for number in range(plan["rounds"]):
            for entry in group["commands"]:
                # What takes minutes says enough in two rounds.
                if number < 2 or warm[entry["name"]] < SLOW:
                    runs[entry["name"]].append(measure(entry["command"], entry["folder"]))
        print(f"\n{group['title']}  (median of {plan['rounds']} paired rounds; ratios to {names[-1]})")
        print(f"  {'':28}{'wall s':>8}{'ratio':>7}{'cpu s':>8}{'ratio':>7}{'peak MB':>9}")
        for name in names:
            columns = [statistics.median(run[i] for run in runs[name]) for i in range(3)]
            ratios = [statistics.median(a[i] / b[i] for a, b in zip(runs[name], runs[names[-1]])) for i in range(2)]
            print(f"  {name:28}{columns[0]:8.3f}{ratios[0]:7.2f}{columns[1]:8.3f}{ratios[1]:7.2f}{columns[2]:9.1f}")


main()
