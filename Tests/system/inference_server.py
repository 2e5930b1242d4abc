"""inference_server.py KIND - an inference server of the Open Inference Protocol with one model, "tail", whose answer is
always the same: class 1 with probability 0.7. Prints its port. KIND: what the model reads, packet or latent; and how it
is told, binary or text: packet-binary, latent-text; "unlisted" is packet-text of a model that lists no outputs. "error"
refuses every request, "nonsense" answers with no tensor; "type", "shape", "square", "count" and "name" answer with
another than was promised, and "map" promises no row of classes. "turns" answers every tenth request with no tensor, at
once, and the others after 150 ms."""

import http.server
import itertools
import json
import struct
import sys
import time

kind = sys.argv[1]
binary = kind.endswith("binary")
probabilities = [0.1, 0.7, 0.2]
requests = itertools.count(1)
# What the wrong ones change of the output.
changes = {
    "nonsense": {"data": ["a", {}]},
    "type": {"datatype": "INT64", "data": [0, 1, 0]},
    "shape": {"shape": [3]},
    "square": {"shape": [2, 2], "data": [0.1, 0.7, 0.1, 0.1]},
    "count": {"data": [0.1, 0.7, 0.1, 0.1]},
    "name": {"name": "q"},
}


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, answer, behind=b""):
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text + behind)))
        if behind:
            self.send_header("Inference-Header-Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text + behind)

    def do_GET(self):
        latent = {"name": "latent", "datatype": "FP32", "shape": [-1, 40, 14, 14]}
        packet = {"name": "packet", "datatype": "UINT8", "shape": [-1]}
        if self.path == "/v2":
            self.reply(200, {"name": "server", "version": "1", "extensions": ["binary_tensor_data"] if binary else []})
        elif self.path == "/v2/models/tail":
            model = {"name": "tail", "inputs": [latent if kind.startswith("latent") else packet]}
            if kind != "unlisted":
                shape = [1, 10, 10] if kind == "map" else [-1, 3]
                model["outputs"] = [{"name": "id", "datatype": "INT64", "shape": [1]},
                                    {"name": "p", "datatype": "FP32", "shape": shape}]
            self.reply(200, model)
        else:
            self.reply(404, {"error": "no such model"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        header = int(self.headers.get("Inference-Header-Content-Length", len(body)))
        (tensor,) = json.loads(body[:header])["inputs"]
        count = 1
        for side in tensor["shape"]:
            count *= side
        size = 4 if tensor["datatype"] == "FP32" else 1
        if binary:
            assert tensor["parameters"]["binary_data_size"] == len(body) - header == count * size
        else:
            assert len(tensor["data"]) == count and header == len(body)
        if tensor["datatype"] == "UINT8":
            packet = body[header:] if binary else bytes(tensor["data"])
            assert packet[:2] == b"HR" and len(packet) == 24 + int.from_bytes(packet[18:20], "little")
        else:
            assert tensor["shape"] == [1, 40, 14, 14]
        if kind == "error":
            self.reply(400, {"error": "not today"})
        elif binary:
            outputs = [{"name": "id", "datatype": "INT64", "shape": [1], "parameters": {"binary_data_size": 8}},
                       {"name": "p", "datatype": "FP32", "shape": [1, 3], "parameters": {"binary_data_size": 12}}]
            self.reply(200, {"outputs": outputs}, bytes(8) + struct.pack("<3f", *probabilities))
        else:
            output = {"name": "p", "datatype": "FP32", "shape": [1, 3], "data": [probabilities]}
            change = kind
            if kind == "turns" and next(requests) % 10 == 0:
                change = "nonsense"
            elif kind == "turns":
                time.sleep(0.15)
            self.reply(200, {"outputs": [output | changes.get(change, {})]})


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_address[1], flush=True)
server.serve_forever()
