import CHeadrace

#if !arch(arm64)

/// Sums of four neighbouring outputs.
struct FourOutputs<Vector: FloatLanes> {
  var output0: Vector
  var output1: Vector
  var output2: Vector
  var output3: Vector

  @inline(__always)
  init(repeating bias: Vector) {
    output0 = bias
    output1 = bias
    output2 = bias
    output3 = bias
  }

  /// Adds a tap, which reads `step` elements farther for each output.
  @inline(__always)
  mutating func addTap(_ w: Vector, _ x: UnsafePointer<Float>, _ step: Int) {
    output0 = output0.adding(w, .load(x))
    output1 = output1.adding(w, .load(x + step))
    output2 = output2.adding(w, .load(x + 2 &* step))
    output3 = output3.adding(w, .load(x + 3 &* step))
  }

  @inline(__always)
  func store(_ y: UnsafeMutablePointer<Float>, _ step: Int, _ epilogue: hr_epilogue) {
    output0.store(y, epilogue)
    output1.store(y + step, epilogue)
    output2.store(y + 2 &* step, epilogue)
    output3.store(y + 3 &* step, epilogue)
  }
}

#endif
