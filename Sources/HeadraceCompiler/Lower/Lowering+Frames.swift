import CHeadrace

extension Lowering {
  /// The tables that turn a frame's bytes into elements of each picture input.
  mutating func addFrameInputs() throws {
    for (position, picture) in graph.pictures.sorted(by: { $0.key < $1.key }) {
      let tensor = model.tensors[model.inputs[position]]
      let channels = picture.color == .gray ? 1 : 3
      guard tensor.dims.count == 4, tensor.dims[0] == 1, tensor.dims[3] == channels,
        picture.mean.count == channels, picture.deviation.count == channels
      else {
        throw CompilerError(
          "is not a \(picture.color.rawValue) picture: its shape is \(tensor.dims), and mean and"
            + " deviation need \(channels) numbers", at: tensor.name)
      }
      let reals = (0..<channels).flatMap { channel in
        (0..<256).map {
          (Double($0) / 255 - picture.mean[channel]) / picture.deviation[channel]
        }
      }
      guard reals.allSatisfy({ Float($0).isFinite }) else {
        throw CompilerError(
          "mean \(picture.mean) and deviation \(picture.deviation) make pixels that float32 does not"
            + " hold", at: tensor.name)
      }
      let table = model.addConstant(
        tensor.name + ".pixels", ElementFormat(type: tensor.format.type), dims: [channels, 256],
        data: tensor.format.encode(reals))
      model.frameInputs.append(
        LoweredModel.FrameInput(input: position, table: table, picture: picture))
    }
  }
}
