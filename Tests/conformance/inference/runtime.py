"""A tail as MLServer's custom runtime: an ONNX network that ONNX Runtime runs, from latents to probabilities."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Tail(MLModel):
    async def load(self):
        self.network = onnxruntime.InferenceSession(self.settings.parameters.uri, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload):
        latent = NumpyCodec.decode_input(payload.inputs[0])
        (probabilities,) = self.network.run(None, {payload.inputs[0].name: latent})
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output("probability", probabilities)])
