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
    // The runtime's operators say what they can do in place and how much scratch they need. They read
    // that from records, in which it does not matter where activations lie.
    let draft = try ModelBytes.assemble(model, .unplaced(model), scratchBytes: 0)
    let (inPlace, scratchBytes) = try draft.withAlignedBytes { base in
      let planning = OperatorPlanning(model: base)
      for index in model.operators.indices {
        if let problem = planning.problem(index) {
          let (text, name) = (String(cString: problem), model.operators[index].name)
          throw CompilerError(
            "the runtime refuses operator \(planning.name(index)): \(text)"
              + (text.hasSuffix("overflow") ? "; keep it in float with --float \(name)" : ""),
            at: name)
        }
      }
      return (
        model.operators.indices.map { planning.inPlaceInput($0) },
        model.operators.indices.map { planning.scratchBytes($0) }.max() ?? 0
      )
    }
    guard align(scratchBytes) < 1 << 32 else {
      throw CompilerError(
        "an operator works in \(scratchBytes) bytes of memory, and .hrm files have less than 4 GiB for that; compile"
          + " the network for smaller inputs")
    }
    let plan = Planner.plan(model) { inPlace[$0] }
    guard plan.arenaBytes < 1 << 32 else {
      throw CompilerError(
        "its activations take \(plan.arenaBytes) bytes of memory together, and .hrm files have less than"
          + " 4 GiB for them; compile the network for smaller inputs, or with --type int8")
    }
    let bytes = try ModelBytes.assemble(model, plan, scratchBytes: scratchBytes)
    do {
      _ = try LoadedModel(bytes)
    } catch let error as RuntimeError {
      throw CompilerError("the runtime refuses the compiled model: \(error)")
    }
    return CompiledModel(bytes: bytes, lowered: model, plan: plan)
  }
}

extension ArenaPlan {
  /// Operators as they come, and activations nowhere yet.
  fileprivate static func unplaced(_ model: LoweredModel) -> ArenaPlan {
    ArenaPlan(
      order: Array(model.operators.indices),
      offsets: Array(repeating: nil, count: model.tensors.count), arenaBytes: 0, lowerBound: 0)
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
