"""Heads that talk to a tail over UDP and TCP, well and badly, for serve.sh.

    heads.py WHAT UDP_PORT TCP_PORT HEAD.json [HEAD.json]

HEAD.json is what `headrace inspect --json` prints of a head. Packets come from the encoder that was written from the
packet's specification. Exits with 0 if WHAT holds.
"""
import json
import pathlib
import random
import socket
import struct
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "HeadraceTests"))
from packet_reference import crc32c, packet  # noqa: E402

HOST, PATIENCE = "127.0.0.1", 20
LATENT, ANSWER, REFUSAL = 1, 2, 3
BAD_PAYLOAD, NOT_FOUND, TIMED_OUT = 7, 10, 14
generator = random.Random(5)


class Head:
    def __init__(self, path):
        model = json.loads(pathlib.Path(path).read_text())
        self.identity, latent = int(model["id"], 16), model["outputs"][0]
        self.dims, self.zero_point = latent["shape"], latent.get("zero_point", 0)
        metadata = model["metadata"]
        self.layers = [int(word) for word in metadata.get("latent.layers", str(self.dims[-1])).split()]
        self.prior = [int(word) for word in metadata.get("latent.prior", "").split()] or None
        height, width, channels = self.dims[1:]
        count = height * width * channels
        self.elements = [self.zero_point + generator.choice([0, 0, 0, 1, -1, 3]) for _ in range(count)]

    def packet(self, sequence, time=2**40 + 17):
        """With the first layer alone: the others are zeros, which a tail takes too."""
        made = packet(self.elements, self.dims, self.layers, self.prior, 1, 0, self.zero_point, self.identity, sequence,
                      time)
        self.packet = lambda sequence, time=time: sealed(made[:8] + struct.pack("<I", sequence)
                                                         + time.to_bytes(6, "little") + made[18:])
        return made


def sealed(data):
    return data[:20] + struct.pack("<I", crc32c(data[:20] + data[24:])) + data[24:]


def latent(identity, sequence, body):
    header = b"HR" + bytes([0x11, 0x10]) + struct.pack("<II", identity, sequence) + bytes(6)
    return sealed(header + struct.pack("<H", len(body)) + bytes(4) + body)


def read(data):
    """kind, model, sequence, capture time, body."""
    assert data[:2] == b"HR" and data[2] >> 4 == 1 and len(data) == 24 + struct.unpack_from("<H", data, 18)[0], data
    assert struct.unpack_from("<I", data, 20)[0] == crc32c(data[:20] + data[24:])
    return data[2] & 15, *struct.unpack_from("<II", data, 4), int.from_bytes(data[12:18], "little"), data[24:]


def classes(body):
    return [struct.unpack_from("<HH", body, place) for place in range(4, len(body), 4)]


class Datagrams:
    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((HOST, port))

    def send(self, data):
        self.socket.send(data)

    def receive(self):
        return read(self.socket.recv(65536))


class Stream:
    def __init__(self, port):
        self.socket = socket.create_connection((HOST, port), PATIENCE)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        header = self.file.read(24)
        return read(header + self.file.read(struct.unpack_from("<H", header, 18)[0]))


def answers_repeat_the_packet_and_rank_classes(udp, tcp, heads):
    for link in (Datagrams(udp), Stream(tcp)):
        for sequence in (3, 2**32 - 1):
            link.send(heads[0].packet(sequence))
            kind, model, echoed, time, body = link.receive()
            assert (kind, model, echoed, time) == (ANSWER, heads[0].identity, sequence, 2**40 + 17)
            assert struct.unpack_from("<I", body)[0] > 0
            ranked = [share for _, share in classes(body)]
            assert len(ranked) == 5 and ranked == sorted(ranked, reverse=True) and 0 < sum(ranked) <= 65540


def one_latent_has_one_answer_on_every_link(udp, tcp, heads):
    found = []
    for link in (Datagrams(udp), Stream(tcp), Datagrams(udp)):
        link.send(heads[0].packet(1))
        found.append(classes(link.receive()[4]))
    assert found[0] == found[1] == found[2]


