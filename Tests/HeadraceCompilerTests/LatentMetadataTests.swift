import CHeadrace
import Foundation
import Testing

@testable import HeadraceCompiler

/// What ONNX says of a latent reaches the head's file, and from there its tail's.
@Suite struct LatentMetadataTests {
  /// y = the largest of 3 x 3 of x around, both int8 of scale 1/2 and zero point -3, x of 1 x channels x 2 x 3.
  private func network(
    channels: Int64 = 6, quantized: Bool = true, _ metadata: [String: String] = [:]
  ) throws -> Data {
    let shape = [1, channels, 2, 3]
    return try SmallONNX.file(
      quantized ? SmallONNX.quantizedLargest("y") : [SmallONNX.largest("x", "y")], x: shape,
      y: shape, quantization: (0.5, -3), metadata: metadata)
  }

  private func compile(
    _ network: Data, head: LatentHead? = nil, _ arithmetic: CompileOptions.Arithmetic = .float32
  ) throws -> [UInt8] {
    var graph = try importONNX(network)
    try optimize(&graph)
    var options = CompileOptions()
    options.head = head
    options.arithmetic = arithmetic
    return try Compilation(graph, source: "test", options).bytes
  }

  private func message(_ body: () throws -> some Any) -> String {
    do {
      _ = try body()
      return ""
    } catch { return "\(error)" }
  }

  /// The right number of numbers for so many channels, each what it is for.
  private func prior(_ channels: Int) -> [Int] {
    var numbers: [Int] = []
    for channel in 0..<channels {
      for sign in [-1, 1] {
        numbers.append(sign << 24)
        numbers += Array(repeating: sign * 32767, count: 4 + channel)
      }
    }
    return numbers
  }

