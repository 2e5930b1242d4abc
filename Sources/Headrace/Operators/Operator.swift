import CHeadrace

/// What every operator provides. Each is an enum without cases in a file of its own; an `OperatorSet`
/// finds it by its code. (Embedded Swift has no existential types, so this is a checklist for the
/// compiler, used as a generic constraint; `OperatorFunctions` stands in for a value of a type.)
protocol Operator {
  static var name: StaticString { get }

  /// Checks counts, types, shapes and parameters. The caller has checked that operands are tensors of
  /// the model with sane extents, that constants and arena extents are in bounds, and the graph's order.
  static func verify(_ op: OperatorView) throws(Failure)

  /// Bytes of scratch memory that one part needs.
  static func scratchBytes(_ op: OperatorView) -> Int

  /// Into how many parts the work is worth splitting, 1 ... threads.
  static func parts(_ op: OperatorView, threads: Int) -> Int

  /// Does part `part` of `parts`. The result is the same however many parts there are.
  static func run(_ op: OperatorView, _ memory: SessionMemory, part: Int, of parts: Int)

  /// The input whose memory the first output may take over (same extent in the arena), or nil.
  static func inPlaceInput(_ op: OperatorView) -> Int?
}

extension Operator {
  static func scratchBytes(_ op: OperatorView) -> Int { 0 }
  static func parts(_ op: OperatorView, threads: Int) -> Int { 1 }
  static func inPlaceInput(_ op: OperatorView) -> Int? { nil }
}

/// The half-open range of `count` items that part `part` of `parts` does. Sizes differ by at most one;
/// nothing overflows, whatever the count.
func partition(_ count: Int, part: Int, of parts: Int) -> Range<Int> {
  let size = count / parts
  let larger = count % parts
  let start = size &* part &+ min(part, larger)
  return Range(uncheckedBounds: (start, start &+ size &+ (part < larger ? 1 : 0)))
}