def a_stream_that_ends_behind_its_packet_is_answered_and_then_ended(udp, tcp, heads):
    link = Stream(tcp)
    link.send(heads[0].packet(6))
    link.socket.shutdown(socket.SHUT_WR)
    kind, _, sequence, *_ = link.receive()
    assert (kind, sequence) == (ANSWER, 6) and link.file.read() == b""


def half_sent_requests_keep_nobody_from_metrics(metrics, *_):
    """40 connections, more than are kept, that begin a request and go on saying nothing."""
    import time
    import urllib.request
    for _ in range(3):
        held = [socket.create_connection((HOST, metrics), PATIENCE) for _ in range(40)]
        for one in held:
            one.sendall(b"GET /metrics HTTP/1.1\r\nHost: tail")
        for path in ("metrics", "healthz", "v2/health/live", "v2/health/ready"):
            began = time.monotonic()
            with urllib.request.urlopen(f"http://{HOST}:{metrics}/{path}", timeout=5) as response:
                assert response.status == 200 and time.monotonic() - began < 1
        for one in held:
            one.close()


def connections_without_file_descriptors_wait(udp, tcp, heads):
    """100 at once; when they are gone, one more is served."""
    import time
    held = [socket.create_connection((HOST, tcp), PATIENCE) for _ in range(100)]
    time.sleep(3)
    for one in held:
        one.close()
    time.sleep(1)
    link = Stream(tcp)
    link.send(heads[0].packet(7))
    assert link.receive()[0] == ANSWER


def packets_find_their_tail_by_their_head(udp, tcp, heads):
    link = Stream(tcp)
    for head in heads:
        link.send(head.packet(9))
        kind, model, *_ = link.receive()
        assert (kind, model) == (ANSWER, head.identity)


def unknown_heads_and_latents_that_do_not_decode_are_refused(udp, tcp, heads):
    for link in (Datagrams(udp), Stream(tcp)):
        known = heads[0].identity
        for identity, body, status in ((known ^ 1, b"?", NOT_FOUND), (known, b"?" * 40000, BAD_PAYLOAD)):
            link.send(latent(identity, 4, body))
            kind, model, sequence, _, said = link.receive()
            assert (kind, model, sequence, list(said)) == (REFUSAL, identity, 4, [status]), (kind, said)


def of_a_senders_frames_the_newest_is_answered_and_none_is_forgotten(udp, tcp, heads):
    link, count = Stream(tcp), 40
    link.send(b"".join(heads[0].packet(sequence) for sequence in range(count)))
    heard = [link.receive() for _ in range(count)]
    assert sorted(packet[2] for packet in heard) == list(range(count))
    late = [packet for packet in heard if packet[0] == REFUSAL]
    assert late and all(list(packet[4]) == [TIMED_OUT] for packet in late)
    assert [packet[0] for packet in heard if packet[2] == count - 1] == [ANSWER]


def nothing_that_comes_ends_it(udp, tcp, heads):
    made = heads[0].packet(1)
    link = Datagrams(udp)
    for index in range(1500):
        data = bytearray(generator.randbytes(generator.randrange(1, 900)) if index % 3 == 0 else made)
        if index % 3:
            for _ in range(generator.randrange(1, 9)):
                data[generator.randrange(len(data))] = generator.randrange(256)
        if index % 3 == 2:
            # What the checksum cannot tell.
            data[:3], data[18:20] = b"HR\x11", struct.pack("<H", len(data) - 24)
            data[4:8] = struct.pack("<I", heads[0].identity)
            data = bytearray(sealed(bytes(data)))
        link.send(bytes(data))
        if index % 50 == 0:
            stream = Stream(tcp)
            try:
                stream.send(bytes(data) + made)
            except OSError:
                pass
            stream.socket.close()
    # Another sender is answered.
    for other in (Datagrams(udp), Stream(tcp)):
        other.send(heads[0].packet(8))
        assert other.receive()[:3] == (ANSWER, heads[0].identity, 8)


def main():
    what, udp, tcp, *paths = sys.argv[1:]
    globals()[what](int(udp), int(tcp), [Head(path) for path in paths])


if __name__ == "__main__":
    main()
