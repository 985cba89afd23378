"""A made-up service writing its log: plain lines, some with levels in colour, now and then a traceback."""

import random
import sys

dice = random.Random(7)
PATHS = ["/parcels", "/parcels/{n}", "/labels/{n}.png", "/routes", "/health", "/routes/{n}/stops", "/weigh"]
NAMES = ["ana", "kim", "joão", "møller", "小林", "ольга", "dev"]


def line(moment):
    stamp = f"2024-02-29 {moment // 3600000 % 24:02d}:{moment // 60000 % 60:02d}:{moment // 1000 % 60:02d}.{moment % 1000:03d}"
    path = dice.choice(PATHS).format(n=dice.randint(1, 9999))
    roll = dice.random()
    if roll < 0.80:
        status = dice.choice([200, 200, 200, 200, 201, 204, 304, 404])
        verb = dice.choice(["GET", "GET", "GET", "POST", "PUT"])
        return f"{stamp} INFO  access: {verb} {path} {status} {dice.randint(120, 90000)}B in {dice.random() * 40:.2f}ms"
    if roll < 0.92:
        return f"{stamp} DEBUG store: read parcel {dice.randint(1, 9999)} for {dice.choice(NAMES)}, {dice.randint(1, 12)} stops"
    if roll < 0.985:
        return (
            f"{stamp} \x1b[33mWARN \x1b[0m queue: {dice.randint(2, 400)} labels waiting, oldest {dice.randint(1, 90)}s"
        )
    return (
        f"{stamp} \x1b[31mERROR\x1b[0m routes: no road to stop {dice.randint(1, 40)}\n"
        'Traceback (most recent call last):\n  File "/home/user/parcel/parcel/route.py", line 41, in join\n'
        "    return self.stops[number]\nIndexError: list index out of range"
    )


def main():
    moment = 33_000_000
    for _ in range(int(sys.argv[1])):
        moment += dice.randint(1, 120)
        print(line(moment))


if __name__ == "__main__":
    main()
