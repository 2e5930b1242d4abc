import Foundation
import Testing

@testable import HeadraceCompiler

@Suite struct BoardPredictionTests {
  /// MobileNetV1, 224x224, layer by layer (Howard et al., 2017, table 1).
  private static func mobileNet(_ type: String) -> [OperatorLoad] {
    let size = type == "int8" ? 1 : 4
    func load(_ kind: OperatorLoad.Kind, macs: Int, elements: Int, weights: Int) -> OperatorLoad {
      OperatorLoad(
        kind: kind, type: type, macs: macs, elements: 0, bytes: size * (elements + weights))
    }
    var side = 112
    var channels = 32
    var loads = [
      load(
        .contraction, macs: 27 * 32 * 112 * 112, elements: 224 * 224 * 3 + 112 * 112 * 32,
        weights: 27 * 32)
    ]
    let blocks =
      [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
      + Array(repeating: (512, 1), count: 5) + [(1024, 2), (1024, 1)]
    for (outputs, stride) in blocks {
      let next = side / stride
      loads.append(
        load(
          .depthwise, macs: 9 * channels * next * next,
          elements: (side * side + next * next) * channels, weights: 9 * channels))
      side = next
      loads.append(
        load(
          .contraction, macs: channels * outputs * side * side,
          elements: side * side * (channels + outputs), weights: channels * outputs))
      channels = outputs
    }
    loads.append(load(.contraction, macs: 1_024_000, elements: 2024, weights: 1_024_000))
    return loads
  }

  /// ncnn's benchmark README, one thread: milliseconds in float32 and int8.
  private static let published = [
    "rpi4": (124, 84.7), "jetson-nano": (137, 108), "rpi3": (205, 181),
    "rpi-zero2w": (394, 287), "rpi5": (20.2, 14.4),
  ]

  private func error(_ type: String, _ share: Double, _ time: ((Double, Double)) -> Double)
    throws -> Double
  {
    var sum = 0.0
    for (name, times) in Self.published {
      var board = try Board.named(name)
      if name == "rpi5" && type == "float32" {
        // ncnn computes in float16 there.
        let core = Processor(
          name: "float16", float32: 16, int8: 32, int16: 4, isInOrder: false,
          cacheBytes: board.processor.cacheBytes)
        board = Board(
          name, core, threads: 4, board.clockMHz, memory: board.memoryGigabytesPerSecond)
      }
      let predictor = TimePredictor(
        board: board, threads: 1,
        kernels: .init(float32: share, int8: share, int8DotProduct: share, int16: share))
      let predicted = Self.mobileNet(type).reduce(0) { $0 + predictor.milliseconds($1) }
      sum += max(predicted / time(times), time(times) / predicted) - 1
    }
    return sum / Double(Self.published.count)
  }

  @Test func publishedTimesOfMobileNetArePredictedAsWellAsIsSaid() throws {
    let float = try error("float32", 0.74) { $0.0 }
    let int8 = try error("int8", 0.56) { $0.1 }
    #expect(Int((100 * float).rounded()) == Prediction.publishedError.float32)
    #expect(Int((100 * int8).rounded()) == Prediction.publishedError.int8)
  }

  @Test func boardsAreAsTheirFoldersSay() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("boards")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0 != "run" && $0 != "scripts" && $0 != "host" }
    #expect(Set(names) == Set(Board.all.map(\.name)))
    for board in Board.all {
      let file = folder.appendingPathComponent("\(board.name)/board.conf")
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      func value(_ key: String) -> String? {
        lines.first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
      }
      #expect(value("cpu") == board.processor.name)
      #expect(value("threads") == String(board.threads))
      #expect(value("clock_mhz").flatMap(Double.init) == board.clockMHz)
      #expect(value("memory_gbps").flatMap(Double.init) == board.memoryGigabytesPerSecond)
    }
  }

  @Test func anUnknownBoardIsRefusedWithTheOnesThereAre() {
    #expect {
      try Board.named("rpi9")
    } throws: {
      "\($0)".contains("rpi4")
    }
  }

  @Test func moreThreadsTakeLessTimeUntilThereAreNoMoreCores() throws {
    let board = try Board.named("rpi4")
    func time(_ threads: Int) -> Double {
      TimePredictor(board: board, threads: threads).milliseconds(
        OperatorLoad(
          kind: .contraction, type: "int8", macs: 100_000_000, elements: 1, bytes: 10_000))
    }
    #expect(time(2) < time(1))
    #expect(time(4) < time(2))
    #expect(time(8) == time(4))
  }

  private func description(_ model: String) throws -> ModelDescription {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("Sources/Models/lowlight/\(model)")
    return try ModelDescription([UInt8](Data(contentsOf: file)))
  }

  @Test func aFrameInRealTimeIsPredictedToFitThirtyPicturesASecondOnAPi5() throws {
    let board = try Board.named("rpi5")
    let clean = Prediction(try description("real-time-clean.hrm"), board, threads: 4)
    let tone = Prediction(try description("real-time-tone.hrm"), board, threads: 1)
    let frame = try #require(clean.frame)
    #expect((frame.width, frame.height) == (640, 480))
    #expect(frame.passes.map(\.name) == ["averages", "copy", "fill", "finish"])
    #expect(frame.milliseconds > clean.milliseconds)
    #expect(frame.milliseconds + tone.milliseconds < 30)
    #expect(tone.frame == nil)
  }

  @Test func aFrameInNanoIsPredictedToLeaveAPi4HalfItsTime() throws {
    let predictor = TimePredictor(board: try Board.named("rpi4"), threads: 4)
    let frame = FramePrediction(
      1920, 1080, [FramePrediction.averages, FramePrediction.tones], networkMilliseconds: 0.2,
      predictor)
    #expect(frame.milliseconds < 16)
  }
}