  private func text(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: " ")
  }

  @Test func layersRatesAndPriorReachTheHeadsFileWithSingleSpaces() throws {
    let bytes = try compile(
      network([
        "headrace.latent.layers": " 1  2\n3 ", "headrace.latent.rates": "1 2\t 3  0\n",
        "headrace.latent.prior": text(prior(6)),
      ]))
    let metadata = try ModelDescription(bytes).metadata
    #expect(metadata["latent.layers"] == "1 2 3")
    #expect(metadata["latent.rates"] == "1 2 3 0")
    #expect(metadata["latent.prior"] == text(prior(6)))
    #expect(metadata["latent.head"] == nil)
  }

  @Test(
    arguments: [
      ("", "lists 0 layers"), ("2 two 2", "'two'"), ("7 -1", "-1 channels"), ("0 6", "0 channels"),
      ("1 1 1", "about 3 channels, but the latent has 6"),
      ("9223372036854775807 1", "at least one"),
      ("99999999999999999999", "whole numbers"),
      ("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "lists 16 layers"),
    ])
  func layersThatAreNoneAreRefused(_ layers: String, _ part: String) throws {
    let message = message { try compile(network(["headrace.latent.layers": layers])) }
    #expect(message.contains("headrace.latent.layers") && message.contains(part), "\(message)")
  }

  @Test(
    arguments: [
      ("", "has 0 numbers"), ("1 2 3", "has 3 numbers"), ("1 zero", "'zero'"),
      ("3 0", "sends 3 layers at rate 0; the latent has 2"), ("1 0 0 0", "0 layers at rate 1"),
      ("2 16", "drops 16 bits at rate 0"), ("2 -1", "drops -1 bits"),
      (String(repeating: "1 0 ", count: 16), "has 32 numbers"),
    ])
  func ratesThatAreNoneAreRefused(_ rates: String, _ part: String) throws {
    let message = message {
      try compile(network(["headrace.latent.layers": "4 2", "headrace.latent.rates": rates]))
    }
    #expect(message.contains("headrace.latent.rates") && message.contains(part), "\(message)")
  }

  @Test func aPriorOfAnotherCountOrRangeIsRefused() throws {
    func expect(_ numbers: [Int], _ part: String, _ line: Int = #line) throws {
      let message = message {
        try compile(network(["headrace.latent.prior": text(numbers)]))
      }
      #expect(message.contains("headrace.latent.prior") && message.contains(part), "\(message)")
    }
    try expect([], "is empty")
    try expect(prior(65), "at most 64")
    try expect(prior(5), "about 5 channels, but the latent has 6")
    try expect(prior(6).dropLast(), "has 89 numbers, but 5 channels take 70 and 6 take 90")
    var numbers = prior(6)
    numbers[0] -= 1
    try expect(numbers, "number 0, of the mean of channel 0")
    numbers = prior(6)
    numbers[1] = -32768
    try expect(numbers, "-32767 to 32767")
    numbers = prior(6)
    numbers[5] = -1
    try expect(numbers, "of the scale of channel 0; it has to be 0 to 16777216")
    numbers = prior(6)
    numbers[9] = 32768
    try expect(numbers, "0 to 32767")
  }

  @Test func aPriorForAnInt16LatentIsRefusedBeforeItIsCalibrated() throws {
    let message = message {
      try compile(
        network(quantized: false, ["headrace.latent.prior": text(prior(6))]), .int16x8)
    }
    #expect(message.contains("int16") && message.contains("--type int8"), "\(message)")
  }

  @Test func aTailNamesItsHeadAndWhatItsLatentIs() throws {
    let head = try compile(
      network([
        "headrace.latent.layers": "4 2", "headrace.latent.rates": "1 1 2 0",
        "headrace.latent.prior": text(prior(6)),
      ]))
    let tail = try compile(
      network(quantized: false, ["headrace.latent.layers": "6"]), head: LatentHead(head))
    let metadata = try ModelDescription(tail).metadata
    let id = try ModelDescription(head).id
    #expect(metadata["latent.head"] == "\(id) int8 3f000000 -3 4 1 2 3 6")
    #expect(metadata["latent.layers"] == "4 2")
    #expect(metadata["latent.rates"] == "1 1 2 0")
    #expect(metadata["latent.prior"] == text(prior(6)))
    let plain = try compile(network())
    let other = try compile(network(quantized: false), head: LatentHead(plain))
    #expect(try ModelDescription(other).metadata["latent.layers"] == nil)
  }

  @Test func aTailOfAnotherShapeIsRefused() throws {
    let head = try LatentHead(compile(network()))
    let message = message { try compile(network(channels: 5), head: head) }
    #expect(
      message.contains("input x: is 1x2x3x5") && message.contains("1x2x3x6")
        && message.contains("name the head"), "\(message)")
  }

  @Test func aHeadWithoutAnIntegerLatentOrThatIsNoModelIsRefused() throws {
    let float = try compile(network(quantized: false))
    #expect(message { try LatentHead(float) }.contains("--type int8"))
    #expect(message { try LatentHead([1, 2, 3]) }.contains("HR_BAD_MODEL"))
  }

  @Test func theCommandMarksATailAndNeverWritesOverTheHead() throws {
    try Command.withFolder { folder in
      func path(_ name: String) -> String { folder.path + "/" + name }
      try network().write(to: URL(fileURLWithPath: path("head.onnx")))
      try network(quantized: false).write(to: URL(fileURLWithPath: path("tail.onnx")))
      try network(channels: 5).write(to: URL(fileURLWithPath: path("other.onnx")))
      let head = try Command.run(["compile", path("head.onnx"), "-o", path("head.hrm")])
      #expect(head.status == 0, "\(head.error)")
      let arguments = ["compile", path("tail.onnx"), "--head", path("head.hrm"), "-o"]
      let tail = try Command.run(arguments + [path("tail.hrm")])
      #expect(tail.status == 0, "\(tail.error)")
      let inspected = try Command.run(["inspect", path("tail.hrm"), "--json"])
      #expect(inspected.output.contains(" int8 3f000000 -3 4 1 2 3 6"))
      #expect(try Command.run(arguments + [path("head.hrm")]).status == 1)
      let absent = try Command.run([
        "compile", path("tail.onnx"), "--head", path("none.hrm"), "-o", path("x.hrm"),
      ])
      #expect(absent.status == 1 && absent.error.contains("none.hrm"))
      let other = try Command.run([
        "compile", path("other.onnx"), "--head", path("head.hrm"), "-o", path("x.hrm"),
      ])
      #expect(other.status == 1 && other.error.contains("2x3x5"), "\(other.error)")
    }
  }
}
