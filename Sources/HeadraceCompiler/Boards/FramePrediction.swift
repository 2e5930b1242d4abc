import Foundation

/// How long `hr_enhance` takes for a frame on a board: its networks, and what it does itself to every pixel.
/// PREDICTION.md says where the numbers are from.
public struct FramePrediction: Encodable {
  public var width: Int
  public var height: Int
  /// Of the passes over the frame, in order.
  public var passes: [Pass]
  /// With the network that was inspected.
  public var milliseconds: Double

  public struct Pass: Encodable {
    public var name: String
    public var milliseconds: Double
  }

  /// What a pass takes for each pixel: instructions, counted, and bytes of frames and tensors that it moves.
  struct Cost {
    let name: String
    let instructions: Double
    let bytes: Double
  }

  /// Averages for the tone network.
  static let averages = Cost(name: "averages", instructions: 8, bytes: 3)
  /// Where tones are all that is changed.
  static let tones = Cost(name: "tones", instructions: 41, bytes: 6)
  /// Of a tile in int16: the frame kept, tones filtered and plain to both inputs, the output to codes.
  static let cleaning = [
    Cost(name: "copy", instructions: 1, bytes: 6), Cost(name: "fill", instructions: 100, bytes: 15),
    Cost(name: "finish", instructions: 10, bytes: 9),
  ]
  /// Instructions a cycle, out of order and in order.
  static let rate = (outOfOrder: 2.0, inOrder: 0.75)

  init(
    _ width: Int, _ height: Int, _ costs: [Cost], networkMilliseconds: Double,
    _ predictor: TimePredictor
  ) {
    (self.width, self.height) = (width, height)
    let rate = predictor.board.processor.isInOrder ? Self.rate.inOrder : Self.rate.outOfOrder
    let pixels = width * height
    passes = costs.map { cost in
      Pass(
        name: cost.name,
        milliseconds: predictor.milliseconds(
          OperatorLoad(
            kind: .elements(cycles: cost.instructions / rate), type: "int16", macs: 0,
            elements: pixels, bytes: Int(cost.bytes * Double(pixels)))))
    }
    milliseconds = passes.reduce(networkMilliseconds) { $0 + $1.milliseconds }
  }

  /// nil unless the model cleans tiles in int16: then of a frame of a tile's size.
  init?(_ model: ModelDescription, networkMilliseconds: Double, _ predictor: TimePredictor) {
    guard model.inputs.count == 2, model.frameInputs.count == 2, model.outputs.count == 1,
      let tile = model.outputs.first, tile.type == "int16", tile.shape.count == 4,
      tile.shape[3] == 3, model.inputs.allSatisfy({ $0.shape == tile.shape && $0.type == "int16" })
    else { return nil }
    self.init(
      tile.shape[2], tile.shape[1], [Self.averages] + Self.cleaning,
      networkMilliseconds: networkMilliseconds, predictor)
  }

  var text: String {
    let parts = passes.map { String(format: "\($0.name) %.2f", $0.milliseconds) }
    return "a frame of \(width)x\(height) in hr_enhance, tone network apart: "
      + String(format: "%.2f ms, of them ", milliseconds) + parts.joined(separator: ", ") + "\n"
  }
}
