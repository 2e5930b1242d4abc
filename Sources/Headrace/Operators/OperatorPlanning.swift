import CHeadrace

/// What a compiler asks of the operators in a model's records before it lays out the arena.
///
/// The records must be well formed, as far as a reader of `ModelView` relies on it: the compiler wrote
/// them itself. The arena's layout does not matter.
public struct OperatorPlanning {
  private let view: ModelView

  /// `model`: a .hrm file's bytes, 64-byte aligned, that outlive this.
  public init(model: UnsafeRawPointer) { view = ModelView(base: model) }

  public func name(_ index: Int) -> StaticString { Operators.name(view[operator: index].code) }

  /// Why `verify` refuses an operator; nil if it does not. Ask this first.
  public func problem(_ index: Int) -> UnsafePointer<UInt8>? {
    do throws(Failure) {
      try Operators.verify(view[operator: index])
      return nil
    } catch {
      return error.message
    }
  }

  /// Of the operator's inputs, the position of the one whose memory the output may take over.
  public func inPlaceInput(_ index: Int) -> Int? { Operators.inPlaceInput(view[operator: index]) }

  /// Bytes of scratch memory that one thread needs for the operator.
  public func scratchBytes(_ index: Int) -> Int { Operators.scratchBytes(view[operator: index]) }
}
