// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

/// Some of the operators: those that a program carries.
protocol OperatorSet {
  /// What `visitor` makes of the type that implements `code`; nil if it is not in the set.
  static func visit<Visitor: OperatorVisitor>(
    _ code: UInt16, _ visitor: Visitor
  ) -> Visitor.Result?
}

protocol OperatorVisitor {
  associatedtype Result
  func visit<O: Operator>(_ type: O.Type) -> Result
}

/// An `Operator` type as a value.
struct OperatorFunctions {
  let name: StaticString
  let verify: (OperatorView) throws(Failure) -> Void
  let scratchBytes: (OperatorView) -> Int
  let parts: (OperatorView, _ threads: Int) -> Int
  let run: (OperatorView, SessionMemory, _ part: Int, _ parts: Int) -> Void
  let inPlaceInput: (OperatorView) -> Int?
}

struct FunctionsVisitor: OperatorVisitor {
  func visit<O: Operator>(_ type: O.Type) -> OperatorFunctions {
    OperatorFunctions(
      name: O.name,
      verify: { op throws(Failure) in try O.verify(op) },
      scratchBytes: { O.scratchBytes($0) },
      parts: { O.parts($0, threads: $1) },
      run: { O.run($0, $1, part: $2, of: $3) },
      inPlaceInput: { O.inPlaceInput($0) })
  }
}

extension hr_operators {
  /// What carries out an operator; nil if it is not in the set.
  func find(_ code: UInt16) -> OperatorFunctions? {
    withUnsafeTemporaryAllocation(of: OperatorFunctions.self, capacity: 1) { place in
      guard let memory = place.baseAddress, self.find(code, memory) != 0 else { return nil }
      return memory.move()
    }
  }

  /// Why `find` found nothing.
  var lacksOperator: Failure {
    types == UInt32.max
      ? .unknownOperator
      : Failure(
        HR_UNSUPPORTED_OPERATOR, "an operator that the set does not have",
        remedy: "open the model with hr_operators_all()")
  }

  /// Whether operands may be of this type.
  func takes(_ tensor: hrm_tensor) -> Bool { types >> UInt32(tensor.type) & 1 != 0 }
}

private func find<Operators: OperatorSet>(
  _ set: Operators.Type, _ code: UInt16, _ memory: UnsafeMutableRawPointer?
) -> UInt32 {
  guard let memory, let found = set.visit(code, FunctionsVisitor()) else { return 0 }
  memory.initializeMemory(as: OperatorFunctions.self, to: found)
  return 1
}

@c @implementation
public func hr_find_any_operator(_ code: UInt16, _ functions: UnsafeMutableRawPointer?) -> UInt32 {
  find(Operators.self, code, functions)
}

@c @implementation
public func hr_find_convolution_operator(
  _ code: UInt16, _ functions: UnsafeMutableRawPointer?
) -> UInt32 {
  find(ConvolutionOperators.self, code, functions)
}
