"""slow_way.py TAIL-PORT BYTES-PER-SECOND ONE-WAY-MS [SECONDS BYTES-PER-SECOND] - a slow way to a tail's UDP port on
this machine: datagrams follow one another at that rate, and arrive so much later; answers come back as much later. So many
seconds after the first one it has another rate. Prints its own port."""

import heapq
import select
import socket
import sys
import time

tail = ("127.0.0.1", int(sys.argv[1]))
rate, delay = float(sys.argv[2]), float(sys.argv[3]) / 1000
change, other = map(float, sys.argv[4:] or (0, 0))
heads = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
heads.bind(("127.0.0.1", 0))
tails = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(heads.getsockname()[1], flush=True)

waiting, free, head, number = [], 0.0, None, 0
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        _, _, way, data, address = heapq.heappop(waiting)
        way.sendto(data, address)
    ready, _, _ = select.select([heads, tails], [], [], max(0, waiting[0][0] - now) if waiting else None)
    now = time.monotonic()
    number += 1
    if heads in ready:
        if head is None:
            change += now
        data, head = heads.recvfrom(65536)
        if other and now >= change:
            rate, other = other, 0
        free = max(free, now) + len(data) / rate
        heapq.heappush(waiting, (free + delay, number, tails, data, tail))
    elif tails in ready:
        data, _ = tails.recvfrom(65536)
        heapq.heappush(waiting, (now + delay, number, heads, data, head))
