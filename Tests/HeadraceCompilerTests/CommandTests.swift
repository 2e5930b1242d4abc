import Foundation
import Testing

@testable import HeadraceCompiler

/// Runs the built `headrace`.
@Suite struct CommandTests {
  private func run(_ arguments: String...) throws -> (status: Int32, output: String, error: String)
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("headrace")
    process.arguments = arguments
    let (output, error) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, error)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let errors = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: text, as: UTF8.self),
      String(decoding: errors, as: UTF8.self)
    )
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// y = relu(x) for x of 1 x 4, as a serialized ModelProto.
  private var network: Data {
    get throws {
      func value(_ name: String) -> Onnx_ValueInfoProto {
        var value = Onnx_ValueInfoProto()
        value.name = name
        value.type.tensorType.elemType = 1
        for extent: Int64 in [1, 4] {
          var dim = Onnx_TensorShapeProto.Dimension()
          dim.dimValue = extent
          value.type.tensorType.shape.dim.append(dim)
        }
        return value
      }
      var node = Onnx_NodeProto()
      (node.opType, node.input, node.output) = ("Relu", ["x"], ["y"])
      var opset = Onnx_OperatorSetIdProto()
      opset.version = 17
      var model = Onnx_ModelProto()
      model.irVersion = 8
      model.opsetImport = [opset]
      (model.graph.node, model.graph.input, model.graph.output) = (
        [node], [value("x")], [value("y")]
      )
      return try model.serializedData()
    }
  }

  @Test func aNetworkBecomesAModelThatInspectReads() throws {
    try withFolder { folder in
      let (input, output) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      try network.write(to: URL(fileURLWithPath: input))
      let compiled = try run("compile", input, "-o", output)
      #expect(compiled.status == 0)
      #expect(compiled.output.contains("1 operators"))
      let inspected = try run("inspect", output, "--json")
      #expect(inspected.status == 0)
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any])
      #expect((object["metadata"] as? [String: String])?["source"]?.hasPrefix("a.onnx") ?? false)
    }
  }

  @Test func badInputsExitWithOneAndLeaveNoFile() throws {
    try withFolder { folder in
      let (input, output) = (folder.path + "/a.onnx", folder.path + "/a.hrm")
      for bytes in [Data(), Data("not a network".utf8), try network.dropLast(7)] {
        try bytes.write(to: URL(fileURLWithPath: input))
        let result = try run("compile", input, "-o", output)
        #expect(result.status == 1)
        #expect(result.error.hasPrefix("headrace: error: "))
      }
      #expect(try run("compile", folder.path + "/none.onnx", "-o", output).status == 1)
      #expect(try run("compile", folder.path + "/a.tflite", "-o", output).status == 1)
      #expect(try run("inspect", input).status == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.onnx"])
    }
  }

  @Test func int8WithoutCalibrationSaysWhatToDo() throws {
    try withFolder { folder in
      let input = folder.path + "/a.onnx"
      try network.write(to: URL(fileURLWithPath: input))
      let result = try run("compile", input, "-o", folder.path + "/a.hrm", "--type", "int8")
      #expect(result.status == 1)
      #expect(result.error.contains("--calibrate"))
    }
  }

  @Test func wrongUsageExitsWithTwo() throws {
    #expect(try run("compile").status == 2)
    #expect(try run("compile", "a.onnx", "-o", "b.hrm", "--type", "int4").status == 2)
    #expect(try run("compile", "a.onnx", "-o", "b.hrm", "--shape", "x").status == 2)
    #expect(try run("nonsense").status == 2)
  }

  @Test func helpShowsAnExample() throws {
    for arguments in [["--help"], ["compile", "--help"], ["inspect", "--help"]] {
      let result = try arguments.count == 1 ? run(arguments[0]) : run(arguments[0], arguments[1])
      #expect(result.status == 0)
      #expect(result.output.contains("Example"))
    }
  }
}
