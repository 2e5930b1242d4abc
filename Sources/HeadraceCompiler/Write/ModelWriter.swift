import CHeadrace
import Foundation
import Headrace

/// A finished model and what is known about it.
struct CompiledModel {
  var bytes: [UInt8]
  var lowered: LoweredModel
  var plan: ArenaPlan
  /// Lowered operators in the order they run: operator i of the file is `lowered.operators[order[i]]`.
  var order: [Int] { plan.order }
}

enum ModelWriter {
  /// Plans, writes into memory and has the runtime verify the result.
  static func write(_ model: LoweredModel) throws -> CompiledModel {
    guard !model.operators.isEmpty else {
      throw CompilerError("the network computes nothing: its outputs are inputs or constants")
    }
    // The runtime's operators say what they can do in place and how much scratch they need; they read
    // that from records, so a first version lays all tensors side by side.
    let draft = try ModelBytes.assemble(model, sideBySide(model), scratchBytes: 0)
    let (inPlace, scratchBytes) = try draft.withAlignedBytes { base in
      let planning = OperatorPlanning(model: base)
      for index in model.operators.indices {
        if let problem = planning.problem(index) {
          throw CompilerError(
            "the runtime refuses operator \(planning.name(index)): \(String(cString: problem))",
            at: model.operators[index].name)
        }
      }
      return (
        model.operators.indices.map { planning.inPlaceInput($0) },
        model.operators.indices.map { planning.scratchBytes($0) }.max() ?? 0
      )
    }
    let plan = Planner.plan(model) { inPlace[$0] }
    let bytes = try ModelBytes.assemble(model, plan, scratchBytes: scratchBytes)
    do {
      _ = try LoadedModel(bytes)
    } catch let error as RuntimeError {
      throw CompilerError("the runtime refuses the compiled model: \(error)")
    }
    return CompiledModel(bytes: bytes, lowered: model, plan: plan)
  }

  private static func sideBySide(_ model: LoweredModel) -> ArenaPlan {
    var offsets: [Int?] = []
    var end = 0
    for tensor in model.tensors {
      offsets.append(tensor.isConstant ? nil : end)
      if !tensor.isConstant { end += align(tensor.byteCount) }
    }
    return ArenaPlan(
      order: Array(model.operators.indices), offsets: offsets, arenaBytes: end, lowerBound: end)
  }
}

extension [UInt8] {
  /// Calls `body` with a copy at a 64-byte aligned address.
  fileprivate func withAlignedBytes<Result>(
    _ body: (UnsafeRawPointer) throws -> Result
  ) rethrows -> Result {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: count, alignment: Int(HRM_ALIGNMENT))
    defer { memory.deallocate() }
    memory.copyBytes(from: self)
    return try body(UnsafeRawPointer(memory.baseAddress!))
  }
}
