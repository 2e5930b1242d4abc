import Foundation

/// A model's times on a board, as `headrace inspect --board` prints them.
public struct Prediction: Encodable {
  public struct Operator: Encodable {
    public var index: Int
    public var name: String
    public var milliseconds: Double
  }

  public var board: String
  public var threads: Int
  public var milliseconds: Double
  public var operators: [Operator]
  /// Mean error of the method on published times, in percent: see PREDICTION.md.
  public var errorPercent: ErrorPercent
  /// Of low-light enhancement, where the model is one that cleans.
  public var frame: FramePrediction?

  public struct ErrorPercent: Encodable, Sendable {
    public var float32: Int
    public var int8: Int
  }

  /// Of MobileNetV1 on five boards; a test computes them.
  public static let publishedError = ErrorPercent(float32: 13, int8: 7)

  /// `threads`: nil for as many as the board has cores.
  public init(_ model: ModelDescription, _ board: Board, threads: Int?) {
    self.board = board.name
    let threads = threads ?? board.threads
    self.threads = threads
    let predictor = TimePredictor(board: board, threads: threads)
    operators = model.operators.map {
      Operator(
        index: $0.index, name: $0.name, milliseconds: predictor.milliseconds(OperatorLoad($0)))
    }
    milliseconds = operators.reduce(0) { $0 + $1.milliseconds }
    errorPercent = Prediction.publishedError
    frame = FramePrediction(model, networkMilliseconds: milliseconds, predictor)
  }

  public var text: String {
    var table = TextTable(
      [("#", .trailing), ("operator", .leading), ("ms", .trailing), ("share", .trailing)])
    for op in operators {
      table.add([
        String(op.index), op.name, String(format: "%.3f", op.milliseconds),
        String(format: "%.1f%%", 100 * op.milliseconds / milliseconds),
      ])
    }
    return "predicted for \(board), \(counted(threads, "thread")):"
      + String(format: " %.2f ms", milliseconds)
      + "; no board was measured. On published times of MobileNetV1 the method is"
      + " \(errorPercent.float32) % off in float32, \(errorPercent.int8) % in int8.\n"
      + (frame?.text ?? "") + "\n" + table.text
  }
}
